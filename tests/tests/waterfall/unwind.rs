//! `unwind_vault`: how the vault sells what it took over.

use zerosum_engine::{
    error::ErrorCode, layout::VAULT, ops::orders as trade, ops::orders::OrderRequest, state::receipt::Kind, units::Side,
};
use zerosum_tests::{Event, Refusal, Stage, buy, sell};

use zerosum_tests::scene::*;

/// A vault long of what it took over at 97,000.
fn long_vault() -> (Stage, Duel, i64) {
    let mut stage = stage(discounted());
    let d = duel(&mut stage);
    invest(&mut stage, 100_000_000);
    stage.crash(97_000);
    stage.liquidate().unwrap();
    let held = vault_size(&stage);
    assert!(held > 10);
    (stage, d, held)
}

/// The vault's orders: side, price, lots, reduce-only.
fn offers(stage: &Stage) -> Vec<(Side, i64, i64, u8)> {
    let orders = stage.market().orders_of(VAULT);
    orders.map(|order| (order.side(), order.price.0, order.lots.0, order.reduce_only)).collect()
}

#[test]
fn anyone_offers_the_vaults_inventory_behind_the_oracle_price() {
    let (mut stage, d, held) = long_vault();
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(offers(&stage), [(Side::Short, 97_485, held / 8, 1)], "an eighth, 0.5 % over 97,000");
    let before = stage.market().clone();
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(stage.market().bodies(), before.bodies(), "asking again keeps its place in the line");
    let cash = vault_cash(&stage);
    stage.crash(97_000);
    stage.place(&d.bidder, buy(10, 98_000)).unwrap();
    assert_eq!((vault_size(&stage), vault_cash(&stage)), (held - 10, cash + 10 * 97_485));
}

/// Who knows the next price has the vault offer and takes the offer at one price: that is not possible.
#[test]
fn the_offer_is_met_only_at_a_price_published_after_it_was_placed() {
    let (mut stage, d, held) = long_vault();
    stage.crank(stage.at.unwind_vault()).unwrap();
    let take = OrderRequest { kind: trade::Kind::ImmediateOrCancel, ..buy(10, 98_000) };
    // Publishers' clocks run ahead by up to two seconds.
    for _ in 0..3 {
        stage.place(&d.bidder, take).unwrap();
        assert_eq!((size(&stage, &d.bidder), vault_size(&stage), offers(&stage).len()), (0, held, 1));
        stage.post(97_000);
    }
    stage.place(&d.bidder, take).unwrap();
    assert_eq!((size(&stage, &d.bidder), vault_size(&stage)), (10, held - 10));
}

#[test]
fn a_new_price_moves_the_offer() {
    let (mut stage, _, held) = long_vault();
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.post(99_000);
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(offers(&stage), [(Side::Short, 99_495, held / 8, 1)]);
}

#[test]
fn a_short_vault_bids_under_the_oracle_price() {
    let mut stage = stage(discounted());
    let (short, long) = (stage.trader(10_000_000), stage.trader(100_000_000));
    stage.trade(&long, &short, 2_000, 100_000);
    invest(&mut stage, 100_000_000);
    stage.crash(103_000);
    stage.liquidate().unwrap();
    let held = vault_size(&stage);
    assert!(held < 0);
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(offers(&stage), [(Side::Long, 102_485, -held / 8, 1)]);
}

#[test]
fn a_stale_vault_order_is_cancelled_instead_of_filled() {
    let (mut stage, d, held) = long_vault();
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.wait(2);
    stage.post(99_000);
    let take = OrderRequest { kind: trade::Kind::ImmediateOrCancel, ..buy(10, 99_000) };
    let sent = stage.place(&d.bidder, take).unwrap();
    assert!(!sent.events.iter().any(|event| matches!(event, Event::Traded(_))));
    assert_eq!((size(&stage, &d.bidder), vault_size(&stage), offers(&stage).len()), (0, held, 0));
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.crash(99_000);
    stage.place(&d.bidder, buy(10, 100_000)).unwrap();
    assert_eq!(cash(&stage, &d.bidder), 100_000_000 - 10 * 99_495, "it buys at the spread of now");
}

#[test]
fn a_vault_order_that_became_better_for_it_is_filled() {
    let (mut stage, d, held) = long_vault();
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.wait(2);
    stage.post(96_000);
    stage.place(&d.bidder, buy(10, 97_485)).unwrap();
    assert_eq!((size(&stage, &d.bidder), vault_size(&stage)), (10, held - 10));
}

#[test]
fn the_offer_never_crosses_the_book() {
    let (mut stage, d, held) = long_vault();
    stage.place(&d.bidder, buy(10, 98_000)).unwrap();
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(offers(&stage), [(Side::Short, 98_001, held / 8, 1)]);
}

#[test]
fn a_flat_vault_has_nothing_to_offer() {
    let mut stage = stage(discounted());
    invest(&mut stage, 100_000_000);
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(offers(&stage), []);
}

#[test]
fn a_full_side_of_better_asks_leaves_no_room_for_the_offer() {
    let (mut stage, _, _) = long_vault();
    let room = stage.market().orders().len() / 2;
    let asks: Vec<_> = (0..room as i64).map(|n| sell(1, 97_100 + n)).collect();
    for part in asks.chunks(25) {
        let [seller] = &crowd(&mut stage, &[10_000_000])[..] else { unreachable!() };
        place_all(&mut stage, seller, part);
    }
    assert_eq!(stage.market().resting(Side::Short).len(), room);
    assert_eq!(stage.crank(stage.at.unwind_vault()).refused(), ErrorCode::BookFull);
    // One of them worse than the offer is evicted for it.
    stage.post(96_500);
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(offers(&stage).len(), 1);
    assert_eq!(stage.market().resting(Side::Short).len(), room);
}

#[test]
fn a_vault_that_falls_takes_its_offer_back_first() {
    let mut stage = stage(discounted());
    let d = duel(&mut stage);
    invest(&mut stage, 1_000_000);
    stage.crash(97_000);
    stage.liquidate().unwrap();
    stage.crank(stage.at.unwind_vault()).unwrap();
    let held = vault_size(&stage);
    assert_eq!(offers(&stage).len(), 1);
    // The loser is topped up; at 94,000 the vault is below maintenance.
    stage.gift(&d.loser.tokens.clone(), 100_000_000);
    stage.deposit(&d.loser, 100_000_000).unwrap();
    stage.place(&d.bidder, buy(5_000, 94_000)).unwrap();
    stage.post(94_000);
    let sent = stage.liquidate().unwrap();
    let [(Kind::Book, VAULT, 0, lots)] = told(&sent)[..] else { panic!("{:?}", told(&sent)) };
    assert_eq!((offers(&stage).len(), vault_size(&stage)), (0, held - lots));
}
