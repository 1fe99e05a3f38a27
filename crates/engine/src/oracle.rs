//! What an oracle says, from the bytes of an account.
//!
//! A market reads one account, whose address is fixed when the market is created. So nobody chooses among prints: what
//! counts is the newest that anyone has brought there. Two sources, one trait: a source hands out the account's print in the
//! market's units. How old a print may be and what a jump needs is the same for both, and is decided where the print is
//! taken into account: [`filter`](crate::rules::price_filter::filter).

use crate::error::{require, Error, ErrorCode, Result};
use crate::layout::Key;
use crate::state::header::Header;
use crate::state::price::{PriceFeed, Print};

mod pyth;

pub use pyth::{atoms_per_lot, PriceUpdate, Pyth, MIN_EXPONENT, PUSH_ORACLES, RECEIVERS};

/// A lot is 10 to the power of at most this, and at least its negative, of the asset's units.
pub const MAX_LOT_EXPONENT: i8 = 18;

/// The source of a market's prices, fixed when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OracleKind {
    /// An account of the market that a named key writes to.
    Posted = 0,
    /// A feed of the Pyth network.
    Pyth = 1,
}

impl OracleKind {
    /// The kind a stored byte means.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Posted),
            1 => Some(Self::Pyth),
            _ => None,
        }
    }
}

/// An account that is said to hold a price, as the chain has it.
#[derive(Clone, Copy, Debug)]
pub struct PriceAccount<'a> {
    /// Its address.
    pub key: &'a Key,
    /// The program it belongs to.
    pub owner: &'a Key,
    /// All its bytes, discriminator included.
    pub data: &'a [u8],
}

/// A source of prices: what an oracle says, from the bytes of the account that the market names.
pub trait Oracle {
    /// The print in the account, in atoms per lot.
    ///
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for bytes of anything else; others as the source names them.
    fn read(&self, account: &PriceAccount) -> Result<Print>;
}

/// The price that a key named by the market posts: an account of the market's own.
///
/// Its address vouches for its owner and its discriminator. It is derived from the market's, so nobody but the program
/// can make an account there; the program makes a feed of it, and never gives it away.
#[derive(Clone, Copy, Debug)]
pub struct Posted;

impl Posted {
    /// Where the feed begins: behind the discriminator.
    const BODY: usize = 8;
    /// Bytes of the account.
    const SIZE: usize = Self::BODY + core::mem::size_of::<PriceFeed>();
}

impl Oracle for Posted {
    /// # Errors
    /// [`ErrorCode::WrongOracle`]: too few bytes, with those of a feed and those found.
    #[inline(always)]
    fn read(&self, account: &PriceAccount) -> Result<Print> {
        match account.data.get(Self::BODY..Self::SIZE) {
            Some(bytes) => Ok(bytemuck::pod_read_unaligned::<PriceFeed>(bytes).print()),
            None => Err(Error::with(ErrorCode::WrongOracle, Self::SIZE as i64, account.data.len() as i64)),
        }
    }
}

/// What the oracle account of a market says. That it is the market's has to be checked beside.
///
/// # Errors
/// Those of [`Posted`] and [`Pyth`], by the kind of the market; [`ErrorCode::BadParameter`] for a kind that is neither.
#[inline(always)]
pub(crate) fn read(head: &Header, account: &PriceAccount) -> Result<Print> {
    // First and in line: every order and crank of a market with a posted price passes here.
    if head.oracle_kind == OracleKind::Posted as u8 {
        Posted.read(account)
    } else {
        read_feed(head, *account)
    }
}

/// Takes a copy, so that the way of a posted price has no need of one in memory.
#[inline(never)]
fn read_feed(head: &Header, account: PriceAccount) -> Result<Print> {
    let kind = head.oracle_kind as i64;
    require(kind == OracleKind::Pyth as i64, ErrorCode::BadParameter, OracleKind::Pyth as i64, kind)?;
    Pyth::of(head).read(&account)
}

#[cfg(test)]
mod tests;
