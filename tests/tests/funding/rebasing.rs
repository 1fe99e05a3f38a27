//! Counting from 0 again: nothing that anyone can look up changes.

use zerosum_client::answers::{self, QueueLine, SeatView};
use zerosum_engine::{error::ErrorCode, units::Side};
use zerosum_tests::{Refusal, Stage, sell};

use super::scene::*;

/// What everyone can see: seats explained, but for the cash that a rebase moves; the queue; the order in which seats fall;
/// and what each is worth.
type Seen = (Vec<SeatView>, Vec<QueueLine>, Vec<u32>, Vec<i64>);

fn seen(stage: &mut Stage) -> Seen {
    let (at, count) = (stage.at, stage.market().seats().len() as u32);
    let explain = |seat| SeatView { cash: 0, ..answers::seat(&stage.ask(at.view_seat(seat)).unwrap()).unwrap() };
    let seats = (0..count).map(explain).collect();
    let queue = [Side::Long, Side::Short]
        .into_iter()
        .flat_map(|side| answers::queue(&stage.ask(at.view_adl_queue(side, None)).unwrap()).unwrap())
        .collect();
    let falling = [Side::Long, Side::Short]
        .into_iter()
        .flat_map(|side| answers::queue(&stage.ask(at.view_liquidation_queue(side, 0)).unwrap()).unwrap())
        .map(|line| line.seat)
        .collect();
    let head = stage.market().head();
    let adjusted = head.price.accepted - head.funding;
    let worth = stage.market().seats().iter().map(|seat| seat.position.equity(adjusted).unwrap().0).collect();
    (seats, queue, falling, worth)
}

#[test]
fn a_rebase_changes_nothing_that_anyone_can_look_up() {
    let Quoted { mut stage, long, short, .. } = quoted(paying());
    let others = [30_000_000u64, 8_000_000, 55_000_000, 7_000_000].map(|cash| stage.trader(cash));
    // Opened at different times, so at different funding.
    for (n, other) in others.iter().enumerate() {
        pass(&mut stage, HOUR);
        stage.place(other, sell(3 + n as i64, MARK + 300)).unwrap();
        stage.crank(stage.at.accrue_funding()).unwrap();
    }
    let queued = seen(&mut stage);
    assert!(queued.1.len() == 7 && queued.2.len() == 7, "{queued:?}");
    assert!(others.iter().all(|other| stage.seat(other).position.size.0 < 0), "they met the bid");
    let funding = state(&stage).0;
    assert!(funding > 100, "{funding}");
    let (before, cash) = (seen(&mut stage), stage.seat(&long).position.cash.0);
    let pool = stage.market().head().pool_cash;
    stage.crank(stage.at.rebase()).unwrap();
    assert_eq!(state(&stage).0, 0);
    assert_eq!(seen(&mut stage), before, "somebody sees a difference");
    assert_eq!(stage.seat(&long).position.cash.0, cash - 1_000 * funding, "it moved the cash");
    assert_eq!(stage.market().head().pool_cash, pool);
    // Twice is once too often.
    assert_eq!(stage.crank(stage.at.rebase()).refused(), ErrorCode::FundingAtRest);
    // And the market goes on.
    stage.wait(HOUR);
    stage.price(MARK);
    stage.withdraw(&short, 1_000).unwrap();
}

#[test]
fn a_rebase_is_refused_where_funding_has_not_moved_or_the_market_is_settled() {
    let mut stage = begin(paying());
    assert_eq!(stage.crank(stage.at.rebase()).refused(), ErrorCode::FundingAtRest);
    let Quoted { mut stage, .. } = quoted(paying());
    pass(&mut stage, HOUR);
    stage.wait(25 * HOUR);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(24 * HOUR);
    stage.crank(stage.at.settle()).unwrap();
    assert!(state(&stage).0 != 0);
    assert_eq!(stage.crank(stage.at.rebase()).refused(), ErrorCode::MarketSettled);
    let before = stage.market().clone();
    stage.wait(HOUR);
    stage.crank(stage.at.accrue_funding()).unwrap();
    assert!(stage.market().bodies() == before.bodies(), "funding is frozen with the price");
}
