//! Both sides of a trade in one hand: the long goes bankrupt, the short collects, and an honest winner pays.

use super::super::fixture::{Long, Short, Venue};
use super::{bring, clear, hand, leave, next, orders_of, venue, M};
use crate::error::ErrorCode::*;
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::params::Params;
use crate::units::{Atoms, Rate};

/// A long of 1,000 tokens of notional, its own short with so much cash that it ranks low, and an honest 10x short.
fn seats(v: &mut Venue, margin: i64) -> (u32, u32, u32) {
    let (long, short) = (v.seat(margin), v.seat(5_000 * M));
    let (rich, honest) = (v.seat(5_000 * M), v.seat(100 * M));
    hand(v, rich, honest, 10_000, 100_000);
    (long, short, honest)
}

#[test]
fn a_bid_far_from_the_price_does_not_leave_its_maker_at_maintenance() {
    for gap in [3, 4, 5] {
        let mut v = venue();
        let margin = 50 * M + 200_000;
        let (long, short, honest) = seats(&mut v, margin);
        v.rest(long, Long, 10_000, 102_390);
        let placed = v.take(short, Short, 10_000, 102_390).unwrap();
        assert_eq!((placed.filled.0, placed.matches, orders_of(&mut v, long)), (0, 1, 0), "it is cancelled");
        // What can still be had: the fill that leaves initial margin.
        v.rest(long, Long, 10_000, 100_000);
        assert_eq!(v.take(short, Short, 10_000, 100_000).unwrap().filled.0, 10_000);
        v.now += 1;
        bring(&mut v, 100_000 - gap * 1_000, 0);
        clear(&mut v);
        let gain = v.equity(long) + v.equity(short) - margin - 5_000 * M;
        assert_eq!(gain, -600_000, "both fees");
        assert_eq!(v.equity(honest), 100 * M + 10_000 * gap * 1_000, "all that the honest short won");
    }
}

#[test]
fn a_makers_fill_that_turns_it_round_fills_what_reduces_and_cancels_the_rest() {
    let mut v = venue();
    let (maker, rich, taker) = (v.seat(30 * M), v.seat(5_000 * M), v.seat(5_000 * M));
    hand(&mut v, rich, maker, 4_000, 100_000);
    // 6,000 long needs 30 tokens at a fair price; at 101,000 the fill of all 10,000 leaves 20.
    leave(&mut v, maker, 31 * M);
    v.rest(maker, Long, 10_000, 101_000);
    let one = OrderRequest { max_matches: 1, ..Venue::request(Short, 10_000, 101_000, Kind::ImmediateOrCancel) };
    let placed = v.place(taker, one).unwrap();
    assert_eq!((placed.filled.0, v.size(maker)), (4_000, 0));
    assert_eq!(orders_of(&mut v, maker), 0);
}

#[test]
fn nobody_opens_at_a_price_that_the_oracles_account_has_left() {
    let mut v = venue();
    let (long, short, _) = seats(&mut v, 51 * M);
    v.rest(short, Short, 10_000, 100_010);
    v.now += 5;
    let mut later = v.clone();
    // Every instruction reads the account first: what it says now is seen before anything matches.
    bring(&mut v, 92_000, 0);
    assert_eq!(Venue::code(v.take(long, Long, 10_000, 100_010)), PricePending);
    // And where nobody pushes, the price that was accepted lives for five seconds.
    later.now += 1;
    assert_eq!(Venue::code(later.take(long, Long, 10_000, 100_010)), StalePrice);
    assert_eq!(
        Venue::code(later.try_run(|x, now| x.withdraw(long, Atoms(1), now).and(x.liquidate(1, None, now)))),
        StalePrice
    );
}

#[test]
fn a_pair_opened_before_the_fastest_pusher_has_the_gap_less_initial_margin() {
    let mut v = venue();
    let (long, short, _) = seats(&mut v, 50 * M + 600_000);
    v.rest(short, Short, 10_000, 100_000);
    v.take(long, Long, 10_000, 100_000).unwrap();
    v.price(92_000);
    clear(&mut v);
    let gain = v.equity(long) + v.equity(short) - 5_050 * M - 600_000;
    // Known and kept: 8 % less 5 %, less the spare margin and the fees.
    assert_eq!(gain, 29_300_000);
}

#[test]
fn a_withdrawal_leaves_a_jump_more_than_initial_margin() {
    for (gap, most) in [(6, 0), (8, 0), (12, 20)] {
        let mut v = venue();
        let (long, short, _) = seats(&mut v, 200 * M);
        v.rest(short, Short, 10_000, 100_000);
        v.take(long, Long, 10_000, 100_000).unwrap();
        v.now += 400;
        bring(&mut v, 100_000, 0);
        let equity = v.equity(long);
        let take = |v: &mut Venue, out: i64| v.try_run(|x, now| x.withdraw(long, Atoms(out), now));
        let error = take(&mut v, equity - 50 * M).unwrap_err();
        assert_eq!((error.code, error.expected), (BelowInitialMargin, 100 * M));
        let out = equity - 100 * M;
        take(&mut v, out).unwrap();
        v.now += 50;
        assert_eq!(Venue::code(take(&mut v, 1)), StalePrice, "and not with a print of 50 s ago");
        v.price(100_000 - gap * 1_000);
        clear(&mut v);
        let gain = v.equity(long) + v.equity(short) + out - 5_200 * M;
        assert!(gain <= most * M && gain >= most * M - M, "-{gap} %: {gain}");
    }
}

#[test]
fn one_accepted_step_does_not_bankrupt_who_just_opened() {
    let wide = Params { jump: Rate(50_001), ..Params::standard() };
    let error = wide.validate().unwrap_err();
    assert_eq!((error.code, error.expected), (BadParameter, 50_000));
    for (to, maker_is_long) in [(95_000, true), (95_000, false), (105_000, true), (105_000, false)] {
        for price in [99_000, 100_000, 101_000] {
            let mut v = venue();
            let thin = [v.seat(60 * M), v.seat(60 * M)];
            let (maker, taker) = if maker_is_long { (thin[0], thin[1]) } else { (thin[1], thin[0]) };
            let side = if maker_is_long { Long } else { Short };
            // As many lots as both can bear, to the lot.
            let opened = (1..=12_000).rev().find(|lots| {
                let mut w = v.clone();
                let rested = w.place(maker, Venue::request(side, *lots, price, Kind::Limit));
                rested.is_ok()
                    && w.take(taker, side.opposite(), *lots, price).is_ok_and(|placed| placed.filled.0 == *lots)
            });
            let lots = opened.unwrap();
            assert!(lots > 9_000, "{lots}");
            v.rest(maker, side, lots, price);
            v.take(taker, side.opposite(), lots, price).unwrap();
            v.now += 1;
            bring(&mut v, to, 0);
            assert_eq!(v.oracle_price(), to);
            assert!(thin.iter().all(|seat| v.equity(*seat) >= 0));
        }
    }
}

#[test]
fn a_long_does_not_hand_its_margin_over_by_selling_below_its_own_zero_price() {
    // A pair whose long the price has brought to 3 %. What it sells to its other hand 5 % below the price costs more than
    // the sold part's margin: what stays would be just maintained, and fall at the print that is known.
    let mut v = venue();
    let (long, short, honest) = seats(&mut v, 100 * M);
    hand(&mut v, long, short, 10_000, 100_000);
    leave(&mut v, long, 30 * M);
    let start = v.equity(long) + v.equity(short);
    let best = (1..=2_400).rev().step_by(7).find(|lots| {
        let mut w = v.clone();
        let ask = OrderRequest { reduce_only: true, ..Venue::request(Short, *lots, 95_000, Kind::Limit) };
        w.place(long, ask).is_ok() && w.take(short, Long, *lots, 95_000).is_ok_and(|placed| placed.filled.0 == *lots)
    });
    assert_eq!(best, None, "no lot of it is filled");
    // At its bankruptcy price and above it may sell what it likes: that leaves it no weaker.
    v.clone().place(long, Venue::request(Short, 2_000, 97_100, Kind::Limit)).unwrap();
    v.rest(long, Short, 2_000, 97_100);
    assert_eq!(v.take(short, Long, 2_000, 97_100).unwrap().filled.0, 2_000);
    next(&mut v, 97_000);
    clear(&mut v);
    assert!(v.equity(long) + v.equity(short) <= start);
    assert_eq!(v.equity(honest), 100 * M + 10_000 * 3_000);
}

#[test]
fn a_print_dated_ahead_of_the_clock_counts_no_longer_than_one_of_now() {
    let mut v = venue();
    let (long, short, _) = seats(&mut v, 51 * M);
    v.now += 11;
    bring(&mut v, 100_000, -2);
    v.rest(short, Short, 10, 100_000);
    v.now += 5;
    v.clone().take(long, Long, 10, 100_000).unwrap();
    v.now += 1;
    assert_eq!(Venue::code(v.take(long, Long, 10, 100_000)), StalePrice);
    bring(&mut v, 99_000, -3);
    assert_eq!(v.oracle_price(), 100_000, "three seconds ahead is not taken");
    assert_eq!(Venue::code(v.take(long, Long, 10, 100_000)), StalePrice);
}

#[test]
fn an_order_that_its_maker_cannot_bear_whole_goes_and_costs_who_meets_it_nothing() {
    // Known: a maker that quotes all its margin loses the order to a move of a tick and an order of its size. A smaller one
    // is filled.
    let mut v = venue();
    let (maker, taker) = (v.seat(50_200_000), v.seat(5_000 * M));
    v.rest(maker, Long, 10_000, 100_000);
    next(&mut v, 99_970);
    let mut small = v.clone();
    assert_eq!(v.take(taker, Short, 10_000, 99_000).unwrap().filled.0, 0);
    assert_eq!((orders_of(&mut v, maker), v.equity(taker)), (0, 5_000 * M));
    assert_eq!(small.take(taker, Short, 5_000, 99_000).unwrap().filled.0, 5_000);
    assert_eq!(orders_of(&mut small, maker), 1);
}

#[test]
fn a_maker_below_maintenance_reduces_nothing_that_leaves_it_there() {
    let mut v = venue();
    let (maker, rich, taker) = (v.seat(100 * M), v.seat(5_000 * M), v.seat(5_000 * M));
    hand(&mut v, maker, rich, 10_000, 100_000);
    leave(&mut v, maker, 20 * M);
    v.place(maker, OrderRequest { reduce_only: true, ..Venue::request(Short, 100, 100_000, Kind::Limit) }).unwrap();
    assert_eq!(v.take(taker, Long, 100, 100_000).unwrap().filled.0, 0, "it is the waterfall's");
    assert_eq!(orders_of(&mut v, maker), 0);
}
