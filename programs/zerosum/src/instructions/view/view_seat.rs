use anchor_lang::prelude::*;

use super::ask::Ask;
use crate::{
    args::SeatView,
    error::OrFail,
    guards::{self, MarketGuard},
    log::answer,
};

pub fn view_seat(ctx: Context<Ask>, seat: u32) -> Result<SeatView> {
    let now = guards::now()?;
    let mut guard = MarketGuard::of(&ctx.accounts.market)?;
    let view = guard.market()?.view_seat(seat, now).or_fail()?;
    Ok(answer(view.into()))
}
