//! Finds the best k seats of a side without sorting it, within the units of one transaction.
//!
//! One pass over all seats finds the greatest score in each block of 64 and keeps the k best blocks. Then the winners
//! are taken one by one: each is the best seat of the first block, which is then put back into the list with its
//! second.
//!
//! The result is that of a full sort (`the_pass_agrees_with_a_full_sort`):
//! - A block that is not kept is behind k others. Each of those has a seat before every seat of it: one with a higher
//!   score, or with the same score at a lower index, because blocks come in order and only a higher score drives one
//!   out.
//! - Of the kept blocks the first holds the next seat. Everything before it is taken: a block is searched for what is
//!   behind the last seat taken.
//!
//! A stranger who arranges the seats can make the first part compute every score and keep every block for a while, but
//! cannot make the second part look at more than one block per winner.

use super::scan;
use super::score_inputs::ScoreInputs;
use super::{Ranked, Score};
use crate::state::seat::Seat;
use crate::units::Side;

/// Seats per block.
const BLOCK: usize = 64;

/// One computation over one side.
pub(super) struct Pass<'a> {
    pub(super) seats: &'a [Seat],
    pub(super) side: Side,
    pub(super) inputs: ScoreInputs,
    /// Only seats behind this one count.
    pub(super) after: Ranked,
    /// A seat that does not count; `u32::MAX` for none.
    pub(super) except: u32,
}

impl Pass<'_> {
    /// Puts into `out` the blocks that hold the first seats of the queue, in order.
    pub(super) fn prepare(&self, out: &mut [Ranked]) {
        out.fill(Ranked::NOBODY);
        if out.is_empty() {
            return;
        }
        match self.side {
            Side::Long => self.keep_blocks::<false>(out),
            Side::Short => self.keep_blocks::<true>(out),
        }
        sort(out);
    }

    /// Puts the next seat at `place`, and returns whether there is one. Those before it must be at their places
    /// already.
    pub(super) fn next(&self, out: &mut [Ranked], place: usize) -> bool {
        let Some((taken, [front, rest @ ..])) = out.split_at_mut_checked(place) else { return false };
        let number = front.seat;
        // The second of the block matters only if it is before the last block that is left.
        let least = rest.last().unwrap_or(front).score;
        let behind = taken.last().copied().unwrap_or(self.after);
        let (first, second) = self.first_two(number, behind, least);
        *front = first;
        if second != Score(0) {
            insert(rest, Ranked { score: second, seat: number });
        }
        first != Ranked::NOBODY
    }

    /// Puts into `out` the best blocks, each as its number and its greatest score. It is a heap with the last at its
    /// root.
    #[inline(never)]
    fn keep_blocks<const SHORT: bool>(&self, out: &mut [Ranked]) {
        // The scan leaves no seat out.
        let all = self.after == Ranked::EVERYBODY;
        let except = self.except as usize / BLOCK;
        for (number, block) in self.seats.chunks(BLOCK).enumerate() {
            let floor = last(out);
            let top = if all && number != except {
                scan::top::<SHORT>(self.inputs, block, floor)
            } else {
                self.first_two(number as u32, self.after, Score(floor)).0.score.0
            };
            if top > floor {
                replace_last(out, Ranked { score: Score(top), seat: number as u32 });
            }
        }
    }

    /// The first seat of block `number` behind `taken`, and the score of the second, if they are at least `least`.
    #[inline(never)]
    fn first_two(&self, number: u32, taken: Ranked, least: Score) -> (Ranked, Score) {
        let start = (number as usize).wrapping_mul(BLOCK);
        let end = start.wrapping_add(BLOCK).min(self.seats.len());
        let (mut first, mut second) = (Ranked::NOBODY, Score(0));
        let (mut least, mut bar) = (least, least.product().max(1));
        let mut rest = self.seats.get(start..end).unwrap_or(&[]);
        while let [seat, behind @ ..] = scan::reaching(rest, self.side, bar) {
            rest = behind;
            let index = end.wrapping_sub(behind.len()).wrapping_sub(1) as u32;
            let bound = seat.long_rank | seat.short_rank;
            let ranked = Ranked { score: Score(self.inputs.score(seat, bound, seat.loss_rank_divisor)), seat: index };
            if ranked.score >= least && self.counts(ranked, taken) {
                if ranked.score > first.score {
                    (second, first) = (first.score, ranked);
                } else if ranked.score > second {
                    second = ranked.score;
                }
                least = least.max(second);
                bar = least.product().max(1);
            }
        }
        (first, second)
    }

    fn counts(&self, ranked: Ranked, taken: Ranked) -> bool {
        ranked.seat != self.except && taken.before(ranked)
    }
}

/// The score at the root of a heap, which a block must beat to be kept. 0 while there is room.
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

/// Sorts such a heap, with the first in front.
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

/// Inserts a block into a sorted list, from which the last falls out.
fn insert(order: &mut [Ranked], mut ranked: Ranked) {
    if order.last().is_some_and(|last| ranked.before(*last)) {
        for place in order {
            if ranked.before(*place) {
                core::mem::swap(place, &mut ranked);
            }
        }
    }
}
