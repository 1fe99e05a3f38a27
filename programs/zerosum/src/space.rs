//! Accounts that a handler creates, and accounts that become larger or smaller.

use anchor_lang::{
    prelude::*,
    system_program::{Allocate, Assign, Transfer, allocate, assign, transfer},
};

use crate::ID;

/// Creates `account`, an address of the program's, with `space` bytes, at the cost of `payer`.
///
/// Anyone can send lamports to an address that is not in use yet, and the system program's own creation then fails. So
/// what is missing is added, and space and owner are set one by one. Both fail where the account exists already.
pub fn create<'info>(
    payer: &Signer<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    seeds: &[&[u8]],
    system_program: &Program<'info, System>,
) -> Result<()> {
    fund(payer, account, space, system_program)?;
    let (program, signer) = (system_program.key(), &[seeds]);
    let accounts = Allocate { account_to_allocate: account.clone() };
    allocate(CpiContext::new_with_signer(program, accounts, signer), space as u64)?;
    let accounts = Assign { account_to_assign: account.clone() };
    assign(CpiContext::new_with_signer(program, accounts, signer), &ID)
}

/// Adds `bytes` zeroes to an account of the program's, at the cost of `payer`.
pub fn grow<'info>(
    payer: &Signer<'info>,
    account: &AccountInfo<'info>,
    bytes: usize,
    system_program: &Program<'info, System>,
) -> Result<()> {
    let space = account.try_data_len()? + bytes;
    fund(payer, account, space, system_program)?;
    Ok(account.resize(space)?)
}

/// Takes the last `bytes` of an account of the program's and pays their rent to `to`, as far as the rest can spare it.
pub fn shrink(account: &AccountInfo, bytes: usize, to: &AccountInfo) -> Result<()> {
    let old = account.try_data_len()?;
    let space = old.saturating_sub(bytes);
    account.resize(space)?;
    // At the rent of today, which may be lower than when it was paid: what is left over stays in the account.
    let rent = Rent::get()?;
    let kept = rent.minimum_balance(space);
    let worth = rent.minimum_balance(old).saturating_sub(kept);
    let refund = worth.min(account.lamports().saturating_sub(kept));
    account.sub_lamports(refund)?;
    to.add_lamports(refund)?;
    Ok(())
}

/// Brings an account up to the rent of `space` bytes.
fn fund<'info>(
    payer: &Signer<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    system_program: &Program<'info, System>,
) -> Result<()> {
    let missing = Rent::get()?.minimum_balance(space).saturating_sub(account.lamports());
    if missing == 0 {
        return Ok(());
    }
    let accounts = Transfer { from: payer.to_account_info(), to: account.clone() };
    transfer(CpiContext::new(system_program.key(), accounts), missing)
}
