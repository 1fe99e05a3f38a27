use super::fixture::{plain, Long, Venue};
use crate::layout::RING;
use crate::state::header::RankRule;
use crate::state::receipt::Kind;
use std::vec::Vec;

/// `n` longs of 2 lots, each with one bid that it alone, and those behind it, may sell to; all of them bankrupt.
fn venue(n: i64) -> Venue {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 128, 256);
    v.price(100_000);
    let losers: Vec<u32> = (0..n).map(|k| v.seat(2 * (5_000 + 10 * k))).collect();
    let winners = [v.seat(10_000_000), v.seat(10_000_000)];
    for (k, loser) in losers.iter().enumerate() {
        v.trade(*loser, winners[k % 2], 2, 100_000);
    }
    v.price(93_000);
    for k in 0..n {
        if k % 30 == 0 {
            v.seat(100_000_000);
        }
        let bidder = v.peek(|x, _| x.market.head.seat_count) - 1;
        v.rest(bidder, Long, 1, 95_000 - 10 * k);
    }
    v
}

#[test]
fn a_call_ends_before_the_ring_would_lose_one_of_its_receipts() {
    let mut v = venue(40);
    let report = v.deleverage(32);
    assert_eq!((report.forced_fills, report.receipts), (32, 64), "a book and a forced fill each");
    let kinds: Vec<u8> =
        v.peek(|x, _| x.market.receipts_since(0).into_iter().flatten().map(|receipt| receipt.kind).collect());
    assert!(kinds.chunks(2).all(|pair| pair == [Kind::Book as u8, Kind::Forced as u8]));
    assert_eq!(v.deleverage(32).forced_fills, 8, "the next call goes on");
}

#[test]
fn the_ring_keeps_the_last_receipts_by_number() {
    let mut v = venue(40);
    v.deleverage(32);
    v.deleverage(32);
    let numbers = |v: &mut Venue, seen| -> Vec<u64> {
        v.peek(|x, _| x.market.receipts_since(seen).into_iter().flatten().map(|receipt| receipt.number).collect())
    };
    assert_eq!(numbers(&mut v, 0), (81 - RING as u64..=80).collect::<Vec<_>>(), "what was lost is left out");
    assert_eq!(numbers(&mut v, 70), (71..=80).collect::<Vec<_>>());
}
