use anchor_lang::prelude::*;

use super::crank::{Crank, crank};
use crate::error::OrFail;

pub fn liquidate(ctx: Context<Crank>, most: u8, payee: Option<u32>) -> Result<()> {
    crank(ctx.accounts, |exchange, now| {
        exchange.liquidate(most.into(), payee, now).or_fail()?;
        Ok(())
    })
}
