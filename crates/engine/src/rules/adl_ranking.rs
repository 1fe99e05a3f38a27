//! The order in which winners are deleveraged, computed from the current state.
//!
//! # The score
//!
//! At a price `P` with cumulative funding `F` a seat has the value `V = size * (P - F)`, the profit `p = V - cost`
//! (funding included) and the ranking equity `R = max(1, cash + V - young deposits)`. Its score is an integer that is
//! defined here exactly, so that everybody computes the same order. The higher score goes first; of equal scores, the
//! lower index.
//!
//! - `cut(x)` of a whole number: `x` itself below 2^30, else `cut(x >> 15) << 15`. It keeps 16 bits or more.
//! - `code(x)` of a fraction above 0: there is one way to write `x` as `lead * 2^(15 * place)` with a lead from 2^15 to
//!   below 2^30. The lead is rounded down, and the code is `2^30 * (place + 16) + lead`. A higher code is a higher
//!   number. `code(0) = 0`. The number of a code is the one that it stands for.
//!
//! **In profit** (`p > 0`): `2^63 + code(factor * cut(p) / cut(R))`. The factor is the number of
//! [`Position::rank_factor`](crate::state::position::Position::rank_factor), which is `code(|size| / cut(entry))`, or
//! `code(size^2 / cut(entry))` if the rule counts size.
//!
//! **Not in profit**: `2^63 - 1 - code(cut(L) * cut(R) / cut(cut(entry) * |size|))` with the loss `L = -p`. So every
//! seat in profit is before every seat that is not.
//!
//! # How exact it is
//!
//! Each cut and each code keeps all but 2^-15 of a number. A score has five of them: two make it larger, three smaller.
//! So if two seats differ by more than 5 * 2^-15 of their scores' numbers, which includes every difference above 2^-12,
//! the one that the rule puts first is first, whatever their magnitudes
//! (`an_order_beyond_the_precision_is_the_exact_one`). If they are closer, either may be first, but this definition
//! decides which, and it is the same for everybody.
//!
//! # Why this is the published order
//!
//! The rule is profit ratio times leverage, and times notional if size counts:
//!
//! ```text
//! profit / entry * notional / R             =  (profit / R) * (|size| / entry)          * P
//! profit / entry * notional / R * notional  =  (profit / R) * (|size| / entry * |size|) * P^2
//! ```
//!
//! P is the same for every seat, and multiplying all scores by one number above zero changes no order. That leaves
//! `profit / R` times a factor that does not depend on the price. Seats not in profit are ordered by profit ratio over
//! leverage, `-(loss / entry) * (R / notional)`, which is `-(loss * R) / (entry * |size|)` over P.
//!
//! # Cost
//!
//! Every term fits 64 bits, so a score costs 35 to 50 instructions and no 128-bit product, whatever anyone does to the
//! numbers of a seat. A seat caches the two parts that do not depend on the price: the code of its factor, and
//! `cut(cut(entry) * |size|)`. The factor bounds the code of the score at every price as long as `p <= R`, because
//! cutting never reverses the order of two numbers. That holds unless more than the seat's own money was withdrawn. So
//! one comparison skips a seat that cannot beat what has been found already.
//!
//! # Test vectors
//!
//! The vectors are at F = 0 without young deposits. The test `the_published_vectors_hold` reads this table.
//!
//! | seat | cash | size | cost | entry | P | score with size | score without |
//! |---|---|---|---|---|---|---|---|
//! | long, 10x | -90_000_000 | 1_000 | 100_000_000 | 100_000_000 | 110_000 | 9223372051892530053 | 9223372050989341380 |
//! | short, 10x | 110_000_000 | -1_000 | -100_000_000 | 100_000_000 | 90_000 | 9223372051892530053 | 9223372050989341380 |
//! | half of the first | -45_000_000 | 500 | 50_000_000 | 50_000_000 | 110_000 | 9223372051889845698 | 9223372050989341380 |
//! | long, 1x | 0 | 1_000 | 100_000_000 | 100_000_000 | 110_000 | 9223372051888137472 | 9223372050845405312 |
//! | the first with profit withdrawn | -105_000_000 | 1_000 | 100_000_000 | 100_000_000 | 110_000 | 9223372051908636180 | 9223372051517106960 |
//! | the first down to R = 1 | -110_000_000 | 1_000 | 100_000_000 | 100_000_000 | 110_000 | 9223372054034744991 | 9223372052964179967 |
//! | p and R cut | -150_000_000_000 | 2_000_000 | 200_000_000_000 | 200_000_000_000 | 123_456 | 9223372052961220406 | 9223372050983735786 |
//! | the same, profit withdrawn | -59_000_000_000_000 | 500_000_000 | 50_000_000_000_000 | 50_000_000_000_000 | 123_456 | 9223372053665272971 | 9223372051887207505 |
//! | p cut, R = 1 | -61_728_000_000_000 | 500_000_000 | 50_000_000_000_000 | 50_000_000_000_000 | 123_456 | 9223372056236741546 | 9223372054151925315 |
//! | one lot, one atom of profit | -1_990_000_000 | 1 | 2_000_000_000 | 2_000_000_000 | 2_000_000_001 | 9223372048667824823 | 9223372048667824823 |
//! | profit 0 | -90_000_000 | 1_000 | 100_000_000 | 100_000_000 | 100_000 | 9223372036854775807 | 9223372036854775807 |
//! | loss | -90_000_000 | 1_000 | 100_000_000 | 100_000_000 | 95_000 | 9223372020740456445 | 9223372020740456445 |
//! | loss, all cut | 250_000_000_000 | -2_000_000 | -200_000_000_000 | 200_000_000_000 | 112_345 | 9223372020697456375 | 9223372020697456375 |
//! | loss of one lot | 10 | 1 | 100_000 | 100_000 | 99_999 | 9223372020748615677 | 9223372020748615677 |

mod pass;
mod scan;
mod score_inputs;
#[cfg(test)]
mod tests;

use crate::state::header::RankRule;
use crate::state::market::Market;
use crate::state::seat::Seat;
use crate::units::{Funding, Lots, Price, Side};
use pass::Pass;
use score_inputs::{ScoreInputs, IN_PROFIT};

/// The inputs of a ranking that are the same for every seat.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The accepted price, in atoms per lot.
    pub price: Price,
    /// Cumulative funding, in atoms per lot.
    pub funding: Funding,
    /// The current time, in unix seconds.
    pub now: i64,
    /// How long a deposit made while holding a position stays out of the ranking, in seconds.
    pub seasoning: i64,
    /// The market's ranking rule.
    pub rule: RankRule,
}

/// The terms of a market at a time.
pub fn terms(market: &Market, now: i64) -> Terms {
    Terms {
        price: market.oracle_price(),
        funding: market.head.funding,
        now,
        seasoning: market.head.params.seasoning,
        rule: market.head.rank_rule(),
    }
}

/// How early a seat is deleveraged: higher is earlier. The module documentation defines it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub u64);

impl Score {
    /// Whether this is the score of a seat in profit.
    pub const fn in_profit(self) -> bool {
        self.0 >= IN_PROFIT
    }

    /// The product of a seat in profit, else 0. A seat whose bound is not above it has no higher score.
    const fn product(self) -> u64 {
        self.0.saturating_sub(IN_PROFIT)
    }
}

/// A seat with its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Its score.
    pub score: Score,
    /// Its seat index.
    pub seat: u32,
}

impl Ranked {
    /// Behind every seat. A list holds it if no seat was found.
    pub const NOBODY: Self = Self { score: Score(0), seat: u32::MAX };

    /// In front of every seat.
    const EVERYBODY: Self = Self { score: Score(u64::MAX), seat: 0 };

    /// Whether this seat is deleveraged before the other.
    #[inline(always)]
    pub const fn before(self, other: Self) -> bool {
        self.score.0 > other.score.0 || (self.score.0 == other.score.0 && self.seat < other.seat)
    }
}

/// A seat's place in the ADL queue of its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The place, from 1.
    pub rank: u32,
    /// Number of seats in the queue.
    pub of: u32,
    /// Number of lots that are deleveraged before the seat's first.
    pub lots_ahead: Lots,
}

/// The score of a seat with a position.
#[inline(never)]
pub fn score(seat: &Seat, terms: &Terms) -> Score {
    let factor = seat.position.rank_factor(terms.rule.counts_size());
    Score(ScoreInputs::of(terms).score(seat, factor, seat.position.loss_rank_divisor()))
}

/// The ADL queue of a side, or part of it.
#[derive(Clone, Copy)]
pub struct Queue<'a> {
    /// All seats of the market. They are found by their cached bounds, so those must be up to date
    /// ([`Seat::refresh_rank`]).
    pub seats: &'a [Seat],
    /// The side.
    pub side: Side,
    /// Only seats behind this one count. This pages through the queue.
    pub after: Option<Ranked>,
    /// A seat that does not count: a partly deleveraged winner, which stays first whatever its score.
    pub except: Option<u32>,
}

impl Queue<'_> {
    /// Fills `out` with the first seats of the queue in the order in which they are deleveraged, and returns how many
    /// there are. The rest of `out` holds [`Ranked::NOBODY`].
    pub fn first(&self, terms: &Terms, out: &mut [Ranked]) -> usize {
        let pass = self.pass(terms);
        pass.prepare(out);
        let found = (0..out.len()).find(|place| !pass.next(out, *place)).unwrap_or(out.len());
        out[found..].fill(Ranked::NOBODY);
        found
    }

    /// Prepares `out` for [`Self::next`]. This is the step that looks at every seat.
    #[inline(never)]
    pub fn prepare(&self, terms: &Terms, out: &mut [Ranked]) {
        self.pass(terms).prepare(out);
    }

    /// Puts the next seat of the queue at `place` in the prepared `out`, and returns whether there is one. Those before
    /// it must be at their places already. Since [`Self::prepare`] only seats that were returned may have changed.
    #[inline(never)]
    pub fn next(&self, terms: &Terms, out: &mut [Ranked], place: usize) -> bool {
        self.pass(terms).next(out, place)
    }

    fn pass(&self, terms: &Terms) -> Pass<'_> {
        Pass {
            seats: self.seats,
            side: self.side,
            inputs: ScoreInputs::of(terms),
            after: self.after.unwrap_or(Ranked::EVERYBODY),
            except: self.except.unwrap_or(u32::MAX),
        }
    }
}

/// A seat's place among the `of` seats of its side; `None` if it has no position. `first` is a partly deleveraged
/// winner, which stays first on its side.
pub fn place(seats: &[Seat], index: u32, terms: &Terms, first: Option<u32>, of: u32) -> Option<Place> {
    let (before, rest) = seats.split_at_checked(index as usize)?;
    let (seat, behind) = rest.split_first()?;
    let side = seat.position.size.side()?;
    let inputs = ScoreInputs::of(terms);
    let own = Ranked { score: score(seat, terms), seat: index };
    let ahead = match side {
        Side::Long => scan::ahead::<false>,
        Side::Short => scan::ahead::<true>,
    };

    // Of seats with an equal score, only those with a lower index are ahead.
    let lower = ahead(inputs, before, own.score.0);
    let higher = ahead(inputs, behind, own.score.0.saturating_add(1));
    let rank = lower.0.wrapping_add(higher.0).wrapping_add(1);
    let mut place = Place { rank, of, lots_ahead: (lower.1 + higher.1).abs() };
    let Some(first) = first else { return Some(place) };
    if first == index {
        place.rank = 1;
        place.lots_ahead = Lots::ZERO;
    } else if let Some(other) = seats.get(first as usize).filter(|other| other.position.size.side() == Some(side)) {
        let counted = Ranked { score: score(other, terms), seat: first }.before(own);
        if !counted {
            place.rank = place.rank.wrapping_add(1);
            place.lots_ahead = place.lots_ahead + other.position.size.abs();
        }
    }
    Some(place)
}

/// Indicator lights for place `rank` (from 1) among `of`: 5 in the first fifth of the queue, 1 in the last.
pub const fn lights(rank: u32, of: u32) -> u8 {
    let ahead = (rank as u64).saturating_sub(1).wrapping_mul(5);
    match ahead.checked_div(of as u64) {
        None | Some(0) => 5,
        Some(1) => 4,
        Some(2) => 3,
        Some(3) => 2,
        Some(_) => 1,
    }
}
