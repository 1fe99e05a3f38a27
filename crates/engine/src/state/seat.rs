//! A seat: a position and what is kept beside it for ranking and bookkeeping.

use crate::heap::Entry;
use crate::layout::{Link, Pubkey};
use crate::state::position::Position;
use crate::units::{Atoms, Lots};
use bytemuck::{Pod, Zeroable};

/// The bit of a seat's cached bound that says that no bound holds at every price: the seat is never skipped. The other
/// bits are its factor.
pub const NEVER_SKIP: u64 = 1 << 63;

/// One seat of a market. The k-th record also stores the k-th entry of both seat heaps.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Seat {
    /// Who may do everything with this seat.
    pub owner: Pubkey,
    /// Who else may trade and deposit; zero when nobody.
    pub delegate: Pubkey,
    /// Who paid for this record's space and gets the rent back when it is given up.
    pub rent_payer: Pubkey,
    /// Cash and position.
    pub position: Position,
    /// Deposits made while holding a position that may still be young.
    pub young_deposits: Atoms,
    /// When the last of them was made, in unix seconds.
    pub young_since: i64,
    /// When the seat was last weakened, in unix seconds: its position grew or turned round, or cash was withdrawn from it.
    pub weakened_at: i64,
    /// When the seat was opened or last had a fill, in unix seconds.
    pub active_at: i64,
    /// Bound on the ranking score while long: skip without computing. Zero when not long.
    pub long_rank: u64,
    /// The same while short.
    pub short_rank: u64,
    /// Lots of this seat's open bids that are not reduce-only.
    pub bid_lots: u32,
    /// Lots of this seat's open asks that are not reduce-only.
    pub ask_lots: u32,
    /// Lots of this seat's reduce-only orders.
    pub reduce_lots: u32,
    /// The newest of this seat's orders.
    pub orders: Link,
    /// Where this seat's entry is in the heap of its side.
    pub heap_slot: u32,
    /// How many orders the seat has open.
    pub order_count: u16,
    /// 1 while somebody owns the seat; a free seat links to the next free one through `free`.
    pub open: u8,
    /// Always zero.
    pub padding: u8,
    /// The entry of the longs' heap in this record's slot.
    pub long_entry: Entry,
    /// The entry of the shorts' heap in this record's slot.
    pub short_entry: Entry,
    /// The next free seat, while this one is free.
    pub free: Link,
    /// The previous free seat, while this one is free.
    pub free_before: Link,
    /// What the loss rank of a seat not in profit is divided by, the code of a number. Zero when flat.
    pub loss_rank_divisor: u64,
    /// When the seat was opened by its owner, in unix seconds. A receipt that is older is not about this owner.
    pub opened_at: i64,
    /// Zero; for later versions: two more heaps over the seats and what stands in them, and an allowance.
    pub reserved: [u64; 8],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<Seat>() == 320);
    assert!(offset_of!(Seat, owner) == 0);
    assert!(offset_of!(Seat, delegate) == 32);
    assert!(offset_of!(Seat, rent_payer) == 64);
    assert!(offset_of!(Seat, position) == 96);
    assert!(offset_of!(Seat, young_deposits) == 128);
    assert!(offset_of!(Seat, young_since) == 136);
    assert!(offset_of!(Seat, weakened_at) == 144);
    assert!(offset_of!(Seat, active_at) == 152);
    assert!(offset_of!(Seat, long_rank) == 160);
    assert!(offset_of!(Seat, short_rank) == 168);
    assert!(offset_of!(Seat, bid_lots) == 176);
    assert!(offset_of!(Seat, ask_lots) == 180);
    assert!(offset_of!(Seat, reduce_lots) == 184);
    assert!(offset_of!(Seat, orders) == 188);
    assert!(offset_of!(Seat, heap_slot) == 192);
    assert!(offset_of!(Seat, order_count) == 196);
    assert!(offset_of!(Seat, open) == 198);
    assert!(offset_of!(Seat, long_entry) == 200);
    assert!(offset_of!(Seat, short_entry) == 216);
    assert!(offset_of!(Seat, free) == 232);
    assert!(offset_of!(Seat, free_before) == 236);
    assert!(offset_of!(Seat, loss_rank_divisor) == 240);
    assert!(offset_of!(Seat, opened_at) == 248);
    assert!(offset_of!(Seat, reserved) == 256);
};

impl Seat {
    /// The deposits that do not count for ranking yet at `now`.
    pub fn young_at(&self, now: i64, seasoning: i64) -> Atoms {
        if self.young_deposits.0 > 0 && now < self.young_since.saturating_add(seasoning) {
            self.young_deposits
        } else {
            Atoms::ZERO
        }
    }

    /// How far long the seat could become through its own orders; 0 when it could not.
    pub fn long_exposure(&self) -> Lots {
        Lots((self.position.size.0 + self.bid_lots as i64).max(0))
    }

    /// How far short the seat could become through its own orders, as a positive number; 0 when it could not.
    pub fn short_exposure(&self) -> Lots {
        Lots((self.ask_lots as i64 - self.position.size.0).max(0))
    }

    /// The worst size its open orders could lead to.
    pub fn worst_size(&self) -> Lots {
        Lots(self.long_exposure().0.max(self.short_exposure().0))
    }

    /// Whether the seat has no position and no orders.
    pub fn is_idle(&self) -> bool {
        self.position.size.0 == 0 && self.order_count == 0
    }

    /// Brings the cached bound on the ranking score up to date with the position.
    ///
    /// Profit over ranking equity is at most 1, so the price-free factor bounds the score, unless unrealised profit was
    /// withdrawn (`cash + cost` less the young deposits below zero): such a seat is never skipped.
    pub fn refresh_rank(&mut self, counts_size: bool) {
        let factor = self.position.rank_factor(counts_size);
        let backing = self.position.cash.plus(self.position.cost).and_then(|sum| sum.minus(self.young_deposits));
        let bound = match backing {
            _ if factor == 0 => 0,
            Ok(sum) if sum.0 >= 0 => factor,
            _ => factor | NEVER_SKIP,
        };
        let long = self.position.size.0 > 0;
        self.long_rank = if long { bound } else { 0 };
        self.short_rank = if long { 0 } else { bound };
        self.loss_rank_divisor = self.position.loss_rank_divisor();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Funding, Price};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn without_withdrawn_profit_the_factor_bounds_profit_over_equity(
            cash in 0i64..1 << 40, lots in 1i64..1000, price in 10_000i64..100_000, now in 10_000i64..100_000,
        ) {
            let mut seat: Seat = bytemuck::Zeroable::zeroed();
            seat.position.cash = Atoms(cash);
            seat.position.trade(Lots(lots), Price(price), Funding::ZERO).unwrap();
            seat.refresh_rank(true);
            prop_assert_eq!(seat.long_rank, seat.position.rank_factor(true));
            let at = Price(now) - Funding::ZERO;
            prop_assert!(seat.position.profit(at).unwrap() <= seat.position.equity(at).unwrap());
            seat.position.cash = Atoms(seat.position.cash.0 - cash - 1);
            seat.refresh_rank(true);
            prop_assert_eq!(seat.long_rank, seat.position.rank_factor(true) | NEVER_SKIP);
        }
    }
}
