//! Events, answers and errors, written where native runs can see them too.
//!
//! On a cluster these do what Anchor's `emit!`, its return values and its log of an error do. Off-chain Anchor's are lost;
//! the umbrella crate asks the runtime's stubs there, so tests that run the program natively read the same.

use anchor_lang::{Event, error::AnchorError};
use borsh::BorshSerialize;

/// Writes an event into the transaction's log.
pub fn emit(event: &impl Event) {
    solana_program::log::sol_log_data(&[&event.data()]);
}

/// Passes on what an instruction returns. On a cluster Anchor hands it to the caller.
pub fn answer<T: BorshSerialize>(value: T) -> T {
    #[cfg(not(target_os = "solana"))]
    if let Ok(data) = borsh::to_vec(&value) {
        solana_program::program::set_return_data(&data);
    }
    value
}

/// Passes on the error that ends an instruction. On a cluster Anchor logs it.
pub fn explain(error: AnchorError) -> AnchorError {
    #[cfg(not(target_os = "solana"))]
    solana_program::program_stubs::sol_log(&format!(
        "AnchorError occurred. Error Code: {}. Error Number: {}. Error Message: {}.",
        error.error_name, error.error_code_number, error.error_msg
    ));
    error
}
