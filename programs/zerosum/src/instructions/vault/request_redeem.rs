use anchor_lang::prelude::*;

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::VaultRequested,
    guards::{self, ExchangeGuard, TicketGuard},
};

accounts! {
    pub struct RequestRedeem<'info> {
        /// The owner of the ticket.
        #[account(signer)]
        pub owner: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed; funding accrues with it.
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub oracle: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub ticket: UncheckedAccount<'info>,
    }
}

pub fn request_redeem(ctx: Context<RequestRedeem>, shares: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let mut ticket = TicketGuard::of_owner(&accounts.ticket, &key, accounts.owner.key)?;
    let ticket = ticket.ticket()?;
    exchange.request_redeem(ticket, shares, now).or_fail()?;
    VaultRequested {
        market: key,
        owner: accounts.owner.key(),
        minting: 0,
        redeeming: shares,
        matures_at: ticket.matures_at(&exchange.market.head.params),
    }
    .log();
    Ok(())
}
