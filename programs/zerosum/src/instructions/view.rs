//! What anyone may ask, in a simulated transaction.

pub mod ask;
pub mod view_adl_queue;
pub mod view_liquidation_queue;
pub mod view_seat;

pub use ask::*;
pub use view_adl_queue::*;
pub use view_liquidation_queue::*;
pub use view_seat::*;
