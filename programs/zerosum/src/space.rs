//! New accounts and more room in old ones.

use anchor_lang::{prelude::*, system_program};

/// Creates `account`, an address of the program's, with `space` bytes for `owner`, at the cost of `payer`.
///
/// Anyone can send lamports to an address that is not in use yet, and the system program's own creation then fails. So
/// what is missing is added, and space and owner are set one by one. Both fail where the account exists already.
pub fn create<'info>(
    payer: &AccountInfo<'info>,
    account: &AccountInfo<'info>,
    space: usize,
    owner: &Pubkey,
    seeds: &[&[u8]],
) -> Result<()> {
    fund(payer, account, space)?;
    let signer = &[seeds];
    let allocate = system_program::Allocate { account_to_allocate: account.clone() };
    let context = CpiContext::new_with_signer(system_program::ID, allocate, signer);
    system_program::allocate(context, space as u64)?;
    let assign = system_program::Assign { account_to_assign: account.clone() };
    let context = CpiContext::new_with_signer(system_program::ID, assign, signer);
    system_program::assign(context, owner)
}

/// Adds `bytes` zeroes to an account of the program's, at the cost of `payer`.
pub fn grow<'info>(payer: &AccountInfo<'info>, account: &AccountInfo<'info>, bytes: usize) -> Result<()> {
    let space = account.data_len() + bytes;
    fund(payer, account, space)?;
    Ok(account.resize(space)?)
}

/// Takes the last `bytes` of an account of the program's and pays their rent to `to`, as far as the rest can spare it.
pub fn shrink(account: &AccountInfo, bytes: usize, to: &AccountInfo) -> Result<()> {
    let (old, rent) = (account.data_len(), Rent::get()?);
    let space = old.saturating_sub(bytes);
    account.resize(space)?;
    // At the rent of today, which may be lower than when it was paid: what is left over stays in the account.
    let kept = rent.minimum_balance(space);
    let worth = rent.minimum_balance(old).saturating_sub(kept);
    let refund = worth.min(account.lamports().saturating_sub(kept));
    **account.try_borrow_mut_lamports()? -= refund;
    **to.try_borrow_mut_lamports()? += refund;
    Ok(())
}

/// Brings an account up to the rent of `space` bytes.
fn fund<'info>(payer: &AccountInfo<'info>, account: &AccountInfo<'info>, space: usize) -> Result<()> {
    let missing = Rent::get()?.minimum_balance(space).saturating_sub(account.lamports());
    if missing == 0 {
        return Ok(());
    }
    let transfer = system_program::Transfer { from: payer.clone(), to: account.clone() };
    system_program::transfer(CpiContext::new(system_program::ID, transfer), missing)
}
