//! Market and book together: what every operation that touches both is made of.

use crate::book::{Book, Order};
use crate::error::{require, ErrorCode, Result};
use crate::heap::{first_child, ARITY};
use crate::margin::required;
use crate::market::{Market, VAULT};
use crate::seat::{zero_price_of_key, Link, Position, Seat};
use crate::units::{Atoms, Lots, Price, Rate, Round, Side};

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
    /// What the maker holds after them, its fee paid.
    pub after: Position,
    /// That fee.
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
    pub(crate) fn candidate(&mut self, side: Side, limit: Price, taker: u32, now: i64) -> Candidate {
        let Some(index) = self.best_order(side.opposite()) else { return Candidate::None };
        let order = &self.book.orders[index as usize];
        if !order.reaches(limit) {
            return Candidate::None;
        }
        let own = self.market.seats[order.seat as usize].owner == self.market.seats[taker as usize].owner;
        if own || self.judge(order, now) == Verdict::Dead {
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

    /// Whether an order can be filled. It is dead if its time is over, if its price has left the band on its maker's bad
    /// side, or if it is the vault's and has become worse than the vault offers now.
    #[inline(always)]
    pub(crate) fn judge(&self, order: &Order, now: i64) -> Verdict {
        if order.is_expired(now) || !self.market.is_within_band(order.side(), order.price) {
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
    pub(crate) fn maker_fill(&self, order: &Order, lots: Lots, now: i64) -> Option<MakerFill> {
        let head = &*self.market.head;
        let held = self.market.seats[order.seat as usize].position.size;
        let reduces = lots.min(Lots((-held.on(order.side()).0).max(0)));
        if lots > reduces {
            let whole = self.maker_after(order, lots, head.opening_margin(now));
            if whole.is_some() || reduces == Lots::ZERO {
                return whole;
            }
        }
        let fill = self.maker_after(order, reduces, head.params.maintenance)?;
        (fill.after.key() <= self.market.key(order.seat)).then_some(fill)
    }

    fn maker_after(&self, order: &Order, lots: Lots, margin: Rate) -> Option<MakerFill> {
        let mut after = self.market.seats[order.seat as usize].position;
        after.trade(lots.on(order.side()), order.price, self.market.head.funding).ok()?;
        let fee = self.market.head.params.maker_fee.of_atoms(lots * order.price, Round::Up);
        after.cash = after.cash.minus(fee).ok()?;
        let equity = after.equity(self.market.adjusted()).ok()?;
        let borne = equity >= required(margin, after.size, self.market.mark());
        borne.then_some(MakerFill { lots, after, fee })
    }

    /// Books a fill of a resting order of which `asked` lots were wanted. What its maker could not bear is cancelled with
    /// the rest of the order.
    pub(crate) fn fill_order(&mut self, index: u32, fill: &MakerFill, asked: Lots, now: i64) -> Result<()> {
        let order = &mut self.book.orders[index as usize];
        let (seat, price) = (order.seat, order.price);
        order.lots = order.lots - fill.lots;
        let done = order.lots.0 == 0 || fill.lots < asked;
        let order = *order;
        self.count_order_lots(&order, -fill.lots.0);
        if done {
            self.drop_order(index);
        } else {
            self.met += 1;
        }
        self.collect_fee(fill.fee)?;
        let volume = &mut self.market.head.statistics.volume;
        *volume = volume.saturating_add((fill.lots * price).0 as u64);
        self.set_position(seat, fill.after, now)
    }

    /// Gives a seat another position and lets everything that hangs on it follow: its queue, its stamps, its reduce-only
    /// orders.
    pub(crate) fn set_position(&mut self, index: u32, after: Position, now: i64) -> Result<()> {
        let seat = &mut self.market.seats[index as usize];
        let was = seat.position.size;
        seat.position = after;
        seat.active_at = now;
        self.market.requeue(index, was)?;
        // No other fill moves a bankruptcy price against its seat: what reduces a position leaves no less equity a lot.
        if after.size.abs() > was.abs() || (after.size.0 ^ was.0) < 0 {
            self.market.seats[index as usize].weakened_at = now;
        }
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
        self.count_order_lots(&order, order.lots.0);
        Ok(index)
    }

    /// Takes an order out of the book, its seat's list and its seat's totals; returns what was left of it.
    pub(crate) fn drop_order(&mut self, index: u32) -> Order {
        self.met += 1;
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
    /// Whether an order at a price is within the band: not further from the oracle price on its maker's bad side. A bid's
    /// bad side is above, an ask's below.
    #[inline(always)]
    pub fn is_within_band(&self, side: Side, price: Price) -> bool {
        match side {
            Side::Long => price <= self.band_edge(side),
            Side::Short => price >= self.band_edge(side),
        }
    }

    /// The worst price at which somebody may trade on a side: the highest to buy, the lowest to sell.
    #[inline(always)]
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
    /// Whether a resting order of the vault is no worse for it than `offer`.
    pub(crate) fn reaches_offer(&self, offer: Price) -> bool {
        match self.side() {
            Side::Long => self.price <= offer,
            Side::Short => self.price >= offer,
        }
    }
}
