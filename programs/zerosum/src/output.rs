//! What the program hands back to its caller besides the accounts.
//!
//! Anchor's own `emit!` and return values do the same on-chain, and nothing off-chain, where
//! they would be lost to the tests that run the program natively.

use anchor_lang::Event;

/// Writes an event to the transaction's log.
pub fn emit(event: &impl Event) {
    let data = event.data();
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::log::sol_log_data(&[&data]);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_log_data(&[&data]);
}

/// Sets what the transaction returns: at most 1,024 bytes.
pub fn return_data(data: &[u8]) {
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::program::set_return_data(data);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_set_return_data(data);
}
