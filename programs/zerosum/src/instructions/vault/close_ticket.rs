use anchor_lang::prelude::*;
use zerosum_engine::error::{self, ErrorCode};

use crate::{
    ID,
    entrypoint::accounts,
    error::OrFail,
    guards::{MarketGuard, TicketGuard, is},
    space,
};

accounts! {
    pub struct CloseTicket<'info> {
        /// CHECK: that the ticket is of it; it may have been closed itself.
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub ticket: UncheckedAccount<'info>,
        /// CHECK: compared with the one that the ticket names.
        #[account(mut)]
        pub rent_payer: UncheckedAccount<'info>,
    }
}

pub fn close_ticket(ctx: Context<CloseTicket>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut guard = TicketGuard::of(&accounts.ticket, accounts.market.key)?;
    let ticket = guard.ticket()?;
    is(&ticket.rent_payer, accounts.rent_payer.key, ErrorCode::WrongDestination)?;
    // A market is closed when nobody has anything in it, so what its tickets still say is worth nothing.
    if *accounts.market.owner == ID {
        let epoch = MarketGuard::of(&accounts.market)?.market()?.head.share_epoch;
        let held = ticket.held(epoch) as i64;
        error::require(held == 0, ErrorCode::AccountNotEmpty, 0, held).or_fail()?;
    }
    drop(guard);
    space::close(&accounts.ticket, &accounts.rent_payer)
}
