//! Parameters that let a vault be robbed, a change that waits for the second that suits, and pay that is more than the work.

use super::super::fixture::{key, Venue};
use super::{hand, is_frozen, leave, venue, with, M};
use crate::error::ErrorCode::*;
use crate::layout::DAY;
use crate::ops::admin::TIME_LOCK;
use crate::state::header::PARAMS_LAPSE;
use crate::state::params::Params;
use crate::units::Rate;

#[test]
fn bounds_leave_a_vault_time_to_be_watched() {
    let refused = |params: Params| {
        let error = params.validate().unwrap_err();
        assert_eq!(error.code, BadParameter);
        error.expected
    };
    let standard = Params { vault_loss_budget: Rate(1_000_000), ..Params::standard() };
    assert_eq!(refused(Params { seasoning: 0, ..standard }), 60);
    assert_eq!(refused(Params { budget_window: 8, ..standard }), 600);
    assert_eq!(refused(Params { staleness: 61, ..standard }), 60);
    assert_eq!(refused(Params { vault_spread: Rate(50_001), ..standard }), 50_000);
    assert_eq!(refused(Params { oracle_silence: 3_599, ..standard }), 3_600);
    assert_eq!(refused(Params { oracle_silence: 7 * DAY + 1, ..standard }), 7 * DAY);
    assert_eq!(refused(Params { oracle_grace: DAY - 1, ..standard }), DAY);
    assert_eq!(refused(Params { oracle_grace: 7 * DAY + 1, ..standard }), 7 * DAY);
}

#[test]
fn a_pair_opened_now_sells_the_vault_nothing_above_the_price_whatever_the_bounds_allow() {
    // 57 % of the vault in one transaction, before.
    let loosest =
        Params { vault_loss_budget: Rate(1_000_000), seasoning: 60, budget_window: 600, ..Params::standard() };
    let mut v = with(loosest);
    v.fund_vault(500 * M);
    let before = v.equity(crate::layout::VAULT);
    let (long, short) = (v.seat(250 * M), v.seat(5_000 * M));
    hand(&mut v, long, short, 50_000, 100_000);
    super::next(&mut v, 95_100);
    super::next(&mut v, 92_000);
    assert_eq!(v.oracle_price(), 92_000);
    v.liquidate(1);
    assert!(v.equity(crate::layout::VAULT) >= before);
}

#[test]
fn a_matured_change_lapses_and_then_binds_nobody() {
    let mut v = venue();
    let new = Params { maintenance: Rate(30_000), initial: Rate(100_000), ..Params::standard() };
    v.run(|x, now| x.change_params(&new, now));
    let at = v.now + TIME_LOCK;
    let opening = |v: &mut Venue| v.peek(|x, now| x.market.head.opening_margin(now));
    assert_eq!(opening(&mut v), Rate(100_000));
    v.now = at + PARAMS_LAPSE;
    v.clone().run(|x, now| x.apply_params(now));
    assert_eq!(opening(&mut v), Rate(100_000), "in its last second");
    v.now += 1;
    let error = v.try_run(|x, now| x.apply_params(now)).unwrap_err();
    assert_eq!((error.code, error.expected, error.actual), (ChangeLapsed, at + PARAMS_LAPSE, v.now));
    assert_eq!(opening(&mut v), Rate(50_000));
    v.now += 60 * DAY;
    assert_eq!(Venue::code(v.try_run(|x, now| x.apply_params(now))), ChangeLapsed);
    // Proposed again it waits again.
    v.run(|x, now| x.change_params(&new, now));
    assert_eq!(Venue::code(v.try_run(|x, now| x.apply_params(now))), TooEarly);
}

#[test]
fn force_pays_no_more_than_a_taker_would_have_paid() {
    for (pay, fee) in [(100, 500), (10_000, 500), (10_000, 0)] {
        let params =
            Params { deleverage_pay: Rate(pay), taker_fee: Rate(fee), maker_fee: Rate(0), ..Params::standard() };
        let mut v = with(params);
        v.run(|x, _| x.market.sweep_excess(100 * M as u64));
        let (payee, loser) = (v.seat(10 * M), v.seat(10 * M));
        for _ in 0..220 {
            let winner = v.seat(10 * M);
            hand(&mut v, loser, winner, 1, 100_000);
        }
        v.price(99_990);
        leave(&mut v, loser, -100_000);
        let (mut fills, mut paid) = (0, 0);
        while is_frozen(&mut v) {
            let report = v.run(|x, now| x.deleverage(32, Some(payee), now));
            fills += report.forced_fills;
            paid += report.pay.0;
        }
        let each = 99_990 * pay.min(fee) as i64 / 1_000_000;
        assert_eq!((fills, paid), (220, 220 * each), "2.2 tokens before, and 0.01 of fees to trade them");
        assert!(paid <= 220 * (99_990 * fee as i64 + 999_999) / 1_000_000);
    }
}

#[test]
fn lowering_the_taker_fee_does_not_send_home_who_is_paid_for_force() {
    let mut v = venue();
    v.peek(|x, _| x.market.head.authority = key(50));
    let lower = |fee: u32| Params { taker_fee: Rate(fee), maker_fee: Rate(fee.min(100)), ..Params::standard() };
    assert!(v.clone().run(|x, now| x.change_params(&lower(100), now)), "down to the pay at once");
    assert!(!v.clone().run(|x, now| x.change_params(&lower(99), now)), "below it after the time lock");
}
