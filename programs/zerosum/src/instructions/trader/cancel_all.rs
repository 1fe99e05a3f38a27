use anchor_lang::prelude::*;

use crate::{
    args,
    error::{OrFail, ZerosumError},
    guards::{self, ExchangeGuard},
    state::{Book, Market},
};

/// Accounts of `cancel_all`.
#[derive(Accounts)]
pub struct CancelAll<'info> {
    /// The owner of the seat or its delegate; the engine compares it with the seat.
    pub trader: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
}

pub fn cancel_all(ctx: Context<CancelAll>, seat: u32, side: Option<u8>) -> Result<()> {
    let accounts = ctx.accounts;
    let side = side.map(args::side).transpose()?;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_trader(seat, accounts.trader.key.as_array()).or_fail()?;
    exchange.cancel_all(seat, side, now).or_fail()?;
    Ok(())
}
