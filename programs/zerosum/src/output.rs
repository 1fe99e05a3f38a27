//! What the program hands back to its caller besides the accounts.
//!
//! Anchor's own `emit!` and return values do the same on-chain, and nothing off-chain, where
//! they would be lost to the tests that run the program natively.

use anchor_lang::AnchorSerialize;

/// Writes a line to the transaction's log.
pub fn log(line: &str) {
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::log::sol_log(line);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_log(line);
}

/// Writes bytes to the transaction's log.
pub fn log_data(data: &[u8]) {
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::log::sol_log_data(&[data]);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_log_data(&[data]);
}

/// What an instruction returns: at most 1,024 bytes.
pub fn returned<T: AnchorSerialize>(value: T) -> T {
    let mut data = Vec::with_capacity(RETURNED);
    let written = value.serialize(&mut data);
    debug_assert!(written.is_ok(), "a vector takes everything");
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::program::set_return_data(&data);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_set_return_data(&data);
    value
}

/// What most answers have room in.
const RETURNED: usize = 256;
