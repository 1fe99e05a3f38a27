//! The prices of a market, and the account of a posted price.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, Pubkey, VERSION};
use crate::state::params::Params;
use crate::units::{Price, MAX_PRICE};
use bytemuck::{Pod, Zeroable};

/// One publication of an oracle, already in the market's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// The price, in atoms per lot.
    pub price: Price,
    /// When the oracle published it, in unix seconds.
    pub published: i64,
}

/// A posted price: an account of its market, written by the key that the market names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct PriceFeed {
    /// Layout version: [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market that uses this price.
    pub market: Pubkey,
    /// The price, in atoms per lot; 0 before the first post.
    pub price: Price,
    /// When it was published, in unix seconds; 0 before the first post.
    pub published: i64,
    /// Always zero; reserved for later versions.
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
    /// A feed without a price yet.
    pub fn new(market: Key) -> Self {
        Self { version: VERSION, market, ..Self::zeroed() }
    }

    /// The price of the feed as a print.
    pub const fn print(&self) -> Print {
        Print { price: self.price, published: self.published }
    }

    /// Replaces the print with a newer one, dated at most `ahead` seconds after the clock. A print that no market could
    /// accept is refused here, so that a mistake of the signer cannot block the feed.
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

/// The accepted price of a market, the pending price and the older price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct PriceState {
    /// The accepted price, at which everything is computed, in atoms per lot; 0 before the first print.
    pub accepted: Price,
    /// When the accepted price was published, in unix seconds.
    pub accepted_at: i64,
    /// A price jump that waits for confirmation, in atoms per lot; 0 if none is pending.
    pub pending: Price,
    /// When the first print of the pending jump was published, in unix seconds; 0 if none is pending.
    pub pending_at: i64,
    /// The newest publish time taken, in unix seconds.
    pub last_print: i64,
    /// When that print was taken, by the chain's clock, in unix seconds.
    pub taken_at: i64,
    /// Number of changes of the accepted price.
    pub changes: u64,
    /// In atoms per lot. It becomes the older price when a print published after [`Self::anchor_at`] is accepted.
    pub anchor: Price,
    /// When the anchor was accepted, by the chain's clock, in unix seconds.
    pub anchor_at: i64,
    /// The older price, in atoms per lot; 0 if there is none yet.
    pub older: Price,
    /// When the older price was accepted, by the chain's clock, in unix seconds.
    pub older_at: i64,
    /// `oracle_silence` as in force at the last print, in seconds. A later change does not shorten or lengthen a
    /// silence that has begun.
    pub silence: i64,
    /// `oracle_grace` as in force at the last print, in seconds.
    pub grace: i64,
}

impl PriceState {
    /// The time until which the last print counts. A print dated ahead of the clock does not count for longer.
    pub fn fresh_until(&self, params: &Params) -> i64 {
        self.last_print.min(self.taken_at).saturating_add(params.staleness)
    }

    /// Fails unless the accepted price is live at `now`.
    ///
    /// # Errors
    /// [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`], [`ErrorCode::PricePending`].
    pub fn require_live(&self, params: &Params, now: i64) -> Result<()> {
        self.require_fresh(params, now)?;
        require(self.pending.0 == 0, ErrorCode::PricePending, self.accepted.0, self.pending.0)
    }

    /// Fails if the last print is too old. A pending jump does not matter.
    ///
    /// # Errors
    /// [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`].
    pub fn require_fresh(&self, params: &Params, now: i64) -> Result<()> {
        require(self.accepted.0 != 0, ErrorCode::NoPrice, 1, 0)?;
        let fresh_until = self.fresh_until(params);
        require(now <= fresh_until, ErrorCode::StalePrice, fresh_until, now)
    }

    /// Whether the accepted price is certain to have been published after `time`, however far its publisher's clock is
    /// ahead.
    #[inline(always)]
    pub fn is_published_after(&self, time: i64, params: &Params) -> bool {
        self.accepted_at > time.saturating_add(params.ahead())
    }
}
