//! What counts as a price, and when.

use super::*;
use crate::state::price::PriceFeed;
use crate::units::Rate;
use proptest::collection::vec;
use proptest::prelude::*;
use std::vec::Vec;

fn params() -> Params {
    Params { jump: Rate(100_000), initial: Rate(100_000), confirmation: 10, staleness: 60, ..Params::standard() }
}

/// Takes a print into account; returns whether it was newer than the last.
fn take(state: &mut PriceState, print: Print, params: &Params, now: i64) -> Result<bool> {
    let after = filter(state, print, params, now)?;
    *state = after.unwrap_or(*state);
    Ok(after.is_some())
}

/// Feeds prints 10 seconds apart and returns the accepted price after each.
fn follow(prints: &[i64]) -> Vec<i64> {
    let mut state = PriceState::default();
    let mut accepted = Vec::new();
    for (price, time) in prints.iter().zip((1i64..).map(|n| n * 10)) {
        take(&mut state, Print { price: Price(price * 1_000), published: time }, &params(), time).unwrap();
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
        take(&mut state, Print { price: Price(price), published: at }, &params(), at).unwrap();
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
            let beyond = from != 0 && jumps(&state, Price(price), &params());
            if !beyond || run.first().is_some_and(|(first, _)| (*first > from) != (price > from)) {
                run.clear();
            }
            if beyond {
                run.push((price, now));
            }
            take(&mut state, Print { price: Price(price), published: now }, &params(), now).unwrap();
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
        take(&mut state, Print { price: Price(price), published: at }, &params(), at).unwrap();
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
        let error = take(state, print, &params(), now).unwrap_err();
        assert_eq!(*state, before);
        error.code
    };
    assert_eq!(fails(&mut state, print(9_999, 100), 100), ErrorCode::LotPriceTooLow);
    take(&mut state, print(10_000, 100), &params(), 100).unwrap();
    assert_eq!(fails(&mut state, print(0, 101), 101), ErrorCode::BadPrice);
    assert_eq!(fails(&mut state, print(-5, 101), 101), ErrorCode::BadPrice);
    assert_eq!(fails(&mut state, print(MAX_PRICE + 1, 101), 101), ErrorCode::BadPrice);
    assert_eq!(fails(&mut state, print(10_000, 104), 101), ErrorCode::FuturePrice);
    assert_eq!(fails(&mut state, print(10_000, 139), 200), ErrorCode::StalePrice);
}

#[test]
fn a_print_that_is_not_newer_changes_nothing_and_is_no_error() {
    let mut state = PriceState::default();
    let mut observe = |price, at| {
        let newer = take(&mut state, Print { price: Price(price), published: at }, &params(), 120);
        (newer, state.accepted.0, state.last_print)
    };
    assert_eq!(observe(100_000, 0), (Ok(false), 0, 0), "a feed that nobody has posted to");
    assert_eq!(observe(100_000, 110), (Ok(true), 100_000, 110));
    assert_eq!(observe(101_000, 105), (Ok(false), 100_000, 110), "an older one");
    assert_eq!(observe(101_000, 110), (Ok(false), 100_000, 110), "the same publish time");
    assert_eq!(observe(0, 105), (Ok(false), 100_000, 110), "whatever it says");
    assert_eq!(observe(101_000, 111), (Ok(true), 101_000, 111));
}

#[test]
fn a_print_may_be_dated_a_little_ahead_and_does_not_count_for_longer() {
    let params = Params { staleness: 5, ..params() };
    let mut state = PriceState::default();
    let print = |published| Print { price: Price(100_000), published };
    let error = take(&mut state, print(103), &params, 100).unwrap_err();
    assert_eq!((error.code, error.expected, error.actual), (ErrorCode::FuturePrice, 102, 103));
    take(&mut state, print(102), &params, 100).unwrap();
    assert_eq!((state.last_print, state.taken_at, state.fresh_until(&params)), (102, 100, 105), "stored as printed");
    state.require_live(&params, 105).unwrap();
    assert_eq!(state.require_live(&params, 106).unwrap_err().code, ErrorCode::StalePrice);
    assert!(state.is_published_after(99, &params) && !state.is_published_after(100, &params));
    // With a staleness below two seconds the clocks agree better too.
    let strict = Params { staleness: 1, ..params };
    assert_eq!(strict.ahead(), 1);
    assert_eq!(filter(&PriceState::default(), print(102), &strict, 100).unwrap_err().code, ErrorCode::FuturePrice);
}

#[test]
fn the_accepted_price_was_published_after_the_older_one_was_accepted() {
    let params = Params { staleness: 5, ..params() };
    let mut state = PriceState::default();
    // (taken at, published, price): the anchor and the older price after it.
    let mut observe = |now, published, price| {
        take(&mut state, Print { price: Price(price), published }, &params, now).unwrap();
        ((state.anchor.0, state.anchor_at), (state.older.0, state.older_at))
    };
    assert_eq!(observe(100, 99, 100_000), ((100_000, 100), (0, 0)), "there is none yet");
    assert_eq!(observe(101, 101, 100_001), ((100_000, 100), (0, 0)));
    assert_eq!(observe(102, 102, 100_002), ((100_000, 100), (0, 0)), "its publisher's clock may run ahead");
    assert_eq!(observe(105, 103, 100_003), ((100_003, 105), (100_000, 100)));
    assert_eq!(observe(107, 107, 100_007), ((100_003, 105), (100_000, 100)));
    assert_eq!(observe(108, 108, 100_008), ((100_008, 108), (100_003, 105)));
    // A jump moves nothing before it is confirmed.
    assert_eq!(observe(111, 111, 80_000), ((100_008, 108), (100_003, 105)));
    assert_eq!(observe(121, 121, 80_000), ((80_000, 121), (100_008, 108)));
}

proptest! {
    #[test]
    fn whoever_acts_at_the_older_price_cannot_know_the_accepted_one(
        prints in vec((98_000i64..102_000, 0i64..4, -3i64..=2), 1..80),
    ) {
        let params = Params { staleness: 5, ..params() };
        let mut state = PriceState::default();
        let mut now = 1_000;
        for (price, later, dated) in prints {
            now += later;
            let _ = take(&mut state, Print { price: Price(price), published: now + dated }, &params, now);
            // Published for certain after the older price was accepted, however the clocks differ.
            prop_assert!(state.older.0 == 0 || state.accepted_at > state.older_at + params.ahead());
            prop_assert!(state.older_at <= state.anchor_at && state.anchor_at <= now);
        }
    }
}

#[test]
fn a_feed_takes_only_newer_prints_that_a_market_could_accept() {
    let mut feed = PriceFeed::new([7; 32]);
    let mut post = |price, published| {
        feed.post(Print { price: Price(price), published }, 2, 100).map(|()| feed.print()).map_err(|error| error.code)
    };
    assert_eq!(post(0, 90), Err(ErrorCode::BadPrice));
    assert_eq!(post(MAX_PRICE + 1, 90), Err(ErrorCode::BadPrice));
    assert_eq!(post(5, 103), Err(ErrorCode::FuturePrice));
    assert_eq!(post(5, 100), Ok(Print { price: Price(5), published: 100 }));
    assert_eq!(post(6, 100), Err(ErrorCode::OldPrice));
}

#[test]
fn what_may_be_acted_on() {
    let mut state = PriceState::default();
    let code = |state: &PriceState, now| state.require_live(&params(), now).unwrap_err().code;
    assert_eq!(code(&state, 100), ErrorCode::NoPrice);
    take(&mut state, Print { price: Price(100_000), published: 100 }, &params(), 100).unwrap();
    state.require_live(&params(), 160).unwrap();
    assert_eq!(code(&state, 161), ErrorCode::StalePrice);
    take(&mut state, Print { price: Price(50_000), published: 150 }, &params(), 150).unwrap();
    assert_eq!(code(&state, 150), ErrorCode::PricePending);
    state.require_fresh(&params(), 150).unwrap();
}
