//! What the accounts have in common: keys, links, and every bound on what they hold.

use bytemuck::{Pod, Zeroable};

/// The layout this crate reads and writes.
pub const VERSION: u8 = 1;

/// The most seats a market has: so many that one transaction ranks every one of them, whatever their order and whatever
/// they did to their numbers.
pub const MAX_SEATS: u32 = 16_384;
/// The vault's seat.
pub const VAULT: u32 = 0;
/// The most orders the book holds, both sides together.
pub const MAX_ORDERS: usize = 8_192;
/// How many orders a seat may have open.
pub const MAX_ORDERS_PER_SEAT: u16 = 32;
/// How many resting orders one order may fill or cancel.
pub const MAX_MATCHES: u32 = 64;
/// Resting orders that one crank fills or removes at most, looked at before each fill: one fill may overshoot it by the
/// orders of a seat.
pub const MAX_CRANK_MATCHES: u32 = 64;
/// The most seats one `liquidate` closes something of.
pub const MAX_LIQUIDATIONS: u32 = 16;
/// The most forced fills of one `deleverage`.
pub const MAX_FORCED: u32 = 32;
/// A `deleverage` that has filled or removed this many resting orders does not begin to rank: together with the dearest
/// ranking more of them might not fit a transaction.
pub const MAX_MET_BEFORE_RANKING: u32 = 16;
/// How many receipts the ring holds. No instruction makes more.
pub const RING: usize = 64;
/// Slices of the loss budget's ring. They are an eighth of the window long and do not overlap, so nine at most end later
/// than a window ago.
pub const BUDGET_SLICES: usize = 9;
/// The most lines of one page of a queue: what fits the return data of a transaction.
pub const PAGE: usize = 40;

/// Seconds.
pub const HOUR: i64 = 3_600;
/// Seconds.
pub const DAY: i64 = 24 * HOUR;

/// A 32-byte public key, without a chain's type for it.
pub type Key = [u8; 32];
/// The same in accounts: the interface description knows a public key by this name.
pub type Pubkey = Key;

/// An index + 1, so that the zeroes of a fresh account mean "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(transparent)]
pub struct Link(pub u32);

impl Link {
    /// A link to nothing.
    pub const NONE: Self = Self(0);

    /// A link to record `index`.
    pub const fn to(index: u32) -> Self {
        Self(index.wrapping_add(1))
    }

    /// The record linked to.
    pub const fn get(self) -> Option<u32> {
        self.0.checked_sub(1)
    }
}
