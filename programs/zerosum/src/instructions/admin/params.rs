//! The parameters of a market, changed by its authority and applied by anyone; and the end of the authority, which takes a
//! change that waits with it.
//!
//! A change that waits may already bind makers, so what the book is worth to funding depends on it: all of these accrue.

use anchor_lang::prelude::*;
use zerosum_engine::exchange::Exchange;

use crate::{
    args::MarketParams,
    entrypoint::accounts,
    error::OrFail,
    events::{AuthorityChanged, ParamsChanged},
    guards::{self, ExchangeGuard},
};

accounts! {
    pub struct ChangeParams<'info> {
        /// The authority of the market; also to take the change back, and to burn the authority.
        #[account(signer)]
        pub authority: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed; funding accrues with it.
        pub book: UncheckedAccount<'info>,
    }
}

accounts! {
    pub struct ApplyParams<'info> {
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed; funding accrues with it.
        pub book: UncheckedAccount<'info>,
    }
}

pub fn change_params(ctx: Context<ChangeParams>, params: &MarketParams) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    by_authority(accounts, |exchange| {
        let at_once = exchange.change_params(&params.into(), now).or_fail()?;
        let from = if at_once { now } else { exchange.market.head.pending_params_at };
        ParamsChanged { market: accounts.market.key(), at_once, from }.log();
        Ok(())
    })
}

/// Lets the authority act on its market and book.
#[inline(always)]
fn by_authority(accounts: &ChangeParams, act: impl FnOnce(&mut Exchange) -> Result<()>) -> Result<()> {
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_authority(accounts.authority.key.as_array()).or_fail()?;
    act(&mut exchange)
}

pub fn apply_params(ctx: Context<ApplyParams>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    guard.exchange()?.apply_params(now).or_fail()?;
    ParamsChanged { market: accounts.market.key(), at_once: true, from: now }.log();
    Ok(())
}

pub fn drop_params(ctx: Context<ChangeParams>) -> Result<()> {
    let now = guards::now()?;
    by_authority(ctx.accounts, |exchange| {
        exchange.accrue(now);
        exchange.market.drop_params().or_fail()
    })
}

pub fn burn_authority(ctx: Context<ChangeParams>) -> Result<()> {
    let now = guards::now()?;
    by_authority(ctx.accounts, |exchange| {
        exchange.accrue(now);
        exchange.market.burn_authority(now);
        Ok(())
    })?;
    AuthorityChanged { market: ctx.accounts.market.key(), authority: Pubkey::default() }.log();
    Ok(())
}
