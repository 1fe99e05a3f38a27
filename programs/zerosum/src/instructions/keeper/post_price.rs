use anchor_lang::prelude::*;
use zerosum_engine::{state::price::Print, units::Price};

use crate::{
    error::{OrFail, ZerosumError},
    guards::{self, MarketGuard},
    state::{Market, PostedPrice},
};

/// Accounts of `post_price`.
#[derive(Accounts)]
pub struct PostPrice<'info> {
    /// The key that the market names.
    #[account(address = market.load()?.price_signer() @ ZerosumError::NotAuthority)]
    pub signer: Signer<'info>,
    /// The market.
    pub market: AccountLoader<'info, Market>,
    /// Its posted price.
    #[account(mut, address = market.load()?.oracle() @ ZerosumError::WrongOracle)]
    pub oracle: AccountLoader<'info, PostedPrice>,
}

pub fn post_price(ctx: Context<PostPrice>, price: i64, published: i64) -> Result<()> {
    let now = guards::now()?;
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let ahead = guard.market()?.head.params.ahead();
    let print = Print { price: Price(price), published };
    ctx.accounts.oracle.load_mut()?.feed.post(print, ahead, now).or_fail()
}
