//! The authority names a date from which on nothing matches any more.

use zerosum_client::events::Delisted;
use zerosum_engine::{
    error::ErrorCode, ops::orders::OrderRequest, ops::settlement::DELIST_NOTICE, state::receipt::Kind,
};
use zerosum_svm::{Failure, Signer};
use zerosum_tests::{Event, Refusal, Sent, Stage, buy, refusal};

use zerosum_tests::scene::{clear, discounted, duel, invest, mature, stage, vault_size};

fn delist(stage: &mut Stage, at: i64) -> Result<Sent, Failure> {
    let creator = stage.creator.insecure_clone();
    let delist = stage.at.delist(&creator.pubkey(), at);
    stage.send(&[delist], &[&creator])
}

#[test]
fn a_date_is_a_week_ahead_and_is_taken_back_or_moved_until_it_comes() {
    let mut stage = Stage::new();
    let earliest = stage.svm.now() + DELIST_NOTICE;
    assert_eq!(delist(&mut stage, 0).refused(), ErrorCode::NothingPending);
    for at in [earliest - 1, 1, -1, i64::MIN] {
        let error = refusal(&delist(&mut stage, at).unwrap_err());
        assert_eq!((error.code, error.expected, error.actual), (ErrorCode::TooEarly, earliest, at));
    }
    for at in [earliest + 5, earliest, 0, i64::MAX, earliest] {
        let sent = delist(&mut stage, at).unwrap();
        assert_eq!(sent.events, [Event::Delisted(Delisted { market: stage.at.market, at })]);
        assert_eq!(stage.market().head().delist_at, at);
    }
    stage.wait(DELIST_NOTICE);
    for at in [0, earliest + 2 * DELIST_NOTICE] {
        assert_eq!(delist(&mut stage, at).refused(), ErrorCode::MarketDelisted, "it has come");
    }
}

#[test]
fn from_the_date_on_no_order_is_placed_and_everybody_leaves() {
    let mut stage = stage(discounted());
    let d = duel(&mut stage);
    let flat = stage.trader(5_000_000);
    let investor = invest(&mut stage, 50_000_000);
    stage.place(&d.bidder, buy(5, 80_000)).unwrap();
    let date = stage.svm.now() + DELIST_NOTICE;
    delist(&mut stage, date).unwrap();
    stage.place(&d.bidder, buy(5, 81_000)).unwrap();
    stage.wait(DELIST_NOTICE);
    stage.post(100_000);
    stage.observe().unwrap();
    for order in [buy(5, 82_000), OrderRequest { reduce_only: true, ..buy(2_000, 100_000) }] {
        assert_eq!(stage.place(&d.winner, order).refused(), ErrorCode::MarketDelisted);
    }
    stage.cancel(&d.bidder, 0).unwrap();
    stage.cancel_all(&d.bidder, None).unwrap();
    stage.deposit(&d.winner, 1_000).unwrap();
    stage.withdraw(&d.winner, 1_000).unwrap();
    stage.close(&flat).unwrap();
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares / 2).unwrap();
    mature(&mut stage);
    investor.execute(&mut stage).unwrap();
    stage.crash(97_000);
    stage.liquidate().unwrap();
    assert!(vault_size(&stage) > 0, "the vault takes over still");
    stage.price(60_000);
    assert!(clear(&mut stage, 32).iter().any(|step| step.kind == Kind::Forced as u8), "and force completes");
}
