//! Step 2 of the waterfall: the book, whatever stands in it.

use zerosum_engine::{
    layout::{MAX_CRANK_MATCHES, VAULT},
    ops::orders::OrderRequest,
    state::receipt::Kind,
    units::Side,
};
use zerosum_tests::{Stage, Trader, buy};

use zerosum_tests::scene::*;

/// Ninety bids of one lot each above 97,900 that expire before anybody looks.
fn dead_bids(stage: &mut Stage) {
    let expires = stage.svm.now() + 5;
    for trader in crowd(stage, &[400_000; 3]) {
        let orders: Vec<_> = (0..30).map(|n| OrderRequest { expires, ..buy(1, 98_000 - n) }).collect();
        place_all(stage, &trader, &orders);
    }
    stage.wait(5);
}

/// A duel whose loser is to fall, a vault, ninety dead bids and an honest one behind them.
fn dead_before_honest(price: i64, bid: i64) -> (Stage, Duel) {
    let mut stage = stage(generous());
    grow_book(&mut stage);
    let d = duel(&mut stage);
    invest(&mut stage, 1_000_000_000);
    dead_bids(&mut stage);
    stage.place(&d.bidder, buy(5_000, bid)).unwrap();
    stage.price(price);
    (stage, d)
}

#[test]
fn a_book_full_of_dead_bids_before_an_honest_one_costs_calls_and_nothing_else() {
    let (mut stage, d) = dead_before_honest(97_000, 97_100);
    assert_eq!(stage.market().resting(Side::Long).len(), 91);
    let sent = stage.liquidate().unwrap();
    assert_eq!(steps(&sent), [], "the bound on matches ends the call before the vault is asked");
    assert_eq!(stage.market().resting(Side::Long).len(), 91 - MAX_CRANK_MATCHES as usize, "and its progress is kept");
    let sent = stage.liquidate().unwrap();
    let [(Kind::Book, loser, 0, lots)] = told(&sent)[..] else { panic!("{:?}", told(&sent)) };
    assert_eq!((loser, steps(&sent)[0].price), (d.loser.seat, 97_100), "the honest bid gets it");
    assert_eq!((size(&stage, &d.bidder), vault_size(&stage)), (lots, 0));
}

#[test]
fn neither_does_force_pass_a_book_that_is_not_searched_yet() {
    let (mut stage, d) = dead_before_honest(94_000, 95_000);
    assert!(equity(&stage, d.loser.seat) < 0);
    assert_eq!(steps(&stage.deleverage(32).unwrap()), [], "neither the vault nor force");
    assert_eq!(told(&stage.deleverage(32).unwrap()), [(Kind::Book, d.loser.seat, 0, 2_000)]);
    assert_eq!((vault_size(&stage), size(&stage, &d.winner)), (0, -2_000));
}

#[test]
fn a_crank_that_stops_in_the_middle_of_the_book_is_resumed_where_it_stopped() {
    let mut stage = stage(discounted());
    grow_book(&mut stage);
    let d = duel(&mut stage);
    invest(&mut stage, 1_000_000_000);
    // Ninety live bids of one lot: the call fills as many as it may, keeps what it did and does not reach the vault.
    let bidders = crowd(&mut stage, &[5_000_000; 3]);
    for bidder in &bidders {
        place_all(&mut stage, bidder, &[buy(1, 97_000); 30]);
    }
    stage.crash(97_000);
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent), [(Kind::Book, d.loser.seat, 0, MAX_CRANK_MATCHES as i64)]);
    assert_eq!(vault_size(&stage), 0);
    let sent = stage.liquidate().unwrap();
    let [first, second] = told(&sent)[..] else { panic!("{:?}", told(&sent)) };
    assert_eq!(first, (Kind::Book, d.loser.seat, 0, 90 - MAX_CRANK_MATCHES as i64));
    assert_eq!((second.0, second.2), (Kind::Vault, VAULT), "when the book is empty, the vault");
    assert_eq!(steps(&stage.liquidate().unwrap()), [], "and the seat is back at its target");
}

#[test]
fn a_crank_that_stops_on_one_of_many_seats_goes_on_with_it() {
    let mut stage = stage(plain());
    grow_book(&mut stage);
    let rich = stage.trader(1_000_000_000);
    let losers = crowd(&mut stage, &[500_000, 500_100, 500_200]);
    for loser in &losers {
        stage.trade(loser, &rich, 100, 100_000);
    }
    let bidders = crowd(&mut stage, &[5_000_000; 3]);
    for bidder in &bidders {
        place_all(&mut stage, bidder, &[buy(1, 95_100); 30]);
    }
    // At 95,100 all of each seat has to go: 64 lots of the first, then 26 more of it.
    stage.price(95_100);
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent), [(Kind::Book, losers[0].seat, 0, 64)]);
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent)[0], (Kind::Book, losers[0].seat, 0, 26));
    assert_eq!((size(&stage, &losers[1]), size(&stage, &losers[2])), (100, 100));
}

#[test]
fn a_maker_who_cannot_bear_it_is_cancelled_and_nothing_fails() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    let weak = stage.trader(5_000_000);
    stage.place(&weak, buy(900, 99_900)).unwrap();
    stage.price(95_500);
    stage.place(&d.bidder, buy(5_000, 95_400)).unwrap();
    let sent = stage.liquidate().unwrap();
    assert_eq!(steps(&sent)[0].price, 95_400);
    assert_eq!((size(&stage, &weak), stage.market().orders_of(weak.seat).count()), (0, 0));
}

#[test]
fn a_losers_bid_from_another_seat_of_its_own_is_cancelled_not_filled() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    let open = stage.at.open_seat(&d.loser.key(), &d.loser.key(), &d.loser.tokens, 9_000_000);
    stage.send(&[open], &[&d.loser.keys]).unwrap();
    let seat = stage.market().seats().len() as u32 - 1;
    let other = Trader { keys: d.loser.keys.insecure_clone(), seat, tokens: d.loser.tokens };
    stage.place(&other, buy(1_000, 98_000)).unwrap();
    stage.place(&d.bidder, buy(5_000, 97_000)).unwrap();
    stage.price(97_000);
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent), [(Kind::Book, d.loser.seat, 0, 901)]);
    assert_eq!((size(&stage, &other), stage.market().orders_of(seat).count()), (0, 0));
}

#[test]
fn a_winner_who_volunteers_is_taken_before_anyone_is_forced() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.place(&d.winner, OrderRequest { reduce_only: true, ..buy(500, 95_000) }).unwrap();
    stage.price(94_000);
    let sent = stage.deleverage(4).unwrap();
    assert_eq!(
        told(&sent),
        [(Kind::Book, d.loser.seat, 0, 500), (Kind::Forced, d.loser.seat, d.winner.seat, 1_500)],
        "the book first, though the same seat pays in the end"
    );
}

#[test]
fn the_book_alone_clears_a_bankrupt_seat_and_nobody_is_ranked() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.place(&d.bidder, buy(2_000, 95_000)).unwrap();
    stage.price(94_000);
    let sent = stage.deleverage(32).unwrap();
    assert_eq!(told(&sent), [(Kind::Book, d.loser.seat, 0, 2_000)]);
    let step = steps(&sent)[0];
    // The bidder overpays 1,000 atoms a lot: all of it is the loser's deficit.
    assert_eq!((step.taken, step.needed, step.round), (2_000_000, 2_000_000, 0));
    assert_eq!(stage.market().head().rounds, 0);
    assert_eq!((cash(&stage, &d.loser), size(&stage, &d.winner)), (0, -2_000));
}
