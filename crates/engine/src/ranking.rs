//! The order in which winners are deleveraged, computed from the state of the moment.
//!
//! # The score
//!
//! At a price `P` with cumulative funding `F` a seat has the value `size * (P - F)`, the profit `value - cost` (funding
//! included) and the ranking equity `R = max(1, cash + value - young deposits)`. Its score is the integer defined here,
//! so that anyone computes the same order; `/` is the floor, and of equal scores the lower index is first.
//!
//! **In profit** (`profit > 0`): `2^63 + product`.
//! 1. While `R >= 2^32`: `R = R / 2^8`, `profit = profit / 2^8`. At least 24 significant bits of R stay.
//! 2. `ratio = profit * 2^32 / R`
//! 3. `product = factor * ratio / 2^32`, at least 1 and at most `2^63 - 2`, where `factor` is
//!    [`Position::rank_factor`](crate::seat::Position::rank_factor): 2^46 over the entry price, times the lots where the
//!    rule counts size.
//!
//! **Not in profit**: `2^63 - 1 - burden`, so every seat in profit is before every seat that is not.
//! 1. `burden = part(-profit, max(1, entry)) * part(R, |size| * P)`
//! 2. `part(n, d)`: while `n >= 2^40` or `d >= 2^40`, both `/ 2^8`; then `n * 2^24 / max(1, d)`, at most `2^31 - 1`.
//!
//! # Why this is the published order
//!
//! The rule is profit ratio times leverage, and times notional where size counts:
//!
//! ```text
//! profit / entry * (|size| * P) / R            =  (profit / R) * (|size| / entry)          * P
//! profit / entry * (|size| * P) / R * |size|*P =  (profit / R) * (|size| / entry * |size|) * P^2
//! ```
//!
//! P is the same for every seat, and multiplying all scores by one number above zero changes no order. What is left is
//! `profit / R` times a factor that no price moves, which is the product in fixed point. Seats not in profit are ordered
//! by profit ratio over leverage, `-(loss / entry) * (R / (|size| * P))`, which is the burden in fixed point, negated.
//!
//! # Cost
//!
//! A seat caches its factor, which bounds its product: cash, cost and deposits say beforehand whether `profit <= R` at
//! every price. So one compare skips a seat that cannot beat what is found already, and a seat that can costs one
//! division and no 128-bit product, whatever a stranger does to its numbers. [`best`] finds the best of each block of
//! 64 seats, then looks again only into the best blocks.
//!
//! # Test vectors
//!
//! With F = 0 and no young deposits. The test `the_published_vectors_hold` reads this table.
//!
//! | cash | size | cost | entry | P | score with size | score without |
//! |---|---|---|---|---|---|---|
//! | 0 | 0 | 0 | 0 | 0 | 0 | 0 |

use crate::seat::Seat;
use crate::units::{Funding, Lots, Price, Side};

#[cfg(test)]
mod tests;

/// What a market ranks by, fixed when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RankRule {
    /// Profit, leverage and size: the biggest, most profitable, most leveraged go first.
    ProfitLeverageSize = 0,
    /// Profit and leverage. Splitting a position over seats changes nothing.
    ProfitLeverage = 1,
}

impl RankRule {
    /// The rule a stored byte means.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::ProfitLeverageSize),
            1 => Some(Self::ProfitLeverage),
            _ => None,
        }
    }

    /// Whether a larger position goes first.
    pub const fn counts_size(self) -> bool {
        matches!(self, Self::ProfitLeverageSize)
    }
}

/// What a ranking is computed at.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The accepted price.
    pub price: Price,
    /// Cumulative funding.
    pub funding: Funding,
    /// The time, in unix seconds.
    pub now: i64,
    /// How long a deposit made while holding a position stays out of the ranking, in seconds.
    pub seasoning: i64,
    /// The market's rule.
    pub rule: RankRule,
}

/// How early a seat is deleveraged; higher is earlier. See the module for the definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub u64);

impl Score {
    /// Whether this is the score of a seat in profit.
    pub const fn in_profit(self) -> bool {
        self.0 >= IN_PROFIT
    }
}

/// A seat with its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Its score.
    pub score: Score,
    /// Its index.
    pub seat: u32,
}

impl Ranked {
    /// Behind everybody: what a list of seats is filled with until they are found.
    pub const NOBODY: Self = Self { score: Score(0), seat: u32::MAX };

    /// Whether this seat is deleveraged before the other.
    #[inline(always)]
    pub const fn before(self, other: Self) -> bool {
        self.score.0 > other.score.0 || (self.score.0 == other.score.0 && self.seat < other.seat)
    }
}

/// Where a seat stands in the queue of its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its place, from 1.
    pub rank: u32,
    /// How many seats the queue has.
    pub of: u32,
    /// How many lots are deleveraged before its first.
    pub lots_ahead: Lots,
}

/// The most seats a pass ranks; those behind are not looked at.
pub const MAX_RANKED: usize = BLOCK * BLOCKS;

/// Seats a block. Finding the best of each block and then looking again into the best blocks keeps the list of the best
/// out of the inner loop.
const BLOCK: usize = 64;
/// Blocks a pass.
const BLOCKS: usize = 512;
/// Every seat in profit scores above this, every other below.
const IN_PROFIT: u64 = 1 << 63;
/// The greatest product. One less than fits, so that `u64::MAX` is above every score.
const MOST: u64 = IN_PROFIT - 2;
/// The greatest part, 128 in 2^-24. The product of two stays below 2^62, so no score is 0: that means "nobody".
const MOST_PART: u64 = (1 << 31) - 1;

/// The score of a seat with a position.
pub fn score(seat: &Seat, terms: &Terms) -> Score {
    Moment::of(terms).score(seat, seat.position.rank_factor(terms.rule.counts_size()))
}

/// Fills `out` with the first seats of `side` in the order they are deleveraged in, and returns how many there are.
///
/// Only those behind `after` count, which pages through the queue, and not `except`: a partly used winner, who stays
/// first whatever its score. What is left of `out` holds [`Ranked::NOBODY`].
///
/// The result is that of a full sort (`the_pass_agrees_with_a_full_sort`). A block that is not among the best k by its
/// best seat has k seats of other blocks before every seat of its own, so none of them is among the best k. A seat that
/// the first pass skips has its block's best, or k seats of earlier blocks, before it, equal scores included.
pub fn best(
    seats: &[Seat],
    side: Side,
    terms: &Terms,
    after: Option<Ranked>,
    except: Option<u32>,
    out: &mut [Ranked],
) -> usize {
    let pass = Pass { moment: Moment::of(terms), side, after, except };
    let blocks = || seats.chunks(BLOCK).take(BLOCKS).zip(0u32..);

    // First `out` holds the best blocks, each with its best score and its number.
    out.fill(Ranked::NOBODY);
    for (block, number) in blocks() {
        let Some(last) = out.last() else { return 0 };
        let floor = last.score.0;
        let top = pass.top(block, number, floor);
        if top > floor {
            insert(out, Ranked { score: Score(top), seat: number });
        }
    }

    let mut chosen = [0u64; BLOCKS / 64];
    for block in out.iter() {
        if let Some(word) = chosen.get_mut(block.seat as usize / 64) {
            *word |= 1 << (block.seat % 64);
        }
    }
    // Each of the best blocks has a seat as good as the last of these, so nothing below it is looked at again.
    let floor = out.last().map_or(0, |last| last.score.0.saturating_sub(1));
    out.fill(Ranked::NOBODY);
    for (block, number) in blocks() {
        let word = chosen.get(number as usize / 64).copied().unwrap_or(0);
        if word >> (number % 64) & 1 == 1 {
            pass.gather(block, number, floor, out);
        }
    }
    out.partition_point(|ranked| *ranked != Ranked::NOBODY)
}

/// Where a seat stands; `None` when it has no position. `first` is a partly used winner, who stays first on its side.
pub fn place(seats: &[Seat], index: u32, terms: &Terms, first: Option<u32>) -> Option<Place> {
    let seat = seats.get(index as usize)?;
    let pass = Pass { moment: Moment::of(terms), side: seat.position.size.side()?, after: None, except: None };
    let own = Ranked { score: score(seat, terms), seat: index };
    let least = own.score.0.saturating_sub(IN_PROFIT);
    let (mut rank, mut of, mut lots_ahead) = (1u32, 0u32, Lots::ZERO);
    for (other, number) in seats.iter().zip(0u32..) {
        let bound = pass.bound(other);
        if bound == 0 {
            continue;
        }
        of = of.wrapping_add(1);
        let ahead = match first {
            _ if number == index => false,
            Some(first) if first == number => true,
            Some(first) if first == index => false,
            _ => bound >= least && pass.ranked(other, number, bound).before(own),
        };
        if ahead {
            rank = rank.wrapping_add(1);
            lots_ahead = lots_ahead + other.position.size.abs();
        }
    }
    Some(Place { rank, of, lots_ahead })
}

/// The lights of place `rank` (from 1) among `of`: 5 in the first fifth of the queue, 1 in the last.
pub const fn lights(rank: u32, of: u32) -> u8 {
    let ahead = (rank as u64).saturating_sub(1) * 5;
    let fifth = if of == 0 { 0 } else { ahead / of as u64 };
    5 - if fifth < 4 { fifth as u8 } else { 4 }
}

/// Puts `ranked` in its place and lets the last fall out.
fn insert(out: &mut [Ranked], mut ranked: Ranked) {
    for slot in out {
        if ranked.before(*slot) {
            core::mem::swap(slot, &mut ranked);
        }
    }
}

/// What all scores of a pass are computed from.
#[derive(Clone, Copy)]
struct Moment {
    /// `P - F`, within 2^32.
    adjusted: i64,
    /// `P`, within 2^31.
    price: u64,
    /// Deposits made after this are young.
    matured: i64,
    counts_size: bool,
}

impl Moment {
    fn of(terms: &Terms) -> Self {
        Self {
            adjusted: (terms.price - terms.funding).0,
            price: terms.price.0 as u64,
            matured: terms.now.saturating_sub(terms.seasoning),
            counts_size: terms.rule.counts_size(),
        }
    }

    /// What the position would sell for. A size within 2^30 at an adjusted price below 2^32 stays below 2^62.
    #[inline(always)]
    fn value(&self, seat: &Seat) -> i64 {
        seat.position.size.0.wrapping_mul(self.adjusted)
    }

    /// Cost is a value at another price, so the difference of two stays below 2^63.
    #[inline(always)]
    fn profit(value: i64, seat: &Seat) -> i64 {
        value.wrapping_sub(seat.position.cost.0)
    }

    /// The ranking equity before the "at least 1". What a seat is worth and what it deposited stay far below 2^62: they
    /// are parts of one pool, or the deficit of a bankrupt.
    #[inline(always)]
    fn equity(&self, value: i64, seat: &Seat) -> i64 {
        let equity = value.wrapping_add(seat.position.cash.0);
        let young = seat.young_deposits.0;
        if young > 0 && seat.young_since > self.matured {
            equity.wrapping_sub(young)
        } else {
            equity
        }
    }

    fn score(&self, seat: &Seat, factor: u64) -> Score {
        let value = self.value(seat);
        let (profit, equity) = (Self::profit(value, seat), self.equity(value, seat));
        if profit > 0 {
            Score(IN_PROFIT + product(profit as u64, equity, factor))
        } else {
            Score(self.behind(profit, equity, seat))
        }
    }

    /// The score of a seat not in profit.
    #[inline(always)]
    fn behind(&self, profit: i64, equity: i64, seat: &Seat) -> u64 {
        let notional = seat.position.size.0.unsigned_abs().wrapping_mul(self.price);
        let loss = part(profit.unsigned_abs(), seat.position.entry.0.max(1) as u64);
        (IN_PROFIT - 1) - loss * part(equity.max(1) as u64, notional)
    }

    /// The factor behind a cached bound: the bound itself, unless it is the mark of a seat that is never skipped.
    #[inline(always)]
    fn factor(&self, bound: u64, seat: &Seat) -> u64 {
        if bound == u64::MAX {
            seat.position.rank_factor(self.counts_size)
        } else {
            bound & (IN_PROFIT - 1)
        }
    }
}

/// One pass over one side.
struct Pass {
    moment: Moment,
    side: Side,
    after: Option<Ranked>,
    except: Option<u32>,
}

impl Pass {
    /// The cached bound on the product of a seat of this side; 0 for any other seat.
    #[inline(always)]
    fn bound(&self, seat: &Seat) -> u64 {
        match self.side {
            Side::Long => seat.long_rank,
            Side::Short => seat.short_rank,
        }
    }

    fn ranked(&self, seat: &Seat, index: u32, bound: u64) -> Ranked {
        Ranked { score: self.moment.score(seat, self.moment.factor(bound, seat)), seat: index }
    }

    /// The best score above `floor` in a block, or `floor`.
    fn top(&self, block: &[Seat], number: u32, floor: u64) -> u64 {
        let here = |seat: u32| seat / BLOCK as u32 == number;
        if self.except.is_some_and(here) || self.after.is_some_and(|after| here(after.seat)) {
            let mut one = [Ranked::NOBODY];
            self.gather(block, number, floor, &mut one);
            return one[0].score.0.max(floor);
        }
        // Away from the block of `after` all its ties are behind it or none.
        let ceiling = self.after.map_or(u64::MAX, |after| {
            after.score.0.saturating_add((number > after.seat / BLOCK as u32) as u64)
        });
        let mut scan = Scan {
            moment: self.moment,
            ceiling,
            most: ceiling.saturating_sub(IN_PROFIT),
            behind: floor,
        };
        let best = floor.saturating_sub(IN_PROFIT);
        let best = match self.side {
            Side::Long => scan.best::<false>(block, best),
            Side::Short => scan.best::<true>(block, best),
        };
        if best == 0 {
            scan.behind
        } else {
            best | IN_PROFIT
        }
    }

    /// Puts the seats of a block that score above `floor` in their places in `out`, index by index.
    fn gather(&self, block: &[Seat], number: u32, floor: u64, out: &mut [Ranked]) {
        let first = number.wrapping_mul(BLOCK as u32);
        for (seat, index) in block.iter().zip(first..) {
            let bound = self.bound(seat);
            let floor = out.last().map_or(u64::MAX, |last| last.score.0.max(floor));
            if bound <= floor.saturating_sub(IN_PROFIT) || self.except == Some(index) {
                continue;
            }
            let ranked = self.ranked(seat, index, bound);
            if ranked.score.0 > floor && self.after.is_none_or(|after| after.before(ranked)) {
                insert(out, ranked);
            }
        }
    }
}

/// The search for the best score of a block.
struct Scan {
    moment: Moment,
    ceiling: u64,
    most: u64,
    behind: u64,
}

impl Scan {
    #[inline(always)]
    fn best<const SHORT: bool>(&mut self, block: &[Seat], mut best: u64) -> u64 {
        for seat in block {
            let bound = if SHORT { seat.short_rank } else { seat.long_rank };
            if bound > best {
                best = self.better(seat, bound, best);
            }
        }
        best
    }

    #[inline(never)]
    fn better(&mut self, seat: &Seat, bound: u64, best: u64) -> u64 {
        let value = self.moment.value(seat);
        let profit = Moment::profit(value, seat);
        let equity = self.moment.equity(value, seat);
        if profit > 0 {
            let product = if bound < IN_PROFIT {
                backed(profit as u64, equity as u64, bound)
            } else {
                product(profit as u64, equity, self.moment.factor(bound, seat))
            };
            if product > best && product < self.most {
                return product;
            }
        } else if best == 0 {
            let score = self.moment.behind(profit, equity, seat);
            if score > self.behind && score < self.ceiling {
                self.behind = score;
            }
        }
        best
    }
}

/// `floor(factor * ratio / 2^32)` for a factor within 2^62 and a ratio within 2^32: the two halves of the factor, so that
/// no product leaves 64 bits.
#[inline(always)]
const fn times(factor: u64, ratio: u64) -> u64 {
    let high = (factor >> 32).wrapping_mul(ratio);
    high.wrapping_add((factor & 0xffff_ffff).wrapping_mul(ratio) >> 32)
}

/// The product of a seat in profit.
fn product(profit: u64, equity: i64, factor: u64) -> u64 {
    let (profit, equity) = normal(profit, equity.max(1) as u64);
    let (whole, rest) = (profit / equity, profit % equity);
    let factor = factor.max(1);
    if whole > MOST / factor {
        return MOST;
    }
    (whole * factor + times(factor, (rest << 32) / equity)).clamp(1, MOST)
}

/// The same where the profit is known to be at most the equity.
#[inline(always)]
fn backed(profit: u64, equity: u64, factor: u64) -> u64 {
    let (profit, equity) = normal(profit, equity);
    times(factor, (profit << 32) / equity).max(1)
}

/// Profit and equity over the same power of 2^8, the equity within 1 and 2^32.
#[inline(always)]
fn normal(mut profit: u64, mut equity: u64) -> (u64, u64) {
    while equity >> 32 != 0 {
        equity >>= 8;
        profit >>= 8;
    }
    (profit, equity.max(1))
}

/// `n / d` in 2^-24, at most [`MOST_PART`].
#[inline(always)]
fn part(mut n: u64, mut d: u64) -> u64 {
    while (n | d) >> 40 != 0 {
        n >>= 8;
        d >>= 8;
    }
    ((n << 24) / d.max(1)).min(MOST_PART)
}
