//! However the work is cut into calls, the same seats are reduced by the same lots.

use zerosum_engine::{state::params::Params, state::receipt::Kind, units::Rate};
use zerosum_tests::{Stage, buy};

use zerosum_tests::scene::*;

/// Twelve losers, thirty winners, and whatever else is asked for.
fn crash(vault: u64, bids: bool) -> Stage {
    let mut stage = stage(Params { vault_loss_budget: Rate(50_000), vault_fee: Rate(1_000), ..plain() });
    let losers = crowd(&mut stage, &(0..12).map(|n| 46_000 + 977 * (n * 7 % 12)).collect::<Vec<_>>());
    let winners = crowd(&mut stage, &(0..30).map(|n| 60_000 + 13_000 * (n * 11 % 30)).collect::<Vec<_>>());
    for (n, loser) in losers.iter().enumerate() {
        for k in 0..3 {
            stage.trade(loser, &winners[(n * 5 + k * 7) % 30], 2 + (n + k) as i64 % 2, 100_000);
        }
    }
    if vault > 0 {
        invest(&mut stage, vault);
    }
    if bids {
        let bidder = stage.trader(10_000_000);
        for price in [92_900, 93_800, 94_200] {
            stage.place(&bidder, buy(3, price)).unwrap();
        }
        stage.place(&winners[4], buy(1, 94_500)).unwrap();
    }
    stage.crash(92_301);
    stage
}

/// The positions after everything is cleared in calls of `most`, and how many steps of each kind it took.
fn finish(mut stage: Stage, most: u8) -> (Vec<(i64, i64)>, [usize; 3]) {
    let made = clear(&mut stage, most);
    let count = |kind: Kind| made.iter().filter(|step| step.kind == kind as u8).count();
    // What the vault has earned is credited at the next crank: the last one of all.
    let positions = stage.market().seats().iter().map(|seat| (seat.position.size.0, seat.position.cash.0));
    (positions.collect(), [Kind::Book, Kind::Vault, Kind::Forced].map(count))
}

#[test]
fn calls_of_one_and_of_thirty_two_forced_fills_end_in_the_same_positions() {
    let (whole, made) = finish(crash(0, false), 32);
    assert!(made[2] > 12, "{made:?}");
    for most in [1, 3] {
        assert_eq!(finish(crash(0, false), most).0, whole, "cut into calls of {most}");
    }
}

#[test]
fn so_they_do_with_a_book_and_a_vault_in_between() {
    let (whole, made) = finish(crash(1_000_000, true), 32);
    assert!(made.iter().all(|count| *count > 0), "every step happens: {made:?}");
    assert_eq!(finish(crash(1_000_000, true), 1).0, whole);
}

#[test]
fn one_transaction_of_two_calls_is_two_transactions_of_one() {
    let (mut together, mut apart) = (crash(0, false), crash(0, false));
    let call = together.at.deleverage(2, None);
    together.send(&[call.clone(), call], &[]).unwrap();
    apart.deleverage(2).unwrap();
    apart.deleverage(2).unwrap();
    let positions = |stage: &Stage| stage.market().seats().iter().map(|seat| seat.position).collect::<Vec<_>>();
    assert_eq!(positions(&together), positions(&apart));
    assert_eq!(together.market().head().rounds, 2);
}
