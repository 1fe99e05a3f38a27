//! Prints of an oracle, read from the bytes of an account.
//!
//! A market reads one account, whose address is fixed when the market is created. So nobody can choose among prints:
//! only the newest one that anyone has brought there counts. There are two sources and one trait: a source returns the
//! account's print in the market's units. The allowed age of a print and the rules for a jump are the same for both.
//! They are applied where the print is taken into account: [`filter`](crate::rules::price_filter::filter).

use crate::error::{require, Error, ErrorCode, Result};
use crate::layout::Key;
use crate::state::header::Header;
use crate::state::price::{PriceFeed, Print};

mod pyth;

pub use pyth::{atoms_per_lot, PriceUpdate, Pyth, MIN_EXPONENT, PUSH_ORACLES, RECEIVERS};

/// The largest lot exponent; the lowest is its negative. A lot is 10 to the power of it of the asset's units.
pub const MAX_LOT_EXPONENT: i8 = 18;

/// The source of a market's prices. It is fixed when the market is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OracleKind {
    /// An account of the market, to which a named key writes.
    Posted = 0,
    /// A feed of the Pyth network.
    Pyth = 1,
}

impl OracleKind {
    /// The kind that a stored byte means.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Posted),
            1 => Some(Self::Pyth),
            _ => None,
        }
    }
}

/// An account that is claimed to hold a price, as the chain stores it.
#[derive(Clone, Copy, Debug)]
pub struct PriceAccount<'a> {
    /// Address of the account.
    pub key: &'a Key,
    /// The program that owns the account.
    pub owner: &'a Key,
    /// All its bytes, including the discriminator.
    pub data: &'a [u8],
}

/// A source of prices: it reads a print from the bytes of the account that the market names.
pub trait Oracle {
    /// The print in the account, in atoms per lot.
    ///
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for bytes of anything else; others as the source names them.
    fn read(&self, account: &PriceAccount) -> Result<Print>;
}

/// A price posted by a key that the market names, in an account of the market's own.
///
/// The account's address proves its owner and its discriminator. It is derived from the market's address, so only the
/// program can create an account there. The program makes it a feed, and never gives it away.
/// can make an account there; the program makes a feed of it, and never gives it away.
#[derive(Clone, Copy, Debug)]
pub struct Posted;

impl Posted {
    /// Offset of the feed: it follows the discriminator.
    const BODY: usize = 8;
    /// Size of the account, in bytes.
    const SIZE: usize = Self::BODY + core::mem::size_of::<PriceFeed>();
}

impl Oracle for Posted {
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for too few bytes, with the bytes of a feed and those found.
    #[inline(always)]
    fn read(&self, account: &PriceAccount) -> Result<Print> {
        match account.data.get(Self::BODY..Self::SIZE) {
            Some(bytes) => Ok(bytemuck::pod_read_unaligned::<PriceFeed>(bytes).print()),
            None => Err(Error::with(ErrorCode::WrongOracle, Self::SIZE as i64, account.data.len() as i64)),
        }
    }
}

/// The print in the oracle account of a market. The caller must check that the account is the market's.
///
/// # Errors
/// Those of [`Posted`] and [`Pyth`], by the kind of the market; [`ErrorCode::BadParameter`] for a kind that is neither.
#[inline(always)]
pub(crate) fn read(head: &Header, account: &PriceAccount) -> Result<Print> {
    // First and inlined, because every order and crank of a market with a posted price passes here.
    if head.oracle_kind == OracleKind::Posted as u8 {
        Posted.read(account)
    } else {
        read_feed(head, *account)
    }
}

/// Takes a copy, so that the path of a posted price needs no account in memory.
#[inline(never)]
fn read_feed(head: &Header, account: PriceAccount) -> Result<Print> {
    let kind = head.oracle_kind as i64;
    require(kind == OracleKind::Pyth as i64, ErrorCode::BadParameter, OracleKind::Pyth as i64, kind)?;
    Pyth::of(head).read(&account)
}

#[cfg(test)]
mod tests;
