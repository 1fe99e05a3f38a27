//! New accounts and more room in old ones.

use anchor_lang::{prelude::*, system_program};

use crate::{
    calls::{Passed, call},
    error::OrFail,
};

// The system program's instructions, written by hand: its client crate brings a general serialiser and the printing of
// every error of it, a twentieth of this program.
const ASSIGN: u32 = 1;
const TRANSFER: u32 = 2;
const ALLOCATE: u32 = 8;

/// What the runtime adds to the bytes of an account for the rent.
const ACCOUNT_STORAGE_OVERHEAD: u64 = 128;

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
    let own = [Passed::writable(account).signing()];
    system(&with_number(ALLOCATE, space as u64), &own, &[seeds])?;
    let mut assign = [0; 36];
    assign[..4].copy_from_slice(&ASSIGN.to_le_bytes());
    assign[4..].copy_from_slice(owner.as_array());
    system(&assign, &own, &[seeds])
}

/// Adds `bytes` zeroes to an account of the program's, at the cost of `payer`.
pub fn grow<'info>(payer: &AccountInfo<'info>, account: &AccountInfo<'info>, bytes: usize) -> Result<()> {
    let space = account.try_data_len().or_fail()? + bytes;
    fund(payer, account, space)?;
    account.resize(space).or_fail()
}

/// Takes the last `bytes` of an account of the program's and pays their rent to `to`, as far as the rest can spare it.
pub fn shrink(account: &AccountInfo, bytes: usize, to: &AccountInfo) -> Result<()> {
    let old = account.try_data_len().or_fail()?;
    let space = old.saturating_sub(bytes);
    account.resize(space).or_fail()?;
    // At the rent of today, which may be lower than when it was paid: what is left over stays in the account.
    let kept = minimum_balance(space)?;
    let worth = minimum_balance(old)?.saturating_sub(kept);
    let refund = worth.min(account.try_lamports().or_fail()?.saturating_sub(kept));
    **account.try_borrow_mut_lamports().or_fail()? -= refund;
    **to.try_borrow_mut_lamports().or_fail()? += refund;
    Ok(())
}

/// Gives an account of the program's up; its lamports go to `to`.
pub fn close(account: &AccountInfo, to: &AccountInfo) -> Result<()> {
    let lamports = account.try_lamports().or_fail()?;
    **account.try_borrow_mut_lamports().or_fail()? = 0;
    **to.try_borrow_mut_lamports().or_fail()? += lamports;
    account.assign(&system_program::ID);
    account.resize(0).or_fail()
}

/// What an account of `space` bytes must hold.
///
/// `Rent` itself multiplies floats, which takes a library here. The threshold is 2 on clusters that still count in years
/// and 1 on the others; were it a fraction, too little would be paid and the runtime would refuse the account.
#[inline(never)]
fn minimum_balance(space: usize) -> Result<u64> {
    let rent = Rent::get().or_fail()?;
    #[allow(deprecated)]
    let (rate, threshold) = (rent.lamports_per_byte_year, rent.exemption_threshold as u64);
    Ok((ACCOUNT_STORAGE_OVERHEAD + space as u64) * rate * threshold)
}

/// Brings an account up to the rent of `space` bytes.
fn fund<'info>(payer: &AccountInfo<'info>, account: &AccountInfo<'info>, space: usize) -> Result<()> {
    let missing = minimum_balance(space)?.saturating_sub(account.try_lamports().or_fail()?);
    if missing == 0 {
        return Ok(());
    }
    let passed = [Passed::writable(payer).signing(), Passed::writable(account)];
    system(&with_number(TRANSFER, missing), &passed, &[])
}

/// An instruction with one number for an argument.
fn with_number(instruction: u32, number: u64) -> [u8; 12] {
    let mut data = [0; 12];
    data[..4].copy_from_slice(&instruction.to_le_bytes());
    data[4..].copy_from_slice(&number.to_le_bytes());
    data
}

fn system(data: &[u8], passed: &[Passed], signer: &[&[&[u8]]]) -> Result<()> {
    call(&system_program::ID, data, passed, signer)
}
