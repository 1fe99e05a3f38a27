//! How a market comes to its end. What its oracle account says is heard first: a newer print proves the oracle alive.

use anchor_lang::prelude::*;

use super::crank::Crank;
use crate::{
    error::OrFail,
    events::{MarketSettled, OracleDead},
    guards::{self, ExchangeGuard},
    log::emit,
};

pub fn announce_dead(ctx: Context<Crank>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    exchange.market.announce_dead(now).or_fail()?;
    emit(&OracleDead { market: key, since: exchange.market.head.dead_since });
    Ok(())
}

pub fn settle(ctx: Context<Crank>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    exchange.settle(now).or_fail()?;
    emit(&MarketSettled { market: key, price: exchange.market.head.settlement.price.0, at: now });
    Ok(())
}
