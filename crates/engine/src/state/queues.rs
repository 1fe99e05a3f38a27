//! The liquidation queues: every seat with a position is in the heap of its side, ordered by bankruptcy price.

use crate::error::{require, ErrorCode, Result};
use crate::heap::{self, slots, Entry};
use crate::layout::Link;
use crate::state::header::RankRule;
use crate::state::market::Market;
use crate::state::seat::Seat;
use crate::units::{Lots, Side};

slots!(LongQueue, Seat, long_entry);
slots!(ShortQueue, Seat, short_entry);

/// Updates a seat's place in its queue, its cached rank and open interest after its cash or size has changed. `was` is
/// its size when this was last called. A flat seat must be worth at least nothing.
///
/// # Errors
/// [`ErrorCode::Insolvent`].
pub(crate) fn requeue(market: &mut Market, index: u32, was: Lots) -> Result<()> {
    let counts_size = market.head.rank_rule == RankRule::ProfitLeverageSize as u8;
    let seat = &mut market.seats[index as usize];
    let (size, slot) = (seat.position.size, seat.heap_slot);
    let key = seat.position.key();
    if key.is_none() {
        require(seat.position.cash.0 >= 0, ErrorCode::Insolvent, 0, seat.position.cash.0)?;
    }
    seat.refresh_rank(counts_size);
    market.head.open_interest.0 += size.0.max(0) - was.0.max(0);
    let same_side = was.side() == size.side();
    if !same_side && market.head.partly_deleveraged == Link::to(index) {
        // A partly deleveraged winner loses its precedence when it loses its position.
        market.head.partly_deleveraged = Link::NONE;
    }
    match was.side() {
        Some(side) if !same_side => leave(market, side, slot),
        _ => {}
    }
    if let (Some(side), Some(key)) = (size.side(), key) {
        if same_side {
            change_key(market, side, slot, key);
        } else {
            join(market, side, Entry::new(key, index));
        }
    }
    Ok(())
}

/// [`requeue`] for a seat of which only the cash has changed.
pub(crate) fn refresh(market: &mut Market, index: u32) -> Result<()> {
    let size = market.seats[index as usize].position.size;
    requeue(market, index, size)
}

fn leave(market: &mut Market, side: Side, slot: u32) {
    match side {
        Side::Long => heap::remove(&mut LongQueue(market.seats), &mut market.head.long_len, slot),
        Side::Short => heap::remove(&mut ShortQueue(market.seats), &mut market.head.short_len, slot),
    }
}

fn join(market: &mut Market, side: Side, entry: Entry) {
    match side {
        Side::Long => heap::push(&mut LongQueue(market.seats), &mut market.head.long_len, entry),
        Side::Short => heap::push(&mut ShortQueue(market.seats), &mut market.head.short_len, entry),
    }
}

/// Changes the key of the entry in a slot of a side's queue.
pub(crate) fn change_key(market: &mut Market, side: Side, slot: u32, key: i64) {
    match side {
        Side::Long => heap::change(&mut LongQueue(market.seats), market.head.long_len, slot, key),
        Side::Short => heap::change(&mut ShortQueue(market.seats), market.head.short_len, slot, key),
    }
}
