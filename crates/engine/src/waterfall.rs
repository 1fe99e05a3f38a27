//! The waterfall of a seat below maintenance: its orders are cancelled, then it is sold to whoever pays most, the book or
//! the vault; and the crank that turns it.
//!
//! Book and vault compete by price alone, fill by fill, and an order comes first at the same price. Force (see
//! [`crate::deleverage`]) comes only for what both leave of a bankrupt seat. The vault acts only on what was below
//! maintenance at two prices, the accepted and the older one: while it could buy a lot but for this, whatever pays less than
//! it does waits for the next print. A call that reaches its bound on orders ends with its progress kept; neither the
//! caller's number nor the compute left reaches the next step sooner.

use crate::crank::{Crank, Tally};
use crate::error::Result;
use crate::exchange::{Candidate, Exchange};
use crate::heap::next_in_walk;
use crate::margin::{is_maintained, lots_to_target, unmaintained_key, Closing};
use crate::market::{Market, VAULT};
use crate::seat::Position;
use crate::units::{Lots, Price, Rate, Round, Side};

/// The most seats one `liquidate` closes something of.
pub const MAX_LIQUIDATIONS: u32 = 16;
/// Resting orders that one crank fills or removes at most, looked at before each fill: one fill may overshoot it by the
/// orders of a seat.
pub const MAX_CRANK_MATCHES: u32 = 64;
/// Slots of a liquidation queue one walk looks at, at most.
const WALK: usize = 16;

/// What became of one look at a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something was closed. Whatever is decided next is decided anew.
    Filled,
    /// Something was closed, and the seat is at its target.
    Reached,
    /// Neither the book nor the vault takes more.
    Nobody,
    /// The vault would, but for the older price: whatever pays less waits.
    Waits,
    /// The call is at its bound on orders or receipts.
    Stopped,
}

/// What a liquidated seat pays besides the price, in atoms a lot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LotFees {
    /// To the caller of the crank.
    pub caller: i64,
    /// What the price is worse than the oracle price for the vault's sake.
    pub discount: i64,
    /// To the vault.
    pub vault: i64,
}

impl LotFees {
    /// What is charged besides the price.
    pub const fn charged(&self) -> i64 {
        self.caller.wrapping_add(self.vault)
    }
}

impl Exchange<'_> {
    /// Closes what it takes of up to `most` seats below maintenance, for the caller's share to the seat `payee`.
    ///
    /// Seats that nobody takes do not count. While any seat is bankrupt only the first of the bankrupt is acted on, looked
    /// up anew after every fill, as in [`Exchange::deleverage`]. With nothing to do it does nothing, successfully.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::TooManyRequested`], [`ErrorCode::NoSuchSeat`] for the payee, and those
    /// of a price that cannot be acted on.
    pub fn liquidate(&mut self, most: u32, payee: Option<u32>, now: i64) -> Result<Tally> {
        self.market.head.require_unsettled()?;
        let mut crank = self.begin_crank(most, MAX_LIQUIDATIONS, payee, now)?;
        self.liquidate_bankrupt(most, &mut crank)?;
        if self.market.bankrupt_side().is_none() {
            for side in [Side::Long, Side::Short] {
                if crank.tally.seats < most && !crank.tally.stopped {
                    self.liquidate_side(side, most, &mut crank)?;
                }
            }
        }
        self.end_crank(crank, payee)
    }

    fn liquidate_bankrupt(&mut self, most: u32, crank: &mut Crank) -> Result<()> {
        while let Some(loser) = self.market.bankrupt_side().and_then(|side| self.market.first_to_fall(side)) {
            if crank.tally.seats >= most && crank.last != Some(loser.index) {
                break;
            }
            match self.close_some(loser.index, crank)? {
                Step::Filled | Step::Reached => {}
                step => {
                    crank.tally.stopped = step == Step::Stopped;
                    break;
                }
            }
        }
        Ok(())
    }

    fn liquidate_side(&mut self, side: Side, most: u32, crank: &mut Crank) -> Result<()> {
        let mut found = [0u32; WALK];
        let count = self.market.walk_unmaintained(side, &mut found)?;
        for index in &found[..count] {
            if crank.tally.seats >= most {
                self.market.set_cursor(side, *index);
                break;
            }
            if !self.market.is_unmaintained(*index)? {
                continue;
            }
            let mut step = Step::Filled;
            while step == Step::Filled {
                step = self.close_some(*index, crank)?;
            }
            if step == Step::Stopped {
                crank.tally.stopped = true;
                self.market.set_cursor(side, *index);
                break;
            }
        }
        Ok(())
    }

    /// One look at a seat below maintenance: cancels its orders, then sells a part of it to whoever pays most, the best
    /// order within the limit or the vault. The order is first at the same price.
    pub(crate) fn close_some(&mut self, loser: u32, crank: &mut Crank) -> Result<Step> {
        while let Some(newest) = self.market.seats[loser as usize].orders.get() {
            if self.met >= MAX_CRANK_MATCHES {
                return Ok(Step::Stopped);
            }
            self.drop_order(newest);
        }
        let size = self.market.seats[loser as usize].position.size;
        let (Some(side), Some(zero)) = (size.side(), self.market.zero_price(loser)) else { return Ok(Step::Nobody) };
        let quote = self.vault_quote(loser, crank.paid);
        let worst = self.liquidation_limit(side, zero);
        // An order that pays what the vault would comes first, whether or not the vault has the means.
        let limit = match &quote {
            None => worst,
            Some(quote) if side == Side::Long => worst.max(quote.price),
            Some(quote) => worst.min(quote.price),
        };
        if let Some(step) = self.sell_to_book(loser, side, zero, limit, crank)? {
            return Ok(step);
        }
        let bid = match quote {
            Some(quote) => self.vault_bid_at(loser, quote, crank.now)?,
            None => None,
        };
        let Some(bid) = bid else {
            let step = if limit == worst { None } else { self.sell_to_book(loser, side, zero, worst, crank)? };
            return Ok(step.unwrap_or(Step::Nobody));
        };
        if !self.market.is_ripe_for_vault(loser)? {
            return Ok(Step::Waits);
        }
        if self.met >= MAX_CRANK_MATCHES || !crank.has_room_for(2) {
            return Ok(Step::Stopped);
        }
        self.sell_to_vault(loser, side, &bid, crank)?;
        Ok(if bid.reaches_target { Step::Reached } else { Step::Filled })
    }

    /// One fill in the book at `limit` or better, if there is an order that can be filled; those that cannot are cancelled.
    #[inline(always)]
    fn sell_to_book(
        &mut self,
        loser: u32,
        side: Side,
        zero: Price,
        limit: Price,
        crank: &mut Crank,
    ) -> Result<Option<Step>> {
        // An O(1) look first: most of the time there is nothing within the limit.
        if self.reaching_order(side, limit).is_some() { self.sell_to_best(loser, side, zero, limit, crank) } else { Ok(None) }
    }

    #[inline(always)]
    fn reaching_order(&self, side: Side, limit: Price) -> Option<u32> {
        self.best_order(side).filter(|best| self.book.orders[*best as usize].reaches(limit))
    }

    #[inline(never)]
    fn sell_to_best(
        &mut self,
        loser: u32,
        side: Side,
        zero: Price,
        limit: Price,
        crank: &mut Crank,
    ) -> Result<Option<Step>> {
        let edge = self.market.band_edge(side);
        loop {
            if self.reaching_order(side, limit).is_none() {
                return Ok(None);
            }
            if self.met >= MAX_CRANK_MATCHES || !crank.has_room_for(2) {
                return Ok(Some(Step::Stopped));
            }
            match self.candidate(side.opposite(), limit, edge, loser, crank.now) {
                Candidate::None => return Ok(None),
                Candidate::Dropped => {}
                // An order of the loser's owner goes, locked or not.
                Candidate::LockedOwn(order) => self.drop_order(order),
                Candidate::Order(order) => {
                    if let Some(step) = self.sell_to_order(loser, side, order, zero, crank)? {
                        return Ok(Some(step));
                    }
                    // Its maker could not bear it.
                    self.drop_order(order);
                }
            }
        }
    }

    /// Fills an order with as much of a seat as brings it back to its target at that price. `None` if its maker could not
    /// bear any of it.
    ///
    /// The heads cannot cross: a maker who reduces keeps its bankruptcy price, one who grows has initial margin at the
    /// accepted price, and the loser gets no less than its own bankruptcy price.
    fn sell_to_order(
        &mut self,
        loser: u32,
        side: Side,
        index: u32,
        zero: Price,
        crank: &mut Crank,
    ) -> Result<Option<Step>> {
        let before = self.market.seats[loser as usize].position;
        let order = &self.book.orders[index as usize];
        let (maker, resting) = (order.seat, order.lots);
        let price = order.price;
        let fees = self.lot_fees(loser, side, price, zero, crank.paid, Rate::ZERO);
        let terms = self.closing(side, price, &fees);
        let equity = before.equity(self.market.adjusted())?;
        let wanted = lots_to_target(&before, equity, &terms, &self.market.head.params);
        if wanted.0 == 0 {
            return Ok(Some(Step::Nobody));
        }
        let asked = wanted.min(resting);
        let Some(fill) = self.maker_fill(order, asked, crank.now) else { return Ok(None) };
        let after = self.closed_part(&before, side, fill.lots, price, &fees)?;
        let maker_side = self.market.seats[maker as usize].position.size.side();
        crank.touched_winners |= maker_side == Some(side.opposite());
        self.fill_order(index, &fill, asked, crank.now)?;
        self.set_position(loser, after, crank.now)?;
        self.collect_lot_fees(fill.lots, &fees, crank)?;
        self.add_book_fill(loser, &before, fill.lots, fill.lots * price, crank)?;
        self.pay_vault(side, crank)?;
        Ok(Some(if fill.lots == wanted { Step::Reached } else { Step::Filled }))
    }

    /// Credits what the vault has earned at once, so that what it can take next does not depend on where a call ends.
    pub(crate) fn pay_vault(&mut self, losers: Side, crank: &mut Crank) -> Result<()> {
        if self.market.head.vault_fees.0 == 0 {
            return Ok(());
        }
        let vault = self.market.seats[VAULT as usize].position.size.side();
        crank.touched_winners |= vault == Some(losers.opposite());
        self.market.settle_vault_fees()
    }

    /// How bad a price a liquidation may get: the seat's zero price, and never beyond the band.
    pub(crate) fn liquidation_limit(&self, side: Side, zero: Price) -> Price {
        let edge = self.market.band_edge(side.opposite());
        match side {
            Side::Long => zero.max(edge),
            Side::Short => zero.min(edge),
        }
    }

    /// What the seat pays for being closed at `price`: in this order the caller's share, a discount of at most
    /// `discount`, the vault's fee, and together never beyond its zero price. So no fee makes a zero price worse.
    pub(crate) fn lot_fees(
        &self,
        loser: u32,
        side: Side,
        price: Price,
        zero: Price,
        paid: bool,
        discount: Rate,
    ) -> LotFees {
        let params = &self.market.head.params;
        let mark = self.market.mark().0;
        let above = ((price.0 - zero.0) * side.sign()).max(0);
        let caller = if paid { above.min(params.caller_share.of(mark, Round::Down)) } else { 0 };
        let discount = (above - caller).min(discount.of(mark, Round::Down));
        let fee = if loser == VAULT { 0 } else { params.vault_fee.of(mark, Round::Down) };
        LotFees { caller, discount, vault: (above - caller - discount).min(fee) }
    }

    pub(crate) fn closing(&self, side: Side, price: Price, fees: &LotFees) -> Closing {
        Closing { side, mark: self.market.mark(), price, fees_per_lot: fees.charged() }
    }

    /// A position after a part of it was closed at a price, fees paid.
    pub(crate) fn closed_part(
        &self,
        position: &Position,
        side: Side,
        lots: Lots,
        price: Price,
        fees: &LotFees,
    ) -> Result<Position> {
        let mut after = *position;
        after.trade(-lots.on(side), price, self.market.head.funding)?;
        after.cash = after.cash.minus(lots * Price(fees.charged()))?;
        Ok(after)
    }

    /// Books what a closed part paid: the caller's share waits in the tally, the vault's in the header.
    pub(crate) fn collect_lot_fees(&mut self, lots: Lots, fees: &LotFees, crank: &mut Crank) -> Result<()> {
        let tally = &mut crank.tally;
        tally.pay = tally.pay.plus(lots * Price(fees.caller))?;
        let vaults = &mut self.market.head.vault_fees;
        *vaults = vaults.plus(lots * Price(fees.vault))?;
        Ok(())
    }
}

impl Market<'_> {
    /// Whether a seat is below maintenance at the accepted price.
    pub fn is_unmaintained(&self, index: u32) -> Result<bool> {
        let position = &self.seats[index as usize].position;
        Ok(!is_maintained(position, &self.head.params, self.mark(), self.adjusted())?)
    }

    /// Whether the vault may take a seat over now: as it is now the seat is below maintenance at the older price too, and
    /// it has not been weakened since that was accepted. So nobody who makes a seat weak at one price knows the price at
    /// which the vault buys it. No seat stores this: all of them ripen together, and nobody can hold that up.
    pub(crate) fn is_ripe_for_vault(&self, index: u32) -> Result<bool> {
        let (price, seat) = (&self.head.price, &self.seats[index as usize]);
        if price.older == Price::ZERO || seat.weakened_at >= price.older_at {
            return Ok(false);
        }
        let adjusted = price.older - self.head.funding;
        Ok(!is_maintained(&seat.position, &self.head.params, price.older, adjusted)?)
    }

    /// Walks the queue of a side from its cursor, a bounded number of slots in the order of the heap's branches, and
    /// collects the seats below maintenance. The next walk goes on behind it, so seats that nobody takes do not hide those behind them.
    fn walk_unmaintained(&mut self, side: Side, found: &mut [u32]) -> Result<usize> {
        let len = self.queue_len(side);
        let reach = unmaintained_key(side, &self.head.params, self.mark(), self.adjusted());
        let cursor = match side {
            Side::Long => self.head.long_cursor,
            Side::Short => self.head.short_cursor,
        };
        let start = if cursor < len { cursor } else { 0 };
        let mut slot = start;
        let mut count = 0;
        for _ in 0..WALK {
            let Some(entry) = self.queue_entry(side, slot) else { break };
            let inside = entry.key > reach;
            if inside && count < found.len() && self.is_unmaintained(entry.index)? {
                found[count] = entry.index;
                count += 1;
            }
            slot = next_in_walk(len, slot, inside).unwrap_or(0);
            if slot == 0 || slot == start {
                // From the cursor to the end, and in the next call from the head: once round in two calls at most.
                if start == 0 || slot == start || count > 0 {
                    break;
                }
            }
        }
        match side {
            Side::Long => self.head.long_cursor = slot,
            Side::Short => self.head.short_cursor = slot,
        }
        Ok(count)
    }

    fn set_cursor(&mut self, side: Side, index: u32) {
        let seat = &self.seats[index as usize];
        let slot = if seat.position.size.side() == Some(side) { seat.slot } else { 0 };
        match side {
            Side::Long => self.head.long_cursor = slot,
            Side::Short => self.head.short_cursor = slot,
        }
    }
}
