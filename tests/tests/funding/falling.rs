//! Where funding alone leads.

use zerosum_engine::{
    error::ErrorCode, ops::orders as trade, state::params::Params, state::receipt::Kind, units::Side,
};
use zerosum_tests::{Event, Refusal, Sent, Stage, buy};

use super::scene::*;

/// Lets an hour pass at the same price.
fn hour(stage: &mut Stage) {
    stage.wait(HOUR - 1);
    stage.post(MARK);
    stage.crank(stage.at.accrue_funding()).unwrap();
}

fn bankrupt(stage: &Stage) -> Option<Side> {
    stage.market().clone().exchange().market.bankrupt_side()
}

/// What was done to whom: kind, loser, winner, lots.
fn told(sent: &Sent) -> Vec<(u8, u32, u32, i64)> {
    let tell = |event: &Event| match event {
        Event::Reduced(step) => Some((step.kind, step.loser, step.winner, step.lots)),
        _ => None,
    };
    sent.events.iter().filter_map(tell).collect()
}

/// What brings a bankrupt seat back does not charge the others for the time in which funding stood still: a deposit accrues
/// first.
#[test]
fn a_deposit_that_ends_a_bankruptcy_charges_nobody_for_the_time_of_it() {
    let mut stage = begin(Params { interest: 10_000, ..paying() });
    let (long, short) = (stage.trader(500_000), stage.trader(100_000_000));
    stage.gift(&long.tokens.clone(), 1_000_000);
    stage.trade(&long, &short, 100, MARK);
    // A hundred atoms a lot are left, and an hour costs 118.
    stage.price(95_100);
    let before = state(&stage).0;
    stage.wait(HOUR);
    stage.deposit(&long, 1_000_000).unwrap();
    assert_eq!(
        (state(&stage).0 - before, bankrupt(&stage)),
        (101, None),
        "it stood still from the first atom too many"
    );
    stage.crank(stage.at.accrue_funding()).unwrap();
    assert_eq!(state(&stage).0 - before, 101);
}

#[test]
fn funding_alone_liquidates_and_bankrupts_and_the_waterfall_resolves_it() {
    // Longs pay a per cent of the price in eight hours, whatever the book: 125 atoms a lot in an hour.
    let mut stage = begin(Params { interest: 10_000, ..paying() });
    let (long, short, bidder) = (stage.trader(500_000), stage.trader(100_000_000), stage.trader(100_000_000));
    stage.trade(&long, &short, 100, MARK);
    for _ in 0..19 {
        hour(&mut stage);
    }
    assert_eq!(told(&stage.liquidate().unwrap()), [], "19 hours leave 2,625 a lot, and 2,500 are enough");
    hour(&mut stage);
    hour(&mut stage);
    assert_eq!(told(&stage.liquidate().unwrap()), [], "below that, and nobody bids");
    stage.place(&bidder, buy(10, MARK)).unwrap();
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent), [(Kind::Book as u8, long.seat, 0, 10)]);
    assert_eq!(stage.seat(&bidder).position.size.0, 10);
    // Nobody else comes: the rest falls, by funding alone.
    let mut hours = 0;
    while bankrupt(&stage).is_none() {
        hour(&mut stage);
        hours += 1;
        assert!(hours < 100, "funding must end it");
    }
    assert_eq!((stage.market().head().price.accepted.0, bankrupt(&stage)), (MARK, Some(Side::Long)));
    let fell = state(&stage);
    assert!((-90..0).contains(&equity(&stage, &long)), "it stops with the first atom a lot that is missing");
    let now = trade::OrderRequest { kind: trade::Kind::ImmediateOrCancel, ..buy(1, MARK) };
    assert_eq!(stage.place(&bidder, now).refused(), ErrorCode::BankruptSeat);
    hour(&mut stage);
    assert_eq!((state(&stage).0, state(&stage).1), (fell.0, fell.1), "funding rests in a freeze");

    let (pool, missing) = (stage.market().head().pool_cash, equity(&stage, &long));
    let before = equity(&stage, &short);
    let sent = stage.deleverage(32).unwrap();
    assert_eq!(told(&sent), [(Kind::Forced as u8, long.seat, short.seat, 90)]);
    assert_eq!((bankrupt(&stage), stage.seat(&long).position.size.0), (None, 0));
    let left = stage.seat(&long).position.cash.0;
    assert!((0..90).contains(&left));
    assert_eq!(before - equity(&stage, &short), left - missing, "the winner gives up the shortfall and the rounding");
    assert_eq!(stage.market().head().pool_cash, pool);
    hour(&mut stage);
    assert_eq!(state(&stage).0, fell.0 + 125, "and flows on behind it");
}
