//! The zerosum exchange as plain Rust over the bytes of its accounts.
//!
//! No Solana types, no I/O, no allocation, no floats, no panics on any input: the program is a thin skin over this crate,
//! and the client, the keeper, the command line and the tests compute with the same code.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod error;
pub mod heap;
pub mod seat;
pub mod units;
