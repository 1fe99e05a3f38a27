//! What the authority may do, and each bound of it.

use super::fixture::{key, plain, Long, Short, Venue};
use crate::error::ErrorCode::*;
use crate::error::Result;
use crate::layout::Key;
use crate::layout::{DAY, HOUR};
use crate::ops::admin::TIME_LOCK;
use crate::ops::orders::Kind;
use crate::ops::settlement::DELIST_NOTICE;
use crate::rules::param_changes::LOWERED_AT_ONCE;
use crate::state::params::Params;
use crate::units::{Atoms, Rate};

const NOBODY: Key = [0; 32];

fn venue() -> Venue {
    let mut v = Venue::new(standard());
    v.peek(|x, _| x.market.head.authority = key(50));
    v.price(100_000);
    v
}

/// Parameters of which each may be a little more or less.
fn standard() -> Params {
    let standard = Params {
        jump: Rate(30_000),
        staleness: 20,
        oracle_silence: 2 * HOUR,
        oracle_grace: 2 * DAY,
        ..Params::standard()
    };
    Params { vault_loss_budget: Rate(300_000), min_order: 5, min_collateral: 1_000, ..standard }
}

fn change(v: &mut Venue, new: &Params) -> Result<bool> {
    v.try_run(|x, now| x.change_params(new, now))
}

fn apply(v: &mut Venue) -> Result<()> {
    v.try_run(|x, now| x.apply_params(now))
}

fn params(v: &mut Venue) -> Params {
    v.peek(|x, _| x.market.head.params)
}

fn pending(v: &mut Venue) -> (Params, i64) {
    v.peek(|x, _| (x.market.head.pending_params, x.market.head.pending_params_at))
}

/// A change that takes the initial margin and both fees elsewhere.
fn looser() -> Params {
    Params { initial: Rate(40_000), taker_fee: Rate(400), ..standard() }
}

#[test]
fn only_the_authority_signs_and_a_zero_key_never_does() {
    let mut v = venue();
    let allowed =
        |v: &mut Venue, signer| v.peek(|x, _| x.market.require_authority(&signer).map_err(|error| error.code));
    assert_eq!(allowed(&mut v, key(50)), Ok(()));
    assert_eq!(allowed(&mut v, key(51)), Err(NotAuthority));
    assert_eq!(allowed(&mut v, NOBODY), Err(NotAuthority));
    v.run(|x, now| {
        x.market.burn_authority(now).unwrap();
        Ok(())
    });
    for signer in [NOBODY, key(50)] {
        assert_eq!(allowed(&mut v, signer), Err(NotAuthority));
    }
}

/// Where the rates end and the numbers of eight bytes begin: all words, so that no field is forgotten.
const RATES: usize = core::mem::offset_of!(Params, deleverage_pay_cap) / 4;
const FIELDS: usize = RATES + (size_of::<Params>() - RATES * 4) / 8;
const RESERVED: usize = 8;
const PADDING: usize = RATES - 1;

/// `params` with one of its words another: `by` more.
fn moved(params: &Params, field: usize, by: i64) -> Params {
    let mut moved = *params;
    let (rates, numbers) = bytemuck::bytes_of_mut(&mut moved).split_at_mut(RATES * 4);
    match field.checked_sub(RATES) {
        None => {
            let rate = &mut bytemuck::cast_slice_mut::<u8, u32>(rates)[field];
            *rate = (*rate as i64 + by) as u32;
        }
        Some(number) => bytemuck::cast_slice_mut::<u8, i64>(numbers)[number] += by,
    }
    moved
}

#[test]
fn only_what_the_table_lowers_applies_at_once() {
    let base = standard();
    let is_lowered = |new: &Params| {
        LOWERED_AT_ONCE.iter().any(|(_, field)| {
            let (mut was, mut is) = (base, *new);
            *field(&mut is) < *field(&mut was)
        })
    };
    let (mut at_once, mut waiting) = (0, 0);
    for field in 0..FIELDS {
        for by in [-1, 1] {
            let new = moved(&base, field, by);
            if new.validate().is_err() {
                assert!(field >= FIELDS - RESERVED || field == PADDING, "only what is reserved cannot move: {field}");
                continue;
            }
            let mut v = venue();
            assert_eq!(change(&mut v, &new).unwrap(), is_lowered(&new), "word {field} by {by}");
            if is_lowered(&new) {
                at_once += 1;
                assert_eq!((params(&mut v), pending(&mut v)), (new, (Params::default(), 0)));
            } else {
                waiting += 1;
                assert_eq!((params(&mut v), pending(&mut v)), (base, (new, v.now + TIME_LOCK)));
            }
        }
    }
    assert_eq!((at_once, waiting), (2, 2 * (FIELDS - RESERVED - 1) - 2));
    assert_eq!(LOWERED_AT_ONCE.map(|(name, _)| name), ["taker_fee", "maker_fee"]);
}

#[test]
fn a_loosening_does_not_hide_behind_a_tightening() {
    let base = standard();
    let lower = Params { taker_fee: Rate(300), maker_fee: Rate(50), ..base };
    let mut v = venue();
    assert!(change(&mut v, &lower).unwrap(), "both fees at once");
    for other in [
        Params { jump: Rate(base.jump.0 + 1), ..lower },
        Params { vault_loss_budget: Rate::ZERO, ..lower },
        Params { min_collateral: 999, ..lower },
        Params { maker_fee: Rate(101), ..lower },
        Params { taker_fee: Rate(501), ..lower },
    ] {
        let mut v = venue();
        assert!(!change(&mut v, &other).unwrap());
        assert_eq!(params(&mut v), base, "nothing of it applies");
    }
}

#[test]
fn a_change_waits_for_its_time_lock_and_then_anyone_applies_it() {
    let mut v = venue();
    assert_eq!(Venue::code(apply(&mut v)), NothingPending);
    change(&mut v, &looser()).unwrap();
    let at = v.now + TIME_LOCK;
    assert_eq!(pending(&mut v), (looser(), at), "readable in the header");
    v.now = at - 1;
    let early = apply(&mut v).unwrap_err();
    assert_eq!((early.code, early.expected, early.actual), (TooEarly, at, at - 1));
    v.now = at;
    apply(&mut v).unwrap();
    assert_eq!((params(&mut v), pending(&mut v)), (looser(), (Params::default(), 0)));
    assert_eq!(Venue::code(apply(&mut v)), NothingPending, "once");
}

#[test]
fn nothing_leaves_the_hard_bounds() {
    let mut v = venue();
    for outside in [
        Params { taker_fee: Rate(10_001), ..standard() },
        Params { taker_fee: Rate(99), ..standard() },
        Params { initial: Rate(37_499), ..standard() },
    ] {
        assert_eq!(Venue::code(change(&mut v, &outside)), BadParameter);
    }
    change(&mut v, &looser()).unwrap();
    v.now += TIME_LOCK;
    // As if an earlier version of the program had let it in.
    v.peek(|x, _| x.market.head.pending_params.jump = Rate(999));
    assert_eq!(Venue::code(apply(&mut v)), BadParameter);
    assert_eq!(params(&mut v), standard());
}

#[test]
fn a_new_change_replaces_the_pending_one_and_starts_the_clock_again() {
    let mut v = venue();
    change(&mut v, &looser()).unwrap();
    v.now += TIME_LOCK - 1;
    let other = Params { jump: Rate(40_000), ..standard() };
    change(&mut v, &other).unwrap();
    v.now += 1;
    assert_eq!(Venue::code(apply(&mut v)), TooEarly);
    v.now += TIME_LOCK - 1;
    apply(&mut v).unwrap();
    assert_eq!(params(&mut v), other);
}

#[test]
fn what_was_dropped_cannot_be_applied() {
    let mut v = venue();
    assert_eq!(Venue::code(v.try_run(|x, _| x.market.drop_params())), NothingPending);
    change(&mut v, &looser()).unwrap();
    v.run(|x, _| x.market.drop_params());
    assert_eq!(pending(&mut v), (Params::default(), 0));
    v.now += TIME_LOCK;
    assert_eq!(Venue::code(apply(&mut v)), NothingPending);
}

#[test]
fn what_applies_at_once_is_not_undone_by_what_waited() {
    let mut v = venue();
    change(&mut v, &Params { taker_fee: Rate(900), ..standard() }).unwrap();
    assert!(change(&mut v, &Params { taker_fee: Rate(300), ..standard() }).unwrap());
    v.now += TIME_LOCK;
    assert_eq!(Venue::code(apply(&mut v)), NothingPending);
    assert_eq!(params(&mut v).taker_fee, Rate(300));
}

#[test]
fn a_higher_initial_margin_binds_whoever_opens_at_once_and_nobody_who_leaves() {
    let mut v = venue();
    let (long, short, maker) = (v.seat(10_000_000), v.seat(10_000_000), v.seat(10_000_000));
    v.trade(long, short, 100, 100_000);
    let open = |v: &mut Venue| v.place(long, Venue::request(Long, 50, 90_000, Kind::PostOnly));
    let higher = Params { initial: Rate(900_000), ..standard() };
    assert!(!change(&mut v, &higher).unwrap());
    let refused = open(&mut v).unwrap_err();
    assert_eq!((refused.code, refused.expected), (BelowInitialMargin, 13_500_000), "150 lots at nine tenths");
    v.trade(short, long, 40, 100_000);
    // Withdrawing needs what it needed, 60 lots at a twentieth, until the time lock is over.
    v.run(|x, now| x.withdraw(long, Atoms(9_000_000), now));
    assert_eq!(params(&mut v).initial, standard().initial);
    v.rest(maker, Short, 5, 100_000);
    assert_eq!(Venue::code(v.take(long, Long, 5, 100_000)), BelowInitialMargin);
    v.run(|x, _| x.market.drop_params());
    v.take(long, Long, 5, 100_000).unwrap();
    // A lower one that waits loosens nothing.
    change(&mut v, &Params { initial: Rate(37_500), ..standard() }).unwrap();
    assert_eq!(v.peek(|x, now| x.market.head.opening_margin(now)), standard().initial);
}

#[test]
fn only_opening_can_be_paused() {
    let mut v = venue();
    let (long, short) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(long, short, 100, 100_000);
    let pause = |v: &mut Venue, paused| {
        v.run(|x, _| {
            x.market.pause_opening(paused).unwrap();
            Ok(())
        })
    };
    pause(&mut v, true);
    assert_eq!(Venue::code(v.place(long, Venue::request(Long, 5, 90_000, Kind::Limit))), OpeningPaused);
    v.trade(short, long, 50, 100_000);
    v.run(|x, now| x.deposit(long, Atoms(1_000), now));
    v.run(|x, now| x.withdraw(long, Atoms(1_000), now));
    let mut ticket = v.fund_vault(1_000_000);
    let shares = ticket.shares;
    v.run(|x, now| x.request_redeem(&mut ticket, shares, now));
    v.execute_later(&mut ticket);
    v.liquidate(1);
    v.deleverage(1);
    v.run(|x, now| x.unwind_vault(now));
    v.trade(short, long, 50, 100_000);
    v.run(|x, now| x.close_seat(long, true, now));
    pause(&mut v, false);
    v.rest(short, Short, 5, 110_000);
}

#[test]
fn the_authority_passes_in_two_steps() {
    let mut v = venue();
    let propose = |v: &mut Venue, to| {
        v.run(|x, _| {
            x.market.propose_authority(to).unwrap();
            Ok(())
        })
    };
    let accept =
        |v: &mut Venue, signer| v.try_run(|x, _| x.market.accept_authority(&signer)).map_err(|error| error.code);
    assert_eq!(accept(&mut v, NOBODY), Err(NothingPending));
    propose(&mut v, key(60));
    for signer in [NOBODY, key(50), key(61)] {
        assert_eq!(accept(&mut v, signer), Err(NotAuthority));
    }
    assert_eq!(v.peek(|x, _| x.market.head.authority), key(50), "until it is accepted");
    propose(&mut v, NOBODY);
    assert_eq!(accept(&mut v, key(60)), Err(NothingPending), "the offer was taken back");
    propose(&mut v, key(60));
    accept(&mut v, key(60)).unwrap();
    v.peek(|x, _| assert_eq!((x.market.head.authority, x.market.head.pending_authority), (key(60), NOBODY)));
    assert_eq!(accept(&mut v, key(60)), Err(NothingPending), "once");
}

#[test]
fn a_burned_authority_leaves_nothing_that_waits_on_its_word() {
    let mut v = venue();
    let date = v.now + DELIST_NOTICE;
    change(&mut v, &looser()).unwrap();
    v.run(|x, now| {
        x.market.propose_authority(key(60)).unwrap();
        x.market.pause_opening(true).unwrap();
        x.market.delist(date, now)
    });
    let mut late = v.clone();
    late.now = date;
    for (v, delist_at) in [(&mut v, 0), (&mut late, date)] {
        v.run(|x, now| {
            x.market.burn_authority(now).unwrap();
            Ok(())
        });
        assert_eq!(Venue::code(v.try_run(|x, _| x.market.accept_authority(&key(60)))), NothingPending);
        v.peek(|x, _| {
            let head = &x.market.head;
            assert_eq!((head.authority, head.pending_authority, head.opening_paused), (NOBODY, NOBODY, 0));
            assert_eq!(head.delist_at, delist_at, "a date that has come stays");
        });
        v.now += TIME_LOCK;
        assert_eq!(Venue::code(apply(v)), NothingPending);
        assert_eq!(params(v), standard());
    }
}

/// A market with this much fee cash.
fn with_fees(params: Params, fees: i64) -> Venue {
    let mut v = Venue::new(params);
    v.price(100_000);
    v.run(|x, _| x.market.sweep_excess(fees as u64));
    v
}

fn take_fees(v: &mut Venue, amount: i64) -> Result<()> {
    v.try_run(|x, _| x.market.take_fees(Atoms(amount)))
}

#[test]
fn fees_are_taken_down_to_what_a_round_of_forced_fills_is_paid() {
    let mut v = with_fees(Params { deleverage_pay_cap: 1_000, ..plain() }, 40_000);
    for amount in [0, -1] {
        assert_eq!(Venue::code(take_fees(&mut v, amount)), ZeroAmount);
    }
    let error = take_fees(&mut v, 8_001).unwrap_err();
    assert_eq!((error.code, error.expected, error.actual), (FeesReserved, 8_000, 8_001));
    take_fees(&mut v, 8_000).unwrap();
    v.peek(|x, _| assert_eq!((x.market.head.fee_cash.0, x.market.head.pool_cash.0), (32_000, 32_000)));
    let error = take_fees(&mut v, 1).unwrap_err();
    assert_eq!((error.code, error.expected), (FeesReserved, 0));
    v.tune(|params| params.deleverage_pay_cap = crate::units::MAX_POOL);
    assert_eq!(take_fees(&mut v, 1).unwrap_err().expected, 0, "the largest cap reserves all there could be");
    v.settle();
    assert_eq!(take_fees(&mut v, 32_001).unwrap_err().expected, 32_000);
    take_fees(&mut v, 32_000).unwrap();
}

#[test]
fn no_fees_are_taken_while_somebody_is_bankrupt() {
    let mut v = with_fees(Params { deleverage_pay_cap: 0, ..plain() }, 40_000);
    let (long, short) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(long, short, 1_000, 100_000);
    v.price(80_000);
    assert_eq!(Venue::code(take_fees(&mut v, 1)), BankruptSeat);
    v.settle();
    assert_eq!(Venue::code(take_fees(&mut v, 1)), BankruptSeat);
    v.deleverage(1);
    take_fees(&mut v, 40_000).unwrap();
}

#[test]
fn a_settled_markets_parameters_stay() {
    let mut v = venue();
    change(&mut v, &looser()).unwrap();
    v.settle();
    v.now += TIME_LOCK;
    assert_eq!(Venue::code(apply(&mut v)), MarketSettled);
    assert_eq!(Venue::code(change(&mut v, &standard())), MarketSettled);
}

#[test]
fn no_power_moves_a_seats_or_the_vaults_cash_or_a_position() {
    let mut v = venue();
    let (long, short) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(long, short, 100, 100_000);
    v.fund_vault(1_000_000);
    v.run(|x, _| x.market.sweep_excess(x.market.head.pool_cash.0 as u64 + 1_000_000_000));
    // The two days of a time lock are not what is looked at: none of the funding they would bring.
    v.tune(|params| (params.funding_cap, params.interest) = (Rate::ZERO, 0));
    let holdings = |v: &mut Venue| [0, long, short].map(|seat| (v.position(seat), v.equity(seat)));
    let before = (holdings(&mut v), v.peek(|x, _| (x.market.head.shares, x.market.head.mint, x.market.head.pool)));
    let date = v.now + DELIST_NOTICE;
    v.run(|x, now| {
        x.market.pause_opening(true).unwrap();
        x.market.delist(date, now)?;
        x.change_params(&looser(), now)?;
        x.apply_params(now + TIME_LOCK)?;
        x.market.take_fees(x.market.takeable_fees())?;
        x.market.propose_authority(key(60)).unwrap();
        x.market.accept_authority(&key(60))?;
        x.market.burn_authority(now).unwrap();
        Ok(())
    });
    let after = (holdings(&mut v), v.peek(|x, _| (x.market.head.shares, x.market.head.mint, x.market.head.pool)));
    assert_eq!(after, before);
}
