use anchor_lang::prelude::*;
use zerosum_engine::error::{ErrorCode, require};

use crate::{
    ID,
    error::{OrFail, ZerosumError},
    guards::MarketGuard,
    state::{Market, VaultTicket},
};

/// Accounts of `close_ticket`.
#[derive(Accounts)]
pub struct CloseTicket<'info> {
    /// The market of the ticket.
    ///
    /// CHECK: by its address. It may have been closed, so it need not be a market any more.
    #[account(address = Pubkey::from(ticket.load()?.ticket.market) @ ZerosumError::WrongAccount)]
    pub market: UncheckedAccount<'info>,
    /// The ticket.
    #[account(mut, close = rent_payer)]
    pub ticket: AccountLoader<'info, VaultTicket>,
    /// Who paid for the ticket's space.
    #[account(mut, address = Pubkey::from(ticket.load()?.ticket.rent_payer) @ ZerosumError::WrongDestination)]
    pub rent_payer: SystemAccount<'info>,
}

pub fn close_ticket<'info>(ctx: Context<'info, CloseTicket<'info>>) -> Result<()> {
    let accounts: &'info CloseTicket = ctx.accounts;
    // A market is closed when nobody has anything in it, so what its tickets still say is worth nothing.
    if *accounts.market.owner == ID {
        let market = AccountLoader::<Market>::try_from(&accounts.market)?;
        let epoch = MarketGuard::of(&market)?.market()?.head.share_epoch;
        let held = accounts.ticket.load()?.ticket.held(epoch) as i64;
        require(held == 0, ErrorCode::AccountNotEmpty, 0, held).or_fail()?;
    }
    Ok(())
}
