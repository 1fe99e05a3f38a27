use anchor_lang::prelude::*;
use zerosum_engine::view;

use super::ask::Ask;
use crate::{
    args::{self, After, QueueLine},
    error::OrFail,
    guards::{self, MarketGuard},
    log::answer,
};

pub fn view_adl_queue(ctx: Context<Ask>, side: u8, after: Option<After>) -> Result<Vec<QueueLine>> {
    let side = args::side(side)?;
    let now = guards::now()?;
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let mut page = [view::QueueLine::default(); view::PAGE];
    let found = guard.market()?.view_adl_queue(side, after.map(Into::into), &mut page, now).or_fail()?;
    Ok(answer(page[..found].iter().map(|line| (*line).into()).collect()))
}
