use anchor_lang::prelude::*;

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::Deposited,
    guards::{self, ExchangeGuard},
    tokens::Pool,
};

accounts! {
    pub struct Deposit<'info> {
        /// The owner of the seat or its delegate; owns the tokens, or may move them.
        #[account(signer)]
        pub trader: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed; funding accrues with it.
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by the token program.
        #[account(mut)]
        pub from: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub token_program: UncheckedAccount<'info>,
    }
}

pub fn deposit(ctx: Context<Deposit>, seat: u32, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let market = &exchange.market;
    let trader = accounts.trader.as_ref();
    market.require_trader(seat, trader.key.as_array()).or_fail()?;
    let pool = Pool::of(market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    let arrived = pool.collect(&accounts.from, trader, amount)?;
    exchange.deposit(seat, arrived, now).or_fail()?;
    Deposited { market: accounts.market.key(), seat, amount: arrived.0 }.log();
    Ok(())
}
