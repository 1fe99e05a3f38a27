//! The zerosum exchange as plain Rust over the bytes of its accounts.
//!
//! No Solana types, no I/O, no allocation, no floats, no panics on any input. The program is a thin skin over this
//! crate, and the client, the keeper, the command line and the tests compute with the same code.
//!
//! # Layers
//!
//! Each layer imports only layers above it in this list. `tests/architecture.rs` fails if one does not:
//!
//! 1. Ground: [`units`] (the quantities), [`error`], [`layout`] (bounds), [`heap`] (the priority queue), [`float`] (the
//!    numbers that scores are computed with).
//! 2. [`state`]: the bytes of the accounts, and the functions that keep them consistent. Only `state::ledger` changes
//!    cash.
//! 3. [`rules`]: what may happen, to whom, and at what price. They change nothing.
//! 4. [`oracle`]: prices from the bytes of foreign accounts.
//! 5. `ops`: what anyone can do, one file per operation.
//! 6. [`exchange`]: all operations, each in its session; [`view`]: what anyone can see; [`audit`]: what must always
//!    hold.
//!
//! These are the files that an operation passes through:
//!
//! - A deposit: [`exchange::Exchange::deposit`], `ops::session`, `ops::seats`, `state::ledger`, `state::queues`.
//! - An order: [`exchange::Exchange::place_order`], `ops::orders`, `ops::matching`, `rules::makers`,
//!   `state::open_orders`.
//! - A deleveraging: [`exchange::Exchange::deleverage`], `ops::deleverage`, `ops::liquidate`, `ops::backstop`,
//!   [`rules::adl_ranking`].
// The interface description of the accounts is built from strings, which need std.
#![cfg_attr(not(feature = "idl-build"), no_std)]
#![forbid(unsafe_code)]

#[cfg(all(test, not(feature = "idl-build")))]
extern crate std;

pub mod audit;
pub mod error;
pub mod exchange;
pub mod float;
pub mod heap;
pub mod layout;
pub mod ops;
pub mod oracle;
pub mod rules;
pub mod state;
pub mod units;
pub mod view;

#[cfg(test)]
mod tests;
