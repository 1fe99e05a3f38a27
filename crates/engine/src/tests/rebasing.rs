//! Rebase: funding moves into cash and counts from 0 again, and nobody can tell.

use super::fixture::*;
use super::funding::{paying, state, venue, MARK};
use crate::error::ErrorCode::*;
use crate::rules::adl_ranking::Score;
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::position::MAX_COST;
use crate::units::{AdjustedPrice, Atoms, Price, Rate, MAX_FUNDING};
use proptest::prelude::*;
use std::vec::Vec;

fn funding(v: &mut Venue) -> i64 {
    state(v).0
}

#[test]
fn rebase_needs_funding_to_move_and_a_living_market() {
    let mut v = venue(paying());
    assert_eq!(Venue::code(v.try_run(|x, now| x.rebase(now))), FundingAtRest);
    v.fund(5);
    v.peek(|x, _| x.market.head.settlement.at = 1);
    assert_eq!(Venue::code(v.try_run(|x, now| x.rebase(now))), MarketSettled);
}

#[test]
fn rebase_keeps_seats_in_order_that_are_too_rich_for_a_key_however_many() {
    // Bankruptcy prices on both sides of where keys saturate, an atom a lot apart: funding moves some of them across.
    for pairs in [3, 127, 128, 129, 150] {
        for funding in [71, -71] {
            let mut v = Venue::sized(plain(), RankRule::ProfitLeverage, 2 * 150 + 1, 8);
            v.price(MARK);
            for n in 0..pairs {
                let by = n - pairs / 2;
                let (long, short) = (v.seat((1 << 46) + MARK + by), v.seat((1 << 46) - MARK + by));
                v.trade(long, short, 1, MARK);
            }
            v.fund(funding);
            // The audit looks at their order.
            let worth = |v: &mut Venue| seen(v).iter().map(|seat| seat.0).collect::<Vec<_>>();
            let before = worth(&mut v);
            v.run(|x, now| x.rebase(now));
            assert_eq!((self::funding(&mut v), worth(&mut v)), (0, before));
        }
    }
}

#[test]
fn rebase_changes_nothing_about_what_the_vault_may_take_over() {
    for (funding, older, ripe) in [(3_000, 99_900, true), (-3_000, 99_900, true), (3_000, 101_000, false)] {
        let mut v = venue(Params { vault_discount: Rate(10_000), ..plain() });
        v.fund_vault(100_000_000);
        let (long, short) = (v.seat(50 * 5_000), v.seat(10_000_000));
        v.trade(long, short, 50, MARK);
        v.fund(funding);
        // Worth 2,400 a lot at 99,900, funding included: below maintenance there, and not at 101,000.
        let worth = v.equity(long);
        v.run(|x, now| x.deposit(short, crate::units::Atoms(1), now));
        v.peek(|x, _| crate::tests::fixture::credit(x, long, crate::units::Atoms(50 * 2_500 - worth)).unwrap());
        v.peek(|x, _| crate::tests::fixture::credit(x, short, crate::units::Atoms(worth - 50 * 2_500)).unwrap());
        v.price(older);
        v.price(99_900);
        let looks =
            |v: &mut Venue| v.peek(|x, _| crate::rules::vault_limits::is_ripe_for_vault(&x.market, long).unwrap());
        assert_eq!(looks(&mut v), ripe);
        v.run(|x, now| x.rebase(now));
        assert_eq!(looks(&mut v), ripe, "funding {funding}");
        assert_eq!(v.liquidate(1).vault_lots.0 > 0, ripe);
    }
}

#[test]
fn one_who_pays_without_end_never_ranks_as_in_profit_and_rebase_never_fails() {
    // Two seats in one hand, as large as can be. Each time the long pays 2^58 atoms of funding to the short, which withdraws
    // them for the long to deposit again: with 2^60 atoms the cost goes beyond every integer.
    const LOTS: i64 = 1 << 30;
    const PRICE: i64 = 1 << 28;
    const PAID: i64 = LOTS << 28;
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 8, 8);
    v.price(PRICE);
    let (payer, payee) = (v.seat(1 << 59), v.seat(1 << 59));
    v.trade(payer, payee, LOTS, PRICE);
    for _ in 0..40 {
        v.now += 1_000;
        v.price(PRICE);
        v.fund(1 << 28);
        v.run(|x, now| x.rebase(now));
        v.run(|x, now| x.withdraw(payee, Atoms(PAID), now));
        v.run(|x, now| x.deposit(payer, Atoms(PAID), now));
        let [long, short] = [payer, payee].map(|seat| v.peek(|x, now| x.market.view_seat(seat, now)).unwrap());
        assert!(long.profit.0 < 0 && short.profit.0 > 0, "{} and {}", long.profit.0, short.profit.0);
        let [long, short] = [long, short].map(|view| Score(view.queue.unwrap().score).in_profit());
        assert!(!long && short, "the payer is not in profit, the other is");
    }
    assert_eq!(v.position(payer).cost, Atoms(MAX_COST));
    assert_eq!(v.position(payee).cost, Atoms(-MAX_COST));
    // A position of any cost is traded like any other.
    v.trade(payee, payer, 10, PRICE);
    assert_eq!(v.position(payer).cost, Atoms(MAX_COST), "what is not known any more stays so");
    v.trade(payer, payee, 10, PRICE);
    v.trade(payee, payer, LOTS, PRICE);
    assert_eq!([payer, payee].map(|seat| v.position(seat).cost), [Atoms::ZERO; 2]);
}

/// Equity, profit, zero and liquidation price of a seat, and the queues.
type Seen = (i64, i64, Option<Price>, Option<Price>, Vec<u64>);

/// What anyone can see of a market: equities, profits, the queues in their order, the liquidation and bankruptcy prices.
fn seen(v: &mut Venue) -> Vec<Seen> {
    v.peek(|x, now| {
        let count = x.market.head.seat_count;
        let queues: Vec<u64> = [Long, Short]
            .into_iter()
            .flat_map(|side| {
                let mut page = [Default::default(); 40];
                let found = x.market.view_adl_queue(side, None, &mut page, now).unwrap();
                let slots = 0..x.market.queue_len(side);
                let order: Vec<u64> =
                    slots.map(|slot| x.market.queue_entry(side, slot).unwrap().index as u64).collect();
                page[..found].iter().flat_map(|line| [line.seat as u64, line.score]).chain(order).collect::<Vec<_>>()
            })
            .collect();
        (0..count)
            .map(|seat| {
                let view = x.market.view_seat(seat, now).unwrap();
                // Beyond every price it saturates.
                let bankruptcy_price = view.bankruptcy_price.filter(|price| price.0.abs() < 1 << 40);
                (view.equity.0, view.profit.0, bankruptcy_price, view.liquidation_price, queues.clone())
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn rebase_changes_nothing_that_anyone_can_see(
        trades in proptest::collection::vec((0u32..8, 0u32..8, 1i64..40, -900i64..900, -300i64..300), 1..40),
        last in prop_oneof![-500i64..500, Just(MAX_FUNDING), Just(-MAX_FUNDING)], far in any::<bool>(),
    ) {
        let mut v = venue(Params { initial: Rate(50_000), ..plain() });
        let seats: Vec<u32> = (0..8).map(|_| v.seat(100_000_000)).collect();
        // A cent of a position and a fortune: its bankruptcy price is beyond every key.
        let rich = far.then(|| v.seat(1 << 59));
        for (one, other, lots, off, funding) in trades {
            if one != other {
                v.fund(funding);
                v.rest(seats[other as usize], Short, lots, MARK + off);
                let _ = v.take(seats[one as usize], Long, lots, MARK + off);
                v.run(|x, now| x.cancel_all(seats[other as usize], None, now));
            }
        }
        if let Some(rich) = rich {
            v.trade(rich, seats[0], 1, MARK);
            v.trade(seats[1], rich, 2, MARK);
        }
        if last.abs() < 1_000 {
            v.fund(last);
        }
        prop_assume!(funding(&mut v) != 0);
        let (before, pool) = (seen(&mut v), v.peek(|x, _| x.market.head.pool_cash));
        v.run(|x, now| x.rebase(now));
        prop_assert_eq!(funding(&mut v), 0);
        prop_assert_eq!(v.peek(|x, _| x.market.head.pool_cash), pool);
        prop_assert_eq!(seen(&mut v), before);
        let at = v.peek(|x, _| x.market.adjusted_price());
        prop_assert_eq!(at, AdjustedPrice(MARK));
    }
}
