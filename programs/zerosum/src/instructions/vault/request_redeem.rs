use anchor_lang::prelude::*;

use crate::{
    error::{OrFail, ZerosumError},
    events::VaultRequested,
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market, VaultTicket},
};

/// Accounts of `request_redeem`.
#[derive(Accounts)]
pub struct RequestRedeem<'info> {
    /// The owner of the ticket.
    pub owner: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book; funding accrues with it.
    #[account(address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The account that the market reads its price from.
    ///
    /// CHECK: by the engine, which compares its address with the market's wherever it reads it.
    pub oracle: UncheckedAccount<'info>,
    /// The owner's ticket, of this market.
    #[account(
        mut,
        constraint = ticket.load()?.ticket.market == market.key().to_bytes() @ ZerosumError::WrongAccount,
        constraint = ticket.load()?.ticket.owner == owner.key().to_bytes() @ ZerosumError::WrongAccount
    )]
    pub ticket: AccountLoader<'info, VaultTicket>,
}

pub fn request_redeem(ctx: Context<RequestRedeem>, shares: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let mut ticket = guards::ticket(&accounts.ticket)?;
    exchange.request_redeem(&mut ticket, shares, now).or_fail()?;
    emit(&VaultRequested {
        market: key,
        owner: accounts.owner.key(),
        minting: 0,
        redeeming: shares,
        matures_at: ticket.matures_at(&exchange.market.head.params),
    });
    Ok(())
}
