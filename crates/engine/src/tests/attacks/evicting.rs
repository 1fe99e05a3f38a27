//! An order that evicted another is kept only until a price published after it is accepted.

use super::super::fixture::{Long, Short, Venue};
use super::{bring, orders_of, M};
use crate::error::ErrorCode::*;
use crate::ops::orders::Kind;
use crate::state::header::RankRule;
use crate::state::params::Params;

/// A book whose 48 bids are one lot at one atom, and a maker that evicted one of them at 99,990.
fn full() -> (Venue, u32, u32) {
    let mut v = Venue::sized(Params::standard(), RankRule::ProfitLeverageSize, 64, 96);
    v.price(100_000);
    let (a, b, maker, taker) = (v.seat(10 * M), v.seat(10 * M), v.seat(1_000 * M), v.seat(1_000 * M));
    for seat in [a, b] {
        for _ in 0..24 {
            v.rest(seat, Long, 1, 1);
        }
    }
    v.rest(maker, Long, 10_000, 99_990);
    (v, maker, taker)
}

#[test]
fn a_quote_that_evicted_is_not_locked_once_the_price_has_moved() {
    let (mut v, maker, taker) = full();
    assert_eq!(v.run(|x, now| x.cancel_all(maker, None, now)), 0, "not before");
    assert_eq!(Venue::code(v.try_run(|x, now| x.cancel_order(maker, 0, now))), OrderLocked);
    v.now += 3;
    bring(&mut v, 97_000, 0);
    assert_eq!(v.clone().run(|x, now| x.cancel_order(maker, 0, now)).lots.0, 10_000);
    assert_eq!(v.run(|x, now| x.cancel_all(maker, None, now)), 1);
    v.take(taker, Short, 10_000, 99_000).unwrap();
    assert_eq!(v.equity(maker), 1_000 * M, "of a move of 3 % the maker loses nothing");
}

#[test]
fn two_clocks_may_differ_by_two_seconds_and_a_pending_jump_unlocks_nothing() {
    let (mut v, maker, _) = full();
    let cancelled = |v: &mut Venue| v.clone().run(|x, now| x.cancel_all(maker, None, now));
    v.now += 2;
    bring(&mut v, 100_000, 0);
    assert_eq!(cancelled(&mut v), 0);
    let mut pending = v.clone();
    pending.now += 3;
    bring(&mut pending, 90_000, 0);
    assert_eq!(cancelled(&mut pending), 0);
    v.now += 1;
    bring(&mut v, 100_000, 0);
    assert_eq!(cancelled(&mut v), 1);
}

#[test]
fn without_a_print_the_lock_ends_by_the_clock() {
    let (mut v, maker, _) = full();
    v.now += 9;
    assert_eq!(v.run(|x, now| x.cancel_all(maker, None, now)), 0);
    v.now += 1;
    v.clone().run(|x, now| x.cancel_order(maker, 0, now));
    assert_eq!(v.run(|x, now| x.cancel_all(maker, None, now)), 1);
}

#[test]
fn who_evicts_cannot_take_it_back_within_the_same_price() {
    // Eviction as a way to wipe a side would be free if the order could go at once.
    let (mut v, maker, _) = full();
    let own = v.seat_of(v.clone().peek(|x, _| x.market.seats[maker as usize].owner), 1_000 * M);
    v.take(own, Short, 10_000, 99_000).unwrap();
    assert_eq!(orders_of(&mut v, maker), 1, "meeting it from another seat is no way around");
    assert_eq!(Venue::code(v.place(own, Venue::request(Long, 1, 1, Kind::Limit))), BookFull);
}
