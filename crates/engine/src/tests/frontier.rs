use super::fixture::{plain, Long, Short, Venue};
use crate::heap::Entry;
use crate::ops::orders::Kind;
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::units::{Atoms, Rate, Side};
use std::vec::Vec;

fn queue(v: &mut Venue, side: Side) -> Vec<Entry> {
    v.peek(|x, _| (0..x.market.queue_len(side)).filter_map(|slot| x.market.queue_entry(side, slot)).collect())
}

#[test]
fn neither_price_nor_funding_moves_a_zero_price() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let shorts: Vec<u32> = (0..6).map(|n| v.seat(3_000_000 + 217_001 * (n * 5 % 6))).collect();
    for n in 0..6 {
        let long = v.seat(900_000 + 73_003 * (n * 7 % 6));
        v.trade(long, shorts[n as usize], 30 + n, 100_000);
    }
    let before = (queue(&mut v, Long), queue(&mut v, Short));
    let pool = v.peek(|x, _| x.market.head.pool_cash.0);
    for (price, funding) in [(91_234, 0), (91_234, -5_000), (120_000, 7_777), (100_000, 1 << 20)] {
        v.price(price);
        v.fund(funding);
        v.audit();
        assert_eq!(
            (queue(&mut v, Long), queue(&mut v, Short)),
            before,
            "the order by bankruptcy price is never disturbed"
        );
        let together: i64 = (0..=12).map(|seat| v.equity(seat)).sum();
        assert_eq!(together, pool, "and what one side loses the other has");
    }
}

#[test]
fn a_bid_that_would_cross_the_frontiers_is_cancelled_and_the_waterfall_goes_on() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (first, second) = (v.seat(10 * 5_000), v.seat(10 * 5_100));
    let (lean, rich) = (v.seat(40_000), v.seat(100_000_000));
    v.trade(first, rich, 10, 100_000);
    v.trade(second, rich, 6, 100_000);
    v.trade(second, lean, 4, 100_000);
    v.price(92_000);
    v.tune(|params| (params.initial, params.jump) = (Rate(49_000), Rate(1_000)));
    // The lean short takes out all but its initial margin and a jump, together 18,400: its bankruptcy price is 96,600, the longs' 95,000 and 94,900.
    v.run(|x, now| x.withdraw(lean, Atoms(40_000 + 32_000 - 18_400), now));
    // Maintenance margin of the lot that would be left is 2,300, so it could pay up to 97,366 for the other three. Yet from
    // 97,167 on it would be worth nothing below 94,900, where the second long still stands: so no maker pays more than its
    // own bankruptcy price.
    let bid = |price| {
        let mut v = v.clone();
        v.rest(lean, Long, 3, price);
        v.rest(rich, Long, 20, 95_000);
        let report = v.liquidate(1);
        assert!(v.size(first) < 10);
        (report.matches, v.size(lean))
    };
    assert_eq!(bid(96_600), (1, -1), "a bid that leaves room is filled");
    assert_eq!(bid(96_601), (2, -4), "one that could cross is cancelled, and the next is filled");
}

#[test]
fn a_seat_in_the_waterfall_pays_no_trading_fee() {
    let mut v = Venue::new(Params { taker_fee: Rate(10_000), maker_fee: Rate(1_000), ..plain() });
    v.price(100_000);
    let (loser, winner, maker) = (v.seat(1_000_000), v.seat(100_000_000), v.seat(100_000_000));
    v.trade(loser, winner, 100, 100_000);
    v.price(92_000);
    v.rest(maker, Long, 1_000, 92_000);
    let before = (v.cash(loser), v.cash(maker));
    let lots = v.liquidate(1).book_lots.0;
    assert!(lots > 0);
    assert_eq!(v.cash(loser) - before.0, lots * 92_000, "all that the maker paid");
    assert_eq!(before.1 - v.cash(maker), lots * 92_000 + lots * 92, "who is charged as always");
}

#[test]
fn shorts_mirror_longs() {
    // The same market seen in a mirror at 100,000: every price p is 200,000 - p and every side is the other.
    let build = |mirror: bool| {
        let at = |price: i64| if mirror { 200_000 - price } else { price };
        let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 64, 128);
        v.price(100_000);
        let losers: Vec<u32> = (0..5).map(|n| v.seat(40_000 + 977 * n)).collect();
        let winners: Vec<u32> = (0..7).map(|n| v.seat(90_000 + 31_000 * n)).collect();
        for (n, loser) in losers.iter().enumerate() {
            for (k, lots) in [(0, 3), (1, 4)] {
                let winner = winners[(n * 3 + k) % 7];
                let (long, short) = if mirror { (winner, *loser) } else { (*loser, winner) };
                v.trade(long, short, lots, 100_000);
            }
        }
        v.price(at(93_000));
        let (side, bid) = if mirror { (Short, at(94_400)) } else { (Long, at(94_400)) };
        let volunteer = v.seat(10_000_000);
        v.place(volunteer, Venue::request(side, 5, bid, Kind::Limit)).unwrap();
        for _ in 0..8 {
            v.deleverage(4);
        }
        let oracle_price = at(93_000);
        (0..14).map(|seat| (v.size(seat).abs(), v.cash(seat) + v.size(seat) * oracle_price)).collect::<Vec<_>>()
    };
    let (plain, mirrored) = (build(false), build(true));
    let sizes = |side: &[(i64, i64)]| side.iter().map(|(size, _)| *size).collect::<Vec<_>>();
    assert_eq!(sizes(&plain), sizes(&mirrored), "the same seats are reduced by the same lots");
    assert_eq!(plain, mirrored, "and keep the same equity");
}
