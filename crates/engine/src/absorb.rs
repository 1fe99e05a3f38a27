//! What the vault takes over from liquidated seats, what it may lose on that, and how it sells its inventory.

use crate::book::Order;
use crate::crank::Crank;
use crate::error::Result;
use crate::exchange::{Exchange, Verdict};
use crate::margin::lots_to_target;
use crate::market::{BudgetSlice, Market, BUDGET_SLICES, VAULT};
use crate::seat::Position;
use crate::units::{divide_wide, wide_difference, Atoms, Lots, Price, Rate, Round, Side, MAX_PRICE, RATE_ONE};
use crate::waterfall::LotFees;

/// An offer to the vault: lots of a loser's side at a price.
struct Offer {
    side: Side,
    price: Price,
    /// How long the loser's seat has not been weakened, in seconds.
    standing: i64,
}

/// What the vault would pay for a lot of a seat, whatever it has the means for.
pub(crate) struct VaultQuote {
    side: Side,
    /// At which price.
    pub price: Price,
    /// What the seat pays besides.
    fees: LotFees,
}

/// What the vault would take of a seat.
pub(crate) struct VaultBid {
    /// At which price.
    pub price: Price,
    /// How much of it.
    pub lots: Lots,
    /// What the seat pays besides.
    pub fees: LotFees,
    /// Whether that is all it takes to bring the seat to its target.
    pub reaches_target: bool,
}

impl Exchange<'_> {
    /// The vault takes over what it bid for: at a discount, but never beyond the bankruptcy price of the seat.
    pub(crate) fn sell_to_vault(&mut self, loser: u32, side: Side, bid: &VaultBid, crank: &mut Crank) -> Result<()> {
        let VaultBid { price, lots, fees, .. } = bid;
        let before = self.market.seats[loser as usize].position;
        let after = self.closed_part(&before, side, *lots, *price, fees)?;
        let mut vault = self.market.seats[VAULT as usize].position;
        crank.touched_winners |= vault.size.side() == Some(side.opposite());
        // Its own fee comes with the lots.
        vault.trade(lots.on(side), *price, self.market.head.funding)?;
        vault.cash = vault.cash.plus(*lots * Price(fees.vault))?;
        self.market.spend_budget(side, *price, *lots, crank.now)?;
        self.set_position(VAULT, vault, crank.now)?;
        self.set_position(loser, after, crank.now)?;
        crank.tally.pay = crank.tally.pay.plus(*lots * Price(fees.caller))?;
        self.count_vault_fill(loser, &before, (*lots, *price), crank)
    }

    /// What the vault would take of a seat at the accepted price, whether or not the older price lets it. `None` if it takes
    /// nothing.
    pub(crate) fn vault_bid(&self, loser: u32, paid: bool, now: i64) -> Result<Option<VaultBid>> {
        match self.vault_quote(loser, paid) {
            Some(quote) => self.vault_bid_at(loser, quote, now),
            None => Ok(None),
        }
    }

    /// What the vault would pay for a seat at the accepted price: that less its discount, or the bankruptcy price of a
    /// bankrupt seat. `None` if it does not buy.
    pub(crate) fn vault_quote(&self, loser: u32, paid: bool) -> Option<VaultQuote> {
        let side = self.market.seats[loser as usize].position.size.side()?;
        let zero = self.market.zero_price(loser)?;
        if loser == VAULT {
            return None;
        }
        let params = &self.market.head.params;
        let mark = self.market.mark();
        let overpays = (mark.0 - zero.0) * side.sign() < 0;
        if overpays && params.vault_loss_budget == Rate::ZERO {
            return None;
        }
        let fees = self.lot_fees(loser, side, mark, zero, paid, params.vault_discount);
        let price = if overpays { zero } else { Price(mark.0 - fees.discount * side.sign()) };
        Some(VaultQuote { side, price, fees })
    }

    /// How much of a seat the vault would take at its quote.
    #[inline(never)]
    pub(crate) fn vault_bid_at(&self, loser: u32, quote: VaultQuote, now: i64) -> Result<Option<VaultBid>> {
        let VaultQuote { side, price, fees } = quote;
        let seat = &self.market.seats[loser as usize];
        // What the vault can take first: most of the time that is nothing, and the target need not be computed.
        let offer = Offer { side, price, standing: now.saturating_sub(seat.weakened_at) };
        let capacity = self.market.vault_capacity(&offer, now)?;
        if capacity.0 == 0 {
            return Ok(None);
        }
        let equity = seat.position.equity(self.market.adjusted())?;
        let terms = self.closing(side, price, &fees);
        let wanted = lots_to_target(&seat.position, equity, &terms, &self.market.head.params);
        let lots = wanted.min(capacity);
        Ok((lots.0 > 0).then_some(VaultBid { price, lots, fees, reaches_target: lots == wanted }))
    }

    /// Rests an eighth of the vault's inventory, at least the smallest order, as a reduce-only order behind the oracle price
    /// by its spread. It is met only once a price published after this is accepted: nobody has the vault offer and takes
    /// the offer at one price. Until then it stays, unless it is dead; after that it is replaced where the oracle price has
    /// moved away from it by more than half the spread. Returns the lots offered.
    ///
    /// An offer outside the range of prices does not rest.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`](crate::error::ErrorCode::MarketSettled), those of a price that cannot be acted on,
    /// [`ErrorCode::BookFull`](crate::error::ErrorCode::BookFull).
    pub fn unwind_vault(&mut self, now: i64) -> Result<Lots> {
        self.market.head.require_unsettled()?;
        self.accrue(now);
        self.market.require_live(now)?;
        let size = self.market.seats[VAULT as usize].position.size;
        let Some(side) = size.side().map(Side::opposite) else { return Ok(Lots::ZERO) };
        let lots = self.offered_lots(size);
        if let Some(record) = self.market.seats[VAULT as usize].orders.get() {
            let order = &self.book.orders[record as usize];
            let verdict = self.judge(order, self.market.band_edge(order.side()), now);
            if verdict == Verdict::Unripe || (verdict == Verdict::Good && !self.is_left_behind(order)) {
                return Ok(order.lots);
            }
        }
        self.drop_all_orders(VAULT);
        let price = self.unwind_price(side);
        if price.0 < 1 || price.0 > MAX_PRICE {
            self.require_sound()?;
            return Ok(Lots::ZERO);
        }
        let (seat, side) = (VAULT, side as u8);
        let order = Order { price, lots, placed_at: now, seat, side, reduce_only: 1, ..Order::default() };
        if self.book.side_len(order.side()) >= self.book.side_capacity() {
            self.evict_for(&order)?;
        }
        self.rest_order(order)?;
        self.require_sound()?;
        Ok(lots)
    }

    /// How much of an inventory the vault offers at a time: what is known of the next price is worth that much less.
    fn offered_lots(&self, size: Lots) -> Lots {
        let eighth = size.abs().0.div_euclid(8);
        Lots(eighth.max(self.market.head.params.min_order).min(size.abs().0))
    }

    /// Whether an offer of the vault is further behind where it would rest now than half the spread.
    fn is_left_behind(&self, order: &Order) -> bool {
        let distance = (order.price.0 - self.unwind_price(order.side()).0).abs();
        let spread = self.market.head.params.vault_spread.of(self.market.mark().0, Round::Down);
        distance > spread / 2
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
        let shortfall = self.shortfall_per_lot(offer.side, offer.price);
        if shortfall <= 0 {
            return self.vault_margin_capacity(offer);
        }
        // A seat that was weakened a moment ago may be of somebody who holds both sides: the vault does not overpay for it.
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
        let room = wide_difference(equity, RATE_ONE, (held * self.mark()).0, initial);
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
    fn shortfall_per_lot(&self, side: Side, price: Price) -> i64 {
        let mark = self.mark();
        let gain = (mark.0 - price.0) * side.sign();
        self.head.params.vault_min_edge.of(mark.0, Round::Up) - gain
    }

    /// What the vault may still spend below its minimum edge: the budget's share of the smallest of its equity now and at
    /// the opening of every slice that ends later than a window ago, less what was spent in them.
    pub(crate) fn budget_left(&self, now: i64) -> Result<Atoms> {
        if self.head.params.vault_loss_budget == Rate::ZERO {
            return Ok(Atoms::ZERO);
        }
        let since = now.saturating_sub(self.head.params.budget_window);
        let mut base = self.vault_equity()?;
        let mut spent = Atoms::ZERO;
        for slice in self.head.budget.iter().filter(|slice| slice.end > since) {
            base = base.min(slice.opening);
            spent = spent.plus(slice.spent)?;
        }
        let whole = self.head.params.vault_loss_budget.of_atoms(Atoms(base.0.max(0)), Round::Down);
        Ok(Atoms((whole.0 - spent.0).max(0)))
    }

    /// The current slice of the budget window, opened if the last one is over; called before anything that changes the
    /// vault's equity other than the market itself.
    ///
    /// A slice counts as long as it ends later than a window ago, whatever the window is by then. Slices of one length need
    /// no more room than the ring has. After a change to a longer window they might: then the two oldest become one, so
    /// nothing that still counts is forgotten.
    pub(crate) fn open_budget_slice(&mut self, now: i64) -> Result<&mut BudgetSlice> {
        let opening = self.vault_equity()?;
        let window = self.head.params.budget_window;
        let ring = &mut self.head.budget;
        let current = ring.iter().position(|slice| slice.start <= now && now < slice.end);
        let place = match current {
            Some(place) => place,
            None => {
                let place = oldest(ring, BUDGET_SLICES);
                let old = ring[place];
                if old.end > now.saturating_sub(window) {
                    let next = &mut ring[oldest(ring, place)];
                    next.spent = next.spent.plus(old.spent)?;
                    next.opening = next.opening.min(old.opening);
                    next.start = old.start;
                }
                let end = now.saturating_add((window / 8).max(1));
                ring[place] = BudgetSlice { start: now, end, spent: Atoms::ZERO, opening };
                place
            }
        };
        Ok(&mut ring[place])
    }

    fn spend_budget(&mut self, side: Side, price: Price, lots: Lots, now: i64) -> Result<()> {
        let shortfall = self.shortfall_per_lot(side, price);
        if shortfall > 0 {
            let slice = self.open_budget_slice(now)?;
            slice.spent = slice.spent.plus(lots * Price(shortfall))?;
        }
        Ok(())
    }
}

/// The slice that ends first, but for the one at `except`.
fn oldest(ring: &[BudgetSlice], except: usize) -> usize {
    let others = ring.iter().enumerate().filter(|(place, _)| *place != except);
    others.min_by_key(|(_, slice)| slice.end).map_or(0, |(place, _)| place)
}
