//! Finding the best k seats of a side without sorting it, in the units of one transaction.
//!
//! The head of the queue takes two passes. The first finds the best seat of each block of 64 and keeps the k best blocks;
//! the second looks again into those alone. So the list of the best stays out of the inner loop, which holds one number:
//! what a seat must beat. That is the best of its block so far and the last of the k best blocks so far, and a seat whose
//! cached bound is not above it is skipped by one compare.
//!
//! The result is that of a full sort (`the_pass_agrees_with_a_full_sort`):
//! - Each block that beats another in the first pass has a seat that is before every seat of the other: its best is
//!   higher, or equal at a lower index. So a seat of a block that is not among the best k has k seats before it.
//! - A seat that is skipped does not beat a seat of its own block at a lower index, or it does not beat the bests of k
//!   earlier blocks. In the first case its block is kept for at least as good a seat; in the second it has k before it.
//!
//! Those not in profit are looked at only where fewer than k are in profit.
//!
//! Each call of a scan has a register file of its own, which is why the scans are functions apart: inlined into the pass
//! they spill, and every instruction here is paid once a seat.

use super::merit::{Moment, IN_PROFIT};
use super::{Place, Ranked, Score};
use crate::seat::Seat;
use crate::units::{Lots, Side};

/// Seats a block.
const BLOCK: usize = 64;
/// Blocks a pass: the most seats of a market.
const BLOCKS: usize = 512;

/// Finds the greatest merit of a block, or returns the given one where none is above it. The merit is the score with its
/// top bit inverted: of a seat in profit the product, of another the burden with every bit inverted.
type Scan = fn(&Moment, &[Seat], u64) -> u64;
/// What a scan answers when it leaves the block to [`Pass::top`]. Above every product; the merit of a seat without burden
/// is the same number, which costs time but not the result.
const UNSCANNED: u64 = u64::MAX;

/// One computation over one side.
pub(super) struct Pass<'a> {
    pub(super) seats: &'a [Seat],
    pub(super) side: Side,
    pub(super) moment: Moment,
    pub(super) after: Option<Ranked>,
    pub(super) except: Option<u32>,
}

/// The scores that count in a pass: above `least`, below `ceiling`.
#[derive(Clone, Copy)]
struct Range {
    least: u64,
    ceiling: u64,
}

impl Pass<'_> {
    /// The cached bound on the product of a seat of this side; 0 for any other.
    #[inline(always)]
    pub(super) fn bound(&self, seat: &Seat) -> u64 {
        match self.side {
            Side::Long => seat.long_rank,
            Side::Short => seat.short_rank,
        }
    }

    /// The first of the queue.
    pub(super) fn head(&self, out: &mut [Ranked]) -> usize {
        let (winners, others): (Scan, Scan) = match self.side {
            Side::Long => (scan_winners::<false>, scan_others::<false>),
            Side::Short => (scan_winners::<true>, scan_others::<true>),
        };
        self.fill(winners, Range { least: IN_PROFIT, ceiling: u64::MAX }, out);
        if let Some(rest @ [_, ..]) = out.get_mut(found(out)..) {
            self.fill(others, Range { least: 0, ceiling: IN_PROFIT }, rest);
        }
        found(out)
    }

    /// A later page of the queue: one look at every seat, keeping the best at hand. Dearer than the head where many
    /// seats beat what is found, but only inspection asks for it.
    pub(super) fn page(&self, out: &mut [Ranked]) -> usize {
        out.fill(Ranked::NOBODY);
        self.gather(self.seats, 0, Range { least: 0, ceiling: u64::MAX }, out);
        sort(out);
        found(out)
    }

    /// How many of `seats` are in the queue, how many of them score at least `least` and how many lots those have.
    pub(super) fn ahead(&self, seats: &[Seat], least: u64) -> Place {
        let mut place = Place { rank: 0, of: 0, lots_ahead: Lots::ZERO };
        for seat in seats {
            let bound = self.bound(seat);
            if bound == 0 {
                continue;
            }
            place.of = place.of.wrapping_add(1);
            if bound >= least.saturating_sub(IN_PROFIT) && self.moment.score(seat, bound) >= least {
                place.rank = place.rank.wrapping_add(1);
                place.lots_ahead = place.lots_ahead + seat.position.size.abs();
            }
        }
        place
    }

    /// The two passes for the seats in `range`.
    #[inline(never)]
    fn fill(&self, scan: Scan, range: Range, out: &mut [Ranked]) {
        let except = self.except.map_or(usize::MAX, |seat| seat as usize / BLOCK);
        out.fill(Ranked::NOBODY);
        for (number, block) in self.blocks() {
            let floor = last(out).max(range.least);
            let merit = if number == except { UNSCANNED } else { scan(&self.moment, block, floor ^ IN_PROFIT) };
            let top = if merit == UNSCANNED { self.top(block, number, range) } else { merit ^ IN_PROFIT };
            if top > floor {
                replace_last(out, Ranked { score: Score(top), seat: number as u32 });
            }
        }

        let mut chosen = [0u64; BLOCKS / 64];
        for block in out.iter() {
            if let Some(word) = chosen.get_mut(block.seat as usize / 64) {
                *word |= 1 << (block.seat % 64);
            }
        }
        // Each of those blocks has a seat as good as the last of them: nothing below it is looked at again.
        let range = Range { least: last(out).saturating_sub(1).max(range.least), ..range };
        out.fill(Ranked::NOBODY);
        for (number, block) in self.blocks() {
            let word = chosen.get(number / 64).copied().unwrap_or(0);
            if word >> (number % 64) & 1 == 1 {
                self.gather(block, number, range, out);
            }
        }
        sort(out);
    }

    /// Out of line, or the compiler makes a copy of the loop for each of its answers.
    #[inline(never)]
    fn counts(&self, ranked: Ranked) -> bool {
        self.except != Some(ranked.seat) && self.after.is_none_or(|after| after.before(ranked))
    }

    fn blocks(&self) -> impl Iterator<Item = (usize, &[Seat])> {
        self.seats.chunks(BLOCK).take(BLOCKS).enumerate()
    }

    /// The best score of a block, seat by seat: for a block with a seat that does not count, or one that a scan leaves.
    #[inline(never)]
    fn top(&self, block: &[Seat], number: usize, range: Range) -> u64 {
        let mut one = [Ranked::NOBODY];
        self.gather(block, number, range, &mut one);
        one[0].score.0
    }

    /// Keeps the best of block `number` in `out`, a heap with the last of them at its root. Blocks come in order, so a
    /// seat that equals the last is behind it.
    #[inline(never)]
    fn gather(&self, block: &[Seat], number: usize, range: Range, out: &mut [Ranked]) {
        if out.is_empty() {
            return;
        }
        let mut floor = last(out).max(range.least);
        for (seat, offset) in block.iter().zip(0usize..) {
            let bound = self.bound(seat);
            if bound <= floor.saturating_sub(IN_PROFIT) {
                continue;
            }
            let score = self.moment.score(seat, bound);
            if score > floor && score < range.ceiling {
                let index = number.wrapping_mul(BLOCK).wrapping_add(offset) as u32;
                let ranked = Ranked { score: Score(score), seat: index };
                if self.counts(ranked) {
                    replace_last(out, ranked);
                    floor = last(out).max(range.least);
                }
            }
        }
    }
}

/// The inner loop of the exchange: seats in profit.
#[inline(never)]
fn scan_winners<const SHORT: bool>(moment: &Moment, block: &[Seat], mut best: u64) -> u64 {
    for seat in block {
        let bound = if SHORT { seat.short_rank } else { seat.long_rank };
        if bound > best {
            let value = moment.value(seat);
            if value > seat.position.cost.0 {
                if bound >= IN_PROFIT {
                    return scan_closely::<SHORT>(moment, block, best);
                }
                best = best.max(moment.bounded_product(seat, value, bound));
            }
        }
    }
    best
}

/// The same for a block in which a seat has no bound.
#[inline(never)]
fn scan_closely<const SHORT: bool>(moment: &Moment, block: &[Seat], mut best: u64) -> u64 {
    for seat in block {
        let bound = if SHORT { seat.short_rank } else { seat.long_rank };
        if bound > best {
            let value = moment.value(seat);
            if value > seat.position.cost.0 {
                if bound == u64::MAX {
                    return UNSCANNED;
                }
                best = best.max(moment.product(seat, value, bound));
            }
        }
    }
    best
}

/// The same for seats not in profit, which nothing bounds.
#[inline(never)]
fn scan_others<const SHORT: bool>(moment: &Moment, block: &[Seat], mut best: u64) -> u64 {
    for seat in block {
        let bound = if SHORT { seat.short_rank } else { seat.long_rank };
        if bound != 0 {
            let value = moment.value(seat);
            if value <= seat.position.cost.0 {
                let lots = if SHORT { seat.position.size.0.wrapping_neg() } else { seat.position.size.0 };
                best = best.max(!moment.burden(seat, value, lots));
            }
        }
    }
    best
}

/// The score at the root of a heap: what a seat must beat to be kept. 0 while there is room.
fn last(heap: &[Ranked]) -> u64 {
    heap.first().map_or(u64::MAX, |last| last.score.0)
}

/// Replaces the root of a binary heap in which every entry is behind its children.
#[inline(never)]
fn replace_last(heap: &mut [Ranked], ranked: Ranked) {
    let mut slot = 0usize;
    loop {
        let mut child = slot.wrapping_mul(2).wrapping_add(1);
        let Some(mut behind) = heap.get(child).copied() else { break };
        if let Some(right) = heap.get(child.wrapping_add(1)) {
            if behind.before(*right) {
                behind = *right;
                child = child.wrapping_add(1);
            }
        }
        if !ranked.before(behind) {
            break;
        }
        if let Some(place) = heap.get_mut(slot) {
            *place = behind;
        }
        slot = child;
    }
    if let Some(place) = heap.get_mut(slot) {
        *place = ranked;
    }
}

/// Turns such a heap into the order, the first in front.
fn sort(heap: &mut [Ranked]) {
    let mut rest = heap;
    while let Some((last, others)) = rest.split_last_mut() {
        if let Some(root) = others.first().copied() {
            replace_last(others, *last);
            *last = root;
        }
        rest = others;
    }
}

/// How many seats a sorted list holds before it is filled up with nobody.
fn found(out: &[Ranked]) -> usize {
    out.partition_point(|ranked| *ranked != Ranked::NOBODY)
}
