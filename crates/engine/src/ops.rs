//! What anyone can do, one file per operation. An operation asks the rules, then changes the state.
//!
//! Operations do not call each other, with three exceptions. [`session`] begins and ends all of them. [`matching`] is
//! the one loop in which orders fill. The steps of the waterfall call the next one: [`deleverage`] calls [`liquidate`],
//! which calls [`backstop`], and they share [`crank`].

pub mod admin;
pub(crate) mod backstop;
pub mod crank;
pub mod create;
pub(crate) mod deleverage;
pub mod funding;
pub(crate) mod liquidate;
pub(crate) mod matching;
pub mod orders;
pub(crate) mod prices;
pub mod seats;
pub(crate) mod session;
pub mod settlement;
pub mod vault_shares;
