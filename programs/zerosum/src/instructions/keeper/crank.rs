//! What the cranks share: the same three accounts, the price first, and the receipts into the log.

use anchor_lang::prelude::*;
use zerosum_engine::{exchange::Exchange, units::Price};

use crate::{
    error::ZerosumError,
    events::{Reduced, Reductions},
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market},
};

/// Accounts of every crank.
#[derive(Accounts)]
pub struct Crank<'info> {
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The account that the market reads its price from.
    ///
    /// CHECK: by the engine, which compares its address with the market's wherever it reads it.
    pub oracle: UncheckedAccount<'info>,
}

/// Takes the oracle's price into account, runs `turn`, and logs the receipts it made. If the print has to wait for its
/// confirmation, the instruction does nothing more.
#[inline(always)]
pub fn crank(accounts: &Crank, turn: impl FnOnce(&mut Exchange, i64) -> Result<()>) -> Result<()> {
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let newest = exchange.market.head.price.last_print;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let price = &exchange.market.head.price;
    if price.pending != Price::ZERO && price.last_print != newest {
        // Succeed without acting: an error would roll back the pending price, and the jump could never be confirmed.
        return Ok(());
    }
    let seen = exchange.market.head.receipt_count;
    turn(&mut exchange, now)?;
    if exchange.market.head.receipt_count != seen {
        emit(&Reductions { market: key, steps: Reduced::steps(exchange.market.receipts_since(seen)) });
    }
    Ok(())
}
