//! A seat: a position, and the fields that rank it and keep its books.

use crate::heap::Entry;
use crate::layout::{Link, Pubkey};
use crate::state::position::Position;
use crate::units::{Atoms, Lots};
use bytemuck::{Pod, Zeroable};

/// This bit of a seat's cached bound says that no bound holds at every price, so the seat is never skipped. The other
/// bits are the seat's rank factor.
pub const NEVER_SKIP: u64 = 1 << 63;

/// One seat of a market. The k-th record also stores the k-th entry of both seat heaps.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Seat {
    /// The key that may do everything with this seat.
    pub owner: Pubkey,
    /// A second key that may trade and deposit; zero if none.
    pub delegate: Pubkey,
    /// The account that paid for this record's space. It gets the rent back when the record is given up.
    pub rent_payer: Pubkey,
    /// Cash and position.
    pub position: Position,
    /// Deposits made while the seat held a position that may still be young, in atoms.
    pub young_deposits: Atoms,
    /// When the last of those deposits was made, in unix seconds.
    pub young_since: i64,
    /// When the seat was last weakened, in unix seconds: its position grew or turned round, or it withdrew cash.
    pub weakened_at: i64,
    /// When the seat was opened or last had a fill, in unix seconds.
    pub active_at: i64,
    /// Upper bound on the score while the seat is long; it lets a ranking skip the seat. Zero if not long.
    pub long_rank: u64,
    /// The same bound while the seat is short. Zero if not short.
    pub short_rank: u64,
    /// Lots of the seat's open bids that are not reduce-only.
    pub bid_lots: u32,
    /// Lots of the seat's open asks that are not reduce-only.
    pub ask_lots: u32,
    /// Lots of the seat's reduce-only orders.
    pub reduce_lots: u32,
    /// The newest of the seat's orders; zero if there is none.
    pub orders: Link,
    /// The slot of the seat's entry in the heap of its side.
    pub heap_slot: u32,
    /// Number of open orders.
    pub order_count: u16,
    /// 1 while the seat has an owner, 0 while it is free and linked through `free`.
    pub open: u8,
    /// Always zero.
    pub padding: u8,
    /// The entry in this record's slot of the longs' heap.
    pub long_entry: Entry,
    /// The entry in this record's slot of the shorts' heap.
    pub short_entry: Entry,
    /// The next free seat, while this one is free; zero if there is none.
    pub free: Link,
    /// The previous free seat, while this one is free; zero if there is none.
    pub free_before: Link,
    /// Divisor of the loss rank, which orders seats that are not in profit; the code of a number. Zero if flat.
    pub loss_rank_divisor: u64,
    /// When the owner opened the seat, in unix seconds. An older receipt is about an earlier owner.
    pub opened_at: i64,
    /// Always zero; reserved for later versions: two more heaps over the seats, their records, and an allowance.
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
    /// The deposits that do not count in the ranking yet at `now`.
    pub fn young_at(&self, now: i64, seasoning: i64) -> Atoms {
        if self.young_deposits.0 > 0 && now < self.young_since.saturating_add(seasoning) {
            self.young_deposits
        } else {
            Atoms::ZERO
        }
    }

    /// The largest long position that the seat's own orders could lead to; 0 if none.
    pub fn long_exposure(&self) -> Lots {
        Lots((self.position.size.0 + self.bid_lots as i64).max(0))
    }

    /// The largest short position that the seat's own orders could lead to, as a positive number; 0 if none.
    pub fn short_exposure(&self) -> Lots {
        Lots((self.ask_lots as i64 - self.position.size.0).max(0))
    }

    /// The largest position, long or short, that the seat's open orders could lead to.
    pub fn worst_size(&self) -> Lots {
        Lots(self.long_exposure().0.max(self.short_exposure().0))
    }

    /// Whether the seat has no position and no orders.
    pub fn is_idle(&self) -> bool {
        self.position.size.0 == 0 && self.order_count == 0
    }

    /// Updates the cached bound on the score to match the position.
    ///
    /// Profit over ranking equity is at most 1, so the price-free factor bounds the score. The exception is a seat that
    /// has withdrawn unrealised profit (`cash + cost` less the young deposits is below zero): it is never skipped.
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
