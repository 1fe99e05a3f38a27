//! The waterfall of a seat below maintenance: cancel, book, vault; and the crank that turns it.
//!
//! The steps are strict. The vault is asked only when the book holds no order within the limit, and force (see
//! [`crate::deleverage`]) only for what the vault leaves of a bankrupt seat. Where a step stops at its bound on matches
//! the call ends with its progress kept; neither the caller's number nor the compute left reaches the next step sooner.

use crate::error::{require, ErrorCode, Result};
use crate::exchange::{Candidate, Exchange};
use crate::heap::next_in_walk;
use crate::margin::{is_maintained, lots_to_target, unmaintained_key, Closing};
use crate::market::{Market, VAULT};
use crate::receipt::{Kind, Receipt};
use crate::seat::Position;
use crate::units::{Atoms, Lots, Price, Rate, Round, Side};

/// The most seats one `liquidate` closes something of.
pub const MAX_LIQUIDATIONS: u32 = 16;
/// Resting orders one crank fills or cancels at most.
pub const MAX_CRANK_MATCHES: u32 = 64;
/// Slots of a liquidation queue one walk looks at, at most.
const WALK: usize = 64;

/// What a crank did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Seats of which something was closed by the book or the vault.
    pub seats: u32,
    /// Lots closed in the book.
    pub book_lots: Lots,
    /// Lots taken over by the vault.
    pub vault_lots: Lots,
    /// Lots closed by force.
    pub forced_lots: Lots,
    /// How many forced fills.
    pub forced_fills: u32,
    /// Resting orders filled or cancelled.
    pub matches: u32,
    /// Receipts made.
    pub receipts: u32,
    /// What the caller's seat has earned.
    pub pay: Atoms,
    /// Whether the bound on matches ended the call.
    pub stopped: bool,
}

/// What steps 1 to 3 did to a seat.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Relief {
    /// Lots closed.
    pub closed: Lots,
    /// Whether the bound on matches stopped step 2, so that step 3 was not reached.
    pub stopped: bool,
    /// Whether a seat of the other side was reduced, so that a ranking of that side is no longer true.
    pub touched_winners: bool,
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
    /// Seats that nobody takes do not count. While any seat is bankrupt only bankrupt seats are acted on. With nothing to
    /// do it does nothing, successfully.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::TooManyRequested`], [`ErrorCode::NoSuchSeat`] for the payee, and those
    /// of a price that cannot be acted on.
    pub fn liquidate(&mut self, most: u32, payee: Option<u32>, now: i64) -> Result<Tally> {
        self.market.head.require_unsettled()?;
        let mut tally = self.begin_crank(most, MAX_LIQUIDATIONS, payee, now)?;
        let sides = match self.market.bankrupt_side() {
            Some(side) => [Some(side), None],
            None => [Some(Side::Long), Some(Side::Short)],
        };
        for side in sides.into_iter().flatten() {
            if tally.seats < most && !tally.stopped {
                self.liquidate_side(side, most, payee.is_some(), &mut tally, now)?;
            }
        }
        self.end_crank(&tally, payee)?;
        Ok(tally)
    }

    fn liquidate_side(&mut self, side: Side, most: u32, paid: bool, tally: &mut Tally, now: i64) -> Result<()> {
        let mut found = [0u32; WALK];
        let count = self.market.walk_unmaintained(side, &mut found)?;
        for index in &found[..count] {
            if tally.seats >= most {
                self.market.set_cursor(side, *index);
                break;
            }
            if !self.is_liquidatable(*index)? {
                continue;
            }
            let relief = self.relieve(*index, paid, tally, now)?;
            tally.seats += (relief.closed.0 > 0) as u32;
            if relief.stopped {
                tally.stopped = true;
                self.market.set_cursor(side, *index);
                break;
            }
        }
        Ok(())
    }

    /// What every crank begins with.
    pub(crate) fn begin_crank(&mut self, asked: u32, most: u32, payee: Option<u32>, now: i64) -> Result<Tally> {
        require(asked >= 1 && asked <= most, ErrorCode::TooManyRequested, most as i64, asked as i64)?;
        if let Some(payee) = payee {
            require(payee != VAULT, ErrorCode::VaultSeat, 1, 0)?;
            // Pay raises equity: with a position it would change the payee's own rank between two calls.
            let size = self.market.seat(payee)?.position.size.0;
            require(self.market.seats[payee as usize].is_idle(), ErrorCode::PayeeNotIdle, 0, size)?;
        }
        // A settlement price stays what it is.
        if !self.market.head.is_settled() {
            self.market.head.price.require_live(&self.market.head.params, now)?;
        }
        self.accrue(now);
        self.market.settle_vault_fees()?;
        Ok(Tally::default())
    }

    /// What every crank ends with: the caller is paid once, after everything.
    pub(crate) fn end_crank(&mut self, tally: &Tally, payee: Option<u32>) -> Result<()> {
        if let (Some(payee), true) = (payee, tally.pay.0 > 0) {
            self.market.credit(payee, tally.pay)?;
        }
        self.require_sound()
    }

    /// Whether a seat is below maintenance, and bankrupt where any seat is.
    pub(crate) fn is_liquidatable(&self, index: u32) -> Result<bool> {
        if self.market.bankrupt_side().is_some() {
            return self.market.is_bankrupt(index);
        }
        self.market.is_unmaintained(index)
    }

    /// Steps 1 to 3 of the waterfall for one seat.
    pub(crate) fn relieve(&mut self, loser: u32, paid: bool, tally: &mut Tally, now: i64) -> Result<Relief> {
        let mut relief = Relief::default();
        if self.market.seats[loser as usize].order_count > 0 {
            self.drop_all_orders(loser);
        }
        self.close_in_book(loser, paid, &mut relief, tally, now)?;
        self.pay_vault(loser, &mut relief)?;
        if !relief.stopped && loser != VAULT {
            self.close_with_vault(loser, paid, &mut relief, tally, now)?;
            self.pay_vault(loser, &mut relief)?;
        }
        Ok(relief)
    }

    /// Credits what the vault has earned at once, so that what it can take next does not depend on where a call ends.
    fn pay_vault(&mut self, loser: u32, relief: &mut Relief) -> Result<()> {
        if self.market.head.vault_fees.0 == 0 {
            return Ok(());
        }
        let side = |seat: u32| self.market.seats[seat as usize].position.size.side();
        relief.touched_winners |= side(VAULT).is_some() && side(VAULT) != side(loser);
        self.market.settle_vault_fees()
    }

    /// Step 2: an immediate-or-cancel order, match by match only as much as brings the seat back to the target margin.
    fn close_in_book(
        &mut self,
        loser: u32,
        paid: bool,
        relief: &mut Relief,
        tally: &mut Tally,
        now: i64,
    ) -> Result<()> {
        let before = self.market.seats[loser as usize].position;
        let Some(side) = before.size.side() else { return Ok(()) };
        if self.book.best(side).is_none() {
            return Ok(());
        }
        let mut quote = Atoms::ZERO;
        let mut closed = Lots::ZERO;
        loop {
            let position = self.market.seats[loser as usize].position;
            let Some(zero) = self.market.zero_price(loser) else { break };
            // An O(1) look first: most of the time there is nothing within the limit.
            let limit = self.liquidation_limit(side, zero);
            if tally.matches >= MAX_CRANK_MATCHES {
                // Before looking closer, which would cancel one more.
                let best = self.book.best(side);
                relief.stopped = best.is_some_and(|order| self.book.orders[order as usize].reaches(limit));
                break;
            }
            let order = match self.candidate(side.opposite(), limit, loser, now) {
                Candidate::None => break,
                Candidate::Dropped => {
                    tally.matches += 1;
                    continue;
                }
                Candidate::Order(order) => order,
            };
            tally.matches += 1;
            let resting = self.book.orders[order as usize];
            let fees = self.lot_fees(loser, side, resting.price, zero, paid, Rate::ZERO);
            let terms = self.closing(side, resting.price, &fees);
            let equity = position.equity(self.market.adjusted())?;
            let wanted = lots_to_target(&position, equity, &terms, &self.market.head.params);
            if wanted.0 == 0 {
                break;
            }
            let lots = wanted.min(resting.lots);
            let Some((maker, fee)) = self.maker_after(order, lots) else {
                self.drop_order(order);
                continue;
            };
            let after = self.closed_part(&position, side, lots, resting.price, &fees)?;
            if self.would_cross([(resting.seat, &maker), (loser, &after)]) {
                self.drop_order(order);
                continue;
            }
            let maker_side = self.market.seats[resting.seat as usize].position.size.side();
            relief.touched_winners |= maker_side == Some(side.opposite());
            self.fill_order(order, lots, maker, fee, now)?;
            self.set_position(loser, after, now)?;
            self.collect_lot_fees(lots, &fees, tally)?;
            closed = closed + lots;
            quote = quote.plus(lots * resting.price)?;
            if lots == wanted {
                break;
            }
        }
        if closed.0 > 0 {
            relief.closed = relief.closed + closed;
            tally.book_lots = tally.book_lots + closed;
            let statistics = &mut self.market.head.statistics;
            statistics.book_lots = statistics.book_lots.saturating_add(closed.0 as u64);
            let price = Price(quote.0.div_euclid(closed.0));
            let taken = Atoms(quote.minus(closed * self.market.mark())?.0 * side.sign());
            self.write_receipt(Kind::Book, loser, &before, (0, closed, price, taken), tally, now)?;
        }
        Ok(())
    }

    /// How bad a price a liquidation may get: the seat's zero price, and never further than the slippage bound.
    pub(crate) fn liquidation_limit(&self, side: Side, zero: Price) -> Price {
        let slippage = self.market.head.params.slippage;
        let mark = self.market.mark();
        match side {
            Side::Long => zero.max(mark.moved(slippage, -1, Round::Up)),
            Side::Short => zero.min(mark.moved(slippage, 1, Round::Down)),
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
    pub(crate) fn collect_lot_fees(&mut self, lots: Lots, fees: &LotFees, tally: &mut Tally) -> Result<()> {
        tally.pay = tally.pay.plus(lots * Price(fees.caller))?;
        let vaults = &mut self.market.head.vault_fees;
        *vaults = vaults.plus(lots * Price(fees.vault))?;
        Ok(())
    }

    /// Writes the receipt of a step that closed (winner, lots, price, taken) of a loser's position as it was before.
    pub(crate) fn write_receipt(
        &mut self,
        kind: Kind,
        loser: u32,
        before: &Position,
        (winner, lots, price, taken): (u32, Lots, Price, Atoms),
        tally: &mut Tally,
        now: i64,
    ) -> Result<()> {
        let deficit = (-before.equity(self.market.adjusted())?.0).max(0);
        let side = before.size.side().unwrap_or(Side::Long);
        tally.receipts += 1;
        self.market.record(Receipt {
            time: now,
            kind: kind as u8,
            side: side as u8,
            loser,
            winner,
            lots,
            price,
            mark: self.market.mark(),
            needed: Atoms(deficit.min(taken.0.max(0))),
            taken,
            ..Receipt::default()
        });
        Ok(())
    }
}

impl Market<'_> {
    /// Whether a seat is below maintenance at the accepted price.
    pub fn is_unmaintained(&self, index: u32) -> Result<bool> {
        let position = &self.seats[index as usize].position;
        Ok(!is_maintained(position, &self.head.params, self.mark(), self.adjusted())?)
    }

    /// What a key must exceed for its seat to be worth testing: bankrupt where anybody is, else below maintenance.
    pub(crate) fn reach(&self, side: Side) -> i64 {
        match self.bankrupt_side() {
            Some(_) => self.bankrupt_key(side),
            None => unmaintained_key(side, &self.head.params, self.mark(), self.adjusted()),
        }
    }

    /// Walks the queue of a side from its cursor, a bounded number of slots, and collects the seats that may be
    /// liquidated. The next walk goes on behind it, so seats that nobody takes do not hide those behind them.
    fn walk_unmaintained(&mut self, side: Side, found: &mut [u32]) -> Result<usize> {
        let len = self.queue_len(side);
        let reach = self.reach(side);
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
