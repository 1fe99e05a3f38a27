mod order;

use super::*;
use crate::layout::MAX_SEATS;
use crate::state::position::Position;
use crate::units::{AdjustedPrice, Atoms, MAX_LOTS};
use proptest::prelude::*;
use std::vec::Vec;

const NOW: i64 = 1_800_000_000;
const SEASONING: i64 = 600;

fn terms(price: i64, funding: i64, rule: RankRule) -> Terms {
    Terms { price: Price(price), funding: Funding(funding), now: NOW, seasoning: SEASONING, rule }
}

fn seat(cash: i64, lots: i64, price: i64) -> Seat {
    let mut seat: Seat = bytemuck::Zeroable::zeroed();
    seat.position.cash = Atoms(cash);
    seat.position.trade(Lots(lots), Price(price), Funding::ZERO).unwrap();
    seat
}

/// The whole number `lead * 2^(15 * place)` cut to a lead below 2^30.
fn cut(mut lead: u128, mut place: i64) -> (u128, i64) {
    while lead >> 30 != 0 {
        (lead, place) = (lead >> 15, place + 1);
    }
    (lead, place)
}

/// The code of `a * b / c`. Six places more than whole numbers are enough to cut it exactly.
fn code(a: (u128, i64), b: (u128, i64), c: (u128, i64)) -> u64 {
    let (lead, place) = cut(((a.0 * b.0) << 60) / c.0, a.1 + b.1 - c.1 - 4);
    assert!(lead >= 1 << 15);
    ((place + 16) as u64) << 30 | lead as u64
}

/// The number of a code.
fn number(code: u64) -> (u128, i64) {
    ((code % (1 << 30)) as u128, (code >> 30) as i64 - 16)
}

/// The score straight from the definition in the module's documentation.
fn defined(seat: &Seat, terms: &Terms) -> u64 {
    let position = seat.position;
    let value = position.size.0 as i128 * (terms.price.0 - terms.funding.0) as i128;
    let profit = value - position.cost.0 as i128;
    let young = seat.young_at(terms.now, terms.seasoning).0 as i128;
    let term = |number: i128| cut(number.max(1) as u128, 0);
    let equity = term(position.cash.0 as i128 + value - young);
    let (lots, entry) = (position.size.abs().0 as i128, term(position.entry_notional.0 as i128));
    if profit > 0 {
        let counted = if terms.rule.counts_size() { term(lots) } else { term(1) };
        let factor = number(code(term(lots), counted, entry));
        return (1 << 63) + code(factor, term(profit), equity);
    }
    let held = cut(entry.0 * lots as u128, entry.1);
    let loss_rank = if profit == 0 { 0 } else { code(term(-profit), equity, held) };
    (1 << 63) - 1 - loss_rank
}

/// The queue of a side by a full sort.
fn sorted(seats: &[Seat], side: Side, terms: &Terms) -> Vec<Ranked> {
    let mut queue: Vec<_> = (0u32..)
        .zip(seats)
        .filter(|(_, seat)| seat.position.size.side() == Some(side))
        .map(|(index, seat)| Ranked { score: Score(defined(seat, terms)), seat: index })
        .collect();
    queue.sort_by_key(|ranked| (core::cmp::Reverse(ranked.score), ranked.seat));
    queue
}

fn best(
    seats: &[Seat],
    side: Side,
    terms: &Terms,
    after: Option<Ranked>,
    except: Option<u32>,
    out: &mut [Ranked],
) -> usize {
    Queue { seats, side, after, except }.first(terms, out)
}

fn some_seat() -> impl Strategy<Value = Seat> {
    // Few values in the first kind, so that scores tie; the whole range in the second.
    let lots = prop_oneof![4 => -3i64..=3, 2 => -1000i64..1000, 1 => -MAX_LOTS / 2..=MAX_LOTS / 2];
    let price = prop_oneof![4 => 98i64..=102, 2 => 1i64..200, 1 => 1i64..1 << 31];
    let cash = prop_oneof![4 => 0i64..4, 2 => 0i64..100_000, 1 => 0i64..1 << 60];
    let drawn = prop_oneof![3 => Just(0i64), 1 => 0i64..200, 1 => 0i64..1 << 40];
    let young = prop_oneof![3 => Just(0i64), 1 => 1i64..1000, 1 => 1i64..1 << 40];
    let age = prop_oneof![Just(SEASONING), Just(SEASONING - 1), -5i64..2000];
    (lots, price, cash, drawn, young, age).prop_map(|(lots, price, cash, drawn, young, age)| {
        let mut seat = seat(cash, lots, price);
        seat.position.cash.0 += young - drawn;
        seat.young_deposits = Atoms(young);
        seat.young_since = NOW - age;
        seat
    })
}

fn ranked_by(mut seats: Vec<Seat>, rule: RankRule) -> Vec<Seat> {
    for seat in &mut seats {
        seat.refresh_rank(rule.counts_size());
    }
    seats
}

prop_compose! {
    fn state(copies: usize)(
        seats in proptest::collection::vec(some_seat(), 0..100),
        copies in 1..=copies,
        price in prop_oneof![4 => 95i64..=105, 2 => 1i64..300, 1 => 1i64..1 << 31],
        funding in prop_oneof![3 => Just(0i64), 2 => -200i64..400, 1 => -(1i64 << 31)..1 << 31],
        by_size in any::<bool>(),
        short in any::<bool>(),
    ) -> (Vec<Seat>, Side, Terms) {
        let rule = if by_size { RankRule::ProfitLeverageSize } else { RankRule::ProfitLeverage };
        // Some copies equal, some a little richer: the same seats again, blocks apart.
        let seats = (0..copies as i64).flat_map(|copy| {
            seats.iter().map(move |seat| {
                let mut seat = *seat;
                seat.position.cash.0 += copy / 2;
                seat
            })
        });
        let seats = seats.collect();
        (ranked_by(seats, rule), Side::from_byte(short as u8), terms(price, funding, rule))
    }
}

proptest! {
    #[test]
    fn the_score_is_the_definition((seats, _, terms) in state(2)) {
        for seat in seats.iter().filter(|seat| seat.position.size.0 != 0) {
            prop_assert_eq!(score(seat, &terms).0, defined(seat, &terms));
        }
    }

    #[test]
    fn the_pass_agrees_with_a_full_sort((seats, side, terms) in state(12), k in prop_oneof![0usize..4, 0usize..40], pick in any::<u32>()) {
        let queue = sorted(&seats, side, &terms);
        // Nobody, somebody of the front, anybody.
        let except = match pick % 3 {
            0 => None,
            1 => queue.get(pick as usize / 3 % (k + 1)).map(|ranked| ranked.seat),
            _ => Some(pick / 3 % 1000),
        };
        let mut out = std::vec![Ranked { score: Score(7), seat: 7 }; k];
        let count = best(&seats, side, &terms, None, except, &mut out);
        let mut expected: Vec<_> = queue.into_iter().filter(|ranked| Some(ranked.seat) != except).take(k).collect();
        prop_assert_eq!(count, expected.len());
        expected.resize(k, Ranked::NOBODY);
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn pages_concatenate_to_the_queue((seats, side, terms) in state(3), size in 1usize..40, pick in 0u32..600) {
        let except = (pick < 300).then_some(pick);
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let mut page = std::vec![Ranked::NOBODY; size];
            let count = best(&seats, side, &terms, after, except, &mut page);
            pages.extend_from_slice(&page[..count]);
            after = pages.last().copied();
            if count < size {
                break;
            }
        }
        let queue: Vec<_> =
            sorted(&seats, side, &terms).into_iter().filter(|ranked| Some(ranked.seat) != except).collect();
        prop_assert_eq!(pages, queue);
    }

    #[test]
    fn a_place_is_the_one_in_the_queue((seats, side, terms) in state(2), pick in 0u32..400) {
        let first = (pick < 200).then_some(pick);
        let mut queue = sorted(&seats, side, &terms);
        queue.sort_by_key(|ranked| Some(ranked.seat) != first);
        let mut lots_ahead = Lots::ZERO;
        for (ranked, rank) in queue.iter().zip(1u32..) {
            let expected = Place { rank, of: queue.len() as u32, lots_ahead };
            prop_assert_eq!(place(&seats, ranked.seat, &terms, first, queue.len() as u32), Some(expected));
            lots_ahead = lots_ahead + seats[ranked.seat as usize].position.size.abs();
        }
        for (seat, index) in seats.iter().zip(0u32..) {
            prop_assert_eq!(place(&seats, index, &terms, first, 1).is_none(), seat.position.size.0 == 0);
        }
        prop_assert_eq!(place(&seats, seats.len() as u32, &terms, first, 1), None);
    }

    #[test]
    fn no_field_makes_it_fail(
        fields in proptest::collection::vec(any::<i64>(), 8), price in any::<i64>(), now in any::<i64>(), bound in any::<u64>(),
    ) {
        let mut seat: Seat = bytemuck::Zeroable::zeroed();
        seat.position.cash = Atoms(fields[0]);
        seat.position.size = Lots(fields[1]);
        seat.position.cost = Atoms(fields[2]);
        seat.position.entry_notional = Atoms(fields[3]);
        seat.young_deposits = Atoms(fields[4]);
        seat.young_since = fields[5];
        (seat.long_rank, seat.short_rank) = (bound, !bound);
        let terms = Terms {
            price: Price(price),
            funding: Funding(fields[6]),
            now,
            seasoning: fields[7],
            rule: RankRule::ProfitLeverageSize,
        };
        let seats = [seat; 3];
        let mut out = [Ranked::NOBODY; 2];
        for side in [Side::Long, Side::Short] {
            best(&seats, side, &terms, None, Some(1), &mut out);
            best(&seats, side, &terms, Some(out[0]), None, &mut out);
        }
        place(&seats, 1, &terms, Some(0), 3);
    }

    #[test]
    fn splitting_changes_nothing_without_size(
        lots in 1i64 << 12..1 << 24, price in 10_000i64..40_000, at in 10_000i64..40_000, leverage in 1i64..50,
        short in any::<bool>(),
    ) {
        let lots = if short { -lots } else { lots };
        // Solvent: below 1 the ranking equity is 1 for a half as for the whole.
        let cash = lots.abs() * ((at - price).abs() + price / leverage);
        let (whole, half) = (seat(2 * cash, 2 * lots, price), seat(cash, lots, price));
        let terms = terms(at, 0, RankRule::ProfitLeverage);
        let (whole, half) = (score(&whole, &terms), score(&half, &terms));
        prop_assert_eq!(whole.in_profit(), half.in_profit());
        let from = if whole.in_profit() { whole.0 - IN_PROFIT } else { IN_PROFIT - whole.0 };
        prop_assert!(whole.0.abs_diff(half.0) <= (from >> 14) + 512, "{} and {}", whole.0, half.0);
    }

    #[test]
    fn a_flash_deposit_does_not_step_out_of_the_line(
        lots in 1i64..1000, cash in 1i64..1 << 30, at in 10_001i64..20_000, deposit in 1i64..1 << 40,
    ) {
        let terms = terms(at, 0, RankRule::ProfitLeverageSize);
        let before = seat(cash, lots, 10_000);
        let mut after = before;
        after.position.cash.0 += deposit;
        after.young_deposits = Atoms(deposit);
        after.young_since = NOW + 1 - SEASONING;
        prop_assert_eq!(score(&after, &terms), score(&before, &terms));
        after.young_since -= 1;
        prop_assert!(score(&after, &terms) <= score(&before, &terms));
    }
}

#[test]
fn the_published_vectors_hold() {
    let (mut published, mut computed) = (Vec::<&str>::new(), Vec::<std::string::String>::new());
    for line in include_str!("../adl_ranking.rs").lines().filter(|line| line.starts_with("//! |")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let numbers: Vec<i64> = cells.iter().filter_map(|cell| cell.replace('_', "").parse().ok()).collect();
        let [cash, size, cost, entry, price, ..] = numbers[..] else { continue };
        let mut seat: Seat = bytemuck::Zeroable::zeroed();
        seat.position =
            Position { cash: Atoms(cash), size: Lots(size), cost: Atoms(cost), entry_notional: Atoms(entry) };
        let [with_size, without] = [RankRule::ProfitLeverageSize, RankRule::ProfitLeverage].map(|rule| {
            let terms = terms(price, 0, rule);
            assert_eq!(score(&seat, &terms).0, defined(&seat, &terms), "{rule:?} of {line}");
            score(&seat, &terms).0
        });
        published.push(line);
        computed.push(std::format!("{} | {with_size} | {without} |", cells[..7].join(" | ")));
    }
    assert_eq!(published.len(), 14, "the table is where the test reads it");
    assert_eq!(published.join("\n"), computed.join("\n"), "what is computed:\n{}", computed.join("\n"));
}

#[test]
fn a_queue_longer_than_its_blocks_is_ranked_whole() {
    // Each seat beats the one before it, then the other way round.
    let terms = terms(20_000, 0, RankRule::ProfitLeverageSize);
    let rising: Vec<_> = (0..MAX_SEATS as i64).map(|n| seat(1_000_000_000 - n * 40_000, 1000, 10_000)).collect();
    let falling: Vec<_> = rising.iter().rev().copied().collect();
    for seats in [rising, falling] {
        let seats = ranked_by(seats, terms.rule);
        let mut out = [Ranked::NOBODY; 33];
        assert_eq!(best(&seats, Side::Long, &terms, None, None, &mut out), 33);
        assert_eq!(out[..], sorted(&seats, Side::Long, &terms)[..33]);
        assert_eq!(best(&seats, Side::Short, &terms, None, None, &mut out), 0);
    }
}

type Change<'a> = &'a dyn Fn(i64, &mut Seat);

/// Seats as somebody would arrange them to make the pass dear: sizes in an order, with what else they did to their numbers.
fn arranged(count: i64, side: Side, lots: impl Fn(i64) -> i64, change: impl Fn(i64, &mut Seat)) -> Vec<Seat> {
    let seats = (0..count).map(|n| {
        let lots = lots(n);
        let mut seat = seat(lots * 2_500, lots * side.sign(), 10_000);
        change(n, &mut seat);
        seat
    });
    seats.collect()
}

#[test]
fn hostile_queues_are_ranked_as_by_a_full_sort() {
    // Scrambled and heavy-tailed, equal, each before the one before it, and the other way round.
    let heavy = |n: i64| 1 + (1 << 40) / ((n * 7_919) % 8_191 + 1).pow(2).max(1 << 20) * 100;
    let sizes: [&dyn Fn(i64) -> i64; 5] =
        [&heavy, &|_| 100, &|n| 100 + n, &|n| 10_000 - n, &|n| 200_000_000 + n * 1_000];
    // What is left of the equity is a tenth of the profit, or as much as it, and an atom less.
    let withdraw = |seat: &mut Seat, keep: i64| {
        seat.position.cash.0 = keep - seat.position.cost.0;
    };
    let profit = |seat: &Seat| seat.position.size.abs().0 * 600;
    let young = |seat: &mut Seat| {
        seat.young_deposits = Atoms(1_000);
        seat.young_since = NOW;
        seat.position.cash.0 += 1_000;
    };
    let changes: [Change; 8] = [
        &|_, _| {},
        &|_, seat| withdraw(seat, -profit(seat) * 9 / 10),
        &|n, seat| withdraw(seat, -((n % 64 == 63) as i64)),
        &|n, seat| withdraw(seat, -((n % 64 == 0) as i64)),
        &|n, seat| withdraw(seat, -(n % 3)),
        &|_, seat| young(seat),
        &|n, seat| seat.position.cash.0 += (n % 5) << 40,
        &|n, seat| {
            // Down to no equity, and some flat.
            withdraw(seat, -profit(seat) + (n % 2) * 7 - 3);
            if n % 7 == 0 {
                *seat = bytemuck::Zeroable::zeroed();
            }
        },
    ];
    // In profit by 6 %; not in profit; neither, but for what rounds.
    for (side, price) in [(Side::Short, 9_400), (Side::Long, 10_600), (Side::Short, 10_600), (Side::Long, 10_000)] {
        for rule in [RankRule::ProfitLeverageSize, RankRule::ProfitLeverage] {
            let terms = terms(price, 0, rule);
            for (size, change) in sizes.iter().flat_map(|size| changes.iter().map(move |change| (size, change))) {
                // Whole blocks and a part of one, with an odd number.
                let mut seats = ranked_by(arranged(64 * 9 + 5, side, size, change), rule);
                // Some of the others are in profit, in the last blocks only.
                for seat in &mut seats[64 * 8 - 1..64 * 8 + 2] {
                    seat.position.cost.0 -= seat.position.size.abs().0 * 1_000;
                    seat.refresh_rank(rule.counts_size());
                }
                let queue = sorted(&seats, side, &terms);
                for k in [1, 2, 33] {
                    let mut out = std::vec![Ranked::NOBODY; k];
                    assert_eq!(best(&seats, side, &terms, None, None, &mut out), k.min(queue.len()));
                    assert_eq!(out[..], queue[..k], "{side:?} at {price} by {rule:?}");
                }
            }
        }
    }
}

#[test]
fn lights_are_fifths_of_the_queue() {
    let all = |of| (1..=of).map(|rank| lights(rank, of)).collect::<Vec<_>>();
    assert_eq!(all(1), [5]);
    assert_eq!(all(2), [5, 3]);
    assert_eq!(all(5), [5, 4, 3, 2, 1]);
    assert_eq!(all(6), [5, 5, 4, 3, 2, 1]);
    assert_eq!(all(10), [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
    assert_eq!((lights(1, MAX_SEATS), lights(MAX_SEATS, MAX_SEATS)), (5, 1));
    assert_eq!((lights(0, 0), lights(9, 3)), (5, 1), "a rank of no queue is not a panic");
}

#[test]
fn rules_are_their_bytes() {
    for rule in [RankRule::ProfitLeverageSize, RankRule::ProfitLeverage] {
        assert_eq!(RankRule::from_byte(rule as u8), Some(rule));
    }
    assert_eq!(RankRule::from_byte(2), None);
}
