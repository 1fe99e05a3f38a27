//! What anyone may call, and what keeps the market safe.

pub mod crank;
pub mod deleverage;
pub mod liquidate;
pub mod post_price;
pub mod sweep_excess;
pub mod unwind_vault;

pub use crank::*;
pub use deleverage::*;
pub use liquidate::*;
pub use post_price::*;
pub use sweep_excess::*;
pub use unwind_vault::*;
