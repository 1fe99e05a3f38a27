use anchor_lang::prelude::*;

use crate::state::Record;

#[derive(Accounts)]
pub struct CreateRecord<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init,
        payer = payer,
        space = 8 + size_of::<Record>(),
        seeds = [b"record", payer.key().as_ref()],
        bump,
    )]
    pub record: AccountLoader<'info, Record>,
    pub system_program: Program<'info, System>,
}

pub fn create_record(ctx: Context<CreateRecord>) -> Result<()> {
    ctx.accounts.record.load_init()?;
    Ok(())
}
