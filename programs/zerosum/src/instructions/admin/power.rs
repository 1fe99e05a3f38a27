//! What the authority does with a signature and the market alone, and how it is handed over.

use anchor_lang::prelude::*;

use crate::{
    error::{OrFail, ZerosumError},
    events::{AuthorityChanged, Delisted},
    guards::{self, MarketGuard},
    log::emit,
    state::Market,
};

/// Accounts of `pause_opening`, `propose_authority` and `delist`.
#[derive(Accounts)]
pub struct Power<'info> {
    /// The authority of the market.
    #[account(address = market.load()?.authority() @ ZerosumError::NotAuthority)]
    pub authority: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

/// Accounts of `accept_authority`.
#[derive(Accounts)]
pub struct AcceptAuthority<'info> {
    /// The key that the authority was offered to; the engine compares it with the offer.
    pub heir: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

pub fn pause_opening(ctx: Context<Power>, paused: bool) -> Result<()> {
    MarketGuard::of(&ctx.accounts.market)?.market()?.pause_opening(paused).or_fail()
}

pub fn delist(ctx: Context<Power>, at: i64) -> Result<()> {
    let now = guards::now()?;
    MarketGuard::of(&ctx.accounts.market)?.market()?.delist(at, now).or_fail()?;
    emit(&Delisted { market: ctx.accounts.market.key(), at });
    Ok(())
}

pub fn propose_authority(ctx: Context<Power>, to: Pubkey) -> Result<()> {
    MarketGuard::of(&ctx.accounts.market)?.market()?.propose_authority(to.to_bytes()).or_fail()
}

pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
    let accounts = ctx.accounts;
    MarketGuard::of(&accounts.market)?.market()?.accept_authority(accounts.heir.key.as_array()).or_fail()?;
    emit(&AuthorityChanged { market: accounts.market.key(), authority: accounts.heir.key() });
    Ok(())
}
