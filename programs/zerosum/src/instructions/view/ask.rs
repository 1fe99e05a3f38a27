//! What the views share: one account, which they only read.

use anchor_lang::prelude::*;

use crate::state::Market;

/// Accounts of every view.
#[derive(Accounts)]
pub struct Ask<'info> {
    /// The market.
    pub market: AccountLoader<'info, Market>,
}
