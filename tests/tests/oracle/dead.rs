//! Whoever announces an oracle dead, or settles a market because of it, cannot look away from what its account says.

use zerosum_engine::error::ErrorCode;
use zerosum_svm::Pubkey;
use zerosum_tests::{
    GRACE, Refusal, SILENCE, Stage,
    pyth::{Feed, Update},
};

use super::scene::{Scene, scene};

const SOURCES: [Option<Feed>; 2] = [None, Some(Feed::SOL)];

/// A market that was silent until its grace was over.
fn silent(feed: Option<Feed>) -> Stage {
    let Scene { mut stage, .. } = scene(feed);
    stage.wait(SILENCE + 1);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE);
    stage
}

#[test]
fn an_oracle_is_not_announced_dead_while_a_newer_print_is_in_its_account() {
    for feed in SOURCES {
        let Scene { mut stage, .. } = scene(feed);
        stage.wait(SILENCE + 1);
        stage.post(100_100);
        assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive);
        for other in [Pubkey::new_unique(), stage.at.pool, stage.at.market, stage.at.book] {
            let past = stage.at.reading(other).announce_dead();
            assert_eq!(stage.crank(past).refused(), ErrorCode::WrongOracle);
        }
        // One that is no price of now proves nothing.
        stage.wait(61);
        stage.crank(stage.at.announce_dead()).unwrap();
    }
}

#[test]
fn a_print_that_came_in_time_is_not_passed_over_by_naming_another_account() {
    for feed in SOURCES {
        let mut stage = silent(feed);
        stage.post(99_000);
        for other in [Pubkey::new_unique(), stage.at.pool, stage.at.market, stage.at.book] {
            assert_eq!(stage.crank(stage.at.reading(other).settle()).refused(), ErrorCode::WrongOracle);
        }
        // With its own account it is alive.
        assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::NothingPending);
        stage.crank(stage.at.accrue_funding()).unwrap();
        assert_eq!((stage.market().head().price.accepted.0, stage.market().head().dead_since), (99_000, 0));
    }
}

#[test]
fn an_account_that_has_nothing_new_to_say_does_not_hold_up_the_end() {
    for feed in SOURCES {
        let mut stage = silent(feed);
        stage.crank(stage.at.settle()).unwrap();
        assert_eq!(stage.market().head().settlement.price.0, 100_000);
    }
    // Nor does one that says what is no price.
    let mut stage = silent(Some(Feed::SOL));
    let wide = Update { confidence: u64::MAX, ..Feed::SOL.update(90_000, stage.svm.now()) };
    wide.write(&mut stage.svm, &stage.at.oracle.clone(), Feed::SOL.receiver);
    stage.crank(stage.at.settle()).unwrap();
    assert_eq!(stage.market().head().settlement.price.0, 100_000);
}
