//! Market and book together: what every operation that touches both is made of.

use crate::book::{Book, Order};
use crate::error::{require, ErrorCode, Result};
use crate::margin::required;
use crate::market::{Market, VAULT};
use crate::seat::{Link, Position, Seat};
use crate::units::{Atoms, Lots, Price, Rate, Round, Side, MAX_LOTS};

/// The exchange: one market and its book.
pub struct Exchange<'a> {
    /// Parameters, seats and cash.
    pub market: Market<'a>,
    /// Resting orders.
    pub book: Book<'a>,
    /// Resting orders that this operation has met so far: filled, wholly or in part, or removed, of whichever seat and for
    /// whatever reason. What an operation costs is bounded by it.
    pub(crate) met: u32,
}

/// What a taker finds at the top of the other side.
pub(crate) enum Candidate {
    /// No order within its limit.
    None,
    /// An order that could not stay was cancelled; look again.
    Dropped,
    /// The best order is the taker's own, and its owner may not cancel it yet.
    LockedOwn(u32),
    /// An order to trade with.
    Order(u32),
}

/// What a resting order is worth to a taker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can be filled, as far as its maker can bear it.
    Good,
    /// It is cancelled when it is met.
    Dead,
    /// It is the vault's, and not good yet: as if it were not there.
    Unripe,
}

/// What a resting order can be filled with.
pub(crate) struct MakerFill {
    /// Lots that its maker can bear: all that were asked for, or the part that reduces its position.
    pub lots: Lots,
    /// The fee the maker pays for them.
    pub fee: Atoms,
}

impl<'a> Exchange<'a> {
    /// The exchange over the bytes of a market and a book account, behind any discriminator.
    ///
    /// # Errors
    /// Those of [`Market::load`] and [`Book::load`].
    pub fn load(market: &'a mut [u8], book: &'a mut [u8]) -> Result<Self> {
        Ok(Self { market: Market::load(market)?, book: Book::load(book)?, met: 0 })
    }

    /// The best order that a taker trading on `side` may fill within `limit`; cancels it if it is dead or the taker's own.
    /// `edge` is the band's edge for makers of the other side.
    pub(crate) fn candidate(&mut self, side: Side, limit: Price, edge: Price, taker: u32, now: i64) -> Candidate {
        let Some(index) = self.best_order(side.opposite()) else { return Candidate::None };
        let order = &self.book.orders[index as usize];
        if !order.reaches(limit) {
            return Candidate::None;
        }
        let own = self.market.seats[order.seat as usize].owner == self.market.seats[taker as usize].owner;
        if own && self.is_locked(order, now) {
            return Candidate::LockedOwn(index);
        }
        if own || self.judge(order, edge, now) == Verdict::Dead {
            self.drop_order(index);
            return Candidate::Dropped;
        }
        Candidate::Order(index)
    }

    /// The best order of a side. An offer of the vault that is not ripe yet is passed over: the vault has one order, so the
    /// next is right below it.
    #[inline(always)]
    pub(crate) fn best_order(&self, side: Side) -> Option<u32> {
        let best = self.book.best(side)?;
        let order = &self.book.orders[best as usize];
        if order.seat == VAULT && !self.is_ripe(order) {
            return self.book.second(side);
        }
        Some(best)
    }

    /// Whether an order can be filled. It is dead if its time is over, if its price is beyond the band's `edge` for its side
    /// (see [`Market::band_edge`]), or if it is the vault's and has become worse than the vault offers now.
    #[inline(always)]
    pub(crate) fn judge(&self, order: &Order, edge: Price, now: i64) -> Verdict {
        if order.is_expired(now) || order.is_beyond(edge) {
            return Verdict::Dead;
        }
        if order.seat != VAULT {
            return Verdict::Good;
        }
        if !order.reaches_offer(self.vault_offer(order.side())) {
            Verdict::Dead
        } else if self.is_ripe(order) {
            Verdict::Good
        } else {
            Verdict::Unripe
        }
    }

    /// Whether the accepted price was published after an order was placed.
    pub(crate) fn is_ripe(&self, order: &Order) -> bool {
        let head = &*self.market.head;
        head.price.is_published_after(order.placed_at, &head.params)
    }

    /// Whether an order's owner may not cancel it yet: it evicted another, and no price published since then has been
    /// accepted.
    pub(crate) fn is_locked(&self, order: &Order, now: i64) -> bool {
        order.locked_until > now && !self.is_ripe(order)
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

    /// What of a fill of `lots` the maker of an order can bear. A fill that grows its position must leave initial margin of
    /// that position: a price published before it rested may already be known to whoever fills it. If it does not, only the
    /// part that reduces the position is filled. That part must leave maintenance and, as of a taker, no less equity a lot:
    /// a position sold below its own zero price would hand margin over that a withdrawal has to leave. `None` if nothing can
    /// be filled.
    #[inline(always)]
    pub(crate) fn maker_fill(&self, order: &Order, lots: Lots, now: i64) -> Option<MakerFill> {
        let head = &*self.market.head;
        let held = self.market.seats[order.seat as usize].position.size;
        let reduces = lots.min(Lots((-held.on(order.side()).0).max(0)));
        if lots > reduces {
            let fee = self.borne_fee(order, lots, head.opening_margin(now));
            if fee.is_some() || reduces == Lots::ZERO {
                return fee.map(|fee| MakerFill { lots, fee });
            }
        }
        self.reducing_fill(order, reduces)
    }

    #[inline(never)]
    fn reducing_fill(&self, order: &Order, lots: Lots) -> Option<MakerFill> {
        let head = &*self.market.head;
        let fee = self.borne_fee(order, lots, head.params.maintenance)?;
        let mut after = self.market.seats[order.seat as usize].position;
        after.trade(lots.on(order.side()), order.price, head.funding).ok()?;
        after.cash = after.cash.minus(fee).ok()?;
        (after.key() <= self.market.key(order.seat)).then_some(MakerFill { lots, fee })
    }

    /// The fee of a fill, if the maker is left with `margin` of its position after it.
    ///
    /// Bought at p, a lot is worth P - p more than it cost: `equity after = equity + lots * (P - p) - fee`. So the fill need
    /// not be booked to be judged (`trading::a_maker_is_judged_by_the_position_it_would_have`).
    #[inline(always)]
    pub(crate) fn borne_fee(&self, order: &Order, lots: Lots, margin: Rate) -> Option<Atoms> {
        let position = &self.market.seats[order.seat as usize].position;
        let bought = lots.on(order.side());
        let (size, mark) = (position.size + bought, self.market.mark());
        if size.abs().0 > MAX_LOTS {
            return None;
        }
        let fee = self.market.head.params.maker_fee.of_atoms(lots * order.price, Round::Up);
        let equity = position.equity(self.market.adjusted()).ok()?;
        let equity = equity.plus(bought * Price(mark.0.wrapping_sub(order.price.0))).ok()?.minus(fee).ok()?;
        (equity >= required(margin, size, mark)).then_some(fee)
    }

    /// Books a fill of a resting order of which `asked` lots were wanted. What its maker could not bear is cancelled with
    /// the rest of the order.
    pub(crate) fn fill_order(&mut self, index: u32, fill: &MakerFill, asked: Lots, now: i64) -> Result<()> {
        let order = &mut self.book.orders[index as usize];
        let (seat, price, side) = (order.seat, order.price, order.side());
        order.lots = order.lots - fill.lots;
        if order.lots.0 == 0 || fill.lots < asked {
            // What is left of it leaves the seat's totals with the order.
            let filled = fill.lots.0;
            self.count_order_lots(index, -filled);
            self.drop_order(index);
        } else {
            self.count_order_lots(index, -fill.lots.0);
            self.met += 1;
        }
        self.collect_fee(fill.fee)?;
        let head = &mut *self.market.head;
        head.statistics.volume = head.statistics.volume.saturating_add((fill.lots * price).0 as u64);
        let position = &mut self.market.seats[seat as usize].position;
        let was = position.size;
        position.trade(fill.lots.on(side), price, head.funding)?;
        position.cash = position.cash.minus(fill.fee)?;
        self.follow_position(seat, was, now)
    }

    /// Gives a seat another position and lets everything that hangs on it follow: its queue, its stamps, its reduce-only
    /// orders.
    pub(crate) fn set_position(&mut self, index: u32, after: Position, now: i64) -> Result<()> {
        let position = &mut self.market.seats[index as usize].position;
        let was = position.size;
        *position = after;
        self.follow_position(index, was, now)
    }

    /// What follows a fill of a seat that had the size `was`.
    fn follow_position(&mut self, index: u32, was: Lots, now: i64) -> Result<()> {
        self.market.requeue(index, was)?;
        let seat = &mut self.market.seats[index as usize];
        seat.active_at = now;
        // No other fill moves a bankruptcy price against its seat: what reduces a position leaves no less equity a lot.
        let size = seat.position.size;
        if size.abs() > was.abs() || (size.0 ^ was.0) < 0 {
            seat.weakened_at = now;
        }
        if seat.reduce_lots != 0 {
            self.fit_reduce_only(index, was);
        }
        Ok(())
    }

    /// Cancels reduce-only orders, newest first, until together they fit the position again.
    #[inline(never)]
    fn fit_reduce_only(&mut self, index: u32, was: Lots) {
        let size = self.market.seats[index as usize].position.size;
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

    /// Cancels the orders of a seat that its owner may cancel, of one side or both; returns how many.
    pub(crate) fn drop_unlocked(&mut self, index: u32, side: Option<Side>, now: i64) -> usize {
        let head = &*self.market.head;
        // As `is_locked`, which cannot be asked while orders are dropped.
        let seen_before = head.price.accepted_at.saturating_sub(head.params.ahead());
        self.drop_orders_while(index, |_, order| {
            let locked = order.locked_until > now && order.placed_at >= seen_before;
            !locked && side.is_none_or(|side| side == order.side())
        })
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
        self.count_order_lots(index, order.lots.0);
        Ok(index)
    }

    /// Takes an order out of the book, its seat's list and its seat's totals.
    pub(crate) fn drop_order(&mut self, index: u32) {
        self.met += 1;
        let order = &self.book.orders[index as usize];
        let (seat, older, newer, left) = (order.seat, order.older, order.newer, order.lots.0);
        match newer.get() {
            Some(newer) => self.book.orders[newer as usize].older = older,
            None => self.market.seats[seat as usize].orders = older,
        }
        if let Some(older) = older.get() {
            self.book.orders[older as usize].newer = newer;
        }
        self.market.seats[seat as usize].order_count -= 1;
        self.count_order_lots(index, -left);
        self.book.remove(index);
    }

    /// Adds to the open-order totals of an order's seat. A seat's orders of a kind sum to at most twice `MAX_LOTS`
    /// (checked with its exposure), so the totals fit 32 bits.
    #[inline(always)]
    fn count_order_lots(&mut self, index: u32, lots: i64) {
        let order = &self.book.orders[index as usize];
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

    /// The O(1) part of what must always hold; every public operation ends with it.
    ///
    /// # Errors
    /// [`ErrorCode::WouldCross`]; [`ErrorCode::Overflow`] where money the market holds would be below zero.
    pub(crate) fn require_sound(&self) -> Result<()> {
        self.market.require_sound()
    }
}

impl Market<'_> {
    /// The worst price at which somebody may trade on a side: the highest to buy, the lowest to sell.
    #[inline(never)]
    pub fn band_edge(&self, side: Side) -> Price {
        let band = self.head.params.band;
        match side {
            Side::Long => self.mark().moved(band, 1, Round::Down),
            Side::Short => self.mark().moved(band, -1, Round::Up),
        }
    }

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
    /// Whether it lies beyond the edge of the band for its side: worse for its maker.
    pub(crate) const fn is_beyond(&self, edge: Price) -> bool {
        match self.side() {
            Side::Long => self.price.0 > edge.0,
            Side::Short => self.price.0 < edge.0,
        }
    }

    /// Whether a resting order of the vault is no worse for it than `offer`.
    pub(crate) fn reaches_offer(&self, offer: Price) -> bool {
        match self.side() {
            Side::Long => self.price <= offer,
            Side::Short => self.price >= offer,
        }
    }
}
