//! The inner loops of the exchange, over consecutive seats. Every instruction in them is paid once per seat.

use super::score_inputs::{of_loss_rank, ScoreInputs, IN_PROFIT};
use crate::layout::MAX_SEATS;
use crate::state::seat::Seat;
use crate::units::{Lots, Side};

#[inline(always)]
fn bound<const SHORT: bool>(seat: &Seat) -> u64 {
    if SHORT {
        seat.short_rank
    } else {
        seat.long_rank
    }
}

/// The greatest score of the seats, or `floor` if none is above it.
#[inline(always)]
pub(super) fn top<const SHORT: bool>(inputs: ScoreInputs, seats: &[Seat], floor: u64) -> u64 {
    if floor >= IN_PROFIT {
        winners::<SHORT>(inputs, seats, floor & !IN_PROFIT) | IN_PROFIT
    } else {
        others::<SHORT>(inputs, seats, floor)
    }
}

/// The greatest product of the seats in profit, if it is above `best`. One compare skips a seat whose bound is not.
#[inline(never)]
fn winners<const SHORT: bool>(inputs: ScoreInputs, seats: &[Seat], mut best: u64) -> u64 {
    let mut look = |seat: &Seat| {
        let bound = bound::<SHORT>(seat);
        if bound > best {
            let value = inputs.value(seat);
            if value > seat.position.cost.0 {
                best = best.max(inputs.product(seat, value, bound));
            }
        }
    };
    // Two seats per iteration share the cost of the loop, which is most of what a skipped seat costs.
    let pairs = seats.chunks_exact(2);
    let last = pairs.remainder();
    for pair in pairs {
        if let [one, other] = pair {
            look(one);
            look(other);
        }
    }
    last.iter().for_each(look);
    best
}

/// The greatest score while no seat is in profit, which is the score of the smallest loss rank.
#[inline(never)]
fn others<const SHORT: bool>(inputs: ScoreInputs, seats: &[Seat], floor: u64) -> u64 {
    let mut least = of_loss_rank(floor);
    for seat in seats {
        if bound::<SHORT>(seat) != 0 {
            let value = inputs.value(seat);
            let loss = seat.position.cost.0.wrapping_sub(value);
            if loss < 0 {
                return winners::<SHORT>(inputs, seats, 0) | IN_PROFIT;
            }
            let loss_rank =
                if loss > 0 { inputs.loss_rank(seat, value, loss as u64, seat.loss_rank_divisor) } else { 0 };
            if loss_rank < least {
                least = loss_rank;
            }
        }
    }
    of_loss_rank(least)
}

/// The rest of `seats`, from the first of `side` whose bound is at least `floor`, which is at least 1.
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

/// How many of `seats` score at least `least`, and how many lots those have, below zero if they are short.
#[inline(always)]
pub(super) fn ahead<const SHORT: bool>(inputs: ScoreInputs, seats: &[Seat], least: u64) -> (u32, Lots) {
    // Every seat in profit has a product of at least 1.
    let sum = if least >= IN_PROFIT {
        sum_of_winners::<SHORT>(inputs, seats, (least & !IN_PROFIT).max(1))
    } else {
        sum_of_all::<SHORT>(inputs, seats, of_loss_rank(least))
    };
    (sum as u32 % (1 << COUNT), Lots(sum >> COUNT))
}

/// Low bits of a sum, which count its seats. The bits above them count lots, of which a market has less than 2^45.
const COUNT: u32 = 17;
const _: () = assert!(MAX_SEATS < 1 << COUNT);

/// What a seat adds to a sum: its lots, and 1.
#[inline(always)]
fn counted(seat: &Seat) -> i64 {
    (seat.position.size.0 << COUNT).wrapping_add(1)
}

/// The sum of the seats whose product is at least `least`, which is above 0.
#[inline(never)]
fn sum_of_winners<const SHORT: bool>(inputs: ScoreInputs, seats: &[Seat], least: u64) -> i64 {
    let mut sum = 0i64;
    for seat in seats {
        let bound = bound::<SHORT>(seat);
        if bound >= least {
            let value = inputs.value(seat);
            if value > seat.position.cost.0 && inputs.product(seat, value, bound) >= least {
                sum = sum.wrapping_add(counted(seat));
            }
        }
    }
    sum
}

/// The sum of the seats that are in profit or have a loss rank of at most `most`.
#[inline(never)]
fn sum_of_all<const SHORT: bool>(inputs: ScoreInputs, seats: &[Seat], most: u64) -> i64 {
    let mut sum = 0i64;
    for seat in seats {
        if bound::<SHORT>(seat) != 0 {
            let value = inputs.value(seat);
            let loss = seat.position.cost.0.wrapping_sub(value);
            if loss <= 0 || inputs.loss_rank(seat, value, loss as u64, seat.loss_rank_divisor) <= most {
                sum = sum.wrapping_add(counted(seat));
            }
        }
    }
    sum
}
