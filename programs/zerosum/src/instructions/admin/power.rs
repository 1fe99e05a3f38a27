//! What the authority does with a signature and the market alone.

use anchor_lang::prelude::*;
use zerosum_engine::state::market::Market;

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::{AuthorityChanged, Delisted},
    guards::{self, MarketGuard},
};

accounts! {
    pub struct Power<'info> {
        /// The authority of the market; of `accept_authority` the key it was offered to.
        #[account(signer)]
        pub authority: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
    }
}

/// Lets the authority act on its market.
#[inline(always)]
fn by_authority(accounts: &Power, act: impl FnOnce(&mut Market) -> Result<()>) -> Result<()> {
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut market = guard.market()?;
    market.require_authority(accounts.authority.key.as_array()).or_fail()?;
    act(&mut market)
}

pub fn pause_opening(ctx: Context<Power>, paused: bool) -> Result<()> {
    by_authority(ctx.accounts, |market| {
        market.pause_opening(paused);
        Ok(())
    })
}

pub fn delist(ctx: Context<Power>, at: i64) -> Result<()> {
    let now = guards::now()?;
    by_authority(ctx.accounts, |market| market.delist(at, now).or_fail())?;
    Delisted { market: ctx.accounts.market.key(), at }.log();
    Ok(())
}

pub fn propose_authority(ctx: Context<Power>, to: Pubkey) -> Result<()> {
    by_authority(ctx.accounts, |market| {
        market.propose_authority(to.to_bytes());
        Ok(())
    })
}

pub fn accept_authority(ctx: Context<Power>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    guard.market()?.accept_authority(accounts.authority.key.as_array()).or_fail()?;
    AuthorityChanged { market: accounts.market.key(), authority: accounts.authority.key() }.log();
    Ok(())
}
