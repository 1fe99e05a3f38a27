//! The end of a market: it is announced, settled at one price for good, and paid out to the last atom.
//!
//! A market ends because its oracle is dead or because its authority delisted it. Either takes days, and anyone can
//! read it in the header. Then the price is fixed, `deleverage` clears the bankrupt seats by force alone, and every
//! position closes at that price against the settlement record, which takes over its lots. Let `a` be the
//! funding-adjusted price, which is frozen too. A seat of `q` lots gains `q a` of cash; the record loses that cash and
//! gains `q` lots, so the record is worth `cash + size * a = 0` after every closing. Sizes sum to 0, so it is empty
//! when the last position is closed (`everybody_is_paid_their_equity_in_any_order_and_nothing_stays`). The order of
//! closing changes nobody's cash.
//!
//! No key can hold any of this up: anyone can take every step, and it pays the owner.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, DAY, VAULT};
use crate::rules::phase::{self, Action};
use crate::rules::share_price::cash_for;
use crate::state::exchange::Exchange;
use crate::state::header::Settlement;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::open_orders::drop_all_orders;
use crate::state::queues;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Lots, Price};

/// The shortest notice of a delisting, in seconds.
pub const DELIST_NOTICE: i64 = 7 * DAY;

/// What remains of a market that everybody has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Cash that belongs to nobody, to be paid out, in atoms.
    pub cash: Atoms,
    /// The account that it is paid to: the owner that redeemed the last share of the vault, else the creator.
    pub heir: Key,
}

/// Announces that the oracle is dead.
pub(crate) fn announce_dead(market: &mut Market, now: i64) -> Result<()> {
    let head = &mut *market.head;
    head.require_unsettled()?;
    require(head.price.accepted.0 != 0, ErrorCode::NoPrice, 1, 0)?;
    let oldest = now.saturating_sub(head.price.silence);
    let silent = head.price.last_print < oldest || !head.proves_oracle_alive(now);
    require(silent, ErrorCode::OracleAlive, oldest, head.price.last_print)?;
    if head.dead_since == 0 {
        head.dead_since = now;
    }
    Ok(())
}

/// Sets or withdraws the date of a delisting.
pub(crate) fn delist(market: &mut Market, at: i64, now: i64) -> Result<()> {
    let head = &mut *market.head;
    head.require_unsettled()?;
    require(!head.is_delisted(now), ErrorCode::MarketDelisted, head.delist_at, now)?;
    if at == 0 {
        require(head.delist_at != 0, ErrorCode::NothingPending, 1, 0)?;
    } else {
        let earliest = now.saturating_add(DELIST_NOTICE);
        require(at >= earliest, ErrorCode::TooEarly, earliest, at)?;
    }
    head.delist_at = at;
    Ok(())
}

/// Fixes price and funding for good. Funding must have accrued before.
pub(crate) fn settle(market: &mut Market, now: i64) -> Result<()> {
    let head = &*market.head;
    head.require_unsettled()?;
    let over = head.dead_since.saturating_add(head.price.grace);
    if head.dead_since == 0 || now < over {
        require(head.dead_since | head.delist_at != 0, ErrorCode::NothingPending, 1, 0)?;
        require(head.delist_at != 0, ErrorCode::TooEarly, over, now)?;
        let (date, published) = (head.delist_at, head.price.accepted_at);
        require(head.price.is_published_after(date, &head.params), ErrorCode::TooEarly, date, published)?;
        phase::require(market, Action::ActAtPrice, now)?;
    }
    let head = &mut *market.head;
    // A jump that has not been confirmed does not count.
    head.price.pending = Price::ZERO;
    head.price.pending_at = 0;
    head.settlement = Settlement { price: head.price.accepted, at: now, ..Settlement::default() };
    Ok(())
}

/// Cancels a seat's orders and closes its position against the settlement record of a settled market.
///
/// # Errors
/// [`ErrorCode::BankruptSeat`] while any seat is bankrupt: otherwise a trader could leave their part of the shortfall
/// to the others.
pub(crate) fn close_position(exchange: &mut Exchange, index: u32, now: i64) -> Result<()> {
    drop_all_orders(exchange, index);
    let market = &mut exchange.market;
    let size = market.seats[index as usize].position.size;
    if size == Lots::ZERO {
        return Ok(());
    }
    phase::require(market, Action::TakeFromPool, now)?;
    ledger::close_at_settlement(market, index)?;
    queues::requeue(market, index, size)
}

/// Executes a ticket in a settled market. It needs no request, cooldown or price. Cash that waited to be minted is
/// returned, and all shares are redeemed at what the vault is worth. The last share to be redeemed takes all that is
/// left. Returns the amount to pay.
///
/// # Errors
/// [`ErrorCode::NoRequest`] if the ticket holds nothing; [`ErrorCode::BankruptSeat`] if it holds shares.
pub(crate) fn redeem_ticket(exchange: &mut Exchange, ticket: &mut Ticket, now: i64) -> Result<Atoms> {
    let holds = ticket.shares | ticket.redeeming | ticket.minting.0 as u64;
    require(holds != 0, ErrorCode::NoRequest, 1, 0)?;
    ticket.enter_epoch(exchange.market.head.share_epoch);
    let shares = ticket.shares.saturating_add(ticket.redeeming);
    endow_vault(&mut exchange.market)?;
    let redeemed = if shares > 0 { redeem(exchange, shares, ticket.owner, now)? } else { Atoms::ZERO };
    ledger::pay_out(&mut exchange.market, Purse::PendingMints, ticket.minting)?;
    let paid = redeemed.plus(ticket.minting)?;
    ticket.shares = 0;
    ticket.end_request();
    Ok(paid)
}

fn redeem(exchange: &mut Exchange, shares: u64, owner: Key, now: i64) -> Result<Atoms> {
    // A flat vault could pay at once, but that might use up the fee cash from which the cranks are paid.
    phase::require(&exchange.market, Action::TakeFromPool, now)?;
    let equity = settle_vault(exchange, now)?;
    let market = &mut exchange.market;
    let left = market.head.shares.saturating_sub(shares);
    let cash = if left == 0 { equity } else { cash_for(market, shares, equity) };
    ledger::pay_out(market, Purse::Seat(VAULT), cash)?;
    queues::refresh(market, VAULT)?;
    market.head.shares = left;
    if left == 0 {
        market.head.last_redeemer = owner;
    }
    Ok(cash)
}

/// Credits fee cash that nobody can take any more to the vault before any ticket is paid. Otherwise the holder of the
/// last share would get all of it. While a seat is bankrupt, it pays the cranks.
fn endow_vault(market: &mut Market) -> Result<()> {
    if market.head.is_ownerless() && market.bankrupt_side().is_none() {
        let fees = market.head.fee_cash;
        ledger::transfer(market, Purse::Fees, Purse::Seat(VAULT), fees)?;
        queues::refresh(market, VAULT)?;
    }
    Ok(())
}

/// Closes the vault's position against the record and credits the fees it has earned. Returns its cash.
fn settle_vault(exchange: &mut Exchange, now: i64) -> Result<Atoms> {
    ledger::credit_vault_fees(&mut exchange.market)?;
    close_position(exchange, VAULT, now)?;
    Ok(exchange.market.seats[VAULT as usize].position.cash)
}

/// Takes out what remains of a settled market that everybody has left.
pub(crate) fn close_market(exchange: &mut Exchange, now: i64) -> Result<Rest> {
    let head = &*exchange.market.head;
    require(head.is_settled(), ErrorCode::NotSettled, 1, 0)?;
    require(head.seat_count == 1, ErrorCode::MarketNotEmpty, 1, head.seat_count as i64)?;
    require(head.shares == 0, ErrorCode::MarketNotEmpty, 0, head.shares as i64)?;
    require(head.pending_mints.0 == 0, ErrorCode::MarketNotEmpty, 0, head.pending_mints.0)?;
    require(head.is_ownerless() || head.fee_cash.0 == 0, ErrorCode::MarketNotEmpty, 0, head.fee_cash.0)?;
    let vault = settle_vault(exchange, now)?;
    let market = &mut exchange.market;
    let fees = market.head.fee_cash;
    ledger::pay_out(market, Purse::Seat(VAULT), vault)?;
    ledger::pay_out(market, Purse::Fees, fees)?;
    queues::refresh(market, VAULT)?;
    let head = &*market.head;
    let heir = if head.last_redeemer == [0; 32] { head.creator } else { head.last_redeemer };
    Ok(Rest { cash: vault.plus(fees)?, heir })
}
