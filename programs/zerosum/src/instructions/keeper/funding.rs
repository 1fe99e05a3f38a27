//! Funding, for anyone to bring up to now and to count from 0 again.

use anchor_lang::prelude::*;

use super::crank::{Crank, crank};
use crate::error::OrFail;

/// Taking the price into account accrues all there is to accrue.
pub fn accrue_funding(ctx: Context<Crank>) -> Result<()> {
    crank(ctx.accounts, |_, _| Ok(()))
}

pub fn rebase(ctx: Context<Crank>) -> Result<()> {
    crank(ctx.accounts, |exchange, now| exchange.rebase(now).or_fail())
}
