//! The parameters of a market: changed by its authority, applied by anyone.

use anchor_lang::prelude::*;

use crate::{
    args::MarketParams,
    entrypoint::accounts,
    error::OrFail,
    events::ParamsChanged,
    guards::{self, ExchangeGuard},
};

accounts! {
    pub struct ChangeParams<'info> {
        /// The authority of the market.
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
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_authority(accounts.authority.key.as_array()).or_fail()?;
    let at_once = exchange.change_params(&params.into(), now).or_fail()?;
    let from = if at_once { now } else { exchange.market.head.pending_params_at };
    ParamsChanged { market: accounts.market.key(), at_once, from }.log();
    Ok(())
}

pub fn apply_params(ctx: Context<ApplyParams>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    guard.exchange()?.apply_params(now).or_fail()?;
    ParamsChanged { market: accounts.market.key(), at_once: true, from: now }.log();
    Ok(())
}
