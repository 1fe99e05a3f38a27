//! A market does not end early, not twice, and not while its oracle lives.

use zerosum_client::events::OracleDead;
use zerosum_engine::{error::ErrorCode, ops::settlement::DELIST_NOTICE};
use zerosum_svm::{Pubkey, Signer};
use zerosum_tests::{Event, GRACE, Refusal, SILENCE, Stage, buy, refusal};

use super::ending::*;
use zerosum_tests::scene::second_market;
use zerosum_tests::tampering::{Anchor, Fails, anchor, copy_for, number, read_only, swapped};

#[test]
fn a_market_is_not_settled_before_its_time_and_only_once() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    let at = stage.at;
    assert_eq!(stage.crank(at.settle()).refused(), ErrorCode::NothingPending);
    stage.wait(SILENCE);
    assert_eq!(stage.crank(at.announce_dead()).refused(), ErrorCode::OracleAlive);
    stage.wait(1);
    let sent = stage.crank(at.announce_dead()).unwrap();
    let since = stage.svm.now();
    assert_eq!(sent.events, [Event::OracleDead(OracleDead { market: at.market, since })]);
    stage.wait(GRACE - 1);
    // Announcing again does not start the day again, nor end it.
    let sent = stage.crank(at.announce_dead()).unwrap();
    assert_eq!(sent.events, [Event::OracleDead(OracleDead { market: at.market, since })]);
    let early = refusal(&stage.crank(at.settle()).unwrap_err());
    assert_eq!((early.code, early.expected, early.actual), (ErrorCode::TooEarly, since + GRACE, since + GRACE - 1));
    assert_eq!(
        stage.crank(at.close_market(&stage.creator.pubkey(), Some(&alice.key()))).refused(),
        ErrorCode::NotSettled
    );
    stage.wait(1);
    stage.crank(at.settle()).unwrap();
    for again in [at.settle(), at.announce_dead()] {
        assert_eq!(stage.crank(again).refused(), ErrorCode::MarketSettled);
    }
    // Prints have nothing to say any more.
    stage.post(50_000);
    stage.crank(at.deleverage(1, None)).unwrap();
    assert_eq!(stage.market().head().price.accepted.0, 100_000);
    assert_eq!(stage.crank(at.liquidate(1, None)).refused(), ErrorCode::MarketSettled);
    assert_eq!(stage.place(&alice, buy(1, 100_000)).refused(), ErrorCode::MarketSettled);
    assert_eq!(stage.deposit(&alice, 1_000).refused(), ErrorCode::MarketSettled);
}

#[test]
fn an_oracle_that_came_back_within_the_day_keeps_its_market() {
    let mut stage = Stage::new();
    die(&mut stage);
    stage.post(101_000);
    // Whoever would settle has to show what the oracle says.
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::NothingPending);
    stage.observe().unwrap();
    assert_eq!(stage.market().head().dead_since, 0);
    stage.wait(61);
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::NothingPending);
    // It dies again: the day begins anew.
    stage.wait(SILENCE);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE - 1);
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::TooEarly);
}

#[test]
fn a_market_does_not_end_past_an_oracle_that_speaks_by_naming_another() {
    let mut stage = Stage::new();
    let other = second_market(&mut stage);
    let oracle = stage.at.oracle;
    let copy = copy_for(&mut stage, &oracle, zerosum_client::ID);
    die(&mut stage);
    stage.post(101_000);
    for silent in [other.oracle, copy, stage.at.market, Pubkey::new_unique()] {
        for step in [stage.at.settle(), stage.at.announce_dead()] {
            let past = swapped(&step, &stage.at.oracle, &silent);
            assert_eq!(stage.crank(past).refused(), ErrorCode::WrongOracle, "{silent}");
        }
    }
    assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive);
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::NothingPending);
}

#[test]
fn a_delisted_market_waits_for_a_live_price_of_after_the_date() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let date = stage.svm.now() + DELIST_NOTICE;
    stage.send(&[stage.at.delist(&creator.pubkey(), date)], &[&creator]).unwrap();
    stage.wait(DELIST_NOTICE - 1);
    stage.post(100_000);
    assert_eq!(stage.svm.now(), date);
    let early = refusal(&stage.crank(stage.at.settle()).unwrap_err());
    assert_eq!((early.code, early.expected, early.actual), (ErrorCode::TooEarly, date, date));
    // A jump that nothing confirmed is no price to end at, and neither is one that grew old.
    stage.post(200_000);
    stage.observe().unwrap();
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::TooEarly, "accepted at the date, not after");
    // The clocks of publishers run ahead by up to two seconds: from the third on it is after the date for certain.
    stage.wait(1);
    stage.post(100_500);
    stage.observe().unwrap();
    stage.post(200_000);
    stage.observe().unwrap();
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::PricePending);
    stage.wait(61);
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::StalePrice);
    stage.price(101_000);
    stage.crank(stage.at.settle()).unwrap();
    assert_eq!(stage.market().head().settlement.price.0, 101_000);
}

#[test]
fn the_steps_to_the_end_take_the_markets_own_accounts() {
    let mut stage = Stage::new();
    let at = stage.at;
    let other = second_market(&mut stage);
    let foreign = copy_for(&mut stage, &at.market, Pubkey::new_unique());
    let foreign_book = copy_for(&mut stage, &at.book, Pubkey::new_unique());
    let (wrong, kind) = (number(ErrorCode::WrongAccount), anchor(Anchor::AccountDiscriminatorMismatch));
    let owner = anchor(Anchor::AccountOwnedByWrongProgram);
    die(&mut stage);
    for (from, to, code) in [
        (at.market, other.market, wrong),
        (at.market, foreign, owner),
        (at.market, at.book, kind),
        (at.book, other.book, wrong),
        (at.book, foreign_book, owner),
        (at.book, at.market, kind),
    ] {
        for step in [at.settle(), at.announce_dead()] {
            assert_eq!(stage.crank(swapped(&step, &from, &to)).fails(), code, "{to} for {from}");
        }
    }
    for (step, account) in
        [at.announce_dead(), at.settle()].into_iter().flat_map(|step| [(step.clone(), at.market), (step, at.book)])
    {
        assert_eq!(stage.crank(read_only(&step, &account)).fails(), anchor(Anchor::ConstraintMut));
    }
    stage.crank(at.settle()).unwrap();
}
