//! The arithmetic of the score, as the parent module defines it.
//!
//! Sums and products wrap instead of being checked, because this is the inner loop of the exchange. By the bounds of
//! [`units`](crate::units) a size within 2^30 times a price within 2^32 stays within 2^62, cost is kept within 2^62
//! ([`MAX_COST`](crate::state::position::MAX_COST)), and their difference stays within 2^63. Equity is part of one
//! pool, or the shortfall of a bankrupt seat. Nothing here moves money, and no value of any field can make it fail.

use super::Terms;
use crate::float::{Base, Rounded};
use crate::state::seat::Seat;

/// Every seat in profit scores above this, every other seat below.
pub(super) const IN_PROFIT: u64 = 1 << 63;

/// The inputs that all scores of a pass share.
#[derive(Clone, Copy)]
pub(super) struct ScoreInputs {
    adjusted: i64,
    /// Deposits made after this are young.
    matured: i64,
    base: Base,
}

impl ScoreInputs {
    pub(super) fn of(terms: &Terms) -> Self {
        Self {
            adjusted: (terms.price - terms.funding).0,
            matured: terms.now.saturating_sub(terms.seasoning),
            base: Base::new(),
        }
    }

    /// The score of a seat with a position, from its cached values: its bound (its factor and one more bit) and its
    /// divisor.
    #[inline(always)]
    pub(super) fn score(self, seat: &Seat, bound: u64, divisor: u64) -> u64 {
        let value = self.value(seat);
        let loss = seat.position.cost.0.wrapping_sub(value);
        match loss {
            ..0 => self.product(seat, value, bound) | IN_PROFIT,
            0 => of_loss_rank(0),
            1.. => of_loss_rank(self.loss_rank(seat, value, loss as u64, divisor)),
        }
    }

    /// What the position is worth. The seat is in profit if that is more than its cost.
    #[inline(always)]
    pub(super) fn value(self, seat: &Seat) -> i64 {
        seat.position.size.0.wrapping_mul(self.adjusted)
    }

    /// The ranking equity, before it is raised to at least 1.
    #[inline(always)]
    fn equity(self, seat: &Seat, value: i64) -> i64 {
        let mut equity = value.wrapping_add(seat.position.cash.0);
        if seat.young_since > self.matured {
            equity = equity.wrapping_sub(seat.young_deposits.0);
        }
        equity
    }

    /// The product of a seat in profit.
    #[inline(always)]
    pub(super) fn product(self, seat: &Seat, value: i64, bound: u64) -> u64 {
        let profit = value.wrapping_sub(seat.position.cost.0) as u64;
        self.base.ratio(Rounded::flagged(bound), profit, self.equity(seat, value))
    }

    /// The loss rank of a seat with a loss above 0.
    #[inline(always)]
    pub(super) fn loss_rank(self, seat: &Seat, value: i64, loss: u64, divisor: u64) -> u64 {
        self.base.products_ratio(loss, self.equity(seat, value), Rounded::decoded(divisor))
    }
}

/// Converts a loss rank into its score, and a score into its loss rank.
#[inline(always)]
pub(super) const fn of_loss_rank(loss_rank: u64) -> u64 {
    (IN_PROFIT - 1).wrapping_sub(loss_rank)
}
