use anchor_lang::InstructionData;
use zerosum::args::OrderArgs;
use zerosum_client::events::Traded;
use zerosum_engine::{
    error::ErrorCode,
    layout::MAX_ORDERS_PER_SEAT,
    ops::orders::{Kind, OrderRequest},
    state::params::Params,
    units::{MAX_LOTS, MAX_PRICE, Side},
};
use zerosum_tests::{Event, Refusal, Setup, Stage, buy, refusal, sell};

use zerosum_tests::tampering::{Anchor, Fails, anchor};

fn of_kind(kind: Kind, order: OrderRequest) -> OrderRequest {
    OrderRequest { kind, ..order }
}

fn reducing(order: OrderRequest) -> OrderRequest {
    OrderRequest { reduce_only: true, ..order }
}

#[test]
fn an_order_takes_what_is_better_and_rests_with_the_remainder() {
    let mut stage = Stage::new();
    let (maker, taker) = (stage.trader(100_000_000), stage.trader(100_000_000));
    stage.place(&maker, sell(30, 100_200)).unwrap();
    stage.place(&maker, sell(20, 100_100)).unwrap();
    let sent = stage.place(&taker, OrderRequest { client_id: 42, expires: i64::MAX, ..buy(70, 100_150) }).unwrap();
    let quote = 20 * 100_100;
    let traded = Traded {
        market: stage.at.market,
        seat: taker.seat,
        side: 0,
        client_id: 42,
        lots: 20,
        quote,
        fee: quote / 2_000,
        rested: 50,
    };
    assert_eq!(sent.events, [Event::Traded(traded)]);
    let (long, short) = (stage.seat(&taker).position, stage.seat(&maker).position);
    assert_eq!((long.size.0, short.size.0), (20, -20));
    assert_eq!(long.cash.0, 100_000_000 - quote - quote / 2_000);
    let maker_fee = (quote as u64).div_ceil(10_000) as i64;
    assert_eq!(short.cash.0, 100_000_000 + quote - maker_fee);
    let head = stage.market().head();
    assert_eq!(head.fee_cash.0 + head.vault_fees.0, quote / 2_000 + maker_fee);
    assert_eq!(head.open_interest.0, 20);
    let bid = stage.market().resting(Side::Long)[0];
    assert_eq!(
        (bid.lots.0, bid.price.0, bid.client_id, bid.seat, bid.expires),
        (50, 100_150, 42, taker.seat, i64::MAX)
    );
    assert_eq!(stage.market().resting(Side::Short)[0].lots.0, 30);
    assert_eq!(stage.pool_tokens(), 200_000_000, "trading moves no tokens");
}

#[test]
fn an_order_that_makes_no_sense_is_refused() {
    let mut stage = Setup { params: Params { min_order: 5, ..Params::standard() }, ..Setup::default() }.start();
    let alice = stage.trader(100_000_000);
    let now = stage.svm.now();
    let cases = [
        (buy(10, 0), ErrorCode::PriceOutOfRange),
        (buy(10, -5), ErrorCode::PriceOutOfRange),
        (sell(10, MAX_PRICE + 1), ErrorCode::PriceOutOfRange),
        (buy(0, 100_000), ErrorCode::LotsOutOfRange),
        (sell(-10, 100_000), ErrorCode::LotsOutOfRange),
        (buy(MAX_LOTS + 1, 1), ErrorCode::LotsOutOfRange),
        (buy(i64::MIN, 1), ErrorCode::LotsOutOfRange),
        (buy(4, 100_000), ErrorCode::BelowMinimumOrder),
        (OrderRequest { expires: now, ..buy(10, 100_000) }, ErrorCode::OrderExpired),
        (OrderRequest { expires: -1, ..buy(10, 100_000) }, ErrorCode::OrderExpired),
        (reducing(sell(10, 100_000)), ErrorCode::ReduceOnlyExceeds),
    ];
    for (order, code) in cases {
        assert_eq!(stage.place(&alice, order).refused(), code, "{order:?}");
    }
    // Bytes that name no side and no kind.
    let place = stage.at.place_order(&alice.key(), alice.seat, &buy(10, 99_000));
    let args = OrderArgs::from(&buy(10, 99_000));
    for (order, most) in [(OrderArgs { side: 2, ..args }, 1), (OrderArgs { kind: 4, ..args }, 3)] {
        let mut place = place.clone();
        place.data = zerosum::instruction::PlaceOrder { seat: alice.seat, order }.data();
        let error = refusal(&stage.send(&[place], &[&alice.keys]).unwrap_err());
        assert_eq!((error.code, error.expected), (ErrorCode::BadParameter, most));
    }
    let mut short = place.clone();
    short.data.pop();
    assert_eq!(stage.send(&[short], &[&alice.keys]).fails(), anchor(Anchor::InstructionDidNotDeserialize));
    stage.send(&[place], &[&alice.keys]).unwrap();
}

#[test]
fn every_kind_of_order_keeps_its_promise() {
    let mut stage = Stage::new();
    let (maker, taker) = (stage.trader(100_000_000), stage.trader(100_000_000));
    stage.place(&maker, sell(50, 100_000)).unwrap();
    assert_eq!(stage.place(&taker, of_kind(Kind::PostOnly, buy(10, 100_000))).refused(), ErrorCode::PostOnlyCrosses);
    let failure = stage.place(&taker, of_kind(Kind::FillOrKill, buy(51, 100_000))).unwrap_err();
    let error = refusal(&failure);
    assert_eq!((error.code, error.expected, error.actual), (ErrorCode::NotFilled, 51, 50));
    assert_eq!(stage.seat(&taker).position.size.0, 0);
    stage.place(&taker, of_kind(Kind::PostOnly, buy(10, 99_999))).unwrap();
    assert_eq!(stage.seat(&taker).order_count, 1);
    stage.place(&taker, of_kind(Kind::FillOrKill, buy(20, 100_000))).unwrap();
    let sent = stage.place(&taker, of_kind(Kind::ImmediateOrCancel, buy(100, 100_000))).unwrap();
    let [Event::Traded(traded)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((traded.lots, traded.rested), (30, 0));
    assert_eq!((stage.seat(&taker).position.size.0, stage.seat(&taker).order_count), (50, 1));
    // No more matches than allowed: what is left would rest crossed and is dropped.
    for _ in 0..3 {
        stage.place(&maker, sell(1, 100_000)).unwrap();
    }
    stage.place(&taker, OrderRequest { max_matches: 2, ..buy(3, 100_000) }).unwrap();
    assert_eq!((stage.seat(&taker).position.size.0, stage.seat(&taker).order_count), (52, 1));
    assert_eq!(stage.market().resting(Side::Short).len(), 1);
}

#[test]
fn a_position_is_opened_with_initial_margin_only() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(1_000_000_000));
    // 5 % of 10,000 lots at 100,000 is all there is: nothing is left for the fee of a taker.
    let failure = stage.place(&alice, buy(10_001, 100_000)).unwrap_err();
    let error = refusal(&failure);
    assert_eq!((error.code, error.expected, error.actual), (ErrorCode::BelowInitialMargin, 50_005_000, 50_000_000));
    stage.place(&alice, buy(6_000, 99_000)).unwrap();
    assert_eq!(stage.place(&alice, buy(4_001, 99_000)).refused(), ErrorCode::BelowInitialMargin);
    stage.place(&alice, sell(10_000, 101_000)).unwrap();
    stage.place(&bob, of_kind(Kind::ImmediateOrCancel, buy(10_000, 101_000))).unwrap();
    assert_eq!(stage.seat(&alice).position.size.0, -10_000, "the worst of both sides counts, not their sum");
}

#[test]
fn a_reduction_must_not_make_a_seat_worse() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(60_000_000), stage.trader(1_000_000_000));
    stage.trade(&alice, &bob, 10_000, 100_000);
    // 2.95 % is left; the band lets a taker sell 5 % below.
    stage.price(97_000);
    stage.place(&bob, buy(10_000, 92_500)).unwrap();
    assert_eq!(stage.place(&alice, sell(5_000, 92_500)).refused(), ErrorCode::WorseMargin);
    assert_eq!(stage.place(&alice, sell(10_000, 92_500)).refused(), ErrorCode::Insolvent);
    stage.place(&bob, buy(5_000, 96_500)).unwrap();
    stage.place(&alice, of_kind(Kind::ImmediateOrCancel, sell(5_000, 96_500))).unwrap();
    assert_eq!(stage.seat(&alice).position.size.0, 5_000);
}

#[test]
fn reduce_only_orders_never_exceed_the_position() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(60_000_000), stage.trader(60_000_000));
    stage.trade(&alice, &bob, 100, 100_000);
    assert_eq!(stage.place(&alice, reducing(sell(101, 101_000))).refused(), ErrorCode::ReduceOnlyExceeds);
    assert_eq!(stage.place(&alice, reducing(buy(1, 99_000))).refused(), ErrorCode::ReduceOnlyExceeds);
    stage.place(&alice, reducing(sell(70, 101_000))).unwrap();
    let error = refusal(&stage.place(&alice, reducing(sell(31, 101_000))).unwrap_err());
    assert_eq!((error.code, error.expected), (ErrorCode::ReduceOnlyExceeds, 30));
    stage.place(&alice, reducing(sell(30, 101_500))).unwrap();
    // The position shrinks by another way: the newest orders go.
    stage.trade(&bob, &alice, 50, 100_000);
    let left: Vec<_> = stage.market().orders_of(alice.seat).map(|order| order.lots.0).collect();
    assert!(left.iter().sum::<i64>() <= 50, "{left:?}");
}

#[test]
fn a_seat_has_a_bounded_number_of_orders() {
    let mut stage = Stage::new();
    let alice = stage.trader(60_000_000);
    let place = stage.at.place_order(&alice.key(), alice.seat, &buy(1, 90_000));
    for _ in 0..8 {
        stage.send(&[place.clone(), place.clone(), place.clone(), place.clone()], &[&alice.keys]).unwrap();
    }
    assert_eq!(stage.seat(&alice).order_count, MAX_ORDERS_PER_SEAT);
    assert_eq!(stage.place(&alice, sell(1, 110_000)).refused(), ErrorCode::TooManyOrders);
    stage.cancel(&alice, 0).unwrap();
    stage.place(&alice, sell(1, 110_000)).unwrap();
}

#[test]
fn while_opening_is_paused_positions_only_shrink() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(60_000_000), stage.trader(60_000_000));
    stage.trade(&alice, &bob, 100, 100_000);
    stage.rewrite(0, |exchange| exchange.market.head.opening_paused = 1);
    assert_eq!(stage.place(&alice, buy(1, 99_000)).refused(), ErrorCode::OpeningPaused);
    assert_eq!(stage.place(&alice, sell(101, 100_000)).refused(), ErrorCode::OpeningPaused);
    stage.trade(&bob, &alice, 60, 100_000);
    assert_eq!(stage.seat(&alice).position.size.0, 40);
    stage.withdraw(&alice, 1_000).unwrap();
    stage.deposit(&alice, 1_000).unwrap();
}
