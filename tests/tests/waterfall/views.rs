//! `view_seat`: what it says of a seat is what is then done to it.

use zerosum_client::answers::{self, SeatView};
use zerosum_engine::{error::ErrorCode, state::header::RankRule, units::Side};
use zerosum_tests::{Refusal, Setup, Stage, Trader};

use zerosum_tests::scene::*;

fn view(stage: &mut Stage, seat: u32) -> SeatView {
    let view = stage.at.view_seat(seat);
    answers::seat(&stage.ask(view).unwrap()).unwrap()
}

#[test]
fn a_seat_is_explained_as_its_record_says() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.price(98_000);
    let seen = view(&mut stage, d.loser.seat);
    assert_eq!((seen.cash, seen.size), (10_000_000 - 200_000_000, 2_000));
    assert_eq!((seen.equity, seen.profit), (6_000_000, -4_000_000));
    assert_eq!(seen.margin_ratio, Some(30_612), "6m of 196m");
    assert_eq!((seen.bankruptcy_price, seen.liquidation_price), (Some(95_000), Some(97_435)));
    let seen = view(&mut stage, d.winner.seat);
    assert_eq!((seen.size, seen.profit), (-2_000, 4_000_000));
}

#[test]
fn at_the_liquidation_price_a_seat_is_liquidated_and_a_tick_before_it_is_not() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.place(&d.bidder, zerosum_tests::buy(5_000, 97_000)).unwrap();
    let at = view(&mut stage, d.loser.seat).liquidation_price.unwrap();
    stage.price(at + 1);
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    stage.price(at);
    assert_eq!(told(&stage.liquidate().unwrap()).len(), 1);
}

#[test]
fn a_flat_seat_is_in_no_queue() {
    let mut stage = stage(plain());
    let flat = stage.trader(77);
    let seen = view(&mut stage, flat.seat);
    assert_eq!((seen.cash, seen.size, seen.equity), (77, 0, 77));
    assert_eq!((seen.margin_ratio, seen.liquidation_price, seen.bankruptcy_price), (None, None, None));
    assert_eq!(seen.queue, None, "not zero: none");
    assert_eq!(view(&mut stage, 0).queue, None, "the vault neither");
}

#[test]
fn a_seat_that_is_not_open_is_refused() {
    let mut stage = stage(plain());
    let (closed, _last) = (stage.trader(100), stage.trader(100));
    stage.close(&closed).unwrap();
    for seat in [closed.seat, 3, u32::MAX] {
        assert_eq!(stage.ask(stage.at.view_seat(seat)).refused(), ErrorCode::NoSuchSeat, "{seat}");
    }
}

/// Eight winners of one loser who needs five and a half of them.
fn half_rescued() -> (Stage, Trader, Vec<Trader>) {
    let mut stage = Setup { rule: RankRule::ProfitLeverage, params: plain(), ..Setup::default() }.start();
    let deposits: Vec<(u64, i64)> = (0..8).map(|n| (150_000 + 40_000 * (n * 3 % 8), 10)).collect();
    let (loser, winners) = against(&mut stage, &deposits);
    let rescuer = stage.trader(50_000_000);
    stage.trade(&rescuer, &loser, 25, 100_000);
    stage.price(92_000);
    assert!(equity(&stage, loser.seat) < 0);
    (stage, loser, winners)
}

#[test]
fn what_a_seat_is_told_that_deleveraging_would_take_is_what_it_then_takes() {
    let (mut stage, loser, winners) = half_rescued();
    let lots = size(&stage, &loser);
    let told_before: Vec<SeatView> = winners.iter().map(|winner| view(&mut stage, winner.seat)).collect();
    let mut closed: Vec<i64> = told_before.iter().map(|seen| seen.queue.unwrap().would_close).collect();
    stage.deleverage(32).unwrap();
    assert_eq!(size(&stage, &loser), 0);
    for (winner, before) in winners.iter().zip(&told_before) {
        let place = before.queue.unwrap();
        assert_eq!(size(&stage, winner) - before.size, place.would_close, "rank {}", place.rank);
        // Each fill before it may round in its favour; all of them together by less than an atom a lot.
        let less = place.would_take - (before.equity - equity(&stage, winner.seat));
        let rounding = if place.rank == 1 || place.would_close == 0 { 0..1 } else { 0..lots };
        assert!(rounding.contains(&less), "rank {}: {less} less", place.rank);
    }
    closed.sort_unstable();
    assert_eq!(closed, [0, 0, 5, 10, 10, 10, 10, 10]);
}

#[test]
fn the_views_of_seats_and_of_the_queue_agree() {
    let (mut stage, _, winners) = half_rescued();
    let queue = answers::queue(&stage.ask(stage.at.view_adl_queue(Side::Short, None)).unwrap()).unwrap();
    assert_eq!(queue.len(), winners.len());
    for (line, rank) in queue.iter().zip(1..) {
        let place = view(&mut stage, line.seat).queue.unwrap();
        assert_eq!((place.rank, place.of, place.score), (rank, 8, line.score));
    }
    let lights: Vec<u8> = queue.iter().map(|line| view(&mut stage, line.seat).queue.unwrap().lights).collect();
    assert_eq!(lights, [5, 5, 4, 4, 3, 2, 2, 1]);
}

#[test]
fn the_views_follow_a_deleveraging_cut_in_the_middle() {
    let (mut stage, loser, winners) = half_rescued();
    stage.deleverage(3).unwrap();
    let lots = size(&stage, &loser);
    assert_eq!(lots, 25);
    let told_before: Vec<SeatView> = winners.iter().map(|winner| view(&mut stage, winner.seat)).collect();
    stage.deleverage(32).unwrap();
    assert_eq!(size(&stage, &loser), 0);
    for (winner, before) in winners.iter().zip(&told_before) {
        let (close, take) = before.queue.map_or((0, 0), |place| (place.would_close, place.would_take));
        assert_eq!(size(&stage, winner) - before.size, close);
        let less = take - (before.equity - equity(&stage, winner.seat));
        assert!((0..lots).contains(&less), "{less}");
    }
}

#[test]
fn while_nobody_is_bankrupt_a_seat_sees_what_the_next_to_fall_would_take() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.price(98_000);
    let place = view(&mut stage, d.winner.seat).queue.unwrap();
    // At the bankruptcy price of 95,000 it would buy back 3,000 atoms a lot under the oracle price: it would gain.
    assert_eq!((place.would_close, place.would_take), (2_000, -6_000_000));
}
