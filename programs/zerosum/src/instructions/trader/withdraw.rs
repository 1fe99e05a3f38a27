use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::units::Atoms;

use crate::{
    error::{OrFail, ZerosumError},
    events::Withdrawn,
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market},
    tokens::{Pool, PoolSigner},
};

/// Accounts of `withdraw`.
#[derive(Accounts)]
pub struct Withdraw<'info> {
    /// The owner of the seat; the engine compares it with the seat.
    pub owner: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book; funding accrues with it.
    #[account(address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The account that the market reads its price from. It is not read for a seat without position and orders.
    ///
    /// CHECK: by the engine, which compares its address with the market's wherever it reads it.
    pub oracle: UncheckedAccount<'info>,
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
    /// The token account that is paid; whose it is, is the owner's choice.
    #[account(mut, dup)]
    pub to: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn withdraw(ctx: Context<Withdraw>, seat: u32, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_owner(seat, accounts.owner.key.as_array()).or_fail()?;
    // An idle seat needs no price, so not even a dead oracle keeps its cash.
    if !exchange.market.seat(seat).or_fail()?.is_idle() {
        guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    }
    let amount = i64::try_from(amount).map(Atoms).map_err(|_| ZerosumError::InsufficientCash)?;
    exchange.withdraw(seat, amount, now).or_fail()?;
    let bump = exchange.market.head.pool_bump;
    let signer = PoolSigner { authority: &accounts.pool_authority, market: &key, bump };
    let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
    Pool { account, mint, token_program }.pay(accounts.to.to_account_info(), signer, amount)?;
    emit(&Withdrawn { market: key, seat, amount: amount.0 });
    Ok(())
}
