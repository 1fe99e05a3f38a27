use super::fixture::{key, plain, Long, Short, Venue};
use crate::error::ErrorCode::*;
use crate::layout::Link;
use crate::state::params::Params;
use crate::units::{Atoms, Rate};

fn venue() -> Venue {
    let mut venue = Venue::new(Params { min_collateral: 1_000, ..plain() });
    venue.price(100_000);
    venue
}

fn withdraw(v: &mut Venue, seat: u32, amount: i64) -> crate::error::Result<()> {
    v.try_run(|x, now| x.withdraw(seat, Atoms(amount), now))
}

#[test]
fn a_seat_opens_with_at_least_the_minimum_collateral() {
    let mut v = venue();
    let open = |v: &mut Venue, amount| v.try_run(|x, now| x.market.open_seat(key(1), key(1), Atoms(amount), now));
    assert_eq!(Venue::code(open(&mut v, 999)), BelowMinimumCollateral);
    assert_eq!(open(&mut v, 1_000).unwrap(), 1);
    assert_eq!(Venue::code(open(&mut v, 1 << 60)), PoolFull);
}

#[test]
fn a_withdrawal_leaves_nothing_or_the_minimum() {
    let mut v = venue();
    let seat = v.seat(5_000);
    assert_eq!(Venue::code(withdraw(&mut v, seat, 4_001)), BelowMinimumCollateral);
    assert_eq!(Venue::code(withdraw(&mut v, seat, 5_001)), InsufficientCash);
    assert_eq!(Venue::code(withdraw(&mut v, seat, 0)), ZeroAmount);
    assert_eq!(Venue::code(withdraw(&mut v, seat, -1)), ZeroAmount);
    withdraw(&mut v, seat, 4_000).unwrap();
    withdraw(&mut v, seat, 1_000).unwrap();
    assert_eq!(v.cash(seat), 0);
}

#[test]
fn a_flat_seat_withdraws_in_any_crisis_and_at_any_price() {
    let mut v = venue();
    let (a, b, flat) = (v.seat(10_000_000), v.seat(10_000_000), v.seat(5_000));
    v.trade(a, b, 1_000, 100_000);
    v.price(80_000);
    assert!(v.equity(a) < 0, "a crisis");
    withdraw(&mut v, flat, 4_000).unwrap();
    v.now += 1_000_000;
    withdraw(&mut v, flat, 1_000).unwrap();
    assert_eq!(Venue::code(withdraw(&mut v, b, 1)), StalePrice);
}

#[test]
fn with_a_position_initial_margin_stays() {
    let mut v = venue();
    v.tune(|params| params.jump = Rate(10_000));
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(a, b, 1_000, 100_000);
    // Initial margin of 5m and a jump of 1m.
    assert_eq!(Venue::code(withdraw(&mut v, a, 4_000_001)), BelowInitialMargin);
    withdraw(&mut v, a, 4_000_000).unwrap();
    v.rest(b, Short, 1_000, 110_000);
    assert_eq!(Venue::code(withdraw(&mut v, b, 1)), BelowInitialMargin, "open orders count at their worst");
}

#[test]
fn unrealised_profit_is_paid_out_as_long_as_it_is_backed() {
    let mut v = venue();
    let (loser, winner) = (v.seat(20_000_000), v.seat(10_000_000));
    v.trade(loser, winner, 1_000, 100_000);
    v.tune(|params| params.jump = Rate(5_000));
    v.price(90_000);
    // The winner has made 10m: 20m of equity, 4.5m of it initial margin and 450,000 a jump.
    withdraw(&mut v, winner, 15_000_000).unwrap();
    assert_eq!(v.equity(winner), 5_000_000);
    v.price(70_000);
    // Its bankruptcy price is 95,000 now and could come down by both margins to 73,850; but the loser's is 80,000.
    assert!(v.equity(loser) < 0);
    assert_eq!(Venue::code(withdraw(&mut v, winner, 15_000_001)), WouldCross);
    withdraw(&mut v, winner, 15_000_000).unwrap_or_else(|error| panic!("backed to the atom: {error}"));
}

#[test]
fn only_its_owner_closes_a_seat_that_is_worth_something() {
    let mut v = venue();
    let seat = v.seat(5_000);
    let last = v.seat(5_000);
    let close = |v: &mut Venue, seat, by_owner| v.try_run(|x, now| x.close_seat(seat, by_owner, now));
    assert_eq!(Venue::code(close(&mut v, seat, false)), SeatNotAbandoned);
    assert_eq!(Venue::code(close(&mut v, 0, true)), VaultSeat);
    let closed = close(&mut v, seat, true).unwrap();
    assert_eq!((closed.cash.0, closed.owner, closed.rent_to), (5_000, key(1), None), "a seat in the middle stays free");
    assert_eq!(Venue::code(close(&mut v, seat, true)), NoSuchSeat);
    v.peek(|x, _| assert_eq!(x.market.head.free_seats, Link::to(seat)));
    let closed = close(&mut v, last, true).unwrap();
    assert_eq!(closed.rent_to, Some(key(2)), "the last one is given up");
    assert_eq!(v.run(|x, _| x.market.trim()), key(1), "then the free one before it can be too");
    assert_eq!(Venue::code(v.try_run(|x, _| x.market.trim())), SeatNotEmpty, "the vault's seat stays");
}

#[test]
fn anyone_closes_a_seat_below_the_minimum() {
    let mut v = venue();
    let seat = v.seat(5_000);
    withdraw(&mut v, seat, 5_000).unwrap();
    let closed = v.run(|x, now| x.close_seat(seat, false, now));
    assert_eq!((closed.owner, closed.cash.0), (key(1), 0));
}

#[test]
fn a_nearly_full_market_closes_idle_seats() {
    let mut v = venue();
    let seat = v.seat(5_000);
    let close = |v: &mut Venue| v.try_run(|x, now| x.close_seat(seat, false, now));
    v.now += 90_000;
    assert_eq!(Venue::code(close(&mut v)), SeatNotAbandoned);
    // More than seven eighths of 16,384 seats are open.
    let crowd = v.peek(|x, _| core::mem::replace(&mut x.market.head.open_seats, 14_337));
    v.peek(|x, now| {
        x.close_seat(seat, false, now).unwrap();
        x.market.head.open_seats = crowd - 1;
    });
    v.audit();
}

#[test]
fn an_order_that_is_kept_prevents_the_closing() {
    let mut v = venue();
    let seat = v.seat(10_000_000);
    v.rest(seat, Long, 1, 90_000);
    v.rest(seat, Long, 1, 91_000);
    let close = |v: &mut Venue| v.try_run(|x, now| x.close_seat(seat, true, now));
    let locked = v.peek(|x, now| {
        let best = x.book.best(Long).unwrap();
        x.book.orders[best as usize].locked_until = now + 10;
        x.market.seats[seat as usize].order_count
    });
    assert_eq!((locked, Venue::code(close(&mut v))), (2, SeatNotEmpty));
    v.now += 10;
    close(&mut v).unwrap();
}

#[test]
fn a_seat_with_a_position_does_not_close() {
    let mut v = venue();
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(a, b, 1, 100_000);
    assert_eq!(Venue::code(v.try_run(|x, now| x.close_seat(a, true, now))), SeatNotEmpty);
}

#[test]
fn a_freed_seat_is_used_again_and_carries_nothing_over() {
    let mut v = venue();
    let (first, second) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(first, second, 5, 100_000);
    v.trade(second, first, 5, 100_000);
    v.run(|x, _| x.market.set_delegate(first, key(50)));
    v.run(|x, now| x.close_seat(first, true, now));
    let again = v.seat_of(key(60), 1_000);
    assert_eq!(again, first);
    v.peek(|x, _| {
        let seat = x.market.seat(again).unwrap();
        assert_eq!((seat.delegate, seat.position.cash.0, seat.rent_payer), ([0; 32], 1_000, key(1)));
    });
    v.run(|x, now| x.deposit(again, Atoms(10_000_000), now));
    v.trade(second, again, 5, 100_000);
}

#[test]
fn a_deposit_is_credited_at_any_time_and_counts_as_young_with_a_position() {
    let mut v = venue();
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    let deposit = |v: &mut Venue, amount| v.try_run(|x, now| x.deposit(a, Atoms(amount), now));
    let young = |v: &mut Venue| v.peek(|x, now| x.market.seats[a as usize].young_at(now, 300).0);
    deposit(&mut v, 100).unwrap();
    assert_eq!(young(&mut v), 0);
    v.trade(a, b, 100, 100_000);
    deposit(&mut v, 1_000).unwrap();
    v.now += 200;
    deposit(&mut v, 500).unwrap();
    assert_eq!(young(&mut v), 1_500, "a new deposit restarts the clock of the ones still young");
    v.price(100_000);
    withdraw(&mut v, a, 1_200).unwrap();
    assert_eq!(young(&mut v), 300, "withdrawals take the young first");
    v.now += 300;
    assert_eq!(young(&mut v), 0);
    deposit(&mut v, 70).unwrap();
    assert_eq!(young(&mut v), 70, "what has seasoned does not become young again");
    assert_eq!(Venue::code(deposit(&mut v, 0)), ZeroAmount);
}

#[test]
fn tokens_that_strangers_send_become_fee_cash() {
    let mut v = venue();
    v.seat(5_000);
    assert_eq!(v.run(|x, _| x.market.sweep_excess(5_700)).0, 700);
    assert_eq!(Venue::code(v.try_run(|x, _| x.market.sweep_excess(5_700))), ZeroAmount);
    v.peek(|x, _| assert_eq!(x.market.head.fee_cash.0, 700));
}
