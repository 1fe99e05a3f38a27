//! Corners in which the order of calls, a stranger or a cancelled order could once have made a difference.

use super::fixture::{plain, Long, Short, Venue};
use crate::error::ErrorCode::{BookFull, PayeeNotIdle, VaultBusy};
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::units::{Atoms, Rate};
use std::vec::Vec;

fn fates(v: &mut Venue, n: u32) -> Vec<(i64, i64)> {
    (0..n).map(|seat| (v.size(seat), v.cash(seat))).collect()
}

#[test]
fn fees_of_the_vault_do_not_make_the_cut_matter() {
    let build = || {
        let params = Params { vault_fee: Rate(10_000), vault_loss_budget: Rate(1_000_000), ..plain() };
        let mut v = Venue::sized(params, RankRule::ProfitLeverage, 128, 256);
        v.price(100_000);
        v.fund_vault(22_000);
        let (w, w2) = (v.seat(100_000_000), v.seat(100_000_000));
        let (a, b) = (v.seat(40 * 5_000), v.seat(40 * 5_500));
        v.trade(b, w, 40, 100_000);
        v.now += 400;
        v.price(100_000);
        v.trade(a, w2, 40, 100_000); // young: the vault does not take it
        v.price(94_000);
        let d = v.seat(100_000_000);
        v.rest(d, Long, 20, 94_700); // within b's bankruptcy price of 94,500, not within a's of 95,000
        v
    };
    let go = |mut v: Venue, most: u32| {
        for _ in 0..50 {
            v.deleverage(most);
        }
        fates(&mut v, 6)
    };
    assert_eq!(go(build(), 32), go(build(), 1));
}

#[test]
fn only_an_idle_seat_is_paid_so_that_pay_never_changes_a_rank() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (a, b, idle) = (v.seat(10_000_000), v.seat(10_000_000), v.seat(10_000_000));
    v.trade(a, b, 10, 100_000);
    let crank = |v: &mut Venue, payee| v.try_run(|x, now| x.deleverage(1, Some(payee), now));
    assert_eq!(Venue::code(crank(&mut v, a)), PayeeNotIdle);
    crank(&mut v, idle).unwrap();
    v.rest(idle, Long, 1, 90_000);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(1, Some(idle), now))), PayeeNotIdle);
}

#[test]
fn several_seats_that_nobody_takes_do_not_lock_the_vault() {
    let mut v = Venue::new(Params { vault_size_cap: 0, ..plain() });
    v.price(100_000);
    let mut ticket = v.fund_vault(10_000_000);
    let winner = v.seat(100_000_000);
    for deposit in [5_000; 4].into_iter().chain([50_000; 20]) {
        let seat = v.seat(deposit);
        v.trade(seat, winner, 1, 100_000);
    }
    let shares = ticket.shares;
    v.run(|x, now| x.request_redeem(&mut ticket, shares, now));
    v.now += 601;
    v.price(97_000);
    assert_eq!(v.liquidate(1).seats, 0, "liquidate acts on nobody");
    v.run(|x, now| x.execute_request(&mut ticket, None, now));
}

#[test]
fn a_deleveraged_seat_keeps_an_order_that_adds_nothing_to_its_worst_size() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (loser, winner, other) = (v.seat(30 * 5_000), v.seat(250_000), v.seat(10_000_000));
    v.trade(loser, winner, 30, 100_000);
    v.trade(other, winner, 10, 100_000);
    v.rest(winner, Long, 90, 80_000); // 50 lots long at worst; after 30 of its 40 short lots are closed, 80
    v.rest(winner, Short, 1, 120_000); // the newest; 41 lots short at worst, then 11
    v.price(94_900);
    v.tune(|params| (params.initial, params.jump) = (Rate(49_000), Rate(1_000)));
    v.run(|x, now| x.withdraw(winner, Atoms(200_000), now));
    v.deleverage(1);
    assert_eq!(v.size(winner), -10);
    v.peek(|x, _| assert_eq!((x.market.seats[winner as usize].ask_lots), 1, "the ask fits"));
    v.peek(|x, _| assert_eq!(x.market.seats[winner as usize].bid_lots, 0, "the bid does not"));
}

#[test]
fn a_reduce_only_order_that_goes_with_its_position_evicts_nobody() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 8, 8);
    v.price(100_000);
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(b, a, 1, 100_000);
    for price in [110_000, 109_000, 108_000, 107_000] {
        v.rest(a, Short, 1, price);
    }
    let reduces = OrderRequest { reduce_only: true, ..Venue::request(Short, 1, 106_000, Kind::Limit) };
    assert_eq!(Venue::code(v.place(b, reduces)), BookFull);
    v.place(b, OrderRequest { reduce_only: false, ..reduces }).unwrap();
}

#[test]
fn nobody_steps_out_of_the_vault_before_it_is_deleveraged() {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    let mut ticket = v.fund_vault(300_000);
    let (short, long) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(long, short, 100, 100_000);
    v.crash(103_000);
    v.liquidate(1);
    let (loser, other) = (v.seat(200 * 5_200), v.seat(100_000_000));
    v.trade(loser, other, 200, 103_000);
    let half = ticket.shares / 2;
    v.run(|x, now| x.request_redeem(&mut ticket, half, now));
    v.now += 601;
    v.price(92_000);
    assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), Some(Long));
    assert_eq!(Venue::code(v.try_run(|x, now| x.execute_request(&mut ticket.clone(), None, now))), VaultBusy);
    while v.deleverage(32).forced_fills > 0 {}
    v.run(|x, now| x.execute_request(&mut ticket, None, now));
}

#[test]
fn a_fee_that_makes_the_vault_richer_ends_a_call_that_ranked_it() {
    let params = Params { vault_discount: Rate(10_000), vault_fee: Rate(10_000), ..plain() };
    let mut v = Venue::new(params);
    v.price(100_000);
    v.fund_vault(300_000);
    let (short, long) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(long, short, 100, 100_000);
    v.crash(103_000);
    v.liquidate(1);
    assert!(v.vault().size.0 < 0, "the vault is a winner of what follows");
    let (first, second) = (v.seat(10 * 5_200), v.seat(10 * 5_700));
    let (other, buyer) = (v.seat(100_000_000), v.seat(100_000_000));
    v.trade(first, other, 10, 103_000);
    v.trade(second, other, 10, 103_000);
    v.price(92_000);
    // Within the second's bankruptcy price of 97,300 and not within the first's of 97,800; the buyer is nobody's winner.
    v.rest(buyer, Long, 4, 97_500);
    let vault = v.vault().cash;
    let report = v.deleverage(8);
    assert_eq!((v.size(first), v.size(second)), (0, 6));
    assert_eq!(
        (report.forced_fills, report.book_lots.0),
        (1, 4),
        "the queue is ranked anew before the second is forced"
    );
    assert!(v.vault().cash != vault);
}
