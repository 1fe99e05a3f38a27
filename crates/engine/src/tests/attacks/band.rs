//! A fill in the book happens only within the band, and in a freeze only what takes from the losers rests.

use super::super::fixture::{Long, Short, Venue};
use super::{bring, clear, hand, is_frozen, leave, orders_of, venue, M};
use crate::error::ErrorCode::*;
use crate::ops::orders::Kind;

/// A freeze at 94,900: an own thin long is bankrupt by a few atoms a lot. Also a maker, a victim and a rich seat.
fn frozen() -> (Venue, u32, u32, u32) {
    let mut v = venue();
    let (thin, rich) = (v.seat(50 * M), v.seat(5_000 * M));
    hand(&mut v, thin, rich, 9_900, 100_000);
    let (maker, victim) = (v.seat(5_000 * M), v.seat(1_000 * M));
    v.price(95_100);
    v.rest(maker, Short, 10_000, 95_115);
    v.price(94_900);
    assert!(is_frozen(&mut v));
    (v, rich, maker, victim)
}

#[test]
fn a_marketable_order_does_not_rest_in_a_freeze_to_be_sold_into_after_it() {
    let (mut v, rich, _, victim) = frozen();
    let error = Venue::code(v.place(victim, Venue::request(Long, 10_000, 95_860, Kind::Limit)));
    assert_eq!(error, BankruptSeat);
    clear(&mut v);
    assert_eq!(v.take(rich, Short, 10_000, 95_000).unwrap().filled.0, 0, "there is nothing to sell into");
    let placed = v.place(victim, Venue::request(Long, 10_000, 95_860, Kind::Limit)).unwrap();
    assert_eq!(placed.filled.0, 10_000);
    let loss = v.equity(victim) - 1_000 * M;
    assert!((-2_700_000..=-2_600_000).contains(&loss), "the best ask, 0.22 % away, and the fee: {loss}");
}

#[test]
fn in_a_freeze_only_the_side_that_takes_from_the_losers_rests() {
    let (mut v, _, maker, victim) = frozen();
    let place = |v: &mut Venue, seat, side, price, kind| v.place(seat, Venue::request(side, 10, price, kind));
    assert_eq!(Venue::code(place(&mut v, maker, Short, 95_300, Kind::Limit)), BankruptSeat);
    assert_eq!(Venue::code(place(&mut v, maker, Short, 95_300, Kind::PostOnly)), BankruptSeat);
    assert_eq!(Venue::code(place(&mut v, victim, Long, 95_115, Kind::PostOnly)), PostOnlyCrosses);
    assert_eq!(Venue::code(place(&mut v, victim, Long, 95_050, Kind::ImmediateOrCancel)), BankruptSeat);
    assert_eq!(place(&mut v, victim, Long, 95_114, Kind::Limit).unwrap().rested.0, 10);
    assert_eq!(v.deleverage(1).book_lots.0, 10, "and it takes from the loser");
}

#[test]
fn an_order_placed_during_a_jump_is_cancelled_where_the_price_has_left_it() {
    let mut v = venue();
    let (attacker, victim) = (v.seat(5_000 * M), v.seat(5_000 * M));
    v.now += 1;
    bring(&mut v, 90_000, 0);
    assert_eq!(Venue::code(v.take(victim, Long, 1_000, 100_500)), PricePending);
    v.rest(victim, Long, 1_000, 100_500);
    assert_eq!(Venue::code(v.place(attacker, Venue::request(Short, 10, 100_500, Kind::Limit))), PricePending);
    v.rest(attacker, Short, 10, 100_501);
    v.now += 10;
    bring(&mut v, 90_000, 0);
    let placed = v.take(attacker, Short, 1_000, 90_000).unwrap();
    assert_eq!((v.oracle_price(), placed.filled.0, placed.matches), (90_000, 0, 1));
    assert_eq!((v.equity(victim), orders_of(&mut v, victim)), (5_000 * M, 0));
}

#[test]
fn what_is_beyond_the_band_on_its_own_bad_side_does_not_rest() {
    let mut v = venue();
    let seat = v.seat(5_000 * M);
    for (side, edge) in [(Long, 105_000), (Short, 95_000)] {
        let beyond = edge + if side == Long { 1 } else { -1 };
        for kind in [Kind::Limit, Kind::PostOnly] {
            let error = v.place(seat, Venue::request(side, 1, beyond, kind)).unwrap_err();
            assert_eq!((error.code, error.expected, error.actual), (OutsideBand, edge, beyond));
        }
        v.clone().rest(seat, side, 1, edge);
        v.clone().take(seat, side, 1, beyond).unwrap();
    }
    // On its good side an order may be as far away as it likes.
    v.rest(seat, Long, 1, 1);
    v.rest(seat, Short, 1, 1_000_000_000);
}

#[test]
fn no_position_is_handed_over_at_a_price_that_is_no_price() {
    // A long buys from its other hand at any price it likes, in the market or in a liquidation: it gets no further than
    // the band, which initial margin is not less than.
    let mut v = venue();
    let (poor, rich) = (v.seat(100 * M), v.seat(5_000 * M));
    assert_eq!(Venue::code(v.place(rich, Venue::request(Short, 1_000, 90_000, Kind::Limit))), OutsideBand);
    v.rest(rich, Short, 1_000, 130_000);
    assert_eq!(v.take(poor, Long, 1_000, 130_000).unwrap().filled.0, 0, "the taker's limit is the band's");
}

#[test]
fn an_attacker_wipes_only_orders_that_the_price_has_left_by_the_band() {
    let mut v = venue();
    let (maker, attacker) = (v.seat(5_000 * M), v.seat(5_000 * M));
    for price in [100_000, 99_700, 99_500, 99_000] {
        v.rest(maker, Long, 100, price);
    }
    v.price(95_000);
    let mut near = v.clone();
    // 5 % above 95,000 is 99,750.
    let placed = v.take(attacker, Short, 1, 94_000).unwrap();
    assert_eq!((placed.filled.0, placed.matches, orders_of(&mut v, maker)), (1, 2, 3));
    assert_eq!(v.equity(maker), 5_000 * M - 4_700 - 10, "a lot at 99,700 and its fee: no more than the band");
    // Nor can an order that is within it be removed otherwise.
    let same = near.take(attacker, Short, 1, 99_750).unwrap();
    assert_eq!((same.filled.0, orders_of(&mut near, maker)), (0, 3));
}

#[test]
fn a_crash_cancels_bids_above_the_band_that_would_have_saved_a_loser() {
    // Known and kept, to be told: the bid was for 100,000, and the loser's bankruptcy price is 97,000.
    let mut v = venue();
    let (loser, rich, saviour) = (v.seat(100 * M), v.seat(5_000 * M), v.seat(5_000 * M));
    hand(&mut v, loser, rich, 1_000, 100_000);
    leave(&mut v, loser, 3 * M);
    v.rest(saviour, Long, 1_000, 99_900);
    v.price(94_000);
    let report = v.deleverage(32);
    assert_eq!((report.book_lots.0, report.forced_lots.0, v.cash(loser)), (0, 1_000, 0));
    assert_eq!(orders_of(&mut v, saviour), 0);
}
