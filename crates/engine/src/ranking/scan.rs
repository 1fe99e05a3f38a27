//! The inner loops of the exchange, each over seats that lie side by side. Every instruction in them is paid once a seat.

use super::merit::{of_burden, Moment, IN_PROFIT};
use crate::seat::Seat;
use crate::units::{Lots, Side};

#[inline(always)]
fn bound<const SHORT: bool>(seat: &Seat) -> u64 {
    if SHORT {
        seat.short_rank
    } else {
        seat.long_rank
    }
}

/// The greatest score of the seats, or `floor` where none is above it.
#[inline(always)]
pub(super) fn top<const SHORT: bool>(moment: Moment, seats: &[Seat], floor: u64) -> u64 {
    if floor >= IN_PROFIT {
        winners::<SHORT>(moment, seats, floor & !IN_PROFIT) | IN_PROFIT
    } else {
        others::<SHORT>(moment, seats, floor)
    }
}

/// The greatest product of the seats in profit, if it is above `best`. One compare skips a seat whose bound is not.
#[inline(never)]
fn winners<const SHORT: bool>(moment: Moment, seats: &[Seat], mut best: u64) -> u64 {
    for seat in seats {
        let bound = bound::<SHORT>(seat);
        if bound > best {
            let value = moment.value(seat);
            if value > seat.position.cost.0 {
                best = best.max(moment.product(seat, value, bound));
            }
        }
    }
    best
}

/// The greatest score as long as nobody is in profit, which is that of the least burden.
#[inline(never)]
fn others<const SHORT: bool>(moment: Moment, seats: &[Seat], floor: u64) -> u64 {
    let mut least = of_burden(floor);
    for seat in seats {
        if bound::<SHORT>(seat) != 0 {
            let value = moment.value(seat);
            if value > seat.position.cost.0 {
                return winners::<SHORT>(moment, seats, 0) | IN_PROFIT;
            }
            least = least.min(moment.burden(seat, value, seat.burden_rank));
        }
    }
    of_burden(least)
}

/// What is left of `seats` from the first of `side` on whose bound is at least `floor`, which is at least 1.
#[inline(never)]
pub(super) fn reaching(seats: &[Seat], side: Side, floor: u64) -> &[Seat] {
    match side {
        Side::Long => reaching_in::<false>(seats, floor),
        Side::Short => reaching_in::<true>(seats, floor),
    }
}

#[inline(always)]
fn reaching_in<const SHORT: bool>(seats: &[Seat], floor: u64) -> &[Seat] {
    let mut rest = seats.iter();
    loop {
        let here = rest.as_slice();
        match rest.next() {
            Some(seat) if bound::<SHORT>(seat) < floor => {}
            _ => return here,
        }
    }
}

/// How many of `seats` score at least `least`, and how many lots those have, below zero where they are short.
#[inline(never)]
pub(super) fn ahead<const SHORT: bool>(moment: Moment, seats: &[Seat], least: u64) -> (u32, Lots) {
    // A seat whose bound is below this scores less; each with a position has a bound.
    let floor = least.saturating_sub(IN_PROFIT).max(1);
    let (mut count, mut lots) = (0u32, Lots::ZERO);
    for seat in seats {
        let bound = bound::<SHORT>(seat);
        if bound >= floor && moment.score(seat, bound, seat.burden_rank) >= least {
            count = count.wrapping_add(1);
            lots = lots + seat.position.size;
        }
    }
    (count, lots)
}
