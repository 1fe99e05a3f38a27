use anchor_lang::prelude::*;

use crate::{error::OrFail, guards::MarketGuard};

#[derive(Accounts)]
pub struct SetDelegate<'info> {
    /// The owner of the seat.
    pub owner: Signer<'info>,
    /// CHECK: where it is borrowed.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
}

pub fn set_delegate(ctx: Context<SetDelegate>, seat: u32, delegate: Pubkey) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let mut market = guard.market()?;
    market.require_owner(seat, ctx.accounts.owner.key.as_array()).or_fail()?;
    market.set_delegate(seat, delegate.to_bytes(), now).or_fail()
}
