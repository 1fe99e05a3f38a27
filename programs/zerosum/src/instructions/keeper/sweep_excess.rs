use anchor_lang::prelude::*;
use zerosum_engine::error::ErrorCode;

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::ExcessSwept,
    guards::{MarketGuard, is},
    tokens::balance,
};

accounts! {
    pub struct SweepExcess<'info> {
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub pool: UncheckedAccount<'info>,
    }
}

pub fn sweep_excess(ctx: Context<SweepExcess>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut market = guard.market()?;
    is(&market.head.pool, accounts.pool.key, ErrorCode::WrongAccount)?;
    let excess = market.sweep_excess(balance(&accounts.pool)?).or_fail()?;
    ExcessSwept { market: accounts.market.key(), amount: excess.0 }.log();
    Ok(())
}
