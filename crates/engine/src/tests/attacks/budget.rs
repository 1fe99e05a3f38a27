//! A loss budget is spent once a window, whatever the clock and whatever the window is.

use super::super::fixture::{plain, Venue};
use super::{leave, M};
use crate::layout::DAY;
use crate::layout::VAULT;
use crate::state::params::Params;
use crate::units::{Atoms, Rate};

fn venue() -> Venue {
    let mut v = Venue::new(Params { vault_loss_budget: Rate(100_000), ..plain() });
    v.price(100_000);
    v.fund_vault(1_000 * M);
    // The slice in which the vault was still empty counts for no window any more.
    v.now += 40 * DAY;
    v
}

fn left(v: &mut Venue) -> i64 {
    v.peek(|x, now| crate::rules::vault_limits::budget_left(&x.market, now)).unwrap().0
}

/// Spends what is left, up to a bound; returns how much.
fn spend(v: &mut Venue, most: i64) -> i64 {
    let spent = left(v).min(most);
    v.peek(|x, now| {
        let slice = crate::state::budget::open_slice(&mut x.market, now).unwrap();
        slice.spent = Atoms(slice.spent.0 + spent);
    });
    spent
}

#[test]
fn a_budget_is_spent_once_in_any_window() {
    for phase in [0, 1, 225, 449, 1_000, 3_599] {
        let mut v = venue();
        v.now += phase;
        let first = spend(&mut v, i64::MAX);
        assert_eq!(first, 100 * M);
        // Twice within 3,151 s, before.
        for later in [1, 3_151, 3_599, 3_600] {
            let mut v = v.clone();
            v.now += later;
            assert_eq!(left(&mut v), 0, "{later}");
        }
        v.now += 3_600 + 450;
        assert_eq!(left(&mut v), 100 * M, "and an eighth later it is there again");
    }
}

#[test]
fn in_no_window_is_more_spent_than_the_budget_however_it_is_cut() {
    for step in [7, 61, 449, 450, 451, 900, 1_333] {
        let mut v = venue();
        let mut log = std::vec::Vec::new();
        for _ in 0..(20_000 / step) {
            v.now += step;
            let now = v.now;
            log.push((now, spend(&mut v, 9 * M)));
            let window: i64 = log.iter().filter(|(at, _)| now - at < 3_600).map(|(_, spent)| spent).sum();
            assert!(window <= 100 * M, "{window} with steps of {step}");
        }
        assert!(log.iter().map(|(_, spent)| spent).sum::<i64>() > 130 * M, "and it does come back");
    }
}

#[test]
fn a_change_of_the_window_neither_forgets_nor_counts_again() {
    let mut v = venue();
    spend(&mut v, 60 * M);
    v.now += 60;
    let change = |v: &Venue, window: i64| {
        let mut v = v.clone();
        v.tune(|params| params.budget_window = window);
        v
    };
    for window in [600, 1_800, 3_600, 7_200, DAY, 30 * DAY] {
        assert_eq!(left(&mut change(&v, window)), 40 * M, "{window}");
    }
    // Spending of three hours ago is over, and a longer window counts what the record still shows, never twice.
    v.now += 3 * 3_600;
    assert_eq!(left(&mut v), 100 * M);
    assert_eq!(left(&mut change(&v, DAY)), 40 * M);
    // A shorter one waits for the end of the slice that was begun under the longer.
    let mut v = change(&v, 30 * DAY);
    spend(&mut v, 10 * M);
    let mut v = change(&v, 600);
    v.now += 600;
    assert_eq!(left(&mut v), 90 * M);
    v.now += 30 * DAY / 8;
    assert_eq!(left(&mut v), 100 * M);
}

#[test]
fn the_ring_never_forgets_what_still_counts() {
    let mut v = venue();
    v.tune(|params| params.budget_window = 600);
    // The first of nine slices is of a vault of half the size.
    leave(&mut v, VAULT, 500 * M);
    for slice in 0..9 {
        assert_eq!(spend(&mut v, 2 * M), 2 * M);
        v.now += 75;
        if slice == 0 {
            leave(&mut v, VAULT, 1_000 * M);
        }
    }
    v.tune(|params| params.budget_window = DAY);
    assert_eq!(left(&mut v), 50 * M - 18 * M, "the least of the openings, less all of it");
    for spent in 1..=7 {
        spend(&mut v, M);
        assert_eq!(left(&mut v), 50 * M - 18 * M - spent * M, "slice {spent} of the longer window");
        v.now += DAY / 8;
    }
    v.now += 3 * DAY;
    assert_eq!(left(&mut v), 100 * M);
}
