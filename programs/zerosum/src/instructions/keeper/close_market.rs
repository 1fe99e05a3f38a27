use anchor_lang::prelude::*;
use zerosum_engine::{error::ErrorCode, oracle::OracleKind, units::Atoms};

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::MarketClosed,
    guards::{ExchangeGuard, is},
    space,
    tokens::{Pool, balance},
};

accounts! {
    pub struct CloseMarket<'info> {
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub oracle: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by the token program, as the pool's owner.
        pub pool_authority: UncheckedAccount<'info>,
        /// CHECK: the heir's associated token account, where there is something to pay.
        #[account(mut)]
        pub to: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub creator: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub token_program: UncheckedAccount<'info>,
    }
}

pub fn close_market(ctx: Context<CloseMarket>) -> Result<()> {
    let accounts = ctx.accounts;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let pool = Pool::of(exchange.market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    is(&exchange.market.head.creator, accounts.creator.key, ErrorCode::WrongDestination)?;
    is(&exchange.market.head.oracle, accounts.oracle.key, ErrorCode::WrongOracle)?;
    // A feed of Pyth stays. One of the market's own has to go with it: left behind, it would keep its rent, and its address
    // from a market created again.
    let posted = exchange.market.head.oracle_kind == OracleKind::Posted as u8;
    let heir = exchange.close_market().or_fail()?.heir;
    drop(guard);

    // What strangers sent to the pool goes with the rest.
    let left = i64::try_from(balance(&accounts.pool)?).unwrap_or(i64::MAX);
    if left > 0 {
        pool.require_payable(&accounts.to, &heir, false)?;
        pool.pay(&accounts.to, &key, &accounts.pool_authority, Atoms(left))?;
    }
    pool.close(&accounts.creator, &key, &accounts.pool_authority)?;
    MarketClosed { market: key, heir: heir.into(), amount: left }.log();
    space::close(&accounts.book, &accounts.creator)?;
    if posted {
        space::close(&accounts.oracle, &accounts.creator)?;
    }
    space::close(&accounts.market, &accounts.creator)
}
