use anchor_lang::prelude::*;

use crate::{error::OrFail, guards::MarketGuard, state::Market};

/// Accounts of `set_delegate`.
#[derive(Accounts)]
pub struct SetDelegate<'info> {
    /// The owner of the seat; the engine compares it with the seat.
    pub owner: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

pub fn set_delegate(ctx: Context<SetDelegate>, seat: u32, delegate: Pubkey) -> Result<()> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut market = guard.market()?;
    market.require_owner(seat, accounts.owner.key.as_array()).or_fail()?;
    market.set_delegate(seat, delegate.to_bytes()).or_fail()
}
