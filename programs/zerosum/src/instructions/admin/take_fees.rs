use anchor_lang::prelude::*;
use zerosum_engine::{error::ErrorCode, units::Atoms};

use crate::{
    entrypoint::accounts,
    error::{OrFail, fail},
    events::FeesTaken,
    guards::MarketGuard,
    tokens::Pool,
};

accounts! {
    pub struct TakeFees<'info> {
        /// The authority of the market.
        #[account(signer)]
        pub authority: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by the token program, as the pool's owner.
        pub pool_authority: UncheckedAccount<'info>,
        /// CHECK: by the token program; whose it is, is the authority's choice.
        #[account(mut)]
        pub to: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub token_program: UncheckedAccount<'info>,
    }
}

pub fn take_fees(ctx: Context<TakeFees>, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let key = accounts.market.key();
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut market = guard.market()?;
    market.require_authority(accounts.authority.key.as_array()).or_fail()?;
    let pool = Pool::of(market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    let amount = i64::try_from(amount).map(Atoms).map_err(|_| fail(ErrorCode::FeesReserved.into()))?;
    market.take_fees(amount).or_fail()?;
    pool.pay(&accounts.to, &key, &accounts.pool_authority, amount)?;
    FeesTaken { market: key, amount: amount.0 }.log();
    Ok(())
}
