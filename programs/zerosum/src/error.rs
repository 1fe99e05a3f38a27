//! The program's own errors.

use anchor_lang::prelude::*;

/// Every way in which the program refuses an instruction. Numbers never change.
#[error_code]
pub enum ZerosumError {
    #[msg("The amount is zero")]
    ZeroAmount,
}
