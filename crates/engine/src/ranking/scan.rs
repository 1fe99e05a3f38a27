//! The inner loops of the exchange: the greatest score of a block. All that is unsafe in this crate is here.
//!
//! Every instruction of them is paid once a seat, and a market has 32,768. So there is a loop for each kind of block, with
//! a register file of its own: seats in profit; the same where a seat has no bound; seats that are not in profit. Two seats
//! a turn share the cost of the loop. A loop that meets a seat it cannot score hands the block over, and what that repeats
//! is cheap, so whoever arranges the seats gains nothing by it.
//!
//! # Why raw pointers
//!
//! Over slices the same loops take 3 to 30 % more units, by what the compiler makes of them, and a full market with nobody
//! in profit would not be ranked in one transaction (docs/decisions/0012). What they rely on is only this:
//! - A loop is called by [`top`] alone, with the two ends of a slice of exactly [`BLOCK`] seats, which stays borrowed.
//! - It reads the two seats at `next` and moves `next` behind them, until it is at `end`. `BLOCK` is even, so it gets there.
//! - It reads nothing else and writes nothing.
//!
//! No value of any field of a seat decides what is read. `the_pass_agrees_with_a_full_sort`,
//! `hostile_queues_are_ranked_as_by_a_full_sort` and `a_queue_longer_than_its_blocks_is_ranked_whole` compare the result
//! with an implementation without any of this.
#![allow(unsafe_code)]

use super::merit::{of_burden, At, Moment, IN_PROFIT};
use crate::market::MAX_SEATS;
use crate::seat::Seat;
use crate::units::Lots;
use core::num::NonZeroU64;

/// Seats a block.
pub(super) const BLOCK: usize = 64;
const _: () = assert!(BLOCK.is_multiple_of(2));

/// The greatest score of block `number`, or `floor` where none is above it; `None` where the block is not whole.
#[inline(always)]
pub(super) fn top<const SHORT: bool>(moment: &Moment, seats: &[Seat], number: usize, floor: u64) -> Option<u64> {
    let start = number.wrapping_mul(BLOCK);
    let block = seats.get(start..start.wrapping_add(BLOCK))?.as_ptr_range();
    // SAFETY: the ends of a slice of BLOCK seats, borrowed until the loop returns.
    Some(unsafe {
        if floor >= IN_PROFIT {
            winners::<SHORT>(moment.at, block.start, block.end, floor & !IN_PROFIT) | IN_PROFIT
        } else {
            others::<SHORT>(moment, block.start, block.end, floor)
        }
    })
}

#[inline(always)]
fn bound<const SHORT: bool>(seat: &Seat) -> &u64 {
    if SHORT {
        &seat.short_rank
    } else {
        &seat.long_rank
    }
}

/// The greatest product of the seats in profit, if it is above `best`. One compare skips a seat whose bound is not.
///
/// # Safety
/// As of every loop here: `end` is the end of a block of [`BLOCK`] seats, borrowed for as long as this runs, and `next` an
/// even number of them before it, at least two.
#[inline(never)]
unsafe fn winners<const SHORT: bool>(at: At, mut next: *const Seat, end: *const Seat, mut best: u64) -> u64 {
    loop {
        for _ in 0..2 {
            // SAFETY: `next` is before `end`: by the promise in the first turn, by the check below in the others.
            let seat = unsafe { &*next };
            let bound = bound::<SHORT>(seat);
            if *bound > best {
                let value = at.value(seat);
                if value > seat.position.cost.0 {
                    if *bound >= IN_PROFIT {
                        // SAFETY: of the same block; `first_unbounded` answers as it promises.
                        return unsafe { unbounded::<SHORT>(at, first_unbounded::<SHORT>(at, end), end, best) };
                    }
                    let product = at.bounded_product(seat, value, bound);
                    if product > best {
                        best = product;
                    }
                }
            }
            // SAFETY: at most the end of the block.
            next = unsafe { next.add(1) };
        }
        if next == end {
            return best;
        }
    }
}

/// The same for what is left of a block from a seat in profit on that has no bound.
///
/// # Safety
/// See [`winners`].
#[inline(never)]
unsafe fn unbounded<const SHORT: bool>(at: At, mut next: *const Seat, end: *const Seat, mut best: u64) -> u64 {
    loop {
        for _ in 0..2 {
            // SAFETY: as in `winners`.
            let seat = unsafe { &*next };
            let bound = *bound::<SHORT>(seat);
            if bound > best {
                let value = at.value(seat);
                if value > seat.position.cost.0 {
                    let product = at.product(seat, value, bound);
                    if product > best {
                        best = product;
                    }
                }
            }
            // SAFETY: as in `winners`.
            next = unsafe { next.add(1) };
        }
        if next == end {
            return best;
        }
    }
}

/// The pair in which the first such seat of a block is: an even number of seats before `end`, at least two. To look for
/// it again, five instructions a seat, is cheaper for all the other blocks than to be ready to tell where one is.
///
/// # Safety
/// `end` is the end of a block of [`BLOCK`] seats, borrowed for as long as this runs.
#[inline(never)]
unsafe fn first_unbounded<const SHORT: bool>(at: At, end: *const Seat) -> *const Seat {
    // SAFETY: the start of the block.
    let mut next = unsafe { end.sub(BLOCK) };
    for _ in 1..BLOCK / 2 {
        for place in 0..2 {
            // SAFETY: in the block: it has BLOCK / 2 pairs, and this is one of them.
            let seat = unsafe { &*next.add(place) };
            if *bound::<SHORT>(seat) >= IN_PROFIT && at.value(seat) > seat.position.cost.0 {
                return next;
            }
        }
        // SAFETY: after all turns this is the last pair.
        next = unsafe { next.add(2) };
    }
    next
}

/// The greatest score as long as nobody is in profit, which is that of the least burden.
///
/// # Safety
/// See [`winners`].
#[inline(never)]
unsafe fn others<const SHORT: bool>(moment: &Moment, mut next: *const Seat, end: *const Seat, floor: u64) -> u64 {
    let mut least = of_burden(floor);
    let at = moment.at;
    loop {
        for _ in 0..2 {
            // SAFETY: as in `winners`.
            let seat = unsafe { &*next };
            if *bound::<SHORT>(seat) != 0 {
                let value = at.value(seat);
                if value > seat.position.cost.0 {
                    // SAFETY: the whole block. Its product is at least 1.
                    return unsafe { winners::<SHORT>(at, end.sub(BLOCK), end, 1) | IN_PROFIT };
                }
                let burden = moment.burden(seat, value);
                if burden < least {
                    least = burden;
                }
            }
            // SAFETY: as in `winners`.
            next = unsafe { next.add(1) };
        }
        if next == end {
            return of_burden(least);
        }
    }
}

/// A number as it stands in a seat, read here and not earlier: the compiler would else read what is seldom needed, and
/// keep what costs more to keep than to read again.
#[inline(always)]
pub(super) fn load<T: Copy>(field: &T) -> T {
    // SAFETY: a reference is valid for reads and aligned.
    unsafe { core::ptr::read_volatile(field) }
}

/// `number / by`, or 1 where the number is less than that.
#[inline(always)]
pub(super) fn quotient(number: i64, by: NonZeroU64) -> NonZeroU64 {
    let number = (by.get() as i64).max(number) as u64;
    debug_assert!(number >= by.get(), "{number} of {by}");
    // SAFETY: `by` is at most 2^34, so it is above zero as an i64 as well, and what is divided is at least that.
    unsafe { NonZeroU64::new_unchecked(number / by) }
}

/// How many of `seats` score at least `least`, and how many lots those have, below zero where they are short.
pub(super) fn ahead<const SHORT: bool>(moment: &Moment, seats: &[Seat], least: u64) -> (u32, Lots) {
    // A product is at least 1: what need not be more than that, every seat in profit has.
    let sum = if least <= IN_PROFIT + 1 {
        sum_of_scores::<SHORT>(moment, seats, least)
    } else {
        sum_of_winners::<SHORT>(moment, seats, least & !IN_PROFIT)
    };
    (sum as u32 % (1 << COUNT), Lots(sum >> COUNT))
}

/// Binary places of a sum that count its seats. What is above them are lots, of which a market has less than 2^46.
const COUNT: u32 = 17;
const _: () = assert!(MAX_SEATS < 1 << COUNT);

/// What a seat adds to a sum: its lots, and 1.
#[inline(always)]
fn counted(seat: &Seat) -> i64 {
    (seat.position.size.0 << COUNT).wrapping_add(1)
}

/// The sum of the seats whose product is at least `least`, which is more than 1.
#[inline(never)]
fn sum_of_winners<const SHORT: bool>(moment: &Moment, seats: &[Seat], least: u64) -> i64 {
    let (at, mut sum) = (moment.at, 0i64);
    for seat in seats {
        let bound = bound::<SHORT>(seat);
        if *bound >= least {
            let value = at.value(seat);
            if value > seat.position.cost.0 {
                let product = if *bound >= IN_PROFIT {
                    moment.score(seat, *bound) & !IN_PROFIT
                } else {
                    at.bounded_product(seat, value, bound)
                };
                if product >= least {
                    sum = sum.wrapping_add(counted(seat));
                }
            }
        }
    }
    sum
}

/// The sum of all seats that score at least `least`, where every seat in profit does.
#[inline(never)]
fn sum_of_scores<const SHORT: bool>(moment: &Moment, seats: &[Seat], least: u64) -> i64 {
    let (at, mut sum) = (moment.at, 0i64);
    for seat in seats {
        if *bound::<SHORT>(seat) != 0 {
            let value = at.value(seat);
            if value > seat.position.cost.0 || of_burden(moment.burden(seat, value)) >= least {
                sum = sum.wrapping_add(counted(seat));
            }
        }
    }
    sum
}
