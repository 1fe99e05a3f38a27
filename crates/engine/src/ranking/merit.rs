//! The arithmetic of the score. What it computes is defined in the module above; here is how it stays within 64 bits and
//! a few dozen instructions.
//!
//! Sums and products wrap instead of being checked, because this is the inner loop of the exchange: at the bounds of
//! [`units`](crate::units) a size within 2^30 times a price within 2^32 stays within 2^62, cost is such a product and
//! the difference of two stays within 2^63. Equity is part of one pool, or the deficit of a bankrupt. Nothing here moves
//! money, and no value of any field can make it fail.

use super::scan::{load, quotient};
use super::Terms;
use crate::seat::Seat;
use crate::units::Side;
use core::num::NonZeroU64;

/// Every seat in profit scores above this, every other below.
pub(super) const IN_PROFIT: u64 = 1 << 63;
/// Both terms of a fraction are brought below this, so that the product of two such terms fits 64 bits.
const LIMIT: u64 = 1 << 31;

/// What a fraction is reduced by whose terms are at most `most`: its terms are below [`LIMIT`] then, and where it is not 1
/// a term of `most` itself is at least 2^30.
#[inline(always)]
const fn parts(most: u64) -> NonZeroU64 {
    match NonZeroU64::new(most >> 30) {
        Some(parts) => parts,
        None => NonZeroU64::MIN,
    }
}

/// What all scores of a pass are computed from.
pub(super) struct Moment {
    pub(super) at: At,
    /// Below zero for the shorts, as their sizes are.
    price: u64,
}

/// What the ranking equity and a product are computed from.
#[derive(Clone, Copy)]
pub(super) struct At {
    adjusted: i64,
    /// Deposits made after this are young.
    matured: i64,
}

impl Moment {
    pub(super) fn of(terms: &Terms, side: Side) -> Self {
        let matured = terms.now.saturating_sub(terms.seasoning);
        let price = terms.price.0.wrapping_mul(side.sign());
        Self { at: At { adjusted: (terms.price - terms.funding).0, matured }, price: price as u64 }
    }

    /// The score of a seat with a position and its factor, or its cached bound, which is the factor and one bit.
    #[inline(never)]
    pub(super) fn score(&self, seat: &Seat, bound: u64) -> u64 {
        self.score_here(seat, bound)
    }

    /// The same without a call.
    #[inline(always)]
    pub(super) fn score_here(&self, seat: &Seat, bound: u64) -> u64 {
        let value = self.at.value(seat);
        if value > seat.position.cost.0 {
            self.at.product(seat, value, bound).max(1) | IN_PROFIT
        } else {
            of_burden(self.burden(seat, value))
        }
    }

    /// The burden of a seat that is not in profit.
    #[inline(always)]
    pub(super) fn burden(&self, seat: &Seat, value: i64) -> u64 {
        let equity = self.at.equity(seat, value).max(1) as u64;
        let notional = (seat.position.size.0 as u64).wrapping_mul(self.price);
        let reduced_by = parts(equity.wrapping_add(notional));
        let (equity, notional) = (equity / reduced_by, notional / reduced_by);
        let loss = seat.position.cost.0.wrapping_sub(value) as u64;
        let entry = seat.position.entry.0 as u64;
        let reduced_by = parts(loss.wrapping_add(entry));
        let (loss, entry) = (loss / reduced_by, entry / reduced_by);
        loss.wrapping_mul(equity) / (entry.wrapping_mul(notional) >> 28).wrapping_add(1)
    }
}

impl At {
    /// What the position is worth; the seat is in profit when that is more than its cost.
    #[inline(always)]
    pub(super) fn value(&self, seat: &Seat) -> i64 {
        seat.position.size.0.wrapping_mul(self.adjusted)
    }

    /// The ranking equity, before it is made at least 1.
    #[inline(always)]
    fn equity(&self, seat: &Seat, value: i64) -> i64 {
        let mut equity = value.wrapping_add(seat.position.cash.0);
        if seat.young_since > self.matured {
            equity = equity.wrapping_sub(load(&seat.young_deposits.0));
        }
        equity
    }

    /// The product of a seat in profit, whatever was withdrawn from it, before it is made at least 1.
    #[inline(always)]
    pub(super) fn product(&self, seat: &Seat, value: i64, bound: u64) -> u64 {
        let factor = bound & !IN_PROFIT;
        let equity = self.equity(seat, value);
        let profit = value.wrapping_sub(seat.position.cost.0);
        let parts = parts(equity.max(profit) as u64);
        let profit = profit as u64 / parts;
        let equity = quotient(equity, parts);
        let whole = factor / equity;
        if whole > LIMIT - 1 && profit > equity.get() {
            return profit.wrapping_mul(LIMIT);
        }
        // The first product is that of two numbers below 2^31 or at most the factor, the rest at most the profit.
        whole.wrapping_mul(profit).wrapping_add((factor % equity).wrapping_mul(profit) / equity)
    }

    /// The same where the cached bound promises that the profit is at most the equity, and is the factor.
    ///
    /// No seat breaks that promise. Of one that did, the number is of no meaning, and not a failure.
    #[inline(always)]
    pub(super) fn bounded_product(&self, seat: &Seat, value: i64, bound: &u64) -> u64 {
        let Some(mut equity) = NonZeroU64::new(self.equity(seat, value) as u64) else { return 0 };
        let mut profit = value.wrapping_sub(seat.position.cost.0) as u64;
        // At LIMIT - 1 there is one part yet; this number fits an instruction.
        if equity.get() >= LIMIT - 1 {
            let parts = parts(equity.get());
            (profit, equity) = (profit / parts, at_least_one(equity.get() / parts));
        }
        let (whole, rest) = (*bound / equity, load(bound) % equity);
        whole.wrapping_mul(profit).wrapping_add(rest.wrapping_mul(profit) / equity)
    }
}

/// The score of a burden, and the burden of a score.
#[inline(always)]
pub(super) const fn of_burden(burden: u64) -> u64 {
    (IN_PROFIT - 1).wrapping_sub(burden)
}

#[inline(always)]
fn at_least_one(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)
}
