//! A position: two integers that are money, and two that explain and rank it.

use crate::error::{require, ErrorCode, Result};
use crate::float::Base;
use crate::units::{AdjustedPrice, Atoms, Funding, Lots, Price, Side, MAX_LOTS};
use bytemuck::{Pod, Zeroable};

/// Binary places of a bankruptcy price in a heap key.
pub const KEY_SHIFT: u32 = 16;
/// The bound of a bankruptcy price in a key. It is beyond every price a market can have, with room for the shift.
pub(crate) const KEY_LIMIT: i64 = 1 << 46;

/// The largest magnitude of a position's cost. A position is worth less than this at every price.
pub const MAX_COST: i64 = 1 << 62;

/// What a seat holds. Only `cash` and `size` are money; `cost` and `entry_notional` serve to explain and rank it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Position {
    /// Cash in atoms, signed: what the seat has put in and received, less what it has paid.
    pub cash: Atoms,
    /// Position in lots, signed: above zero if long, below zero if short, zero if flat.
    pub size: Lots,
    /// What the position cost at funding-adjusted prices (`sum of lots * (p - F)`), in atoms; scaled down as it
    /// shrinks.
    pub cost: Atoms,
    /// Notional of the position's fills at their prices, in atoms; never negative; scaled down as the position shrinks.
    pub entry_notional: Atoms,
}

impl Position {
    /// `cash + size * a`: what the seat is worth at a funding-adjusted price.
    pub fn equity(&self, price: AdjustedPrice) -> Result<Atoms> {
        self.cash.plus(self.size * price)
    }

    /// `size * a - cost`: the position's unrealised profit, funding included.
    pub fn profit(&self, price: AdjustedPrice) -> Result<Atoms> {
        (self.size * price).minus(self.cost)
    }

    /// The bankruptcy price as a heap key; `None` if flat.
    ///
    /// The key is `z = -cash / size` in units of 2^-16 atoms a lot, rounded up for longs and down for shorts, so that
    /// the integers `ceil(z)` and `floor(z)` can be read from it exactly. It is negated for shorts, so that on both
    /// sides the seat that becomes bankrupt first has the greatest key. It saturates only where it makes the seat look
    /// worse than it is.
    pub fn key(&self) -> Option<i64> {
        let lots = self.size.abs().0;
        if lots == 0 {
            return None;
        }
        // A long's key is ceil(-cash * 2^16 / lots), a short's -floor(cash * 2^16 / lots): the same number. The
        // division is split at the whole atoms, so that no product leaves an i64.
        let owed = self.cash.0.wrapping_neg();
        let (whole, rest) = divide_floor(owed, lots as u64);
        if whole >= KEY_LIMIT {
            return Some(i64::MAX);
        }
        if whole < -KEY_LIMIT {
            return Some(-(KEY_LIMIT << KEY_SHIFT));
        }
        let rest = rest << KEY_SHIFT;
        let lots = lots as u64;
        let part = rest / lots;
        let up = (part * lots != rest) as u64;
        Some((whole << KEY_SHIFT).wrapping_add(part.wrapping_add(up) as i64))
    }

    /// The bankruptcy price in whole atoms, rounded against the seat: up for a long, down for a short. It is the
    /// funding-adjusted price at which a bankrupt seat is closed. `None` if flat.
    pub fn bankruptcy_price(&self) -> Option<AdjustedPrice> {
        let side = self.size.side()?;
        Some(AdjustedPrice(bankruptcy_price_of_key(self.key()?, side)))
    }

    /// Buys (`lots` above zero) or sells `lots` at `price`. Only this function moves a trader's money and lots.
    ///
    /// Returns whether the position grew or turned round. The counterparty's call with `-lots` moves exactly the
    /// opposite cash, so the market balances to the atom.
    pub fn trade(&mut self, lots: Lots, price: Price, funding: Funding) -> Result<bool> {
        let adjusted = price - funding;
        let size = self.size + lots;
        require(size.abs().0 <= MAX_LOTS, ErrorCode::LotsOutOfRange, MAX_LOTS, size.abs().0)?;
        self.cash = self.cash.minus(lots * adjusted)?;
        let grows = self.size.0 == 0 || (self.size.0 > 0) == (lots.0 > 0);
        let turns = !grows && lots.abs() > self.size.abs();
        if grows {
            self.add_cost(lots * adjusted);
            self.entry_notional = self.entry_notional.plus(lots.abs() * price)?;
        } else if turns {
            self.cost = size * adjusted;
            self.entry_notional = size.abs() * price;
        } else {
            let (kept, of) = (size.abs().0, self.size.abs().0);
            if self.cost.0 < MAX_COST || kept == 0 {
                self.cost = Atoms(scale(self.cost.0, kept, of));
            }
            self.entry_notional = Atoms(scale(self.entry_notional.0, kept, of));
        }
        self.size = size;
        Ok(grows || turns)
    }

    /// Deducts a fee from the position's cash.
    ///
    /// # Errors
    /// [`ErrorCode::Overflow`].
    pub(crate) fn charge(&mut self, fee: Atoms) -> Result<()> {
        self.cash = self.cash.minus(fee)?;
        Ok(())
    }

    /// The part of the ranking score that does not depend on the price, as a code (see [`crate::rules::adl_ranking`]):
    /// the lots over the entry notional, times the lots if the market's rule counts size. 0 if flat.
    pub fn rank_factor(&self, counts_size: bool) -> u64 {
        let lots = self.size.0.unsigned_abs();
        if lots == 0 {
            return 0;
        }
        let counted = if counts_size { lots } else { 1 };
        let base = Base::new();
        base.ratio(base.round(lots), counted, self.entry_notional.0)
    }

    /// The divisor of the loss rank of a seat that is not in profit, as a code: the entry notional times the lots. It
    /// does not depend on the price either. 0 if flat.
    pub fn loss_rank_divisor(&self) -> u64 {
        if self.size.0 == 0 {
            return 0;
        }
        let base = Base::new();
        base.product(base.round(self.entry_notional.0.max(1) as u64), self.size.0.unsigned_abs()).inverse().code()
    }

    /// Adds to the position's cost, and returns whether the cost is at its limit. A cost beyond the limit stays there.
    /// The cost is never less than it was and no position is worth more, so the seat is not in profit
    /// (`a_cost_at_its_limit_stays_there`).
    #[inline(always)]
    pub(crate) fn add_cost(&mut self, amount: Atoms) -> bool {
        // This is below zero if the cost is at its limit. An amount is a size times a funding-adjusted price, so it is
        // within 2^62 and the sum can wrap only to a negative number.
        let before = self.cost.0.wrapping_add(MAX_COST);
        let after = before.wrapping_add(amount.0);
        if before | after < 0 {
            self.limit_cost(amount);
            return true;
        }
        self.cost = Atoms(self.cost.0.wrapping_add(amount.0));
        false
    }

    #[cold]
    #[inline(never)]
    fn limit_cost(&mut self, amount: Atoms) {
        let is_limited = self.cost.0 >= MAX_COST;
        self.cost = Atoms(if is_limited || amount.0 > 0 { MAX_COST } else { -MAX_COST });
    }
}

/// The bankruptcy price in whole atoms that a heap key of `side` means: the ceiling for longs, the floor for shorts.
pub const fn bankruptcy_price_of_key(key: i64, side: Side) -> i64 {
    match side {
        Side::Long => key.saturating_add((1 << KEY_SHIFT) - 1) >> KEY_SHIFT,
        Side::Short => key.saturating_neg() >> KEY_SHIFT,
    }
}

/// `floor(value * kept / of)` for `0 <= kept < of <= MAX_LOTS`, without a 128-bit product.
const fn scale(value: i64, kept: i64, of: i64) -> i64 {
    if kept == 0 {
        return 0;
    }
    let (whole, rest) = divide_floor(value, of as u64);
    whole.wrapping_mul(kept).wrapping_add((rest.wrapping_mul(kept as u64) / of as u64) as i64)
}

/// The floor of `value / by`, and the remainder. The machine has unsigned division only.
const fn divide_floor(value: i64, by: u64) -> (i64, u64) {
    if value >= 0 {
        return ((value as u64 / by) as i64, value as u64 % by);
    }
    // A negative number is one less than the negated number with inverted bits, which is not negative.
    let below = !value as u64;
    (!((below / by) as i64), by.wrapping_sub(1).wrapping_sub(below % by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn position(cash: i64, size: i64) -> Position {
        Position { cash: Atoms(cash), size: Lots(size), ..Position::default() }
    }

    #[test]
    fn a_long_with_fifty_times_leverage_is_bankrupt_two_per_cent_down() {
        // One unit at 10,000 with 50x: 200 of margin, bankruptcy price 9,800.
        let mut seat = position(200, 0);
        seat.trade(Lots(1), Price(10_000), Funding::ZERO).unwrap();
        assert_eq!(seat.bankruptcy_price(), Some(AdjustedPrice(9_800)));
    }

    #[test]
    fn saturation_makes_a_seat_look_worse_never_better() {
        assert_eq!(position(-(1 << 60), 1).key(), Some(i64::MAX));
        assert_eq!(position(1 << 60, 1).key(), Some(-(KEY_LIMIT << KEY_SHIFT)));
        assert_eq!(position(-(1 << 60), -1).key(), Some(i64::MAX));
        assert_eq!(position(1 << 60, -1).key(), Some(-(KEY_LIMIT << KEY_SHIFT)));
    }

    proptest! {
        #[test]
        fn the_key_is_the_zero_price_rounded_against_the_seat(
            cash in -(1i64 << 52)..1 << 52,
            size in prop_oneof![1i64..100, 1i64..=MAX_LOTS],
            short in any::<bool>(),
        ) {
            let size = if short { -size } else { size };
            let seat = position(cash, size);
            let (n, d) = (-(cash as i128) * size.signum() as i128, size.abs() as i128);
            let floor = |n: i128| n.div_euclid(d);
            let ceil = |n: i128| -((-n).div_euclid(d));
            prop_assume!(floor(n).abs() < KEY_LIMIT as i128 - 1);
            let (key, whole) = if short {
                (-floor(n << 16), floor(n))
            } else {
                (ceil(n << 16), ceil(n))
            };
            prop_assert_eq!(seat.key().unwrap() as i128, key);
            prop_assert_eq!(seat.bankruptcy_price().unwrap().0 as i128, whole);
        }

        #[test]
        fn a_trade_moves_opposite_amounts(
            lots in -1000i64..1000, held in -1000i64..1000, price in 1i64..1 << 31, funding in -1000i64..1000,
        ) {
            let (mut a, mut b) = (position(0, held), position(0, -held));
            a.trade(Lots(lots), Price(price), Funding(funding)).unwrap();
            b.trade(Lots(-lots), Price(price), Funding(funding)).unwrap();
            prop_assert_eq!(a.cash.0 + b.cash.0, 0);
            prop_assert_eq!(a.size.0 + b.size.0, 0);
            prop_assert_eq!(a.cash.0, -lots * (price - funding));
        }

        #[test]
        fn profit_is_what_the_price_did_since_entry(
            lots in 1i64..1000, price in 10_000i64..100_000, now in 10_000i64..100_000, short in any::<bool>(),
        ) {
            let mut seat = position(1 << 40, 0);
            let lots = if short { -lots } else { lots };
            prop_assert!(seat.trade(Lots(lots), Price(price), Funding(7)).unwrap());
            prop_assert_eq!(seat.profit(Price(now) - Funding(7)).unwrap().0, lots * (now - price));
            prop_assert_eq!(seat.entry_notional.0, lots.abs() * price);
        }

        #[test]
        fn shrinking_scales_entry_and_cost_by_floor(value in -(1i64 << 61)..1 << 61, of in 1i64..=MAX_LOTS, pick in any::<i64>()) {
            let kept = pick.rem_euclid(of);
            let exact = (value as i128 * kept as i128).div_euclid(of as i128);
            prop_assert_eq!(scale(value, kept, of) as i128, exact);
        }

        #[test]
        fn a_cost_at_its_limit_stays_there(paid in proptest::collection::vec(-(1i64 << 62) + 1..1 << 62, 1..12)) {
            let mut seat = position(1, 1 << 20);
            let mut exact = 0i128;
            let mut reached = false;
            for paid in paid {
                seat.add_cost(Atoms(paid));
                exact = (exact + paid as i128).max(-(MAX_COST as i128));
                reached |= exact >= MAX_COST as i128;
                prop_assert_eq!(seat.cost.0 as i128, if reached { MAX_COST as i128 } else { exact });
            }
            let cost = seat.cost;
            seat.trade(Lots(-1), Price(1), Funding::ZERO).unwrap();
            prop_assert_eq!(reached, seat.cost == cost && cost.0 == MAX_COST);
            seat.trade(Lots(1 - (1 << 20)), Price(1), Funding::ZERO).unwrap();
            prop_assert_eq!(seat.cost, Atoms::ZERO);
        }
    }
}
