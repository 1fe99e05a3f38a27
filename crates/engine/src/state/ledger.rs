//! The only writer of cash.
//!
//! All the cash of a market is in one pool, and every atom of it belongs to one [`Purse`]. So there are four things that can
//! happen to it: it comes in ([`receive`]), it goes out ([`pay_out`]), it moves from one purse to another ([`transfer`]), or
//! two seats trade ([`trade`]), which moves cash one way and lots the other. Each of them leaves the sum of all purses and
//! the pool equal, by its own code: nothing else in the engine assigns to a field of cash
//! (`architecture::only_the_ledger_writes_cash`).
//!
//! A seat whose cash has changed must be put back in its queue ([`crate::state::queues`]) before the operation ends; who
//! calls does that, because several changes need it once.

use crate::error::{require, ErrorCode, Result};
use crate::layout::VAULT;
use crate::state::market::Market;
use crate::state::position::Position;
use crate::state::queues;
use crate::units::{AdjustedPrice, Atoms, Funding, Lots, Price, MAX_POOL};

/// Whose cash it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purse {
    /// A seat's.
    Seat(u32),
    /// The market's: fees, and what pays the cranks.
    Fees,
    /// The vault's, but not credited to its seat yet.
    VaultFees,
    /// Of requests to mint that wait.
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

/// Fails unless the pool can take in an amount.
///
/// # Errors
/// [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`] with what there is room for.
pub(crate) fn require_room(market: &Market, amount: Atoms) -> Result<()> {
    require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
    let total = market.head.pool_cash.plus(amount)?;
    require(total.0 <= MAX_POOL, ErrorCode::PoolFull, MAX_POOL - market.head.pool_cash.0, amount.0)
}

/// Books cash that came into the pool.
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

/// Books cash that is to leave the pool.
///
/// # Errors
/// [`ErrorCode::Overflow`].
pub(crate) fn pay_out(market: &mut Market, from: Purse, amount: Atoms) -> Result<()> {
    let source = cash(market, from);
    *source = source.minus(amount)?;
    market.head.pool_cash = market.head.pool_cash.minus(amount)?;
    Ok(())
}

/// One seat buys lots of another at a price, or sells them to it where they are below zero. What one pays the other
/// receives, and the same for the lots.
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

/// Credits the fees that the vault has earned to its seat, and puts that back in its queue.
pub(crate) fn credit_vault_fees(market: &mut Market) -> Result<()> {
    let fees = market.head.vault_fees;
    if fees.0 > 0 {
        transfer(market, Purse::VaultFees, Purse::Seat(VAULT), fees)?;
        queues::refresh(market, VAULT)?;
    }
    Ok(())
}

/// The settlement record of a settled market takes over a seat's lots at the settlement price. It is worth nothing before and
/// after.
///
/// Its cash is `-size * a` for the lots it holds. It could leave 64 bits only with more than 2^31 lots on one side, and then
/// there are positions of the other side, each of which brings it back: closing in another order works.
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

/// Moves every seat's cash by what its position has paid in funding since cumulative funding was 0. Sizes sum to 0, so it
/// moves nothing in or out. Funding must be set to 0 with it.
pub(crate) fn realize_funding(market: &mut Market, funding: Funding) {
    let counts_size = market.head.rank_rule().counts_size();
    let count = market.head.seat_count as usize;
    for seat in market.seats[..count].iter_mut() {
        // A size is within 2^30 and F within 2^31. Cash is what a position is worth and a part of one pool, as `units`
        // has it, so it stays within an i64.
        let position = &mut seat.position;
        let paid = position.size * AdjustedPrice(funding.0);
        position.cash = Atoms(position.cash.0.wrapping_sub(paid.0));
        // The sum of the two, which bounds the rank, changes only where the cost is at its limit.
        if position.add_cost(paid) {
            seat.refresh_rank(counts_size);
        }
    }
}
