use anchor_lang::prelude::*;

use crate::{entrypoint::accounts, error::OrFail, guards::MarketGuard};

accounts! {
    pub struct SetDelegate<'info> {
        /// The owner of the seat.
        #[account(signer)]
        pub owner: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
    }
}

pub fn set_delegate(ctx: Context<SetDelegate>, seat: u32, delegate: Pubkey) -> Result<()> {
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let mut market = guard.market()?;
    market.require_owner(seat, ctx.accounts.owner.key.as_array()).or_fail()?;
    market.set_delegate(seat, delegate.to_bytes()).or_fail()
}
