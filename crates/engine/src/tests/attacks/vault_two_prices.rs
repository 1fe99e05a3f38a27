//! The vault buys only what was below maintenance at an older price too, and nobody can make it wait for ever.

use super::super::fixture::{Long, Short, Venue};
use super::{clear, hand, is_frozen, leave, next, venue, with, M};
use crate::error::ErrorCode::*;
use crate::layout::VAULT;
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::params::Params;
use crate::units::{Atoms, Lots, Rate};

/// A vault of 500 tokens, and a long of 20,000 tokens of notional that is just maintained at 100,000.
fn weak(params: Params) -> (Venue, u32, u32) {
    let mut v = with(params);
    v.fund_vault(500 * M);
    let (long, short) = (v.seat(1_000 * M), v.seat(50_000 * M));
    hand(&mut v, long, short, 200_000, 100_000);
    leave(&mut v, long, 501_000_000);
    (v, long, short)
}

#[test]
fn nobody_makes_a_seat_weak_and_sells_it_to_the_vault_before_the_print_it_knows() {
    for (newest, age) in [(98_000, 0), (97_000, 0), (95_000, 0), (98_000, 400), (97_000, 400), (95_000, 400)] {
        let (mut v, _, _) = weak(Params::standard());
        v.now += age;
        v.price(100_000);
        // One print lower puts it below maintenance.
        next(&mut v, 99_980);
        let before = v.equity(VAULT);
        let report = v.liquidate(1);
        assert_eq!((report.vault_lots, report.seats), (Lots(0), 0), "the vault waits");
        next(&mut v, newest);
        v.liquidate(1);
        assert!(v.equity(VAULT) >= before, "{newest}: it bought at the price that was known, or not at all");
    }
}

#[test]
fn a_seat_that_was_weakened_since_the_older_price_waits() {
    let (mut v, _, short) = weak(Params::standard());
    leave(&mut v, VAULT, 50_000 * M);
    next(&mut v, 99_000);
    next(&mut v, 98_990);
    // Below maintenance at both prices, but only since a moment ago.
    let late = v.seat(1_000 * M);
    let mut same = v.clone();
    v.now += 1;
    hand(&mut v, late, short, 10_000, 98_990);
    leave(&mut v, late, 20 * M);
    // In the very second in which a price is accepted it may be known.
    hand(&mut same, late, short, 10_000, 98_990);
    leave(&mut same, late, 20 * M);
    next(&mut same, 98_990);
    same.liquidate(16);
    assert_eq!(same.size(late), 10_000);
    let report = v.liquidate(16);
    assert!(report.vault_lots.0 > 0, "the other one is sold");
    assert_eq!(v.size(late), 10_000);
    next(&mut v, 98_990);
    v.liquidate(16);
    assert_eq!(v.size(late), 10_000, "the older price is still the one it was weakened at");
    v.now += 2;
    v.print(98_990);
    v.liquidate(16);
    assert_eq!(v.size(late), 10_000, "two seconds may be the difference of two clocks");
    v.now += 1;
    v.print(98_990);
    v.liquidate(16);
    assert!(v.size(late) < 10_000);
}

#[test]
fn force_waits_for_the_vault_one_print_and_only_with_a_loss_budget() {
    for budget in [0, 100_000] {
        let params = Params { vault_loss_budget: Rate(budget), ..Params::standard() };
        let (mut v, long, _) = weak(params);
        v.price(100_000);
        v.now += 400;
        v.price(100_000);
        next(&mut v, 97_400);
        assert!(is_frozen(&mut v));
        let report = v.deleverage(32);
        if budget == 0 {
            assert_eq!((report.forced_lots, v.size(long)), (Lots(200_000), 0), "the vault never overpays");
            continue;
        }
        assert_eq!((report.vault_lots, report.forced_fills, report.stopped), (Lots(0), 0, false));
        next(&mut v, 97_400);
        let report = v.deleverage(32);
        assert!(report.vault_lots.0 > 0 && report.forced_lots.0 > 0 && !is_frozen(&mut v));
    }
}

#[test]
fn with_a_loss_budget_a_young_position_is_forced_at_once() {
    let (mut v, long, _) = weak(Params { vault_loss_budget: Rate(100_000), ..Params::standard() });
    next(&mut v, 97_400);
    let report = v.deleverage(32);
    assert_eq!((report.vault_lots, v.size(long)), (Lots(0), 0), "it waits for nobody that would not buy");
}

#[test]
fn the_vault_does_not_overpay_for_a_seat_that_was_emptied_a_moment_ago() {
    for emptied in [false, true] {
        let (mut v, long, _) = weak(Params { vault_loss_budget: Rate(100_000), ..Params::standard() });
        leave(&mut v, long, 3_000 * M);
        v.now += 400;
        v.price(100_000);
        let out = v.equity(long) - 2_000 * M;
        if emptied {
            v.run(|x, now| x.withdraw(long, Atoms(out), now));
        } else {
            leave(&mut v, long, 2_000 * M);
        }
        for price in [95_200, 90_700] {
            next(&mut v, price);
        }
        next(&mut v, 89_900);
        next(&mut v, 89_900);
        assert!(is_frozen(&mut v));
        assert_eq!(v.deleverage(32).vault_lots.0 > 0, !emptied);
    }
}

#[test]
fn a_seat_below_maintenance_cannot_be_weakened_so_nobody_keeps_it_unripe() {
    let (mut v, long, short) = weak(Params::standard());
    v.rest(short, Short, 10, 99_990);
    v.rest(short, Long, 10, 95_100);
    // Its own ask below its bankruptcy price, for its other hand to hit.
    let cheap = OrderRequest { reduce_only: true, ..Venue::request(Short, 1, 95_101, Kind::Limit) };
    v.place(long, cheap).unwrap();
    v.place(long, cheap).unwrap();
    let weakened = |v: &mut Venue| v.peek(|x, _| x.market.seats[long as usize].weakened_at);
    let since = weakened(&mut v);
    v.now += 2;
    v.print(100_000);
    v.take(short, Long, 1, 95_101).unwrap();
    assert_eq!(weakened(&mut v), since, "nor while it is maintained: below its bankruptcy price nothing of it is sold");
    next(&mut v, 99_900);
    assert_eq!(Venue::code(v.take(long, Long, 10, 99_990)), BelowInitialMargin);
    assert_eq!(Venue::code(v.take(long, Short, 10, 95_100)), WorseMargin);
    assert_eq!(Venue::code(v.try_run(|x, now| x.withdraw(long, Atoms(1), now))), BelowInitialMargin);
    v.take(short, Long, 1, 95_101).unwrap();
    assert_eq!(weakened(&mut v), since, "its order is cancelled instead");
    assert_eq!(v.liquidate(1).vault_lots, Lots(0));
    next(&mut v, 99_900);
    assert!(v.liquidate(1).vault_lots.0 > 0, "one print later it is sold");
}

#[test]
fn prices_that_swing_about_maintenance_hold_the_vault_back_only_while_the_seat_is_fine_at_every_other() {
    let (mut v, long, _) = weak(Params::standard());
    for _ in 0..20 {
        next(&mut v, 99_500);
        assert_eq!(v.liquidate(1).vault_lots, Lots(0));
        assert!(!is_frozen(&mut v));
        next(&mut v, 100_000);
        assert!(!v.peek(|x, _| x.market.is_unmaintained(long)).unwrap());
    }
    next(&mut v, 99_500);
    next(&mut v, 99_500);
    assert!(v.liquidate(1).vault_lots.0 > 0);
}

#[test]
fn no_seat_is_left_half_bought_by_a_bid_that_waits_below_the_vaults() {
    let (mut v, long, _) = weak(Params::standard());
    let keeper = v.seat(5_000 * M);
    next(&mut v, 99_900);
    v.rest(keeper, Long, 1_000, 98_000);
    assert_eq!(v.liquidate(1).book_lots, Lots(0), "less than the vault will pay waits with it");
    v.rest(keeper, Long, 1_000, 98_901);
    assert_eq!(v.liquidate(1).book_lots, Lots(1_000), "exactly the vault's price does not");
    assert_eq!(v.size(long), 199_000);
    next(&mut v, 99_900);
    assert!(v.liquidate(1).vault_lots.0 > 0);
}

/// Lots that the vault buys and lots that are forced, of 25 seats of 1,000 lots with margins from 2.5 to 5 %, while the
/// price falls 0.3 % a second. Prints are three seconds apart, and each is brought `late` seconds after it was published.
fn crash(late: i64) -> (usize, usize) {
    let mut v = venue();
    v.fund_vault(50_000 * M);
    let rich = v.seat(50_000 * M);
    for n in 0..25 {
        let seat = v.seat(100 * M);
        hand(&mut v, seat, rich, 1_000, 100_000);
        leave(&mut v, seat, 2_510_000 + n * 100_000);
    }
    v.price(100_000);
    let (mut bought, mut forced) = (0, 0);
    for step in 1..=10 {
        v.now += 3;
        super::bring(&mut v, 100_000 - step * 900, late);
        let before = v.peek(|x, _| (x.market.head.statistics.vault_lots, x.market.head.statistics.forced_lots));
        clear(&mut v);
        // As a keeper does: until a whole round of the walk finds nothing.
        for _ in 0..8 {
            v.liquidate(16);
        }
        let after = v.peek(|x, _| (x.market.head.statistics.vault_lots, x.market.head.statistics.forced_lots));
        bought += (after.0 - before.0) as usize;
        forced += (after.1 - before.1) as usize;
    }
    (bought, forced)
}

#[test]
fn in_a_crash_the_vault_comes_too_late_where_prints_are_brought_late() {
    let (on_time, late) = (crash(0), crash(1));
    assert_eq!((on_time, late), ((25_000, 0), (2_000, 23_000)));
}
