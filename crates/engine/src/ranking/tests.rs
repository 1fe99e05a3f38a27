use super::*;
use crate::units::{Adjusted, Atoms, MAX_LOTS};
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

/// The score straight from the definition in the module's documentation.
fn defined(seat: &Seat, terms: &Terms) -> u64 {
    let position = seat.position;
    let value = position.size.0 as i128 * (terms.price.0 - terms.funding.0) as i128;
    let profit = value - position.cost.0 as i128;
    let young = seat.young_at(terms.now, terms.seasoning).0 as i128;
    let equity = (position.cash.0 as i128 + value - young).max(1);
    let parts = |most: i128| (most >> 30).max(1);
    if profit > 0 {
        let parts = parts(profit.max(equity));
        let factor = position.rank_factor(terms.rule.counts_size()) as i128;
        let (profit, equity) = (profit / parts, (equity / parts).max(1));
        let beyond = profit > equity && factor / equity >= 1 << 31;
        let product = if beyond { profit << 31 } else { factor * profit / equity };
        return (1 << 63) + product.max(1) as u64;
    }
    let (loss, entry) = (-profit, position.entry.0 as i128);
    let notional = position.size.0.abs() as i128 * terms.price.0 as i128;
    let (loss, entry) = (loss / parts(loss + entry), entry / parts(loss + entry));
    let (equity, notional) = (equity / parts(equity + notional), notional / parts(equity + notional));
    let burden = loss * equity / (((entry * notional) >> 28) + 1);
    (1 << 63) - 1 - burden as u64
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

/// A natural number of any size, in digits of 32 bits, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wide([u32; 12]);

impl Wide {
    fn of(number: i128) -> Self {
        let mut digits = [0; 12];
        for (place, digit) in digits.iter_mut().take(4).enumerate() {
            *digit = (number >> (32 * place)) as u32;
        }
        Self(digits)
    }

    fn product(self, other: Self) -> Self {
        let mut digits = [0u32; 12];
        for (at, digit) in self.0.iter().enumerate() {
            let mut carry = 0u64;
            for (place, by) in other.0[..12 - at].iter().enumerate() {
                let sum = digits[at + place] as u64 + *digit as u64 * *by as u64 + carry;
                (digits[at + place], carry) = (sum as u32, sum >> 32);
            }
            assert_eq!(carry, 0, "too wide");
        }
        Self(digits)
    }

    fn times(self, number: i128) -> Self {
        self.product(Self::of(number))
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// Lots, the entry price in thousandths of the price, and 100 times the leverage.
fn any_size() -> impl Strategy<Value = (i64, i64, i64)> {
    (prop_oneof![1i64..1000, 1i64..1 << 29], prop_oneof![500i64..2000, 990i64..1010], 10i64..10_000)
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
        seat.position.entry = Atoms(fields[3]);
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
    fn the_order_is_the_published_one(
        seats in proptest::collection::vec((1000i64..1 << 24, 10_000i64..40_000, 1i64..50, 0i64..100), 2..40),
        at in 10_000i64..40_000, by_size in any::<bool>(), short in any::<bool>(),
    ) {
        let (side, rule) = (Side::from_byte(short as u8), RankRule::from_byte(by_size as u8).unwrap());
        let terms = terms(at, 0, rule);
        let seats = seats.into_iter().map(|(lots, price, leverage, drawn)| {
            let mut seat = seat(lots * price / leverage, lots * side.sign(), price);
            let equity = seat.position.equity(Adjusted(at)).unwrap().0.max(0);
            seat.position.cash.0 -= equity / 100 * drawn;
            seat
        });
        // The rule in floating point.
        let published = |seat: &Seat| {
            let profit = seat.position.profit(Adjusted(at)).unwrap().0 as f64;
            let equity = seat.position.equity(Adjusted(at)).unwrap().0.max(1) as f64;
            let notional = (seat.position.size.abs() * Price(at)).0 as f64;
            let (ratio, leverage) = (profit / seat.position.entry.0 as f64, notional / equity);
            match rule {
                _ if profit <= 0.0 => ratio / leverage,
                RankRule::ProfitLeverageSize => ratio * leverage * notional,
                RankRule::ProfitLeverage => ratio * leverage,
            }
        };
        let seats: Vec<_> = seats.collect();
        let queue: Vec<_> =
            sorted(&seats, side, &terms).iter().map(|ranked| published(&seats[ranked.seat as usize])).collect();
        for pair in queue.windows(2) {
            prop_assert!(pair[0] >= pair[1] - pair[1].abs() * 1e-4 - 1e-7, "{} is before {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn an_order_beyond_the_precision_is_the_exact_one(
        seats in proptest::collection::vec(any_size(), 2), at in 1i64 << 10..1 << 31, by_size in any::<bool>(),
        short in any::<bool>(), withdrawn in any::<bool>(),
    ) {
        let (side, rule) = (Side::from_byte(short as u8), RankRule::from_byte(by_size as u8).unwrap());
        let terms = terms(at, 0, rule);
        // Below that a few dozen times leverage can be beyond the scale where the profit is more than the equity.
        let withdrawn = withdrawn && at >= 1 << 16;
        let seats: Vec<_> = seats.into_iter().map(|(lots, apart, leverage)| {
            let price = (at as i128 * apart as i128 / 1000).clamp(1, (1 << 31) - 1) as i64;
            let mut seat = seat(0, lots * side.sign(), price);
            // Solvent at the price, with a share of the notional or of the profit as equity.
            let of = if withdrawn { (lots * (at - price).abs()).max(1) } else { lots * at };
            seat.position.cash.0 = (of as i128 * 100 / leverage as i128 + 1).min(1 << 60) as i64 - seat.position.size.0 * at;
            seat
        }).collect();
        // The rule as fractions, exactly: profit * lots [* lots] / (entry * R), and loss * R / (entry * lots).
        let exact = |seat: &Seat| {
            let profit = seat.position.profit(Adjusted(at)).unwrap().0 as i128;
            let equity = (seat.position.equity(Adjusted(at)).unwrap().0).max(1) as i128;
            let (entry, lots) = (seat.position.entry.0 as i128, seat.position.size.abs().0 as i128);
            let counted = if rule.counts_size() && profit > 0 { Wide::of(lots) } else { Wide::of(1) };
            match profit > 0 {
                true => (true, Wide::of(profit).times(lots).product(counted), Wide::of(entry).times(equity)),
                false => (false, Wide::of(-profit).times(equity), Wide::of(entry).times(lots)),
            }
        };
        let of = |seat: &Seat| score(seat, &terms).0;
        let (one, other) = (exact(&seats[0]), exact(&seats[1]));
        let (a, b) = (of(&seats[0]), of(&seats[1]));
        if one.0 != other.0 {
            prop_assert_eq!(a > b, one.0);
            return Ok(());
        }
        // one > other * (1 + 1 / margin), by the products across. The scores themselves end at 1.
        let (low, high) = (a.abs_diff(IN_PROFIT).min(b.abs_diff(IN_PROFIT)), IN_PROFIT >> 1);
        if low < 1 << 16 || a.abs_diff(IN_PROFIT).max(b.abs_diff(IN_PROFIT)) > high {
            return Ok(());
        }
        let beyond = |one: &(bool, Wide, Wide), other: &(bool, Wide, Wide)| {
            one.1.product(other.2).times(4096) > other.1.product(one.2).times(4097)
        };
        let first = if one.0 { (beyond(&one, &other), beyond(&other, &one)) } else { (beyond(&other, &one), beyond(&one, &other)) };
        prop_assert!(!first.0 || a > b, "{} is not before {}", a, b);
        prop_assert!(!first.1 || b > a, "{} is not before {}", b, a);
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
    let mut rows = 0;
    for line in include_str!("../ranking.rs").lines().filter_map(|line| line.strip_prefix("//! |")) {
        let cells: Vec<i128> = line.split('|').filter_map(|cell| cell.trim().replace('_', "").parse().ok()).collect();
        let Ok([cash, size, cost, entry, price, with_size, without]) = <[i128; 7]>::try_from(cells) else { continue };
        let mut seat: Seat = bytemuck::Zeroable::zeroed();
        seat.position.cash = Atoms(cash as i64);
        seat.position.size = Lots(size as i64);
        seat.position.cost = Atoms(cost as i64);
        seat.position.entry = Atoms(entry as i64);
        for (rule, expected) in [(RankRule::ProfitLeverageSize, with_size), (RankRule::ProfitLeverage, without)] {
            let terms = terms(price as i64, 0, rule);
            assert_eq!(score(&seat, &terms).0 as i128, expected, "{rule:?} of {line}");
            assert_eq!(defined(&seat, &terms) as i128, expected, "{rule:?} of {line}");
        }
        rows += 1;
    }
    assert_eq!(rows, 13, "the table is where the test reads it");
}

#[test]
fn a_queue_longer_than_its_blocks_is_ranked_whole() {
    // Each seat beats the one before it, then the other way round.
    let terms = terms(20_000, 0, RankRule::ProfitLeverageSize);
    let rising: Vec<_> = (0..32_768).map(|n| seat(1_000_000_000 - n, 1000, 10_000)).collect();
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
    assert_eq!((lights(1, 32_768), lights(32_768, 32_768)), (5, 1));
    assert_eq!((lights(0, 0), lights(9, 3)), (5, 1), "a rank of no queue is not a panic");
}

#[test]
fn rules_are_their_bytes() {
    for rule in [RankRule::ProfitLeverageSize, RankRule::ProfitLeverage] {
        assert_eq!(RankRule::from_byte(rule as u8), Some(rule));
    }
    assert_eq!(RankRule::from_byte(2), None);
}
