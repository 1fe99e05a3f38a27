//! Funding: what it pays, when it stands still, and that nobody can move it by choosing a moment.

use super::fixture::*;
use crate::ops::orders::Kind;
use crate::state::params::Params;
use crate::units::{Funding, Lots, Price, Rate, Side, MAX_FUNDING, RATE_ONE};
use proptest::prelude::*;
use std::vec::Vec;

const HOUR: i64 = 3_600;
const PERIOD: i64 = 28_800;
pub(super) const MARK: i64 = 100_000;

/// A market at 100,000 with an impact notional of a million atoms, ten lots at the price, and a day of fresh price.
pub(super) fn paying() -> Params {
    let impact_notional = 10 * MARK;
    let (funding_period, staleness) = (PERIOD, 86_400);
    Params { funding_cap: Rate(10_000), interest: 0, funding_period, impact_notional, staleness, ..plain() }
}

pub(super) fn venue(params: Params) -> Venue {
    let mut v = Venue::new(params);
    v.price(MARK);
    v
}

/// Two makers whose quotes stand around the price for good.
fn quoted(params: Params, bid: i64, ask: i64) -> Venue {
    let mut v = venue(params);
    let maker = v.seat(1 << 40);
    v.rest(maker, Long, 20, bid);
    v.rest(maker, Short, 20, ask);
    v
}

/// The same price once more, which keeps it fresh.
fn reprint(v: &mut Venue) {
    v.print(MARK);
}

fn accrue(v: &mut Venue, seconds: i64) {
    v.now += seconds;
    v.run(|x, now| {
        x.accrue(now);
        Ok(())
    });
}

/// Cumulative funding, its rest, and until when it has accrued.
pub(super) fn state(v: &mut Venue) -> (i64, i64, i64) {
    v.peek(|x, _| (x.market.head.funding.0, x.market.head.funding_remainder, x.market.head.accrued_at))
}

fn funding(v: &mut Venue) -> i64 {
    state(v).0
}

#[test]
fn longs_pay_the_premium_of_the_book_and_shorts_receive_it() {
    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    let (long, short) = (v.seat(10_000_000), v.seat(10_000_000));
    // Matched behind the quotes: nobody else trades.
    v.peek(|x, now| {
        for (seat, lots) in [(long, 7), (short, -7)] {
            let mut position = x.market.seats[seat as usize].position;
            position.trade(Lots(lots), Price(MARK), Funding::ZERO).unwrap();
            crate::tests::fixture::set_position(x, seat, position, now).unwrap();
        }
    });
    // A mid of 500 above the price, paid over a period: an eighth of it in an hour.
    accrue(&mut v, HOUR);
    assert_eq!(state(&mut v), (62, PERIOD * RATE_ONE / 2, v.now), "62.5 atoms a lot");
    assert_eq!(v.equity(long), 10_000_000 - 7 * 62);
    assert_eq!(v.equity(short), 10_000_000 + 7 * 62);
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 125, "the half that was carried counts");
    v.peek(|x, _| assert_eq!(x.market.head.funding_rate, 500 * RATE_ONE));
}

#[test]
fn what_a_maker_can_bear_is_judged_at_the_start_of_a_gap() {
    let mut v = venue(paying());
    let (rich, poor) = (v.seat(1 << 40), v.seat(1 << 40));
    v.trade(poor, rich, 20, MARK);
    v.rest(rich, Short, 20, MARK + 600);
    v.rest(poor, Long, 20, MARK + 400);
    // With ten lots more it would have initial margin, and 100 atoms.
    let spare = v.equity(poor) - 10 * 400 - 30 * MARK / 20 - 100;
    v.peek(|x, _| {
        x.market.head.pool_cash.0 -= spare;
        crate::tests::fixture::credit(x, poor, crate::units::Atoms(-spare)).unwrap();
    });
    let bid = |v: &mut Venue| v.peek(|x, now| crate::rules::funding_rate::impact_price(x, Long, now));
    assert!(bid(&mut v).is_some());
    let mut other = v.clone();
    accrue(&mut v, 3_000);
    let moved = funding(&mut v);
    assert!(20 * moved > 100, "it pays more than it had to spare");
    assert_eq!(bid(&mut v), None, "so from now on it could not bear a fill");
    accrue(&mut v, 300);
    assert_eq!(funding(&mut v), moved, "and there is no premium");
    accrue(&mut other, 3_300);
    assert!(funding(&mut other) > moved, "in one gap it is charged with what was so at its start");
}

#[test]
fn a_premium_below_the_price_is_paid_by_shorts() {
    let mut v = quoted(paying(), MARK - 600, MARK - 400);
    accrue(&mut v, HOUR);
    assert_eq!(state(&mut v), (-63, PERIOD * RATE_ONE / 2, v.now), "-62.5 is -63 and a half carried");
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), -125);
}

#[test]
fn the_rate_is_capped_and_interest_is_within_the_cap() {
    let mut v = quoted(Params { interest: 100, ..paying() }, MARK - 5, MARK + 5);
    accrue(&mut v, HOUR);
    assert_eq!(state(&mut v), (1, PERIOD * RATE_ONE / 4, v.now), "10 atoms of interest a period, no premium");
    let mut v = quoted(Params { interest: 100, ..paying() }, MARK + 8_000, MARK + 9_000);
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 125, "the cap is 1,000 a period");
}

#[test]
fn a_book_with_one_side_or_none_has_no_premium() {
    let mut v = venue(Params { interest: 800, ..paying() });
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 10, "interest alone");
    let maker = v.seat(1 << 40);
    v.rest(maker, Long, 1_000, MARK + 90);
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 20, "only bids");
    v.rest(maker, Short, 9, MARK + 110);
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 30, "nine lots are less than the impact notional");
    v.rest(maker, Short, 1, MARK + 110);
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 52, "80 atoms of interest a period and a mid 100 above the price");
}

#[test]
fn the_impact_price_is_the_average_of_at_most_eight_orders() {
    let mut v = venue(paying());
    let maker = v.seat(1 << 40);
    let impact = |v: &mut Venue| v.peek(|x, now| crate::rules::funding_rate::impact_price(x, Side::Long, now));
    for (n, price) in [99_000, 98_000, 97_000, 96_000, 95_000, 94_000, 93_000].into_iter().enumerate() {
        v.rest(maker, Long, 1, price);
        assert_eq!(impact(&mut v), None, "{n}");
    }
    // 672,000 so far: four more lots at 92,000 reach the million, and five are more than it takes.
    v.rest(maker, Long, 3, 92_000);
    assert_eq!(impact(&mut v), None);
    v.rest(maker, Long, 1, 92_000);
    assert_eq!(impact(&mut v), None, "the ninth is not read");
    v.tune(|params| params.impact_notional = 672_000 + 92_000 + 1);
    assert_eq!(impact(&mut v), Some((672_000 + 2 * 92_000) * RATE_ONE / 9));
    v.tune(|params| params.impact_notional = 672_000 + 3 * 92_000);
    assert_eq!(impact(&mut v), Some((672_000 + 3 * 92_000) * RATE_ONE / 10), "exactly enough is enough");
    // An expired order is not there, though it is read.
    let expires = v.now + 5;
    v.place(maker, crate::ops::orders::OrderRequest { expires, ..Venue::request(Long, 50, 99_500, Kind::Limit) })
        .unwrap();
    assert_eq!(impact(&mut v), Some(99_500 * RATE_ONE));
    v.now += 5;
    assert_eq!(impact(&mut v), None);
}

#[test]
fn quotes_placed_and_pulled_around_an_accrual_move_nothing() {
    let mut v = quoted(paying(), MARK - 10, MARK + 10);
    let mut honest = v.clone();
    let attacker = v.seat(1 << 40);
    let pulled = |v: &mut Venue| {
        // Ahead of the honest bids, deep enough to be the impact price, and gone within the second.
        v.rest(attacker, Long, 1_000, MARK + 9);
        v.run(|x, now| {
            x.accrue(now);
            Ok(())
        });
        v.run(|x, now| x.cancel_all(attacker, None, now));
    };
    for gap in [0, 1, 59, 1_000, 3_600] {
        v.now += gap;
        pulled(&mut v);
        accrue(&mut honest, gap);
        assert_eq!(state(&mut v), state(&mut honest), "after {gap} seconds");
    }
}

#[test]
fn what_stood_is_charged_even_where_it_is_cancelled_or_the_price_changes() {
    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    let maker = 1;
    v.now += HOUR / 2;
    v.run(|x, now| x.cancel_all(maker, None, now));
    v.now += HOUR / 2;
    let now = v.now;
    v.print(MARK + 1);
    assert_eq!(state(&mut v), (31, PERIOD * RATE_ONE / 4, now), "half an hour of 500 a period");
}

#[test]
fn a_clock_that_stands_or_goes_back_moves_nothing() {
    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    accrue(&mut v, 1_000);
    let before = state(&mut v);
    accrue(&mut v, 0);
    assert_eq!(state(&mut v), before);
    accrue(&mut v, -500);
    assert_eq!(state(&mut v), before, "no time is paid for twice");
    accrue(&mut v, 500);
    assert_eq!(state(&mut v), before);
    accrue(&mut v, 1);
    assert_eq!(state(&mut v).2, before.2 + 1);
}

#[test]
fn more_than_an_hour_at_once_is_dropped() {
    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    let mut once = v.clone();
    accrue(&mut v, HOUR);
    accrue(&mut once, 5 * HOUR);
    assert_eq!((funding(&mut once), state(&mut once).1), (funding(&mut v), state(&mut v).1));
    assert_eq!(state(&mut once).2, once.now);
}

#[test]
fn there_is_no_premium_while_nothing_can_trade() {
    let staleness = 600;
    let stale = Params { staleness, ..paying() };
    let mut v = quoted(stale, MARK + 400, MARK + 600);
    let until = v.peek(|x, _| x.market.head.price.last_print) + staleness;
    accrue(&mut v, HOUR);
    let seconds = until - (v.now - HOUR);
    assert_eq!(funding(&mut v), 500 * seconds / PERIOD, "only while the price was fresh");

    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    v.now += 1;
    v.print(MARK / 4);
    let before = state(&mut v);
    accrue(&mut v, HOUR);
    assert_eq!((funding(&mut v), state(&mut v).1), (before.0, before.1), "a pending price");

    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    v.peek(|x, now| x.market.head.delist_at = now + 60);
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), 1, "a minute of 500 a period before the delisting");
}

/// Somebody with `lots` on a side at the price, whose bankruptcy price is `room` atoms from it, against somebody rich.
fn lean(v: &mut Venue, side: Side, lots: i64, room: i64) -> (u32, u32) {
    let (lean, rich) = (v.seat(lots * MARK), v.seat(1 << 40));
    v.peek(|x, now| {
        for (seat, lots) in [(lean, lots * side.sign()), (rich, -lots * side.sign())] {
            let mut position = x.market.seats[seat as usize].position;
            position.trade(Lots(lots), Price(MARK), Funding::ZERO).unwrap();
            crate::tests::fixture::set_position(x, seat, position, now).unwrap();
        }
        // As if it had withdrawn all but its margin.
        let spare = x.market.seats[lean as usize].position.equity(x.market.adjusted_price()).unwrap().0 - lots * room;
        x.market.seats[lean as usize].position.cash.0 -= spare;
        x.market.head.pool_cash.0 -= spare;
        let size = x.market.seats[lean as usize].position.size;
        crate::state::queues::requeue(&mut x.market, lean, size).unwrap();
    });
    v.audit();
    (lean, rich)
}

#[test]
fn funding_stands_still_where_the_price_made_somebody_bankrupt_and_once_it_is_settled() {
    for (side, price) in [(Long, MARK - 4_000), (Short, MARK + 4_000)] {
        for quotes in [(MARK + 9_000, MARK + 9_500), (MARK - 9_500, MARK - 9_000)] {
            let mut v = quoted(paying(), quotes.0, quotes.1);
            lean(&mut v, side, 4, 2_600);
            v.price(price);
            v.peek(|x, _| assert_eq!(x.market.bankrupt_side(), Some(side)));
            let before = state(&mut v);
            accrue(&mut v, HOUR);
            assert_eq!((state(&mut v).0, state(&mut v).1), (before.0, before.1), "{side:?}");
        }
    }
    let mut v = quoted(Params { interest: 800, staleness: 3_600, ..paying() }, MARK + 400, MARK + 600);
    v.settle();
    let before = state(&mut v);
    accrue(&mut v, HOUR);
    assert_eq!(state(&mut v), before);
}

#[test]
fn funding_stops_in_the_very_second_that_bankrupts_somebody_and_not_before() {
    // 500 a period: five atoms in exactly 288 seconds, and a bankruptcy price five atoms away. The second after that is one too many.
    for (side, sign) in [(Long, 1), (Short, -1)] {
        let mut v = quoted(paying(), MARK + sign * 500 - 100, MARK + sign * 500 + 100);
        v.run(|x, now| x.cancel_all(1, None, now));
        lean(&mut v, side, 4, 5);
        v.rest(1, Long, 20, MARK + sign * 500 - 100);
        v.rest(1, Short, 20, MARK + sign * 500 + 100);
        let mut short = v.clone();
        accrue(&mut short, 288);
        assert_eq!((funding(&mut short), short.peek(|x, _| x.market.bankrupt_side())), (sign * 5, None), "{side:?}");
        accrue(&mut v, HOUR);
        let stopped = if sign > 0 { 6 } else { -6 };
        assert_eq!((funding(&mut v), v.peek(|x, _| x.market.bankrupt_side())), (stopped, Some(side)));
    }
}

#[test]
fn an_order_of_the_vaults_that_became_worse_than_its_offer_is_not_there() {
    let mut v = quoted(paying(), MARK - 400, MARK + 400);
    v.fund_vault(100_000_000);
    let vault_lots = Lots(80);
    v.peek(|x, now| {
        let other = 1;
        for (seat, lots) in [(0, vault_lots.0), (other, -vault_lots.0)] {
            let mut position = x.market.seats[seat as usize].position;
            position.trade(Lots(lots), Price(MARK), Funding::ZERO).unwrap();
            crate::tests::fixture::set_position(x, seat, position, now).unwrap();
        }
    });
    v.tune(|params| params.vault_spread = Rate(1_000));
    v.run(|x, now| x.unwind_vault(now));
    let ask = |v: &mut Venue| {
        v.peek(|x, now| crate::rules::funding_rate::impact_price(x, Side::Short, now).map(|price| price / RATE_ONE))
    };
    assert_eq!(ask(&mut v), Some(MARK + 400), "nobody can take it before a later price");
    v.price(MARK);
    assert_eq!(ask(&mut v), Some(MARK + 100), "the vault offers a tenth of a per cent behind the price");
    v.tune(|params| params.vault_spread = Rate(2_000));
    assert_eq!(ask(&mut v), Some(MARK + 400), "a taker would cancel that offer, so it is read past");
}

#[test]
fn funding_alone_liquidates_and_bankrupts_and_the_waterfall_resolves_it() {
    let mut v = quoted(paying(), MARK + 4_000, MARK + 6_000);
    v.run(|x, now| x.cancel_all(1, Some(Long), now));
    let (long, short) = lean(&mut v, Long, 4, 2_600);
    let maker = 1;
    v.rest(maker, Long, 10, MARK + 4_000);
    // 1,000 a period, the cap: 125 an hour.
    assert_eq!(v.liquidate(4).seats, 0, "2.6 % is above maintenance");
    accrue(&mut v, HOUR);
    v.peek(|x, _| assert!(x.market.is_unmaintained(long).unwrap(), "after an hour it is not"));
    // Nobody bids within its limit from here on, so it is left to fall.
    for _ in 0..40 {
        accrue(&mut v, HOUR);
        reprint(&mut v);
    }
    assert_eq!(v.oracle_price(), MARK, "no price has moved");
    v.peek(|x, _| assert!(x.market.is_bankrupt(long).unwrap()));
    let fell = state(&mut v);
    assert_eq!(fell.0, 2_601, "funding stands still from the second in which it made the seat bankrupt");
    accrue(&mut v, HOUR);
    assert_eq!((state(&mut v).0, state(&mut v).1), (fell.0, fell.1));
    v.run(|x, now| x.cancel_all(maker, None, now));
    let before = v.equity(short);
    let report = v.deleverage(8);
    assert_eq!((report.forced_lots, v.size(long), v.size(short)), (Lots(4), 0, 0));
    assert_eq!(before - v.equity(short), 4, "the winner gives up the deficit of an atom a lot");
    accrue(&mut v, HOUR);
    assert_eq!(funding(&mut v), fell.0, "no book, no premium");
}

#[test]
fn a_change_of_parameters_charges_what_was_due_and_keeps_what_was_carried() {
    let mut v = quoted(paying(), MARK + 400, MARK + 600);
    let later = Params { interest: 5_000, funding_period: 2 * PERIOD, staleness: 60, ..paying() };
    v.run(|x, now| x.change_params(&later, now));
    let two_days = crate::ops::admin::TIME_LOCK;
    v.now += two_days - HOUR / 2;
    reprint(&mut v);
    let before = state(&mut v);
    v.now += HOUR / 2;
    v.run(|x, now| x.apply_params(now));
    // Half an hour at the old rate, 31.25 atoms; a quarter of an atom is one of the longer period too.
    let quarters = |(funding, rest, _): (i64, i64, i64), period: i64| funding * 4 + rest * 4 / (period * RATE_ONE);
    let after = state(&mut v);
    assert_eq!(quarters(after, 2 * PERIOD), quarters(before, PERIOD) + 125);
    assert_eq!(after.2, v.now);
    v.tune(|params| params.staleness = 86_400);
    accrue(&mut v, HOUR);
    // A premium of 500 and 500 of interest, of which an hour is a sixteenth.
    assert_eq!(quarters(state(&mut v), 2 * PERIOD), quarters(after, 2 * PERIOD) + 250);
}

#[test]
fn cumulative_funding_stops_at_its_bound() {
    for sign in [1, -1] {
        let quotes = if sign > 0 { (MARK + 4_000, MARK + 6_000) } else { (MARK - 6_000, MARK - 4_000) };
        let mut v = quoted(paying(), quotes.0, quotes.1);
        v.fund(sign * (MAX_FUNDING - 7));
        accrue(&mut v, HOUR - 7);
        assert_eq!((funding(&mut v), state(&mut v).1), (sign * MAX_FUNDING, 0), "not even a rest is carried");
        accrue(&mut v, HOUR);
        assert_eq!(funding(&mut v), sign * MAX_FUNDING);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn funding_does_not_depend_on_how_often_it_is_cranked(
        bid in MARK - 3_000..MARK + 3_000, spread in 1i64..500, interest in -10_000i64..10_000, start in -1_000i64..1_000,
        gap in 1i64..=HOUR, cuts in proptest::collection::vec(0i64..HOUR, 0..12), staleness in 1i64..2 * HOUR,
        room in 1i64..3_000, lots in 1i64..9, carried in 0i64..1_000_000, short in any::<bool>(),
    ) {
        let mut v = quoted(Params { interest, staleness, ..paying() }, bid, bid + spread);
        v.run(|x, now| x.cancel_all(1, None, now));
        v.fund(start);
        // A lean seat on the side that may pay, so that funding itself may stop on the way.
        lean(&mut v, if short { Short } else { Long }, lots, room);
        v.peek(|x, _| x.market.head.funding_remainder = carried * 1_000);
        v.rest(1, Long, 20, bid);
        v.rest(1, Short, 20, bid + spread);
        let mut often = v.clone();
        accrue(&mut v, gap);
        let mut cuts: Vec<i64> = cuts.into_iter().filter(|cut| *cut < gap).collect();
        cuts.sort_unstable();
        cuts.push(gap);
        let begin = often.now;
        for cut in cuts {
            let more = begin + cut - often.now;
            accrue(&mut often, more);
        }
        prop_assert_eq!(state(&mut v), state(&mut often));
    }

    #[test]
    fn a_year_of_random_steps_sums_to_zero_and_to_the_exact_funding(
        steps in proptest::collection::vec((1i64..96 * HOUR, -2_000i64..2_000, 0u8..3), 150..200),
    ) {
        let mut v = venue(paying());
        let (maker, long, short) = (v.seat(1 << 40), v.seat(1 << 40), v.seat(1 << 40));
        v.trade(long, short, 50, MARK);
        let equity = |v: &mut Venue| [maker, long, short].map(|seat| v.equity(seat)).iter().sum::<i64>();
        let all = equity(&mut v);
        // What the definition says, in one number that never rounds: millionths of an atom times seconds.
        let (mut exact, mut rate) = (0i128, 0i128);
        for (gap, off, act) in steps {
            v.now += gap;
            exact += rate * gap.min(HOUR) as i128;
            v.run(|x, now| x.cancel_all(maker, None, now));
            reprint(&mut v);
            if act > 0 {
                v.rest(maker, Long, 20, MARK + off - 50);
                v.rest(maker, Short, 20, MARK + off + 50);
            }
            rate = if act > 0 { (off * RATE_ONE).clamp(-1_000 * RATE_ONE, 1_000 * RATE_ONE) as i128 } else { 0 };
            if act == 1 {
                let (one, other) = if off > 0 { (long, short) } else { (short, long) };
                v.rest(one, Long, 1, MARK + off - 40);
                let _ = v.take(other, Short, 1, MARK + off - 40);
                v.run(|x, now| x.cancel_all(one, None, now));
            }
            prop_assert_eq!(equity(&mut v), all, "nothing is made or lost");
            let (funding, rest, _) = state(&mut v);
            let counted = funding as i128 * (PERIOD * RATE_ONE) as i128 + rest as i128;
            prop_assert_eq!(counted, exact);
        }
    }
}
