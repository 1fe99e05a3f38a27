//! `cancel_order`, `cancel_all`, and the one order that its owner cannot cancel at once.

use anchor_lang::InstructionData;
use zerosum_engine::{
    error::ErrorCode,
    ops::orders::{Kind, OrderRequest},
    units::Side,
};
use zerosum_tests::{Refusal, Stage, Trader, buy, sell};

fn numbered(client_id: u64, order: OrderRequest) -> OrderRequest {
    OrderRequest { client_id, ..order }
}

#[test]
fn the_newest_order_with_a_number_is_cancelled() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(60_000_000), stage.trader(60_000_000));
    stage.place(&alice, numbered(7, buy(1, 90_000))).unwrap();
    stage.place(&alice, numbered(7, buy(2, 95_000))).unwrap();
    stage.place(&bob, numbered(7, sell(3, 110_000))).unwrap();
    stage.cancel(&alice, 7).unwrap();
    let lots = |stage: &Stage, seat| stage.market().orders_of(seat).map(|order| order.lots.0).collect::<Vec<_>>();
    assert_eq!((lots(&stage, alice.seat), lots(&stage, bob.seat)), (vec![1], vec![3]));
    assert_eq!(stage.cancel(&alice, 8).refused(), ErrorCode::NoSuchOrder);
    stage.cancel(&alice, 7).unwrap();
    assert_eq!(stage.cancel(&alice, 7).refused(), ErrorCode::NoSuchOrder);
    assert_eq!(lots(&stage, bob.seat), [3], "another's order with the same number stays");
    // What was bound is free again.
    stage.withdraw(&alice, 60_000_000).unwrap();
}

#[test]
fn all_orders_are_cancelled_or_those_of_a_side() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(60_000_000), stage.trader(60_000_000));
    for trader in [&alice, &bob] {
        for price in [90_000, 91_000] {
            stage.place(trader, buy(1, price)).unwrap();
            stage.place(trader, sell(1, price + 20_000)).unwrap();
        }
    }
    stage.cancel_all(&alice, Some(Side::Short)).unwrap();
    assert!(stage.market().orders_of(alice.seat).all(|order| order.side() == Side::Long));
    assert_eq!((stage.seat(&alice).order_count, stage.seat(&bob).order_count), (2, 4));
    stage.cancel_all(&alice, None).unwrap();
    stage.cancel_all(&alice, None).unwrap();
    assert_eq!((stage.seat(&alice).order_count, stage.seat(&bob).order_count), (0, 4));
    let mut unknown = stage.at.cancel_all(&bob.key(), bob.seat, None);
    unknown.data = zerosum::instruction::CancelAll { seat: bob.seat, side: Some(2) }.data();
    assert_eq!(stage.send(&[unknown], &[&bob.keys]).refused(), ErrorCode::BadParameter);
    assert_eq!(stage.seat(&bob).order_count, 4);
}

/// Fills the bids of a new book: 32 orders at 90,000 and above.
fn crowd(stage: &mut Stage) -> [Trader; 2] {
    let traders = [stage.trader(60_000_000), stage.trader(60_000_000)];
    for trader in &traders {
        let orders: Vec<_> =
            (0..16).map(|n| stage.at.place_order(&trader.key(), trader.seat, &buy(1, 90_000 + n))).collect();
        for six in orders.chunks(6) {
            stage.send(six, &[&trader.keys]).unwrap();
        }
    }
    assert_eq!(stage.market().resting(Side::Long).len(), 32);
    traders
}

#[test]
fn a_full_side_lets_only_a_better_order_in_and_that_one_has_to_stay() {
    let mut stage = Stage::new();
    let [first, second] = crowd(&mut stage);
    let late = stage.trader(60_000_000);
    assert_eq!(stage.place(&late, buy(1, 90_000)).refused(), ErrorCode::BookFull);
    assert_eq!(stage.place(&late, buy(1, 89_999)).refused(), ErrorCode::BookFull);
    stage.place(&late, OrderRequest { kind: Kind::ImmediateOrCancel, ..buy(1, 89_999) }).unwrap();
    stage.place(&late, sell(1, 110_000)).unwrap();
    stage.place(&late, numbered(3, buy(1, 90_500))).unwrap();
    assert_eq!(stage.market().resting(Side::Long).len(), 32);
    let orders = stage.seat(&first).order_count + stage.seat(&second).order_count;
    assert_eq!(orders, 31, "one of the worst two has left");

    assert_eq!(stage.cancel(&late, 3).refused(), ErrorCode::OrderLocked);
    stage.cancel_all(&late, None).unwrap();
    let left: Vec<_> = stage.market().orders_of(late.seat).map(|order| order.client_id).collect();
    assert_eq!(left, [3], "all but the locked one are cancelled");
    // Nor does closing the seat or selling to oneself get round that.
    assert_eq!(stage.close(&late).refused(), ErrorCode::SeatNotEmpty);
    let twin = stage.at.open_seat(&late.key(), &late.key(), &late.tokens, 20_000_000);
    stage.send(&[twin], &[&late.keys]).unwrap();
    let ask = OrderRequest { kind: Kind::ImmediateOrCancel, ..sell(1, 90_500) };
    let own = stage.at.place_order(&late.key(), late.seat + 1, &ask);
    stage.send(&[own], &[&late.keys]).unwrap();
    assert_eq!(stage.market().orders_of(late.seat).count(), 1);

    stage.wait(10);
    stage.cancel(&late, 3).unwrap();
    stage.close(&late).unwrap();
}

#[test]
fn a_side_that_has_numbered_all_it_can_starts_again_once_it_is_empty() {
    let mut stage = Stage::new();
    let alice = stage.trader(60_000_000);
    stage.place(&alice, buy(1, 90_000)).unwrap();
    stage.rewrite(0, |exchange| exchange.book.head.bid_sequence = u32::MAX);
    assert_eq!(stage.place(&alice, buy(1, 90_000)).refused(), ErrorCode::BookSequenceExhausted);
    stage.place(&alice, sell(1, 110_000)).unwrap();
    stage.cancel_all(&alice, Some(Side::Long)).unwrap();
    stage.place(&alice, buy(1, 90_000)).unwrap();
    assert_eq!(stage.market().book_head().bid_sequence, 1);
}

#[test]
fn a_grown_book_has_room_again() {
    let mut stage = Stage::new();
    crowd(&mut stage);
    let late = stage.trader(60_000_000);
    assert_eq!(stage.place(&late, buy(1, 80_000)).refused(), ErrorCode::BookFull);
    let grow = stage.at.grow_book(&late.key());
    stage.send(&[grow], &[&late.keys]).unwrap();
    stage.place(&late, numbered(4, buy(1, 80_000))).unwrap();
    stage.cancel(&late, 4).unwrap();
    assert_eq!(stage.market().resting(Side::Long).len(), 32);
}
