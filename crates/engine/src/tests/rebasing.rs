//! Rebase: funding moves into cash and counts from 0 again, and nobody can tell.

use super::fixture::*;
use super::funding::{paying, state, venue, MARK};
use crate::error::ErrorCode::*;
use crate::params::Params;
use crate::ranking::RankRule;
use crate::units::{Adjusted, Price, Rate, MAX_FUNDING};
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
    // Zero prices on both sides of where keys saturate, an atom a lot apart: funding moves some of them across.
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
        v.peek(|x, _| x.market.credit(long, crate::units::Atoms(50 * 2_500 - worth)).unwrap());
        v.peek(|x, _| x.market.credit(short, crate::units::Atoms(worth - 50 * 2_500)).unwrap());
        v.price(older);
        v.price(99_900);
        let looks = |v: &mut Venue| v.peek(|x, _| x.market.is_ripe_for_vault(long).unwrap());
        assert_eq!(looks(&mut v), ripe);
        v.run(|x, now| x.rebase(now));
        assert_eq!(looks(&mut v), ripe, "funding {funding}");
        assert_eq!(v.liquidate(1).vault_lots.0 > 0, ripe);
    }
}

/// Equity, profit, zero and liquidation price of a seat, and the queues.
type Seen = (i64, i64, Option<Price>, Option<Price>, Vec<u64>);

/// What anyone can see of a market: equities, profits, the queues in their order, the liquidation and zero prices.
fn seen(v: &mut Venue) -> Vec<Seen> {
    v.peek(|x, now| {
        let count = x.market.head.seat_count;
        let queues: Vec<u64> = [Long, Short]
            .into_iter()
            .flat_map(|side| {
                let mut page = [Default::default(); 40];
                let found = x.market.view_queue(side, None, &mut page, now).unwrap();
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
                let zero_price = view.zero_price.filter(|price| price.0.abs() < 1 << 40);
                (view.equity.0, view.profit.0, zero_price, view.liquidation_price, queues.clone())
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
        // A cent of a position and a fortune: its zero price is beyond every key.
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
        let at = v.peek(|x, _| x.market.adjusted());
        prop_assert_eq!(at, Adjusted(MARK));
    }
}
