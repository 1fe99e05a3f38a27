//! What counts as a price, and when.

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
