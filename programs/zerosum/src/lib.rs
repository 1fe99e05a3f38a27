//! The exchange as a Solana program.

pub mod error;
pub mod instructions;
pub mod output;
pub mod state;

use anchor_lang::prelude::*;

use instructions::*;

declare_id!("HcKx4hr6QhuFrnhjHEUXrT8zzU5fL3GmbUZaCgoA3Lc3");

#[program]
pub mod zerosum {
    use super::*;

    /// Creates the record that [`smoke`] writes.
    pub fn create_record(ctx: Context<CreateRecord>) -> Result<()> {
        instructions::create_record(ctx)
    }

    /// Moves tokens and writes down when.
    pub fn smoke(ctx: Context<Smoke>, amount: u64) -> Result<()> {
        instructions::smoke(ctx, amount)
    }
}
