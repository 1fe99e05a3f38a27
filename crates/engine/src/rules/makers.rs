//! What a resting order is worth to whoever meets it: whether it may be filled, and how far its maker can bear it.

use crate::layout::VAULT;
use crate::rules::margin::required;
use crate::state::book::Order;
use crate::state::exchange::Exchange;
use crate::state::market::Market;
use crate::units::{Atoms, Lots, Price, Rate, Round, Side, MAX_LOTS};

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

/// The worst price at which somebody may trade on a side: the highest to buy, the lowest to sell.
#[inline(never)]
pub fn band_edge(market: &Market, side: Side) -> Price {
    let band = market.head.params.band;
    match side {
        Side::Long => market.oracle_price().moved(band, 1, Round::Down),
        Side::Short => market.oracle_price().moved(band, -1, Round::Up),
    }
}

/// Whether an order lies beyond the edge of the band for its side: worse for its maker.
const fn is_beyond(order: &Order, edge: Price) -> bool {
    match order.side() {
        Side::Long => order.price.0 > edge.0,
        Side::Short => order.price.0 < edge.0,
    }
}

/// Whether the accepted price was published after an order was placed.
pub(crate) fn is_ripe(market: &Market, order: &Order) -> bool {
    market.head.price.is_published_after(order.placed_at, &market.head.params)
}

/// Whether an order's owner may not cancel it yet: it evicted another, and no price published since then has been accepted.
pub(crate) fn is_locked(market: &Market, order: &Order, now: i64) -> bool {
    order.locked_until > now && !is_ripe(market, order)
}

/// The price at which the vault offers its inventory now: behind the oracle price by its spread, away from it.
#[inline(never)]
pub(crate) fn vault_offer(market: &Market, side: Side) -> Price {
    let spread = market.head.params.vault_spread;
    match side {
        Side::Long => market.oracle_price().moved(spread, -1, Round::Down),
        Side::Short => market.oracle_price().moved(spread, 1, Round::Up),
    }
}

/// Whether a resting order of the vault is worse for it than its `offer` now.
fn is_stale_vault_quote(order: &Order, offer: Price) -> bool {
    match order.side() {
        Side::Long => order.price > offer,
        Side::Short => order.price < offer,
    }
}

/// The best order of a side. An offer of the vault that is not ripe yet is passed over: the vault has one order, so the
/// next is right below it.
#[inline(always)]
pub(crate) fn best_order(exchange: &Exchange, side: Side) -> Option<u32> {
    let best = exchange.book.best(side)?;
    let order = &exchange.book.orders[best as usize];
    if order.seat == VAULT && !is_ripe(&exchange.market, order) {
        return exchange.book.second(side);
    }
    Some(best)
}

/// Whether an order can be filled. It is dead if its time is over, if its price is beyond the band's `edge` for its side
/// (see [`band_edge`]), or if it is the vault's and has become worse than the vault offers now.
#[inline(always)]
pub(crate) fn judge(market: &Market, order: &Order, edge: Price, now: i64) -> Verdict {
    if order.is_expired(now) || is_beyond(order, edge) {
        return Verdict::Dead;
    }
    if order.seat != VAULT {
        return Verdict::Good;
    }
    if is_stale_vault_quote(order, vault_offer(market, order.side())) {
        Verdict::Dead
    } else if is_ripe(market, order) {
        Verdict::Good
    } else {
        Verdict::Unripe
    }
}

/// What of a fill of `lots` the maker of an order can bear. A fill that grows its position must leave initial margin of that
/// position: a price published before it rested may already be known to whoever fills it. If it does not, only the part that
/// reduces the position is filled. That part must leave maintenance and, as of a taker, no less equity a lot: a position sold
/// below its own bankruptcy price would hand margin over that a withdrawal has to leave. `None` if nothing can be filled.
#[inline(always)]
pub(crate) fn maker_fill(market: &Market, order: &Order, lots: Lots, now: i64) -> Option<MakerFill> {
    let held = market.seats[order.seat as usize].position.size;
    let reduces = lots.min(Lots((-held.on(order.side()).0).max(0)));
    if lots > reduces {
        let fee = borne_fee(market, order, lots, market.head.opening_margin(now));
        if fee.is_some() || reduces == Lots::ZERO {
            return fee.map(|fee| MakerFill { lots, fee });
        }
    }
    reducing_fill(market, order, reduces)
}

#[inline(never)]
fn reducing_fill(market: &Market, order: &Order, lots: Lots) -> Option<MakerFill> {
    let fee = borne_fee(market, order, lots, market.head.params.maintenance)?;
    let mut after = market.seats[order.seat as usize].position;
    after.trade(lots.on(order.side()), order.price, market.head.funding).ok()?;
    after.charge(fee).ok()?;
    (after.key() <= market.key(order.seat)).then_some(MakerFill { lots, fee })
}

/// The fee of a fill, if the maker is left with `margin` of its position after it.
///
/// Bought at p, a lot is worth P - p more than it cost: `equity after = equity + lots * (P - p) - fee`. So the fill need not
/// be booked to be judged (`trading::a_maker_is_judged_by_the_position_it_would_have`).
#[inline(always)]
pub(crate) fn borne_fee(market: &Market, order: &Order, lots: Lots, margin: Rate) -> Option<Atoms> {
    let position = &market.seats[order.seat as usize].position;
    let bought = lots.on(order.side());
    let (size, oracle_price) = (position.size + bought, market.oracle_price());
    if size.abs().0 > MAX_LOTS {
        return None;
    }
    let fee = market.head.params.maker_fee.of_atoms(lots * order.price, Round::Up);
    let equity = position.equity(market.adjusted_price()).ok()?;
    let equity = equity.plus(bought * Price(oracle_price.0.wrapping_sub(order.price.0))).ok()?.minus(fee).ok()?;
    (equity >= required(margin, size, oracle_price)).then_some(fee)
}
