//! Markets: creating them, giving their books room, and the powers of their authorities.

pub mod create_market;
pub mod grow_book;
pub mod params;
pub mod power;
pub mod take_fees;

pub use create_market::*;
pub use grow_book::*;
pub use params::*;
pub use power::*;
pub use take_fees::*;
