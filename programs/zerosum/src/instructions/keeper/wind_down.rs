//! How a market comes to its end.

use anchor_lang::prelude::*;
use zerosum_engine::{error::ErrorCode, oracle::OracleKind};

use super::crank::Crank;
use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::{MarketSettled, OracleDead},
    guards::{self, ExchangeGuard, MarketGuard, is},
};

accounts! {
    pub struct AnnounceDead<'info> {
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
    }
}

pub fn announce_dead(ctx: Context<AnnounceDead>) -> Result<()> {
    let now = guards::now()?;
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let mut market = guard.market()?;
    market.announce_dead(now).or_fail()?;
    OracleDead { market: ctx.accounts.market.key(), since: market.head.dead_since }.log();
    Ok(())
}

pub fn settle(ctx: Context<Crank>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    // A dead oracle has nothing to say; one that has something is not dead. A posted price has one account, so nobody
    // passes over what stands in it. An update of Pyth lies anywhere: who wants to be heard brings it in time.
    let head = &exchange.market.head;
    if head.oracle_kind == OracleKind::Posted as u8 {
        is(&head.oracle, accounts.oracle.key, ErrorCode::WrongOracle)?;
    }
    let heard = guards::observe(&mut exchange, &key, &accounts.oracle, now);
    let head = &*exchange.market.head;
    if head.dead_since == 0 {
        heard?;
    } else if head.oracle_kind == OracleKind::Posted as u8 {
        // It has to be asked: the silence of another account is not its own. A print of Pyth is brought by whom it matters to.
        is(&head.oracle, accounts.oracle.key, ErrorCode::WrongOracle)?;
    }
    exchange.settle(now).or_fail()?;
    MarketSettled { market: key, price: exchange.market.head.settlement.price.0, at: now }.log();
    Ok(())
}
