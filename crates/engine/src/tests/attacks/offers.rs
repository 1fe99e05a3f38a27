//! What the vault offers is no option on the next print, and nothing that the book cannot hold.

use super::super::fixture::{plain, Long, Short, Venue};
use super::{bring, hand, next, venue, M};
use crate::error::ErrorCode::*;
use crate::layout::VAULT;
use crate::ops::orders::Kind;
use crate::units::{Lots, Price};

/// A vault of 500 tokens with ten times as much of inventory, and a taker.
fn stocked() -> (Venue, u32) {
    let mut v = venue();
    v.fund_vault(500 * M);
    let (other, taker) = (v.seat(50_000 * M), v.seat(50_000 * M));
    hand(&mut v, VAULT, other, 50_000, 100_000);
    (v, taker)
}

fn unwind(v: &mut Venue) -> Lots {
    v.run(|x, now| x.unwind_vault(now))
}

fn best_ask(v: &mut Venue) -> Option<(u32, Price)> {
    v.peek(|x, _| {
        x.book.best(Short).map(|order| (x.book.orders[order as usize].seat, x.book.orders[order as usize].price))
    })
}

#[test]
fn the_offer_is_not_met_at_the_price_it_was_placed_at() {
    let (mut v, taker) = stocked();
    assert_eq!(unwind(&mut v), Lots(6_250), "an eighth");
    let before = v.equity(VAULT);
    assert_eq!(v.take(taker, Long, 50_000, 100_500).unwrap().filled.0, 0);
    next(&mut v, 102_000);
    assert_eq!(v.take(taker, Long, 50_000, 102_000).unwrap().filled.0, 0, "and the price has left it: it goes");
    assert_eq!(v.equity(VAULT), before + 50_000 * 2_000);
}

#[test]
fn a_known_print_after_one_that_leaves_the_offer_costs_an_eighth() {
    let (mut v, taker) = stocked();
    unwind(&mut v);
    next(&mut v, 100_000);
    let before = v.equity(VAULT);
    assert_eq!(v.take(taker, Long, 50_000, 100_500).unwrap().filled.0, 6_250);
    assert_eq!(unwind(&mut v), Lots(5_468), "the next eighth waits for the next print");
    assert_eq!(v.take(taker, Long, 50_000, 100_500).unwrap().filled.0, 0);
    next(&mut v, 102_000);
    let held = before + 50_000 * 2_000;
    let given = held - v.equity(VAULT);
    assert!(given * 1_000 <= before * 19, "{given}: 1.9 % of the vault instead of 15 %");
}

#[test]
fn an_offer_that_waits_hides_no_honest_order_and_nothing_rests_crossed() {
    let (mut v, taker) = stocked();
    unwind(&mut v);
    let maker = v.seat(5_000 * M);
    assert_eq!(best_ask(&mut v), Some((VAULT, Price(100_500))));
    v.rest(maker, Short, 100, 100_600);
    v.rest(maker, Short, 100, 100_700);
    let placed = v.take(taker, Long, 150, 100_700).unwrap();
    assert_eq!((placed.filled.0, placed.quote.0), (150, 100 * 100_600 + 50 * 100_700));
    // An order above it neither rests crossed nor posts: what is left is dropped, as where the bound ends matching.
    let placed = v.place(taker, Venue::request(Long, 100, 100_650, Kind::Limit)).unwrap();
    assert_eq!((placed.filled.0, placed.rested.0), (0, 0));
    let error = v.place(taker, Venue::request(Long, 100, 100_500, Kind::PostOnly)).unwrap_err();
    assert_eq!((error.code, error.expected), (PostOnlyCrosses, 100_500));
    v.rest(taker, Long, 100, 100_499);
}

#[test]
fn asking_again_and_again_does_not_keep_an_offer_from_ripening() {
    let (mut v, taker) = stocked();
    unwind(&mut v);
    for _ in 0..3 {
        v.now += 1;
        let before = v.clone();
        unwind(&mut v);
        assert_eq!(v.bytes().1, before.bytes().1, "it stays as it is");
        bring(&mut v, 100_000, 0);
    }
    unwind(&mut v);
    assert!(v.take(taker, Long, 10, 100_500).unwrap().filled.0 == 10);
    // A price that falls by less than half the spread leaves it; by more, it follows, and waits for one print.
    next(&mut v, 99_800);
    unwind(&mut v);
    assert_eq!(v.take(taker, Long, 10, 100_500).unwrap().filled.0, 10);
    next(&mut v, 99_500);
    unwind(&mut v);
    assert_eq!(v.take(taker, Long, 10, 100_500).unwrap().filled.0, 0);
    next(&mut v, 99_500);
    assert_eq!(v.take(taker, Long, 10, 100_500).unwrap().filled.0, 10);
}

#[test]
fn an_offer_outside_the_range_of_prices_does_not_rest() {
    let price = (1i64 << 31) - 2_000_000;
    let mut v = Venue::new(plain());
    v.price(price);
    let (other, honest, taker) = (v.seat(1 << 50), v.seat(1 << 50), v.seat(1 << 50));
    v.fund_vault(1 << 45);
    hand(&mut v, VAULT, other, 10, price);
    v.rest(honest, Short, 10, price + 10);
    assert_eq!(unwind(&mut v), Lots(0));
    assert_eq!(best_ask(&mut v), Some((honest, Price(price + 10))));
    assert_eq!(v.take(taker, Long, 10, price + 10).unwrap().filled.0, 10);
    // The other end: at a price of 1 its bid would be 0.
    let mut v = Venue::new(plain());
    v.price(10_000);
    let other = v.seat(1 << 40);
    v.fund_vault(1 << 40);
    hand(&mut v, other, VAULT, 10, 10_000);
    v.peek(|x, now| {
        x.market.head.price.accepted = Price(1);
        x.market.head.price.last_print = now;
        x.market.head.price.taken_at = now;
    });
    assert_eq!(unwind(&mut v), Lots(0));
    assert_eq!(v.peek(|x, _| x.book.head.bid_len), 0);
}
