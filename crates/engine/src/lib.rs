//! The zerosum exchange as plain Rust over the bytes of its accounts.
//!
//! No Solana types, no I/O, no allocation, no floats, no panics on any input: the program is a thin skin over this crate,
//! and the client, the keeper, the command line and the tests compute with the same code.
//!
//! Read it in this order: [`units`] (what is counted in what), [`seat`] (two integers), [`heap`] (everything urgent),
//! [`market`] and [`book`] (the two accounts), [`margin`], [`oracle`], [`price`] and [`funding`], [`trade`] and [`cash`]
//! (what traders do), [`waterfall`], [`absorb`] and [`deleverage`] (what happens to losers), [`crank`] (what a
//! call did, and its pay), [`ranking`] (to whom), [`vault`] (shares), [`settlement`] (how a market ends), [`powers`] (what
//! its authority may do), [`receipt`] and [`view`] (what anyone can see), [`audit`] (what must always hold).
// What describes the accounts for the interface description is made of strings.
#![cfg_attr(not(feature = "idl-build"), no_std)]
#![forbid(unsafe_code)]

#[cfg(all(test, not(feature = "idl-build")))]
extern crate std;

pub mod absorb;
pub mod audit;
pub mod book;
pub mod cash;
pub mod crank;
pub mod create;
pub mod deleverage;
pub mod error;
pub mod exchange;
pub mod funding;
pub mod heap;
pub mod margin;
pub mod market;
pub mod oracle;
pub mod params;
pub mod powers;
pub mod price;
pub mod ranking;
pub mod receipt;
pub mod seat;
pub mod settlement;
pub mod trade;
pub mod units;
pub mod vault;
pub mod view;
pub mod waterfall;

#[cfg(test)]
mod tests;
