//! What `liquidate` does, who may ask for it and what it refuses.

use zerosum_engine::{
    error::ErrorCode,
    ops::orders::OrderRequest,
    state::params::Params,
    state::receipt::Kind,
    units::{Rate, Side},
};
use zerosum_tests::{Refusal, buy, sell};

use zerosum_tests::scene::*;

#[test]
fn anyone_closes_in_the_book_only_what_brings_a_seat_back_to_the_target() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.price(97_000);
    stage.place(&d.bidder, buy(5_000, 97_000)).unwrap();
    let tokens = stage.pool_tokens();
    // Only the payer of the transaction signs.
    let sent = stage.liquidate().unwrap();
    // 4m of equity at 3.75 % of 97,000 carry 1,099.6 lots: 901 must go.
    assert_eq!(told(&sent), [(Kind::Book, d.loser.seat, 0, 901)]);
    let step = steps(&sent)[0];
    assert_eq!((step.price, step.oracle_price, step.taken, step.needed), (97_000, 97_000, 0, 0));
    assert_eq!((step.rank, step.round, step.number), (0, 0, 1), "nobody was ranked or forced");
    assert_eq!(step.time, stage.svm.now());
    assert_eq!((size(&stage, &d.loser), size(&stage, &d.winner), size(&stage, &d.bidder)), (1_099, -2_000, 901));
    assert_eq!(equity(&stage, d.loser.seat), 4_000_000, "nothing is charged where no fee is set");
    assert_eq!(stage.market().head().statistics.book_lots, 901);
    assert_eq!(stage.pool_tokens(), tokens, "tokens stay where they are");
    assert_eq!(steps(&stage.liquidate().unwrap()), [], "and then it is well");
}

#[test]
fn with_nobody_below_maintenance_it_succeeds_and_changes_no_byte() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.place(&d.bidder, buy(5_000, 97_000)).unwrap();
    stage.price(97_436);
    let before = stage.market().clone();
    stage.liquidate().unwrap();
    stage.deleverage(32).unwrap();
    assert_eq!(stage.market().bodies(), before.bodies());
    stage.price(97_435);
    assert_eq!(told(&stage.liquidate().unwrap()).len(), 1, "an atom lower one is");
}

#[test]
fn the_losers_own_orders_go_first() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.place(&d.loser, sell(100, 150_000)).unwrap();
    stage.place(&d.loser, OrderRequest { reduce_only: true, ..sell(100, 120_000) }).unwrap();
    stage.price(97_000);
    // Even where nobody takes anything.
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    assert_eq!(stage.market().orders_of(d.loser.seat).count(), 0);
    assert_eq!(size(&stage, &d.loser), 2_000, "what is left waits");
}

#[test]
fn a_short_below_maintenance_buys_back_in_the_book() {
    let mut stage = stage(plain());
    let (short, long, seller) = (stage.trader(10_000_000), stage.trader(100_000_000), stage.trader(100_000_000));
    stage.trade(&long, &short, 2_000, 100_000);
    stage.price(103_000);
    stage.place(&seller, sell(5_000, 103_000)).unwrap();
    let sent = stage.liquidate().unwrap();
    // 4m of equity at 3.75 % of 103,000 carry 1,035.6 lots.
    assert_eq!(told(&sent), [(Kind::Book, short.seat, 0, 965)]);
    assert_eq!(steps(&sent)[0].side, Side::Short as u8);
    assert_eq!(size(&stage, &short), -1_035);
}

#[test]
fn both_sides_are_liquidated_in_one_call() {
    // With an initial margin close to maintenance a long from 101,000 and a short from 100,000 are both too thin between.
    let thin = Params { target: Rate(25_500), initial: Rate(26_000), jump: Rate(26_000), ..plain() };
    let mut stage = stage(thin);
    let (short, long) = (stage.trader(2_600_000), stage.trader(2_630_000));
    let rich = stage.trader(1_000_000_000);
    stage.trade(&rich, &short, 1_000, 100_000);
    stage.price(101_000);
    stage.trade(&long, &rich, 1_000, 101_000);
    stage.price(100_500);
    let seller = stage.trader(100_000_000);
    stage.place(&rich, buy(2_000, 100_400)).unwrap();
    stage.place(&seller, sell(2_000, 100_600)).unwrap();
    let sent = stage.liquidate().unwrap();
    let closed: Vec<_> = told(&sent).iter().map(|step| (step.0, step.1)).collect();
    assert_eq!(closed, [(Kind::Book, long.seat), (Kind::Book, short.seat)]);
    assert!(size(&stage, &long) < 1_000 && size(&stage, &short) > -1_000);
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
}

#[test]
fn the_number_bounds_how_many_seats_are_closed() {
    let mut stage = stage(plain());
    let rich = stage.trader(1_000_000_000);
    let losers = crowd(&mut stage, &[500_000; 5]);
    for loser in &losers {
        stage.trade(loser, &rich, 100, 100_000);
    }
    stage.price(97_000);
    let bidder = stage.trader(100_000_000);
    stage.place(&bidder, buy(5_000, 97_000)).unwrap();
    assert_eq!(told(&stage.crank(stage.at.liquidate(2, None)).unwrap()).len(), 2);
    assert_eq!(told(&stage.crank(stage.at.liquidate(1, None)).unwrap()).len(), 1);
    assert_eq!(told(&stage.crank(stage.at.liquidate(16, None)).unwrap()).len(), 2);
    assert!(losers.iter().all(|loser| size(&stage, loser) < 100), "each of them once");
}

#[test]
fn none_and_more_than_sixteen_seats_are_refused() {
    let mut stage = stage(plain());
    for most in [0, 17, 255] {
        assert_eq!(stage.crank(stage.at.liquidate(most, None)).refused(), ErrorCode::TooManyRequested);
    }
    for most in [0, 33, 255] {
        assert_eq!(stage.crank(stage.at.deleverage(most, None)).refused(), ErrorCode::TooManyRequested);
    }
    stage.crank(stage.at.liquidate(16, None)).unwrap();
    stage.crank(stage.at.deleverage(32, None)).unwrap();
}

#[test]
fn while_somebody_is_bankrupt_only_the_bankrupt_are_acted_on() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    let careful = stage.trader(11_000_000);
    stage.trade(&careful, &d.winner, 2_000, 100_000);
    stage.price(94_800);
    assert!(equity(&stage, d.loser.seat) < 0 && equity(&stage, careful.seat) > 0);
    stage.place(&d.bidder, buy(5_000, 94_900)).unwrap();
    // The bid is below the bankrupt seat's bankruptcy price of 95,000: it is nobody's.
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    clear(&mut stage, 32);
    assert_eq!(size(&stage, &d.loser), 0);
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent)[0].1, careful.seat, "now it is its turn");
}

#[test]
fn nothing_is_sold_beyond_the_zero_price_or_the_band() {
    let mut stage = stage(Params { band: Rate(10_000), ..plain() });
    let d = duel(&mut stage);
    stage.price(97_000);
    stage.place(&d.bidder, buy(10, 96_029)).unwrap();
    assert_eq!(steps(&stage.liquidate().unwrap()), [], "1 % under 97,000 is 96,030");
    stage.place(&d.bidder, buy(10, 96_030)).unwrap();
    assert_eq!(told(&stage.liquidate().unwrap()), [(Kind::Book, d.loser.seat, 0, 10)]);
    stage.price(95_100);
    stage.cancel_all(&d.bidder, None).unwrap();
    // The ten lots at 96,030 left a little more than it owed at 95,000.
    let zero = stage.seat(&d.loser).position.bankruptcy_price().unwrap().0;
    stage.place(&d.bidder, buy(10, zero - 1)).unwrap();
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    stage.place(&d.bidder, buy(10, zero)).unwrap();
    assert_eq!(told(&stage.liquidate().unwrap()).len(), 1);
}
