//! The quantities of the exchange. Each has its own type, so that only meaningful products compile.
//!
//! Every type is one `i64` in memory. With the bounds below, the products of the hot path fit an `i64` without a check:
//! a size of at most 2^30 lots times a funding-adjusted price under 2^32 stays within 2^62. Sizes are checked against
//! [`MAX_LOTS`] wherever one can grow, and prices against [`MAX_PRICE`] wherever one enters. Sums of money are always
//! checked. The test `the_largest_products_fit` proves that the bounds fit together.

use crate::error::{Error, ErrorCode, Result};
use bytemuck::{Pod, Zeroable};
use core::ops::{Add, Mul, Neg, Sub};

/// The largest position or order, in lots.
pub const MAX_LOTS: i64 = 1 << 30;
/// The largest price, in atoms per lot. It is below 2^31, so that a price and a sequence number fit one book key.
pub const MAX_PRICE: i64 = (1 << 31) - 1;
/// The largest magnitude of cumulative funding, in atoms per lot.
pub const MAX_FUNDING: i64 = 1 << 31;
/// The most cash that the pool of one market may hold, in atoms.
pub const MAX_POOL: i64 = 1 << 60;
/// The denominator of a [`Rate`].
pub const RATE_ONE: i64 = 1_000_000;

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
        #[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
        #[repr(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Zero.
            pub const ZERO: Self = Self(0);

            /// The absolute value.
            pub const fn abs(self) -> Self {
                Self(self.0.wrapping_abs())
            }
        }
    };
}

unit!(
    /// A signed number of base lots. Above zero is long or bought, below zero is short or sold.
    Lots
);
unit!(
    /// A signed amount of the collateral token, in its smallest unit.
    Atoms
);
unit!(
    /// A price in atoms per lot, without funding. Always above zero if it is a price of something.
    Price
);
unit!(
    /// A price less the cumulative funding, in atoms per lot. Equity is computed from it. It may be negative.
    AdjustedPrice
);
unit!(
    /// Cumulative funding paid by longs since the market began, in atoms per lot.
    Funding
);

/// The direction of a rounding. It is always passed explicitly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
}

/// A side of the market: of a position, of an order (`Long` bids, `Short` asks) or of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    /// Holds lots, or bids for them.
    Long = 0,
    /// Owes lots, or offers them.
    Short = 1,
}

impl Side {
    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// +1 for long and -1 for short.
    pub const fn sign(self) -> i64 {
        match self {
            Self::Long => 1,
            Self::Short => -1,
        }
    }

    /// The side that a stored byte means: 0 is long, anything else is short.
    pub const fn from_byte(byte: u8) -> Self {
        if byte == 0 {
            Self::Long
        } else {
            Self::Short
        }
    }
}

impl Lots {
    /// The side of a position of this size; `None` if it is flat.
    pub const fn side(self) -> Option<Side> {
        match self.0 {
            0 => None,
            n if n > 0 => Some(Side::Long),
            _ => Some(Side::Short),
        }
    }

    /// The smaller of two.
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// This many lots as a signed size: bought if `side` is long, sold if it is short.
    pub const fn on(self, side: Side) -> Self {
        Self(self.0.wrapping_mul(side.sign()))
    }
}

impl Add for Lots {
    type Output = Self;
    /// Sizes are within [`MAX_LOTS`], so a sum of two is far within an `i64`.
    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl Sub for Lots {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

impl Neg for Lots {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.wrapping_neg())
    }
}

impl Mul<AdjustedPrice> for Lots {
    type Output = Atoms;
    /// The value of a position, or the cash that a fill moves. The bounds of this module make it fit.
    fn mul(self, price: AdjustedPrice) -> Atoms {
        debug_assert!(self.0.checked_mul(price.0).is_some(), "lots or price beyond their bounds");
        Atoms(self.0.wrapping_mul(price.0))
    }
}

impl Mul<Price> for Lots {
    type Output = Atoms;
    /// Notional. The bounds of this module make it fit.
    fn mul(self, price: Price) -> Atoms {
        debug_assert!(self.0.checked_mul(price.0).is_some(), "lots or price beyond their bounds");
        Atoms(self.0.wrapping_mul(price.0))
    }
}

impl Sub<Funding> for Price {
    type Output = AdjustedPrice;
    /// The funding-adjusted price `a = P - F`.
    fn sub(self, funding: Funding) -> AdjustedPrice {
        AdjustedPrice(self.0.wrapping_sub(funding.0))
    }
}

impl Add<Funding> for AdjustedPrice {
    type Output = Price;
    /// The price for a funding-adjusted price.
    fn add(self, funding: Funding) -> Price {
        Price(self.0.wrapping_add(funding.0))
    }
}

impl Price {
    /// This price moved by `rate` in the direction of `sign` (+1 up, -1 down), rounded as given.
    pub const fn moved(self, rate: Rate, sign: i64, round: Round) -> Self {
        // Rounding the distance up rounds the price further in the direction in which it moves.
        let away = matches!((round, sign > 0), (Round::Up, true) | (Round::Down, false));
        let distance = rate.of(self.0, if away { Round::Up } else { Round::Down });
        Self(self.0.wrapping_add(distance.wrapping_mul(sign)))
    }
}

impl Atoms {
    /// The sum, or [`ErrorCode::Overflow`].
    pub const fn plus(self, other: Self) -> Result<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(Error::with(ErrorCode::Overflow, self.0, other.0)),
        }
    }

    /// The difference, or [`ErrorCode::Overflow`].
    pub const fn minus(self, other: Self) -> Result<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Ok(Self(difference)),
            None => Err(Error::with(ErrorCode::Overflow, self.0, other.0)),
        }
    }

    /// The smaller of two.
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

/// A fraction in millionths: a margin rate, a fee, a bound. 10,000 is one per cent, 100 is one basis point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(transparent)]
pub struct Rate(pub u32);

impl Rate {
    /// 0 %.
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const ONE: Self = Self(RATE_ONE as u32);

    /// `rate * amount` for an amount >= 0, rounded as named.
    ///
    /// The product is split at the denominator, so that nothing leaves an `i64` for any rate up to [`Rate::ONE`].
    pub const fn of(self, amount: i64, round: Round) -> i64 {
        let rate = self.0 as u64;
        let one = RATE_ONE as u64;
        let amount = amount as u64;
        let bias = match round {
            Round::Down => 0,
            Round::Up => one - 1,
        };
        let whole = (amount / one).wrapping_mul(rate);
        let part = (amount % one).wrapping_mul(rate).wrapping_add(bias) / one;
        whole.wrapping_add(part) as i64
    }

    /// `rate * amount` of an amount of money >= 0, rounded as named.
    pub const fn of_atoms(self, amount: Atoms, round: Round) -> Atoms {
        Atoms(self.of(amount.0, round))
    }
}

/// `numerator / denominator` for a denominator above zero, rounded as given: mathematical floor or ceiling.
pub const fn divide(numerator: i64, denominator: i64, round: Round) -> i64 {
    // No caller passes a denominator of 0. It would give 0 rather than a panic.
    let near = match numerator.checked_div(denominator) {
        Some(quotient) => quotient,
        None => 0,
    };
    let rest = numerator.wrapping_sub(near.wrapping_mul(denominator));
    match round {
        Round::Down => near.wrapping_sub((rest < 0) as i64),
        Round::Up => near.wrapping_add((rest > 0) as i64),
    }
}

/// `a * x - b * y` for rates `x` and `y` from 0 to 2^20. Amounts below 2^41, the usual size, need no wide product.
#[inline(always)]
pub const fn wide_difference(a: i64, x: i64, b: i64, y: i64) -> i128 {
    if (a.unsigned_abs() | b.unsigned_abs()) >> 41 == 0 {
        return a.wrapping_mul(x).wrapping_sub(b.wrapping_mul(y)) as i128;
    }
    // Each product is within 2^83.
    (a as i128).wrapping_mul(x as i128).wrapping_sub((b as i128).wrapping_mul(y as i128))
}

/// As [`divide`], for a numerator that may not fit an `i64`. It saturates if the quotient does not fit either.
pub const fn divide_wide(numerator: i128, denominator: i64, round: Round) -> i64 {
    if numerator <= i64::MAX as i128 && numerator > i64::MIN as i128 {
        return divide(numerator as i64, denominator, round);
    }
    let floor = numerator.div_euclid(denominator as i128);
    let quotient = match round {
        Round::Down => floor,
        Round::Up => floor.wrapping_add((floor.wrapping_mul(denominator as i128) != numerator) as i128),
    };
    if quotient > i64::MAX as i128 {
        i64::MAX
    } else if quotient < i64::MIN as i128 {
        i64::MIN
    } else {
        quotient as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_largest_products_fit() {
        let price = Price(MAX_PRICE) - Funding(-MAX_FUNDING);
        assert_eq!((Lots(MAX_LOTS) * price).0 as i128, MAX_LOTS as i128 * (MAX_PRICE + MAX_FUNDING) as i128);
        let lowest = Price(1) - Funding(MAX_FUNDING);
        assert_eq!((Lots(MAX_LOTS) * lowest).0 as i128, MAX_LOTS as i128 * (1 - MAX_FUNDING) as i128);
        assert!(Atoms(MAX_POOL).plus(Lots(MAX_LOTS) * price).is_ok(), "a seat's equity fits at the bounds");
    }

    proptest! {
        #[test]
        fn a_rate_is_the_exact_product_rounded(rate in 0u32..=1_000_000, amount in 0i64..=i64::MAX / 2) {
            let product = rate as i128 * amount as i128;
            prop_assert_eq!(Rate(rate).of(amount, Round::Down) as i128, product / 1_000_000);
            prop_assert_eq!(Rate(rate).of(amount, Round::Up) as i128, (product + 999_999) / 1_000_000);
        }

        #[test]
        fn division_is_mathematical(n in any::<i32>(), d in 1i64..1_000_000) {
            let exact = n as f64 / d as f64;
            prop_assert_eq!(divide(n as i64, d, Round::Down), exact.floor() as i64);
            prop_assert_eq!(divide(n as i64, d, Round::Up), exact.ceil() as i64);
            prop_assert_eq!(divide_wide(n as i128, d, Round::Up), divide(n as i64, d, Round::Up));
        }

        #[test]
        fn a_wide_difference_is_exact(
            a in prop_oneof![any::<i64>(), -(1i64 << 43)..1 << 43], b in prop_oneof![any::<i64>(), -(1i64 << 43)..1 << 43],
            x in 0i64..=1 << 20, y in 0i64..=1 << 20, at_edge in any::<bool>(),
        ) {
            let (a, b, x, y) = if at_edge { ((1 << 41) + a % 2, -(1 << 41) + b % 2, 1 << 20, 1 << 20) } else { (a, b, x, y) };
            prop_assert_eq!(wide_difference(a, x, b, y), a as i128 * x as i128 - b as i128 * y as i128);
        }

        #[test]
        fn wide_division_agrees_with_narrow(n in any::<i64>(), k in 1i64..1000, d in 1i64..1_000_000) {
            let scaled = n as i128 * k as i128;
            let floor = divide_wide(scaled, d, Round::Down) as i128;
            let saturated = scaled.div_euclid(d as i128).clamp(i64::MIN as i128, i64::MAX as i128);
            prop_assert_eq!(floor, saturated);
        }

        #[test]
        fn a_moved_price_rounds_as_named(p in 1i64..=MAX_PRICE, rate in 0u32..=1_000_000) {
            let up = Price(p).moved(Rate(rate), 1, Round::Up).0;
            let down = Price(p).moved(Rate(rate), -1, Round::Down).0;
            prop_assert_eq!(up - p, Rate(rate).of(p, Round::Up));
            prop_assert_eq!(p - down, Rate(rate).of(p, Round::Up));
            prop_assert!(Price(p).moved(Rate(rate), 1, Round::Down).0 <= up);
            prop_assert!(Price(p).moved(Rate(rate), -1, Round::Up).0 >= down);
        }
    }
}
