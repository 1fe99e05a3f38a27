//! Whoever calls the cranks chooses when, and nothing else.

use zerosum_engine::{error::ErrorCode, state::params::Params, state::receipt::Kind, units::Rate};
use zerosum_svm::AccountMeta;
use zerosum_tests::{Refusal, Stage, buy, sell};

use zerosum_tests::scene::{against, cash, clear, crowd, duel, equity, plain, size, stage, steps, told};

/// Three losers of different depth and four winners, at a price where two of the losers are bankrupt.
fn crash() -> Stage {
    let mut stage = stage(plain());
    let losers = crowd(&mut stage, &[50_000, 52_000, 90_000]);
    let winners = crowd(&mut stage, &[200_000, 300_000, 250_000, 400_000]);
    for (n, loser) in losers.iter().enumerate() {
        stage.trade(loser, &winners[n], 6, 100_000);
        stage.trade(loser, &winners[3], 4, 100_000);
    }
    stage.price(94_000);
    stage
}

#[test]
fn accounts_that_a_keeper_adds_choose_nobody() {
    let (mut plain, mut loaded) = (crash(), crash());
    let expected: Vec<_> = steps(&plain.deleverage(2).unwrap());
    // The records of seats lie in the market: there is nobody to be named, and what is named in addition is not looked at.
    let mut crank = loaded.at.deleverage(2, None);
    for seat in [1u32, 3] {
        let owner = loaded.market().seats()[seat as usize].owner.into();
        crank.accounts.push(AccountMeta::new(owner, false));
    }
    let sent = loaded.crank(crank).unwrap();
    let chosen = |steps: &[zerosum_client::events::Reduced]| -> Vec<_> {
        steps.iter().map(|step| (step.loser, step.winner, step.lots, step.price)).collect()
    };
    assert_eq!(chosen(&steps(&sent)), chosen(&expected));
    assert_eq!(expected[0].loser, 1, "the one who fell first");
}

#[test]
fn small_numbers_spare_nobody_and_change_nobodys_fate() {
    let positions = |stage: &Stage| stage.market().seats().iter().map(|seat| seat.position).collect::<Vec<_>>();
    let (mut whole, mut one) = (crash(), crash());
    clear(&mut whole, 32);
    // A keeper that forces one fill a call and calls `liquidate` in between, which finds nothing to spare anybody with.
    loop {
        let made = steps(&one.deleverage(1).unwrap());
        one.liquidate().unwrap();
        if made.is_empty() {
            break;
        }
    }
    assert_eq!(positions(&one), positions(&whole));
    assert_eq!(one.deleverage(0).refused(), ErrorCode::TooManyRequested, "and none is no number");
}

/// What a keeper can do: be the only one who bids, in the transaction that liquidates.
#[test]
fn who_bids_for_what_it_liquidates_pays_at_least_the_edge_of_the_band() {
    let params = Params { band: Rate(10_000), ..plain() };
    let mut stage = stage(params);
    let d = duel(&mut stage);
    let keeper = stage.trader(100_000_000);
    stage.price(97_000);
    let least = 97_000 - 970;
    let sandwich = |stage: &mut Stage, price: i64| {
        let bid = stage.at.place_order(&keeper.key(), keeper.seat, &buy(2_000, price));
        let cancel = stage.at.cancel_all(&keeper.key(), keeper.seat, None);
        stage.send(&[bid, stage.at.liquidate(1, None), cancel], &[&keeper.keys]).unwrap()
    };
    assert_eq!(told(&sandwich(&mut stage, least - 1)), [], "not an atom below");
    let sent = sandwich(&mut stage, least);
    let [(Kind::Book, loser, _, lots)] = told(&sent)[..] else { panic!("{:?}", told(&sent)) };
    assert_eq!((loser, size(&stage, &keeper)), (d.loser.seat, lots));
    assert!(equity(&stage, keeper.seat) - 100_000_000 <= 970 * lots, "what it makes is the bound");
    assert!(equity(&stage, d.loser.seat) > 0 && lots < 2_000, "and no more is closed than the target needs");
}

#[test]
fn nobody_is_liquidated_before_somebody_cranks_and_waiting_changes_no_order() {
    let mut stage = stage(plain());
    let (loser, winners) = against(&mut stage, &[(200_000, 10), (300_000, 10)]);
    stage.post(97_000);
    stage.wait(30);
    stage.price(94_000);
    assert_eq!((size(&stage, &loser), cash(&stage, &loser)), (20, 100_000 - 20 * 100_000), "bankrupt, and still there");
    // Everybody else waits with it: nothing matches.
    let other = stage.trader(10_000_000);
    assert_eq!(stage.place(&other, sell(1, 94_000)).refused(), ErrorCode::BankruptSeat);
    assert_eq!(stage.place(&winners[0], buy(1, 93_000)).unwrap().events, []);
    stage.wait(50);
    // Anybody ends that, with nothing but a fee.
    stage.deleverage(32).unwrap();
    assert_eq!(size(&stage, &loser), 0);
}

#[test]
fn a_crank_without_work_pays_nothing() {
    let mut stage = stage(Params { caller_share: Rate(20_000), deleverage_pay: Rate(1_000), ..plain() });
    duel(&mut stage);
    stage.rewrite(0, |exchange| exchange.market.head.params.taker_fee = Rate(1_000));
    let keeper = stage.trader(1_000);
    let pool = stage.at.pool;
    stage.gift(&pool, 1_000_000);
    stage.crank(stage.at.sweep_excess()).unwrap();
    for _ in 0..3 {
        stage.crank(stage.at.liquidate(16, Some(keeper.seat))).unwrap();
        stage.crank(stage.at.deleverage(32, Some(keeper.seat))).unwrap();
    }
    assert_eq!((cash(&stage, &keeper), stage.market().head().fee_cash.0), (1_000, 1_000_000));
}
