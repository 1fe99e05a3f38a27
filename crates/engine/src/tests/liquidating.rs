use super::fixture::{plain, Long, Short, Venue};
use crate::error::ErrorCode::*;
use crate::layout::MAX_CRANK_MATCHES;
use crate::layout::VAULT;
use crate::ops::orders::{Kind, OrderRequest};
use crate::rules::margin::required;
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::receipt::Kind as Step;
use crate::units::{Atoms, Lots, Price, Rate};

/// Seat 1 is long and seat 2 short 2,000 lots from 100,000; seat 3 has cash.
fn venue(params: Params) -> Venue {
    let mut v = Venue::sized(params, RankRule::ProfitLeverageSize, 16, 512);
    v.price(100_000);
    v.seat(10_000_000);
    v.seat(100_000_000);
    v.seat(100_000_000);
    v.trade(1, 2, 2_000, 100_000);
    v
}

fn kinds(v: &mut Venue) -> std::vec::Vec<Step> {
    v.peek(|x, _| {
        x.market.receipts_since(0).into_iter().flatten().map(|receipt| Step::from_byte(receipt.kind)).collect()
    })
}

#[test]
fn with_nothing_to_do_it_does_nothing() {
    let mut v = venue(plain());
    let before = v.clone();
    assert_eq!(v.liquidate(4).seats, 0);
    assert_eq!(v.deleverage(4).seats, 0);
    assert_eq!(v.bytes(), before.bytes());
}

#[test]
fn the_book_takes_only_what_brings_the_seat_back_to_the_target() {
    let mut v = venue(plain());
    v.price(97_000);
    v.rest(3, Long, 5_000, 97_000);
    let report = v.liquidate(1);
    // 4m of equity at 3.75 % of 97,000 carry 1,099.6 lots: 901 must go.
    assert_eq!(report.book_lots, Lots(901));
    assert_eq!(v.size(1), 1_099);
    assert_eq!(kinds(&mut v), [Step::Book]);
}

#[test]
fn a_seat_above_maintenance_is_left_alone() {
    let mut v = venue(plain());
    v.rest(3, Long, 5_000, 97_000);
    v.price(97_436);
    assert_eq!(v.liquidate(1).seats, 0);
    v.price(97_435);
    assert!(v.equity(1) < required(Rate(25_000), Lots(2_000), Price(97_435)).0);
    assert_eq!(v.liquidate(1).seats, 1);
}

#[test]
fn open_orders_are_cancelled_first() {
    let mut v = venue(plain());
    v.rest(1, Short, 100, 150_000);
    v.price(97_000);
    v.rest(3, Long, 5_000, 97_000);
    v.liquidate(1);
    v.peek(|x, _| assert_eq!(x.market.seats[1].order_count, 0));
}

#[test]
fn matches_are_computed_at_each_makers_price() {
    let mut v = venue(plain());
    v.price(97_000);
    v.rest(3, Long, 100, 99_000);
    v.rest(3, Long, 100, 98_000);
    v.rest(3, Long, 5_000, 96_900);
    v.liquidate(1);
    let (equity, size) = (v.equity(1), v.size(1));
    assert!(equity >= required(Rate(37_500), Lots(size), Price(97_000)).0);
    assert!(equity < required(Rate(37_500), Lots(size + 2), Price(97_000)).0, "and hardly more");
    assert!(size > 1_099, "better prices close less");
}

#[test]
fn nothing_is_sold_beyond_the_zero_price_or_the_slippage_bound() {
    let mut v = venue(plain());
    v.price(97_000);
    v.rest(3, Long, 5_000, 94_999);
    assert_eq!(v.liquidate(1).book_lots, Lots(0), "the bankruptcy price is 95,000");
    v.rest(3, Long, 10, 95_000);
    assert_eq!(v.liquidate(1).book_lots, Lots(10));
    v.tune(|params| params.band = Rate(10_000));
    v.rest(3, Long, 10, 96_029);
    assert_eq!(v.liquidate(1).book_lots, Lots(0), "1 % under 97,000 is 96,030");
    v.rest(3, Long, 10, 96_030);
    assert_eq!(v.liquidate(1).book_lots, Lots(10));
}

#[test]
fn less_than_the_minimum_order_does_not_stay() {
    let mut v = venue(Params { min_order: 1_200, ..plain() });
    v.price(97_000);
    v.rest(3, Long, 5_000, 97_000);
    v.liquidate(1);
    assert_eq!(v.size(1), 0, "1,099 lots would have stayed");
}

#[test]
fn what_is_above_the_zero_price_pays_the_caller_then_the_vault() {
    let fees = Params { caller_share: Rate(500), vault_fee: Rate(2_500), ..plain() };
    let mut v = venue(fees);
    v.price(97_000);
    v.rest(3, Long, 5_000, 97_000);
    let caller = v.seat(1_000);
    let report = v.run(|x, now| x.liquidate(1, Some(caller), now));
    // 48 and 242 atoms a lot.
    assert_eq!(v.cash(caller), 1_000 + report.book_lots.0 * 48);
    assert_eq!(v.cash(VAULT), report.book_lots.0 * 242);

    let mut v = venue(fees);
    v.price(97_000);
    v.rest(3, Long, 1, 95_100);
    let caller = v.seat(1_000);
    v.run(|x, now| x.liquidate(1, Some(caller), now));
    // 100 atoms above the bankruptcy price of 95,000: 48 to the caller, the vault gets the 52 that are left.
    assert_eq!(v.cash(caller), 1_048);
    assert_eq!(v.cash(VAULT), 52);
    assert_eq!(v.position(1).bankruptcy_price().unwrap().0, 95_000, "no fee makes the bankruptcy price worse");
}

#[test]
fn nobody_is_paid_where_nobody_is_named_and_the_vault_is_never_a_payee() {
    let mut v = venue(Params { caller_share: Rate(500), ..plain() });
    v.price(97_000);
    v.rest(3, Long, 5_000, 97_000);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(1, Some(VAULT), now))), VaultSeat);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(1, Some(50), now))), NoSuchSeat);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(0, None, now))), TooManyRequested);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(17, None, now))), TooManyRequested);
    assert_eq!(v.liquidate(1).pay, Atoms(0));
}

#[test]
fn dead_bids_before_an_honest_one_only_cost_calls() {
    let mut v = venue(plain());
    v.seat_of([9; 32], 1_000_000);
    let now = v.now;
    for _ in 0..3 {
        let seat = v.seat(400_000);
        for n in 0..30 {
            let dead = OrderRequest { expires: now + 5, ..Venue::request(Long, 1, 98_000 - n, Kind::Limit) };
            v.place(seat, dead).unwrap();
        }
    }
    v.fund_vault(100_000_000);
    v.rest(3, Long, 5_000, 97_100);
    v.price(97_000);
    let first = v.liquidate(1);
    assert!(first.stopped, "the bound on matches ends the call");
    assert_eq!((first.matches, first.vault_lots), (MAX_CRANK_MATCHES, Lots(0)), "and the vault is not reached");
    v.peek(|x, _| assert_eq!(x.book.head.bid_len, 91 - MAX_CRANK_MATCHES, "nor one order more"));
    let second = v.liquidate(1);
    assert!(!second.stopped && second.book_lots.0 > 0, "the honest bid is");
    assert_eq!(second.vault_lots, Lots(0));
}

#[test]
fn a_maker_that_cannot_bear_it_is_cancelled_and_nothing_fails() {
    let mut v = venue(plain());
    let weak = v.seat(5_000_000);
    v.rest(weak, Long, 900, 99_900);
    v.price(95_500);
    v.rest(3, Long, 5_000, 95_400);
    let report = v.liquidate(1);
    assert_eq!((report.matches, v.size(weak)), (2, 0));
    assert!(report.book_lots.0 > 0);
}

#[test]
fn a_winners_own_bid_counts_before_force() {
    let mut v = venue(plain());
    v.price(94_000);
    let closes = OrderRequest { reduce_only: true, ..Venue::request(Long, 2_000, 95_000, Kind::Limit) };
    v.place(2, closes).unwrap();
    let report = v.deleverage(4);
    assert_eq!((report.book_lots, report.forced_fills), (Lots(2_000), 0));
}

#[test]
fn the_vault_takes_what_the_book_left_at_a_discount() {
    let mut v = venue(Params { vault_discount: Rate(10_000), vault_min_edge: Rate(5_000), ..plain() });
    v.fund_vault(100_000_000);
    v.crash(97_000);
    v.rest(3, Long, 100, 97_000);
    let report = v.liquidate(1);
    assert_eq!(report.book_lots, Lots(100));
    assert_eq!(v.vault().size, report.vault_lots);
    let receipts: std::vec::Vec<_> = v.peek(|x, _| x.market.receipts_since(0).into_iter().flatten().copied().collect());
    assert_eq!((receipts[1].price, receipts[1].taken.0), (Price(96_030), -970 * report.vault_lots.0));
    let (equity, size) = (v.equity(1), v.size(1));
    assert!(equity >= required(Rate(37_500), Lots(size), Price(97_000)).0, "the target, at the vault's price");
}

#[test]
fn the_vault_stops_at_its_size_cap_and_at_initial_margin() {
    let mut v = venue(Params { vault_size_cap: 300, vault_discount: Rate(10_000), ..plain() });
    v.fund_vault(100_000_000);
    v.crash(97_000);
    assert_eq!(v.liquidate(1).vault_lots, Lots(300));
    let mut v = venue(Params { vault_discount: Rate(10_000), ..plain() });
    v.fund_vault(1_000_000);
    v.crash(97_000);
    let taken = v.liquidate(1).vault_lots;
    let (equity, size) = (v.equity(VAULT), v.vault().size);
    assert!(taken.0 > 0 && equity >= required(Rate(50_000), size, Price(97_000)).0);
    assert!(equity + 970 < required(Rate(50_000), size + Lots(1), Price(97_000)).0, "not a lot more fits");
    assert_eq!(v.liquidate(1).vault_lots, Lots(0));
}

#[test]
fn below_the_minimum_edge_only_the_loss_budget_buys() {
    let edge = Params { vault_discount: Rate(10_000), vault_min_edge: Rate(10_000), ..plain() };
    let mut v = venue(edge);
    v.fund_vault(100_000_000);
    v.crash(95_200);
    // 200 atoms above the bankruptcy price are all the discount there is; the edge of 952 is not had.
    assert_eq!(v.liquidate(1).vault_lots, Lots(0));
    v.tune(|params| params.vault_loss_budget = Rate(1_000));
    let report = v.liquidate(1);
    assert_eq!(report.vault_lots, Lots(100_000 / 752), "0.1 % of 100m, at 752 atoms a lot beyond the edge");
    assert_eq!(v.liquidate(1).vault_lots, Lots(0), "spent");
    v.now += 4_100;
    v.price(95_200);
    assert!(v.liquidate(1).vault_lots.0 > 0, "a window later there is a new one");
}

#[test]
fn fresh_vault_money_does_not_count_for_the_budget_of_its_window() {
    let edge = Params { vault_min_edge: Rate(10_000), vault_loss_budget: Rate(1_000_000), ..plain() };
    let mut v = venue(edge);
    let mut ticket = crate::state::ticket::Ticket::new([0; 32], [5; 32], [5; 32]);
    v.run(|x, now| x.request_mint(&mut ticket, Atoms(100_000_000), now));
    v.execute_later(&mut ticket);
    v.crash(95_200);
    assert_eq!(v.liquidate(1).vault_lots, Lots(0), "the window opened with an empty vault");
}

#[test]
fn the_vault_never_overpays_for_a_young_position() {
    let budget = Params { vault_loss_budget: Rate(1_000_000), vault_min_edge: Rate(10_000), ..plain() };
    let mut v = Venue::new(budget);
    v.price(100_000);
    v.fund_vault(1_000_000_000);
    // Somebody who holds both sides cannot open them now and let the vault pay the loser.
    let (loser, winner) = (v.seat(10_000_000), v.seat(100_000_000));
    v.trade(loser, winner, 2_000, 100_000);
    v.crash(94_000);
    let report = v.deleverage(4);
    assert_eq!((report.vault_lots, report.forced_lots), (Lots(0), Lots(2_000)));
    let (loser, winner) = (v.seat(10_000_000), v.seat(100_000_000));
    v.trade(loser, winner, 2_000, 94_000);
    v.now += 300;
    v.crash(88_000);
    assert_eq!(v.deleverage(4).vault_lots, Lots(2_000), "seasoned, it does");
    assert_eq!(v.cash(loser), 0, "at the bankruptcy price");
}

#[test]
fn the_vaults_own_liquidation_skips_the_vault() {
    let mut v = venue(Params { vault_discount: Rate(10_000), ..plain() });
    v.fund_vault(2_200_000);
    v.crash(97_000);
    v.liquidate(1);
    assert!(v.vault().size.0 > 0);
    // Far enough down for the vault itself, while seat 1 is topped up.
    v.run(|x, now| x.deposit(1, Atoms(500_000_000), now));
    v.price(93_500);
    assert!(v.peek(|x, _| x.market.is_unmaintained(VAULT)).unwrap());
    let before = v.vault().size;
    assert_eq!(v.liquidate(1).seats, 0);
    assert_eq!(v.vault().size, before);
    v.rest(3, Long, 5_000, 93_500);
    let mut charged = v.clone();
    charged.tune(|params| params.vault_fee = Rate(20_000));
    assert_eq!(v.liquidate(1).seats, 1);
    assert!(v.vault().size < before);
    charged.liquidate(1);
    assert_eq!(charged.vault(), v.vault(), "it owes itself no fee");
}

#[test]
fn seats_that_nobody_takes_do_not_hide_those_behind_them() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 256, 512);
    v.price(100_000);
    let short = v.seat(1_000_000_000);
    // 100 seats whose bankruptcy price is out of the bid's reach, and one behind them that is not.
    for _ in 0..100 {
        let seat = v.seat(6_000);
        v.trade(seat, short, 1, 100_000);
    }
    let behind = v.seat(7_000);
    v.trade(behind, short, 1, 100_000);
    let buyer = v.seat(1_000_000_000);
    v.rest(buyer, Long, 100, 93_500);
    v.price(95_000);
    let calls = (1..=10).find(|_| v.liquidate(1).seats == 1);
    assert!(calls.is_some(), "a walk over the queue reaches it");
    assert_eq!(v.size(behind), 0);
}

#[test]
fn while_somebody_is_bankrupt_only_the_bankrupt_are_acted_on() {
    let mut v = venue(plain());
    let (careful, other) = (v.seat(11_000_000), v.seat(100_000_000));
    v.trade(careful, other, 2_000, 100_000);
    v.price(94_800);
    assert!(v.equity(1) < 0 && v.equity(careful) > 0);
    assert!(v.peek(|x, _| x.market.is_unmaintained(careful)).unwrap());
    v.rest(3, Long, 500, 94_900);
    let report = v.liquidate(2);
    assert_eq!((report.seats, v.size(1)), (0, 2_000), "the bid is under the bankrupt seat's bankruptcy price");
    assert_eq!(v.size(careful), 2_000);
}

/// A vault with an inventory, at 97,000.
fn stocked() -> (Venue, Lots) {
    let mut v = venue(Params { vault_discount: Rate(10_000), ..plain() });
    v.fund_vault(100_000_000);
    v.crash(97_000);
    let lots = v.liquidate(1).vault_lots;
    assert!(lots.0 > 80);
    (v, lots)
}

fn offer(v: &mut Venue) -> Option<(i64, i64)> {
    v.peek(|x, _| x.book.best(Short).map(|order| x.book.orders[order as usize]))
        .map(|order| (order.price.0, order.lots.0))
}

#[test]
fn the_vault_sells_its_inventory_behind_the_oracle_price() {
    let (mut v, lots) = stocked();
    assert_eq!(v.run(|x, now| x.unwind_vault(now)), Lots(lots.0 / 8), "an eighth at a time");
    assert_eq!(offer(&mut v), Some((97_485, lots.0 / 8)), "0.5 % over the oracle price");
    let before = v.clone();
    v.run(|x, now| x.unwind_vault(now));
    assert_eq!(v.bytes(), before.bytes(), "asking again keeps its place in the line");
    assert_eq!(v.take(3, Long, 10, 98_000).unwrap().filled, Lots(0), "not at the price it was placed at");
    v.price(97_000);
    v.take(3, Long, 10, 98_000).unwrap();
    assert_eq!(v.vault().size, lots - Lots(10));
}

#[test]
fn an_offer_of_the_vault_that_is_not_ripe_hides_nobody() {
    let (mut v, lots) = stocked();
    v.run(|x, now| x.unwind_vault(now));
    v.rest(2, Short, 5, 98_000);
    let placed = v.take(3, Long, 7, 98_500).unwrap();
    assert_eq!((placed.filled, placed.quote), (Lots(5), Atoms(5 * 98_000)), "the order behind it trades");
    assert_eq!(offer(&mut v), Some((97_485, lots.0 / 8)), "and it stays");
}

#[test]
fn an_offer_of_the_vault_follows_the_price_once_it_is_ripe() {
    let (mut v, lots) = stocked();
    v.run(|x, now| x.unwind_vault(now));
    let first = offer(&mut v);
    // Not ripe yet: two seconds of a publisher's clock are no later price.
    v.now += 2;
    v.print(96_000);
    v.run(|x, now| x.unwind_vault(now));
    assert_eq!(offer(&mut v), first, "nobody keeps it from ripening by asking again");
    v.now += 1;
    v.print(96_900);
    v.run(|x, now| x.unwind_vault(now));
    assert_eq!(offer(&mut v), first, "less than half the spread away");
    v.now += 1;
    v.print(96_700);
    v.run(|x, now| x.unwind_vault(now));
    assert_eq!(offer(&mut v), Some((97_184, lots.0 / 8)), "it comes down with the price");
}

#[test]
fn a_stale_vault_order_is_cancelled_instead_of_filled() {
    let (mut v, lots) = stocked();
    v.run(|x, now| x.unwind_vault(now));
    v.price(99_000);
    let placed = v.take(3, Long, 10, 99_000).unwrap();
    assert_eq!((placed.filled, placed.matches), (Lots(0), 1));
    assert_eq!(v.vault().size, lots);
    v.run(|x, now| x.unwind_vault(now));
    v.price(99_000);
    assert_eq!(v.take(3, Long, 10, 100_000).unwrap().quote, Atoms(10 * 99_495));
}

#[test]
fn the_vaults_offer_never_crosses_the_book() {
    let (mut v, _) = stocked();
    v.rest(3, Long, 10, 98_000);
    v.run(|x, now| x.unwind_vault(now));
    assert_eq!(offer(&mut v).map(|(price, _)| price), Some(98_001));
}

#[test]
fn an_offer_of_the_vault_on_a_full_side_evicts_the_worst_or_fails() {
    let params = Params { vault_discount: Rate(10_000), ..plain() };
    let mut v = Venue::sized(params, RankRule::ProfitLeverageSize, 16, 16);
    v.price(100_000);
    for deposit in [10_000_000, 100_000_000, 100_000_000] {
        v.seat(deposit);
    }
    v.trade(1, 2, 2_000, 100_000);
    v.fund_vault(100_000_000);
    v.crash(97_000);
    let eighth = v.liquidate(1).vault_lots.0 / 8;
    let mut crowded = v.clone();
    for n in 0..8 {
        v.rest(3, Short, 1, 97_486 + n);
        crowded.rest(3, Short, 1, 97_485 - n);
    }
    assert_eq!(v.run(|x, now| x.unwind_vault(now)), Lots(eighth));
    assert_eq!((offer(&mut v), v.peek(|x, _| x.book.side_len(Short))), (Some((97_485, eighth)), 8));
    assert!(
        v.peek(|x, _| x.book.orders.iter().all(|order| order.live == 0 || order.price.0 < 97_493)),
        "the worst went"
    );
    assert_eq!(Venue::code(crowded.try_run(|x, now| x.unwind_vault(now))), BookFull, "nothing there is worse");
}

#[test]
fn a_walk_goes_through_the_heap_by_branches_and_goes_on_where_it_ended() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 64, 512);
    v.price(100_000);
    let (short, buyer) = (v.seat(1_000_000_000), v.seat(1_000_000_000));
    for n in 0..40 {
        // Positions of one lot are closed whole. Every fifth stays safe.
        let seat = v.seat(if n % 5 == 4 { 20_000 } else { 6_000 + (n * 7 % 40) * 9 });
        v.trade(seat, short, 1, 100_000);
    }
    v.price(96_000);
    v.rest(buyer, Long, 100, 96_000);
    /// The places that a walk looks at from the head on: a place, then all below its first child, then below the next.
    fn branch(v: &mut Venue, slot: u32, seen: &mut std::vec::Vec<(u32, u32)>) {
        let Some(entry) = v.peek(|x, _| x.market.queue_entry(Long, slot)) else { return };
        seen.push((slot, entry.index));
        if v.peek(|x, _| x.market.is_unmaintained(entry.index)).unwrap() {
            (4 * slot + 1..=4 * slot + 4).for_each(|child| branch(v, child, seen));
        }
    }
    let mut places = std::vec::Vec::new();
    branch(&mut v, 0, &mut places);
    let looked_at: std::vec::Vec<u32> = places.iter().take(16).map(|(_, seat)| *seat).collect();
    let mut below = std::vec::Vec::new();
    for seat in looked_at {
        if v.peek(|x, _| x.market.is_unmaintained(seat)).unwrap() {
            below.push(seat);
        }
    }
    assert!(places.len() > 16 && below.len() > 4 && below.len() < 16);
    assert_eq!(v.liquidate(16).seats as usize, below.len());
    let losers = |v: &mut Venue| -> std::vec::Vec<u32> {
        v.peek(|x, _| x.market.receipts_since(0).into_iter().flatten().map(|receipt| receipt.loser).collect())
    };
    assert_eq!(losers(&mut v), below, "those it met, in the order it met them");
    assert_eq!(v.peek(|x, _| x.market.head.long_cursor), places[16].0, "the next walk begins at the next place");
    // A walk that ends at the last place may find nobody: the next one begins at the head.
    while v.liquidate(16).seats + v.liquidate(16).seats > 0 {}
    assert_eq!(losers(&mut v).len(), 32, "until nobody is left");
}
