//! The arithmetic of the score. What it computes is defined in the module above; here is how it stays within 64 bits and
//! a few dozen instructions.
//!
//! Sums and products wrap instead of being checked, because this is the inner loop of the exchange: at the bounds of
//! [`units`](crate::units) a size within 2^30 times a price within 2^32 stays within 2^62, cost is such a product and
//! the difference of two stays within 2^63. Equity is part of one pool, or the deficit of a bankrupt. Nothing here moves
//! money, and no value of any field can make it fail.

use super::Terms;
use crate::seat::Seat;

/// Every seat in profit scores above this, every other below.
pub(super) const IN_PROFIT: u64 = 1 << 63;
/// The greatest product. One less than fits, so that no score is `u64::MAX` and there is always a number above it.
const MOST: u64 = IN_PROFIT - 2;
/// Both terms of a fraction are divided by 2^8 until its denominator has at most this many binary places, so that the
/// product of two such terms fits 64 bits.
const PLACES: u32 = 31;

/// What all scores of a pass are computed from.
pub(super) struct Moment {
    adjusted: i64,
    price: u64,
    /// Deposits made after this are young.
    matured: i64,
    counts_size: bool,
}

impl Moment {
    pub(super) fn of(terms: &Terms) -> Self {
        Self {
            adjusted: (terms.price - terms.funding).0,
            price: terms.price.0 as u64,
            matured: terms.now.saturating_sub(terms.seasoning),
            counts_size: terms.rule.counts_size(),
        }
    }

    /// The score of a seat with a position and its cached bound.
    #[inline(never)]
    pub(super) fn score(&self, seat: &Seat, bound: u64) -> u64 {
        let value = self.value(seat);
        let merit = if value <= seat.position.cost.0 {
            !self.burden(seat, value, seat.position.size.abs().0)
        } else if bound < IN_PROFIT {
            self.bounded_product(seat, value, bound)
        } else if bound < u64::MAX {
            self.product(seat, value, bound)
        } else {
            self.product(seat, value, seat.position.rank_factor(self.counts_size))
        };
        merit ^ IN_PROFIT
    }

    /// What the position is worth; the seat is in profit when that is more than its cost.
    #[inline(always)]
    pub(super) fn value(&self, seat: &Seat) -> i64 {
        seat.position.size.0.wrapping_mul(self.adjusted)
    }

    /// The ranking equity, before it is made at least 1.
    #[inline(always)]
    fn equity(&self, seat: &Seat, value: i64) -> i64 {
        let equity = value.wrapping_add(seat.position.cash.0);
        let young = seat.young_deposits.0;
        if young > 0 && seat.young_since > self.matured {
            equity.wrapping_sub(young)
        } else {
            equity
        }
    }

    /// The product of a seat in profit, whatever was withdrawn from it. The whole multiples of the equity go first, so that
    /// the rest is the same division as without them.
    #[inline(always)]
    pub(super) fn product(&self, seat: &Seat, value: i64, bound: u64) -> u64 {
        let factor = bound & !IN_PROFIT;
        let profit = value.wrapping_sub(seat.position.cost.0) as u64;
        let equity = self.equity(seat, value).max(1) as u64;
        let (profit, equity) = reduced(profit, equity, equity);
        let equity = equity.max(1);
        let whole = profit / equity;
        let rest = profit.wrapping_sub(whole.wrapping_mul(equity));
        if whole > MOST / factor.max(1) {
            return MOST;
        }
        whole.wrapping_mul(factor).wrapping_add(share(factor, rest, equity)).clamp(1, MOST)
    }

    /// The same where the bound promises that the profit is at most the equity.
    #[inline(always)]
    pub(super) fn bounded_product(&self, seat: &Seat, value: i64, bound: u64) -> u64 {
        let profit = value.wrapping_sub(seat.position.cost.0) as u64;
        let equity = self.equity(seat, value) as u64;
        let (profit, equity) = reduced(profit, equity, equity);
        share(bound, profit, equity.max(1)).max(1)
    }

    /// The burden of a seat that is not in profit and has `lots` on its side.
    #[inline(always)]
    pub(super) fn burden(&self, seat: &Seat, value: i64, lots: i64) -> u64 {
        let loss = seat.position.cost.0.wrapping_sub(value) as u64;
        let entry = seat.position.entry.0 as u64;
        let (loss, entry) = reduced(loss, entry, loss | entry);
        let equity = self.equity(seat, value).max(1) as u64;
        let notional = (lots as u64).wrapping_mul(self.price);
        let (equity, notional) = reduced(equity, notional, equity | notional);
        loss.wrapping_mul(equity) / (entry.wrapping_mul(notional) >> 28).max(1)
    }
}

/// `floor(factor * profit / equity)` for `profit <= equity < 2^31`: the quotient of the factor and its remainder apart,
/// so that no product leaves 64 bits.
#[inline(always)]
const fn share(factor: u64, profit: u64, equity: u64) -> u64 {
    let whole = factor / equity;
    let rest = factor.wrapping_sub(whole.wrapping_mul(equity));
    whole.wrapping_mul(profit).wrapping_add(rest.wrapping_mul(profit) / equity)
}

/// Both terms of a fraction over the power of 2^8 that brings `widest` below 2^31.
#[inline(always)]
fn reduced(mut numerator: u64, mut denominator: u64, widest: u64) -> (u64, u64) {
    let mut beyond = widest >> PLACES;
    while beyond != 0 {
        beyond >>= 8;
        numerator >>= 8;
        denominator >>= 8;
    }
    (numerator, denominator)
}
