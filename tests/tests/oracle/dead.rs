//! Whoever settles a market whose oracle was announced dead cannot look away from what its account says.

use zerosum_engine::error::ErrorCode;
use zerosum_svm::Pubkey;
use zerosum_tests::{GRACE, Refusal, SILENCE, Stage};

use super::scene::{Scene, scene};

/// A market of a posted price that was silent until its grace was over.
fn silent() -> Stage {
    let Scene { mut stage, .. } = scene(None);
    stage.wait(SILENCE + 1);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE);
    stage
}

#[test]
fn a_print_that_came_in_time_is_not_passed_over_by_naming_another_account() {
    let mut stage = silent();
    stage.post(99_000);
    for other in [Pubkey::new_unique(), stage.at.pool, stage.at.market, stage.at.book] {
        assert_eq!(stage.crank(stage.at.reading(other).settle()).refused(), ErrorCode::WrongOracle);
    }
    // With its own account it is alive.
    assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::NothingPending);
    stage.crank(stage.at.accrue_funding()).unwrap();
    assert_eq!((stage.market().head().price.accepted.0, stage.market().head().dead_since), (99_000, 0));
}

#[test]
fn a_feed_that_has_nothing_new_to_say_does_not_hold_up_the_end() {
    let mut stage = silent();
    stage.crank(stage.at.settle()).unwrap();
    assert_eq!(stage.market().head().settlement.price.0, 100_000);
}
