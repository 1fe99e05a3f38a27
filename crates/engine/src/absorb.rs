//! What the vault takes over from liquidated seats, what it may lose on that, and how it sells its inventory.

use crate::book::Order;
use crate::error::Result;
use crate::exchange::Exchange;
use crate::margin::lots_to_target;
use crate::market::{BudgetSlice, Market, VAULT};
use crate::receipt::Kind;
use crate::seat::Position;
use crate::units::{divide_wide, Atoms, Lots, Price, Rate, Round, Side, RATE_ONE};
use crate::waterfall::{LotFees, Relief, Tally};

/// An offer to the vault: lots of a loser's side at a price.
struct Offer {
    side: Side,
    price: Price,
    /// How long the loser's position has stood without growing, in seconds.
    standing: i64,
}

impl Exchange<'_> {
    /// Step 3: the vault takes what the book left, at a discount but never beyond the zero price, while it can.
    pub(crate) fn close_with_vault(
        &mut self,
        loser: u32,
        paid: bool,
        relief: &mut Relief,
        tally: &mut Tally,
        now: i64,
    ) -> Result<()> {
        let Some((price, lots, fees)) = self.vault_bid(loser, paid, now)? else { return Ok(()) };
        let seat = &self.market.seats[loser as usize];
        let (before, standing) = (seat.position, now.saturating_sub(seat.increased_at));
        let Some(side) = before.size.side() else { return Ok(()) };
        let after = self.closed_part(&before, side, lots, price, &fees)?;
        let mut vault = self.market.seats[VAULT as usize].position;
        relief.touched_winners |= vault.size.side() == Some(side.opposite());
        vault.trade(lots.on(side), price, self.market.head.funding)?;
        self.market.spend_budget(&Offer { side, price, standing }, lots, now)?;
        self.set_position(VAULT, vault, now)?;
        self.set_position(loser, after, now)?;
        self.collect_lot_fees(lots, &fees, tally)?;
        relief.closed = relief.closed + lots;
        tally.vault_lots = tally.vault_lots + lots;
        let statistics = &mut self.market.head.statistics;
        statistics.vault_lots = statistics.vault_lots.saturating_add(lots.0 as u64);
        let taken = Atoms((lots * price).minus(lots * self.market.mark())?.0 * side.sign());
        self.write_receipt(Kind::Vault, loser, &before, (VAULT, lots, price, taken), tally, now)
    }

    /// What the vault would take of a seat now: price, lots and the seat's fees. `None` where it takes nothing.
    pub(crate) fn vault_bid(&self, loser: u32, paid: bool, now: i64) -> Result<Option<(Price, Lots, LotFees)>> {
        let seat = &self.market.seats[loser as usize];
        let position = seat.position;
        let (Some(side), Some(zero)) = (position.size.side(), self.market.zero_price(loser)) else { return Ok(None) };
        let params = &self.market.head.params;
        let mark = self.market.mark();
        let overpays = (mark.0 - zero.0) * side.sign() < 0;
        if overpays && params.vault_loss_budget == Rate::ZERO {
            return Ok(None);
        }
        let fees = self.lot_fees(loser, side, mark, zero, paid, params.vault_discount);
        let price = if overpays { zero } else { Price(mark.0 - fees.discount * side.sign()) };
        // What the vault can take first: most of the time that is nothing, and the target need not be computed.
        let offer = Offer { side, price, standing: now.saturating_sub(seat.increased_at) };
        let capacity = self.market.vault_capacity(&offer, now)?;
        if capacity.0 == 0 {
            return Ok(None);
        }
        let equity = position.equity(self.market.adjusted())?;
        let wanted = lots_to_target(&position, equity, &self.closing(side, price, &fees), params);
        let lots = wanted.min(capacity);
        Ok((lots.0 > 0).then_some((price, lots, fees)))
    }

    /// Rests the vault's inventory as one reduce-only, post-only order behind the oracle price by its spread, in place of
    /// the one it had; returns the lots offered.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], those of a price that cannot be acted on, [`ErrorCode::BookFull`].
    pub fn unwind_vault(&mut self, now: i64) -> Result<Lots> {
        self.market.head.require_unsettled()?;
        self.market.head.price.require_live(&self.market.head.params, now)?;
        self.accrue(now);
        let size = self.market.seats[VAULT as usize].position.size;
        let Some(side) = size.side().map(Side::opposite) else { return Ok(Lots::ZERO) };
        let price = self.unwind_price(side);
        let newest = self.market.seats[VAULT as usize].orders.get();
        if newest.is_some_and(|record| {
            let order = &self.book.orders[record as usize];
            order.price == price && order.lots == size.abs()
        }) {
            return Ok(size.abs());
        }
        self.drop_all_orders(VAULT);
        let order =
            Order { price, lots: size.abs(), seat: VAULT, side: side as u8, reduce_only: 1, ..Order::default() };
        if self.book.side_len(side) >= self.book.side_capacity() {
            self.evict_for(&order)?;
        }
        self.rest_order(order)?;
        self.require_sound()?;
        Ok(size.abs())
    }

    /// The vault's offer, or one tick behind a better opposite order: post-only.
    fn unwind_price(&self, side: Side) -> Price {
        let offer = self.vault_offer(side);
        let Some(best) = self.book.best(side.opposite()) else { return offer };
        let best = self.book.orders[best as usize].price;
        match side {
            Side::Long => offer.min(Price(best.0 - 1)),
            Side::Short => offer.max(Price(best.0 + 1)),
        }
    }
}

impl Market<'_> {
    /// The vault's equity at the accepted price, fees it has earned included.
    pub fn vault_equity(&self) -> Result<Atoms> {
        self.seats[VAULT as usize].position.equity(self.adjusted())?.plus(self.head.vault_fees)
    }

    /// How many lots of an offer the vault can take: within its size cap, ending at initial margin like anyone else (a
    /// part that shrinks its position needs solvency only), and below the minimum edge only out of its loss budget.
    fn vault_capacity(&self, offer: &Offer, now: i64) -> Result<Lots> {
        let shortfall = self.shortfall_per_lot(offer);
        if shortfall <= 0 {
            return self.vault_margin_capacity(offer);
        }
        // A position built a moment ago may be somebody's who holds both sides: the vault does not overpay for it.
        if offer.standing < self.head.params.seasoning {
            return Ok(Lots::ZERO);
        }
        let by_budget = Lots(self.budget_left(now)?.0 / shortfall);
        if by_budget.0 == 0 {
            return Ok(Lots::ZERO);
        }
        Ok(by_budget.min(self.vault_margin_capacity(offer)?))
    }

    fn vault_margin_capacity(&self, offer: &Offer) -> Result<Lots> {
        let vault: &Position = &self.seats[VAULT as usize].position;
        let params = &self.head.params;
        let equity = vault.equity(self.adjusted())?;
        if equity.0 < 0 {
            return Ok(Lots::ZERO);
        }
        let gain = (self.mark().0 - offer.price.0) * offer.side.sign();
        let held = Lots(vault.size.0 * offer.side.sign());
        // What shrinks it needs solvency only. A fill at a loss is within the loss budget, which is never more than the
        // equity, so it always leaves that.
        let shrinks = Lots((-held.0).max(0));
        let (equity, held) = (equity.0.saturating_add((shrinks * Price(gain)).0), held + shrinks);
        // Growing by n lots: equity + n * gain >= initial * (held + n) * P, in millionths.
        let initial = params.initial.0 as i64;
        let room = equity as i128 * RATE_ONE as i128 - (held * self.mark()).0 as i128 * initial as i128;
        let each = initial * self.mark().0 - gain * RATE_ONE;
        let by_cap = (params.vault_size_cap - held.0).max(0);
        let by_margin = match each {
            _ if room < 0 => 0,
            each if each <= 0 => by_cap,
            each => divide_wide(room, each, Round::Down),
        };
        Ok(shrinks + Lots(by_cap.min(by_margin)))
    }

    /// How far an offer lies beyond the minimum edge, in atoms a lot.
    fn shortfall_per_lot(&self, offer: &Offer) -> i64 {
        let mark = self.mark();
        let gain = (mark.0 - offer.price.0) * offer.side.sign();
        self.head.params.vault_min_edge.of(mark.0, Round::Up) - gain
    }

    fn slice_number(&self, now: i64) -> i64 {
        now / (self.head.params.budget_window / 8).max(1)
    }

    /// What the vault may still spend below its minimum edge: the budget's share of the smallest of its equity now and at
    /// the opening of every slice of the window, less what was spent in them.
    pub(crate) fn budget_left(&self, now: i64) -> Result<Atoms> {
        if self.head.params.vault_loss_budget == Rate::ZERO {
            return Ok(Atoms::ZERO);
        }
        let number = self.slice_number(now);
        let mut base = self.vault_equity()?;
        let mut spent = Atoms::ZERO;
        for slice in self.head.budget.iter().filter(|slice| number.wrapping_sub(slice.number) < 8) {
            base = base.min(slice.opening);
            spent = spent.plus(slice.spent)?;
        }
        let whole = self.head.params.vault_loss_budget.of_atoms(Atoms(base.0.max(0)), Round::Down);
        Ok(Atoms((whole.0 - spent.0).max(0)))
    }

    /// Opens the current slice of the budget window where nothing has touched it yet; called before anything that
    /// changes the vault's equity other than the market itself.
    pub(crate) fn open_budget_slice(&mut self, now: i64) -> Result<&mut BudgetSlice> {
        let number = self.slice_number(now);
        let opening = self.vault_equity()?;
        let slice = &mut self.head.budget[number.rem_euclid(8) as usize];
        if slice.number != number {
            *slice = BudgetSlice { number, spent: Atoms::ZERO, opening };
        }
        Ok(slice)
    }

    fn spend_budget(&mut self, offer: &Offer, lots: Lots, now: i64) -> Result<()> {
        let shortfall = self.shortfall_per_lot(offer);
        if shortfall > 0 {
            let slice = self.open_budget_slice(now)?;
            slice.spent = slice.spent.plus(lots * Price(shortfall))?;
        }
        Ok(())
    }
}
