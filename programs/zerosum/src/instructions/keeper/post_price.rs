use anchor_lang::prelude::*;
use zerosum_engine::{
    error::ErrorCode,
    price::{self, Print},
    units::Price,
};

use crate::{
    error::OrFail,
    guards::{MarketGuard, body, is},
    state::{Market, PriceFeed},
};

#[derive(Accounts)]
pub struct PostPrice<'info> {
    /// The key that the market names.
    pub signer: Signer<'info>,
    pub market: AccountLoader<'info, Market>,
    #[account(mut)]
    pub oracle: AccountLoader<'info, PriceFeed>,
}

pub fn post_price(ctx: Context<PostPrice>, price: i64, published: i64) -> Result<()> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let head = guard.market()?.head;
    is(&head.price_signer, accounts.signer.key, ErrorCode::NotAuthority)?;
    is(&head.oracle, accounts.oracle.as_ref().key, ErrorCode::WrongOracle)?;
    let now = Clock::get()?.unix_timestamp;
    let mut data = accounts.oracle.as_ref().try_borrow_mut_data()?;
    let feed: &mut price::PriceFeed = body(&mut data, ErrorCode::WrongOracle)?;
    feed.post(Print { price: Price(price), published }, now).or_fail()
}
