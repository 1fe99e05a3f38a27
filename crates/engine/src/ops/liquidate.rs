//! The waterfall of a seat below maintenance, and the crank that turns it. First the seat's orders are cancelled, then
//! its position is sold to whoever pays more, the book or the vault.
//!
//! Book and vault compete by price alone, fill by fill. At the same price an order comes first. Force (see
//! [`crate::ops::deleverage`]) applies only to what both leave of a bankrupt seat. The vault buys only from a seat that
//! was below maintenance at both the accepted and the older price. If only the older price keeps it from buying,
//! everything that pays less than the vault waits for the next print. A call that reaches its bound on orders ends and
//! keeps its progress. Neither the caller's number nor the compute that is left makes the next step come sooner.

use crate::error::Result;
use crate::heap::next_in_walk;
use crate::layout::{MAX_CRANK_MATCHES, MAX_LIQUIDATIONS, VAULT};
use crate::ops::backstop;
use crate::ops::crank::{self, Crank, CrankReport};
use crate::ops::matching::{fill_next, follow_fills, NextFill, Taker};
use crate::rules::fees::{closing, lot_fees, LotFees};
use crate::rules::makers::{band_edge, best_order};
use crate::rules::margin::{is_unmaintained, lots_to_target, unmaintained_key};
use crate::rules::phase::Action;
use crate::rules::vault_limits::{is_ripe_for_vault, vault_bid_at, vault_quote};
use crate::state::exchange::Exchange;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::open_orders::drop_order;
use crate::units::{Lots, Price, Rate, Side};

/// The largest number of slots of a liquidation queue that one walk looks at.
const WALK: usize = 16;

/// The outcome of one waterfall step on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepOutcome {
    /// Something was closed. The next step is decided from the new state.
    Filled,
    /// Something was closed, and the seat is at target margin.
    Reached,
    /// Neither the book nor the vault takes any more.
    Nobody,
    /// The vault would buy, if only the older price let it. Everything that pays less waits.
    Waits,
    /// The call has reached its bound on orders or receipts.
    Stopped,
}

/// Reduces up to `max_seats` seats below maintenance, as far as book and vault take them.
pub(crate) fn liquidate(exchange: &mut Exchange, max_seats: u32, payee: Option<u32>, now: i64) -> Result<CrankReport> {
    let limits = (max_seats, MAX_LIQUIDATIONS);
    let mut crank = crank::begin(&mut exchange.market, Action::ActAtPrice, limits, payee, now)?;
    liquidate_bankrupt(exchange, max_seats, &mut crank)?;
    if exchange.market.bankrupt_side().is_none() {
        for side in [Side::Long, Side::Short] {
            if crank.report.seats < max_seats && !crank.report.stopped {
                liquidate_side(exchange, side, max_seats, &mut crank)?;
            }
        }
    }
    crank::end(exchange, crank)
}

fn liquidate_bankrupt(exchange: &mut Exchange, max_seats: u32, crank: &mut Crank) -> Result<()> {
    while let Some(loser) = exchange.market.bankrupt_side().and_then(|side| exchange.market.liquidation_head(side)) {
        if crank.report.seats >= max_seats && crank.last != Some(loser.index) {
            break;
        }
        match close_some(exchange, loser.index, crank)? {
            StepOutcome::Filled | StepOutcome::Reached => {}
            step => {
                crank.report.stopped = step == StepOutcome::Stopped;
                break;
            }
        }
    }
    Ok(())
}

fn liquidate_side(exchange: &mut Exchange, side: Side, max_seats: u32, crank: &mut Crank) -> Result<()> {
    let mut found = [0u32; WALK];
    let count = walk_unmaintained(&mut exchange.market, side, &mut found)?;
    for index in &found[..count] {
        if crank.report.seats >= max_seats {
            set_cursor(&mut exchange.market, side, *index);
            break;
        }
        if !is_unmaintained(&exchange.market, *index)? {
            continue;
        }
        let mut step = StepOutcome::Filled;
        while step == StepOutcome::Filled {
            step = close_some(exchange, *index, crank)?;
        }
        if step == StepOutcome::Stopped {
            crank.report.stopped = true;
            set_cursor(&mut exchange.market, side, *index);
            break;
        }
    }
    Ok(())
}

/// One step on a seat below maintenance: cancels its orders, then sells a part of it to whoever pays more, the best
/// order within the limit or the vault. At the same price the order is first.
pub(crate) fn close_some(exchange: &mut Exchange, loser: u32, crank: &mut Crank) -> Result<StepOutcome> {
    while let Some(newest) = exchange.market.seats[loser as usize].orders.get() {
        if exchange.met >= MAX_CRANK_MATCHES {
            return Ok(StepOutcome::Stopped);
        }
        drop_order(exchange, newest);
    }
    let market = &exchange.market;
    let size = market.seats[loser as usize].position.size;
    let (Some(side), Some(bankruptcy)) = (size.side(), market.bankruptcy_price(loser)) else {
        return Ok(StepOutcome::Nobody);
    };
    let quote = vault_quote(market, loser, crank.paid());
    let worst = liquidation_limit(market, side, bankruptcy);
    // An order that pays at least the vault's price comes first, even if the vault lacks the means.
    let limit = match &quote {
        None => worst,
        Some(quote) if side == Side::Long => worst.max(quote.price),
        Some(quote) => worst.min(quote.price),
    };
    if let Some(step) = sell_to_book(exchange, loser, (side, bankruptcy, limit), crank)? {
        return Ok(step);
    }
    let bid = match quote {
        Some(quote) => vault_bid_at(&exchange.market, loser, quote, crank.now)?,
        None => None,
    };
    let Some(bid) = bid else {
        let step = if limit == worst { None } else { sell_to_book(exchange, loser, (side, bankruptcy, worst), crank)? };
        return Ok(step.unwrap_or(StepOutcome::Nobody));
    };
    if !is_ripe_for_vault(&exchange.market, loser)? {
        return Ok(StepOutcome::Waits);
    }
    if exchange.met >= MAX_CRANK_MATCHES || !crank.has_room_for(2) {
        return Ok(StepOutcome::Stopped);
    }
    backstop::absorb(exchange, loser, side, &bid, crank)?;
    Ok(if bid.reaches_target { StepOutcome::Reached } else { StepOutcome::Filled })
}

/// One fill in the book at `limit` or better, if an order can be filled. Orders that cannot be filled are cancelled.
#[inline(always)]
fn sell_to_book(
    exchange: &mut Exchange,
    loser: u32,
    (side, bankruptcy, limit): (Side, Price, Price),
    crank: &mut Crank,
) -> Result<Option<StepOutcome>> {
    // A constant-time check first: usually no order is within the limit.
    let reaches = best_order(exchange, side).is_some_and(|best| exchange.book.orders[best as usize].reaches(limit));
    if reaches {
        sell_to_best(exchange, loser, (side, bankruptcy, limit), crank)
    } else {
        Ok(None)
    }
}

/// Sells as much of a seat as brings it back to target margin, at the price of the best order.
///
/// The heads cannot cross: a maker that reduces keeps its bankruptcy price, one that grows has initial margin at the
/// accepted price, and the loser gets no less than its own bankruptcy price.
#[inline(never)]
fn sell_to_best(
    exchange: &mut Exchange,
    loser: u32,
    (side, bankruptcy, limit): (Side, Price, Price),
    crank: &mut Crank,
) -> Result<Option<StepOutcome>> {
    let max_met = if crank.has_room_for(2) { MAX_CRANK_MATCHES } else { 0 };
    let edge = band_edge(&exchange.market, side);
    let taker = Taker { seat: loser, side: side.opposite(), limit, edge, max_met, drops_locked: true };
    let before = exchange.market.seats[loser as usize].position;
    let equity = before.equity(exchange.market.adjusted_price())?;
    let (mut fees, mut wanted) = (LotFees::default(), Lots::ZERO);
    let next = fill_next(exchange, &taker, crank.now, |market, order| {
        fees = lot_fees(market, loser, (side, order.price, bankruptcy), crank.paid(), Rate::ZERO);
        wanted = lots_to_target(&before, equity, &closing(market, side, order.price, &fees), &market.head.params);
        Ok(wanted)
    })?;
    let fill = match next {
        NextFill::Filled(fill) => fill,
        NextFill::Bound => return Ok(Some(StepOutcome::Stopped)),
        NextFill::Enough => return Ok(Some(StepOutcome::Nobody)),
        NextFill::Nobody | NextFill::Locked => return Ok(None),
    };
    crank.touched_winners |= fill.maker_was.side() == Some(side.opposite());
    pay_lot_fees(&mut exchange.market, loser, fill.lots, &fees, crank)?;
    follow_fills(exchange, loser, before.size, crank.now)?;
    let market = &mut exchange.market;
    crank::add_book_fill(market, loser, &before, (fill.lots, fill.lots * fill.price), crank)?;
    // Credit the vault's fees at once, so that what it can take next does not depend on where a call ends.
    if market.head.vault_fees.0 > 0 {
        let vault = market.seats[VAULT as usize].position.size.side();
        crank.touched_winners |= vault == Some(side.opposite());
        ledger::credit_vault_fees(market)?;
    }
    Ok(Some(if fill.lots == wanted { StepOutcome::Reached } else { StepOutcome::Filled }))
}

/// The worst price that a liquidation may get: the seat's bankruptcy price, but never beyond the band.
fn liquidation_limit(market: &Market, side: Side, bankruptcy: Price) -> Price {
    let edge = band_edge(market, side.opposite());
    match side {
        Side::Long => bankruptcy.max(edge),
        Side::Short => bankruptcy.min(edge),
    }
}

/// Charges the fees on the closed lots.
fn pay_lot_fees(market: &mut Market, loser: u32, lots: Lots, fees: &LotFees, crank: &mut Crank) -> Result<()> {
    crank::pay(market, Purse::Seat(loser), lots * Price(fees.caller), crank)?;
    ledger::transfer(market, Purse::Seat(loser), Purse::VaultFees, lots * Price(fees.vault))
}

/// Walks the queue of a side from its cursor, a bounded number of slots in the order of the heap's branches, and
/// collects the seats below maintenance. The next walk continues behind them, so seats that nobody takes do not hide
/// others.
fn walk_unmaintained(market: &mut Market, side: Side, found: &mut [u32]) -> Result<usize> {
    let len = market.queue_len(side);
    let reach = unmaintained_key(side, &market.head.params, market.oracle_price(), market.adjusted_price());
    let cursor = match side {
        Side::Long => market.head.long_cursor,
        Side::Short => market.head.short_cursor,
    };
    let start = if cursor < len { cursor } else { 0 };
    let mut slot = start;
    let mut count = 0;
    for _ in 0..WALK {
        let Some(entry) = market.queue_entry(side, slot) else { break };
        let inside = entry.key > reach;
        if inside && count < found.len() && is_unmaintained(market, entry.index)? {
            found[count] = entry.index;
            count += 1;
        }
        slot = next_in_walk(len, slot, inside).unwrap_or(0);
        if slot == 0 || slot == start {
            // From the cursor to the end, and in the next call from the head: a full round takes two calls at most.
            if start == 0 || slot == start || count > 0 {
                break;
            }
        }
    }
    match side {
        Side::Long => market.head.long_cursor = slot,
        Side::Short => market.head.short_cursor = slot,
    }
    Ok(count)
}

fn set_cursor(market: &mut Market, side: Side, index: u32) {
    let seat = &market.seats[index as usize];
    let slot = if seat.position.size.side() == Some(side) { seat.heap_slot } else { 0 };
    match side {
        Side::Long => market.head.long_cursor = slot,
        Side::Short => market.head.short_cursor = slot,
    }
}
