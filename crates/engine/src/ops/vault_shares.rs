//! Shares in the vault: requests to mint and redeem, executed at a price that was not known at the time of the request.

use crate::error::{require, ErrorCode, Result};
use crate::layout::VAULT;
use crate::ops::crank::require_payee;
use crate::rules::fees::execution_pay;
use crate::rules::margin::{is_unmaintained, MarginSnapshot};
use crate::rules::phase::{self, Action};
use crate::rules::share_price::{cash_for, quote_cash, shares_for, MAX_SHARES, VIRTUAL_SHARES};
use crate::rules::vault_limits::vault_bid;
use crate::state::budget;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::queues;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Lots, Side};

/// A flat vault with less than this has been wiped out, in atoms. The next deposit begins a new epoch of shares.
pub const DUST: i64 = 1_000;

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// Cash was turned into this many shares.
    Minted(u64),
    /// Shares were turned into this much cash, which is to be paid to the ticket's owner. In a settled market it is all
    /// that the ticket held, including cash that waited to be minted.
    Redeemed(Atoms),
    /// The request to mint has lapsed: this much cash is to be paid back.
    Refunded(Atoms),
    /// The request to redeem has lapsed: the shares are back in the ticket.
    Lapsed,
}

/// Requests shares for cash that is already in the pool. The vault does not change before the request is executed.
pub(crate) fn request_mint(market: &mut Market, ticket: &mut Ticket, amount: Atoms, now: i64) -> Result<()> {
    require_askable(market, ticket, now)?;
    // The limit at the first share price, the lowest possible: cash that could never be minted is refused.
    let most = (MAX_SHARES - market.head.shares) / VIRTUAL_SHARES as u64;
    require(amount.0 <= most as i64, ErrorCode::PoolFull, most as i64, amount.0)?;
    ledger::receive(market, Purse::PendingMints, amount)?;
    note_request(market, ticket, now)?;
    ticket.minting = amount;
    Ok(())
}

/// Requests the cash of shares.
pub(crate) fn request_redeem(market: &mut Market, ticket: &mut Ticket, shares: u64, now: i64) -> Result<()> {
    require_askable(market, ticket, now)?;
    ticket.enter_epoch(market.head.share_epoch);
    require(shares > 0, ErrorCode::ZeroAmount, 1, 0)?;
    require(shares <= ticket.shares, ErrorCode::InsufficientShares, ticket.shares as i64, shares as i64)?;
    let equity = market.vault_equity()?;
    require(equity.0 > 0, ErrorCode::VaultUnderwater, 1, equity.0)?;
    note_request(market, ticket, now)?;
    ticket.shares -= shares;
    ticket.redeeming = shares;
    Ok(())
}

fn require_askable(market: &Market, ticket: &Ticket, now: i64) -> Result<()> {
    ticket.require_idle()?;
    phase::require(market, Action::ActAtPrice, now)
}

/// Begins a request. What the vault is worth now limits what the request will bring.
fn note_request(market: &Market, ticket: &mut Ticket, now: i64) -> Result<()> {
    ticket.enter_epoch(market.head.share_epoch);
    ticket.requested_at = now;
    ticket.equity_then = market.vault_equity()?;
    ticket.shares_then = market.head.shares;
    Ok(())
}

/// Executes a ticket's request in a market that is not settled, or undoes one that has lapsed.
pub(crate) fn execute(market: &mut Market, ticket: &mut Ticket, payee: Option<u32>, now: i64) -> Result<Executed> {
    require(ticket.requested_at != 0, ErrorCode::NoRequest, 1, 0)?;
    let mature = ticket.matures_at(&market.head.params);
    let executed = if ticket.has_lapsed(&market.head.params, now) {
        undo(market, ticket)?
    } else {
        require(now >= mature, ErrorCode::RequestNotMature, mature, now)?;
        require_payee(market, payee)?;
        phase::require(market, Action::ActAtPrice, now)?;
        let head = &*market.head;
        let after = head.price.is_published_after(mature, &head.params);
        require(after, ErrorCode::RequestNotMature, mature, head.price.accepted_at)?;
        require_no_liquidation_waits(market, now)?;
        ledger::credit_vault_fees(market)?;
        budget::open_slice(market, now)?;
        if ticket.minting.0 > 0 {
            mint(market, ticket, payee)?
        } else {
            redeem(market, ticket, payee)?
        }
    };
    ticket.end_request();
    Ok(executed)
}

fn undo(market: &mut Market, ticket: &mut Ticket) -> Result<Executed> {
    if ticket.minting.0 == 0 {
        ticket.enter_epoch(market.head.share_epoch);
        ticket.shares += ticket.redeeming;
        return Ok(Executed::Lapsed);
    }
    ledger::pay_out(market, Purse::PendingMints, ticket.minting)?;
    Ok(Executed::Refunded(ticket.minting))
}

fn mint(market: &mut Market, ticket: &mut Ticket, payee: Option<u32>) -> Result<Executed> {
    let position = market.seats[VAULT as usize].position;
    let wiped_out = position.size == Lots::ZERO && position.cash.0 < DUST;
    if wiped_out && market.head.shares > 0 {
        market.head.share_epoch += 1;
        market.head.shares = 0;
        // The remains of the old epoch belong to nobody, and are too little to divide.
        ledger::transfer(market, Purse::Seat(VAULT), Purse::Fees, position.cash)?;
    }
    let equity = market.vault_equity()?;
    require(equity.0 > 0 || wiped_out, ErrorCode::VaultUnderwater, 1, equity.0)?;
    let epoch_then = ticket.epoch;
    ticket.enter_epoch(market.head.share_epoch);
    let pay = execution_pay(ticket.minting, payee);
    let amount = ticket.minting.minus(pay)?;
    let shares = shares_for(market, amount, equity, ticket, epoch_then)?;
    ledger::transfer(market, Purse::PendingMints, Purse::Seat(VAULT), amount)?;
    if let Some(payee) = payee {
        ledger::transfer(market, Purse::PendingMints, Purse::Seat(payee), pay)?;
    }
    queues::refresh(market, VAULT)?;
    market.head.shares += shares;
    ticket.shares += shares;
    Ok(Executed::Minted(shares))
}

fn redeem(market: &mut Market, ticket: &mut Ticket, payee: Option<u32>) -> Result<Executed> {
    if ticket.epoch != market.head.share_epoch {
        ticket.enter_epoch(market.head.share_epoch);
        return Ok(Executed::Redeemed(Atoms::ZERO));
    }
    let (oracle_price, adjusted) = (market.oracle_price(), market.adjusted_price());
    let now_worth = cash_for(market, ticket.redeeming, market.vault_equity()?);
    let worth = now_worth.min(quote_cash(ticket.redeeming, ticket.shares_then, ticket.equity_then));
    let pay = execution_pay(worth, payee);
    let cash = worth.minus(pay)?;
    market.head.shares -= ticket.redeeming;
    if let Some(payee) = payee {
        ledger::transfer(market, Purse::Seat(VAULT), Purse::Seat(payee), pay)?;
    }
    ledger::pay_out(market, Purse::Seat(VAULT), cash)?;
    queues::refresh(market, VAULT)?;
    let after = MarginSnapshot::of(&market.seats[VAULT as usize], adjusted)?;
    after.require_initial_margin(market.head.params.initial, oracle_price).map_err(|mut error| {
        error.code = ErrorCode::VaultBelowMargin;
        error
    })?;
    Ok(Executed::Redeemed(cash))
}

/// Fails while the head of either side is bankrupt, or the vault would take it over now or at the next price: what that
/// costs or brings belongs to the old holders. The vault is asked as for a caller without pay, because it then takes
/// more.
fn require_no_liquidation_waits(market: &Market, now: i64) -> Result<()> {
    for side in [Side::Long, Side::Short] {
        let Some(head) = market.liquidation_head(side).map(|head| head.index) else { continue };
        let waits = market.is_bankrupt(head)?
            || (is_unmaintained(market, head)? && vault_bid(market, head, false, now)?.is_some());
        require(!waits, ErrorCode::VaultBusy, 0, head as i64)?;
    }
    Ok(())
}
