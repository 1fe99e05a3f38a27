//! The phase of a market, and what each action needs: the tables of `docs/ORACLE.md` as code.

use crate::error::{require as hold, Error, ErrorCode, Result};
use crate::state::market::Market;

/// The phase of a market. If several apply, it is the first of them in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Settled at one price for good: positions close at it, and everybody is paid out.
    Settled = 0,
    /// Past its delisting date: nothing matches, and the market can be settled.
    Delisted = 1,
    /// No price has been accepted yet.
    NoPrice = 2,
    /// The last print is too old.
    Stale = 3,
    /// A price jump waits for confirmation.
    PendingJump = 4,
    /// A seat is bankrupt: nothing matches until the cranks have cleared it.
    Bankrupt = 5,
    /// Everything is possible.
    Live = 6,
}

/// An action that is allowed in some phases only. Cancelling orders is always allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Match orders.
    Match,
    /// Rest an order that does not cross, even if nothing matches.
    Rest,
    /// Put cash into a seat.
    Deposit,
    /// Act at the accepted price, whether or not a seat is bankrupt: withdraw from a seat with a position, liquidate,
    /// request vault shares or their cash, offer the vault's inventory.
    ActAtPrice,
    /// Deleverage. It needs what [`Self::ActAtPrice`] needs, or a settled market, where it uses the settlement price.
    Deleverage,
    /// Take out cash that a bankrupt seat may still need: the cash of a settled position or of shares, fees.
    TakeFromPool,
}

/// The phase of a market.
pub fn of(market: &Market, now: i64) -> Phase {
    let head = &*market.head;
    let price = &head.price;
    if head.is_settled() {
        Phase::Settled
    } else if head.is_delisted(now) {
        Phase::Delisted
    } else if price.accepted.0 == 0 {
        Phase::NoPrice
    } else if price.require_fresh(&head.params, now).is_err() {
        Phase::Stale
    } else if price.pending.0 != 0 {
        Phase::PendingJump
    } else if market.bankrupt_side().is_some() {
        Phase::Bankrupt
    } else {
        Phase::Live
    }
}

/// Fails unless an action is allowed now.
///
/// # Errors
/// [`ErrorCode::MarketSettled`], [`ErrorCode::MarketDelisted`]; if the price is not live, the reason why the oracle's
/// print could not be used, or else [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`], [`ErrorCode::PricePending`];
/// [`ErrorCode::BankruptSeat`] with the seat that is closed first.
#[inline(always)]
pub(crate) fn require(market: &Market, action: Action, now: i64) -> Result<()> {
    match action {
        Action::Match => {
            market.head.require_unsettled()?;
            require_listed(market, now)?;
            require_live(market, now)?;
            require_nobody_bankrupt(market)
        }
        Action::Rest => {
            market.head.require_unsettled()?;
            require_listed(market, now)?;
            market.head.price.require_fresh(&market.head.params, now)
        }
        Action::Deposit => market.head.require_unsettled(),
        Action::ActAtPrice => {
            market.head.require_unsettled()?;
            require_live(market, now)
        }
        Action::Deleverage if market.head.is_settled() => Ok(()),
        Action::Deleverage => require_live(market, now),
        Action::TakeFromPool => require_nobody_bankrupt(market),
    }
}

fn require_listed(market: &Market, now: i64) -> Result<()> {
    let head = &*market.head;
    hold(!head.is_delisted(now), ErrorCode::MarketDelisted, head.delist_at, now)
}

fn require_live(market: &Market, now: i64) -> Result<()> {
    let head = &*market.head;
    head.price.require_live(&head.params, now).map_err(|error| market.refused.unwrap_or(error))
}

fn require_nobody_bankrupt(market: &Market) -> Result<()> {
    match market.bankrupt_side().and_then(|side| market.liquidation_head(side)) {
        Some(first) => Err(Error::with(ErrorCode::BankruptSeat, -1, first.index as i64)),
        None => Ok(()),
    }
}
