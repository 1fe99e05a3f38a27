//! Placing and cancelling orders.

use crate::error::{require, Error, ErrorCode, Result};
use crate::layout::{MAX_MATCHES, MAX_ORDERS_PER_SEAT};
use crate::ops::matching::{charge_fee, drop_unlocked, evict_for, fill_next, follow_fills, NextFill, Taker};
use crate::rules::makers::{band_edge, is_locked};
use crate::rules::margin::MarginSnapshot;
use crate::rules::phase::{self, Action};
use crate::state::book::Order;
use crate::state::exchange::Exchange;
use crate::state::open_orders::{drop_order, rest_order};
use crate::units::{Atoms, Lots, Price, Round, Side, MAX_LOTS, MAX_PRICE};

/// The type of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Fills what it can, and the rest of it rests.
    Limit = 0,
    /// Rests, or fails if it would trade.
    PostOnly = 1,
    /// Fills what it can, and the rest of it is dropped.
    ImmediateOrCancel = 2,
    /// Fills completely, or fails.
    FillOrKill = 3,
}

/// An order as a trader requests it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// Long bids, short asks.
    pub side: Side,
    /// The worst acceptable price, in atoms per lot.
    pub price: Price,
    /// Number of lots.
    pub lots: Lots,
    /// The type of the order.
    pub kind: Kind,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// A number chosen by the trader to recognize the order.
    pub client_id: u64,
    /// When the order expires, in unix seconds; 0 if never.
    pub expires: i64,
    /// The largest number of resting orders that it may fill or cancel, up to [`MAX_MATCHES`].
    pub max_matches: u32,
}

/// The outcome of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Lots filled.
    pub filled: Lots,
    /// What they cost or brought at the makers' prices, in atoms.
    pub quote: Atoms,
    /// The taker fee, in atoms.
    pub fee: Atoms,
    /// Lots that rest now.
    pub rested: Lots,
    /// Number of resting orders that were filled, partly filled or cancelled.
    pub matches: u32,
}

/// Places an order: matches it, rests what is left, and checks the result.
pub(crate) fn place(exchange: &mut Exchange, seat: u32, request: &OrderRequest, now: i64) -> Result<Placed> {
    check_request(exchange, seat, request, now)?;
    let adjusted = exchange.market.adjusted_price();
    let before = MarginSnapshot::of(exchange.market.seat(seat)?, adjusted)?;
    let frozen = match phase::require(&exchange.market, Action::Match, now) {
        Ok(()) => None,
        Err(freeze) if phase::require(&exchange.market, Action::Rest, now).is_ok() => Some(freeze),
        Err(over) => return Err(over),
    };
    let may_rest = matches!(request.kind, Kind::Limit | Kind::PostOnly);
    if may_rest {
        require_within_band(exchange, request)?;
    }
    if request.kind == Kind::PostOnly {
        require_behind_book(exchange, request)?;
    }
    let mut placed = Placed::default();
    if let Some(freeze) = frozen {
        let takes_from_losers = exchange.market.bankrupt_side().is_none_or(|losers| losers == request.side);
        if !may_rest || !takes_from_losers || crosses(exchange, request) {
            return Err(freeze);
        }
    } else if request.kind != Kind::PostOnly {
        placed = take(exchange, seat, request, now)?;
    }
    let left = request.lots - placed.filled;
    match request.kind {
        Kind::FillOrKill => require(left.0 == 0, ErrorCode::NotFilled, request.lots.0, placed.filled.0)?,
        Kind::ImmediateOrCancel => {}
        // If the bound on matches stopped the order, the rest would rest crossed, so it is dropped.
        Kind::Limit if crosses(exchange, request) => {}
        Kind::Limit | Kind::PostOnly if left.0 > 0 => placed.rested = rest(exchange, seat, request, left, now)?,
        Kind::Limit | Kind::PostOnly => {}
    }
    let after = MarginSnapshot::of(&exchange.market.seats[seat as usize], adjusted)?;
    let head = &*exchange.market.head;
    let opening = (head.opening_paused == 0).then(|| head.opening_margin(now));
    before.require_may_become(&after, opening, head.price.accepted)?;
    Ok(placed)
}

/// Cancels a seat's newest order with a client id, and returns what was left of it.
pub(crate) fn cancel(exchange: &mut Exchange, seat: u32, client_id: u64, now: i64) -> Result<Order> {
    let mut next = exchange.market.seat(seat)?.orders;
    while let Some(record) = next.get() {
        let order = exchange.book.orders[record as usize];
        if order.client_id == client_id {
            let locked = is_locked(&exchange.market, &order, now);
            require(!locked, ErrorCode::OrderLocked, order.locked_until, now)?;
            drop_order(exchange, record);
            return Ok(order);
        }
        next = order.older;
    }
    Err(Error::with(ErrorCode::NoSuchOrder, 0, client_id as i64))
}

/// Cancels a seat's orders that may be cancelled, of one side or both, and returns how many.
pub(crate) fn cancel_all(exchange: &mut Exchange, seat: u32, side: Option<Side>, now: i64) -> Result<usize> {
    exchange.market.seat(seat)?;
    Ok(drop_unlocked(exchange, seat, side, now))
}

fn check_request(exchange: &Exchange, seat: u32, request: &OrderRequest, now: i64) -> Result<()> {
    let record = exchange.market.seat(seat)?;
    let params = &exchange.market.head.params;
    let OrderRequest { price, lots, expires, .. } = *request;
    require(price.0 >= 1 && price.0 <= MAX_PRICE, ErrorCode::PriceOutOfRange, MAX_PRICE, price.0)?;
    require(lots.0 >= 1 && lots.0 <= MAX_LOTS, ErrorCode::LotsOutOfRange, MAX_LOTS, lots.0)?;
    require(expires == 0 || expires > now, ErrorCode::OrderExpired, now, expires)?;
    let size = record.position.size;
    if request.reduce_only {
        let opposite = size.side() == Some(request.side.opposite());
        let left = if opposite { size.abs().0 - record.reduce_lots as i64 } else { 0 };
        require(lots.0 <= left, ErrorCode::ReduceOnlyExceeds, left, lots.0)?;
    }
    // The last lots of a position may always be closed, even if they are fewer than the minimum order.
    let closes = size == -lots.on(request.side);
    require(lots.0 >= params.min_order || closes, ErrorCode::BelowMinimumOrder, params.min_order, lots.0)
}

fn take(exchange: &mut Exchange, seat: u32, request: &OrderRequest, now: i64) -> Result<Placed> {
    let edge = band_edge(&exchange.market, request.side.opposite());
    let limit = worst_price(exchange, request);
    let max_met = request.max_matches.min(MAX_MATCHES);
    let taker = Taker { seat, side: request.side, limit, edge, max_met, drops_locked: false };
    let was = exchange.market.seats[seat as usize].position.size;
    let mut placed = Placed::default();
    while placed.filled < request.lots {
        let left = request.lots - placed.filled;
        let NextFill::Filled(fill) = fill_next(exchange, &taker, now, |_, _| Ok(left))? else { break };
        placed.filled = placed.filled + fill.lots;
        placed.quote = placed.quote.plus(fill.lots * fill.price)?;
    }
    if placed.filled.0 > 0 {
        placed.fee = exchange.market.head.params.taker_fee.of_atoms(placed.quote, Round::Up);
        charge_fee(&mut exchange.market, seat, placed.fee)?;
        follow_fills(exchange, seat, was, now)?;
    }
    placed.matches = exchange.met;
    Ok(placed)
}

/// The worst price that this taker may get: the stricter of its limit and the band.
fn worst_price(exchange: &Exchange, request: &OrderRequest) -> Price {
    let edge = band_edge(&exchange.market, request.side);
    match request.side {
        Side::Long => request.price.min(edge),
        Side::Short => request.price.max(edge),
    }
}

/// Fails if an order that may rest is beyond the band on its maker's bad side. The first taker to meet it would cancel
/// it.
fn require_within_band(exchange: &Exchange, request: &OrderRequest) -> Result<()> {
    let edge = band_edge(&exchange.market, request.side).0;
    let beyond = (request.price.0 - edge) * request.side.sign() > 0;
    require(!beyond, ErrorCode::OutsideBand, edge, request.price.0)
}

fn crosses(exchange: &Exchange, request: &OrderRequest) -> bool {
    let best = exchange.book.best(request.side.opposite());
    best.is_some_and(|index| exchange.book.orders[index as usize].reaches(request.price))
}

fn require_behind_book(exchange: &Exchange, request: &OrderRequest) -> Result<()> {
    if !crosses(exchange, request) {
        return Ok(());
    }
    let best =
        exchange.book.best(request.side.opposite()).map_or(0, |index| exchange.book.orders[index as usize].price.0);
    require(false, ErrorCode::PostOnlyCrosses, best, request.price.0)
}

/// Rests what is left of an order. On a full side it evicts the worst order, if the new one is better.
fn rest(exchange: &mut Exchange, seat: u32, request: &OrderRequest, lots: Lots, now: i64) -> Result<Lots> {
    let record = &exchange.market.seats[seat as usize];
    let count = record.order_count;
    require(count < MAX_ORDERS_PER_SEAT, ErrorCode::TooManyOrders, MAX_ORDERS_PER_SEAT as i64, count as i64)?;
    // Fills may have used up what a reduce-only order could still reduce.
    let lots = if request.reduce_only {
        let size = record.position.size;
        let opposite = size.side() == Some(request.side.opposite());
        lots.min(Lots(if opposite { size.abs().0 - record.reduce_lots as i64 } else { 0 }))
    } else {
        lots
    };
    if lots.0 <= 0 {
        return Ok(Lots::ZERO);
    }
    let mut order = Order {
        price: request.price,
        lots,
        client_id: request.client_id,
        expires: request.expires,
        placed_at: now,
        seat,
        side: request.side as u8,
        reduce_only: request.reduce_only as u8,
        ..Order::default()
    };
    if exchange.book.side_len(request.side) >= exchange.book.side_capacity() {
        // A reduce-only order is cancelled together with its position, so its owner could remove it before the lock
        // ends.
        let capacity = exchange.book.side_capacity() as i64;
        require(!request.reduce_only, ErrorCode::BookFull, capacity, request.price.0)?;
        evict_for(exchange, &order)?;
        order.locked_until = now.saturating_add(exchange.market.head.params.evict_lock);
        // It may not expire before the lock ends either, because it has replaced another order.
        if order.expires != 0 {
            order.expires = order.expires.max(order.locked_until);
        }
    }
    rest_order(exchange, order)?;
    Ok(lots)
}
