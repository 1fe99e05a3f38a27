use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::units::Atoms;

use crate::{
    error::{OrFail, ZerosumError},
    events::FeesTaken,
    guards::MarketGuard,
    log::emit,
    state::Market,
    tokens::{Pool, PoolSigner},
};

/// Accounts of `take_fees`.
#[derive(Accounts)]
pub struct TakeFees<'info> {
    /// The authority of the market.
    #[account(address = market.load()?.authority() @ ZerosumError::NotAuthority)]
    pub authority: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The token account of all the cash.
    #[account(
        mut,
        dup,
        address = market.load()?.pool() @ ZerosumError::WrongAccount,
        token::authority = pool_authority
    )]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Owns the pool and signs for it; an address without data.
    pub pool_authority: SystemAccount<'info>,
    /// The token account that is paid; whose it is, is the authority's choice.
    ///
    /// CHECK: by the token program, as an account of the mint.
    #[account(mut)]
    pub to: UncheckedAccount<'info>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn take_fees(ctx: Context<TakeFees>, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let key = accounts.market.key();
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut market = guard.market()?;
    let amount = i64::try_from(amount).map(Atoms).map_err(|_| ZerosumError::FeesReserved)?;
    market.take_fees(amount).or_fail()?;
    let signer = PoolSigner { authority: &accounts.pool_authority, market: &key, bump: market.head.pool_bump };
    let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
    Pool { account, mint, token_program }.pay(accounts.to.to_account_info(), signer, amount)?;
    emit(&FeesTaken { market: key, amount: amount.0 });
    Ok(())
}
