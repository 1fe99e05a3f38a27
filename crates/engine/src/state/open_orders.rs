//! Open orders. Each is in the heap of its side, in its seat's list and in its seat's totals.

use crate::error::Result;
use crate::layout::Link;
use crate::state::book::Order;
use crate::state::exchange::Exchange;
use crate::state::seat::Seat;
use crate::units::Side;

/// Walks a seat's orders, newest first, and cancels those for which `drops` holds at that moment. Returns how many.
pub(crate) fn drop_orders_while(exchange: &mut Exchange, index: u32, drops: impl Fn(&Seat, &Order) -> bool) -> usize {
    let mut next = exchange.market.seats[index as usize].orders;
    let mut dropped = 0;
    while let Some(record) = next.get() {
        let order = &exchange.book.orders[record as usize];
        next = order.older;
        if drops(&exchange.market.seats[index as usize], order) {
            drop_order(exchange, record);
            dropped += 1;
        }
    }
    dropped
}

/// Cancels all orders of a seat, and returns how many.
pub(crate) fn drop_all_orders(exchange: &mut Exchange, index: u32) -> usize {
    drop_orders_while(exchange, index, |_, _| true)
}

/// Rests an order: in the book, in its seat's list and in its seat's totals.
pub(crate) fn rest_order(exchange: &mut Exchange, order: Order) -> Result<u32> {
    let seat = order.seat as usize;
    let index = exchange.book.insert(order)?;
    let newest = exchange.market.seats[seat].orders;
    exchange.book.orders[index as usize].older = newest;
    if let Some(older) = newest.get() {
        exchange.book.orders[older as usize].newer = Link::to(index);
    }
    exchange.market.seats[seat].orders = Link::to(index);
    exchange.market.seats[seat].order_count += 1;
    count_order_lots(exchange, index, order.lots.0);
    Ok(index)
}

/// Removes an order from the book, from its seat's list and from its seat's totals.
pub(crate) fn drop_order(exchange: &mut Exchange, index: u32) {
    exchange.met += 1;
    let order = &exchange.book.orders[index as usize];
    let (seat, older, newer, left) = (order.seat, order.older, order.newer, order.lots.0);
    match newer.get() {
        Some(newer) => exchange.book.orders[newer as usize].older = older,
        None => exchange.market.seats[seat as usize].orders = older,
    }
    if let Some(older) = older.get() {
        exchange.book.orders[older as usize].newer = newer;
    }
    exchange.market.seats[seat as usize].order_count -= 1;
    count_order_lots(exchange, index, -left);
    exchange.book.remove(index);
}

/// Adds to the open-order totals of an order's seat. The exposure check limits the sum of a seat's orders of one kind
/// to twice `MAX_LOTS`, so the totals fit 32 bits.
#[inline(always)]
pub(crate) fn count_order_lots(exchange: &mut Exchange, index: u32, lots: i64) {
    let order = &exchange.book.orders[index as usize];
    let seat = &mut exchange.market.seats[order.seat as usize];
    let total = match (order.reduce_only, order.side()) {
        (1, _) => &mut seat.reduce_lots,
        (_, Side::Long) => &mut seat.bid_lots,
        (_, Side::Short) => &mut seat.ask_lots,
    };
    *total = total.wrapping_add(lots as u32);
}
