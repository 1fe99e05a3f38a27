use anchor_lang::prelude::*;

use super::ask::Ask;
use crate::{
    args::SeatView,
    error::OrFail,
    guards::{self, MarketGuard},
    output,
};

pub fn view_seat(ctx: Context<Ask>, seat: u32) -> Result<SeatView> {
    let now = guards::now()?;
    let mut guard = MarketGuard::of(ctx.accounts.market.as_ref())?;
    let view = guard.market()?.view_seat(seat, now).or_fail()?;
    Ok(output::returned(view.into()))
}
