use anchor_lang::prelude::*;

use crate::{
    error::OrFail,
    events::VaultRequested,
    guards::{MarketGuard, TicketGuard},
    output,
    state::{Market, Ticket},
};

#[derive(Accounts)]
pub struct RequestRedeem<'info> {
    /// The owner of the ticket.
    pub owner: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(mut)]
    pub ticket: AccountLoader<'info, Ticket>,
}

pub fn request_redeem(ctx: Context<RequestRedeem>, shares: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let key = accounts.market.key();
    let mut ticket = TicketGuard::of_owner(accounts.ticket.as_ref(), &key, accounts.owner.key)?;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut market = guard.market()?;
    let ticket = ticket.ticket()?;
    market.request_redeem(ticket, shares, now).or_fail()?;
    output::emit(&VaultRequested {
        market: key,
        owner: accounts.owner.key(),
        minting: 0,
        redeeming: shares,
        matures_at: ticket.matures_at(&market.head.params),
    });
    Ok(())
}
