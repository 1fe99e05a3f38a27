//! Events, answers and errors, written where native runs can see them too.
//!
//! On a cluster these do what Anchor's `emit!`, its return values and its log of an error do. Off-chain Anchor's are lost;
//! the umbrella crate asks the runtime's stubs there, so tests that run the program natively read the same.

use std::io::{Result, Write};

use anchor_lang::{Event, error::AnchorError};
use borsh::BorshSerialize;

/// Writes an event into the transaction's log.
pub fn emit<T: Event>(event: &T) {
    let mut buffer = Buffer { bytes: vec![0; Buffer::USUAL], len: 0 };
    // A buffer that grows takes everything.
    let written = buffer.write_all(T::DISCRIMINATOR).and_then(|()| event.serialize(&mut buffer));
    debug_assert!(written.is_ok(), "a buffer takes everything");
    solana_program::log::sol_log_data(&[&buffer.bytes[..buffer.len]]);
}

/// What `Event::data` writes into, with its length known: a vector that grows costs 60 units for each field.
struct Buffer {
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Bytes of most events.
    const USUAL: usize = 2_048;
}

impl Write for Buffer {
    #[inline(always)]
    fn write(&mut self, part: &[u8]) -> Result<usize> {
        let end = self.len + part.len();
        if end > self.bytes.len() {
            self.bytes.resize(2 * end, 0);
        }
        self.bytes[self.len..end].copy_from_slice(part);
        self.len = end;
        Ok(part.len())
    }

    #[inline(always)]
    fn write_all(&mut self, part: &[u8]) -> Result<()> {
        self.write(part).map(|_| ())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
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
