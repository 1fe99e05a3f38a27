use super::fixture::{plain, Long, Short, Venue};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::units::{Lots, Rate};
use crate::view::QueueLine;
use std::vec::Vec;

fn score(v: &mut Venue, seat: u32) -> u64 {
    v.peek(|x, now| x.market.view_seat(seat, now)).unwrap().queue.unwrap().score
}

fn page(v: &mut Venue, after: Option<QueueLine>, size: usize) -> Vec<QueueLine> {
    let mut page = std::vec![QueueLine::default(); size];
    let found = v.peek(|x, now| x.market.view_adl_queue(Short, after, &mut page, now)).unwrap();
    page.truncate(found);
    page
}

/// One short of 20 lots and two that split the same between them, all at 100,000 and in profit.
fn whole_and_halves(rule: RankRule) -> (Venue, [u32; 3]) {
    let mut v = Venue::sized(plain(), rule, 16, 32);
    v.price(100_000);
    let long = v.seat(100_000_000);
    let seats = [(400_000, 20), (200_000, 10), (200_000, 10)].map(|(deposit, lots)| {
        let seat = v.seat(deposit);
        v.trade(long, seat, lots, 100_000);
        seat
    });
    v.price(95_000);
    (v, seats)
}

#[test]
fn size_in_the_score_can_be_split_over_seats() {
    let (mut v, [whole, half, _]) = whole_and_halves(RankRule::ProfitLeverageSize);
    assert!(score(&mut v, whole) > score(&mut v, half), "two seats of half the size stand behind one");
    let (mut v, [whole, half, _]) = whole_and_halves(RankRule::ProfitLeverage);
    assert_eq!(score(&mut v, whole), score(&mut v, half), "without size they stand where it does");
}

#[test]
fn an_entry_can_be_reset_for_the_price_of_fees() {
    let mut v = Venue::new(Params { taker_fee: Rate(500), maker_fee: Rate(100), ..plain() });
    v.price(100_000);
    let (winner, loser, friend) = (v.seat(500_000), v.seat(10_000_000), v.seat(10_000_000));
    v.trade(loser, winner, 10, 100_000);
    v.price(95_000);
    let (before, equity) = (score(&mut v, winner), v.equity(winner));
    v.rest(friend, Short, 10, 95_000);
    v.take(winner, Long, 10, 95_000).unwrap();
    v.rest(friend, Long, 10, 95_000);
    v.take(winner, Short, 10, 95_000).unwrap();
    assert!(score(&mut v, winner) < before, "out of profit, behind everybody who is not");
    assert_eq!(equity - v.equity(winner), 2 * 475, "for two taker fees of 5 basis points");
}

#[test]
fn the_queue_is_read_page_by_page_and_begins_with_the_partly_used_winner() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 32, 64);
    v.price(100_000);
    let loser = v.seat(12 * 5_000);
    let rest = v.seat(100_000_000);
    for (deposit, lots) in [(900_000, 9), (400_000, 4), (800_000, 8), (700_000, 7), (100_000, 1)] {
        let seat = v.seat(deposit);
        let long = if lots == 9 || lots == 1 { loser } else { rest };
        v.trade(long, seat, lots, 100_000);
    }
    let seat = v.seat(200_000);
    v.trade(loser, seat, 2, 100_000);
    v.price(94_000);
    let sizes = |lines: &[QueueLine]| lines.iter().map(|line| -line.size.0).collect::<Vec<_>>();
    assert_eq!(sizes(&page(&mut v, None, 40)), [9, 8, 7, 4, 2, 1], "by size, all else equal");
    let first = page(&mut v, None, 2);
    let second = page(&mut v, Some(first[1]), 3);
    let third = page(&mut v, Some(second[2]), 3);
    assert_eq!(
        [sizes(&first), sizes(&second), sizes(&third)],
        [Vec::from([9, 8]), Vec::from([7, 4, 2]), Vec::from([1])]
    );
    // 12 lots are closed: all 9 of the first and 3 of the second, who leads now, with 5, before 7.
    assert_eq!(v.deleverage(32).forced_lots, Lots(12));
    assert_eq!(sizes(&page(&mut v, None, 40)), [5, 7, 4, 2, 1]);
    let first = page(&mut v, None, 1);
    assert_eq!(sizes(&page(&mut v, Some(first[0]), 2)), [7, 4], "the page behind it goes on by score");
}

#[test]
fn the_top_of_the_liquidation_queue_can_be_read() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let short = v.seat(100_000_000);
    let longs: Vec<u32> = [6_000, 5_000, 7_000].map(|deposit| v.seat(deposit)).into();
    for long in &longs {
        v.trade(*long, short, 1, 100_000);
    }
    let mut top = [QueueLine::default(); 8];
    let found = v.peek(|x, _| x.market.view_liquidation_queue(Long, 0, &mut top));
    assert_eq!(found, 3);
    assert_eq!((top[0].seat, top[0].score), (longs[1], 95_000 << 16), "the highest bankruptcy price, in 2^-16");
    let found = v.peek(|x, _| x.market.view_liquidation_queue(Short, 0, &mut top));
    assert_eq!((found, top[0].seat, top[0].size), (1, short, Lots(-3)));
}
