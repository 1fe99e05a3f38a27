//! Markets: creating them and giving their books room.

pub mod create_market;
pub mod grow_book;

pub use create_market::*;
pub use grow_book::*;
