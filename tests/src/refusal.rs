//! Failures by name.

use zerosum_client::failure;
use zerosum_engine::error::{Error, ErrorCode};
use zerosum_svm::Failure;

/// The engine's error that a transaction failed with.
///
/// # Panics
/// Where it failed with anything else, or where number and log disagree.
pub fn refusal(failure: &Failure) -> Error {
    let named = failure.custom_code().and_then(failure::decode_error);
    let explained = failure::explain(&failure.logs);
    match (named, explained) {
        (Some(code), Some(error)) if code == error.code => error,
        _ => panic!("not one of the exchange's errors, or not explained in the log: {failure}"),
    }
}

/// Outcomes that were meant to be refused.
pub trait Refusal {
    /// The name of the error.
    ///
    /// # Panics
    /// Where it succeeded, or failed with anything but one of the exchange's errors.
    fn refused(self) -> ErrorCode;
}

impl<T> Refusal for Result<T, Failure> {
    #[track_caller]
    fn refused(self) -> ErrorCode {
        match self {
            Ok(_) => panic!("this should have been refused"),
            Err(failure) => refusal(&failure).code,
        }
    }
}
