//! The one loop in which resting orders fill, for takers and liquidations, and what follows from a fill.

use crate::error::{require, Error, ErrorCode, Result};
use crate::rules::fees::vault_part;
use crate::rules::makers::{best_order, is_locked, judge, maker_fill, MakerFill, Verdict};
use crate::rules::margin::required;
use crate::state::book::Order;
use crate::state::exchange::Exchange;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::open_orders::{count_order_lots, drop_order, drop_orders_while};
use crate::state::queues;
use crate::state::seat::Seat;
use crate::units::{Atoms, Lots, Price, Side};

/// The taker, and how far it may go.
pub(crate) struct Taker {
    /// The taker's seat.
    pub seat: u32,
    /// Long buys, short sells.
    pub side: Side,
    /// The worst price that it accepts.
    pub limit: Price,
    /// The edge of the band for the makers.
    pub edge: Price,
    /// The number of resting orders met after which the operation makes no further fill.
    pub max_met: u32,
    /// Whether an order of the same owner is cancelled even if it is locked. If not, matching ends before it, so that
    /// trading with oneself is not a way to cancel it.
    pub drops_locked: bool,
}

/// A fill that has been booked.
pub(crate) struct Fill {
    /// Number of lots.
    pub lots: Lots,
    /// The maker's price.
    pub price: Price,
    /// The maker's size before the fill.
    pub maker_was: Lots,
}

/// The outcome of one look at the book.
pub(crate) enum NextFill {
    /// No order is within the limit.
    Nobody,
    /// The operation has reached its bound on orders.
    Bound,
    /// The best order is the taker's own, and locked.
    Locked,
    /// No lot is wanted at the price of the best order.
    Enough,
    /// An order was filled.
    Filled(Fill),
}

/// Fills the best order that can be filled, with as many lots as are `wanted` at its price. Orders before it are
/// cancelled if they are dead, the taker's own, or of makers that cannot bear any of it. The taker's cash and lots
/// change, but not its place in the queue: see [`follow_fills`].
#[inline(always)]
pub(crate) fn fill_next(
    exchange: &mut Exchange,
    taker: &Taker,
    now: i64,
    mut wanted: impl FnMut(&Market, &Order) -> Result<Lots>,
) -> Result<NextFill> {
    loop {
        let Some(index) = best_order(exchange, taker.side.opposite()) else { return Ok(NextFill::Nobody) };
        let order = &exchange.book.orders[index as usize];
        if !order.reaches(taker.limit) {
            return Ok(NextFill::Nobody);
        }
        if exchange.met >= taker.max_met {
            return Ok(NextFill::Bound);
        }
        let market = &exchange.market;
        let own = market.seats[order.seat as usize].owner == market.seats[taker.seat as usize].owner;
        if own && !taker.drops_locked && is_locked(market, order, now) {
            return Ok(NextFill::Locked);
        }
        if !own && judge(market, order, taker.edge, now) != Verdict::Dead {
            let asked = wanted(market, order)?.min(order.lots);
            if asked.0 == 0 {
                return Ok(NextFill::Enough);
            }
            if let Some(fill) = maker_fill(market, order, asked, now) {
                return fill_order(exchange, taker, index, &fill, asked, now).map(NextFill::Filled);
            }
        }
        drop_order(exchange, index);
    }
}

/// Books a fill of a resting order of which `asked` lots were wanted. If the maker cannot bear all of them, the rest of
/// the order is cancelled.
#[inline(never)]
fn fill_order(
    exchange: &mut Exchange,
    taker: &Taker,
    index: u32,
    fill: &MakerFill,
    asked: Lots,
    now: i64,
) -> Result<Fill> {
    let MakerFill { lots, fee } = *fill;
    let order = &mut exchange.book.orders[index as usize];
    let (maker, price) = (order.seat, order.price);
    order.lots = order.lots - lots;
    let done = order.lots.0 == 0 || lots < asked;
    count_order_lots(exchange, index, -lots.0);
    if done {
        drop_order(exchange, index);
    } else {
        exchange.book.touch();
        exchange.met += 1;
    }
    let market = &mut exchange.market;
    let maker_was = market.seats[maker as usize].position.size;
    ledger::trade(market, taker.seat, maker, lots.on(taker.side), price)?;
    charge_fee(market, maker, fee)?;
    let statistics = &mut market.head.statistics;
    statistics.volume = statistics.volume.saturating_add((lots * price).0 as u64);
    follow_fills(exchange, maker, maker_was, now)?;
    Ok(Fill { lots, price, maker_was })
}

/// Charges a seat a trading fee, and divides it between the market and the vault.
pub(crate) fn charge_fee(market: &mut Market, seat: u32, fee: Atoms) -> Result<()> {
    let vaults = vault_part(market.head, fee);
    ledger::transfer(market, Purse::Seat(seat), Purse::VaultFees, vaults)?;
    ledger::transfer(market, Purse::Seat(seat), Purse::Fees, fee.minus(vaults)?)
}

/// Updates everything that depends on the position of a seat after its fills: its queue, its timestamps and its
/// reduce-only orders. `was` is its size before the fills.
pub(crate) fn follow_fills(exchange: &mut Exchange, index: u32, was: Lots, now: i64) -> Result<()> {
    queues::requeue(&mut exchange.market, index, was)?;
    let seat = &mut exchange.market.seats[index as usize];
    seat.active_at = now;
    // No other fill moves a bankruptcy price against its seat, because a reduction leaves no less equity per lot.
    let size = seat.position.size;
    if size.abs() > was.abs() || (size.0 ^ was.0) < 0 {
        seat.weakened_at = now;
    }
    if seat.reduce_lots != 0 {
        cancel_to_position(exchange, index, was);
    }
    Ok(())
}

/// Cancels reduce-only orders, newest first, until together they fit the position.
#[inline(never)]
fn cancel_to_position(exchange: &mut Exchange, index: u32, was: Lots) {
    let size = exchange.market.seats[index as usize].position.size;
    let keeps_side = size.side() == was.side();
    let most = if keeps_side { size.abs().0 } else { 0 };
    drop_orders_while(exchange, index, |seat, order| order.reduce_only == 1 && seat.reduce_lots as i64 > most);
}

/// Cancels a seat's orders, newest first, until its margin covers the worst size they could lead to. Only orders of the
/// side that determines the worst size are cancelled.
pub(crate) fn cancel_to_margin(exchange: &mut Exchange, index: u32) -> Result<()> {
    if exchange.market.seats[index as usize].order_count == 0 {
        return Ok(());
    }
    let (oracle_price, adjusted) = (exchange.market.oracle_price(), exchange.market.adjusted_price());
    let initial = exchange.market.head.params.initial;
    let equity = exchange.market.seats[index as usize].position.equity(adjusted)?;
    let drops = |seat: &Seat, order: &Order| {
        let exposure = match order.side() {
            Side::Long => seat.long_exposure(),
            Side::Short => seat.short_exposure(),
        };
        let worst = seat.worst_size();
        order.reduce_only == 0 && exposure == worst && required(initial, worst, oracle_price) > equity
    };
    // Each cancellation can change which side determines the worst size, so repeat until nothing is cancelled.
    while drop_orders_while(exchange, index, drops) > 0 {}
    Ok(())
}

/// Cancels those orders of a seat that its owner may cancel, of one side or both, and returns how many.
pub(crate) fn drop_unlocked(exchange: &mut Exchange, index: u32, side: Option<Side>, now: i64) -> usize {
    let head = &*exchange.market.head;
    // The same test as `is_locked`, which cannot be called while orders are dropped.
    let seen_before = head.price.accepted_at.saturating_sub(head.params.ahead());
    drop_orders_while(exchange, index, |_, order| {
        let locked = order.locked_until > now && order.placed_at >= seen_before;
        !locked && side.is_none_or(|side| side == order.side())
    })
}

/// Cancels the worst order of a full side to make room for a better one.
///
/// # Errors
/// [`ErrorCode::BookFull`] with the worst price of the side.
pub(crate) fn evict_for(exchange: &mut Exchange, order: &Order) -> Result<()> {
    let full = Error::with(ErrorCode::BookFull, exchange.book.side_capacity() as i64, order.price.0);
    let worst = exchange.book.worst(order.side()).ok_or(full)?;
    let sign = order.side().sign();
    let worst_price = exchange.book.orders[worst as usize].price.0;
    require(order.price.0 * sign > worst_price * sign, ErrorCode::BookFull, worst_price, order.price.0)?;
    drop_order(exchange, worst);
    Ok(())
}
