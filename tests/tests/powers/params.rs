//! Parameters: lowered fees apply at once, all else waits where everybody can read it.

use std::slice::from_ref;

use zerosum_client::events::ParamsChanged;
use zerosum_engine::{
    error::ErrorCode, ops::admin::TIME_LOCK, state::header::PARAMS_LAPSE, state::params::Params, units::Rate,
};
use zerosum_svm::{Failure, Signer};
use zerosum_tests::{Event, Refusal, Sent, Setup, Stage, buy, refusal, sell};

use zerosum_tests::scene::{invest, plain};

fn standard() -> Params {
    Params { taker_fee: Rate(500), maker_fee: Rate(100), deleverage_pay_cap: 10, ..plain() }
}

fn stage() -> Stage {
    Setup { params: standard(), ..Setup::default() }.start()
}

fn change(stage: &mut Stage, params: &Params) -> Result<Sent, Failure> {
    let creator = stage.creator.insecure_clone();
    let change = stage.at.change_params(&creator.pubkey(), params);
    stage.send(&[change], &[&creator])
}

fn apply(stage: &mut Stage) -> Result<Sent, Failure> {
    stage.crank(stage.at.apply_params())
}

/// The parameters in force, those that wait, and until when.
fn known(stage: &Stage) -> (Params, Params, i64) {
    let head = stage.market().head();
    (head.params, head.pending_params, head.pending_params_at)
}

#[test]
fn lower_fees_are_in_force_at_once() {
    let mut stage = stage();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let lower = Params { taker_fee: Rate(300), maker_fee: Rate(50), ..standard() };
    let sent = change(&mut stage, &lower).unwrap();
    let (market, now) = (stage.at.market, stage.svm.now());
    assert_eq!(sent.events, [Event::ParamsChanged(ParamsChanged { market, at_once: true, from: now })]);
    assert_eq!(known(&stage), (lower, Params::default(), 0));
    stage.trade(&alice, &bob, 10, 100_000);
    let cash = [&alice, &bob].map(|trader| stage.seat(trader).position.cash.0);
    assert_eq!(cash, [49_000_000 - 300, 51_000_000 - 50], "the next trade pays them");
}

#[test]
fn any_other_change_waits_in_the_header_until_anyone_applies_it() {
    let mut stage = stage();
    let new = Params { maintenance: Rate(30_000), taker_fee: Rate(100), ..standard() };
    assert_eq!(apply(&mut stage).refused(), ErrorCode::NothingPending);
    let sent = change(&mut stage, &new).unwrap();
    let (market, at) = (stage.at.market, stage.svm.now() + TIME_LOCK);
    assert_eq!(sent.events, [Event::ParamsChanged(ParamsChanged { market, at_once: false, from: at })]);
    assert_eq!(known(&stage), (standard(), new, at), "as a whole, the lower fee too");
    stage.wait(TIME_LOCK - 1);
    let early = refusal(&apply(&mut stage).unwrap_err());
    assert_eq!((early.code, early.expected, early.actual), (ErrorCode::TooEarly, at, at - 1));
    stage.wait(1);
    let sent = apply(&mut stage).unwrap();
    assert_eq!(sent.events, [Event::ParamsChanged(ParamsChanged { market, at_once: true, from: at })]);
    assert_eq!(known(&stage), (new, Params::default(), 0));
    assert_eq!(apply(&mut stage).refused(), ErrorCode::NothingPending, "once");
}

#[test]
fn a_change_is_taken_back_or_replaced_and_its_clock_starts_again() {
    let mut stage = stage();
    let creator = stage.creator.insecure_clone();
    let drop = stage.at.drop_params(&creator.pubkey());
    assert_eq!(stage.send(from_ref(&drop), &[&creator]).refused(), ErrorCode::NothingPending);
    let (first, second) = (Params { jump: Rate(40_000), ..standard() }, Params { min_collateral: 1_000, ..standard() });
    change(&mut stage, &first).unwrap();
    stage.wait(TIME_LOCK - 1);
    change(&mut stage, &second).unwrap();
    stage.wait(1);
    assert_eq!(apply(&mut stage).refused(), ErrorCode::TooEarly, "the new one has not waited");
    stage.send(&[drop], &[&creator]).unwrap();
    stage.wait(TIME_LOCK);
    assert_eq!(apply(&mut stage).refused(), ErrorCode::NothingPending);
    assert_eq!(known(&stage), (standard(), Params::default(), 0));
}

/// Whoever applies a change cannot pick the second that suits them out of many days: a week after it could be applied it
/// binds nobody.
#[test]
fn a_change_that_nobody_applied_in_time_lapses_and_binds_nobody() {
    let mut stage = stage();
    let (alice, bob) = (stage.trader(20_000_000), stage.trader(20_000_000));
    change(&mut stage, &Params { initial: Rate(1_000_000), ..standard() }).unwrap();
    let until = stage.svm.now() + TIME_LOCK + PARAMS_LAPSE;
    stage.place(&bob, sell(100, 100_000)).unwrap();
    stage.wait(TIME_LOCK + PARAMS_LAPSE - 1);
    stage.price(100_000);
    let dear = buy(201, 100_000);
    assert_eq!(stage.place(&alice, dear).refused(), ErrorCode::BelowInitialMargin, "to the last second it binds");
    stage.wait(1);
    let late = refusal(&apply(&mut stage).unwrap_err());
    assert_eq!((late.code, late.expected, late.actual), (ErrorCode::ChangeLapsed, until, until + 1));
    stage.place(&alice, dear).unwrap();
    assert_eq!(known(&stage).0, standard());
}

#[test]
fn what_waits_is_not_hurried_by_a_change_in_the_same_transaction() {
    let mut stage = stage();
    let creator = stage.creator.insecure_clone();
    let key = creator.pubkey();
    let at = stage.at;
    let looser = at.change_params(&key, &Params { maintenance: Rate(2_000), ..standard() });
    let now = stage.send(&[looser.clone(), at.apply_params()], &[&creator]);
    assert_eq!(now.refused(), ErrorCode::TooEarly);
    stage.send(from_ref(&looser), &[&creator]).unwrap();
    stage.wait(TIME_LOCK);
    let again = stage.send(&[looser, at.apply_params()], &[&creator]);
    assert_eq!(again.refused(), ErrorCode::TooEarly, "proposing it again is a new proposal");
}

#[test]
fn no_change_leaves_the_hard_bounds() {
    let mut stage = stage();
    for outside in [
        Params { maintenance: Rate(500_001), ..standard() },
        Params { initial: Rate(1_000_001), ..standard() },
        Params { taker_fee: Rate(10_001), ..standard() },
        Params { maker_fee: Rate(501), ..standard() },
        Params { caller_share: Rate(20_001), ..standard() },
        Params { jump: Rate(999), ..standard() },
        Params { staleness: 0, ..standard() },
        Params { confirmation: 3_601, ..standard() },
        Params { vault_cooldown: 7 * 86_400 + 1, ..standard() },
        Params { evict_lock: 301, ..standard() },
    ] {
        assert_eq!(change(&mut stage, &outside).refused(), ErrorCode::BadParameter, "{outside:?}");
    }
    assert_eq!(known(&stage), (standard(), Params::default(), 0));
}

#[test]
fn a_higher_initial_margin_that_waits_holds_back_who_opens_and_nobody_who_leaves() {
    let mut stage = stage();
    let (alice, bob) = (stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&alice, &bob, 100, 100_000);
    change(&mut stage, &Params { initial: Rate(1_000_000), ..standard() }).unwrap();
    // 101 lots at all of their notional are more than the 10,000,000 that she has.
    assert_eq!(stage.place(&alice, buy(1, 100_000)).refused(), ErrorCode::BelowInitialMargin);
    stage.place(&bob, buy(10, 100_000)).unwrap();
    stage.place(&alice, sell(10, 100_000)).unwrap();
    assert_eq!(stage.seat(&alice).position.size.0, 90);
    stage.withdraw(&alice, 9_000_000).unwrap();
    // Once applied it holds back withdrawals from a position too. Two days are what she had to leave.
    stage.wait(TIME_LOCK);
    apply(&mut stage).unwrap();
    stage.price(100_000);
    assert_eq!(stage.withdraw(&alice, 1).refused(), ErrorCode::BelowInitialMargin);
    stage.place(&bob, buy(90, 100_000)).unwrap();
    stage.place(&alice, sell(90, 100_000)).unwrap();
    let left = stage.seat(&alice).position.cash.0 as u64;
    stage.withdraw(&alice, left).unwrap();
}

/// What an authority can do with two days of notice: freeze the market by parameters. Cash without a position leaves, and
/// three days later anyone announces the oracle dead.
#[test]
fn a_market_frozen_by_its_parameters_ends_at_its_last_accepted_price() {
    let mut stage = stage();
    let (alice, bob, flat) = (stage.trader(10_000_000), stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&alice, &bob, 100, 100_000);
    change(&mut stage, &Params { jump: Rate(1_000), confirmation: 3_600, staleness: 1, ..standard() }).unwrap();
    stage.wait(TIME_LOCK);
    stage.price(100_000);
    apply(&mut stage).unwrap();
    let accepted = stage.market().head().price.accepted_at;
    // Nothing is accepted any more: up and down, never twice on the same side for long enough.
    for hour in 0..4 {
        stage.wait(1_800);
        stage.post(if hour % 2 == 0 { 101_000 } else { 99_000 });
        stage.observe().unwrap();
        assert_eq!(stage.place(&bob, buy(1, 90_000)).map(|sent| sent.events).unwrap(), [], "nothing matches");
        assert_eq!(stage.withdraw(&alice, 1).refused(), ErrorCode::PricePending);
        stage.withdraw(&flat, 1_000).unwrap();
    }
    let now = stage.svm.now();
    stage.wait(accepted + 3 * 86_400 - now);
    stage.post(101_000);
    stage.observe().unwrap();
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(86_400 - 1);
    stage.post(99_000);
    stage.observe().unwrap();
    stage.crank(stage.at.settle()).unwrap();
    assert_eq!(stage.market().head().settlement.price.0, 100_000);
    stage.close(&alice).unwrap();
    stage.close(&bob).unwrap();
}

/// What an authority can do with two days of notice: make a market that nobody can enter or stay in. Everybody is paid.
#[test]
fn a_market_that_demands_the_impossible_is_left_by_everybody_with_all_that_is_theirs() {
    let mut stage = stage();
    let (alice, bob, idle) = (stage.trader(10_000_000), stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&alice, &bob, 100, 100_000);
    let impossible = Params {
        min_collateral: zerosum_engine::units::MAX_POOL,
        min_order: zerosum_engine::units::MAX_LOTS,
        ..standard()
    };
    change(&mut stage, &impossible).unwrap();
    stage.wait(TIME_LOCK);
    apply(&mut stage).unwrap();
    stage.price(100_000);
    assert_eq!(stage.place(&idle, buy(1, 100_000)).refused(), ErrorCode::BelowMinimumOrder);
    assert_eq!(stage.withdraw(&alice, 1).refused(), ErrorCode::BelowMinimumCollateral);
    // A whole position closes at any size, an idle seat is paid out whole, and anyone may do that for it.
    stage.place(&bob, buy(100, 100_000)).unwrap();
    stage.place(&alice, sell(100, 100_000)).unwrap();
    let close = stage.at.close_seat(&bob.key(), idle.seat, Some(&idle.tokens), &idle.key());
    stage.send(&[close], &[&bob.keys]).unwrap();
    stage.close(&alice).unwrap();
    stage.close(&bob).unwrap();
    assert_eq!(stage.pool_tokens() as i64, stage.market().head().fee_cash.0 + stage.market().head().vault_fees.0);
}

/// A longer cooldown counts for requests that wait already: they were known for two days before.
#[test]
fn a_longer_cooldown_holds_requests_that_wait() {
    let mut stage = stage();
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    change(&mut stage, &Params { vault_cooldown: 7 * 86_400, ..standard() }).unwrap();
    stage.wait(TIME_LOCK);
    stage.price(100_000);
    investor.ask_to_redeem(&mut stage, shares).unwrap();
    apply(&mut stage).unwrap();
    stage.wait(601);
    stage.post(100_000);
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::RequestNotMature);
    stage.wait(7 * 86_400);
    stage.post(100_000);
    investor.execute(&mut stage).unwrap();
    assert_eq!(investor.balance(&mut stage), 2_000_000);
}
