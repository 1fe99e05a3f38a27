//! Funding accrues by the clock. Now and then a rebase moves it into the seats' cash.
//!
//! [`accrue`] runs before anything changes the book or the accepted price. So every second is charged with the book and
//! the price that were in force in it, and orders placed and cancelled within one second change nothing. The sum does
//! not depend on how often it runs (`funding_does_not_depend_on_how_often_it_is_cranked`), provided that no gap is
//! longer than an hour (the rest of it is dropped) and that no order expires in it.
//!
//! The premium is 0 while nothing can trade: without a live price, with a pending one, after a delisting. While a seat
//! is bankrupt, funding stops, from the very second in which funding makes it so. It then neither deepens a shortfall
//! nor moves what the cranks are clearing.

use crate::error::{require, ErrorCode, Result};
use crate::heap::Entry;
use crate::layout::HOUR;
use crate::rules::funding_rate::{after, premium, rate, tradable_until};
use crate::state::exchange::Exchange;
use crate::state::ledger;
use crate::state::market::Market;
use crate::state::position::{KEY_LIMIT, KEY_SHIFT};
use crate::state::queues;
use crate::state::seat::Seat;
use crate::units::{Funding, MAX_FUNDING};

/// The longest time that accrues in one step, in seconds.
pub const LONGEST_STEP: i64 = HOUR;

/// Accrues cumulative funding up to `now`, and returns whether time has passed. A clock that stands still or goes back
/// changes nothing.
#[inline(always)]
pub(crate) fn accrue(exchange: &mut Exchange, now: i64) -> bool {
    now > exchange.market.head.accrued_at && accrue_step(exchange, now)
}

#[inline(never)]
fn accrue_step(exchange: &mut Exchange, now: i64) -> bool {
    let head = &*exchange.market.head;
    let since = head.accrued_at;
    if since == 0 || head.settlement.at != 0 {
        return false;
    }
    let step = now.saturating_sub(since).min(LONGEST_STEP);
    let traded = tradable_until(&exchange.market).saturating_sub(since).max(0).min(step);
    let premium = if traded > 0 && head.params.funding_cap.0 > 0 { premium(exchange, now) } else { None };
    let market = &mut exchange.market;
    market.head.accrued_at = now;
    let (params, price) = (&market.head.params, market.head.price.accepted);
    let (with, without) = (rate(params, price, premium.unwrap_or(0)), rate(params, price, 0));
    pay(market, with, traded);
    pay(market, without, step.wrapping_sub(traded));
    let flows = market.bankrupt_side().is_none();
    market.head.funding_rate = if !flows {
        0
    } else if traded == step {
        with
    } else {
        without
    };
    true
}

/// Adds funding for `seconds` at a rate.
fn pay(market: &mut Market, rate: i64, seconds: i64) {
    (market.head.funding, market.head.funding_remainder) = after(market, rate, seconds);
}

/// Moves what every position has paid in funding into its seat's cash, and counts funding from 0 again. Nothing visible
/// changes: no equity, no profit, no order of any queue.
pub(crate) fn rebase(market: &mut Market) -> Result<()> {
    let head = &*market.head;
    require(head.settlement.at == 0, ErrorCode::MarketSettled, 0, head.settlement.at)?;
    let funding = head.funding;
    require(funding != Funding::ZERO, ErrorCode::FundingAtRest, 1, 0)?;
    let (long_len, short_len) = (head.long_len as usize, head.short_len as usize);
    ledger::realize_funding(market, funding);
    // A bankruptcy price is -cash / size, so it moves by F, and so do the keys of all seats of a side.
    let shift = funding.0 << KEY_SHIFT;
    let mut far = Far::default();
    for seat in market.seats.iter_mut().take(long_len) {
        far.shift(&mut seat.long_entry, shift);
    }
    for seat in market.seats.iter_mut().take(short_len) {
        far.shift(&mut seat.short_entry, shift.wrapping_neg());
    }
    market.head.funding = Funding::ZERO;
    rekey(market, &far);
    Ok(())
}

/// Saturated keys do not move with the others, so they are computed anew. Nothing else about a seat changes.
fn rekey(market: &mut Market, far: &Far) {
    match far.seats.get(..far.count) {
        Some(few) => few.iter().for_each(|index| rekey_seat(market, *index)),
        None => {
            for index in 0..market.head.seat_count {
                let Seat { position, heap_slot: slot, .. } = market.seats[index as usize];
                let entry = position.size.side().and_then(|side| market.queue_entry(side, slot));
                if entry.is_some_and(|entry| is_far(entry.key)) {
                    rekey_seat(market, index);
                }
            }
        }
    }
}

fn rekey_seat(market: &mut Market, index: u32) {
    let Seat { position, heap_slot: slot, .. } = market.seats[index as usize];
    if let (Some(side), Some(key)) = (position.size.side(), position.key()) {
        queues::change_key(market, side, slot, key);
    }
}

/// Seats whose keys saturate, or may do so after a [`rebase`]. That takes 2^46 atoms of cash per lot, so there are few
/// or none. If there are more than fit here, all seats are checked once more.
struct Far {
    seats: [u32; MOST_FAR],
    count: usize,
}

/// The largest number of such seats that are remembered.
const MOST_FAR: usize = 256;

impl Default for Far {
    fn default() -> Self {
        Self { seats: [0; MOST_FAR], count: 0 }
    }
}

impl Far {
    /// Shifts a key. It is at most 2^62, or far, and the shift is at most 2^47.
    #[inline(always)]
    fn shift(&mut self, entry: &mut Entry, shift: i64) {
        if is_far(entry.key) {
            self.note(entry.index);
            entry.key = entry.key.saturating_add(shift);
        } else {
            entry.key = entry.key.wrapping_add(shift);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, index: u32) {
        if let Some(place) = self.seats.get_mut(self.count) {
            *place = index;
        }
        self.count += 1;
    }
}

/// Whether a key saturates, or may do so after a [`rebase`].
const fn is_far(key: i64) -> bool {
    const LIMIT: i64 = (KEY_LIMIT - 2 * MAX_FUNDING) << KEY_SHIFT;
    key.wrapping_add(LIMIT) as u64 > 2 * LIMIT as u64
}
