//! What all accounts share: keys, links, and every bound on what they hold.

use bytemuck::{Pod, Zeroable};

/// The version of the account layout that this crate reads and writes.
pub const VERSION: u8 = 1;

/// The largest number of seats in a market. One transaction can rank this many, whatever their order and whatever their
/// owners did to their numbers.
pub const MAX_SEATS: u32 = 16_384;
/// Index of the vault's seat.
pub const VAULT: u32 = 0;
/// The largest number of orders in the book, both sides together.
pub const MAX_ORDERS: usize = 8_192;
/// The largest number of open orders of a seat.
pub const MAX_ORDERS_PER_SEAT: u16 = 32;
/// The largest number of resting orders that one order may fill or cancel.
pub const MAX_MATCHES: u32 = 64;
/// The largest number of resting orders that one crank fills or removes. It is checked before each fill, so one fill
/// may exceed it by the orders of a seat.
pub const MAX_CRANK_MATCHES: u32 = 64;
/// The largest number of seats that one `liquidate` reduces.
pub const MAX_LIQUIDATIONS: u32 = 16;
/// Maximum number of forced fills in one `deleverage`. Those against a winner that is not in profit count twice.
pub const MAX_FORCED: u32 = 32;
/// A `deleverage` that has filled or removed this many resting orders does not begin to rank. With more of them, the
/// most expensive ranking might not fit into the transaction.
pub const MAX_MET_BEFORE_RANKING: u32 = 16;
/// Number of receipts in the ring. No instruction makes more than that.
pub const RING: usize = 64;
/// Number of slices in the loss budget's ring. Slices are an eighth of the window long and do not overlap, so at most
/// nine end later than one window ago.
pub const BUDGET_SLICES: usize = 9;
/// The largest number of lines in one page of a queue. More would not fit the return data of a transaction.
pub const PAGE: usize = 40;

/// One hour, in seconds.
pub const HOUR: i64 = 3_600;
/// One day, in seconds.
pub const DAY: i64 = 24 * HOUR;

/// A 32-byte public key, without a chain's type for it.
pub type Key = [u8; 32];
/// The same type as it is named in accounts: the interface description knows a public key by this name.
pub type Pubkey = Key;

/// An index + 1, so that zero, as in a fresh account, means "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(transparent)]
pub struct Link(pub u32);

impl Link {
    /// A link to nothing.
    pub const NONE: Self = Self(0);

    /// A link to the record at `index`.
    pub const fn to(index: u32) -> Self {
        Self(index.wrapping_add(1))
    }

    /// The index of the record linked to, if any.
    pub const fn get(self) -> Option<u32> {
        self.0.checked_sub(1)
    }
}
