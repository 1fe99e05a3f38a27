//! The accounts of the program. What is in them is defined by the engine; here they get the discriminator and the owner
//! that [`guards`](crate::guards) check.

use anchor_lang::prelude::*;
use zerosum_engine::{
    state::book::BookHeader,
    state::header::Header,
    state::{price, ticket as vault},
};

/// Where the engine's bytes begin.
pub const BODY: usize = 8;

macro_rules! account {
    ($(#[$doc:meta])* $name:ident holds $content:ty) => {
        $(#[$doc])*
        #[account(zero_copy)]
        #[repr(C)]
        pub struct $name {
            /// The engine's bytes.
            pub content: [u64; size_of::<$content>() / 8],
        }

        const _: () = assert!(size_of::<$name>() == size_of::<$content>());
    };
}

account! {
    /// A market: the engine's [`Header`], then its seats.
    Market holds Header
}
account! {
    /// The book of a market: the engine's [`BookHeader`], then its orders.
    Book holds BookHeader
}
account! {
    /// A posted price: the engine's [`price::PriceFeed`].
    PriceFeed holds price::PriceFeed
}
account! {
    /// A depositor's stake in a vault: the engine's [`vault::Ticket`].
    Ticket holds vault::Ticket
}
