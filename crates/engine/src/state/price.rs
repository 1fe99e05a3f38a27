//! The price that a market goes by, and the account of a posted one.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, Pubkey, VERSION};
use crate::state::params::Params;
use crate::units::{Price, MAX_PRICE};
use bytemuck::{Pod, Zeroable};

/// One publication of an oracle, already in the market's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Atoms per lot.
    pub price: Price,
    /// When the oracle published it, in unix seconds.
    pub published: i64,
}

/// A posted price: an account of its market, written by the key that the market names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct PriceFeed {
    /// [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market whose price this is.
    pub market: Pubkey,
    /// Atoms per lot; 0 before the first post.
    pub price: Price,
    /// When it was published, in unix seconds.
    pub published: i64,
    /// Zero; for later versions.
    pub reserved: [u64; 4],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<PriceFeed>() == 88);
    assert!(offset_of!(PriceFeed, market) == 8);
    assert!(offset_of!(PriceFeed, price) == 40);
    assert!(offset_of!(PriceFeed, published) == 48);
    assert!(offset_of!(PriceFeed, reserved) == 56);
};

impl PriceFeed {
    /// A feed that nobody has posted to yet.
    pub fn new(market: Key) -> Self {
        Self { version: VERSION, market, ..Self::zeroed() }
    }

    /// What the feed says.
    pub const fn print(&self) -> Print {
        Print { price: self.price, published: self.published }
    }

    /// Replaces the print by a newer one, dated at most `ahead` seconds after the clock. One that no market could accept is
    /// refused here, so that a slip of the signer cannot block the feed.
    ///
    /// # Errors
    /// [`ErrorCode::BadPrice`], [`ErrorCode::FuturePrice`], [`ErrorCode::OldPrice`].
    pub fn post(&mut self, print: Print, ahead: i64, now: i64) -> Result<()> {
        let Print { price, published } = print;
        let latest = now.saturating_add(ahead);
        require(price.0 >= 1 && price.0 <= MAX_PRICE, ErrorCode::BadPrice, MAX_PRICE, price.0)?;
        require(published <= latest, ErrorCode::FuturePrice, latest, published)?;
        require(published > self.published, ErrorCode::OldPrice, self.published, published)?;
        self.price = price;
        self.published = published;
        Ok(())
    }
}

/// The price a market goes by, the one that waits, and the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct PriceState {
    /// The price everything is computed at; 0 before the first print.
    pub accepted: Price,
    /// When it was published.
    pub accepted_at: i64,
    /// A jump that waits for its confirmation; 0 when none does.
    pub pending: Price,
    /// When the jump was first seen.
    pub pending_at: i64,
    /// The newest publish time taken.
    pub last_print: i64,
    /// When that print was taken, by the chain's clock.
    pub taken_at: i64,
    /// Counts the changes of the accepted price.
    pub changes: u64,
    /// The price that becomes the older one when a print published after [`Self::anchor_at`] is accepted.
    pub anchor: Price,
    /// When it was accepted, by the chain's clock.
    pub anchor_at: i64,
    /// The older price; 0 before there is one.
    pub older: Price,
    /// When it was accepted, by the chain's clock.
    pub older_at: i64,
    /// `oracle_silence` as it was in force at the last print: a later change does not shorten or lengthen a silence that
    /// has begun.
    pub silence: i64,
    /// `oracle_grace` as it was in force at the last print.
    pub grace: i64,
}

impl PriceState {
    /// Until when the last print counts. One dated ahead of the clock does not count for longer.
    pub fn fresh_until(&self, params: &Params) -> i64 {
        self.last_print.min(self.taken_at).saturating_add(params.staleness)
    }

    /// Fails unless the accepted price may be acted on at `now`.
    ///
    /// # Errors
    /// [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`], [`ErrorCode::PricePending`].
    pub fn require_live(&self, params: &Params, now: i64) -> Result<()> {
        self.require_fresh(params, now)?;
        require(self.pending.0 == 0, ErrorCode::PricePending, self.accepted.0, self.pending.0)
    }

    /// Fails unless the last print is not too old; a pending jump does not matter.
    ///
    /// # Errors
    /// [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`].
    pub fn require_fresh(&self, params: &Params, now: i64) -> Result<()> {
        require(self.accepted.0 != 0, ErrorCode::NoPrice, 1, 0)?;
        let fresh_until = self.fresh_until(params);
        require(now <= fresh_until, ErrorCode::StalePrice, fresh_until, now)
    }

    /// Whether the accepted price was published after `time` for certain, however far its publisher's clock runs ahead.
    #[inline(always)]
    pub fn is_published_after(&self, time: i64, params: &Params) -> bool {
        self.accepted_at > time.saturating_add(params.ahead())
    }
}
