use anchor_lang::prelude::*;
use zerosum_engine::{error::ErrorCode, units::Atoms};

use crate::{
    entrypoint::accounts,
    error::{OrFail, fail},
    events::Withdrawn,
    guards::{self, ExchangeGuard},
    tokens::Pool,
};

accounts! {
    pub struct Withdraw<'info> {
        /// The owner of the seat.
        #[account(signer)]
        pub owner: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed; funding accrues with it.
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's; not read for a seat without position and orders.
        pub oracle: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by the token program, as the pool's owner.
        pub pool_authority: UncheckedAccount<'info>,
        /// CHECK: by the token program; whose it is, is the owner's choice.
        #[account(mut)]
        pub to: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub token_program: UncheckedAccount<'info>,
    }
}

pub fn withdraw(ctx: Context<Withdraw>, seat: u32, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let market = &exchange.market;
    market.require_owner(seat, accounts.owner.key.as_array()).or_fail()?;
    let pool = Pool::of(market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    // An idle seat needs no price, so not even a dead oracle keeps its cash.
    if !market.seat(seat).or_fail()?.is_idle() {
        guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    }
    let amount = i64::try_from(amount).map(Atoms).map_err(|_| fail(ErrorCode::InsufficientCash.into()))?;
    exchange.withdraw(seat, amount, now).or_fail()?;
    pool.pay(&accounts.to, &key, &accounts.pool_authority, amount)?;
    Withdrawn { market: key, seat, amount: amount.0 }.log();
    Ok(())
}
