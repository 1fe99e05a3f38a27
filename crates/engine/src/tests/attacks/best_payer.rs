//! The loser sells to whoever pays most, at a price that is not older than everybody else's.

use super::super::fixture::{Long, Venue};
use super::{bring, hand, leave, next, venue, with, M};
use crate::error::ErrorCode::*;
use crate::state::params::Params;
use crate::units::{Lots, Price};

/// A vault, a long of 1,000 tokens of notional with 24 tokens of margin, and a keeper.
fn thin(params: Params) -> (Venue, u32, u32) {
    let mut v = with(params);
    v.fund_vault(5_000 * M);
    let (victim, rich, keeper) = (v.seat(500 * M), v.seat(5_000 * M), v.seat(5_000 * M));
    hand(&mut v, victim, rich, 10_000, 100_000);
    leave(&mut v, victim, 24 * M);
    v.price(100_000);
    v.price(100_000);
    (v, victim, keeper)
}

#[test]
fn a_bid_at_the_bankruptcy_price_comes_after_the_vault() {
    let (mut v, victim, keeper) = thin(Params::standard());
    let mut without = v.clone();
    without.liquidate(1);
    let zero = v.peek(|x, _| x.market.bankruptcy_price(victim).unwrap().0);
    v.rest(keeper, Long, 10_000, zero);
    let report = v.liquidate(1);
    assert_eq!((report.book_lots, v.size(keeper)), (Lots(0), 0));
    assert_eq!(v.equity(victim), without.equity(victim));
    assert!(v.equity(victim) > 17 * M, "of 24 tokens, {} are left", v.equity(victim));
}

#[test]
fn order_by_order_and_lot_by_lot_the_better_price_goes_first() {
    let (mut v, _, keeper) = thin(Params::standard());
    v.rest(keeper, Long, 100, 99_500);
    v.rest(keeper, Long, 100, 99_000);
    v.rest(keeper, Long, 100, 98_999);
    let report = v.liquidate(1);
    assert_eq!(report.book_lots, Lots(200), "the vault's own price is 99,000, and an order at it comes first");
    assert!(report.vault_lots.0 > 0);
    let left = v.peek(|x, _| x.book.best(Long).map(|order| x.book.orders[order as usize].price));
    assert_eq!(left, Some(Price(98_999)));
}

#[test]
fn what_the_vault_cannot_take_the_book_gets_at_its_price() {
    let (mut v, victim, keeper) = thin(Params { vault_size_cap: 100, ..Params::standard() });
    v.rest(keeper, Long, 10_000, 98_500);
    let report = v.liquidate(1);
    assert_eq!(report.vault_lots, Lots(100));
    assert!(report.book_lots.0 > 0 && v.size(victim) > 0, "and only as much as brings it to its target");
}

#[test]
fn an_order_at_the_vaults_price_takes_the_discount_and_the_loser_loses_nothing_by_it() {
    let (mut v, victim, keeper) = thin(Params::standard());
    let mut without = v.clone();
    without.liquidate(1);
    v.rest(keeper, Long, 10_000, 99_000);
    v.liquidate(1);
    assert_eq!(v.vault().size, Lots(0));
    assert_eq!((v.size(victim), v.equity(victim)), (without.size(victim), without.equity(victim)));
}

#[test]
fn an_old_print_liquidates_nobody() {
    let mut v = venue();
    let (victim, rich, keeper) = (v.seat(50 * M), v.seat(5_000 * M), v.seat(5_000 * M));
    hand(&mut v, victim, rich, 10_000, 100_000);
    v.now += 60;
    bring(&mut v, 97_400, 50);
    assert_eq!(v.oracle_price(), 100_000, "it is not even looked at");
    assert_eq!(
        Venue::code(v.place(keeper, Venue::request(Long, 10_000, 95_000, crate::ops::orders::Kind::Limit))),
        StalePrice
    );
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(1, None, now))), StalePrice);
    bring(&mut v, 100_000, 0);
    v.rest(keeper, Long, 10_000, 95_000);
    assert_eq!(v.liquidate(1).seats, 0);
    assert_eq!(v.equity(victim), 50 * M);
    // A newer one that was already seen cannot be taken back.
    next(&mut v, 100_000);
    bring(&mut v, 97_400, 2);
    assert_eq!((v.oracle_price(), v.liquidate(1).seats), (100_000, 0));
}

#[test]
fn what_the_vault_earns_of_a_loser_counts_for_what_it_takes_of_it_next() {
    let mut v = venue();
    let (victim, rich, keeper) = (v.seat(500 * M), v.seat(5_000 * M), v.seat(5_000 * M));
    hand(&mut v, victim, rich, 10_000, 100_000);
    leave(&mut v, victim, 20 * M);
    v.price(100_000);
    v.price(100_000);
    // The vault has nothing but the fee of the lots that the book takes.
    let empty = v.clone().liquidate(1);
    assert_eq!(empty.vault_lots, Lots(0));
    v.rest(keeper, Long, 100, 99_500);
    let report = v.liquidate(1);
    assert_eq!(report.book_lots, Lots(100));
    assert!(report.vault_lots.0 >= 6, "{}", report.vault_lots.0);
}
