//! `view_adl_queue` and `view_liquidation_queue`: the order of the queues, and that it is the one that is acted on.

use zerosum_client::answers::{self, QueueLine};
use zerosum_engine::{
    error::ErrorCode,
    ops::orders::{Kind, OrderRequest},
    rules::adl_ranking as ranking,
    units::Side,
    view::PAGE,
};
use zerosum_tests::{Refusal, Setup, Stage, Trader, buy, sell};

use zerosum_tests::scene::*;

fn page(stage: &mut Stage, side: Side, after: Option<(u32, u64)>) -> Vec<QueueLine> {
    let view = stage.at.view_adl_queue(side, after);
    answers::queue(&stage.ask(view).unwrap()).unwrap()
}

/// All pages of a queue.
fn whole(stage: &mut Stage, side: Side) -> Vec<QueueLine> {
    let mut all = page(stage, side, None);
    while let Some(last) = all.last().copied() {
        let more = page(stage, side, Some((last.seat, last.score)));
        if more.is_empty() {
            break;
        }
        all.extend(more);
    }
    all
}

fn falling(stage: &mut Stage, side: Side, slot: u32) -> Vec<QueueLine> {
    let view = stage.at.view_liquidation_queue(side, slot);
    answers::queue(&stage.ask(view).unwrap()).unwrap()
}

/// Ninety-five shorts against one long, at a price where some are in profit and some are not.
fn crowded() -> (Stage, Trader, Vec<Trader>) {
    let mut stage = stage(plain());
    grow_book(&mut stage);
    grow_book(&mut stage);
    let long = stage.trader(3_000_000);
    let shorts = crowd(&mut stage, &(0..95).map(|n| 300_000 + 7_919 * (n * 37 % 95)).collect::<Vec<_>>());
    let (mut sells, owner) = (Vec::new(), shorts[0].keys.insecure_clone());
    for (n, short) in shorts.iter().enumerate() {
        let n = n as i64;
        // From 92,000 up to 101,400, so that at 94,000 a part of them has lost.
        let sell = sell(1 + n % 4, 92_000 + 100 * n);
        sells.push(stage.at.place_order(&short.key(), short.seat, &sell));
    }
    for batch in sells.chunks(8) {
        stage.send(batch, &[&owner]).unwrap();
    }
    // 64 of them a call.
    let take = OrderRequest { kind: Kind::ImmediateOrCancel, ..buy(600, 102_000) };
    stage.place(&long, take).unwrap();
    stage.place(&long, take).unwrap();
    (stage, long, shorts)
}

#[test]
fn the_pages_of_a_queue_are_the_whole_order_and_a_full_sort_agrees() {
    let (mut stage, _, _) = crowded();
    stage.price(94_000);
    let first = page(&mut stage, Side::Short, None);
    assert_eq!(first.len(), PAGE);
    let queue = whole(&mut stage, Side::Short);
    let now = stage.svm.now();
    let mut snapshot = stage.market().clone();
    let exchange = snapshot.exchange();
    let terms = zerosum_engine::rules::adl_ranking::terms(&exchange.market, now);
    let seats = &exchange.market.seats[..exchange.market.head.seat_count as usize];
    let shorts = (0..).zip(seats).filter(|(_, seat)| seat.position.size.0 < 0);
    let mut sorted: Vec<QueueLine> = shorts
        .map(|(seat, record)| QueueLine { seat, size: record.position.size.0, score: ranking::score(record, &terms).0 })
        .collect();
    sorted.sort_by_key(|line| (std::cmp::Reverse(line.score), line.seat));
    assert!(sorted.len() > 2 * PAGE, "{} shorts", sorted.len());
    assert!(sorted.iter().any(|line| ranking::Score(line.score).in_profit()));
    assert!(sorted.iter().any(|line| !ranking::Score(line.score).in_profit()));
    assert_eq!(queue, sorted);
}

#[test]
fn who_stands_first_in_the_queue_is_deleveraged_first() {
    let (mut stage, long, shorts) = crowded();
    stage.price(80_000);
    assert!(equity(&stage, long.seat) < 0);
    let queue = whole(&mut stage, Side::Short);
    let lots = size(&stage, &long);
    let made = clear(&mut stage, 32);
    let reduced: Vec<u32> = made.iter().map(|step| step.winner).collect();
    let announced: Vec<u32> = queue.iter().map(|line| line.seat).take(reduced.len()).collect();
    assert_eq!(reduced, announced);
    assert_eq!(made.iter().map(|step| step.score).collect::<Vec<_>>(), {
        let scores = queue.iter().map(|line| line.score);
        scores.take(reduced.len()).collect::<Vec<_>>()
    });
    assert_eq!(made.iter().map(|step| step.lots).sum::<i64>(), lots);
    assert!(shorts.iter().all(|short| size(&stage, short) == 0), "everybody was short against it");
}

#[test]
fn a_partly_used_winner_is_shown_where_it_stands_first() {
    let mut stage = stage(plain());
    let (first, second) = (stage.trader(4 * 5_000), stage.trader(4 * 5_100));
    let (big, middle) = (stage.trader(1_000_000), stage.trader(900_000));
    stage.trade(&first, &big, 4, 100_000);
    stage.trade(&second, &big, 1, 100_000);
    stage.trade(&second, &middle, 3, 100_000);
    stage.price(94_000);
    stage.deleverage(1).unwrap();
    let queue = whole(&mut stage, Side::Short);
    assert_eq!(queue.iter().map(|line| line.seat).collect::<Vec<_>>(), [big.seat, middle.seat]);
    assert!(queue[0].score < queue[1].score, "though its score is lower by now");
    assert_eq!(told(&stage.deleverage(1).unwrap())[0].2, big.seat);
}

#[test]
fn an_empty_queue_is_an_empty_page() {
    let mut stage = stage(plain());
    stage.trader(1_000_000);
    assert_eq!(page(&mut stage, Side::Long, None), []);
    assert_eq!(page(&mut stage, Side::Short, Some((7, 7))), []);
    assert_eq!(falling(&mut stage, Side::Long, 0), []);
}

#[test]
fn a_side_that_does_not_exist_and_a_market_without_a_price_are_refused() {
    let mut stage = Setup { price: None, params: plain(), ..Setup::default() }.start();
    let view = stage.at.view_adl_queue(Side::Long, None);
    assert_eq!(stage.ask(view.clone()).refused(), ErrorCode::NoPrice);
    assert_eq!(stage.ask(stage.at.view_seat(0)).refused(), ErrorCode::NoPrice);
    for mut view in [view, stage.at.view_liquidation_queue(Side::Long, 0)] {
        view.data[8] = 2;
        assert_eq!(stage.ask(view).refused(), ErrorCode::BadParameter);
    }
}

#[test]
fn the_falling_queue_shows_the_zero_prices_from_the_head() {
    let (mut stage, _, shorts) = crowded();
    let mut all = Vec::new();
    loop {
        let lines = falling(&mut stage, Side::Short, all.len() as u32);
        if lines.is_empty() {
            break;
        }
        all.extend(lines);
    }
    assert_eq!(all.len(), shorts.iter().filter(|short| size(&stage, short) < 0).count());
    for line in &all {
        let zero = stage.market().seats()[line.seat as usize].position.bankruptcy_price().unwrap().0;
        assert_eq!((line.score as i64) >> 16, zero, "rounded against the seat");
    }
    let lowest = all.iter().map(|line| line.score as i64).min().unwrap();
    assert_eq!(all[0].score as i64, lowest, "the head falls first");
    assert_eq!(falling(&mut stage, Side::Short, u32::MAX), []);
}
