//! What anyone may call, and what keeps the market safe.

pub mod close_market;
pub mod crank;
pub mod deleverage;
pub mod funding;
pub mod liquidate;
pub mod post_price;
pub mod sweep_excess;
pub mod unwind_vault;
pub mod wind_down;

pub use close_market::*;
pub use crank::*;
pub use deleverage::*;
pub use funding::*;
pub use liquidate::*;
pub use post_price::*;
pub use sweep_excess::*;
pub use unwind_vault::*;
pub use wind_down::*;
