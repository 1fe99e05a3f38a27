//! The price of a vault share.

use crate::error::{require, ErrorCode, Result};
use crate::state::market::Market;
use crate::state::ticket::Ticket;
use crate::units::Atoms;

/// Shares that nobody owns, set against one atom that nobody put in. With them the first depositor cannot make a share
/// so expensive that the next deposit rounds to none.
pub(crate) const VIRTUAL_SHARES: u128 = 1_000;
const VIRTUAL_ATOMS: u128 = 1;
/// The largest number of shares in an epoch. It fits an `i64`, so that a client can show shares like any other amount.
pub(crate) const MAX_SHARES: u64 = i64::MAX as u64;

/// `amount` of cash in new shares, at the worse of two prices: with the vault worth `equity` now, and as it was when
/// the ticket asked. The earlier price does not count if it is from another epoch or without equity.
pub(crate) fn shares_for(
    market: &Market,
    amount: Atoms,
    equity: Atoms,
    ticket: &Ticket,
    epoch_then: u64,
) -> Result<u64> {
    let mut shares = quote_shares(amount, market.head.shares, equity);
    if epoch_then == market.head.share_epoch && ticket.equity_then.0 > 0 {
        shares = shares.min(quote_shares(amount, ticket.shares_then, ticket.equity_then));
    }
    let total = shares + market.head.shares as u128;
    require(total <= MAX_SHARES as u128, ErrorCode::Overflow, i64::MAX, amount.0)?;
    require(shares > 0, ErrorCode::ZeroSharesMinted, 1, 0)?;
    Ok(shares as u64)
}

/// The worth of shares at an equity of the vault, rounded down.
pub fn cash_for(market: &Market, shares: u64, equity: Atoms) -> Atoms {
    quote_cash(shares, market.head.shares, equity)
}

/// The shares that an amount buys in a vault with so many shares and so much equity, rounded down.
fn quote_shares(amount: Atoms, shares: u64, equity: Atoms) -> u128 {
    let supply = shares as u128 + VIRTUAL_SHARES;
    let worth = equity.0.max(0) as u128 + VIRTUAL_ATOMS;
    amount.0.max(0) as u128 * supply / worth
}

/// The cash that `redeemed` of so many shares bring, rounded down. At most the equity, and the product fits 128 bits.
pub(crate) fn quote_cash(redeemed: u64, shares: u64, equity: Atoms) -> Atoms {
    let supply = shares as u128 + VIRTUAL_SHARES;
    let equity = equity.0.max(0) as u128;
    Atoms((redeemed as u128 * (equity + VIRTUAL_ATOMS) / supply).min(equity) as i64)
}
