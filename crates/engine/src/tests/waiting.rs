use super::fixture::{plain, Long, Venue};
use crate::error::ErrorCode::*;
use crate::ops::orders::Kind;
use crate::state::params::Params;
use crate::units::{Atoms, Rate};

#[test]
fn a_pending_jump_holds_whatever_acts_on_a_price_and_nothing_else() {
    let mut v = Venue::new(Params { jump: Rate(50_000), ..plain() });
    v.price(100_000);
    let mut ticket = v.fund_vault(1_000_000);
    let (long, short, flat) = (v.seat(50_000), v.seat(1_000_000), v.seat(20_000));
    v.trade(long, short, 5, 100_000);
    v.rest(short, Long, 1, 90_000);
    let shares = ticket.shares;
    v.run(|x, now| x.request_redeem(&mut ticket, shares, now));
    v.now += 601;
    v.print(80_000);
    assert_eq!(v.oracle_price(), 100_000);
    assert_eq!(Venue::code(v.take(flat, Long, 1, 100_000)), PricePending);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(1, None, now))), PricePending);
    assert_eq!(Venue::code(v.try_run(|x, now| x.deleverage(1, None, now))), PricePending);
    assert_eq!(Venue::code(v.try_run(|x, now| x.unwind_vault(now))), PricePending);
    assert_eq!(Venue::code(v.try_run(|x, now| x.execute_request(&mut ticket, None, now))), PricePending);
    assert_eq!(Venue::code(v.try_run(|x, now| x.withdraw(short, Atoms(1), now))), PricePending);
    v.run(|x, now| x.withdraw(flat, Atoms(1_000), now));
    v.run(|x, now| x.deposit(long, Atoms(1_000), now));
    v.place(flat, Venue::request(Long, 1, 50_000, Kind::PostOnly)).unwrap();
    assert_eq!(v.run(|x, now| x.cancel_all(short, None, now)), 1);
    v.run(|x, now| x.close_seat(flat, true, now));
}
