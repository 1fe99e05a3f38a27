//! What anyone can do, one file an operation. An operation asks the rules, then changes the state.
//!
//! Operations do not know each other, with three exceptions: [`session`] begins and ends all of them, [`matching`] is the one
//! loop in which orders fill, and the steps of the waterfall hand on to each other: [`deleverage`] to [`liquidate`], that to
//! [`backstop`], and [`crank`] is what they share.

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
