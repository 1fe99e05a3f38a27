use anchor_lang::prelude::*;

use crate::{
    args::OrderArgs,
    entrypoint::accounts,
    error::OrFail,
    events::Traded,
    guards::{self, ExchangeGuard},
};

accounts! {
    pub struct PlaceOrder<'info> {
        /// The owner of the seat or its delegate.
        #[account(signer)]
        pub trader: UncheckedAccount<'info>,
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

pub fn place_order(ctx: Context<PlaceOrder>, seat: u32, order: OrderArgs) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    exchange.market.require_trader(seat, accounts.trader.key.as_array()).or_fail()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let placed = exchange.place_order(seat, &order.request()?, now).or_fail()?;
    if placed.filled.0 > 0 {
        Traded {
            market: key,
            seat,
            side: order.side,
            client_id: order.client_id,
            lots: placed.filled.0,
            quote: placed.quote.0,
            fee: placed.fee.0,
            rested: placed.rested.0,
        }
        .log();
    }
    Ok(())
}
