//! What the owner of a seat does, or their delegate.

pub mod cancel_all;
pub mod cancel_order;
pub mod close_seat;
pub mod deposit;
pub mod open_seat;
pub mod place_order;
pub mod set_delegate;
pub mod withdraw;

pub use cancel_all::*;
pub use cancel_order::*;
pub use close_seat::*;
pub use deposit::*;
pub use open_seat::*;
pub use place_order::*;
pub use set_delegate::*;
pub use withdraw::*;
