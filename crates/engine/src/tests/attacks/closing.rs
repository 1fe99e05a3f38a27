//! Seats kept for free, feeds that sleep, and what an ownerless market leaves.

use super::super::fixture::{key, Long, Short, Venue};
use super::{hand, leave, orders_of, venue, with, M};
use crate::error::ErrorCode::*;
use crate::layout::MAX_SEATS;
use crate::layout::{DAY, HOUR};
use crate::ops::seats::IDLE;
use crate::ops::vault_shares::Executed;
use crate::state::params::Params;
use crate::state::ticket::Ticket;
use crate::units::Atoms;

/// Closes a seat as a stranger, in a market that is nearly full.
fn close(v: &mut Venue, seat: u32) -> crate::error::Result<crate::ops::seats::Closed> {
    v.try_run(|x, now| {
        let open = core::mem::replace(&mut x.market.head.open_seats, MAX_SEATS / 8 * 7 + 1);
        let closed = x.close_seat(seat, false, now);
        x.market.head.open_seats = open - closed.is_ok() as u32;
        closed
    })
}

#[test]
fn only_a_fill_keeps_a_seat_of_a_full_market() {
    let mut v = venue();
    let (seat, maker) = (v.seat(20 * M), v.seat(100 * M));
    v.now += IDLE - 12;
    v.price(100_000);
    assert_eq!(Venue::code(close(&mut v, seat)), SeatNotAbandoned, "not a second early");
    v.now += 1;
    v.run(|x, now| x.cancel_all(seat, None, now));
    v.run(|x, now| x.deposit(seat, Atoms(1), now));
    v.run(|x, _| x.market.set_delegate(seat, key(5)));
    v.rest(seat, Long, 1, 90_000);
    let mut traded = v.clone();
    let closed = close(&mut v, seat).unwrap();
    assert_eq!((closed.owner, closed.cash), (key(seat), Atoms(20 * M + 1)), "its order is cancelled");
    // Known: a wash fill of a lot evades it.
    traded.rest(maker, Short, 1, 100_000);
    traded.take(seat, Long, 1, 100_000).unwrap();
    traded.rest(maker, Long, 1, 100_000);
    traded.take(seat, Short, 1, 100_000).unwrap();
    assert_eq!(Venue::code(close(&mut traded, seat)), SeatNotAbandoned);
}

#[test]
fn nobody_closes_a_position_and_nobody_the_orders_of_a_poor_seat_that_is_in_use() {
    let mut v = venue();
    let (seat, rich) = (v.seat(10 * M), v.seat(1_000 * M));
    v.rest(seat, Long, 1, 90_000);
    // A fee has brought it below the minimum. It is no reason for a stranger to cancel its orders.
    leave(&mut v, seat, 10 * M - 1);
    let error = v.try_run(|x, now| x.close_seat(seat, false, now));
    assert_eq!(Venue::code(error), SeatNotEmpty);
    assert_eq!(orders_of(&mut v, seat), 1);
    v.run(|x, now| x.cancel_all(seat, None, now));
    v.clone().run(|x, now| x.close_seat(seat, false, now));
    hand(&mut v, seat, rich, 1, 100_000);
    v.now += 2 * IDLE;
    assert_eq!(Venue::code(close(&mut v, seat)), SeatNotEmpty);
}

#[test]
fn a_feed_that_sleeps_over_the_weekend_is_not_dead() {
    let mut v = with(Params { oracle_silence: 3 * DAY, oracle_grace: 2 * DAY, ..Params::standard() });
    let announce = |v: &mut Venue| v.try_run(|x, now| x.market.announce_dead(now));
    v.now += 65 * HOUR;
    assert_eq!(Venue::code(announce(&mut v)), OracleAlive);
    v.now += 7 * HOUR + 1;
    announce(&mut v).unwrap();
    v.now += 2 * DAY - 1;
    assert_eq!(Venue::code(v.try_run(|x, now| x.settle(now))), TooEarly);
    v.now += 1;
    v.run(|x, now| x.settle(now));
}

#[test]
fn a_change_of_the_silence_does_not_reach_into_one_that_has_begun() {
    for (silence, grace) in [(7 * DAY, 7 * DAY), (HOUR, DAY)] {
        let mut v = with(Params { oracle_silence: 2 * DAY, oracle_grace: 3 * DAY, ..Params::standard() });
        v.now += DAY;
        v.tune(|params| (params.oracle_silence, params.oracle_grace) = (silence, grace));
        assert_eq!(Venue::code(v.try_run(|x, now| x.market.announce_dead(now))), OracleAlive);
        v.now += DAY + 1;
        v.run(|x, now| x.market.announce_dead(now));
        v.now += 3 * DAY - 1;
        assert_eq!(Venue::code(v.try_run(|x, now| x.settle(now))), TooEarly);
        v.now += 1;
        v.run(|x, now| x.settle(now));
    }
}

#[test]
fn the_last_share_of_an_ownerless_market_does_not_take_all_fee_cash() {
    let mut v = venue();
    let mut most = v.fund_vault(1_000 * M);
    let mut little = Ticket::new([0; 32], key(7), key(7));
    v.run(|x, now| x.request_mint(&mut little, Atoms(1_000), now));
    v.execute_later(&mut little);
    let cash = v.peek(|x, _| x.market.head.pool_cash.0);
    v.run(|x, _| x.market.sweep_excess((cash + 5_000 * M) as u64));
    v.settle();
    let mut other = v.clone();
    let paid = |v: &mut Venue, ticket: &mut Ticket| match v.run(|x, now| x.execute_request(ticket, None, now)) {
        Executed::Redeemed(cash) => cash.0,
        other => panic!("{other:?}"),
    };
    let (mut first, mut second) = (most, little);
    let big = paid(&mut v, &mut most);
    let small = paid(&mut v, &mut little);
    assert!(big > 5_999 * M && small < 10_000, "{big} {small}");
    // In the other order too.
    assert!(paid(&mut other, &mut second) < 10_000);
    assert!(paid(&mut other, &mut first) > 5_999 * M);
}

#[test]
fn an_owners_fee_cash_is_not_the_vaults_and_a_refund_endows_nobody_twice() {
    let mut v = venue();
    v.peek(|x, _| x.market.head.authority = key(50));
    let mut most = v.fund_vault(1_000 * M);
    let cash = v.peek(|x, _| x.market.head.pool_cash.0);
    v.run(|x, _| x.market.sweep_excess((cash + 5_000 * M) as u64));
    let mut waiting = Ticket::new([0; 32], key(7), key(7));
    v.run(|x, now| x.request_mint(&mut waiting, Atoms(M), now));
    v.settle();
    let mut ownerless = v.clone();
    let paid = v.run(|x, now| x.execute_request(&mut most, None, now));
    assert_eq!(paid, Executed::Redeemed(Atoms(1_000 * M)));
    // A refund is the first payment here: it takes its own and no more.
    ownerless.peek(|x, _| x.market.head.authority = [0; 32]);
    let refund = ownerless.run(|x, now| x.execute_request(&mut waiting, None, now));
    assert_eq!(refund, Executed::Redeemed(Atoms(M)));
    assert_eq!(ownerless.peek(|x, _| x.market.head.fee_cash), Atoms(0));
    assert_eq!(ownerless.cash(crate::layout::VAULT), 6_000 * M);
}

#[test]
fn prints_that_are_never_accepted_prove_a_sleeping_feed_alive_for_as_long_as_it_may_sleep() {
    let mut v = with(Params { oracle_silence: 5 * DAY, ..Params::standard() });
    let announce = |v: &mut Venue| v.try_run(|x, now| x.market.announce_dead(now));
    // Up and down, a jump each time: none is confirmed.
    for day in 0..5 {
        v.now += DAY - 10;
        v.print(if day % 2 == 0 { 200_000 } else { 50_000 });
        assert_eq!((v.oracle_price(), Venue::code(announce(&mut v))), (100_000, OracleAlive), "day {day}");
    }
    v.now += DAY;
    announce(&mut v).unwrap();
}

#[test]
fn while_somebody_is_bankrupt_fee_cash_pays_those_who_clear_and_not_the_vault() {
    let mut v = venue();
    v.run(|x, _| x.market.sweep_excess(100 * M as u64));
    let mut waiting = Ticket::new([0; 32], key(7), key(7));
    v.run(|x, now| x.request_mint(&mut waiting, Atoms(M), now));
    let (loser, winner, payee) = (v.seat(100 * M), v.seat(100 * M), v.seat(10 * M));
    hand(&mut v, loser, winner, 1_000, 100_000);
    leave(&mut v, loser, -M);
    v.settle();
    let fees = v.peek(|x, _| x.market.head.fee_cash);
    v.run(|x, now| x.execute_request(&mut waiting, None, now));
    assert_eq!(v.peek(|x, _| x.market.head.fee_cash), fees);
    let report = v.run(|x, now| x.deleverage(32, Some(payee), now));
    assert_eq!(report.pay, Atoms(10_000), "a ten-thousandth of 100 tokens");
}
