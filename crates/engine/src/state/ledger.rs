//! The only writer of cash.
//!
//! All cash of a market is in one pool, and every atom of it belongs to one [`Purse`]. Four things can happen to cash:
//! it comes in ([`receive`]), it goes out ([`pay_out`]), it moves from one purse to another ([`transfer`]), or two
//! seats trade ([`trade`]), which moves cash one way and lots the other. Each of these functions keeps the sum of all
//! purses equal to the pool. No other code in the engine assigns to a field of cash
//! (`architecture::only_the_ledger_writes_cash`).
//!
//! After a seat's cash has changed, the seat must be put back in its queue ([`crate::state::queues`]) before the
//! operation ends. The caller does that, because several changes need it only once.

use crate::error::{require, ErrorCode, Result};
use crate::layout::VAULT;
use crate::state::market::Market;
use crate::state::position::Position;
use crate::state::queues;
use crate::units::{AdjustedPrice, Atoms, Funding, Lots, Price, MAX_POOL};

/// The owner of some cash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purse {
    /// A seat.
    Seat(u32),
    /// The market itself: collected fees, from which cranks are paid.
    Fees,
    /// The vault: fees it has earned that are not credited to its seat yet.
    VaultFees,
    /// Pending requests to mint shares.
    PendingMints,
}

#[inline(always)]
fn cash<'a>(market: &'a mut Market, purse: Purse) -> &'a mut Atoms {
    match purse {
        Purse::Seat(index) => &mut market.seats[index as usize].position.cash,
        Purse::Fees => &mut market.head.fee_cash,
        Purse::VaultFees => &mut market.head.vault_fees,
        Purse::PendingMints => &mut market.head.pending_mints,
    }
}

/// Moves cash from one purse to another.
///
/// # Errors
/// [`ErrorCode::Overflow`].
#[inline(always)]
pub(crate) fn transfer(market: &mut Market, from: Purse, to: Purse, amount: Atoms) -> Result<()> {
    let source = cash(market, from);
    *source = source.minus(amount)?;
    let target = cash(market, to);
    *target = target.plus(amount)?;
    Ok(())
}

/// Fails unless the pool has room for an amount.
///
/// # Errors
/// [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`] with the room that is left.
pub(crate) fn require_room(market: &Market, amount: Atoms) -> Result<()> {
    require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
    let total = market.head.pool_cash.plus(amount)?;
    require(total.0 <= MAX_POOL, ErrorCode::PoolFull, MAX_POOL - market.head.pool_cash.0, amount.0)
}

/// Books cash that has come into the pool.
///
/// # Errors
/// Those of [`require_room`].
pub(crate) fn receive(market: &mut Market, to: Purse, amount: Atoms) -> Result<()> {
    require_room(market, amount)?;
    market.head.pool_cash = market.head.pool_cash.plus(amount)?;
    let target = cash(market, to);
    *target = target.plus(amount)?;
    Ok(())
}

/// Books cash that is about to leave the pool.
///
/// # Errors
/// [`ErrorCode::Overflow`].
pub(crate) fn pay_out(market: &mut Market, from: Purse, amount: Atoms) -> Result<()> {
    let source = cash(market, from);
    *source = source.minus(amount)?;
    market.head.pool_cash = market.head.pool_cash.minus(amount)?;
    Ok(())
}

/// One seat buys lots from another at a price, or sells them if `lots` is below zero. One receives exactly the cash
/// that the other pays, and the same holds for the lots.
///
/// # Errors
/// [`ErrorCode::LotsOutOfRange`], [`ErrorCode::Overflow`].
#[inline(always)]
pub(crate) fn trade(market: &mut Market, buyer: u32, seller: u32, lots: Lots, price: Price) -> Result<()> {
    let funding = market.head.funding;
    market.seats[seller as usize].position.trade(-lots, price, funding)?;
    market.seats[buyer as usize].position.trade(lots, price, funding)?;
    Ok(())
}

/// Credits the fees that the vault has earned to its seat, and puts the seat back in its queue.
pub(crate) fn credit_vault_fees(market: &mut Market) -> Result<()> {
    let fees = market.head.vault_fees;
    if fees.0 > 0 {
        transfer(market, Purse::VaultFees, Purse::Seat(VAULT), fees)?;
        queues::refresh(market, VAULT)?;
    }
    Ok(())
}

/// The settlement record takes over a seat's lots at the settlement price. The record is worth nothing before and
/// after.
///
/// Its cash is `-size * a` for the lots it holds. That could leave 64 bits only with more than 2^31 lots on one side.
/// In that case positions of the other side are left, and each of them brings it back: closing in another order works.
pub(crate) fn close_at_settlement(market: &mut Market, index: u32) -> Result<()> {
    let adjusted = market.adjusted_price();
    let Position { cash, size, .. } = market.seats[index as usize].position;
    let worth = size * adjusted;
    let record = &mut market.head.settlement;
    record.cash = record.cash.minus(worth)?;
    record.size = record.size + size;
    market.seats[index as usize].position = Position { cash: cash.plus(worth)?, ..Position::default() };
    Ok(())
}

/// Moves what each position has paid in funding since cumulative funding was 0 out of its seat's cash. Sizes sum to 0,
/// so the total does not change. The caller must set cumulative funding to 0 as well.
pub(crate) fn realize_funding(market: &mut Market, funding: Funding) {
    let counts_size = market.head.rank_rule().counts_size();
    let count = market.head.seat_count as usize;
    for seat in market.seats[..count].iter_mut() {
        // A size is within 2^30 and F within 2^31. Cash is what a position is worth and a part of one pool, so by the
        // bounds in `units` it stays within an i64.
        let position = &mut seat.position;
        let paid = position.size * AdjustedPrice(funding.0);
        position.cash = Atoms(position.cash.0.wrapping_sub(paid.0));
        // The rank is bounded by cash + cost, and that sum changes only if the cost is at its limit.
        if position.add_cost(paid) {
            seat.refresh_rank(counts_size);
        }
    }
}
