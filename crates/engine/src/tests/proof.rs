//! The claims of the mechanism as properties over random markets: whatever traders, keepers, prices and funding do, every
//! operation leaves all that must hold, no crank ever fails, and force completes as proven.

use super::fixture::{plain, Venue};
use crate::ops::orders::{Kind, OrderRequest};
use crate::rules::adl_ranking::{score, Ranked};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::receipt::Kind as Step;
use crate::units::{Atoms, Lots, Price, Rate, Side};
use proptest::prelude::*;
use std::vec::Vec;

#[derive(Clone, Debug)]
pub enum Act {
    Place { seat: u32, side: Side, lots: i64, off: i64, kind: Kind, reduce_only: bool, life: i64 },
    CancelAll(u32),
    Deposit(u32, i64),
    Withdraw(u32, i64),
    Price(i64),
    Fund(i64),
    Liquidate(u32, Option<u32>),
    Deleverage(u32, Option<u32>),
    Unwind,
    Wait(i64),
}

pub const SEATS: u32 = 12;

pub fn acts(moves: i64) -> impl Strategy<Value = Vec<Act>> {
    let seat = 1..=SEATS;
    let side = prop_oneof![Just(Side::Long), Just(Side::Short)];
    let kind = prop_oneof![6 => Just(Kind::Limit), 2 => Just(Kind::ImmediateOrCancel), 1 => Just(Kind::PostOnly), 1 => Just(Kind::FillOrKill)];
    let life = prop_oneof![4 => Just(0i64), 1 => 1i64..60];
    // The keepers' seats, which never trade.
    let payee = proptest::option::of(SEATS + 1..=SEATS + 2);
    let act = prop_oneof![
        12 => (seat.clone(), side, 1i64..400, -300i64..300, kind, prop::bool::weighted(0.15), life).prop_map(
            |(seat, side, lots, off, kind, reduce_only, life)| Act::Place { seat, side, lots, off, kind, reduce_only, life }
        ),
        1 => seat.clone().prop_map(Act::CancelAll),
        1 => (seat.clone(), 1i64..3_000_000).prop_map(|(seat, amount)| Act::Deposit(seat, amount)),
        2 => (seat, 1i64..3_000_000).prop_map(|(seat, amount)| Act::Withdraw(seat, amount)),
        4 => (-moves..moves).prop_map(Act::Price),
        2 => (-200_000i64..200_000).prop_map(Act::Fund),
        3 => (1u32..=16, payee.clone()).prop_map(|(most, payee)| Act::Liquidate(most, payee)),
        3 => (1u32..=32, payee).prop_map(|(most, payee)| Act::Deleverage(most, payee)),
        1 => Just(Act::Unwind),
        1 => (1i64..400).prop_map(Act::Wait),
    ];
    proptest::collection::vec(act, 1..120)
}

pub fn market(rule: RankRule, vault: i64, params: Params) -> Venue {
    let mut v = Venue::sized(params, rule, 32, 64);
    v.price(100_000);
    if vault > 0 {
        v.fund_vault(vault);
    }
    for n in 0..SEATS as i64 {
        v.seat(1_000_000 + 400_000 * n);
    }
    v.seat(1_000_000);
    v.seat(1_000_000);
    v
}

pub fn perform(v: &mut Venue, act: Act) {
    match act {
        Act::Place { seat, side, lots, off, kind, reduce_only, life } => {
            let price = (v.oracle_price() + off * v.oracle_price() / 10_000).max(1);
            let expires = if life == 0 { 0 } else { v.now + life };
            let request = OrderRequest { reduce_only, expires, ..Venue::request(side, lots, price, kind) };
            let _ = v.place(seat, request);
        }
        Act::CancelAll(seat) => drop(v.try_run(|x, now| x.cancel_all(seat, None, now))),
        Act::Deposit(seat, amount) => v.run(|x, now| x.deposit(seat, Atoms(amount), now)),
        Act::Withdraw(seat, amount) => drop(v.try_run(|x, now| x.withdraw(seat, Atoms(amount), now))),
        Act::Price(by) => {
            let price = (v.oracle_price() + v.oracle_price() * by / 10_000).clamp(1_000, 10_000_000);
            v.price(price);
        }
        Act::Fund(by) => {
            let funding = v.peek(|x, _| x.market.head.funding.0);
            v.fund((funding + by).clamp(-1_000_000, 1_000_000));
        }
        Act::Liquidate(most, payee) => {
            reprint(v);
            v.run(|x, now| x.liquidate(most, payee, now));
        }
        Act::Deleverage(most, payee) => {
            reprint(v);
            deleverage_as_ranked(v, most, payee);
        }
        Act::Unwind => {
            reprint(v);
            v.run(|x, now| x.unwind_vault(now));
        }
        Act::Wait(seconds) => v.now += seconds,
    }
}

/// Prints the accepted price again, so that it is fresh.
pub fn reprint(v: &mut Venue) {
    let oracle_price = v.oracle_price();
    v.price(oracle_price);
}

/// A `deleverage` that is checked against a full sort, and seat by seat against what the proof promises.
fn deleverage_as_ranked(v: &mut Venue, most: u32, payee: Option<u32>) {
    let losing = v.peek(|x, _| x.market.bankrupt_side());
    let before = v.clone();
    let seen = v.peek(|x, _| x.market.head.receipt_count);
    let report = v.run(|x, now| x.deleverage(most, payee, now));
    let receipts: Vec<_> = v.peek(|x, _| x.market.receipts_since(seen).into_iter().flatten().copied().collect());
    let forced: Vec<_> = receipts.iter().filter(|receipt| receipt.kind == Step::Forced as u8).collect();
    assert_eq!(forced.len(), report.forced_fills as usize);
    for receipt in &forced {
        let extra = receipt.taken.0 - receipt.needed.0;
        assert!(extra >= 0 && extra < receipt.lots.0, "taken less needed is under an atom a lot: {receipt:?}");
        assert!(receipt.score >= receipt.next_score || receipt.rank == 1, "nobody higher is skipped");
    }
    let Some(side) = losing else { return assert!(receipts.is_empty(), "nobody is bankrupt: nothing is done") };
    let only_force = receipts.len() == forced.len();
    let mut before = before;
    let (ranked, adjusted) = before.peek(|x, now| {
        let terms = crate::rules::adl_ranking::terms(&x.market, now);
        let seats = &x.market.seats[..x.market.head.seat_count as usize];
        let winners = (0u32..).zip(seats).filter(|(_, seat)| seat.position.size.side() == Some(side.opposite()));
        let mut ranked: Vec<_> =
            winners.map(|(index, seat)| Ranked { score: score(seat, &terms), seat: index }).collect();
        let first = x.market.partly_deleveraged(side.opposite());
        ranked.sort_by_key(|r| (Some(r.seat) != first, core::cmp::Reverse(r.score.0), r.seat));
        (ranked.into_iter().map(|r| r.seat).collect::<Vec<_>>(), x.market.adjusted_price())
    });
    if only_force {
        let mut reduced: Vec<u32> = forced.iter().map(|receipt| receipt.winner).collect();
        reduced.dedup();
        assert_eq!(reduced, ranked[..reduced.len()], "exactly those that a full sort ranks first");
        for (place, seat) in reduced.iter().enumerate() {
            assert!(v.size(*seat) == 0 || place + 1 == reduced.len(), "each empty before the next");
        }
        for seat in 0..=SEATS {
            let (was, is) = (before.position(seat), v.position(seat));
            assert!(is.size.abs() <= was.size.abs(), "no seat grows");
            assert!(is.size.0 == 0 || is.size.side() == was.size.side(), "or turns round");
            if reduced.contains(&seat) {
                assert!(is.equity(adjusted).unwrap().0 >= 0, "each winner is solvent after");
                let per_lot = (
                    was.equity(adjusted).unwrap().0 as i128 * is.size.abs().0 as i128,
                    is.equity(adjusted).unwrap().0 as i128 * was.size.abs().0 as i128,
                );
                assert!(is.size.0 == 0 || per_lot.1 >= per_lot.0, "and its margin a lot no worse");
            }
        }
    }
    if report.forced_fills < most && !report.stopped && only_force && !waits(v) {
        assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), None, "force always completes");
    }
}

/// Whether force waits for the next price, because the vault would buy of the head then.
fn waits(v: &mut Venue) -> bool {
    v.peek(|x, now| {
        let head = x.market.bankrupt_side().and_then(|side| x.market.liquidation_head(side));
        let Some(head) = head.filter(|_| !x.market.head.is_settled()) else { return false };
        crate::rules::vault_limits::vault_bid(&x.market, head.index, false, now).unwrap().is_some()
            && !crate::rules::vault_limits::is_ripe_for_vault(&x.market, head.index).unwrap()
    })
}

/// Cranks until nobody is bankrupt, which must be soon: with no more than one further price, the same again.
pub fn clear(v: &mut Venue) {
    let mut prints = 0;
    for _ in 0..64 {
        if v.peek(|x, _| x.market.bankrupt_side()).is_none() {
            return;
        }
        if waits(v) {
            prints += 1;
            assert_eq!(prints, 1, "the next price lets the vault buy, and then force goes on");
            let oracle_price = v.oracle_price();
            v.price(oracle_price);
        }
        deleverage_as_ranked(v, 32, None);
    }
    panic!("force completes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn force_completes_and_never_bankrupts_a_winner(acts in acts(900), rule in any::<bool>()) {
        let rule = if rule { RankRule::ProfitLeverageSize } else { RankRule::ProfitLeverage };
        let mut v = market(rule, 0, plain());
        for act in acts {
            perform(&mut v, act);
        }
        reprint(&mut v);
        clear(&mut v);
        for seat in 0..=SEATS {
            prop_assert!(v.equity(seat) >= 0);
        }
    }

    #[test]
    fn with_fees_and_a_vault_everything_holds_and_no_crank_fails(acts in acts(600)) {
        let params = Params {
            band: Rate(500_000), min_collateral: 1_000, vault_loss_budget: Rate(300_000), min_order: 3, staleness: 60, ..Params::standard()
        };
        let mut v = market(RankRule::ProfitLeverageSize, 5_000_000, params);
        for act in acts {
            perform(&mut v, act);
        }
        reprint(&mut v);
        clear(&mut v);
    }

    #[test]
    fn calls_of_any_size_reduce_the_same_seats_by_the_same_lots(acts in acts(700), fall in 300i64..2_000, vault in any::<bool>()) {
        let params = Params { vault_loss_budget: Rate(300_000), vault_fee: Rate(2_500), ..plain() };
        let mut v = market(RankRule::ProfitLeverageSize, if vault { 2_000_000 } else { 0 }, params);
        for act in acts {
            perform(&mut v, act);
        }
        let oracle_price = v.oracle_price();
        v.price((oracle_price - oracle_price * fall / 10_000).max(1_000));
        let finish = |most: u32| {
            let mut v = v.clone();
            for _ in 0..400 {
                if v.peek(|x, _| x.market.bankrupt_side()).is_none() {
                    break;
                }
                v.run(|x, now| x.deleverage(most, None, now));
                if waits(&mut v) {
                    reprint(&mut v);
                }
            }
            assert_eq!(v.peek(|x, _| x.market.bankrupt_side()), None);
            (0..=SEATS).map(|seat| (v.size(seat), v.cash(seat))).collect::<Vec<_>>()
        };
        let whole = finish(32);
        for most in [1, 3] {
            prop_assert_eq!(&finish(most), &whole, "in calls of {}", most);
        }
    }

    #[test]
    fn at_a_price_between_the_frontiers_all_are_solvent_and_together_worth_the_pool(acts in acts(900)) {
        let mut v = market(RankRule::ProfitLeverageSize, 0, plain());
        for act in acts {
            perform(&mut v, act);
        }
        let (low, high) = v.peek(|x, _| (x.market.frontier(Side::Long), x.market.frontier(Side::Short)));
        if let (Some(low), Some(high)) = (low, high) {
            for at in [low, high] {
                let worth: Vec<i64> = (0..=SEATS + 2).map(|seat| v.position(seat).equity(at).unwrap().0).collect();
                prop_assert!(worth.iter().all(|equity| *equity >= 0));
                prop_assert_eq!(worth.iter().sum::<i64>(), v.peek(|x, _| x.market.head.pool_cash.0));
            }
        }
    }

    #[test]
    fn closing_a_bankrupt_long_by_force_is_as_proven(
        q in 1i64..10_000, r in 1i64..10_000, price in -2_000_000i64..2_000_000,
        rest in 0i64..10_000, slack in 0i64..1_000_000, pick in any::<i64>(),
    ) {
        // A long of q lots with bankruptcy price z (not whole unless rest is 0) and a short of r with s >= ceil(z).
        use crate::state::position::Position;
        use crate::units::Funding;
        let rest = rest % q;
        let long = Position { cash: Atoms(-(price * q + rest)), size: Lots(q), ..Position::default() };
        let up = price + (rest > 0) as i64;
        prop_assert_eq!(long.bankruptcy_price().unwrap().0, up);
        let short = Position { cash: Atoms((up * r) + slack), size: Lots(-r), ..Position::default() };
        let m = 1 + pick.rem_euclid(q.min(r));
        let (mut loser, mut winner) = (long, short);
        loser.trade(Lots(-m), Price(up), Funding::ZERO).unwrap();
        winner.trade(Lots(m), Price(up), Funding::ZERO).unwrap();
        let no_worse = |before: &Position, after: &Position| after.size.0 == 0 || after.key() <= before.key();
        prop_assert!(no_worse(&long, &loser), "the loser's bankruptcy price does not rise");
        prop_assert!(no_worse(&short, &winner), "the winner's does not fall");
        if loser.size.0 == 0 {
            prop_assert!((0..m).contains(&loser.cash.0), "what rounding leaves is under an atom a lot");
        }
        if winner.size.0 == 0 {
            prop_assert!(winner.cash.0 >= 0);
        }
    }
}
