//! What counts for the premium: an order as far as somebody could trade with it.

use super::super::fixture::{Long, Short, Venue};
use super::{hand, leave, venue, M};
use crate::error::ErrorCode::*;
use crate::ops::orders::{Kind, OrderRequest};

/// Longs of 10,000 tokens of notional, a short that is barely maintained, and a book of 1,000 tokens a side.
fn book() -> (Venue, u32, u32, u32) {
    let mut v = venue();
    let (long, short, poor) = (v.seat(20_000 * M), v.seat(20_000 * M), v.seat(600 * M));
    hand(&mut v, long, short, 90_000, 100_000);
    hand(&mut v, long, poor, 10_000, 100_000);
    leave(&mut v, poor, 26 * M);
    let maker = v.seat(5_000 * M);
    v.rest(maker, Short, 11_000, 100_010);
    v.rest(maker, Long, 11_000, 99_990);
    (v, long, poor, maker)
}

/// What the longs pay in eight hours.
fn paid(v: &mut Venue, long: u32) -> i64 {
    let before = v.equity(long);
    for _ in 0..5_760 {
        v.now += 5;
        let now = v.now;
        v.peek(|x, _| {
            x.observe(crate::state::price::Print { price: crate::units::Price(100_000), published: now }, now)
        });
    }
    v.audit();
    before - v.equity(long)
}

#[test]
fn a_reducing_bid_at_twice_the_price_does_not_rest() {
    let (mut v, long, poor, _) = book();
    let far = OrderRequest { reduce_only: true, ..Venue::request(Long, 10_000, 200_000, Kind::PostOnly) };
    assert_eq!(Venue::code(v.place(poor, far)), OutsideBand);
    assert_eq!(paid(&mut v, long), 10_000 * 100, "interest, and no premium: 1 token of 10,000");
}

#[test]
fn an_order_that_its_maker_could_not_bear_does_not_count() {
    let (mut v, _, poor, maker) = book();
    v.run(|x, now| x.cancel_all(maker, None, now));
    // Within the band, but a fill would leave its maker bankrupt.
    let near = OrderRequest { reduce_only: true, ..Venue::request(Long, 10_000, 104_900, Kind::PostOnly) };
    v.place(poor, near).unwrap();
    v.rest(maker, Short, 10_000, 104_901);
    v.rest(maker, Long, 11_000, 99_990);
    let (bid, ask) = v.peek(|x, now| {
        (
            crate::rules::funding_rate::impact_price(x, Long, now),
            crate::rules::funding_rate::impact_price(x, Short, now),
        )
    });
    assert_eq!((bid, ask), (Some(99_990_000_000), Some(104_901_000_000)), "the bid behind it does");
}

#[test]
fn of_an_order_that_turns_its_maker_round_the_part_counts_that_it_could_bear() {
    let (mut v, _, poor, maker) = book();
    v.run(|x, now| x.cancel_all(maker, None, now));
    v.rest(maker, Short, 10_000, 100_020);
    // It closes 10,000 lots, but cannot open 5,000 of the other side.
    leave(&mut v, poor, 51 * M);
    v.rest(poor, Long, 15_000, 100_010);
    leave(&mut v, poor, 20 * M);
    assert_eq!(
        v.peek(|x, now| crate::rules::funding_rate::impact_price(x, Long, now)),
        Some(100_010_000_000),
        "1,000 tokens are in the part"
    );
    v.tune(|params| params.impact_notional = 1_480 * M);
    assert_eq!(v.peek(|x, now| crate::rules::funding_rate::impact_price(x, Long, now)), None, "1,480 are not");
    v.rest(maker, Long, 10_000, 90_000);
    let found = v.peek(|x, now| crate::rules::funding_rate::impact_price(x, Long, now)).unwrap();
    assert!(found < 100_010_000_000 && found > 96_000_000_000, "{found}: the rest is bought from the order behind");
}

#[test]
fn a_price_pulled_by_the_band_costs_what_the_orders_cost() {
    // A maker that can bear a fill may pull the premium as far as the band. Anyone may then sell to it at that price.
    let (mut v, _, _, maker) = book();
    let (puller, seller) = (v.seat(5_000 * M), v.seat(5_000 * M));
    v.run(|x, now| x.cancel_all(maker, None, now));
    v.rest(puller, Long, 10_000, 104_999);
    let before = v.equity(seller);
    v.take(seller, Short, 10_000, 104_000).unwrap();
    let gain = v.equity(seller) - before;
    assert!(gain > 49 * M, "{gain}");
}

#[test]
fn what_nobody_could_meet_now_does_not_count() {
    let (mut v, _, _, maker) = book();
    let impact = |v: &mut Venue| {
        v.peek(|x, now| {
            (
                crate::rules::funding_rate::impact_price(x, Long, now),
                crate::rules::funding_rate::impact_price(x, Short, now),
            )
        })
    };
    // The vault's offer of a moment ago, better than the maker's.
    let other = v.seat(50_000 * M);
    v.run(|x, now| x.cancel_all(maker, Some(Short), now));
    v.rest(maker, Short, 11_000, 100_600);
    hand(&mut v, crate::layout::VAULT, other, 100_000, 100_000);
    leave(&mut v, crate::layout::VAULT, 1_000 * M);
    v.run(|x, now| x.unwind_vault(now));
    assert_eq!(impact(&mut v).1, Some(100_600_000_000));
    super::next(&mut v, 100_000);
    assert_eq!(impact(&mut v).1, Some(100_500_000_000), "a print later it counts");
    // A bid that the price has left by more than the band.
    v.price(95_000);
    assert_eq!(impact(&mut v).0, None);
}
