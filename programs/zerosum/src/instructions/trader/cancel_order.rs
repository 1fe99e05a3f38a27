use anchor_lang::prelude::*;

use crate::{
    entrypoint::accounts,
    error::OrFail,
    guards::{self, ExchangeGuard},
};

accounts! {
    pub struct CancelOrder<'info> {
        /// The owner of the seat or its delegate.
        #[account(signer)]
        pub trader: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub book: UncheckedAccount<'info>,
    }
}

pub fn cancel_order(ctx: Context<CancelOrder>, seat: u32, client_id: u64) -> Result<()> {
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&ctx.accounts.market, &ctx.accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_trader(seat, ctx.accounts.trader.key.as_array()).or_fail()?;
    exchange.cancel_order(seat, client_id, now).or_fail()?;
    Ok(())
}
