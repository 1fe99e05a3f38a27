use super::fixture::{plain, Long, Short, Venue};
use crate::error::ErrorCode::*;
use crate::layout::Link;
use crate::layout::MAX_MET_BEFORE_RANKING;
use crate::layout::VAULT;
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::receipt::{Kind as Step, Receipt};
use crate::units::{Atoms, Lots, Price, Rate};
use std::vec::Vec;

fn forced(v: &mut Venue) -> Vec<Receipt> {
    v.peek(|x, _| {
        x.market.receipts_since(0).into_iter().flatten().filter(|r| r.kind == Step::Forced as u8).copied().collect()
    })
}

/// A loser long of `lots` from 100,000 with 5 % of margin, against shorts of (deposit, lots) each.
fn against(rule: RankRule, lots: i64, shorts: &[(i64, i64)]) -> Venue {
    let mut v = Venue::sized(plain(), rule, 128, 256);
    v.price(100_000);
    let loser = v.seat(lots * 5_000);
    for (deposit, size) in shorts {
        let seat = v.seat(*deposit);
        v.trade(loser, seat, *size, 100_000);
    }
    assert_eq!(v.size(loser), lots);
    v
}

#[test]
fn a_bankrupt_seat_is_closed_at_its_zero_price_against_the_first_in_line() {
    // Three shorts of equal profit ratio: leverage 5, 2.5 and 1.25, and the rule counts leverage only.
    let mut v = against(RankRule::ProfitLeverage, 30, &[(200_000, 10), (400_000, 10), (800_000, 10)]);
    v.price(94_000);
    let report = v.deleverage(1);
    assert_eq!((report.forced_fills, report.forced_lots), (1, Lots(10)));
    assert_eq!([v.size(1), v.size(2), v.size(3), v.size(4)], [20, 0, -10, -10]);
    let receipt = forced(&mut v)[0];
    assert_eq!((receipt.loser, receipt.winner, receipt.rank, receipt.round), (1, 2, 1, 1));
    assert_eq!((receipt.price, receipt.oracle_price, receipt.lots), (Price(95_000), Price(94_000), Lots(10)));
    assert_eq!((receipt.taken, receipt.needed), (Atoms(10_000), Atoms(10_000)));
    assert!(receipt.score > receipt.next_score && receipt.next_score > 0);
    assert_eq!(v.cash(2), 200_000 + 10 * 5_000, "the winner keeps what it made down to the bankruptcy price");
    v.deleverage(32);
    assert_eq!([v.size(1), v.size(2), v.size(3), v.size(4)], [0, 0, 0, 0]);
    assert_eq!(v.cash(1), 0);
}

#[test]
fn what_rounding_takes_beyond_the_deficit_is_not_called_needed() {
    // Ten lots with a bankruptcy price of 95,000.5: at 95,000 five atoms are missing and ten are taken.
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (loser, winner) = (v.seat(10 * 5_000 - 5 + 10), v.seat(1_000_000));
    v.trade(loser, winner, 10, 100_000);
    v.peek(|x, _| {
        crate::tests::fixture::credit(x, loser, Atoms(-10)).unwrap();
        x.market.head.fee_cash.0 += 10;
    });
    v.price(95_000);
    assert_eq!(v.equity(loser), -5);
    v.deleverage(1);
    let receipt = forced(&mut v)[0];
    assert_eq!((receipt.price, receipt.taken, receipt.needed), (Price(95_001), Atoms(10), Atoms(5)));
    assert_eq!(v.cash(loser), 5, "under an atom a lot");
}

#[test]
fn the_published_worked_example_of_six_longs() {
    // Longs of 10, 10, 20, 30, 20, 10 with ranks 3, 6, 1, 4, 5, 2 (6 is first) and 20 to close: the second closes 10
    // and the fifth closes 10. Leverage makes the ranks: the less margin, the higher.
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 16, 32);
    v.price(100_000);
    let loser = v.seat(20 * 5_000);
    let rest = v.seat(1_000_000_000);
    let margin_by_rank = [0, 60_000, 50_000, 40_000, 30_000, 20_000, 10_000];
    let longs: Vec<u32> = [(10, 3), (10, 6), (20, 1), (30, 4), (20, 5), (10, 2)]
        .into_iter()
        .map(|(lots, rank)| {
            let seat = v.seat(lots * margin_by_rank[rank]);
            v.trade(seat, if lots == 20 && rank == 1 { loser } else { rest }, lots, 100_000);
            seat
        })
        .collect();
    assert_eq!(v.size(loser), -20);
    v.price(106_000);
    let report = v.deleverage(32);
    assert_eq!((report.forced_fills, report.forced_lots), (2, Lots(20)));
    let sizes: Vec<i64> = longs.iter().map(|seat| v.size(*seat)).collect();
    assert_eq!(sizes, [10, 0, 20, 30, 10, 10]);
}

#[test]
fn winners_that_are_not_in_profit_count_twice_towards_what_a_call_forces() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 64, 64);
    v.price(90_000);
    let between = v.seat(1_000_000_000);
    let shorts: Vec<u32> = (0..20)
        .map(|n| {
            let seat = v.seat(1_000_000 + n);
            v.trade(between, seat, 1, 90_000);
            seat
        })
        .collect();
    v.price(100_000);
    let loser = v.seat(20 * 5_000);
    v.trade(loser, between, 20, 100_000);
    // The long that bought at 100,000 is bankrupt, and every short that sold at 90,000 has a loss as well.
    v.price(94_900);
    let mut again = v.clone();
    let report = v.deleverage(32);
    assert_eq!((report.forced_fills, report.stopped, v.size(loser)), (16, true, 4));
    assert_eq!((v.deleverage(32).forced_fills, v.size(loser)), (4, 0));
    while again.deleverage(1).forced_fills > 0 {}
    for seat in shorts {
        assert_eq!(v.position(seat), again.position(seat), "however the work is cut");
    }
}

#[test]
fn the_long_of_a_published_test_suite_ends_with_104_999() {
    // A short of 1 with 54,999 in cash against a long with 50,000 of cash: closed at 54,999 the long holds 104,999.
    let params = Params { maintenance: Rate(2_000), target: Rate(2_001), initial: Rate(2_001), ..plain() };
    let mut v = Venue::new(Params { jump: Rate(2_000), ..params });
    v.price(50_000);
    let (long, short) = (v.seat(100_000), v.seat(4_999));
    v.trade(long, short, 1, 50_000);
    assert_eq!((v.cash(long), v.cash(short)), (50_000, 54_999));
    v.price(60_000);
    let report = v.deleverage(1);
    assert_eq!(report.forced_lots, Lots(1));
    assert_eq!((v.cash(long), v.cash(short)), (104_999, 0));
}

#[test]
fn many_losers_are_cleared_from_the_head_of_the_queue() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 128, 256);
    v.price(100_000);
    let losers: Vec<u32> = (0..20).map(|n| v.seat(50_000 + 100 * n)).collect();
    let winners: Vec<u32> = (0..15).map(|n| v.seat(1_000_000 + 50_000 * n)).collect();
    for (n, loser) in losers.iter().enumerate() {
        v.trade(*loser, winners[n % 15], 7 + n as i64 % 3, 100_000);
    }
    v.price(93_000);
    let mut calls = 0;
    while v.deleverage(3).forced_fills > 0 {
        calls += 1;
        assert!(calls < 100);
    }
    assert!(calls > 3);
    for loser in losers {
        assert!(v.equity(loser) >= 0);
    }
    let receipts = forced(&mut v);
    assert!(receipts.windows(2).all(|pair| pair[0].round <= pair[1].round), "rounds count up");
}

#[test]
fn the_winner_that_is_partly_used_stays_first_until_it_is_empty_or_the_price_changes() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 16, 32);
    v.price(100_000);
    let (first, second) = (v.seat(4 * 5_000), v.seat(4 * 5_100));
    // By size the big one leads; after a fill of 4 it would not any more.
    let (big, middle) = (v.seat(1_000_000), v.seat(900_000));
    v.trade(first, big, 4, 100_000);
    v.trade(second, big, 1, 100_000);
    v.trade(second, middle, 3, 100_000);
    v.price(94_000);
    v.deleverage(1);
    assert_eq!((v.size(first), v.size(big), v.size(middle)), (0, -1, -3));
    v.peek(|x, _| assert_eq!(x.market.head.partly_deleveraged, Link::to(big)));
    let mut later = v.clone();
    v.deleverage(1);
    assert_eq!((v.size(big), v.size(middle)), (0, -3), "first in line still, though small now");
    later.price(93_999);
    later.deleverage(1);
    assert_eq!((later.size(big), later.size(middle)), (-1, 0), "at another price the ranking decides anew");
}

#[test]
fn a_flash_deposit_does_not_step_out_of_the_line() {
    let mut v = against(RankRule::ProfitLeverage, 20, &[(200_000, 10), (220_000, 10)]);
    v.price(94_000);
    v.run(|x, now| x.deposit(2, Atoms(100_000_000), now));
    v.deleverage(1);
    assert_eq!((v.size(2), v.size(3)), (0, -10), "the head of the queue stays it");

    let mut v = against(RankRule::ProfitLeverage, 20, &[(200_000, 10), (220_000, 10)]);
    v.run(|x, now| x.deposit(2, Atoms(100_000_000), now));
    v.now += 300;
    v.price(94_000);
    v.deleverage(1);
    assert_eq!((v.size(2), v.size(3)), (-10, 0), "seasoned, it counts");
}

#[test]
fn a_deleveraged_seat_keeps_the_orders_that_still_fit_its_margin() {
    let mut v = against(RankRule::ProfitLeverageSize, 30, &[(1_500_000, 30)]);
    v.rest(2, Long, 30, 80_000);
    v.rest(2, Short, 10, 120_000);
    v.price(94_000);
    let closing = v.peek(|x, _| x.market.seats[2].order_count);
    assert_eq!(closing, 2);
    v.deleverage(1);
    v.peek(|x, _| assert_eq!(x.market.seats[2].order_count, 2, "rich enough for both"));

    let mut v = against(RankRule::ProfitLeverageSize, 30, &[(200_000, 30)]);
    v.rest(2, Long, 60, 80_000);
    v.price(94_000);
    v.deleverage(1);
    v.peek(|x, _| assert_eq!(x.market.seats[2].order_count, 1, "200,000 + 150,000 carry 60 lots"));
}

#[test]
fn a_deleveraged_seat_loses_what_no_longer_fits_newest_first_and_kept_orders_too() {
    let mut v = against(RankRule::ProfitLeverageSize, 30, &[(200_000, 30)]);
    let order = |lots, price, client_id| OrderRequest { client_id, ..Venue::request(Long, lots, price, Kind::Limit) };
    let reduce = |lots, client_id| OrderRequest { reduce_only: true, ..order(lots, 70_000, client_id) };
    for request in [order(40, 80_000, 1), reduce(10, 2), order(20, 79_000, 3), reduce(5, 4)] {
        v.place(2, request).unwrap();
    }
    v.rest(2, Short, 1, 120_000);
    v.peek(|x, now| x.book.orders.iter_mut().for_each(|order| order.locked_until = now + 300));
    v.price(94_000);
    v.run(|x, _| {
        // After the fill it is worth 151,500.
        let poorer = Atoms(45 * 4_700 - x.market.seats[2].position.equity(x.market.adjusted_price())?.0 - 30 * 1_000);
        x.market.head.pool_cash = x.market.head.pool_cash.plus(poorer)?;
        crate::tests::fixture::credit(x, 2, poorer)
    });
    v.deleverage(1);
    assert_eq!((v.size(2), v.equity(2)), (0, 151_500));
    let left: Vec<u64> =
        v.peek(|x, _| x.book.orders.iter().filter(|order| order.live == 1).map(|order| order.client_id).collect());
    assert_eq!(left, [0], "bids of 40 lots need 188,000, and the ask needs 4,700");
}

#[test]
fn rank_and_scores_of_a_receipt_are_those_of_its_calls_ranking() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 16, 32);
    v.price(100_000);
    let losers = [v.seat(10 * 5_000), v.seat(10 * 5_100), v.seat(40 * 5_200)];
    let (first, second) = (v.seat(1_000_000), v.seat(1_300_000));
    for (loser, winner, lots) in [(0, first, 10), (1, first, 10), (2, first, 10), (2, second, 30)] {
        v.trade(losers[loser], winner, lots, 100_000);
    }
    v.price(94_000);
    v.deleverage(2);
    v.deleverage(8);
    let told = forced(&mut v);
    let ranks: Vec<_> =
        told.iter().map(|receipt| (receipt.loser, receipt.winner, receipt.rank, receipt.lots.0)).collect();
    assert_eq!(ranks, [(1, first, 1, 10), (2, first, 1, 10), (3, first, 1, 10), (3, second, 2, 30)]);
    assert_eq!((told[0].score, told[0].next_score), (told[1].score, told[1].next_score), "of one ranking");
    assert!(told[0].score > told[0].next_score);
    assert!(told[2].score < told[0].score, "what is left of it");
    assert_eq!(told[2].next_score, told[3].score);
    assert_eq!(told[3].next_score, 0, "nobody is behind it");
}

#[test]
fn how_the_work_is_cut_into_calls_changes_nobodys_fate() {
    let build = || {
        let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 128, 256);
        v.price(100_000);
        let losers: Vec<u32> = (0..12).map(|n| v.seat(46_000 + 977 * (n * 7 % 12))).collect();
        let winners: Vec<u32> = (0..30).map(|n| v.seat(60_000 + 13_000 * (n * 11 % 30))).collect();
        for (n, loser) in losers.iter().enumerate() {
            for k in 0..3 {
                v.trade(*loser, winners[(n * 5 + k * 7) % 30], 2 + (n + k) as i64 % 2, 100_000);
            }
        }
        v.price(92_301);
        v
    };
    let finish = |mut v: Venue, most: u32| {
        for _ in 0..200 {
            if v.deleverage(most).forced_fills == 0 {
                break;
            }
        }
        assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), None);
        let positions: Vec<(i64, i64)> = (0..43).map(|seat| (v.size(seat), v.cash(seat))).collect();
        positions
    };
    let whole = finish(build(), 32);
    for most in [1, 2, 3, 7] {
        assert_eq!(finish(build(), most), whole, "cut into calls of {most}");
    }
}

#[test]
fn its_caller_is_paid_from_fee_cash_while_there_is_any() {
    let pay = Params { taker_fee: Rate(2_000), deleverage_pay: Rate(3_000), deleverage_pay_cap: 1_500, ..plain() };
    let mut v =
        against(RankRule::ProfitLeverageSize, 40, &[(200_000, 10), (210_000, 10), (220_000, 10), (230_000, 10)]);
    v.tune(|params| *params = pay);
    let keeper = v.seat(1_000);
    v.price(94_000);
    // A rate of 0.3 %, but no more than a taker pays: 0.2 % of 940,000 is 1,880, capped at 1,500. There is fee cash for two.
    v.peek(|x, _| {
        x.market.head.fee_cash = Atoms(3_000);
        x.market.head.pool_cash.0 += 3_000;
    });
    let report = v.run(|x, now| x.deleverage(32, Some(keeper), now));
    assert_eq!((report.forced_fills, report.pay), (4, Atoms(3_000)));
    assert_eq!(v.cash(keeper), 4_000);
    v.peek(|x, _| assert_eq!(x.market.head.fee_cash, Atoms(0)));
}

#[test]
fn the_vault_comes_before_force_and_takes_its_turn_in_the_line() {
    let mut v = Venue::new(Params { vault_loss_budget: Rate(1_000_000), vault_size_cap: 5, ..plain() });
    v.price(100_000);
    v.fund_vault(10_000_000);
    let (loser, winner) = (v.seat(10 * 5_000), v.seat(10_000_000));
    v.trade(loser, winner, 10, 100_000);
    v.now += 300;
    v.crash(94_000);
    let report = v.deleverage(8);
    assert_eq!((report.vault_lots, report.forced_lots), (Lots(5), Lots(5)));
    assert_eq!((v.size(VAULT), v.size(winner)), (5, -5));
    // Now the vault is long and in profit, spends nothing any more, and the short goes bankrupt: it is deleveraged like
    // anyone.
    v.tune(|params| params.vault_loss_budget = Rate::ZERO);
    v.run(|x, now| x.withdraw(winner, Atoms(9_000_000), now));
    v.price(400_000);
    let report = v.deleverage(8);
    assert_eq!((report.forced_lots, v.size(VAULT), v.size(winner)), (Lots(5), 0, 0));
}

#[test]
fn a_bankrupt_vault_is_closed_by_force_and_wiped_out() {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    let mut ticket = v.fund_vault(300_000);
    let (loser, winner) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(loser, winner, 100, 100_000);
    v.crash(97_000);
    let taken = v.liquidate(1).vault_lots;
    assert!(taken.0 > 40);
    v.price(88_000);
    assert!(v.equity(VAULT) < 0);
    v.deleverage(8);
    assert_eq!(v.size(VAULT), 0);
    assert!(v.cash(VAULT) < 1_000);
    // Its shares are worth nothing; the next deposit begins a new epoch.
    let old = ticket;
    v.run(|x, now| x.request_mint(&mut ticket, Atoms(1_000_000), now));
    v.execute_later(&mut ticket);
    assert_eq!((ticket.epoch, v.cash(VAULT)), (old.epoch + 1, 1_000_000));
    assert!(ticket.shares > 0 && old.shares > 0);
    v.peek(|x, _| assert_eq!(x.market.head.shares, ticket.shares));
}

#[test]
fn both_sides_go_bankrupt_one_after_the_other() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (long, short) = (v.seat(50 * 5_000), v.seat(50 * 5_000));
    let (far_long, far_short) = (v.seat(100_000_000), v.seat(100_000_000));
    v.trade(long, far_short, 50, 100_000);
    v.trade(far_long, short, 50, 100_000);
    v.price(94_000);
    assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), Some(Long));
    v.deleverage(8);
    assert_eq!((v.size(long), v.size(short) + v.size(far_short)), (0, -50));
    v.price(106_000);
    v.deleverage(8);
    assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), None);
    assert!(v.equity(short) >= 0);
}

#[test]
fn a_fill_that_touches_the_winners_ends_the_call() {
    // Two losers; the first is cleared by force, for the second a winner bids.
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (first, second) = (v.seat(10 * 5_000), v.seat(10 * 5_500));
    let (a, b) = (v.seat(400_000), v.seat(5_000_000));
    v.trade(first, a, 10, 100_000);
    v.trade(second, b, 10, 100_000);
    v.price(93_000);
    v.rest(b, Long, 4, 94_700);
    let report = v.deleverage(8);
    assert_eq!((report.forced_fills, report.book_lots), (1, Lots(4)), "the ranking was made before the fill");
    let report = v.deleverage(8);
    assert!(report.forced_fills > 0);
    assert_eq!(v.size(second), 0);
}

#[test]
fn a_fill_before_the_ranking_does_not_end_the_call() {
    // The first winner bids for a part of the loser; then force takes the rest from both of them, in one call.
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (loser, a, b) = (v.seat(10 * 5_000), v.seat(400_000), v.seat(5_000_000));
    v.trade(loser, a, 4, 100_000);
    v.trade(loser, b, 6, 100_000);
    v.price(93_000);
    v.rest(a, Long, 1, 95_000);
    let report = v.deleverage(8);
    assert_eq!((report.book_lots, report.forced_fills, v.size(loser)), (Lots(1), 2, 0));
}

#[test]
fn a_call_that_has_met_many_orders_leaves_the_ranking_to_the_next() {
    for (dead, forced) in [(MAX_MET_BEFORE_RANKING - 1, 1), (MAX_MET_BEFORE_RANKING, 0)] {
        let mut v = against(RankRule::ProfitLeverageSize, 30, &[(200_000, 30)]);
        v.price(94_000);
        let bidder = v.seat(10_000_000);
        for _ in 0..dead {
            let expires = v.now + 1;
            v.place(bidder, OrderRequest { expires, ..Venue::request(Long, 1, 96_000, Kind::Limit) }).unwrap();
        }
        v.now += 1;
        let report = v.deleverage(1);
        assert_eq!((report.matches, report.forced_fills, report.stopped), (dead, forced, forced == 0));
        assert_eq!(v.deleverage(1).forced_fills, 1 - forced, "the next one ranks");
    }
}

#[test]
fn more_than_the_ring_holds_is_never_forced_in_one_call() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    assert_eq!(Venue::code(v.try_run(|x, now| x.deleverage(33, None, now))), TooManyRequested);
    assert_eq!(Venue::code(v.try_run(|x, now| x.deleverage(0, None, now))), TooManyRequested);
}

#[test]
fn a_seat_sees_its_place_in_the_line_and_what_the_other_head_would_take() {
    let mut v = against(RankRule::ProfitLeverage, 15, &[(200_000, 10), (400_000, 5)]);
    v.price(94_000);
    let view = v.peek(|x, now| x.market.view_seat(2, now)).unwrap();
    let queue = view.queue.unwrap();
    assert_eq!((queue.rank, queue.of, queue.lights), (1, 2, 5));
    assert_eq!((queue.would_close, queue.would_take), (Lots(10), Atoms(10_000)));
    let second = v.peek(|x, now| x.market.view_seat(3, now)).unwrap().queue.unwrap();
    assert_eq!((second.rank, second.would_close, second.would_take), (2, Lots(5), Atoms(5_000)));
    let before = (v.cash(2), v.size(2));
    v.deleverage(8);
    let adjusted = 94_000;
    let lost = (before.0 + before.1 * adjusted) - (v.cash(2) + v.size(2) * adjusted);
    assert_eq!((lost, v.size(2)), (10_000, 0), "what it was told is what happened");
    assert_eq!(v.peek(|x, now| x.market.view_seat(2, now)).unwrap().queue, None);
}

#[test]
fn views_say_at_which_price_a_seat_is_liquidated_and_worth_nothing() {
    let mut v = against(RankRule::ProfitLeverage, 15, &[(200_000, 15)]);
    let (long, short) = v.peek(|x, now| (x.market.view_seat(1, now).unwrap(), x.market.view_seat(2, now).unwrap()));
    assert_eq!((long.bankruptcy_price, short.bankruptcy_price), (Some(Price(95_000)), Some(Price(113_333))));
    for (seat, view, step) in [(1, long, 1), (2, short, -1)] {
        let at = view.liquidation_price.unwrap().0;
        v.price(at);
        assert!(v.peek(|x, _| x.market.is_unmaintained(seat)).unwrap(), "seat {seat} at {at}");
        v.price(at + step);
        assert!(!v.peek(|x, _| x.market.is_unmaintained(seat)).unwrap(), "seat {seat} at {}", at + step);
    }
    let flat = v.seat(1_000);
    let view = v.peek(|x, now| x.market.view_seat(flat, now)).unwrap();
    assert_eq!((view.margin_ratio, view.liquidation_price, view.bankruptcy_price), (None, None, None));
}

#[test]
fn forced_fills_do_not_wait_for_anyones_order() {
    let mut v = against(RankRule::ProfitLeverageSize, 30, &[(200_000, 30)]);
    v.price(94_000);
    v.place(2, Venue::request(Long, 1, 94_000, Kind::Limit)).unwrap();
    assert_eq!(v.deleverage(1).forced_lots, Lots(30));
}
