use anchor_lang::prelude::*;
use zerosum_engine::{
    error::ErrorCode,
    state::price::{self, Print},
    units::Price,
};

use crate::{
    entrypoint::accounts,
    error::OrFail,
    guards::{self, MarketGuard, body, is, open},
    state::PriceFeed,
};

accounts! {
    pub struct PostPrice<'info> {
        /// The key that the market names.
        #[account(signer)]
        pub signer: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub oracle: UncheckedAccount<'info>,
    }
}

pub fn post_price(ctx: Context<PostPrice>, price: i64, published: i64) -> Result<()> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let mut data = open::<PriceFeed>(&accounts.oracle)?;
    let market = guard.market()?;
    let head = &*market.head;
    is(&head.price_signer, accounts.signer.key, ErrorCode::NotAuthority)?;
    is(&head.oracle, accounts.oracle.key, ErrorCode::WrongOracle)?;
    let now = guards::now()?;
    let feed: &mut price::PriceFeed = body(&mut data, ErrorCode::WrongOracle)?;
    feed.post(Print { price: Price(price), published }, head.params.ahead(), now).or_fail()
}
