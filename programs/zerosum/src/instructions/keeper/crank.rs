//! What the cranks share: the same three accounts, the price first, and the receipts into the log.

use anchor_lang::prelude::*;
use zerosum_engine::{exchange::Exchange, units::Price};

use crate::{
    entrypoint::accounts,
    events::Reductions,
    guards::{self, ExchangeGuard},
};

accounts! {
    pub struct Crank<'info> {
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub oracle: UncheckedAccount<'info>,
    }
}

/// Takes the oracle's price into account, runs `turn`, and logs the receipts it made. A print that has to wait for its
/// confirmation is all that the instruction takes into account.
#[inline(always)]
pub fn crank(accounts: &Crank, turn: impl FnOnce(&mut Exchange, i64) -> Result<()>) -> Result<()> {
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let newest = exchange.market.head.price.last_print;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let price = &exchange.market.head.price;
    if price.pending != Price::ZERO && price.last_print != newest {
        // Succeed without acting: an error would roll back the pending price, and the jump could never be confirmed.
        return Ok(());
    }
    let seen = exchange.market.head.receipt_count;
    turn(&mut exchange, now)?;
    if exchange.market.head.receipt_count != seen {
        Reductions::log(&key, exchange.market.receipts_since(seen));
    }
    Ok(())
}
