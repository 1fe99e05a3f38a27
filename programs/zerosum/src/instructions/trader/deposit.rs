use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};

use crate::{
    error::{OrFail, ZerosumError},
    events::Deposited,
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market},
    tokens::Pool,
};

/// Accounts of `deposit`.
#[derive(Accounts)]
pub struct Deposit<'info> {
    /// The owner of the seat or its delegate; the engine compares it with the seat. It owns the tokens, or may move them.
    pub trader: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book; funding accrues with it.
    #[account(address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The token account of all the cash.
    #[account(mut, dup, address = market.load()?.pool() @ ZerosumError::WrongAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The token account that the cash comes from.
    ///
    /// CHECK: by the token program, which asks for its owner's signature.
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn deposit(ctx: Context<Deposit>, seat: u32, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_trader(seat, accounts.trader.key.as_array()).or_fail()?;
    let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
    let pool = Pool { account, mint, token_program };
    let arrived = pool.collect(accounts.from.to_account_info(), &accounts.trader, amount)?;
    exchange.deposit(seat, arrived, now).or_fail()?;
    emit(&Deposited { market: accounts.market.key(), seat, amount: arrived.0 });
    Ok(())
}
