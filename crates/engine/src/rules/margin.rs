//! Margin: what a position needs, what a change must leave, and how many lots bring a position back to target.

use crate::error::{require, Error, ErrorCode, Result};
use crate::state::market::Market;
use crate::state::params::Params;
use crate::state::position::Position;
use crate::state::seat::Seat;
use crate::units::{
    divide_wide, wide_difference, AdjustedPrice, Atoms, Lots, Price, Rate, Round, Side, MAX_LOTS, RATE_ONE,
};

/// `rate` of the notional of a size at a price. It is rounded up, against the holder.
pub fn required(rate: Rate, size: Lots, oracle_price: Price) -> Atoms {
    rate.of_atoms(size.abs() * oracle_price, Round::Up)
}

/// Whether a position has at least maintenance margin. If flat, it must be worth at least nothing.
pub fn is_maintained(
    position: &Position,
    params: &Params,
    oracle_price: Price,
    adjusted: AdjustedPrice,
) -> Result<bool> {
    Ok(position.equity(adjusted)? >= required(params.maintenance, position.size, oracle_price))
}

/// Whether a seat is below maintenance at the accepted price.
pub fn is_unmaintained(market: &Market, index: u32) -> Result<bool> {
    let position = &market.seats[index as usize].position;
    Ok(!is_maintained(position, &market.head.params, market.oracle_price(), market.adjusted_price())?)
}

/// Every seat of `side` that is below maintenance has a key above this bound: the bankruptcy price at which a seat is
/// exactly maintained, rounded so that no such seat is missed. Seats above it are then checked exactly.
pub fn unmaintained_key(side: Side, params: &Params, oracle_price: Price, adjusted: AdjustedPrice) -> i64 {
    // A long is below when z > a - rate * P, a short when -z > -a - rate * P. In 2^-16: |a| < 2^33, P < 2^31, rate < 2^20.
    let shared = adjusted.0.wrapping_mul(side.sign()).wrapping_mul(1 << 16);
    let margin = ((oracle_price.0 as u64) << 16) / RATE_ONE as u64;
    let rest = ((oracle_price.0 as u64) << 16) % RATE_ONE as u64;
    let rate = params.maintenance.0 as u64;
    let up = (rest * rate).div_ceil(RATE_ONE as u64);
    shared.wrapping_sub((margin * rate + up) as i64)
}

/// A seat before an instruction changes it. The change is judged against this.
#[derive(Clone, Copy, Debug)]
pub struct MarginSnapshot {
    equity: Atoms,
    size: Lots,
    long_exposure: Lots,
    short_exposure: Lots,
}

impl MarginSnapshot {
    /// The snapshot of a seat at a funding-adjusted price.
    pub fn of(seat: &Seat, adjusted: AdjustedPrice) -> Result<Self> {
        Ok(Self {
            equity: seat.position.equity(adjusted)?,
            size: seat.position.size,
            long_exposure: seat.long_exposure(),
            short_exposure: seat.short_exposure(),
        })
    }

    /// Whether the seat could now become longer or shorter than it could before.
    pub fn is_increased_by(&self, after: &Self) -> bool {
        after.long_exposure > self.long_exposure || after.short_exposure > self.short_exposure
    }

    /// Fails unless a trade from this snapshot to `after` is allowed.
    ///
    /// Opening or increasing needs margin at the `opening` rate (`None` if opening is paused) for the worst size that
    /// the open orders could lead to. A trade that reduces the position must leave it solvent and at a margin ratio no
    /// worse, even if an order that opens rests beside it. Otherwise a bad price could hand over margin that a
    /// withdrawal has to leave.
    ///
    /// # Errors
    /// [`ErrorCode::OpeningPaused`], [`ErrorCode::LotsOutOfRange`], [`ErrorCode::BelowInitialMargin`],
    /// [`ErrorCode::Insolvent`], [`ErrorCode::WorseMargin`].
    pub fn require_may_become(&self, after: &Self, opening: Option<Rate>, oracle_price: Price) -> Result<()> {
        if self.is_increased_by(after) {
            let Some(initial) = opening else { return Err(Error::with(ErrorCode::OpeningPaused, 0, 1)) };
            after.require_initial_margin(initial, oracle_price)?;
        }
        let turned = after.size.side().is_some_and(|side| self.size.side() != Some(side));
        if turned || after.size.abs() >= self.size.abs() {
            return Ok(());
        }
        require(after.equity.0 >= 0, ErrorCode::Insolvent, 0, after.equity.0)?;
        let ratio_before = self.equity.0 as i128 * after.size.abs().0 as i128;
        let ratio_after = after.equity.0 as i128 * self.size.abs().0 as i128;
        require(ratio_after >= ratio_before, ErrorCode::WorseMargin, self.equity.0, after.equity.0)
    }

    /// Fails unless equity covers the `initial` margin of the worst size.
    ///
    /// # Errors
    /// [`ErrorCode::LotsOutOfRange`], [`ErrorCode::BelowInitialMargin`] with the equity needed and the equity found.
    pub fn require_initial_margin(&self, initial: Rate, oracle_price: Price) -> Result<()> {
        self.require_margin(initial, Atoms::ZERO, oracle_price)
    }

    /// Fails unless equity covers the `initial` margin of the worst size plus `more`.
    ///
    /// # Errors
    /// As [`Self::require_initial_margin`].
    pub fn require_margin(&self, initial: Rate, more: Atoms, oracle_price: Price) -> Result<()> {
        let worst = Lots(self.long_exposure.0.max(self.short_exposure.0));
        require(worst.0 <= MAX_LOTS, ErrorCode::LotsOutOfRange, MAX_LOTS, worst.0)?;
        let needed = required(initial, worst, oracle_price).plus(more)?;
        require(self.equity >= needed, ErrorCode::BelowInitialMargin, needed.0, self.equity.0)
    }
}

/// The terms on which a part of a seat's position would be closed.
#[derive(Clone, Copy, Debug)]
pub struct Closing {
    /// The side of the position.
    pub side: Side,
    /// The accepted price.
    pub oracle_price: Price,
    /// The price of the fill.
    pub price: Price,
    /// Fees that the seat pays in addition, in atoms per lot.
    pub fees_per_lot: i64,
}

/// How many lots of `position` must be closed on these terms to bring it to target margin. It is the smallest number
/// that does, or the whole position if no part is enough or if less than the minimum order would remain. 0 if it is
/// there already.
///
/// Closing n of q lots at p leaves `equity - n * (loss + fees)` against `target * (q - n) * P`, so
/// `n >= (target * q * P - equity) / (target * P - loss - fees)`, everything in millionths.
pub fn lots_to_target(position: &Position, equity: Atoms, terms: &Closing, params: &Params) -> Lots {
    let all = position.size.abs();
    let target = params.target.0 as i64;
    let needed = wide_difference((all * terms.oracle_price).0, target, equity.0, RATE_ONE);
    if needed <= 0 {
        return Lots::ZERO;
    }
    let loss = (terms.oracle_price.0 - terms.price.0) * terms.side.sign() + terms.fees_per_lot;
    // P < 2^31 and target <= 10^6 < 2^20, so each product is within 2^52.
    let cleared_per_lot = target * terms.oracle_price.0 - loss * RATE_ONE;
    if cleared_per_lot <= 0 {
        return all;
    }
    let part = Lots(divide_wide(needed, cleared_per_lot, Round::Up));
    if part >= all || (all - part).0 < params.min_order {
        all
    } else {
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Funding;
    use proptest::prelude::*;

    fn standard() -> Params {
        Params::standard()
    }

    proptest! {
        #[test]
        fn the_fewest_lots_that_reach_the_target_are_closed(
            size in 2i64..100_000, equity_rate in -20_000i64..37_000, oracle_price in 10_000i64..10_000_000,
            off in -30_000i64..30_000, fees_rate in 0i64..5_000, short in any::<bool>(),
        ) {
            let side = if short { Side::Short } else { Side::Long };
            let oracle_price = Price(oracle_price);
            let notional = size * oracle_price.0;
            let equity = notional / RATE_ONE * equity_rate;
            let size = Lots(size).on(side);
            let adjusted = oracle_price - Funding::ZERO;
            let position = Position { size, cash: Atoms(equity - (size * adjusted).0), ..Position::default() };
            let price = Price(oracle_price.0 + oracle_price.0 * off / RATE_ONE);
            let terms = Closing { side, oracle_price, price, fees_per_lot: oracle_price.0 * fees_rate / RATE_ONE };
            let params = standard();
            let equity = position.equity(adjusted).unwrap();
            let n = lots_to_target(&position, equity, &terms, &params);
            let after = |n: i64| {
                let mut closed = position;
                closed.trade(Lots(-n).on(side), price, Funding::ZERO).unwrap();
                closed.cash.0 -= n * terms.fees_per_lot;
                let needed = (position.size.abs().0 - n) as i128 * oracle_price.0 as i128 * params.target.0 as i128;
                closed.equity(adjusted).unwrap().0 as i128 * RATE_ONE as i128 >= needed
            };
            prop_assert!(n.0 >= 0 && n <= position.size.abs());
            prop_assert!(n == position.size.abs() || after(n.0), "the target is reached");
            prop_assert!(n.0 == 0 || n == position.size.abs() || !after(n.0 - 1), "with no lot more than it takes");
        }

        #[test]
        fn no_seat_below_maintenance_hides_under_the_key(
            size in 1i64..1_000_000, oracle_price in 10_000i64..10_000_000, funding in -10_000i64..10_000,
            off in -2i64..=2, short in any::<bool>(), rate in 2_000u32..500_000,
        ) {
            let side = if short { Side::Short } else { Side::Long };
            let params = Params { maintenance: Rate(rate), ..standard() };
            let (oracle_price, size) = (Price(oracle_price), Lots(size).on(side));
            let adjusted = oracle_price - Funding(funding);
            let cash = required(params.maintenance, size, oracle_price).0 - (size * adjusted).0 + off;
            let position = Position { cash: Atoms(cash), size, ..Position::default() };
            let below = !is_maintained(&position, &params, oracle_price, adjusted).unwrap();
            prop_assert_eq!(below, off < 0);
            let reached = position.key().unwrap() > unmaintained_key(side, &params, oracle_price, adjusted);
            prop_assert!(reached || !below);
        }
    }
}
