//! The accepted price: which print of an oracle counts, and when a jump does.
//!
//! A print within the jump bound is accepted at once. One beyond it waits until a second print, published at least the
//! confirmation time later and beyond the bound on the same side, confirms it; then the nearer of the two is accepted and
//! the newer is tested against that. So a crash is followed step by step and a single wild print never counts.

use crate::error::{require, ErrorCode, Result};
use crate::market::VERSION;
use crate::params::{Params, MIN_FIRST_PRICE};
use crate::seat::Key;
use crate::units::{Price, Round, MAX_PRICE};
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
#[repr(C)]
pub struct PriceFeed {
    /// [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market whose price this is.
    pub market: Key,
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

    /// Replaces the print by a newer one. One that no market could accept is refused here, so that a slip of the signer
    /// cannot block the feed.
    ///
    /// # Errors
    /// [`ErrorCode::BadPrice`], [`ErrorCode::FuturePrice`], [`ErrorCode::OldPrice`].
    pub fn post(&mut self, print: Print, now: i64) -> Result<()> {
        let Print { price, published } = print;
        require(price.0 >= 1 && price.0 <= MAX_PRICE, ErrorCode::BadPrice, MAX_PRICE, price.0)?;
        require(published <= now, ErrorCode::FuturePrice, now, published)?;
        require(published > self.published, ErrorCode::OldPrice, self.published, published)?;
        self.price = price;
        self.published = published;
        Ok(())
    }
}

/// The price a market goes by and the one that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
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
    /// The newest publish time seen.
    pub last_print: i64,
    /// Counts the changes of the accepted price.
    pub changes: u64,
}

impl PriceState {
    /// Takes a print into account.
    ///
    /// A print with the publish time of the last, the accepted or the pending one changes nothing.
    ///
    /// # Errors
    /// [`ErrorCode::BadPrice`], [`ErrorCode::FuturePrice`], [`ErrorCode::OldPrice`], and [`ErrorCode::LotPriceTooLow`] for
    /// a market's first print. A stale print is refused too, with [`ErrorCode::StalePrice`].
    pub fn observe(&mut self, print: Print, params: &Params, now: i64) -> Result<()> {
        let Print { price, published } = print;
        if published == self.last_print || self.is_known(published) {
            return Ok(());
        }
        require(price.0 >= 1 && price.0 <= MAX_PRICE, ErrorCode::BadPrice, MAX_PRICE, price.0)?;
        require(published <= now, ErrorCode::FuturePrice, now, published)?;
        require(published > self.last_print, ErrorCode::OldPrice, self.last_print, published)?;
        let oldest = now.saturating_sub(params.staleness);
        require(published >= oldest, ErrorCode::StalePrice, oldest, published)?;
        if self.accepted.0 == 0 {
            require(price.0 >= MIN_FIRST_PRICE, ErrorCode::LotPriceTooLow, MIN_FIRST_PRICE, price.0)?;
            self.accept(price, published);
        } else if !self.jumps(price, params) {
            self.accept(price, published);
        } else if self.pending.0 == 0 || self.is_up(self.pending) != self.is_up(price) {
            self.wait(price, published);
        } else if published < self.pending_at.saturating_add(params.confirmation) {
            self.pending = self.nearer(self.pending, price);
        } else {
            let (confirmed, at) = if self.nearer(self.pending, price) == price {
                (price, published)
            } else {
                (self.pending, self.pending_at)
            };
            self.accept(confirmed, at);
            if self.jumps(price, params) {
                self.wait(price, published);
            } else {
                self.accept(price, published);
            }
        }
        self.last_print = published;
        Ok(())
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
        let oldest = now.saturating_sub(params.staleness);
        require(self.last_print >= oldest, ErrorCode::StalePrice, oldest, self.last_print)
    }

    fn is_known(&self, published: i64) -> bool {
        let accepted = self.accepted.0 != 0 && published == self.accepted_at;
        accepted || (self.pending.0 != 0 && published == self.pending_at)
    }

    fn accept(&mut self, price: Price, published: i64) {
        if price != self.accepted {
            self.changes = self.changes.wrapping_add(1);
        }
        self.accepted = price;
        self.accepted_at = published;
        self.pending = Price::ZERO;
        self.pending_at = 0;
    }

    fn wait(&mut self, price: Price, published: i64) {
        self.pending = price;
        self.pending_at = published;
    }

    fn jumps(&self, price: Price, params: &Params) -> bool {
        (price.0 - self.accepted.0).abs() > params.jump.of(self.accepted.0, Round::Down)
    }

    fn is_up(&self, price: Price) -> bool {
        price > self.accepted
    }

    fn nearer(&self, one: Price, other: Price) -> Price {
        if (one.0 - self.accepted.0).abs() <= (other.0 - self.accepted.0).abs() {
            one
        } else {
            other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn params() -> Params {
        Params { jump: Rate(100_000), confirmation: 10, staleness: 60, ..Params::standard() }
    }

    /// Feeds prints 10 seconds apart and returns the accepted price after each.
    fn follow(prints: &[i64]) -> Vec<i64> {
        let mut state = PriceState::default();
        let mut accepted = Vec::new();
        for (price, time) in prints.iter().zip((1i64..).map(|n| n * 10)) {
            state.observe(Print { price: Price(price * 1_000), published: time }, &params(), time).unwrap();
            accepted.push(state.accepted.0 / 1_000);
        }
        accepted
    }

    #[test]
    fn a_crash_is_followed_step_by_step() {
        assert_eq!(follow(&[100, 80, 64, 51, 41, 40]), [100, 100, 80, 64, 51, 40]);
    }

    #[test]
    fn a_crash_by_a_fifth_each_print_is_followed_one_print_behind() {
        assert_eq!(follow(&[100, 80, 64, 51, 41, 41]), [100, 100, 80, 64, 51, 41]);
        assert_eq!(follow(&[100, 125, 156, 195, 195]), [100, 100, 125, 156, 195], "and so is a rise");
    }

    #[test]
    fn a_wild_print_in_a_crash_never_counts_either() {
        assert_eq!(follow(&[100, 80, 10, 64, 51, 51]), [100, 100, 80, 64, 64, 51]);
    }

    #[test]
    fn a_lone_wild_print_never_counts() {
        assert_eq!(follow(&[100, 10, 100, 99]), [100, 100, 100, 99]);
        assert_eq!(follow(&[100, 10, 190, 100]), [100, 100, 100, 100]);
    }

    #[test]
    fn the_nearer_of_two_is_accepted() {
        assert_eq!(follow(&[100, 50, 80, 80]), [100, 100, 80, 80]);
    }

    #[test]
    fn the_bound_itself_is_no_jump_and_the_confirmation_time_itself_confirms() {
        let mut state = PriceState::default();
        let mut observe = |price, at| {
            state.observe(Print { price: Price(price), published: at }, &params(), at).unwrap();
            (state.accepted.0, state.pending.0)
        };
        observe(100_000, 100);
        assert_eq!(observe(90_000, 101), (90_000, 0));
        assert_eq!(observe(99_001, 102), (90_000, 99_001));
        assert_eq!(observe(99_001, 111), (90_000, 99_001), "a second short");
        assert_eq!(observe(99_001, 112), (99_001, 0));
    }

    proptest! {
        /// Whatever an oracle prints, the accepted price moves by more than the bound only where prints as far off stand
        /// behind it for the confirmation time, and then no further than the nearest of them and one bound more.
        #[test]
        fn the_price_goes_no_further_than_confirmed(prints in vec((50_000i64..200_000, 1i64..15), 2..60)) {
            let mut state = PriceState::default();
            let mut now = 0;
            // The unbroken run of prints beyond the bound on one side.
            let mut run: Vec<(i64, i64)> = Vec::new();
            for (price, later) in prints {
                now += later;
                let from = state.accepted.0;
                let beyond = from != 0 && state.jumps(Price(price), &params());
                if !beyond || run.first().is_some_and(|(first, _)| (*first > from) != (price > from)) {
                    run.clear();
                }
                if beyond {
                    run.push((price, now));
                }
                state.observe(Print { price: Price(price), published: now }, &params(), now).unwrap();
                let confirmed = run.first().is_some_and(|(_, first)| now - first >= params().confirmation);
                if !beyond {
                    prop_assert_eq!(state.accepted.0, price);
                } else if !confirmed {
                    prop_assert_eq!(state.accepted.0, from);
                } else {
                    let nearest = run.iter().map(|(price, _)| *price).min_by_key(|price| (price - from).abs()).unwrap();
                    let further = (price - nearest).abs() <= params().jump.of(nearest, Round::Down);
                    prop_assert_eq!(state.accepted.0, if further { price } else { nearest });
                    run = if further { Vec::new() } else { std::vec![(price, now)] };
                }
                prop_assert_eq!(state.pending.0 != 0, !run.is_empty());
            }
        }
    }

    #[test]
    fn before_the_confirmation_time_the_nearer_price_waits_on() {
        let mut state = PriceState::default();
        let mut observe = |price, at| {
            state.observe(Print { price: Price(price), published: at }, &params(), at).unwrap();
            (state.accepted.0, state.pending.0, state.pending_at)
        };
        observe(100_000, 100);
        assert_eq!(observe(70_000, 101), (100_000, 70_000, 101));
        assert_eq!(observe(80_000, 105), (100_000, 80_000, 101));
        assert_eq!(observe(60_000, 109), (100_000, 80_000, 101));
        assert_eq!(observe(60_000, 111), (80_000, 60_000, 111));
    }

    #[test]
    fn a_print_that_cannot_be_right_is_refused_and_changes_nothing() {
        let mut state = PriceState::default();
        let print = |price, published| Print { price: Price(price), published };
        let fails = |state: &mut PriceState, print, now| {
            let before = *state;
            let error = state.observe(print, &params(), now).unwrap_err();
            assert_eq!(*state, before);
            error.code
        };
        assert_eq!(fails(&mut state, print(9_999, 100), 100), ErrorCode::LotPriceTooLow);
        state.observe(print(10_000, 100), &params(), 100).unwrap();
        assert_eq!(fails(&mut state, print(0, 101), 101), ErrorCode::BadPrice);
        assert_eq!(fails(&mut state, print(-5, 101), 101), ErrorCode::BadPrice);
        assert_eq!(fails(&mut state, print(MAX_PRICE + 1, 101), 101), ErrorCode::BadPrice);
        assert_eq!(fails(&mut state, print(10_000, 102), 101), ErrorCode::FuturePrice);
        assert_eq!(fails(&mut state, print(10_000, 99), 101), ErrorCode::OldPrice);
        assert_eq!(fails(&mut state, print(10_000, 139), 200), ErrorCode::StalePrice);
        state.observe(print(77, 100), &params(), 100).unwrap();
        assert_eq!(state.accepted, Price(10_000), "the same publish time changes nothing");
    }

    #[test]
    fn whoever_brings_a_print_chooses_among_those_that_are_newer_and_not_stale() {
        let bring = |order: &[i64]| {
            let mut state = PriceState::default();
            state.observe(Print { price: Price(100_000), published: 100 }, &params(), 100).unwrap();
            let print = |at| Print { price: Price(100_000 + at), published: at };
            let taken: std::vec::Vec<bool> =
                order.iter().map(|at| state.observe(print(*at), &params(), 120).is_ok()).collect();
            (taken, state.accepted.0)
        };
        assert_eq!(bring(&[105, 110]), (std::vec![true, true], 100_110));
        assert_eq!(bring(&[110, 105]), (std::vec![true, false], 100_110), "once passed over it is too old");
        assert_eq!(bring(&[105]), (std::vec![true], 100_105), "until somebody brings the newest");
    }

    #[test]
    fn a_feed_takes_only_newer_prints_of_the_past() {
        let mut feed = PriceFeed::new([7; 32]);
        let mut post = |price, published| {
            feed.post(Print { price: Price(price), published }, 100).map(|()| feed.print()).map_err(|error| error.code)
        };
        assert_eq!(post(0, 90), Err(ErrorCode::BadPrice));
        assert_eq!(post(MAX_PRICE + 1, 90), Err(ErrorCode::BadPrice));
        assert_eq!(post(5, 101), Err(ErrorCode::FuturePrice));
        assert_eq!(post(5, 100), Ok(Print { price: Price(5), published: 100 }));
        assert_eq!(post(6, 100), Err(ErrorCode::OldPrice));
    }

    #[test]
    fn what_may_be_acted_on() {
        let mut state = PriceState::default();
        let code = |state: &PriceState, now| state.require_live(&params(), now).unwrap_err().code;
        assert_eq!(code(&state, 100), ErrorCode::NoPrice);
        state.observe(Print { price: Price(100_000), published: 100 }, &params(), 100).unwrap();
        state.require_live(&params(), 160).unwrap();
        assert_eq!(code(&state, 161), ErrorCode::StalePrice);
        state.observe(Print { price: Price(50_000), published: 150 }, &params(), 150).unwrap();
        assert_eq!(code(&state, 150), ErrorCode::PricePending);
        state.require_fresh(&params(), 150).unwrap();
    }
}
