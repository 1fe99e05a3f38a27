//! Accounts.

use anchor_lang::prelude::*;

/// What the last transfer left.
#[account(zero_copy)]
#[repr(C)]
pub struct Record {
    pub transfers: u64,
    pub amount: u64,
    pub unix_timestamp: i64,
}

const _: () = assert!(size_of::<Record>() == 24);
