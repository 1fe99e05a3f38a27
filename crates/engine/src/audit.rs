//! Checks everything that must always hold, from the bytes, for tests and auditors. On chain every operation ends with
//! only the constant-time part of it.

use crate::exchange::Exchange;
use crate::heap::{parent, Entry};
use crate::layout::Link;
use crate::layout::VAULT;
use crate::state::book::Order;
use crate::state::header::RankRule;
use crate::state::market::Market;
use crate::state::seat::Seat;
use crate::units::{Lots, Side};

/// A rule that does not hold, and the record that breaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: &'static str,
    /// The seat or order at which it was found, or the difference of the sums.
    pub at: i64,
}

fn hold(condition: bool, rule: &'static str, at: impl TryInto<i64>) -> Result<(), Violation> {
    if condition {
        Ok(())
    } else {
        Err(Violation { rule, at: at.try_into().unwrap_or(i64::MAX) })
    }
}

/// The two sums of a market: all the cash that conservation counts, and all sizes.
pub fn sums(market: &Market) -> (i128, i128) {
    let head = &market.head;
    let seats = &market.seats[..head.seat_count as usize];
    let cash: i128 = seats.iter().map(|seat| seat.position.cash.0 as i128).sum();
    let size: i128 = seats.iter().map(|seat| seat.position.size.0 as i128).sum();
    let own = [head.fee_cash, head.vault_fees, head.pending_mints, head.settlement.cash];
    let own: i128 = own.iter().map(|atoms| atoms.0 as i128).sum();
    (cash + own, size + head.settlement.size.0 as i128)
}

/// Checks everything that must hold in a market and its book.
///
/// # Errors
/// The first rule that is broken.
pub fn check(exchange: &Exchange) -> Result<(), Violation> {
    check_money(&exchange.market)?;
    check_queue(&exchange.market, Side::Long)?;
    check_queue(&exchange.market, Side::Short)?;
    check_seats(exchange)?;
    check_book(exchange, Side::Long)?;
    check_book(exchange, Side::Short)?;
    check_free(exchange)
}

fn check_money(market: &Market) -> Result<(), Violation> {
    let head = &market.head;
    let (cash, size) = sums(market);
    hold(size == 0, "balance: sizes sum to 0", size as i64)?;
    let difference = cash - head.pool_cash.0 as i128;
    hold(difference == 0, "conservation: cash sums to pool_cash", difference as i64)?;
    hold(head.fee_cash.0 >= 0, "fee cash is not negative", head.fee_cash.0)?;
    hold(head.vault_fees.0 >= 0, "the vault's fees are not negative", head.vault_fees.0)?;
    hold(head.pending_mints.0 >= 0, "pending mints are not negative", head.pending_mints.0)?;
    let record = &head.settlement;
    let worth = record.cash.0 as i128 + record.size.0 as i128 * market.adjusted_price().0 as i128;
    hold(worth == 0, "the settlement record is worth nothing", record.cash.0)?;
    hold(market.require_uncrossed().is_ok(), "no-crossing: C <= D", 0)?;
    let longs: i64 = market.seats[..head.seat_count as usize].iter().map(|seat| seat.position.size.0.max(0)).sum();
    hold(head.open_interest == Lots(longs), "open interest is the sum of longs", longs)
}

fn check_queue(market: &Market, side: Side) -> Result<(), Violation> {
    let mut above = None;
    for slot in 0..market.queue_len(side) {
        let entry = market.queue_entry(side, slot).unwrap_or_default();
        let seat = market.seats.get(entry.index as usize).filter(|_| entry.index < market.head.seat_count);
        let Some(seat) = seat else { return Err(Violation { rule: "a queue names seats only", at: slot as i64 }) };
        hold(seat.heap_slot == slot, "a seat knows its slot", entry.index)?;
        hold(seat.position.size.side() == Some(side), "a seat is in the queue of its side only", entry.index)?;
        hold(seat.position.key() == Some(entry.key), "a queue's key is the bankruptcy price", entry.index)?;
        if slot > 0 {
            above = market.queue_entry(side, parent(slot));
        }
        hold(above.is_none_or(|above: Entry| above.before(entry)), "a queue is in order", slot)?;
    }
    Ok(())
}

fn check_seats(exchange: &Exchange) -> Result<(), Violation> {
    let market = &exchange.market;
    let counts_size = market.head.rank_rule == RankRule::ProfitLeverageSize as u8;
    let (mut queued, mut open) = (0, 0);
    for (index, seat) in market.seats[..market.head.seat_count as usize].iter().enumerate() {
        let flat = seat.position.size.0 == 0;
        hold(!flat || seat.position.cash.0 >= 0, "no flat seat is below 0", index)?;
        hold(seat.open == 1 || (seat.is_idle() && seat.position.cash.0 == 0), "a free seat is empty", index)?;
        hold(!flat || (seat.position.cost.0 | seat.position.entry_notional.0) == 0, "a flat seat has no entry", index)?;
        hold(seat.young_deposits.0 >= 0, "young deposits are not negative", index)?;
        let mut ranked = *seat;
        ranked.refresh_rank(counts_size);
        let ranks = |seat: &Seat| (seat.long_rank, seat.short_rank, seat.loss_rank_divisor);
        let cached = ranks(seat) == ranks(&ranked);
        hold(cached, "the cached rank is that of the position", index)?;
        queued += !flat as u32;
        open += (seat.open == 1) as u32;
        check_orders_of(exchange, seat, index as u32)?;
    }
    hold(market.seats[VAULT as usize].order_count <= 1, "the vault has one order at most", VAULT)?;
    hold(queued == market.head.long_len + market.head.short_len, "every position is in a queue", queued)?;
    hold(open == market.head.open_seats, "open seats are counted", open)
}

fn check_orders_of(exchange: &Exchange, seat: &Seat, index: u32) -> Result<(), Violation> {
    let (mut bids, mut asks, mut reduce, mut count) = (0i64, 0i64, 0i64, 0u16);
    let mut newer = Link::NONE;
    let mut next = seat.orders;
    while let Some(record) = next.get() {
        let Some(order) = exchange.book.orders.get(record as usize) else { break };
        hold(order.live == 1 && order.seat == index, "a seat's list holds its live orders", record)?;
        hold(order.newer == newer, "a seat's list is linked both ways", record)?;
        match (order.reduce_only, order.side()) {
            (1, side) => {
                reduce += order.lots.0;
                hold(seat.position.size.side() == Some(side.opposite()), "a reduce-only order reduces", record)?;
            }
            (_, Side::Long) => bids += order.lots.0,
            (_, Side::Short) => asks += order.lots.0,
        }
        count += 1;
        hold(count <= seat.order_count, "a seat's list ends", index)?;
        newer = Link::to(record);
        next = order.older;
    }
    let totals = (seat.bid_lots as i64, seat.ask_lots as i64, seat.reduce_lots as i64, seat.order_count);
    hold((bids, asks, reduce, count) == totals, "open-order totals equal the orders", index)?;
    hold(reduce <= seat.position.size.abs().0, "reduce-only orders fit the position", index)
}

fn check_book(exchange: &Exchange, side: Side) -> Result<(), Violation> {
    let book = &exchange.book;
    let entry_of = |order: &Order| match side {
        Side::Long => order.bid_entry,
        Side::Short => order.ask_entry,
    };
    for slot in 0..book.side_len(side) {
        let entry = entry_of(&book.orders[slot as usize]);
        let order = book.orders.get(entry.index as usize).copied().unwrap_or_default();
        hold(order.live == 1 && order.side() == side, "a book's side names its live orders", entry.index)?;
        hold(order.heap_slot == slot && order.key() == entry.key, "an order knows its slot and key", entry.index)?;
        hold(order.lots.0 > 0, "a resting order has lots", entry.index)?;
        let above = entry_of(&book.orders[if slot == 0 { 0 } else { parent(slot) } as usize]);
        hold(slot == 0 || above.before(entry), "a book's side is in order", slot)?;
    }
    let live = book.orders[..book.head.used as usize].iter().filter(|order| order.live == 1 && order.side() == side);
    let live = live.count();
    hold(live == book.side_len(side) as usize, "every live order is in its side's heap once", live)
}

/// Checks that every record that is not in use is in its free list exactly once.
fn check_free(exchange: &Exchange) -> Result<(), Violation> {
    let Exchange { market, book, .. } = exchange;
    let free_orders = book.orders[..book.head.used as usize].iter().filter(|order| order.live == 0).count();
    let mut next = book.head.free;
    let mut listed = 0;
    while let Some(order) = next.get().and_then(|index| book.orders.get(index as usize)) {
        listed += 1;
        hold(order.live == 0 && listed <= free_orders, "free orders are listed once", listed)?;
        next = order.older;
    }
    hold(listed == free_orders, "every free order is listed", listed)?;
    let free_seats = (market.head.seat_count - market.head.open_seats) as usize;
    let (mut next, mut listed) = (market.head.free_seats, 0);
    while let Some(seat) = next.get().and_then(|index| market.seats.get(index as usize)) {
        listed += 1;
        hold(seat.open == 0 && listed <= free_seats, "free seats are listed once", listed)?;
        next = seat.free;
    }
    hold(listed == free_seats, "every free seat is listed", listed)
}
