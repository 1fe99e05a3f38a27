//! How the work is cut, and what is done first, decides nobody's fate.

use super::super::fixture::{plain, Long, Short, Venue};
use super::{bring, hand, is_frozen, leave, M};
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::units::{Atoms, Rate};

/// Three bankrupt shorts, two long winners and an ask behind some dead ones.
fn cut(dead: usize) -> (Venue, [u32; 5]) {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 64, 512);
    v.price(100_000);
    let seats = [50_000, 120_000, 63_000, 225_000, 1_350_000].map(|deposit| v.seat(deposit));
    let [x, a, b, w1, w2] = seats;
    hand(&mut v, w1, x, 10, 100_000);
    hand(&mut v, w1, a, 15, 100_000);
    hand(&mut v, w2, a, 5, 100_000);
    hand(&mut v, w2, b, 10, 100_000);
    let dealers = [0; 4].map(|_| v.seat(1 << 40));
    while v.oracle_price() != 110_000 {
        v.now += 11;
        v.print(110_000);
    }
    let expires = v.now + 1;
    for n in 0..dead {
        let order = Venue::request(Short, 1, 105_400, Kind::PostOnly);
        v.place(dealers[n / 32], OrderRequest { expires, ..order }).unwrap();
    }
    v.rest(dealers[3], Short, 10, 105_500);
    v.now += 1;
    bring(&mut v, 110_000, 0);
    (v, seats)
}

#[test]
fn neither_the_cut_of_the_calls_nor_dead_orders_pick_who_pays() {
    let fate = |dead: usize, most: u32| {
        let (mut v, seats) = cut(dead);
        while is_frozen(&mut v) {
            v.deleverage(most);
        }
        seats.map(|seat| v.equity(seat))
    };
    let first = fate(0, 32);
    for (dead, most) in
        [(0, 1), (0, 2), (61, 1), (62, 1), (63, 1), (64, 1), (65, 1), (62, 32), (63, 32), (64, 32), (95, 3)]
    {
        assert_eq!(fate(dead, most), first, "{dead} dead, {most} at a time");
    }
}

#[test]
fn liquidate_and_deleverage_meet_the_same_bids_for_the_same_seats() {
    let (mut v, seats) = cut(0);
    let mut w = v.clone();
    v.liquidate(16);
    w.deleverage(1);
    while is_frozen(&mut v) {
        v.deleverage(1);
    }
    while is_frozen(&mut w) {
        w.liquidate(1);
        w.deleverage(1);
    }
    assert_eq!(seats.map(|seat| v.equity(seat)), seats.map(|seat| w.equity(seat)));
}

#[test]
fn a_partly_used_winner_that_turns_round_is_not_first_on_the_other_side() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 64, 512);
    v.price(100_000);
    let (loser, winner, deep) = (v.seat(500_000), v.seat(20_000_000), v.seat(1 << 40));
    v.trade(loser, winner, 100, 100_000);
    v.trade(deep, winner, 100, 100_000);
    while v.oracle_price() != 94_000 {
        v.now += 11;
        v.print(94_000);
    }
    v.deleverage(1);
    let first = |v: &mut Venue| v.peek(|x, _| (x.market.partly_deleveraged(Long), x.market.partly_deleveraged(Short)));
    assert_eq!(first(&mut v), (None, Some(winner)));
    let mut flat = v.clone();
    v.trade(winner, deep, 150, 94_000);
    assert_eq!((v.size(winner), first(&mut v)), (50, (None, None)));
    v.trade(deep, winner, 100, 94_000);
    assert_eq!((v.size(winner), first(&mut v)), (-50, (None, None)), "nor on its own, once it is back");
    flat.trade(winner, deep, 100, 94_000);
    flat.trade(deep, winner, 100, 94_000);
    assert_eq!(first(&mut flat), (None, None), "nor after closing and opening again");
}

#[test]
fn a_deposit_accrues_the_funding_that_stood_before_it() {
    let run = |accrue: bool, by_deposit: bool| {
        let params = Params { funding_cap: Rate(50_000), interest: 50_000, funding_period: 3_600, ..plain() };
        let mut v = Venue::new(params);
        v.price(100_000);
        let (long, short) = (v.seat(20_000_000), v.seat(1 << 40));
        hand(&mut v, long, short, 1_000, 100_000);
        leave(&mut v, long, 1_000 * 1_000);
        v.now += 1_800;
        if accrue {
            v.run(|x, now| {
                x.accrue(now);
                Ok(())
            });
        }
        if by_deposit {
            v.run(|x, now| x.deposit(long, Atoms(10 * M), now));
        }
        v.now += 1;
        v.run(|x, now| {
            x.accrue(now);
            Ok(())
        });
        v.peek(|x, _| x.market.head.funding.0)
    };
    assert_eq!(run(false, true), run(true, true), "2,501 against 1,002 before");
}

#[test]
fn a_print_is_looked_at_after_funding_has_accrued() {
    let params = Params { funding_cap: Rate(50_000), interest: 50_000, funding_period: 3_600, ..plain() };
    let mut v = Venue::new(params);
    v.price(100_000);
    let before = v.now;
    v.now += 36;
    bring(&mut v, 104_000, 0);
    assert_eq!(v.peek(|x, _| (x.market.head.funding.0, x.market.head.accrued_at)), (50, before + 36));
}

#[test]
fn a_book_fill_before_force_does_not_cut_a_call_short() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 64, 512);
    v.price(100_000);
    let (loser, deep) = (v.seat(1_000_000), v.seat(1 << 40));
    for _ in 0..10 {
        let winner = v.seat(1_000_000);
        hand(&mut v, loser, winner, 10, 100_000);
    }
    leave(&mut v, loser, 200_000);
    let shy = v.seat(1_000_000);
    hand(&mut v, deep, shy, 10, 100_000);
    v.price(97_000);
    // A winner who bids for one lot of the loser.
    v.rest(shy, Long, 1, 98_000);
    let report = v.deleverage(32);
    assert_eq!((report.book_lots.0, report.forced_fills), (1, 10), "force goes on: it was ranked after that fill");
}
