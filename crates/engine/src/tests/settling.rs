//! How a market comes to its end: a dead oracle, a delisting, and what goes on meanwhile.

use super::fixture::{key, plain, Long, Short, Venue};
use crate::error::ErrorCode::*;
use crate::error::Result;
use crate::layout::{DAY, HOUR};
use crate::ops::orders::Kind;
use crate::ops::settlement::DELIST_NOTICE;
use crate::rules::phase::{self, Action};
use crate::state::header::UNACCEPTED_LIMIT;
use crate::state::params::Params;
use crate::state::price::Print;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Price, Rate};

fn venue() -> Venue {
    let mut v = Venue::new(plain());
    v.price(100_000);
    v
}

fn announce(v: &mut Venue) -> Result<()> {
    v.try_run(|x, now| x.market.announce_dead(now))
}

fn settle(v: &mut Venue) -> Result<()> {
    v.try_run(|x, now| x.settle(now))
}

fn delist(v: &mut Venue, at: i64) -> Result<()> {
    v.try_run(|x, now| x.market.delist(at, now))
}

fn print(v: &mut Venue, price: i64) -> Result<()> {
    observe(v, Print { price: Price(price), published: v.now })
}

/// Takes a print into account, and fails if it cannot be used.
fn observe(v: &mut Venue, print: Print) -> Result<()> {
    v.try_run(|x, now| {
        x.observe(print, now);
        x.market.refused.map_or(Ok(()), Err)
    })
}

fn dead_since(v: &mut Venue) -> i64 {
    v.peek(|x, _| x.market.head.dead_since)
}

#[test]
fn a_silent_oracle_is_announced_dead_and_settled_a_day_later() {
    let mut v = Venue::new(plain());
    assert_eq!(Venue::code(announce(&mut v)), NoPrice);
    v.price(100_000);
    assert_eq!(Venue::code(settle(&mut v)), NothingPending);
    v.now += HOUR;
    let alive = announce(&mut v).unwrap_err();
    assert_eq!((alive.code, alive.expected, alive.actual), (OracleAlive, v.now - HOUR, v.now - HOUR));
    v.now += 1;
    announce(&mut v).unwrap();
    let announced = v.now;
    assert_eq!(dead_since(&mut v), announced);
    v.now += DAY - 1;
    let early = settle(&mut v).unwrap_err();
    assert_eq!((early.code, early.expected, early.actual), (TooEarly, announced + DAY, v.now));
    v.now += 1;
    settle(&mut v).unwrap();
    let (record, now) = v.peek(|x, now| (x.market.head.settlement, now));
    assert_eq!((record.price.0, record.at, record.cash.0, record.size.0), (100_000, now, 0, 0));
    assert_eq!(Venue::code(settle(&mut v)), MarketSettled, "once and for good");
    assert_eq!(Venue::code(announce(&mut v)), MarketSettled);
    let later = v.now + DELIST_NOTICE;
    assert_eq!(Venue::code(delist(&mut v, later)), MarketSettled);
}

#[test]
fn an_oracle_may_be_silent_for_as_long_as_its_market_allows() {
    let mut v = Venue::new(Params { oracle_silence: 3 * DAY, oracle_grace: 2 * DAY, ..plain() });
    v.price(100_000);
    v.now += 3 * DAY;
    assert_eq!(Venue::code(announce(&mut v)), OracleAlive, "a weekend");
    // What was in force at the last print counts, not what was changed since.
    v.tune(|params| (params.oracle_silence, params.oracle_grace) = (7 * DAY, DAY));
    v.now += 1;
    announce(&mut v).unwrap();
    v.now += 2 * DAY - 1;
    assert_eq!(Venue::code(settle(&mut v)), TooEarly);
    v.now += 1;
    settle(&mut v).unwrap();
}

#[test]
fn announcing_twice_does_not_restart_the_day() {
    let mut v = venue();
    v.now += HOUR + 1;
    announce(&mut v).unwrap();
    let announced = v.now;
    v.now += DAY;
    announce(&mut v).unwrap();
    assert_eq!(dead_since(&mut v), announced);
    settle(&mut v).unwrap();
}

#[test]
fn a_valid_print_before_it_is_settled_proves_the_oracle_alive() {
    // An accepted print and a pending one.
    for price in [100_001, 10_000] {
        let mut v = venue();
        let last = v.now;
        v.now += HOUR + 1;
        announce(&mut v).unwrap();
        v.now += DAY;
        let old = Print { price: Price(100_000), published: last };
        observe(&mut v, old).unwrap();
        assert_ne!(dead_since(&mut v), 0, "the last print, seen again, proves nothing");
        let stale = Print { price: Price(100_000), published: last + 1 };
        assert_eq!(Venue::code(observe(&mut v, stale)), StalePrice);
        assert_eq!(Venue::code(print(&mut v, 0)), BadPrice);
        assert_ne!(dead_since(&mut v), 0, "nor does one that is refused");
        print(&mut v, price).unwrap();
        assert_eq!(dead_since(&mut v), 0);
        assert_eq!(Venue::code(settle(&mut v)), NothingPending);
        assert_eq!(Venue::code(announce(&mut v)), OracleAlive);
        v.now += HOUR + 1;
        announce(&mut v).unwrap();
        v.now += DAY - 1;
        assert_eq!(Venue::code(settle(&mut v)), TooEarly, "the day begins anew");
    }
}

#[test]
fn prints_that_are_never_accepted_do_not_keep_a_market_alive() {
    let mut v = venue();
    let accepted = v.now;
    // Whoever signs the price jumps up and down, so that nothing is ever confirmed.
    let jump = |v: &mut Venue| {
        v.now += 60;
        let price = if v.now % 120 < 60 { 10_000 } else { 190_000 };
        print(v, price).unwrap();
        assert_eq!(v.oracle_price(), 100_000);
    };
    v.now = accepted + UNACCEPTED_LIMIT - 60;
    jump(&mut v);
    assert_eq!(Venue::code(announce(&mut v)), OracleAlive);
    jump(&mut v);
    announce(&mut v).unwrap();
    let announced = v.now;
    jump(&mut v);
    assert_eq!(dead_since(&mut v), announced);
    let mut heard = v.clone();
    heard.now += 60;
    print(&mut heard, 100_500).unwrap();
    assert_eq!(dead_since(&mut heard), 0, "one that is accepted does");
    v.now = announced + DAY - 60;
    jump(&mut v);
    settle(&mut v).unwrap();
    assert_eq!(v.peek(|x, _| x.market.head.settlement.price.0), 100_000);
}

#[test]
fn a_dead_oracles_pending_jump_is_dropped() {
    let mut v = venue();
    v.now += 1;
    print(&mut v, 10_000).unwrap();
    assert_eq!(v.peek(|x, _| x.market.head.price.pending.0), 10_000);
    v.settle();
    let price = v.peek(|x, _| x.market.head.price);
    assert_eq!((price.accepted.0, price.pending.0, price.pending_at), (100_000, 0, 0));
}

#[test]
fn a_settled_price_is_frozen() {
    let mut v = venue();
    v.settle();
    let before = v.peek(|x, _| x.market.head.price);
    for price in [100_001, 10_000, 0, -5] {
        v.now += 11;
        print(&mut v, price).unwrap();
    }
    assert_eq!(v.peek(|x, _| x.market.head.price), before);
}

#[test]
fn a_delisting_is_announced_a_week_ahead_and_can_be_taken_back_until_it_comes() {
    let mut v = venue();
    let earliest = v.now + DELIST_NOTICE;
    let early = delist(&mut v, earliest - 1).unwrap_err();
    assert_eq!((early.code, early.expected, early.actual), (TooEarly, earliest, earliest - 1));
    assert_eq!(Venue::code(delist(&mut v, -1)), TooEarly);
    assert_eq!(Venue::code(delist(&mut v, 0)), NothingPending);
    delist(&mut v, earliest).unwrap();
    assert_eq!(v.peek(|x, _| x.market.head.delist_at), earliest);
    delist(&mut v, 0).unwrap();
    assert_eq!(v.peek(|x, _| x.market.head.delist_at), 0);
    delist(&mut v, earliest + 50).unwrap();
    delist(&mut v, earliest).unwrap();
    v.now = earliest - 1;
    assert_eq!(Venue::code(delist(&mut v, earliest)), TooEarly, "moving it needs the whole notice again");
    v.now = earliest;
    for at in [0, earliest + DELIST_NOTICE] {
        assert_eq!(Venue::code(delist(&mut v, at)), MarketDelisted);
    }
}

#[test]
fn from_its_delisting_on_nothing_matches_and_all_else_goes_on() {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    v.fund_vault(1_000_000);
    let (long, short, flat) = (v.seat(5_000_000), v.seat(20_000_000), v.seat(10_000));
    v.trade(long, short, 1_000, 100_000);
    v.rest(short, Long, 10, 90_000);
    let date = v.now + DELIST_NOTICE;
    delist(&mut v, date).unwrap();
    v.now = date - 12;
    v.price(100_000);
    assert_eq!(v.now, date - 1);
    v.trade(short, long, 1, 100_000);
    v.now = date;
    v.rest_fails(short, Venue::request(Long, 1, 90_000, Kind::Limit));
    v.rest_fails(short, Venue::request(Long, 1, 90_000, Kind::PostOnly));
    v.rest_fails(short, Venue::request(Long, 1, 100_000, Kind::FillOrKill));
    v.rest_fails(
        short,
        crate::ops::orders::OrderRequest { reduce_only: true, ..Venue::request(Long, 1, 100_000, Kind::Limit) },
    );
    assert_eq!(v.peek(|x, now| Venue::code(phase::require(&x.market, Action::Match, now))), MarketDelisted);
    v.run(|x, now| x.withdraw(flat, Atoms(100), now));
    v.run(|x, now| x.withdraw(short, Atoms(100), now));
    v.run(|x, now| x.deposit(long, Atoms(100), now));
    v.run(|x, now| x.cancel_order(short, 0, now));
    v.crash(97_000);
    assert!(v.liquidate(4).vault_lots.0 > 0, "the cranks go on");
    v.price(80_000);
    assert!(v.deleverage(32).forced_lots.0 > 0);
}

#[test]
fn a_delisted_market_is_settled_at_a_live_price_published_after_the_date() {
    let mut v = venue();
    let date = v.now + DELIST_NOTICE;
    delist(&mut v, date).unwrap();
    v.now = date;
    print(&mut v, 101_000).unwrap();
    let early = settle(&mut v).unwrap_err();
    assert_eq!(
        (early.code, early.expected, early.actual),
        (TooEarly, date, date),
        "published at the date is not after"
    );
    v.now += 2;
    print(&mut v, 102_000).unwrap();
    assert_eq!(Venue::code(settle(&mut v)), TooEarly, "its publisher's clock may run two seconds ahead");
    v.now += 1;
    print(&mut v, 102_000).unwrap();
    v.now += 1;
    print(&mut v, 10_000).unwrap();
    assert_eq!(Venue::code(settle(&mut v)), PricePending);
    v.now += 1;
    print(&mut v, 103_000).unwrap();
    v.now += 61;
    assert_eq!(Venue::code(settle(&mut v)), StalePrice);
    v.price(104_000);
    settle(&mut v).unwrap();
    assert_eq!(v.peek(|x, _| x.market.head.settlement.price.0), 104_000);
}

#[test]
fn a_delisted_market_whose_oracle_dies_is_settled_too() {
    let mut v = venue();
    let date = v.now + DELIST_NOTICE;
    delist(&mut v, date).unwrap();
    v.now = date + 1;
    assert_eq!(Venue::code(settle(&mut v)), TooEarly);
    announce(&mut v).unwrap();
    v.now += DAY;
    settle(&mut v).unwrap();
}

#[test]
fn a_settled_market_refuses_what_would_go_on_and_lets_everybody_leave() {
    let mut v = venue();
    let mut ticket = v.fund_vault(1_000_000);
    let (long, short, flat) = (v.seat(50_000), v.seat(1_000_000), v.seat(20_000));
    v.trade(long, short, 5, 100_000);
    v.rest(flat, Long, 1, 90_000);
    v.rest(short, Long, 1, 90_000);
    v.settle();
    let settled = |result: Result<()>| assert_eq!(Venue::code(result), MarketSettled);
    for kind in [Kind::Limit, Kind::PostOnly, Kind::ImmediateOrCancel, Kind::FillOrKill] {
        settled(v.place(short, Venue::request(Long, 1, 90_000, kind)).map(drop));
    }
    settled(v.try_run(|x, now| x.market.open_seat(key(1), key(1), Atoms(5_000), now)).map(drop));
    settled(v.try_run(|x, now| x.deposit(long, Atoms(5_000), now)));
    settled(v.try_run(|x, now| x.request_redeem(&mut ticket, 1, now)));
    let mut other = Ticket::new([0; 32], key(1), key(1));
    settled(v.try_run(|x, now| x.request_mint(&mut other, Atoms(5_000), now)));
    settled(v.try_run(|x, now| x.liquidate(1, None, now)).map(drop));
    settled(v.try_run(|x, now| x.unwind_vault(now)).map(drop));
    settled(v.try_run(|x, now| x.withdraw(short, Atoms(1), now)));
    settled(v.try_run(|x, now| x.withdraw(flat, Atoms(1), now)));
    v.run(|x, now| x.cancel_order(flat, 0, now));
    v.run(|x, now| x.withdraw(flat, Atoms(15_000), now));
    assert_eq!(v.run(|x, now| x.cancel_all(short, None, now)), 1);
    assert_eq!(v.deleverage(1).forced_fills, 0, "with nobody bankrupt it does nothing");
}

#[test]
fn cash_without_a_position_is_free_in_every_phase() {
    let mut v = venue();
    let (long, short, flat) = (v.seat(10_000_000), v.seat(10_000_000), v.seat(10_000));
    v.trade(long, short, 1_000, 100_000);
    let take = |v: &mut Venue| v.run(|x, now| x.withdraw(flat, Atoms(1_000), now));
    let date = v.now + DELIST_NOTICE;
    delist(&mut v, date).unwrap();
    take(&mut v);
    v.now = date;
    v.price(80_000);
    take(&mut v);
    v.now += HOUR + 1;
    announce(&mut v).unwrap();
    take(&mut v);
    v.now += DAY;
    settle(&mut v).unwrap();
    assert!(v.equity(long) < 0, "a crisis");
    take(&mut v);
    assert_eq!(v.run(|x, now| x.close_seat(flat, false, now)).cash.0, 6_000);
    assert_eq!(Venue::code(v.try_run(|x, now| x.close_seat(short, true, now))), BankruptSeat);
}

impl Venue {
    fn rest_fails(&mut self, seat: u32, request: crate::ops::orders::OrderRequest) {
        assert_eq!(Venue::code(self.place(seat, request)), MarketDelisted);
    }
}

#[test]
fn a_short_goes_bankrupt_at_a_settlement_price_too() {
    let mut v = venue();
    let (long, short) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(long, short, 1_000, 100_000);
    v.price(120_000);
    v.settle();
    assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), Some(Short));
    assert_eq!(Venue::code(v.try_run(|x, now| x.close_seat(long, true, now))), BankruptSeat);
    v.deleverage(1);
    assert_eq!(v.run(|x, now| x.close_seat(long, true, now)).cash.0, 20_000_000);
}
