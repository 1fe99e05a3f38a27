//! Market and book together: what every operation that touches both is made of.

use crate::book::{Book, Order};
use crate::error::{require, ErrorCode, Result};
use crate::heap::{first_child, ARITY};
use crate::margin::{is_maintained, required};
use crate::market::{Market, VAULT};
use crate::seat::{zero_price_of_key, Link, Position, Seat};
use crate::units::{Atoms, Lots, Price, Round, Side};

/// The exchange: one market and its book.
pub struct Exchange<'a> {
    /// Parameters, seats and cash.
    pub market: Market<'a>,
    /// Resting orders.
    pub book: Book<'a>,
}

/// What a taker finds at the top of the other side.
pub(crate) enum Candidate {
    /// No order within its limit.
    None,
    /// An order that could not stay was cancelled; look again.
    Dropped,
    /// An order to trade with.
    Order(u32),
}

impl<'a> Exchange<'a> {
    /// The exchange over the bytes of a market and a book account, behind any discriminator.
    ///
    /// # Errors
    /// Those of [`Market::load`] and [`Book::load`].
    pub fn load(market: &'a mut [u8], book: &'a mut [u8]) -> Result<Self> {
        Ok(Self { market: Market::load(market)?, book: Book::load(book)? })
    }

    /// The best order that a taker trading on `side` may fill within `limit`; cancels it where its time is over, where
    /// it is the taker's own, or where it is the vault's and has become worse than the vault offers now.
    pub(crate) fn candidate(&mut self, side: Side, limit: Price, taker: u32, now: i64) -> Candidate {
        let Some(index) = self.book.best(side.opposite()) else { return Candidate::None };
        let order = &self.book.orders[index as usize];
        if !order.reaches(limit) {
            return Candidate::None;
        }
        let own = self.market.seats[order.seat as usize].owner == self.market.seats[taker as usize].owner;
        let stale = order.seat == VAULT && !order.reaches_offer(self.vault_offer(order.side()));
        if own || stale || order.is_expired(now) {
            self.drop_order(index);
            return Candidate::Dropped;
        }
        Candidate::Order(index)
    }

    /// The price at which the vault offers its inventory now: behind the oracle price by its spread, away from it.
    #[inline(never)]
    pub(crate) fn vault_offer(&self, side: Side) -> Price {
        let spread = self.market.head.params.vault_spread;
        match side {
            Side::Long => self.market.mark().moved(spread, -1, Round::Down),
            Side::Short => self.market.mark().moved(spread, 1, Round::Up),
        }
    }

    /// What the maker of an order would hold after a fill, its fee paid, and that fee; `None` where it would end below
    /// maintenance or beyond what a seat can hold.
    pub(crate) fn maker_after(&self, index: u32, lots: Lots) -> Option<(Position, Atoms)> {
        let order = &self.book.orders[index as usize];
        let params = &self.market.head.params;
        let mut position = self.market.seats[order.seat as usize].position;
        position.trade(lots.on(order.side()), order.price, self.market.head.funding).ok()?;
        let fee = params.maker_fee.of_atoms(lots * order.price, Round::Up);
        position.cash = position.cash.minus(fee).ok()?;
        let maintained = is_maintained(&position, params, self.market.mark(), self.market.adjusted()).ok()?;
        maintained.then_some((position, fee))
    }

    /// Books a fill of a resting order with what its maker holds after it.
    pub(crate) fn fill_order(&mut self, index: u32, lots: Lots, after: Position, fee: Atoms, now: i64) -> Result<()> {
        let order = &mut self.book.orders[index as usize];
        let (seat, price) = (order.seat, order.price);
        order.lots = order.lots - lots;
        let done = order.lots.0 == 0;
        let order = *order;
        self.count_order_lots(&order, -lots.0);
        if done {
            self.drop_order(index);
        }
        self.collect_fee(fee)?;
        let volume = &mut self.market.head.statistics.volume;
        *volume = volume.saturating_add((lots * price).0 as u64);
        self.set_position(seat, after, now)
    }

    /// Gives a seat another position and lets everything that hangs on it follow: its queue, the time of its last
    /// increase, its reduce-only orders.
    pub(crate) fn set_position(&mut self, index: u32, after: Position, now: i64) -> Result<()> {
        let seat = &mut self.market.seats[index as usize];
        let was = seat.position.size;
        seat.position = after;
        if after.size.abs() > was.abs() || (after.size.0 ^ was.0) < 0 {
            seat.increased_at = now;
        }
        self.market.requeue(index, was)?;
        self.fit_reduce_only(index, was);
        Ok(())
    }

    /// Cancels reduce-only orders, newest first, until together they fit the position again.
    fn fit_reduce_only(&mut self, index: u32, was: Lots) {
        let seat = &self.market.seats[index as usize];
        if seat.reduce_lots == 0 {
            return;
        }
        let size = seat.position.size;
        let keeps_side = size.side() == was.side();
        let most = if keeps_side { size.abs().0 } else { 0 };
        self.drop_orders_while(index, |seat, order| order.reduce_only == 1 && seat.reduce_lots as i64 > most);
    }

    /// Cancels a seat's orders, newest first, until the worst size they could lead to fits its margin: those of the side
    /// that sets it, and no others.
    pub(crate) fn fit_margin(&mut self, index: u32) -> Result<()> {
        if self.market.seats[index as usize].order_count == 0 {
            return Ok(());
        }
        let (mark, adjusted) = (self.market.mark(), self.market.adjusted());
        let initial = self.market.head.params.initial;
        let equity = self.market.seats[index as usize].position.equity(adjusted)?;
        let drops = |seat: &Seat, order: &Order| {
            let exposure = match order.side() {
                Side::Long => seat.long_exposure(),
                Side::Short => seat.short_exposure(),
            };
            let worst = seat.worst_size();
            order.reduce_only == 0 && exposure == worst && required(initial, worst, mark) > equity
        };
        // What sets the worst size can change with what is cancelled: once more until nothing is.
        while self.drop_orders_while(index, drops) > 0 {}
        Ok(())
    }

    /// Walks a seat's orders, newest first, and cancels those for which `drops` holds at that moment; returns how many.
    pub(crate) fn drop_orders_while(&mut self, index: u32, drops: impl Fn(&Seat, &Order) -> bool) -> usize {
        let mut next = self.market.seats[index as usize].orders;
        let mut dropped = 0;
        while let Some(record) = next.get() {
            let order = &self.book.orders[record as usize];
            next = order.older;
            if drops(&self.market.seats[index as usize], order) {
                self.drop_order(record);
                dropped += 1;
            }
        }
        dropped
    }

    /// Cancels all orders of a seat; returns how many.
    pub(crate) fn drop_all_orders(&mut self, index: u32) -> usize {
        self.drop_orders_while(index, |_, _| true)
    }

    /// Rests an order: in the book, in its seat's list and in its seat's totals.
    pub(crate) fn rest_order(&mut self, order: Order) -> Result<u32> {
        let seat = order.seat as usize;
        let index = self.book.insert(order)?;
        let newest = self.market.seats[seat].orders;
        self.book.orders[index as usize].older = newest;
        if let Some(older) = newest.get() {
            self.book.orders[older as usize].newer = Link::to(index);
        }
        self.market.seats[seat].orders = Link::to(index);
        self.market.seats[seat].order_count += 1;
        self.count_order_lots(&order, order.lots.0);
        Ok(index)
    }

    /// Takes an order out of the book, its seat's list and its seat's totals; returns what was left of it.
    pub(crate) fn drop_order(&mut self, index: u32) -> Order {
        let order = self.book.remove(index);
        match order.newer.get() {
            Some(newer) => self.book.orders[newer as usize].older = order.older,
            None => self.market.seats[order.seat as usize].orders = order.older,
        }
        if let Some(older) = order.older.get() {
            self.book.orders[older as usize].newer = order.newer;
        }
        self.market.seats[order.seat as usize].order_count -= 1;
        self.count_order_lots(&order, -order.lots.0);
        order
    }

    /// Adds to the open-order totals of an order's seat. A seat's orders of a kind sum to at most twice `MAX_LOTS`
    /// (checked with its exposure), so the totals fit 32 bits.
    fn count_order_lots(&mut self, order: &Order, lots: i64) {
        let seat = &mut self.market.seats[order.seat as usize];
        let total = match (order.reduce_only, order.side()) {
            (1, _) => &mut seat.reduce_lots,
            (_, Side::Long) => &mut seat.bid_lots,
            (_, Side::Short) => &mut seat.ask_lots,
        };
        *total = total.wrapping_add(lots as u32);
    }

    /// Shares a trading fee between the market and the vault.
    pub(crate) fn collect_fee(&mut self, fee: Atoms) -> Result<()> {
        let head = &mut *self.market.head;
        let vaults = head.params.vault_fee_share.of_atoms(fee, Round::Down);
        head.vault_fees = head.vault_fees.plus(vaults)?;
        head.fee_cash = head.fee_cash.plus(fee)?.minus(vaults)?;
        Ok(())
    }

    /// Whether these two seats, with these positions, would make the heads cross.
    pub(crate) fn would_cross(&self, changed: [(u32, &Position); 2]) -> bool {
        let frontier = |side: Side| {
            let others = self.first_except(side, [changed[0].0, changed[1].0]);
            let own = changed.iter().filter(|(_, position)| position.size.side() == Some(side));
            let key = own.filter_map(|(_, position)| position.key()).chain(others).max()?;
            Some(zero_price_of_key(key, side))
        };
        match (frontier(Side::Long), frontier(Side::Short)) {
            (Some(long), Some(short)) => long > short,
            _ => false,
        }
    }

    /// The greatest key of a side's queue without two of its seats. Only what lies below an excluded entry can be next,
    /// so nine slots are read at most.
    fn first_except(&self, side: Side, except: [u32; 2]) -> Option<i64> {
        let root = self.market.queue_entry(side, 0)?;
        if !except.contains(&root.index) {
            return Some(root.key);
        }
        let mut best: Option<i64> = None;
        for child in first_child(0)..=ARITY {
            let Some(entry) = self.market.queue_entry(side, child) else { break };
            if !except.contains(&entry.index) {
                best = best.max(Some(entry.key));
                continue;
            }
            let below = first_child(child)..first_child(child) + ARITY;
            let keys = below.filter_map(|slot| self.market.queue_entry(side, slot)).map(|entry| entry.key);
            best = best.max(keys.max());
        }
        best
    }

    /// The O(1) part of what must always hold; every public operation ends with it.
    ///
    /// # Errors
    /// [`ErrorCode::WouldCross`]; [`ErrorCode::Overflow`] where money the market holds would be below zero.
    pub(crate) fn require_sound(&self) -> Result<()> {
        self.market.require_sound()
    }
}

impl Market<'_> {
    /// See [`Exchange::require_sound`].
    #[inline(never)]
    pub(crate) fn require_sound(&self) -> Result<()> {
        self.require_uncrossed()?;
        let head = &*self.head;
        // The sign of an or is that of any.
        let any = head.fee_cash.0 | head.vault_fees.0 | head.pending_mints.0 | head.pool_cash.0;
        require(any >= 0, ErrorCode::Overflow, 0, any)
    }
}

impl Order {
    /// Whether a resting order of the vault is no worse for it than `offer`.
    pub(crate) fn reaches_offer(&self, offer: Price) -> bool {
        match self.side() {
            Side::Long => self.price <= offer,
            Side::Short => self.price >= offer,
        }
    }
}
