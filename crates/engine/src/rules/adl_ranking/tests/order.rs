//! The order of the scores against the order of the exact fractions, over every state that the engine's bounds allow.

use super::*;
use crate::state::seat::NEVER_SKIP;
use crate::units::{MAX_FUNDING, MAX_PRICE};
use core::cmp::Ordering;

/// A natural number below 2^384, in digits of 32 bits, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wide([u32; 12]);

impl Wide {
    fn product(numbers: &[i128]) -> Self {
        let mut product = Self([0; 12]);
        product.0[0] = 1;
        numbers.iter().for_each(|number| product = product.times(*number as u128));
        product
    }

    fn times(self, number: u128) -> Self {
        let mut digits = [0u32; 12];
        for place in 0..4 {
            let digit = (number >> (32 * place)) as u32 as u64;
            let mut carry = 0u64;
            for (at, own) in self.0[..12 - place].iter().enumerate() {
                let sum = digits[at + place] as u64 + *own as u64 * digit + carry;
                (digits[at + place], carry) = (sum as u32, sum >> 32);
            }
            assert_eq!(carry, 0, "too wide");
        }
        Self(digits)
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// The rule as a fraction: whether the seat is in profit, and the terms above and below the line.
#[derive(Clone, Copy, Debug)]
struct Exact {
    in_profit: bool,
    above: [i128; 3],
    below: [i128; 2],
}

impl Exact {
    fn of(seat: &Seat, terms: &Terms) -> Self {
        let Position { cash, size, cost, entry_notional: entry } = seat.position;
        let value = size.0 as i128 * (terms.price.0 as i128 - terms.funding.0 as i128);
        let equity = (cash.0 as i128 + value - seat.young_at(terms.now, terms.seasoning).0 as i128).max(1);
        let (profit, lots, entry) = (value - cost.0 as i128, size.abs().0 as i128, entry.0 as i128);
        if profit > 0 {
            let counted = if terms.rule.counts_size() { lots } else { 1 };
            Self { in_profit: true, above: [profit, lots, counted], below: [entry, equity] }
        } else {
            // The price of the notional is left out: it is the same for every seat.
            Self { in_profit: false, above: [-profit, equity, 1], below: [entry, lots] }
        }
    }

    /// Whether this fraction is more than the other by over 2^-12 of it.
    fn exceeds(&self, other: &Self) -> bool {
        let across = |one: &Self, other: &Self| Wide::product(&[one.above.as_slice(), &other.below].concat());
        across(self, other).times(4096) > across(other, self).times(4097)
    }

    fn approximate(&self) -> f64 {
        let product = |terms: &[i128]| terms.iter().map(|term| *term as f64).product::<f64>();
        product(&self.above) / product(&self.below)
    }
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    /// A number from 1 to 2^bits - 1 whose magnitude is as likely as any other.
    fn up_to(&mut self, bits: u64) -> i128 {
        let bit = 1u64 << (self.next() % bits);
        (bit + self.next() % bit) as i128
    }

    fn sign(&mut self) -> i128 {
        1 - (self.next() & 2) as i128
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }
}

/// The largest cost either way, and what a seat's cash is within.
const MOST: i128 = 1 << 62;

fn some_terms(random: &mut Random) -> Terms {
    let price = random.up_to(31).min(MAX_PRICE as i128) as i64;
    let funding = if random.one_in(2) { 0 } else { random.up_to(32).min(MAX_FUNDING as i128) * random.sign() };
    let rule = if random.one_in(2) { RankRule::ProfitLeverage } else { RankRule::ProfitLeverageSize };
    terms(price, funding as i64, rule)
}

/// A seat of these lots, entry, profit and ranking equity; `None` where that is beyond the bounds.
fn made(terms: &Terms, lots: i128, entry: i128, profit: i128, equity: i128, young: i128) -> Option<Seat> {
    let value = lots * (terms.price.0 as i128 - terms.funding.0 as i128);
    let (cash, cost) = (equity - value + young, value - profit);
    let entered = lots.abs()..=lots.abs() * MAX_PRICE as i128;
    let fits = lots.abs() <= MAX_LOTS as i128
        && lots != 0
        && entered.contains(&entry)
        && cash.abs() <= MOST
        && cost.abs() <= MOST
        && equity <= 1 << 60;
    let mut seat: Seat = bytemuck::Zeroable::zeroed();
    seat.position = Position {
        cash: Atoms(cash as i64),
        size: Lots(lots as i64),
        cost: Atoms(cost as i64),
        entry_notional: Atoms(entry as i64),
    };
    seat.young_deposits = Atoms(young as i64);
    seat.young_since = NOW;
    fits.then_some(seat)
}

/// Any seat within the bounds: sizes, entry prices, profits, losses and equities of every magnitude, alike for all seats of a
/// pair only where `terms` says so.
fn some_seat_of(random: &mut Random, terms: &Terms, side: Side) -> Seat {
    loop {
        let lots = random.up_to(31).min(MAX_LOTS as i128) * side.sign() as i128;
        let price = random.up_to(31).min(MAX_PRICE as i128);
        let entry = lots.abs() * price + (random.next() as i128 % lots.abs());
        let profit = match random.next() % 8 {
            // What a price did since the entry, with any funding since.
            0 | 1 => lots * (terms.price.0 as i128 - price),
            2 => lots * (terms.price.0 as i128 - price - random.up_to(31) * random.sign()),
            3 => random.up_to(8) * random.sign(),
            4 => 0,
            _ => random.up_to(62) * random.sign(),
        };
        let equity = match random.next() % 8 {
            0 => 1,
            1 => -random.up_to(60),
            2 => profit.abs() / random.up_to(40),
            3 => profit.abs() + random.up_to(50),
            4 => lots.abs() * terms.price.0 as i128 / random.up_to(10),
            _ => random.up_to(60),
        };
        let young = if random.one_in(4) { random.up_to(40) } else { 0 };
        if let Some(seat) = made(terms, lots, entry, profit, equity, young) {
            return seat;
        }
    }
}

/// A seat that is nearly as early as `near`: of the same magnitudes or others, its equity is what makes up for them.
fn some_seat_near(random: &mut Random, terms: &Terms, near: &Seat) -> Option<Seat> {
    let Position { size, entry_notional: entry, cost, .. } = near.position;
    let value = size.0 as i128 * (terms.price.0 as i128 - terms.funding.0 as i128);
    let mut changed =
        |number: i128| if random.one_in(2) { number } else { number * random.up_to(20) / random.up_to(20) };
    let (lots, entry, profit) = (changed(size.0 as i128), changed(entry.0 as i128), changed(value - cost.0 as i128));
    let seat = made(terms, lots, entry, profit, 1, 0)?;
    let (own, other) = (Exact::of(&seat, terms), Exact::of(near, terms));
    let apart = 1.0 + (random.next() % 4096) as f64 / 4096.0 / 1024.0 * random.sign() as f64;
    let ratio = own.approximate() / other.approximate() * apart;
    let equity = if own.in_profit { ratio } else { 1.0 / ratio };
    (equity >= 1.0 && equity < (1u64 << 60) as f64).then(|| made(terms, lots, entry, profit, equity as i128, 0))?
}

/// Two seats of a side and the terms they are ranked at.
fn some_pair(random: &mut Random) -> ([Seat; 2], Terms) {
    let (terms, side) = (some_terms(random), Side::from_byte(random.one_in(2) as u8));
    let one = some_seat_of(random, &terms, side);
    let near = if random.one_in(2) { some_seat_near(random, &terms, &one) } else { None };
    ([one, near.unwrap_or_else(|| some_seat_of(random, &terms, side))], terms)
}

/// How many pairs are compared: `ZEROSUM_PAIRS` of them, or few.
fn pairs() -> u64 {
    std::env::var("ZEROSUM_PAIRS").ok().and_then(|number| number.parse().ok()).unwrap_or(200_000)
}

#[test]
fn an_order_beyond_the_precision_is_the_exact_one() {
    let mut random = Random(8);
    let (mut wrong, mut near, mut decided) = ([0u64; 2], 0u64, 0u64);
    let mut first = None;
    for _ in 0..pairs() {
        let (seats, terms) = some_pair(&mut random);
        let [one, other] = [0, 1].map(|n| (Exact::of(&seats[n], &terms), score(&seats[n], &terms)));
        assert_eq!((one.0.in_profit, other.0.in_profit), (one.1.in_profit(), other.1.in_profit()));
        if one.0.in_profit != other.0.in_profit {
            continue;
        }
        let ratio = one.0.approximate() / other.0.approximate();
        near += ((ratio - 1.0).abs() < 1.0 / 512.0) as u64;
        // Of seats not in profit the lower loss rank is first.
        let before =
            |a: &(Exact, Score), b: &(Exact, Score)| if a.0.in_profit { a.0.exceeds(&b.0) } else { b.0.exceeds(&a.0) };
        let order = (before(&one, &other), before(&other, &one));
        decided += (order.0 || order.1) as u64;
        if (order.0 && one.1 <= other.1) || (order.1 && other.1 <= one.1) {
            wrong[one.0.in_profit as usize] += 1;
            first.get_or_insert((seats.map(|seat| seat.position), terms, one, other));
        }
    }
    assert!(near * 8 > pairs(), "{near} pairs are near each other");
    assert_eq!(wrong, [0, 0], "losers, winners, of {decided} pairs beyond the precision; first {first:?}");
}

#[test]
fn the_cached_bound_is_above_every_score_that_it_promises_to_bound() {
    let mut random = Random(9);
    let mut bounded = 0;
    for _ in 0..pairs() {
        let (seats, terms) = some_pair(&mut random);
        for mut seat in seats {
            seat.refresh_rank(terms.rule.counts_size());
            let bound = seat.long_rank | seat.short_rank;
            assert!(bound > 0, "every position has a bound");
            if bound & NEVER_SKIP == 0 {
                bounded += 1;
                assert!(score(&seat, &terms).0 <= NEVER_SKIP + bound, "{:?} at {terms:?}", seat.position);
            }
        }
    }
    assert!(bounded * 4 > pairs(), "{bounded} seats have withdrawn nothing");
}

proptest! {
    #[test]
    fn the_order_is_the_published_one(
        seats in proptest::collection::vec((1000i64..1 << 24, 10_000i64..40_000, 1i64..50, 0i64..100), 2..40),
        at in 10_000i64..40_000, by_size in any::<bool>(), short in any::<bool>(),
    ) {
        let (side, rule) = (Side::from_byte(short as u8), RankRule::from_byte(by_size as u8).unwrap());
        let terms = terms(at, 0, rule);
        let seats = seats.into_iter().map(|(lots, price, leverage, drawn)| {
            let mut seat = seat(lots * price / leverage, lots * side.sign(), price);
            let equity = seat.position.equity(AdjustedPrice(at)).unwrap().0.max(0);
            seat.position.cash.0 -= equity / 100 * drawn;
            seat
        });
        // The rule in floating point.
        let published = |seat: &Seat| {
            let profit = seat.position.profit(AdjustedPrice(at)).unwrap().0 as f64;
            let equity = seat.position.equity(AdjustedPrice(at)).unwrap().0.max(1) as f64;
            let notional = (seat.position.size.abs() * Price(at)).0 as f64;
            let (ratio, leverage) = (profit / seat.position.entry_notional.0 as f64, notional / equity);
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
}
