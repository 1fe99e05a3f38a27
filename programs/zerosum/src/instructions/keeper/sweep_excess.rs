use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;

use crate::{
    error::{OrFail, ZerosumError},
    events::ExcessSwept,
    guards::MarketGuard,
    log::emit,
    state::Market,
};

/// Accounts of `sweep_excess`.
#[derive(Accounts)]
pub struct SweepExcess<'info> {
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The token account of all the cash.
    #[account(address = market.load()?.pool() @ ZerosumError::WrongAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn sweep_excess(ctx: Context<SweepExcess>) -> Result<()> {
    let accounts = ctx.accounts;
    let excess = MarketGuard::of(&accounts.market)?.market()?.sweep_excess(accounts.pool.amount).or_fail()?;
    emit(&ExcessSwept { market: accounts.market.key(), amount: excess.0 });
    Ok(())
}
