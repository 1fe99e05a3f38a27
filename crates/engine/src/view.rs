//! What anyone may see of a seat and of the queues, computed by the same code that acts on them.

use crate::error::{ErrorCode, Result};
use crate::rules::adl_ranking::{self, terms, Queue, Ranked, Score};
use crate::state::market::Market;
use crate::state::position::KEY_SHIFT;
use crate::units::{divide_wide, Atoms, Lots, Price, Round, Side, RATE_ONE};

pub use crate::layout::PAGE;

/// A seat's place in the ADL queue of its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// The place, from 1, which is deleveraged first.
    pub rank: u32,
    /// Number of seats in the queue.
    pub of: u32,
    /// Indicator lights: 5 in the first fifth of the queue, 1 in the last.
    pub lights: u8,
    /// The seat's score.
    pub score: u64,
    /// Lots that this seat would lose now if the head of the other side were closed by force.
    pub would_close: Lots,
    /// The most that this would cost the seat against the oracle price; below zero if it would gain. It may be less
    /// because of the rounding of the fills before its own: all seats together by less than the head's lots in atoms.
    pub would_take: Atoms,
}

/// A seat, explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatView {
    /// Cash in atoms, signed.
    pub cash: Atoms,
    /// Position in lots, signed.
    pub size: Lots,
    /// What the seat is worth at the accepted price, in atoms.
    pub equity: Atoms,
    /// Unrealised profit in atoms, funding included.
    pub profit: Atoms,
    /// Equity over notional in millionths, rounded down; `None` if flat.
    pub margin_ratio: Option<i64>,
    /// The accepted price nearest to the present one at which the seat would be below maintenance; `None` if flat or if
    /// there is none above 0.
    pub liquidation_price: Option<Price>,
    /// The oracle price at which the seat is worth nothing, rounded against it; `None` if flat.
    pub bankruptcy_price: Option<Price>,
    /// Its place in the ADL queue; `None` if flat.
    pub queue: Option<QueuePlace>,
}

/// One line of a page of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueLine {
    /// Seat index.
    pub seat: u32,
    /// The seat's position in lots, signed.
    pub size: Lots,
    /// Its score in the ADL queue, or its bankruptcy price times 2^16 in the liquidation queue.
    pub score: u64,
}

impl Market<'_> {
    /// Explains a seat at the accepted price.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::NoPrice`].
    // Not inlined into the program, which is compiled for small size.
    #[inline(never)]
    pub fn view_seat(&self, index: u32, now: i64) -> Result<SeatView> {
        self.require_price()?;
        let seat = self.seat(index)?;
        let position = seat.position;
        let equity = position.equity(self.adjusted_price())?;
        let notional = (position.size.abs() * self.oracle_price()).0;
        let ratio = |notional| divide_wide(equity.0 as i128 * RATE_ONE as i128, notional, Round::Down);
        Ok(SeatView {
            cash: position.cash,
            size: position.size,
            equity,
            profit: position.profit(self.adjusted_price())?,
            margin_ratio: (notional > 0).then(|| ratio(notional)),
            liquidation_price: self.liquidation_price(index),
            bankruptcy_price: self.bankruptcy_price(index),
            queue: self.queue_place(index, now)?,
        })
    }

    /// A seat's place in the ADL queue, and what the head of the other side would take from it.
    fn queue_place(&self, index: u32, now: i64) -> Result<Option<QueuePlace>> {
        let size = self.seats[index as usize].position.size;
        let Some(side) = size.side() else { return Ok(None) };
        let terms = terms(self, now);
        let seats = &self.seats[..self.head.seat_count as usize];
        let of = self.queue_len(side);
        let Some(place) = adl_ranking::place(seats, index, &terms, self.partly_deleveraged(side), of) else {
            return Ok(None);
        };
        let loser = self.liquidation_head(side.opposite()).map(|entry| entry.index);
        let loses = loser.map_or(Lots::ZERO, |loser| seats[loser as usize].position.size.abs());
        let would_close = Lots((loses - place.lots_ahead).0.min(size.abs().0).max(0));
        let price = loser.and_then(|loser| self.bankruptcy_price(loser)).unwrap_or(self.oracle_price());
        // The seat trades against its own side: a short that is closed buys.
        let worse = (price.0 - self.oracle_price().0).saturating_mul(-side.sign());
        Ok(Some(QueuePlace {
            rank: place.rank,
            of: place.of,
            lights: adl_ranking::lights(place.rank, place.of),
            score: adl_ranking::score(&seats[index as usize], &terms).0,
            would_close,
            would_take: Atoms(would_close.0.saturating_mul(worse)),
        }))
    }

    /// The price nearest to solvency at which a seat is below maintenance.
    ///
    /// A long is below maintenance if `cash + q (P - F) < rate * q * P`, so under `(q F - cash) / (q (1 - rate))`. A
    /// short is below above `(cash + |q| F) / (|q| (1 + rate))`.
    fn liquidation_price(&self, index: u32) -> Option<Price> {
        let position = &self.seats[index as usize].position;
        let side = position.size.side()?;
        let lots = position.size.abs().0;
        let owed = (lots as i128 * self.head.funding.0 as i128 - position.cash.0 as i128 * side.sign() as i128)
            * RATE_ONE as i128;
        let rate = self.head.params.maintenance.0 as i64;
        let per_lot = lots * (RATE_ONE - rate * side.sign());
        let price = match side {
            Side::Long => divide_wide(owed, per_lot, Round::Up).saturating_sub(1),
            Side::Short => divide_wide(owed, per_lot, Round::Down).saturating_add(1),
        };
        (price > 0).then_some(Price(price))
    }

    /// A page of the ADL queue of a side: the first seats behind `after`. Returns how many were written.
    ///
    /// # Errors
    /// [`ErrorCode::NoPrice`].
    pub fn view_adl_queue(
        &self,
        side: Side,
        after: Option<QueueLine>,
        page: &mut [QueueLine],
        now: i64,
    ) -> Result<usize> {
        self.require_price()?;
        let terms = terms(self, now);
        let seats = &self.seats[..self.head.seat_count as usize];
        let first = self.partly_deleveraged(side);
        let line =
            |seat: u32, score: Score| QueueLine { seat, size: seats[seat as usize].position.size, score: score.0 };
        let mut written = 0;
        // A partly deleveraged winner stays first. The page behind it continues by score from the top.
        let behind = match (after, first) {
            (Some(after), Some(first)) if after.seat == first => None,
            (Some(after), _) => Some(Ranked { score: Score(after.score), seat: after.seat }),
            (None, None) => None,
            (None, Some(first)) => {
                if let Some(place) = page.first_mut() {
                    *place = line(first, adl_ranking::score(&seats[first as usize], &terms));
                    written = 1;
                }
                None
            }
        };
        let mut ranked = [Ranked::NOBODY; PAGE];
        let wanted = page.len().min(PAGE).saturating_sub(written);
        let queue = Queue { seats, side, after: behind, except: first };
        let found = queue.first(&terms, &mut ranked[..wanted]);
        for (place, ranked) in page.iter_mut().skip(written).zip(&ranked[..found]) {
            *place = line(ranked.seat, ranked.score);
        }
        Ok(written + found)
    }

    /// The top of the liquidation queue of a side: the seats nearest to bankruptcy, in the heap's order from `slot` on.
    ///
    /// A heap is ordered only from parent to child. The head is the first to be liquidated. To get the others in order,
    /// sort the page by its scores.
    pub fn view_liquidation_queue(&self, side: Side, slot: u32, page: &mut [QueueLine]) -> usize {
        let len = self.queue_len(side);
        let mut written = 0;
        let mut at = Some(slot);
        for place in page.iter_mut() {
            let Some(entry) = at.and_then(|slot| self.queue_entry(side, slot)) else { break };
            let size = self.seats[entry.index as usize].position.size;
            *place = QueueLine { seat: entry.index, size, score: (entry.key.wrapping_mul(side.sign())) as u64 };
            written += 1;
            at = at.map(|slot| slot + 1).filter(|slot| *slot < len);
        }
        written
    }

    fn require_price(&self) -> Result<()> {
        if self.oracle_price().0 == 0 {
            return Err(ErrorCode::NoPrice.into());
        }
        Ok(())
    }
}

const _: () = assert!(KEY_SHIFT == 16, "the liquidation queue's scores are documented as bankruptcy price times 2^16");
