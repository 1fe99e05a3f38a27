use anchor_lang::prelude::*;

use crate::{
    args,
    entrypoint::accounts,
    error::OrFail,
    guards::{self, ExchangeGuard},
};

accounts! {
    pub struct CancelAll<'info> {
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

pub fn cancel_all(ctx: Context<CancelAll>, seat: u32, side: Option<u8>) -> Result<()> {
    let side = side.map(args::side).transpose()?;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&ctx.accounts.market, &ctx.accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_trader(seat, ctx.accounts.trader.key.as_array()).or_fail()?;
    exchange.cancel_all(seat, side, now).or_fail()?;
    Ok(())
}
