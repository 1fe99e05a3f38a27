//! Placing and cancelling orders.

use crate::book::Order;
use crate::error::{require, ErrorCode, Result};
use crate::exchange::{Candidate, Exchange};
use crate::margin::Standing;
use crate::market::Market;
use crate::units::{Atoms, Lots, Price, Round, Side, MAX_LOTS, MAX_PRICE};

/// How many orders a seat may have open.
pub const MAX_ORDERS_PER_SEAT: u16 = 32;
/// How many resting orders one order may fill or cancel.
pub const MAX_MATCHES: u32 = 64;

/// How an order behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Fills what it can and rests with what is left.
    Limit = 0,
    /// Rests, or fails where it would trade.
    PostOnly = 1,
    /// Fills what it can and forgets the rest.
    ImmediateOrCancel = 2,
    /// Fills completely or fails.
    FillOrKill = 3,
}

/// What a trader asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// Long bids, short asks.
    pub side: Side,
    /// The worst acceptable price.
    pub price: Price,
    /// How many lots.
    pub lots: Lots,
    /// How it behaves.
    pub kind: Kind,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// The trader's own number for it.
    pub client_id: u64,
    /// When it stops counting, in unix seconds; 0 for never.
    pub expires: i64,
    /// How many resting orders it may fill or cancel, at most [`MAX_MATCHES`].
    pub max_matches: u32,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Lots filled.
    pub filled: Lots,
    /// What they cost or brought at the makers' prices.
    pub quote: Atoms,
    /// The taker fee.
    pub fee: Atoms,
    /// Lots that rest now.
    pub rested: Lots,
    /// Resting orders met: filled, partly filled or cancelled.
    pub matches: u32,
}

impl Market<'_> {
    /// Why nothing matches right now, if so: the end of the market, no live price, a pending jump, or a bankrupt seat.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::MarketDelisted`], [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`], [`ErrorCode::PricePending`], [`ErrorCode::BankruptSeat`].
    pub fn require_matching(&self, now: i64) -> Result<()> {
        let head = &*self.head;
        head.require_unsettled()?;
        require(!head.is_delisted(now), ErrorCode::MarketDelisted, head.delist_at, now)?;
        self.require_live(now)?;
        self.require_nobody_bankrupt()
    }

    /// Whether the market is one in which orders may rest although nothing matches: neither settled nor delisted, and at a
    /// price that is not stale.
    fn may_thaw(&self, now: i64) -> bool {
        let head = &*self.head;
        !head.is_settled() && !head.is_delisted(now) && head.price.require_fresh(&head.params, now).is_ok()
    }
}

impl Exchange<'_> {
    /// Places an order of a seat whose trader has been checked: matches it, rests what is left, and judges the outcome.
    ///
    /// Price-time priority at the makers' prices, all of them within the band. While nothing matches (a bankrupt seat, a
    /// pending price) an order that does not cross may rest, of the side only that takes from the losers if there are any.
    /// The others fail.
    ///
    /// # Errors
    /// Any of the checks of the request, of the price's freshness, and of the margin that is left.
    pub fn place_order(&mut self, seat: u32, request: &OrderRequest, now: i64) -> Result<Placed> {
        self.accrue(now);
        self.met = 0;
        self.check_request(seat, request, now)?;
        let adjusted = self.market.adjusted();
        let before = Standing::of(self.market.seat(seat)?, adjusted)?;
        let frozen = match self.market.require_matching(now) {
            Ok(()) => None,
            Err(freeze) if self.market.may_thaw(now) => Some(freeze),
            Err(over) => return Err(over),
        };
        let may_rest = matches!(request.kind, Kind::Limit | Kind::PostOnly);
        if may_rest {
            self.require_within_band(request)?;
        }
        if request.kind == Kind::PostOnly {
            self.require_behind_book(request)?;
        }
        let mut placed = Placed::default();
        if let Some(freeze) = frozen {
            let takes_from_losers = self.market.bankrupt_side().is_none_or(|losers| losers == request.side);
            if !may_rest || !takes_from_losers || self.crosses(request) {
                return Err(freeze);
            }
        } else if request.kind != Kind::PostOnly {
            placed = self.take(seat, request, now)?;
        }
        let left = request.lots - placed.filled;
        match request.kind {
            Kind::FillOrKill => require(left.0 == 0, ErrorCode::NotFilled, request.lots.0, placed.filled.0)?,
            Kind::ImmediateOrCancel => {}
            // Where the bound on matches stopped it, what is left would rest crossed: it is dropped.
            Kind::Limit if self.crosses(request) => {}
            Kind::Limit | Kind::PostOnly if left.0 > 0 => placed.rested = self.rest(seat, request, left, now)?,
            Kind::Limit | Kind::PostOnly => {}
        }
        let after = Standing::of(&self.market.seats[seat as usize], adjusted)?;
        let head = &*self.market.head;
        let opening = (head.opening_paused == 0).then(|| head.opening_margin(now));
        before.require_may_become(&after, opening, head.price.accepted)?;
        self.require_sound()?;
        Ok(placed)
    }

    /// Cancels a seat's newest order with this client id; returns what was left of it.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchOrder`], [`ErrorCode::OrderLocked`].
    pub fn cancel_order(&mut self, seat: u32, client_id: u64, now: i64) -> Result<Order> {
        self.accrue(now);
        let mut next = self.market.seat(seat)?.orders;
        while let Some(record) = next.get() {
            let order = &self.book.orders[record as usize];
            if order.client_id == client_id {
                let locked = self.is_locked(order, now);
                require(!locked, ErrorCode::OrderLocked, order.locked_until, now)?;
                let order = *order;
                self.drop_order(record);
                self.require_sound()?;
                return Ok(order);
            }
            next = order.older;
        }
        require(false, ErrorCode::NoSuchOrder, 0, client_id as i64)?;
        Err(ErrorCode::NoSuchOrder.into())
    }

    /// Cancels a seat's orders, of one side or both, all but those that evicted others and are still locked; returns how
    /// many.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`].
    pub fn cancel_all(&mut self, seat: u32, side: Option<Side>, now: i64) -> Result<usize> {
        self.accrue(now);
        self.market.seat(seat)?;
        let dropped = self.drop_unlocked(seat, side, now);
        self.require_sound()?;
        Ok(dropped)
    }

    fn check_request(&self, seat: u32, request: &OrderRequest, now: i64) -> Result<()> {
        let record = self.market.seat(seat)?;
        let params = &self.market.head.params;
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
        // The last lots of a position may always be closed, however few.
        let closes = size == -lots.on(request.side);
        require(lots.0 >= params.min_order || closes, ErrorCode::BelowMinimumOrder, params.min_order, lots.0)
    }

    fn take(&mut self, seat: u32, request: &OrderRequest, now: i64) -> Result<Placed> {
        let limit = self.worst_price(request);
        let edge = self.market.band_edge(request.side.opposite());
        let funding = self.market.head.funding;
        let mut taker = self.market.seats[seat as usize].position;
        let mut placed = Placed::default();
        while placed.filled < request.lots && self.met < request.max_matches.min(MAX_MATCHES) {
            let order = match self.candidate(request.side, limit, edge, seat, now) {
                // Trading with oneself must not be a way to cancel a locked order, so matching ends before it.
                Candidate::None | Candidate::LockedOwn(_) => break,
                Candidate::Dropped => continue,
                Candidate::Order(index) => index,
            };
            let resting = &self.book.orders[order as usize];
            let (asked, price) = ((request.lots - placed.filled).min(resting.lots), resting.price);
            match self.maker_fill(resting, asked, now) {
                None => {
                    self.drop_order(order);
                }
                Some(fill) => {
                    self.fill_order(order, &fill, asked, now)?;
                    taker.trade(fill.lots.on(request.side), price, funding)?;
                    placed.filled = placed.filled + fill.lots;
                    placed.quote = placed.quote.plus(fill.lots * price)?;
                }
            }
        }
        if placed.filled.0 > 0 {
            placed.fee = self.market.head.params.taker_fee.of_atoms(placed.quote, Round::Up);
            taker.cash = taker.cash.minus(placed.fee)?;
            self.collect_fee(placed.fee)?;
            self.set_position(seat, taker, now)?;
        }
        placed.matches = self.met;
        Ok(placed)
    }

    /// The stricter of the limit and the band: how bad a price this taker may get.
    fn worst_price(&self, request: &OrderRequest) -> Price {
        let edge = self.market.band_edge(request.side);
        match request.side {
            Side::Long => request.price.min(edge),
            Side::Short => request.price.max(edge),
        }
    }

    /// Fails if an order that may rest lies beyond the band on its maker's bad side: whoever met it would cancel it.
    fn require_within_band(&self, request: &OrderRequest) -> Result<()> {
        let edge = self.market.band_edge(request.side).0;
        let beyond = (request.price.0 - edge) * request.side.sign() > 0;
        require(!beyond, ErrorCode::OutsideBand, edge, request.price.0)
    }

    fn crosses(&self, request: &OrderRequest) -> bool {
        let best = self.book.best(request.side.opposite());
        best.is_some_and(|index| self.book.orders[index as usize].reaches(request.price))
    }

    fn require_behind_book(&self, request: &OrderRequest) -> Result<()> {
        if !self.crosses(request) {
            return Ok(());
        }
        let best = self.book.best(request.side.opposite()).map_or(0, |index| self.book.orders[index as usize].price.0);
        require(false, ErrorCode::PostOnlyCrosses, best, request.price.0)
    }

    /// Rests what is left of an order, evicting the worst of a full side where the new one is better.
    fn rest(&mut self, seat: u32, request: &OrderRequest, lots: Lots, now: i64) -> Result<Lots> {
        let record = &self.market.seats[seat as usize];
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
        if self.book.side_len(request.side) >= self.book.side_capacity() {
            // A reduce-only order goes with its position, so its owner could take it back before its time.
            let capacity = self.book.side_capacity() as i64;
            require(!request.reduce_only, ErrorCode::BookFull, capacity, request.price.0)?;
            self.evict_for(&order)?;
            order.locked_until = now.saturating_add(self.market.head.params.evict_lock);
            // Nor may it expire before: what it pushed out is gone, so it has to stand its time.
            if order.expires != 0 {
                order.expires = order.expires.max(order.locked_until);
            }
        }
        self.rest_order(order)?;
        Ok(lots)
    }

    pub(crate) fn evict_for(&mut self, order: &Order) -> Result<()> {
        let full = crate::error::Error::with(ErrorCode::BookFull, self.book.side_capacity() as i64, order.price.0);
        let worst = self.book.worst(order.side()).ok_or(full)?;
        let sign = order.side().sign();
        let worst_price = self.book.orders[worst as usize].price.0;
        require(order.price.0 * sign > worst_price * sign, ErrorCode::BookFull, worst_price, order.price.0)?;
        self.drop_order(worst);
        Ok(())
    }
}
