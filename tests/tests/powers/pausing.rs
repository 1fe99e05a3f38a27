//! Opening is all that can be paused.

use zerosum_engine::{error::ErrorCode, ops::orders::OrderRequest};
use zerosum_svm::Signer;
use zerosum_tests::{Refusal, Stage, buy, sell};

use zerosum_tests::scene::{clear, discounted, duel, invest, mature, size, stage, vault_size};

fn pause(stage: &mut Stage, paused: bool) {
    let creator = stage.creator.insecure_clone();
    let pause = stage.at.pause_opening(&creator.pubkey(), paused);
    stage.send(&[pause], &[&creator]).unwrap();
    assert_eq!(stage.market().head().opening_paused, paused as u8);
}

#[test]
fn while_opening_is_paused_everybody_can_leave_and_every_crank_goes_on() {
    let mut stage = stage(discounted());
    let d = duel(&mut stage);
    let investor = invest(&mut stage, 50_000_000);
    pause(&mut stage, true);
    for order in [buy(1, 90_000), sell(1, 110_000)] {
        assert_eq!(stage.place(&d.bidder, order).refused(), ErrorCode::OpeningPaused);
    }
    // Leaving in part, at any price that somebody who leaves too pays.
    stage.place(&d.loser, OrderRequest { reduce_only: true, ..sell(100, 100_000) }).unwrap();
    stage.place(&d.winner, OrderRequest { reduce_only: true, ..buy(100, 100_000) }).unwrap();
    assert_eq!((size(&stage, &d.loser), size(&stage, &d.winner)), (1_900, -1_900));
    stage.deposit(&d.loser, 1_000).unwrap();
    stage.withdraw(&d.winner, 1_000).unwrap();
    let newcomer = stage.trader(1_000_000);
    stage.close(&newcomer).unwrap();
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares / 2).unwrap();
    mature(&mut stage);
    investor.execute(&mut stage).unwrap();
    stage.crash(97_000);
    stage.liquidate().unwrap();
    assert!(vault_size(&stage) > 0);
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.crash(97_000);
    // Who closes against the vault's offer reduces.
    let held = vault_size(&stage);
    stage.place(&d.winner, buy(10, 98_000)).unwrap();
    assert_eq!(vault_size(&stage), held - 10);
    stage.price(60_000);
    assert!(!clear(&mut stage, 32).is_empty());
    pause(&mut stage, false);
    stage.place(&d.bidder, buy(1, 50_000)).unwrap();
}
