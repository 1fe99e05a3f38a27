//! The accounts of the program. What is in them is defined by the engine; here they get a discriminator and an owner.
//!
//! A header with records behind it ends in an empty array of those records. It takes no space: it says where the records
//! begin and what they are.

use anchor_lang::prelude::*;
use zerosum_engine::{
    state::book::{BookHeader, Order},
    state::header::Header,
    state::price::PriceFeed,
    state::seat::Seat,
    state::ticket::Ticket,
};

/// Where the engine's bytes begin: behind the discriminator.
pub const BODY: usize = 8;

/// A market: its header, and its seats behind it. Address: `["market", creator, id]`.
#[account(zero_copy)]
#[repr(C)]
pub struct Market {
    /// The header.
    pub header: Header,
    /// The seats begin here: `header.seat_count` records, each a `Seat` of 320 bytes, and space for more.
    pub seats: [Seat; 0],
}

/// The book of a market: its header, and its orders behind it. Address: `["book", market]`.
#[account(zero_copy)]
#[repr(C)]
pub struct Book {
    /// The header.
    pub header: BookHeader,
    /// The orders begin here: `header.used` records, each an `Order` of 152 bytes, and space for more.
    pub orders: [Order; 0],
}

/// A price that a key named by the market posts. Address: `["price", market]`.
#[account(zero_copy)]
#[repr(C)]
pub struct PostedPrice {
    /// What was posted last.
    pub feed: PriceFeed,
}

/// A depositor's stake in the vault of a market. Address: `["ticket", market, owner]`.
#[account(zero_copy)]
#[repr(C)]
pub struct VaultTicket {
    /// The stake and its pending request.
    pub ticket: Ticket,
}

// The engine reads all bytes behind the discriminator, so nothing may be added to what it defines.
const _: () = {
    assert!(size_of::<Market>() == size_of::<Header>());
    assert!(size_of::<Book>() == size_of::<BookHeader>());
    assert!(size_of::<PostedPrice>() == size_of::<PriceFeed>());
    assert!(size_of::<VaultTicket>() == size_of::<Ticket>());
    // As the docs above say.
    assert!(size_of::<Seat>() == 320 && size_of::<Order>() == 152);
};

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// The keys that accounts of an instruction are compared with.
        impl Market {
            $($(#[$doc])*
            pub fn $name(&self) -> Pubkey {
                self.header.$name.into()
            })*
        }
    };
}

keys! {
    /// Who created the market.
    creator
    /// Holds the powers over the market; zeroes where they were given up, which nobody can sign for.
    authority
    /// The book.
    book
    /// The token account of all the cash.
    pool
    /// The collateral.
    mint
    /// The token program of the collateral.
    token_program
    /// The account that prices are read from.
    oracle
    /// Who signs the posted price; zeroes where prices come from a feed.
    price_signer
}
