//! Whether a resting order may be filled, and how much of it its maker can bear.

use crate::layout::VAULT;
use crate::rules::margin::required;
use crate::state::book::Order;
use crate::state::exchange::Exchange;
use crate::state::market::Market;
use crate::units::{Atoms, Lots, Price, Rate, Round, Side, MAX_LOTS};

/// The state of a resting order for a taker that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It can be filled, as far as its maker can bear it.
    Good,
    /// It is cancelled when a taker meets it.
    Dead,
    /// It is an offer of the vault that is not ripe yet. It is treated as if it were not there.
    Unripe,
}

/// The fill that a resting order can take.
pub(crate) struct MakerFill {
    /// Lots that the maker can bear: all that were asked for, or the part that reduces its position.
    pub lots: Lots,
    /// The fee that the maker pays for them.
    pub fee: Atoms,
}

/// The worst price at which a trade on a side is allowed: the highest to buy, the lowest to sell.
#[inline(never)]
pub fn band_edge(market: &Market, side: Side) -> Price {
    let band = market.head.params.band;
    match side {
        Side::Long => market.oracle_price().moved(band, 1, Round::Down),
        Side::Short => market.oracle_price().moved(band, -1, Round::Up),
    }
}

/// Whether an order is beyond the edge of the band for its side, at a price that is worse for its maker.
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

/// Whether an order's owner may not cancel it yet: it evicted another, and no price published since has been accepted.
pub(crate) fn is_locked(market: &Market, order: &Order, now: i64) -> bool {
    order.locked_until > now && !is_ripe(market, order)
}

/// The price at which the vault offers its inventory now: its spread away from the oracle price, in its own favour.
#[inline(never)]
pub(crate) fn vault_offer(market: &Market, side: Side) -> Price {
    let spread = market.head.params.vault_spread;
    match side {
        Side::Long => market.oracle_price().moved(spread, -1, Round::Down),
        Side::Short => market.oracle_price().moved(spread, 1, Round::Up),
    }
}

/// Whether a resting order of the vault is worse for the vault than its current `offer`.
fn is_stale_vault_quote(order: &Order, offer: Price) -> bool {
    match order.side() {
        Side::Long => order.price > offer,
        Side::Short => order.price < offer,
    }
}

/// The best order of a side. An offer of the vault that is not ripe yet is skipped. The vault has only one order, so
/// the next order is directly below it.
#[inline(always)]
pub(crate) fn best_order(exchange: &Exchange, side: Side) -> Option<u32> {
    let best = exchange.book.best(side)?;
    let order = &exchange.book.orders[best as usize];
    if order.seat == VAULT && !is_ripe(&exchange.market, order) {
        return exchange.book.second(side);
    }
    Some(best)
}

/// Whether an order can be filled. It is dead if it has expired, if its price is beyond the band's `edge` for its side
/// (see [`band_edge`]), or if it is the vault's and is now worse than the vault's offer.
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

/// The part of a fill of `lots` that the maker of an order can bear; `None` if nothing can be filled. A fill that grows
/// its position must leave initial margin, because the taker may know a price that the maker did not know. If it does
/// not, only the part that reduces the position is filled. That part must leave maintenance margin and, as for a taker,
/// no less equity per lot: a sale below the seat's own bankruptcy price would hand over margin that a withdrawal has to
/// leave.
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

/// The fee of a fill, if it leaves the maker the `margin` of its position.
///
/// Bought at p, a lot is worth P - p more than it cost: `equity after = equity + lots * (P - p) - fee`. So the fill can
/// be judged before it is booked (`trading::a_maker_is_judged_by_the_position_it_would_have`).
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
