//! What the vault takes over from liquidated seats, at what price, and how much it may lose on that.

use crate::error::Result;
use crate::layout::VAULT;
use crate::rules::fees::{closing, lot_fees, LotFees};
use crate::rules::margin::{is_maintained, lots_to_target};
use crate::state::market::Market;
use crate::state::position::Position;
use crate::units::{divide_wide, wide_difference, Atoms, Lots, Price, Rate, Round, Side, RATE_ONE};

/// Lots offered to the vault, on the loser's side, at a price.
struct Offer {
    side: Side,
    price: Price,
    /// Time since the loser's seat was last weakened, in seconds.
    standing: i64,
}

/// The vault's quote for a lot of a seat, whether or not the vault has the means to buy.
pub(crate) struct VaultQuote {
    side: Side,
    /// The price, in atoms per lot.
    pub price: Price,
    /// What the seat pays in addition.
    fees: LotFees,
}

/// The vault's bid for lots of a seat.
pub(crate) struct VaultBid {
    /// The price, in atoms per lot.
    pub price: Price,
    /// The number of lots.
    pub lots: Lots,
    /// What the seat pays in addition.
    pub fees: LotFees,
    /// Whether this is enough to bring the seat to its target margin.
    pub reaches_target: bool,
}

/// What the vault would take of a seat at the accepted price, without the check of the older price. `None` if it takes
/// nothing.
pub(crate) fn vault_bid(market: &Market, loser: u32, paid: bool, now: i64) -> Result<Option<VaultBid>> {
    match vault_quote(market, loser, paid) {
        Some(quote) => vault_bid_at(market, loser, quote, now),
        None => Ok(None),
    }
}

/// What the vault would pay for a seat at the accepted price: that price less its discount, or the bankruptcy price of
/// a bankrupt seat. `None` if it does not buy.
pub(crate) fn vault_quote(market: &Market, loser: u32, paid: bool) -> Option<VaultQuote> {
    let side = market.seats[loser as usize].position.size.side()?;
    let bankruptcy = market.bankruptcy_price(loser)?;
    if loser == VAULT {
        return None;
    }
    let params = &market.head.params;
    let oracle_price = market.oracle_price();
    let overpays = (oracle_price.0 - bankruptcy.0) * side.sign() < 0;
    if overpays && params.vault_loss_budget == Rate::ZERO {
        return None;
    }
    let fees = lot_fees(market, loser, (side, oracle_price, bankruptcy), paid, params.vault_discount);
    let price = if overpays { bankruptcy } else { Price(oracle_price.0 - fees.discount * side.sign()) };
    Some(VaultQuote { side, price, fees })
}

/// How much of a seat the vault would take at its quote.
#[inline(never)]
pub(crate) fn vault_bid_at(market: &Market, loser: u32, quote: VaultQuote, now: i64) -> Result<Option<VaultBid>> {
    let VaultQuote { side, price, fees } = quote;
    let seat = &market.seats[loser as usize];
    // Compute the vault's capacity first: it is usually nothing, and then the target need not be computed.
    let offer = Offer { side, price, standing: now.saturating_sub(seat.weakened_at) };
    let capacity = vault_capacity(market, &offer, now)?;
    if capacity.0 == 0 {
        return Ok(None);
    }
    let equity = seat.position.equity(market.adjusted_price())?;
    let terms = closing(market, side, price, &fees);
    let wanted = lots_to_target(&seat.position, equity, &terms, &market.head.params);
    let lots = wanted.min(capacity);
    Ok((lots.0 > 0).then_some(VaultBid { price, lots, fees, reaches_target: lots == wanted }))
}

/// Whether the vault may buy from a seat now: as it is now, the seat is below maintenance at the older price too, and
/// it has not been weakened since that price was accepted. So nobody can weaken a seat while knowing the price at which
/// the vault will buy it. It is not stored per seat: all seats ripen at the same time, and nobody can delay that.
pub(crate) fn is_ripe_for_vault(market: &Market, index: u32) -> Result<bool> {
    let (price, seat) = (&market.head.price, &market.seats[index as usize]);
    if price.older == Price::ZERO || seat.weakened_at >= price.older_at {
        return Ok(false);
    }
    let adjusted = price.older - market.head.funding;
    Ok(!is_maintained(&seat.position, &market.head.params, price.older, adjusted)?)
}

/// How many lots of an offer the vault can take: within its size cap, and ending at initial margin like any other seat
/// (a part that shrinks its position needs solvency only). Below the minimum edge it takes only what its loss budget
/// allows.
fn vault_capacity(market: &Market, offer: &Offer, now: i64) -> Result<Lots> {
    let shortfall = shortfall_per_lot(market, offer.side, offer.price);
    if shortfall <= 0 {
        return vault_margin_capacity(market, offer);
    }
    // One trader may hold both sides of a seat that was weakened a moment ago, so the vault does not overpay for it.
    if offer.standing < market.head.params.seasoning {
        return Ok(Lots::ZERO);
    }
    let by_budget = Lots(budget_left(market, now)?.0 / shortfall);
    if by_budget.0 == 0 {
        return Ok(Lots::ZERO);
    }
    Ok(by_budget.min(vault_margin_capacity(market, offer)?))
}

fn vault_margin_capacity(market: &Market, offer: &Offer) -> Result<Lots> {
    let vault: &Position = &market.seats[VAULT as usize].position;
    let params = &market.head.params;
    let equity = vault.equity(market.adjusted_price())?;
    if equity.0 < 0 {
        return Ok(Lots::ZERO);
    }
    let gain = (market.oracle_price().0 - offer.price.0) * offer.side.sign();
    let held = Lots(vault.size.0 * offer.side.sign());
    // A part that shrinks the position needs solvency only. A fill at a loss is within the loss budget, which is never
    // more than the equity, so the vault stays solvent.
    let shrinks = Lots((-held.0).max(0));
    let (equity, held) = (equity.0.saturating_add((shrinks * Price(gain)).0), held + shrinks);
    // Growing by n lots: equity + n * gain >= initial * (held + n) * P, in millionths.
    let initial = params.initial.0 as i64;
    let room = wide_difference(equity, RATE_ONE, (held * market.oracle_price()).0, initial);
    let each = initial * market.oracle_price().0 - gain * RATE_ONE;
    let by_cap = (params.vault_size_cap - held.0).max(0);
    let by_margin = match each {
        _ if room < 0 => 0,
        each if each <= 0 => by_cap,
        each => divide_wide(room, each, Round::Down),
    };
    Ok(shrinks + Lots(by_cap.min(by_margin)))
}

/// How far an offer is beyond the minimum edge, in atoms per lot.
pub(crate) fn shortfall_per_lot(market: &Market, side: Side, price: Price) -> i64 {
    let oracle_price = market.oracle_price();
    let gain = (oracle_price.0 - price.0) * side.sign();
    market.head.params.vault_min_edge.of(oracle_price.0, Round::Up) - gain
}

/// What the vault may still spend below its minimum edge: the budget's share of the smallest of its equity now and its
/// equities at the opening of every slice that ends later than a window ago, less what was spent in those slices.
pub(crate) fn budget_left(market: &Market, now: i64) -> Result<Atoms> {
    if market.head.params.vault_loss_budget == Rate::ZERO {
        return Ok(Atoms::ZERO);
    }
    let since = now.saturating_sub(market.head.params.budget_window);
    let mut base = market.vault_equity()?;
    let mut spent = Atoms::ZERO;
    for slice in market.head.budget.iter().filter(|slice| slice.end > since) {
        base = base.min(slice.opening);
        spent = spent.plus(slice.spent)?;
    }
    let whole = market.head.params.vault_loss_budget.of_atoms(Atoms(base.0.max(0)), Round::Down);
    Ok(Atoms((whole.0 - spent.0).max(0)))
}
