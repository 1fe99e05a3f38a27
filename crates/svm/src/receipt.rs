//! What a transaction leaves behind.

use std::fmt;

use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

use crate::{PRELUDE_UNITS, stubs};

/// A transaction that succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The log, line by line, events as `Program data:` lines.
    pub logs: Vec<String>,
    /// What the given instructions used. Meaningless natively.
    pub compute_units: u64,
    /// What the last program that returned data returned.
    pub return_data: Option<Vec<u8>>,
}

/// A transaction that failed; nothing but the fee was charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub error: TransactionError,
    /// The log up to the failure.
    pub logs: Vec<String>,
    /// What was used up to the failure. Meaningless natively.
    pub compute_units: u64,
}

impl Failure {
    /// The program's own error number, where it failed with one.
    pub fn custom_code(&self) -> Option<u32> {
        match self.error {
            TransactionError::InstructionError(_, InstructionError::Custom(code)) => Some(code),
            _ => None,
        }
    }

    /// A transaction that no cluster would have looked at.
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self { error: TransactionError::SanitizeFailure, logs: vec![reason.into()], compute_units: 0 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        self.logs.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Failure {}

/// What the runtime tells of an execution, whether committed or simulated.
#[derive(Default)]
pub(crate) struct Execution {
    pub logs: Vec<String>,
    pub compute_units: u64,
    pub return_data: Option<Vec<u8>>,
}

impl Execution {
    /// Splits success from failure and takes out what is [`crate::Svm`]'s and not the caller's.
    pub fn conclude(self, result: Result<(), TransactionError>) -> Result<Receipt, Failure> {
        let logs = self.logs.into_iter().map(stubs::restore_event).collect();
        let compute_units = self.compute_units.saturating_sub(PRELUDE_UNITS);
        match result {
            Ok(()) => Ok(Receipt { logs, compute_units, return_data: self.return_data }),
            Err(error) => Err(Failure { error, logs, compute_units }),
        }
    }
}
