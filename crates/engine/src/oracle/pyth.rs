//! Prices of the Pyth network, read from the account that its push oracle keeps for a feed.
//!
//! The account's address is derived from a shard and the feed's id, and the market fixes it. Anyone may push a newer
//! price that the network has signed, and nobody can push an older one. The receiver program owns the account.
//! Nevertheless owner, feed and full verification are checked at every reading.

use super::{Oracle, PriceAccount};
use crate::error::{require, Error, ErrorCode, Result};
use crate::layout::Key;
use crate::state::header::Header;
use crate::state::price::Print;
use crate::units::{Price, Rate, Round, MAX_PRICE};
use bytemuck::{Pod, Zeroable};

/// The two generations of the receiver, both in use: `rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ` and
/// `rec2HHDDnjLfj4kE7VyEtFA1HPGQLK33259532cRyHp`.
pub const RECEIVERS: [Key; 2] = [
    [
        0x0c, 0xb7, 0xfa, 0xbb, 0x52, 0xf7, 0xa6, 0x48, 0xbb, 0x5b, 0x31, 0x7d, 0x9a, 0x01, 0x8b, 0x90, 0x57, 0xcb,
        0x02, 0x47, 0x74, 0xfa, 0xfe, 0x01, 0xe6, 0xc4, 0xdf, 0x98, 0xcc, 0x38, 0x58, 0x81,
    ],
    [
        0x0c, 0xb7, 0xfa, 0x7a, 0x5d, 0xa6, 0x28, 0xfb, 0xac, 0xa9, 0x9a, 0xea, 0x99, 0xf7, 0xbf, 0x3b, 0xdc, 0x36,
        0x89, 0x68, 0x60, 0x2a, 0xbf, 0x41, 0x4d, 0x4e, 0x8b, 0xa5, 0x67, 0xbb, 0xb0, 0xbf,
    ],
];

/// The two generations of the push oracle: `pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT` and
/// `pyt2F414BA6dPttK6RddPZUdHfapoBN24GL5wbrPCou`. It keeps a feed in the account derived from the shard (two bytes,
/// little end first) and the feed's id.
pub const PUSH_ORACLES: [Key; 2] = [
    [
        0x0c, 0x4a, 0xa0, 0x12, 0x8e, 0x95, 0xd3, 0xe1, 0x62, 0x2a, 0xa5, 0x01, 0xc5, 0x85, 0xa9, 0xeb, 0x07, 0xb3,
        0x73, 0x54, 0xc1, 0x08, 0xea, 0x0b, 0x79, 0x1b, 0x45, 0x6d, 0xc7, 0xee, 0xa3, 0x36,
    ],
    [
        0x0c, 0x4a, 0x9c, 0xb1, 0x9f, 0x9e, 0xfc, 0x25, 0x39, 0xfe, 0x69, 0x02, 0x35, 0xd8, 0xe9, 0xb5, 0x02, 0xef,
        0xce, 0x4c, 0xcb, 0xe1, 0xf2, 0x26, 0x73, 0x4b, 0xff, 0x7a, 0x13, 0x8c, 0xd2, 0x6c,
    ],
];

/// The lowest exponent of a feed; the highest is 0.
pub const MIN_EXPONENT: i32 = -12;

/// The receiver's `PriceUpdateV2` if it is fully verified.
///
/// An update with only part of the signatures stores their number in the middle. That is one byte more, so all later
/// fields are shifted. It is refused before that matters. The receiver gives every account room for the longer form, so
/// the last byte of an account means nothing here. Numbers are little-endian and unaligned.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct PriceUpdate {
    /// [`Self::DISCRIMINATOR`].
    pub discriminator: [u8; 8],
    /// The key that may overwrite or close the account. It cannot make up a price.
    pub write_authority: Key,
    /// [`Self::FULL`].
    pub verification: u8,
    /// Id of the feed: which asset in which currency.
    pub feed: Key,
    /// `i64`: `price * 10^exponent` of the currency is the price of one unit of the asset.
    pub price: [u8; 8],
    /// `u64`: the price may be off by this much either way.
    pub confidence: [u8; 8],
    /// `i32`: the decimal exponent of price and confidence.
    pub exponent: [u8; 4],
    /// `i64`: when the price was published, in unix seconds.
    pub published: [u8; 8],
    /// `i64`: when the feed was published before, in unix seconds.
    pub previously_published: [u8; 8],
    /// `i64`: a moving average, not used here.
    pub average_price: [u8; 8],
    /// `u64`: the confidence of the average.
    pub average_confidence: [u8; 8],
    /// `u64`: the slot in which the account was written.
    pub posted_slot: [u8; 8],
}

const _: () = {
    use core::mem::{align_of, offset_of, size_of};
    assert!(size_of::<PriceUpdate>() == 133);
    assert!(align_of::<PriceUpdate>() == 1);
    assert!(offset_of!(PriceUpdate, write_authority) == 8);
    assert!(offset_of!(PriceUpdate, verification) == 40);
    assert!(offset_of!(PriceUpdate, feed) == 41);
    assert!(offset_of!(PriceUpdate, price) == 73);
    assert!(offset_of!(PriceUpdate, confidence) == 81);
    assert!(offset_of!(PriceUpdate, exponent) == 89);
    assert!(offset_of!(PriceUpdate, published) == 93);
    assert!(offset_of!(PriceUpdate, previously_published) == 101);
    assert!(offset_of!(PriceUpdate, average_price) == 109);
    assert!(offset_of!(PriceUpdate, average_confidence) == 117);
    assert!(offset_of!(PriceUpdate, posted_slot) == 125);
};

impl PriceUpdate {
    /// The first bytes of every price update.
    pub const DISCRIMINATOR: [u8; 8] = [34, 241, 35, 99, 157, 126, 244, 205];
    /// The level of full verification. 0 is verification by a part of the signatures.
    pub const FULL: u8 = 1;

    /// The update in the bytes of an account. The caller must check that a receiver wrote them.
    ///
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for too few bytes or another discriminator, with the bytes of an update and those
    /// found. [`ErrorCode::NotVerified`] with the level of full verification and the one found.
    pub fn of(data: &[u8]) -> Result<&Self> {
        let size = core::mem::size_of::<Self>();
        let wrong = Error::with(ErrorCode::WrongOracle, size as i64, data.len() as i64);
        let update = data.get(..size).and_then(|bytes| bytemuck::try_from_bytes::<Self>(bytes).ok());
        let update = update.filter(|update| update.discriminator == Self::DISCRIMINATOR).ok_or(wrong)?;
        let level = update.verification;
        require(level == Self::FULL, ErrorCode::NotVerified, Self::FULL as i64, level as i64)?;
        Ok(update)
    }
}

/// A feed of the Pyth network, and the units in which a market counts.
#[derive(Clone, Copy, Debug)]
pub struct Pyth<'a> {
    /// The id of the feed.
    pub feed: &'a Key,
    /// The widest confidence interval that is accepted, as a share of the price.
    pub confidence: Rate,
    /// A lot is 10 to this power of the asset's units.
    pub lot_exponent: i8,
    /// The decimals of the collateral token.
    pub decimals: u8,
}

impl<'a> Pyth<'a> {
    /// The feed that a market names.
    pub fn of(head: &'a Header) -> Self {
        Self {
            feed: &head.feed,
            confidence: head.params.confidence,
            lot_exponent: head.lot_exponent,
            decimals: head.decimals,
        }
    }
}

impl Oracle for Pyth<'_> {
    /// # Errors
    /// - [`ErrorCode::WrongOracle`] if it is no price update of either receiver: as [`PriceUpdate::of`].
    /// - [`ErrorCode::NotVerified`] if it is not verified by the full set of signers: as [`PriceUpdate::of`].
    /// - [`ErrorCode::WrongFeed`] if it is of another feed.
    /// - [`ErrorCode::BadPrice`] if it is not above zero, with the lowest valid price and the one found.
    /// - [`ErrorCode::WideConfidence`] with the widest accepted interval and the one found, in the unit of the price.
    /// - [`ErrorCode::PriceNotConvertible`]: as [`atoms_per_lot`].
    fn read(&self, account: &PriceAccount) -> Result<Print> {
        require(RECEIVERS.contains(account.owner), ErrorCode::WrongOracle, 0, 0)?;
        let update = PriceUpdate::of(account.data)?;
        require(update.feed == *self.feed, ErrorCode::WrongFeed, 0, 0)?;
        let price = i64::from_le_bytes(update.price);
        require(price >= 1, ErrorCode::BadPrice, 1, price)?;
        // A confidence that does not fit is wider than any price.
        let confidence = i64::try_from(u64::from_le_bytes(update.confidence)).unwrap_or(i64::MAX);
        let widest = self.confidence.of(price, Round::Down);
        require(confidence <= widest, ErrorCode::WideConfidence, widest, confidence)?;
        let price = atoms_per_lot(price, i32::from_le_bytes(update.exponent), self.lot_exponent, self.decimals)?;
        Ok(Print { price, published: i64::from_le_bytes(update.published) })
    }
}

/// The powers of ten that fit a `u64`.
const POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// Converts a price above zero, `price * 10^exponent` of the currency for a unit of the asset, into atoms per lot:
/// `price * 10^(exponent + lot_exponent + decimals)`.
///
/// A product is exact. A quotient is rounded down, by less than an atom. That is less than a basis point of any price
/// that a market may begin with, which is at least [`MIN_FIRST_PRICE`](crate::state::params::MIN_FIRST_PRICE).
///
/// # Errors
/// [`ErrorCode::PriceNotConvertible`] with the bound that was left and the value that left it: the exponent, which is
/// [`MIN_EXPONENT`] to 0, or the atoms, which are 1 to [`MAX_PRICE`].
pub fn atoms_per_lot(price: i64, exponent: i32, lot_exponent: i8, decimals: u8) -> Result<Price> {
    let within = |value: i64, low: i64, high: i64| {
        require(value >= low, ErrorCode::PriceNotConvertible, low, value)?;
        require(value <= high, ErrorCode::PriceNotConvertible, high, value)
    };
    within(exponent as i64, MIN_EXPONENT as i64, 0)?;
    let power = exponent + lot_exponent as i32 + decimals as i32;
    let price = price.max(0) as u64;
    // A power that does not fit is beyond every bound, in either direction.
    let scale = POWERS.get(power.unsigned_abs() as usize).copied().unwrap_or(u64::MAX);
    let atoms = if power >= 0 { price.saturating_mul(scale) } else { price / scale };
    let atoms = i64::try_from(atoms).unwrap_or(i64::MAX);
    within(atoms, 1, MAX_PRICE)?;
    Ok(Price(atoms))
}

#[cfg(test)]
pub(super) mod tests;
