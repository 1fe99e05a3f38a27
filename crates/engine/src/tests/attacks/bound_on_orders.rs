//! Orders that are removed count, of whichever seat and for whatever reason: no call is dearer than its bound, and none
//! is in vain.

use super::super::fixture::{Long, Short, Venue};
use super::{hand, leave, orders, orders_of, M};
use crate::layout::MAX_CRANK_MATCHES;
use crate::layout::MAX_ORDERS_PER_SEAT;
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::units::Side;
use std::vec::Vec;

/// One fill or one seat may go over the bound by the orders of a seat.
const MOST: u32 = MAX_CRANK_MATCHES + MAX_ORDERS_PER_SEAT as u32;

fn large() -> Venue {
    let params = Params { vault_size_cap: 0, ..Params::standard() };
    let mut v = Venue::sized(params, RankRule::ProfitLeverageSize, 256, 8_192);
    v.price(100_000);
    v
}

fn reduce(v: &mut Venue, seat: u32, side: Side, count: usize, price: i64) {
    let request = OrderRequest { reduce_only: true, ..Venue::request(side, 1, price, Kind::Limit) };
    for _ in 0..count {
        // Without the audit of a whole book each.
        v.peek(|x, now| x.place_order(seat, &request, now)).unwrap();
    }
}

/// 64 longs and 64 shorts below maintenance with 31 orders each, and nobody who takes them.
fn crowd() -> Venue {
    let mut v = large();
    let seats: Vec<_> = (0..128).map(|_| v.seat(10 * M)).collect();
    for pair in seats.chunks(2) {
        hand(&mut v, pair[0], pair[1], 4_100, 100_000);
        reduce(&mut v, pair[0], Short, 31, 104_000);
        reduce(&mut v, pair[1], Long, 31, 96_000);
    }
    v.audit();
    v
}

#[test]
fn liquidate_removes_no_more_than_its_bound_of_those_that_nobody_takes() {
    let mut v = crowd();
    let mut calls = 0;
    while orders(&mut v) > 0 {
        let before = orders(&mut v);
        let report = v.liquidate(1);
        let removed = before - orders(&mut v);
        assert_eq!(removed, report.matches, "every order that goes is counted");
        assert!(removed > 0 && removed <= MAX_CRANK_MATCHES, "{removed}");
        calls += 1;
    }
    assert_eq!(calls, 3_968 / 64, "and no call is in vain");
    assert!(!v.liquidate(1).stopped);
}

#[test]
fn a_seat_half_cancelled_is_resumed() {
    let mut v = crowd();
    let first = v.liquidate(1);
    assert!(first.stopped);
    let halves = |v: &mut Venue| (1..=128).filter(|seat| (1..31).contains(&orders_of(v, *seat))).count();
    assert_eq!(halves(&mut v), 1);
    v.liquidate(1);
    assert_eq!(halves(&mut v), 1, "the one is finished before another is begun");
}

/// 64 shorts with a bid that closes their position and 31 reduce-only orders that go with it.
fn nested() -> (Venue, u32, u32) {
    let mut v = large();
    let (loser, rich) = (v.seat(10 * M), v.seat(50_000 * M));
    for n in 0..64 {
        let seat = v.seat(100 * M);
        hand(&mut v, rich, seat, 32, 100_000);
        v.place(seat, Venue::request(Long, 32, 97_900 - n, Kind::Limit)).unwrap();
        reduce(&mut v, seat, Long, 31, 96_000);
    }
    (v, loser, rich)
}

#[test]
fn deleverage_counts_the_orders_that_go_with_its_makers_positions() {
    let (mut v, loser, rich) = nested();
    hand(&mut v, loser, rich, 4_100, 99_900);
    v.price(97_000);
    let mut forced = 0;
    for calls in 1.. {
        let before = orders(&mut v);
        let report = v.deleverage(1);
        let removed = before - orders(&mut v);
        assert!(removed == report.matches && removed <= MOST, "{removed}");
        assert!(!report.stopped || removed >= MAX_CRANK_MATCHES, "stopped, but by the bound only");
        forced += report.forced_fills;
        if forced > 0 {
            assert!(calls <= 2_048 / 64 + 1);
            break;
        }
    }
}

#[test]
fn a_taker_counts_the_orders_that_go_with_its_makers_positions() {
    let (mut v, _, rich) = nested();
    let before = orders(&mut v);
    let placed = v.take(rich, Short, 32 * 64, 97_000).unwrap();
    let removed = before - orders(&mut v);
    assert!(removed == placed.matches && removed <= MOST, "{removed}");
    assert_eq!(placed.filled.0, 2 * 32);
}

#[test]
fn a_winner_that_is_forced_takes_its_orders_along_and_they_count() {
    let mut v = large();
    let loser = v.seat(200 * M);
    for _ in 0..20 {
        let winner = v.seat(10 * M);
        hand(&mut v, loser, winner, 1_000, 100_000);
        reduce(&mut v, winner, Long, 32, 94_500);
    }
    leave(&mut v, loser, 100 * M);
    v.price(95_100);
    leave(&mut v, loser, -M);
    let report = v.deleverage(32);
    assert!(report.stopped && report.matches <= MOST, "{}", report.matches);
    assert!(report.forced_fills >= 2);
    let second = v.deleverage(32);
    assert!(second.forced_fills >= 2, "the next call goes on");
}

#[test]
fn a_loser_cannot_place_orders_faster_than_a_call_removes_them() {
    let mut v = crowd();
    for seat in 1..=128 {
        v.run(|x, now| x.cancel_all(seat, None, now));
    }
    // Every seat comes back with all it may place between two calls, and still every call gets past two of them.
    for _ in 0..4 {
        for seat in 1..=128 {
            let (side, price) = if v.size(seat) > 0 { (Short, 104_000) } else { (Long, 96_000) };
            let have = orders_of(&mut v, seat) as usize;
            reduce(&mut v, seat, side, 32 - have, price);
        }
        assert_eq!(v.liquidate(1).matches, MAX_CRANK_MATCHES);
    }
}
