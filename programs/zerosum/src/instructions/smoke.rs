use anchor_lang::prelude::*;
use anchor_spl::token_interface::{
    Mint, TokenAccount, TokenInterface, TransferChecked, transfer_checked,
};

use crate::{error::ZerosumError, output, state::Record};

#[derive(Accounts)]
pub struct Smoke<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub record: AccountLoader<'info, Record>,
    pub mint: InterfaceAccount<'info, Mint>,
    #[account(mut, token::mint = mint, token::authority = owner, token::token_program = token_program)]
    pub from: InterfaceAccount<'info, TokenAccount>,
    #[account(mut, token::mint = mint, token::token_program = token_program)]
    pub to: InterfaceAccount<'info, TokenAccount>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Tokens were moved.
#[event]
pub struct Moved {
    pub amount: u64,
    pub unix_timestamp: i64,
}

pub fn smoke(ctx: Context<Smoke>, amount: u64) -> Result<()> {
    require_gt!(amount, 0, ZerosumError::ZeroAmount);
    let accounts = ctx.accounts;
    let transfer = TransferChecked {
        from: accounts.from.to_account_info(),
        mint: accounts.mint.to_account_info(),
        to: accounts.to.to_account_info(),
        authority: accounts.owner.to_account_info(),
    };
    let context = CpiContext::new(accounts.token_program.key(), transfer);
    transfer_checked(context, amount, accounts.mint.decimals)?;

    let unix_timestamp = Clock::get()?.unix_timestamp;
    let mut record = accounts.record.load_mut()?;
    record.transfers += 1;
    record.amount = amount;
    record.unix_timestamp = unix_timestamp;
    output::emit(&Moved {
        amount,
        unix_timestamp,
    });
    output::return_data(&record.transfers.to_le_bytes());
    Ok(())
}
