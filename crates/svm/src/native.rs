//! The program as a function of this process.
//!
//! A module of its own: `processor!` expands to code that names `Result` and must find the one
//! of the prelude.

use solana_account_info::AccountInfo;
use solana_program_error::{ProgramError, ProgramResult};
use solana_program_test::{ProgramTest, processor};
use solana_pubkey::Pubkey;
use zerosum_engine::error::ErrorCode;

/// Registers the program with the runtime as one of its built-in programs.
pub(crate) fn deploy(genesis: &mut ProgramTest) {
    genesis.prefer_bpf(false);
    genesis.add_program("zerosum", zerosum::ID, processor!(process));
}

/// Anchor's entry, for a caller whose arguments live shorter than the accounts in them.
///
/// Anchor wants one lifetime for all of them. So it gets copies that are never freed: some hundred
/// bytes a call. The accounts' data and lamports are shared with the originals, not copied.
fn process(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let program_id = Box::leak(Box::new(*program_id));
    let result = zerosum::entry(program_id, accounts.to_vec().leak(), data.to_vec().leak());
    if let Err(ProgramError::Custom(number)) = result {
        log_error(number);
    }
    result
}

/// Anchor logs the error that ends an instruction. Off-chain it writes to the standard output, so the name is repeated
/// here, where the runtime takes it. What the program logged of the error by itself comes before this line.
fn log_error(number: u32) {
    let index = number.checked_sub(zerosum::error::OFFSET);
    if let Some(code) = index.and_then(|index| ErrorCode::ALL.get(index as usize)) {
        let (name, message) = (code.name(), code.message());
        solana_sysvar_3::program_stubs::sol_log(&format!(
            "AnchorError occurred. Error Code: {name}. Error Number: {number}. Error Message: {message}."
        ));
    }
}
