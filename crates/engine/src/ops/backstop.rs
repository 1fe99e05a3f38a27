//! The vault as backstop: how it takes over positions, records what it spends, and sells its inventory.

use crate::error::Result;
use crate::layout::VAULT;
use crate::ops::crank::{self, Crank};
use crate::ops::matching::{evict_for, follow_fills};
use crate::rules::makers::{band_edge, judge, vault_offer, Verdict};
use crate::rules::phase::{self, Action};
use crate::rules::vault_limits::{shortfall_per_lot, VaultBid};
use crate::state::book::Order;
use crate::state::budget;
use crate::state::exchange::Exchange;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::open_orders::{drop_all_orders, rest_order};
use crate::units::{Lots, Price, Round, Side, MAX_PRICE};

/// The vault takes over the lots it has bid for: at a discount, but never beyond the seat's bankruptcy price.
pub(crate) fn absorb(exchange: &mut Exchange, loser: u32, side: Side, bid: &VaultBid, crank: &mut Crank) -> Result<()> {
    let VaultBid { price, lots, fees, .. } = bid;
    let market = &mut exchange.market;
    let before = market.seats[loser as usize].position;
    let vault_was = market.seats[VAULT as usize].position.size;
    crank.touched_winners |= vault_was.side() == Some(side.opposite());
    spend_budget(market, side, *price, *lots, crank.now)?;
    ledger::trade(market, VAULT, loser, lots.on(side), *price)?;
    // The vault's own fee is paid together with the lots.
    ledger::transfer(market, Purse::Seat(loser), Purse::Seat(VAULT), *lots * Price(fees.vault))?;
    crank::pay(market, Purse::Seat(loser), *lots * Price(fees.caller), crank)?;
    follow_fills(exchange, VAULT, vault_was, crank.now)?;
    follow_fills(exchange, loser, before.size, crank.now)?;
    crank::add_vault_fill(&mut exchange.market, loser, &before, (*lots, *price), crank)
}

/// Rests an eighth of the vault's inventory, at least the smallest order, as a reduce-only order its spread away from
/// the oracle price. It can be filled only after a price published later is accepted, so nobody can make the vault
/// offer and take the offer at one price. Until then it stays, unless it is dead. After that it is replaced if the
/// oracle price has moved away from it by more than half the spread. Returns the lots offered.
///
/// An offer outside the range of prices does not rest.
///
/// # Errors
/// [`ErrorCode::MarketSettled`](crate::error::ErrorCode::MarketSettled), those of a price that is not live,
/// [`ErrorCode::BookFull`](crate::error::ErrorCode::BookFull).
pub(crate) fn unwind(exchange: &mut Exchange, now: i64) -> Result<Lots> {
    phase::require(&exchange.market, Action::ActAtPrice, now)?;
    let vault = &exchange.market.seats[VAULT as usize];
    let size = vault.position.size;
    let Some(side) = size.side().map(Side::opposite) else {
        exchange.idle = true;
        return Ok(Lots::ZERO);
    };
    let lots = offered_lots(exchange, size);
    if let Some(record) = vault.orders.get() {
        let order = &exchange.book.orders[record as usize];
        let verdict = judge(&exchange.market, order, band_edge(&exchange.market, order.side()), now);
        if verdict == Verdict::Unripe || (verdict == Verdict::Good && !is_left_behind(exchange, order)) {
            let lots = order.lots;
            exchange.idle = true;
            return Ok(lots);
        }
    }
    drop_all_orders(exchange, VAULT);
    let price = unwind_price(exchange, side);
    if price.0 < 1 || price.0 > MAX_PRICE {
        return Ok(Lots::ZERO);
    }
    let (seat, side) = (VAULT, side as u8);
    let order = Order { price, lots, placed_at: now, seat, side, reduce_only: 1, ..Order::default() };
    if exchange.book.side_len(order.side()) >= exchange.book.side_capacity() {
        evict_for(exchange, &order)?;
    }
    rest_order(exchange, order)?;
    Ok(lots)
}

/// How many lots the vault offers at a time: few, to lose less to traders who already know the next price.
fn offered_lots(exchange: &Exchange, size: Lots) -> Lots {
    let eighth = size.abs().0.div_euclid(8);
    Lots(eighth.max(exchange.market.head.params.min_order).min(size.abs().0))
}

/// Whether an offer of the vault is further than half the spread behind where it would rest now.
fn is_left_behind(exchange: &Exchange, order: &Order) -> bool {
    let distance = (order.price.0 - unwind_price(exchange, order.side()).0).abs();
    let spread = exchange.market.head.params.vault_spread.of(exchange.market.oracle_price().0, Round::Down);
    distance > spread / 2
}

/// The price of the vault's offer, or one tick behind a better opposite order, because the offer is post-only.
fn unwind_price(exchange: &Exchange, side: Side) -> Price {
    let offer = vault_offer(&exchange.market, side);
    let Some(best) = exchange.book.best(side.opposite()) else { return offer };
    let best = exchange.book.orders[best as usize].price;
    match side {
        Side::Long => offer.min(Price(best.0 - 1)),
        Side::Short => offer.max(Price(best.0 + 1)),
    }
}

fn spend_budget(market: &mut Market, side: Side, price: Price, lots: Lots, now: i64) -> Result<()> {
    let shortfall = shortfall_per_lot(market, side, price);
    if shortfall > 0 {
        let slice = budget::open_slice(market, now)?;
        slice.spent = slice.spent.plus(lots * Price(shortfall))?;
    }
    Ok(())
}
