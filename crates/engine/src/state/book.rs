//! The book account: resting orders. Each is in the heap of its side and in the list of its seat.

use crate::error::{require, Error, ErrorCode, Result};
use crate::heap::{self, slots, Entry};
use crate::layout::{Link, Pubkey, MAX_ORDERS, VERSION};
use crate::units::{Lots, Price, Side};
use bytemuck::{Pod, Zeroable};

/// The largest number of orders that [`Book::visit_best`] shows.
pub const MOST_VISITED: usize = 8;
/// The largest number of entries directly below those already shown.
const RIM: usize = MOST_VISITED * (heap::ARITY as usize - 1) + 1;

/// The header of the book account. The orders follow it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct BookHeader {
    /// Layout version: [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market that this book belongs to.
    pub market: Pubkey,
    /// The account that paid for the space. It gets the rent back.
    pub rent_payer: Pubkey,
    /// Number of resting bids, which is the length of their heap.
    pub bid_len: u32,
    /// Number of resting asks, which is the length of their heap.
    pub ask_len: u32,
    /// Number of order records ever used. Records beyond it are unused space.
    pub used: u32,
    /// The first free record; zero if none is free.
    pub free: Link,
    /// Sequence number of the next bid. It starts again from 0 when no bid rests.
    pub bid_sequence: u32,
    /// Sequence number of the next ask. It starts again from 0 when no ask rests.
    pub ask_sequence: u32,
    /// Raised by every change of an order.
    pub revision: u64,
    /// Always zero; reserved for later versions.
    pub reserved: [u64; 15],
}

/// One resting order. The k-th record also stores the k-th entry of both sides' heaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Order {
    /// Limit price, in atoms per lot.
    pub price: Price,
    /// Remaining size, in lots; above zero while the order rests.
    pub lots: Lots,
    /// A number chosen by the trader to recognize the order.
    pub client_id: u64,
    /// When the order expires, in unix seconds; 0 if never.
    pub expires: i64,
    /// The owner cannot cancel the order before this time, in unix seconds, because it evicted another; 0 if it did
    /// not. The acceptance of a price published after it was placed ends the lock earlier.
    pub locked_until: i64,
    /// When the order was placed, in unix seconds.
    pub placed_at: i64,
    /// Time priority among orders of the same side and price: the lower number is older.
    pub sequence: u32,
    /// Index of the seat that placed it.
    pub seat: u32,
    /// The seat's next older order; while the record is free, the next free record. Zero if there is none.
    pub older: Link,
    /// The seat's next newer order; zero if there is none.
    pub newer: Link,
    /// The slot of its entry in the heap of its side.
    pub heap_slot: u32,
    /// 0 for a bid, 1 for an ask.
    pub side: u8,
    /// 1 if the order may only reduce the seat's position.
    pub reduce_only: u8,
    /// 1 while the order rests, 0 while the record is free.
    pub live: u8,
    /// Always zero.
    pub padding: u8,
    /// The entry in this record's slot of the bids' heap.
    pub bid_entry: Entry,
    /// The entry in this record's slot of the asks' heap.
    pub ask_entry: Entry,
    /// Zero; for later versions: two more heaps over the orders and what stands in them.
    pub reserved: [u64; 6],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<BookHeader>() == 224);
    assert!(offset_of!(BookHeader, market) == 8);
    assert!(offset_of!(BookHeader, rent_payer) == 40);
    assert!(offset_of!(BookHeader, bid_len) == 72);
    assert!(offset_of!(BookHeader, used) == 80);
    assert!(offset_of!(BookHeader, bid_sequence) == 88);
    assert!(offset_of!(BookHeader, revision) == 96);
    assert!(offset_of!(BookHeader, reserved) == 104);
    assert!(size_of::<Order>() == 152);
    assert!(offset_of!(Order, lots) == 8);
    assert!(offset_of!(Order, client_id) == 16);
    assert!(offset_of!(Order, expires) == 24);
    assert!(offset_of!(Order, locked_until) == 32);
    assert!(offset_of!(Order, placed_at) == 40);
    assert!(offset_of!(Order, sequence) == 48);
    assert!(offset_of!(Order, seat) == 52);
    assert!(offset_of!(Order, older) == 56);
    assert!(offset_of!(Order, heap_slot) == 64);
    assert!(offset_of!(Order, side) == 68);
    assert!(offset_of!(Order, live) == 70);
    assert!(offset_of!(Order, bid_entry) == 72);
    assert!(offset_of!(Order, ask_entry) == 88);
    assert!(offset_of!(Order, reserved) == 104);
};

impl Order {
    /// The side on which the order rests.
    pub const fn side(&self) -> Side {
        Side::from_byte(self.side)
    }

    /// Price-time priority as one number, where greater is better: the price (negated for asks) above the inverted
    /// sequence.
    pub const fn key(&self) -> i64 {
        let price = self.price.0.wrapping_mul(self.side().sign());
        (price << 32) | (!self.sequence) as i64
    }

    /// Whether the order has expired.
    pub const fn is_expired(&self, now: i64) -> bool {
        self.expires != 0 && self.expires <= now
    }

    /// Whether it would trade with an opposite order at `limit`.
    pub const fn reaches(&self, limit: Price) -> bool {
        match self.side() {
            Side::Long => self.price.0 >= limit.0,
            Side::Short => self.price.0 <= limit.0,
        }
    }
}

/// A view of a book account.
pub struct Book<'a> {
    /// The header.
    pub head: &'a mut BookHeader,
    /// The order records.
    pub orders: &'a mut [Order],
}

slots!(Bids, Order, bid_entry);
slots!(Asks, Order, ask_entry);

impl<'a> Book<'a> {
    /// Splits the bytes of a book account (after any discriminator) into header and orders.
    ///
    /// # Errors
    /// [`ErrorCode::AccountTooSmall`], [`ErrorCode::WrongVersion`].
    pub fn load(bytes: &'a mut [u8]) -> Result<Self> {
        let book = Self::load_any_version(bytes)?;
        require(book.head.version == VERSION, ErrorCode::WrongVersion, VERSION as i64, book.head.version as i64)?;
        let (used, space) = (book.head.used as usize, book.orders.len());
        require(used <= space, ErrorCode::AccountTooSmall, used as i64, space as i64)?;
        Ok(book)
    }

    /// As [`Self::load`], for an account whose header has not been written yet.
    pub fn load_any_version(bytes: &'a mut [u8]) -> Result<Self> {
        let size = core::mem::size_of::<BookHeader>();
        let too_small = Error::with(ErrorCode::AccountTooSmall, size as i64, bytes.len() as i64);
        let (head, rest) = bytes.split_at_mut_checked(size).ok_or(too_small)?;
        let whole = rest.len() - rest.len() % core::mem::size_of::<Order>();
        let head = bytemuck::try_from_bytes_mut(head).map_err(|_| too_small)?;
        let orders = bytemuck::try_cast_slice_mut(&mut rest[..whole]).map_err(|_| too_small)?;
        Ok(Self { head, orders })
    }

    /// How many orders each side may hold: half of the records.
    pub fn side_capacity(&self) -> u32 {
        (self.orders.len().min(MAX_ORDERS) / 2) as u32
    }

    /// How many orders rest on a side.
    pub fn side_len(&self, side: Side) -> u32 {
        match side {
            Side::Long => self.head.bid_len,
            Side::Short => self.head.ask_len,
        }
    }

    /// The record of the best order of a side.
    pub fn best(&self, side: Side) -> Option<u32> {
        match side {
            Side::Long if self.head.bid_len > 0 => Some(self.orders[0].bid_entry.index),
            Side::Short if self.head.ask_len > 0 => Some(self.orders[0].ask_entry.index),
            _ => None,
        }
    }

    /// The record of the second-best order of a side. It is directly below the root of the heap.
    pub fn second(&self, side: Side) -> Option<u32> {
        let end = self.side_len(side).min(1 + heap::ARITY);
        let mut below = (1..end).map(|slot| self.entry(side, slot));
        let first = below.next()?;
        Some(below.fold(first, |best, entry| if entry.key > best.key { entry } else { best }).index)
    }

    /// The record of the worst order of a side. It must be in a leaf, so only the leaves are read.
    pub fn worst(&self, side: Side) -> Option<u32> {
        let len = self.side_len(side);
        let first_leaf = if len <= 1 { 0 } else { heap::parent(len - 1) + 1 };
        let leaves = self.orders.get(first_leaf as usize..len as usize)?;
        let entries = leaves.iter().map(|order| match side {
            Side::Long => order.bid_entry,
            Side::Short => order.ask_entry,
        });
        entries.min_by_key(|entry| entry.key).map(|entry| entry.index)
    }

    /// Passes the best orders of a side to `visit`, the best first, until `visit` returns false. At most
    /// [`MOST_VISITED`] are shown.
    #[inline(always)]
    pub fn visit_best(&self, side: Side, mut visit: impl FnMut(&Order) -> bool) {
        let Some(best) = self.best(side) else { return };
        if !visit(&self.orders[best as usize]) {
            return;
        }
        // The orders shown so far form a connected part around the root, so the next one is directly below that part.
        let mut rim = [Entry::default(); RIM];
        let mut count = self.unfold(side, 0, &mut rim);
        for _ in 1..MOST_VISITED {
            let Some((last, others)) = rim[..count].split_last_mut() else { return };
            let (mut best, mut place) = (*last, None);
            for other in others {
                if other.key > best.key {
                    best = *other;
                    place = Some(other);
                }
            }
            if let Some(place) = place {
                *place = *last;
            }
            let slot = best.index;
            if !visit(&self.orders[self.entry(side, slot).index as usize]) {
                return;
            }
            count = count.wrapping_sub(1);
            count = count.wrapping_add(self.unfold(side, slot, rim.get_mut(count..).unwrap_or_default()));
        }
    }

    /// Writes the keys and slots of the entries directly below a slot, and returns how many there are.
    #[inline(never)]
    fn unfold(&self, side: Side, slot: u32, into: &mut [Entry]) -> usize {
        let first = heap::first_child(slot);
        let end = first.wrapping_add(heap::ARITY).min(self.side_len(side));
        let Some(below) = self.orders.get(first as usize..end as usize) else { return 0 };
        for ((place, order), slot) in into.iter_mut().zip(below).zip(first..) {
            let key = if side == Side::Long { order.bid_entry.key } else { order.ask_entry.key };
            *place = Entry::new(key, slot);
        }
        below.len()
    }

    fn entry(&self, side: Side, slot: u32) -> Entry {
        let order = &self.orders[slot as usize];
        if side == Side::Long {
            order.bid_entry
        } else {
            order.ask_entry
        }
    }

    /// Rests an order on its side and returns its record. The caller has made sure that the side has room.
    ///
    /// # Errors
    /// [`ErrorCode::BookSequenceExhausted`].
    pub fn insert(&mut self, mut order: Order) -> Result<u32> {
        let side = order.side();
        let empty = self.side_len(side) == 0;
        let sequence = match side {
            Side::Long => &mut self.head.bid_sequence,
            Side::Short => &mut self.head.ask_sequence,
        };
        if empty {
            *sequence = 0;
        }
        order.sequence = *sequence;
        *sequence = sequence.checked_add(1).ok_or(ErrorCode::BookSequenceExhausted)?;
        self.touch();
        let index = match self.head.free.get() {
            Some(index) => {
                self.head.free = self.orders[index as usize].older;
                index
            }
            None => {
                let index = self.head.used;
                let space = self.orders.len() as i64;
                require((index as i64) < space, ErrorCode::BookFull, space, index as i64)?;
                self.head.used = index.wrapping_add(1);
                index
            }
        };
        order.live = 1;
        order.older = Link::NONE;
        order.newer = Link::NONE;
        let entry = Entry::new(order.key(), index);
        let record = &mut self.orders[index as usize];
        // The heap entries stored in this record belong to the heaps, not to the order, so they stay.
        (order.bid_entry, order.ask_entry) = (record.bid_entry, record.ask_entry);
        *record = order;
        match side {
            Side::Long => heap::push(&mut Bids(self.orders), &mut self.head.bid_len, entry),
            Side::Short => heap::push(&mut Asks(self.orders), &mut self.head.ask_len, entry),
        }
        Ok(index)
    }

    /// Notes that an order has changed.
    #[inline(always)]
    pub(crate) fn touch(&mut self) {
        self.head.revision = self.head.revision.wrapping_add(1);
    }

    /// Removes a resting order from the heap of its side and frees its record.
    pub fn remove(&mut self, index: u32) {
        self.touch();
        let order = &self.orders[index as usize];
        let slot = order.heap_slot;
        match order.side() {
            Side::Long => heap::remove(&mut Bids(self.orders), &mut self.head.bid_len, slot),
            Side::Short => heap::remove(&mut Asks(self.orders), &mut self.head.ask_len, slot),
        }
        let free = self.head.free;
        let record = &mut self.orders[index as usize];
        record.live = 0;
        record.lots = Lots::ZERO;
        record.older = free;
        self.head.free = Link::to(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec;

    fn empty(head: &mut BookHeader) {
        *head = bytemuck::Zeroable::zeroed();
        head.version = VERSION;
    }

    fn order(side: Side, price: i64) -> Order {
        Order { price: Price(price), lots: Lots(1), side: side as u8, ..Order::default() }
    }

    proptest! {
        #[test]
        fn the_best_order_is_the_best_price_and_then_the_oldest(
            steps in proptest::collection::vec((any::<bool>(), any::<bool>(), 1i64..6, any::<usize>()), 1..200),
        ) {
            let mut head = bytemuck::Zeroable::zeroed();
            empty(&mut head);
            let mut orders = vec![Order::default(); 400];
            let mut book = Book { head: &mut head, orders: &mut orders };
            let mut model: [BTreeMap<(i64, usize), u32>; 2] = Default::default();
            for (time, (add, ask, price, pick)) in steps.into_iter().enumerate() {
                let side = if ask { Side::Short } else { Side::Long };
                let resting = &mut model[side as usize];
                if add || resting.is_empty() {
                    let index = book.insert(order(side, price)).unwrap();
                    resting.insert((-price * side.sign(), time), index);
                } else {
                    let key = *resting.keys().nth(pick % resting.len()).unwrap();
                    let index = resting.remove(&key).unwrap();
                    prop_assert_eq!(book.orders[index as usize].price.0, -key.0 * side.sign());
                    book.remove(index);
                }
                for side in [Side::Long, Side::Short] {
                    let resting = &model[side as usize];
                    prop_assert_eq!(book.best(side), resting.values().next().copied());
                    prop_assert_eq!(book.worst(side), resting.values().next_back().copied());
                    prop_assert_eq!(book.side_len(side) as usize, resting.len());
                }
            }
        }
    }

    #[test]
    fn the_sequence_ends_with_a_named_error_and_starts_again_when_the_side_is_empty() {
        let mut head = bytemuck::Zeroable::zeroed();
        empty(&mut head);
        let mut orders = vec![Order::default(); 4];
        let mut book = Book { head: &mut head, orders: &mut orders };
        let first = book.insert(order(Side::Long, 5)).unwrap();
        book.head.bid_sequence = u32::MAX;
        let error = book.insert(order(Side::Long, 5)).unwrap_err();
        assert_eq!(error.code, ErrorCode::BookSequenceExhausted);
        assert_eq!(book.side_len(Side::Long), 1);
        book.remove(first);
        book.insert(order(Side::Long, 5)).unwrap();
        assert_eq!(book.head.bid_sequence, 1);
    }
}
