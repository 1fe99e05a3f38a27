use anchor_lang::prelude::*;

use super::crank::{Crank, crank};
use crate::error::OrFail;

pub fn unwind_vault(ctx: Context<Crank>) -> Result<()> {
    crank(ctx.accounts, |exchange, now| {
        exchange.unwind_vault(now).or_fail()?;
        Ok(())
    })
}
