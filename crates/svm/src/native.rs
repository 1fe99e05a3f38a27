//! The program as a function of this process.
//!
//! A module of its own: `processor!` expands to code that names `Result` and must find the one
//! of the prelude.

use solana_account_info::AccountInfo;
use solana_program_error::ProgramResult;
use solana_program_test::{ProgramTest, processor};
use solana_pubkey::Pubkey;

/// Registers the program with the runtime as one of its built-in programs.
pub(crate) fn deploy(genesis: &mut ProgramTest) {
    genesis.prefer_bpf(false);
    genesis.add_program("zerosum", zerosum::ID, processor!(entry));
}

/// Calls the program's entry point, which wants one lifetime for all three arguments.
fn entry(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    // SAFETY: only lifetimes change, all of them to that of this call. `AccountInfo` is
    // invariant in its lifetime, so the compiler cannot shorten it; that would be unsound if
    // the program left a reference of its own in an account, and it keeps nothing past its
    // return.
    let accounts = unsafe { std::mem::transmute::<&[AccountInfo<'_>], &[AccountInfo<'_>]>(accounts) };
    zerosum::entrypoint::process(program_id, accounts, data)
}
