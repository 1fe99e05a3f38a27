use anchor_lang::prelude::*;

use crate::{
    args::OrderArgs,
    error::{OrFail, ZerosumError},
    events::Traded,
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market},
};

/// Accounts of `place_order`.
#[derive(Accounts)]
pub struct PlaceOrder<'info> {
    /// The owner of the seat or its delegate; the engine compares it with the seat.
    pub trader: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The account that the market reads its price from.
    ///
    /// CHECK: by the engine, which compares its address with the market's wherever it reads it.
    pub oracle: UncheckedAccount<'info>,
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
        emit(&Traded {
            market: key,
            seat,
            side: order.side,
            client_id: order.client_id,
            lots: placed.filled.0,
            quote: placed.quote.0,
            fee: placed.fee.0,
            rested: placed.rested.0,
        });
    }
    Ok(())
}
