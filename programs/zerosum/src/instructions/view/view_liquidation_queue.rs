use anchor_lang::prelude::*;
use zerosum_engine::view;

use super::ask::Ask;
use crate::{
    args::{self, QueueLine},
    guards::MarketGuard,
    log::answer,
};

pub fn view_liquidation_queue(ctx: Context<Ask>, side: u8, slot: u32) -> Result<Vec<QueueLine>> {
    let side = args::side(side)?;
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let mut page = [view::QueueLine::default(); view::PAGE];
    let found = guard.market()?.view_liquidation_queue(side, slot, &mut page);
    Ok(answer(page[..found].iter().map(|line| (*line).into()).collect()))
}
