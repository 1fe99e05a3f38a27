//! The last step of the waterfall: force, by rank, at the bankruptcy price of the one who fell.

use zerosum_client::answers;
use zerosum_engine::{
    error::ErrorCode, ops::orders as trade, ops::orders::OrderRequest, state::header::RankRule, state::receipt::Kind,
    units::Side,
};
use zerosum_tests::{Refusal, Setup, Stage, buy, sell};

use zerosum_tests::scene::*;

/// A market that ranks by leverage, so that a test says with deposits who is first.
fn by_leverage() -> Stage {
    Setup { rule: RankRule::ProfitLeverage, params: plain(), ..Setup::default() }.start()
}

#[test]
fn a_bankrupt_seat_is_closed_at_its_zero_price_against_the_first_in_line() {
    let mut stage = by_leverage();
    let (loser, winners) = against(&mut stage, &[(400_000, 10), (200_000, 10), (800_000, 10)]);
    stage.price(94_000);
    let tokens = stage.pool_tokens();
    // Only the payer of the transaction signs.
    let sent = stage.deleverage(1).unwrap();
    assert_eq!(told(&sent), [(Kind::Forced, loser.seat, winners[1].seat, 10)]);
    let step = steps(&sent)[0];
    assert_eq!((step.price, step.oracle_price, step.taken, step.needed), (95_000, 94_000, 10_000, 10_000));
    assert_eq!((step.rank, step.round, step.side), (1, 1, Side::Long as u8));
    assert!(step.score > step.next_score && step.next_score > 0);
    assert_eq!((size(&stage, &loser), size(&stage, &winners[1])), (20, 0));
    assert_eq!(cash(&stage, &winners[1]), 200_000 + 10 * 5_000, "it keeps what it made down to the bankruptcy price");
    let statistics = stage.market().head().statistics;
    assert_eq!((statistics.forced_lots, statistics.taken, statistics.needed), (10, 10_000, 10_000));
    assert_eq!(stage.pool_tokens(), tokens);
    // What it made is there to be taken, in the middle of the crisis.
    stage.withdraw(&winners[1], 250_000).unwrap();
    assert_eq!(stage.pool_tokens(), tokens - 250_000);
}

#[test]
fn one_winner_can_be_enough() {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    stage.price(94_000);
    assert_eq!(told(&stage.deleverage(32).unwrap()), [(Kind::Forced, d.loser.seat, d.winner.seat, 2_000)]);
    assert_eq!((cash(&stage, &d.loser), cash(&stage, &d.winner)), (0, 110_000_000));
    assert_eq!(stage.market().head().open_interest.0, 0);
}

#[test]
fn many_winners_are_taken_in_the_order_of_the_queue_and_the_last_only_in_part() {
    let mut stage = by_leverage();
    let deposits: Vec<(u64, i64)> = (0..12).map(|n| (150_000 + 40_000 * (n * 5 % 12), 10)).collect();
    let (loser, winners) = against(&mut stage, &deposits);
    // Half of it is closed in time, so that not everybody is needed.
    let rescuer = stage.trader(50_000_000);
    stage.trade(&rescuer, &loser, 65, 100_000);
    // 55 lots on 600,000 are worth something down to 89,091.
    stage.price(88_000);
    let queue = answers::queue(&stage.ask(stage.at.view_adl_queue(Side::Short, None)).unwrap()).unwrap();
    let sent = stage.deleverage(32).unwrap();
    let forced = told(&sent);
    assert_eq!(forced.len(), 6, "five whole and a half: {forced:?}");
    for (step, line) in forced.iter().zip(&queue) {
        assert_eq!((step.1, step.2), (loser.seat, line.seat));
    }
    assert_eq!(forced.iter().map(|step| step.3).collect::<Vec<_>>(), [10, 10, 10, 10, 10, 5]);
    let steps = steps(&sent);
    assert!(steps.windows(2).all(|pair| pair[0].next_score == pair[1].score), "each names the next");
    assert!(steps.iter().zip(1..).all(|(step, rank)| step.rank == rank && step.round == 1));
    let spared = queue[6..].iter().map(|line| winners.iter().find(|winner| winner.seat == line.seat).unwrap());
    assert!(spared.into_iter().all(|winner| size(&stage, winner) == -10));
}

#[test]
fn many_losers_are_cleared_from_the_one_who_fell_first() {
    let mut stage = stage(plain());
    let losers = crowd(&mut stage, &(0..20).map(|n| 50_000 + 100 * n).collect::<Vec<_>>());
    let winners = crowd(&mut stage, &(0..15).map(|n| 1_000_000 + 50_000 * n).collect::<Vec<_>>());
    for (n, loser) in losers.iter().enumerate() {
        stage.trade(loser, &winners[n % 15], 7 + n as i64 % 3, 100_000);
    }
    stage.price(93_000);
    let zero = |seat: u32| stage.market().seats()[seat as usize].position.key().unwrap();
    let mut by_zero: Vec<u32> =
        losers.iter().map(|loser| loser.seat).filter(|seat| equity(&stage, *seat) < 0).collect();
    by_zero.sort_by_key(|seat| std::cmp::Reverse(zero(*seat)));
    assert!(by_zero.len() > 10);
    let before = stage.market().clone();
    let made = clear(&mut stage, 32);
    let mut order: Vec<u32> = made.iter().map(|step| step.loser).collect();
    order.dedup();
    assert_eq!(order, by_zero, "the highest bankruptcy price first, and each once");
    let lots: i64 = made.iter().map(|step| step.lots).sum();
    let over: i64 = made.iter().map(|step| step.taken - step.needed).sum();
    assert!(over >= 0 && over <= lots, "no more than the shortfall and a rounding: {over} of {lots}");
    for (now, was) in stage.market().seats().iter().zip(before.seats()) {
        assert!(now.position.size.abs() <= was.position.size.abs(), "nobody grows by force");
    }
    for seat in 0..stage.market().seats().len() {
        assert!(equity(&stage, seat as u32) >= 0, "nobody is left bankrupt");
    }
}

#[test]
fn a_flash_deposit_does_not_step_out_of_the_line() {
    let mut stage = by_leverage();
    let (_, winners) = against(&mut stage, &[(200_000, 10), (220_000, 10)]);
    stage.price(94_000);
    stage.gift(&winners[0].tokens.clone(), 100_000_000);
    stage.deposit(&winners[0], 100_000_000).unwrap();
    let sent = stage.deleverage(1).unwrap();
    assert_eq!(told(&sent)[0].2, winners[0].seat, "the head of the queue stays it");
    // And nothing of the deposit is lost.
    stage.withdraw(&winners[0], 100_250_000).unwrap();
}

#[test]
fn a_seasoned_deposit_counts() {
    let mut stage = by_leverage();
    let (_, winners) = against(&mut stage, &[(200_000, 10), (220_000, 10)]);
    stage.gift(&winners[0].tokens.clone(), 100_000_000);
    stage.deposit(&winners[0], 100_000_000).unwrap();
    stage.wait(300);
    stage.price(94_000);
    assert_eq!(told(&stage.deleverage(1).unwrap())[0].2, winners[1].seat);
}

#[test]
fn the_head_of_the_queue_cannot_leave_by_trading_while_somebody_is_bankrupt() {
    let mut stage = by_leverage();
    let (_, winners) = against(&mut stage, &[(200_000, 10), (220_000, 10)]);
    let other = stage.trader(10_000_000);
    stage.place(&other, sell(50, 94_000)).unwrap();
    stage.price(94_000);
    for kind in [trade::Kind::ImmediateOrCancel, trade::Kind::FillOrKill, trade::Kind::Limit] {
        let leave = OrderRequest { kind, reduce_only: true, ..buy(10, 94_000) };
        assert_eq!(stage.place(&winners[0], leave).refused(), ErrorCode::BankruptSeat);
    }
    // One that does not cross rests, and does not keep it from being deleveraged.
    let rests = OrderRequest { reduce_only: true, ..buy(10, 93_999) };
    stage.place(&winners[0], rests).unwrap();
    assert_eq!(size(&stage, &winners[0]), -10);
    assert_eq!(told(&stage.deleverage(1).unwrap())[0].2, winners[0].seat);
    assert_eq!(stage.market().orders_of(winners[0].seat).count(), 0, "flat, it has nothing to reduce");
}

#[test]
fn the_cranks_in_front_of_an_order_let_it_trade_in_one_transaction() {
    let mut stage = by_leverage();
    let (loser, winners) = against(&mut stage, &[(200_000, 10), (20_000_000, 10)]);
    let other = stage.trader(10_000_000);
    stage.place(&other, sell(50, 94_000)).unwrap();
    stage.price(94_000);
    let order = OrderRequest { kind: trade::Kind::FillOrKill, ..buy(5, 94_000) };
    let place = stage.at.place_order(&winners[1].key(), winners[1].seat, &order);
    stage.send(&[stage.at.deleverage(32, None), place], &[&winners[1].keys]).unwrap();
    assert_eq!((size(&stage, &loser), size(&stage, &other)), (0, -5));
}

#[test]
fn a_deleveraged_seat_keeps_the_orders_that_still_fit_its_margin() {
    let mut stage = stage(plain());
    let (_, winners) = against(&mut stage, &[(200_000, 30)]);
    // 200,000 and a profit of 150,000 carry 74 lots at 94,000.
    stage.price(94_000);
    stage.place(&winners[0], buy(60, 80_000)).unwrap();
    stage.deleverage(1).unwrap();
    assert_eq!(stage.market().orders_of(winners[0].seat).count(), 1);

    let mut stage = zerosum_tests::scene::stage(plain());
    let (_, winners) = against(&mut stage, &[(200_000, 30)]);
    stage.price(94_000);
    stage.place(&winners[0], buy(76, 80_000)).unwrap();
    stage.deleverage(1).unwrap();
    assert_eq!(stage.market().orders_of(winners[0].seat).count(), 0, "350,000 carry 74 lots, flat");
}

#[test]
fn a_partly_used_winner_stays_first_until_the_price_changes() {
    let scene = || {
        let mut stage = stage(plain());
        let (first, second) = (stage.trader(4 * 5_000), stage.trader(4 * 5_100));
        let (big, middle) = (stage.trader(1_000_000), stage.trader(900_000));
        stage.trade(&first, &big, 4, 100_000);
        stage.trade(&second, &big, 1, 100_000);
        stage.trade(&second, &middle, 3, 100_000);
        stage.price(94_000);
        let sent = stage.deleverage(1).unwrap();
        assert_eq!(told(&sent)[0].2, big.seat, "by size the big one leads");
        (stage, big, middle)
    };
    let (mut stage, big, middle) = scene();
    stage.deleverage(1).unwrap();
    assert_eq!((size(&stage, &big), size(&stage, &middle)), (0, -3), "first in line still, though small now");
    let (mut stage, big, middle) = scene();
    stage.price(93_999);
    stage.deleverage(1).unwrap();
    assert_eq!((size(&stage, &big), size(&stage, &middle)), (-1, 0), "at another price the ranking decides anew");
}

#[test]
fn both_sides_go_bankrupt_one_after_the_other() {
    let mut stage = stage(plain());
    let (long, short) = (stage.trader(50 * 5_000), stage.trader(50 * 5_000));
    let (far_long, far_short) = (stage.trader(100_000_000), stage.trader(100_000_000));
    stage.trade(&long, &far_short, 50, 100_000);
    stage.trade(&far_long, &short, 50, 100_000);
    stage.price(94_000);
    let made = clear(&mut stage, 8);
    assert!(made.iter().all(|step| step.side == Side::Long as u8 && step.loser == long.seat));
    assert_eq!((size(&stage, &long), size(&stage, &short) + size(&stage, &far_short)), (0, -50));
    let still_short = if size(&stage, &short) < 0 { &short } else { &far_short };
    let zero = stage.seat(still_short).position.bankruptcy_price().unwrap().0;
    // Up, in steps within the jump bound, until the other side falls.
    while equity(&stage, still_short.seat) >= 0 {
        let price = stage.market().head().price.accepted.0;
        stage.price((price + price / 3).min(zero + 1_000));
    }
    let made = clear(&mut stage, 8);
    assert!(!made.is_empty());
    assert!(made.iter().all(|step| step.side == Side::Short as u8 && step.loser == still_short.seat));
    assert_eq!(stage.market().head().open_interest.0, 0);
    assert_eq!(stage.market().head().rounds, 2);
}
