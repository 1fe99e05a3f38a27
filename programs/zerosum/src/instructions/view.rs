//! What anyone may ask, in a simulated transaction.

pub mod ask;
pub mod view_falling;
pub mod view_queue;
pub mod view_seat;

pub use ask::*;
pub use view_falling::*;
pub use view_queue::*;
pub use view_seat::*;
