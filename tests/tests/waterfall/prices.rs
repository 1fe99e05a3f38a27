//! The price every crank begins with, and each way in which it cannot be acted on.

use zerosum_engine::{error::ErrorCode, state::params::Params, units::Rate};
use zerosum_svm::Instruction;
use zerosum_tests::{Refusal, Setup, Stage, buy, refusal};

use zerosum_tests::scene::*;

/// Everything that acts on the accepted price, the mature request of a depositor included.
fn cranks(stage: &Stage, investor: &Investor) -> [Instruction; 4] {
    let at = &stage.at;
    [at.liquidate(1, None), at.deleverage(1, None), at.unwind_vault(), at.execute_request(&investor.key(), None)]
}

fn with_request(params: Params) -> (Stage, Investor) {
    let mut stage = stage(params);
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    mature(&mut stage);
    (stage, investor)
}

#[track_caller]
fn all_refused(stage: &mut Stage, investor: &Investor, code: ErrorCode) {
    for crank in cranks(stage, investor) {
        assert_eq!(stage.crank(crank).refused(), code);
    }
}

/// Overwrites what the feed says: price and publish time.
fn forge_print(stage: &mut Stage, price: i64, published: i64) {
    let oracle = stage.at.oracle;
    let mut account = stage.svm.account(&oracle).unwrap();
    account.data[48..56].copy_from_slice(&price.to_le_bytes());
    account.data[56..64].copy_from_slice(&published.to_le_bytes());
    stage.svm.set_account(&oracle, account);
}

#[test]
fn a_stale_price_stops_them_all_and_a_fresh_one_starts_them() {
    let (mut stage, investor) = with_request(plain());
    stage.wait(61);
    all_refused(&mut stage, &investor, ErrorCode::StalePrice);
    stage.post(100_000);
    for crank in cranks(&stage, &investor) {
        stage.crank(crank).unwrap();
    }
}

/// What cannot be a price changes nothing. While the price is live that stops nobody; then everything is stopped by its
/// name.
#[test]
fn prints_that_cannot_be_right_stop_nobody_while_the_price_is_live_and_then_by_their_names() {
    for live in [true, false] {
        let (mut stage, investor) = with_request(plain());
        stage.observe().unwrap();
        stage.wait(if live { 30 } else { 61 });
        let (now, taken) = (stage.svm.now(), stage.market().head().price);
        for (price, published, code) in [
            (0, now, ErrorCode::BadPrice),
            (-1, now, ErrorCode::BadPrice),
            (i64::MAX, now, ErrorCode::BadPrice),
            (100_000, now + 3, ErrorCode::FuturePrice),
            (100_000, taken.last_print, ErrorCode::StalePrice),
            (100_000, taken.last_print - 1, ErrorCode::StalePrice),
        ] {
            forge_print(&mut stage, price, published);
            for crank in cranks(&stage, &investor) {
                match stage.attempt(&[crank], &[]) {
                    Ok((_, after)) => assert!(live && after.head().price == taken, "{price} of {published}"),
                    Err(failure) => assert!(!live && refusal(&failure).code == code, "{failure}"),
                }
            }
        }
    }
}

#[test]
fn a_market_without_a_price_does_nothing() {
    let mut stage = Setup { price: None, params: plain(), ..Setup::default() }.start();
    for crank in [stage.at.liquidate(1, None), stage.at.deleverage(1, None), stage.at.unwind_vault()] {
        // The feed still says 0, published at 0, which is the last print the market knows.
        assert_eq!(stage.crank(crank).refused(), ErrorCode::NoPrice);
    }
}

#[test]
fn the_crank_that_sees_a_jump_first_succeeds_and_only_remembers_it() {
    let mut stage = stage(Params { jump: Rate(20_000), ..plain() });
    let d = duel(&mut stage);
    stage.place(&d.bidder, buy(5_000, 96_000)).unwrap();
    stage.post(94_000);
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    assert_eq!((stage.market().head().price.accepted.0, stage.market().head().price.pending.0), (100_000, 94_000));
    assert_eq!(size(&stage, &d.loser), 2_000);
    for crank in [stage.at.liquidate(1, None), stage.at.deleverage(1, None), stage.at.unwind_vault()] {
        assert_eq!(stage.crank(crank).refused(), ErrorCode::PricePending);
    }
    // A second print after the confirmation time decides, and the same call acts on it.
    stage.wait(10);
    stage.post(94_000);
    assert!(!steps(&stage.deleverage(32).unwrap()).is_empty());
    assert_eq!(stage.market().head().price.accepted.0, 94_000);
}

#[test]
fn a_wild_print_liquidates_nobody() {
    let mut stage = stage(Params { jump: Rate(20_000), ..plain() });
    let d = duel(&mut stage);
    stage.post(60_000);
    stage.deleverage(32).unwrap();
    stage.post(99_900);
    assert_eq!(steps(&stage.deleverage(32).unwrap()), []);
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    assert_eq!((stage.market().head().price.accepted.0, size(&stage, &d.loser)), (99_900, 2_000));
}

#[test]
fn a_request_is_not_executed_while_a_jump_waits() {
    let (mut stage, investor) = with_request(Params { jump: Rate(20_000), ..plain() });
    stage.post(90_000);
    stage.observe().unwrap();
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::PricePending);
    stage.wait(10);
    stage.post(90_000);
    investor.execute(&mut stage).unwrap();
}

#[test]
fn every_crank_tells_of_the_price_it_took() {
    let mut stage = stage(plain());
    for (price, crank) in [(99_000, stage.at.liquidate(1, None)), (98_000, stage.at.deleverage(1, None))] {
        stage.post(price);
        let sent = stage.crank(crank).unwrap();
        let [zerosum_tests::Event::PriceChanged(changed)] = sent.events[..] else { panic!("{:?}", sent.events) };
        assert_eq!((changed.price, changed.published), (price, stage.svm.now()));
    }
}
