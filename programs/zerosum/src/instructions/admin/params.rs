//! The parameters of a market, changed by its authority and applied by anyone; and the end of the authority, which takes
//! a pending change with it.
//!
//! A pending change may already bind makers, so what the book is worth to funding depends on it: all of these accrue.

use anchor_lang::prelude::*;

use crate::{
    args::MarketParams,
    error::{OrFail, ZerosumError},
    events::{AuthorityChanged, ParamsChanged},
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market},
};

/// Accounts of `change_params`, `drop_params` and `burn_authority`.
#[derive(Accounts)]
pub struct ChangeParams<'info> {
    /// The authority of the market.
    #[account(address = market.load()?.authority() @ ZerosumError::NotAuthority)]
    pub authority: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book; funding accrues with it.
    #[account(address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
}

/// Accounts of `apply_params`.
#[derive(Accounts)]
pub struct ApplyParams<'info> {
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book; funding accrues with it.
    #[account(address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
}

pub fn change_params(ctx: Context<ChangeParams>, params: &MarketParams) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let at_once = exchange.change_params(&params.into(), now).or_fail()?;
    let from = if at_once { now } else { exchange.market.head.pending_params_at };
    emit(&ParamsChanged { market: accounts.market.key(), at_once, from });
    Ok(())
}

pub fn apply_params(ctx: Context<ApplyParams>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    ExchangeGuard::of(&accounts.market, &accounts.book)?.exchange()?.apply_params(now).or_fail()?;
    emit(&ParamsChanged { market: accounts.market.key(), at_once: true, from: now });
    Ok(())
}

pub fn drop_params(ctx: Context<ChangeParams>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.accrue(now);
    exchange.market.drop_params().or_fail()
}

pub fn burn_authority(ctx: Context<ChangeParams>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.accrue(now);
    exchange.market.burn_authority(now).or_fail()?;
    emit(&AuthorityChanged { market: accounts.market.key(), authority: Pubkey::default() });
    Ok(())
}
