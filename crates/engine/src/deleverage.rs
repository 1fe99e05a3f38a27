//! Auto-deleveraging: the last step of the waterfall, by force and by rank.
//!
//! A bankrupt long of q lots and zero price z is closed at `a = ceil(z)` against shorts, each for at most its size (and
//! the mirror for shorts). A short of r lots with zero price s has `s >= D >= C >= a`, so after m lots its zero price
//! `(r s - m a) / (r - m)` is at least s, and flat it keeps `r (s - a) >= 0`. So force always completes, never makes a
//! winner bankrupt, and takes no more than the shortfall and less than an atom a lot
//! (`force_completes_and_never_bankrupts_a_winner`).

use crate::crank::{Crank, Tally};
use crate::error::{Error, ErrorCode, Result};
use crate::exchange::Exchange;
use crate::ranking::{self, Queue, Ranked};
use crate::receipt::{Kind, Receipt};
use crate::seat::{zero_price_of_key, Link};
use crate::units::{Adjusted, Atoms, Lots, Price, Round, Side};
use crate::waterfall::{Step, MAX_CRANK_MATCHES};

/// A `deleverage` that has filled or removed this many resting orders does not begin to rank: together with the dearest
/// ranking more of them might not fit a transaction.
pub const MAX_MET_BEFORE_RANKING: u32 = 16;
/// The most forced fills of one `deleverage`.
pub const MAX_FORCED: u32 = 32;

/// The winners of one call, best first. The state of the first forced fill ranks them; each is looked for when its turn
/// comes, which finds the same, because until then nothing changes but those before it.
struct Winners {
    ranked: [Ranked; MAX_FORCED as usize + 1],
    /// How many the call may need, and one for the score behind the last.
    most: usize,
    /// How many are found.
    found: usize,
    /// Who is next.
    next: usize,
    /// The partly used winner that was first from the beginning.
    first: Option<u32>,
}

impl Exchange<'_> {
    /// Takes bankrupt seats through the whole waterfall, from the head of the queue, with up to `most` forced fills; pays
    /// the seat `payee` for each from the fee cash. With nobody bankrupt it does nothing, successfully.
    ///
    /// After every fill, whoever it was with, the head of the queue is looked up anew, and the winner that was partly used
    /// stays first until it is empty, turns round or the accepted price changes. So each fill is decided by the state alone,
    /// and however the work is cut into calls, the same seats are reduced by the same lots.
    ///
    /// In a settled market there is force alone, at the settlement price, and it needs no live one.
    ///
    /// # Errors
    /// As [`Exchange::liquidate`], but for a settled market.
    pub fn deleverage(&mut self, most: u32, payee: Option<u32>, now: i64) -> Result<Tally> {
        let mut crank = self.begin_crank(most, MAX_FORCED, payee, now)?;
        let mut winners: Option<Winners> = None;
        while let Some(side) = self.market.bankrupt_side() {
            let Some(loser) = self.market.first_to_fall(side).map(|head| head.index) else { break };
            let step = if self.market.head.is_settled() { Step::Nobody } else { self.close_some(loser, &mut crank)? };
            match step {
                Step::Filled | Step::Reached => continue,
                Step::Nobody => {}
                // Whoever pays less than the vault will, waits with force.
                Step::Waits => break,
                Step::Stopped => {
                    crank.tally.stopped = true;
                    break;
                }
            }
            if crank.tally.forced_fills >= most || (crank.touched_winners && winners.is_some()) {
                break;
            }
            // A ranking looks at every seat: a call that has done much work before it leaves it to the next one.
            let bound = if winners.is_none() { MAX_MET_BEFORE_RANKING } else { MAX_CRANK_MATCHES };
            if self.met >= bound || !crank.has_room_for(1) {
                crank.tally.stopped = true;
                break;
            }
            let ranked = match &mut winners {
                Some(ranked) => ranked,
                None => {
                    // What was filled before is in the ranking.
                    crank.touched_winners = false;
                    winners.insert(self.rank_winners(side.opposite(), most, now))
                }
            };
            self.write_book_receipt(&mut crank)?;
            self.force(loser, side, ranked, &mut crank)?;
        }
        self.end_crank(crank, payee)
    }

    fn rank_winners(&self, side: Side, most: u32, now: i64) -> Winners {
        let terms = self.market.terms(now);
        let first = self.market.partly_used(side);
        let found = first.is_some() as usize;
        let most = most as usize + 1;
        let mut winners = Winners { ranked: [Ranked::NOBODY; MAX_FORCED as usize + 1], most, found, next: 0, first };
        let queue = self.queue(side, first);
        if let Some(seat) = first {
            winners.ranked[0] = Ranked { score: ranking::score(&queue.seats[seat as usize], &terms), seat };
        }
        queue.line_up(&terms, &mut winners.ranked[found..most]);
        winners
    }

    fn queue(&self, side: Side, except: Option<u32>) -> Queue<'_> {
        Queue { seats: &self.market.seats[..self.market.head.seat_count as usize], side, after: None, except }
    }

    /// The next winner, and the score of the one behind it: 0 where there is none.
    fn next_winner(&self, side: Side, winners: &mut Winners, now: i64) -> Option<(Ranked, u64)> {
        let from = winners.first.is_some() as usize;
        let wanted = (winners.next + 2).min(winners.most);
        while winners.found < wanted {
            let terms = self.market.terms(now);
            let ranked = &mut winners.ranked[from..winners.most];
            if !self.queue(side, winners.first).take(&terms, ranked, winners.found - from) {
                winners.most = winners.found;
                break;
            }
            winners.found += 1;
        }
        let ranked = &winners.ranked[..winners.found];
        let behind = ranked.get(winners.next + 1).map_or(0, |ranked| ranked.score.0);
        Some((*ranked.get(winners.next)?, behind))
    }

    /// One forced fill: the loser against the next winner, at the loser's zero price.
    fn force(&mut self, loser: u32, side: Side, winners: &mut Winners, crank: &mut Crank) -> Result<()> {
        // Sizes sum to 0, so there are winners as long as there is a loser.
        let found = winners.found as i64;
        let (winner, next_score) = self.next_winner(side.opposite(), winners, crank.now).ok_or(Error::with(
            ErrorCode::NoSuchSeat,
            found,
            winners.next as i64,
        ))?;
        let (funding, adjusted) = (self.market.head.funding, self.market.adjusted());
        let before = self.market.seats[loser as usize].position;
        let mut gives = before;
        let mut takes = self.market.seats[winner.seat as usize].position;
        let Some(price) = self.market.zero_price(loser) else { return Ok(()) };
        let lots = before.size.abs().min(takes.size.abs());
        gives.trade(-lots.on(side), price, funding)?;
        takes.trade(lots.on(side), price, funding)?;
        self.set_position(loser, gives, crank.now)?;
        self.set_position(winner.seat, takes, crank.now)?;
        self.fit_margin(winner.seat)?;
        if takes.size.0 == 0 {
            winners.next += 1;
        } else {
            self.market.head.partly_used = Link::to(winner.seat);
            self.market.head.partly_used_at = self.market.head.price.changes;
        }
        let deficit = Atoms(-before.equity(adjusted)?.0);
        let taken = Atoms((lots * price).minus(lots * self.market.mark())?.0 * side.sign());
        let needed = taken.min(deficit);
        let rank = winners.next as u32 + (takes.size.0 != 0) as u32;
        self.count_forced(lots, needed, taken, &mut crank.tally);
        self.market.record(Receipt {
            time: crank.now,
            round: self.market.head.rounds,
            kind: Kind::Forced as u8,
            side: side as u8,
            loser,
            winner: winner.seat,
            rank,
            score: winner.score.0,
            next_score,
            lots,
            price,
            mark: self.market.mark(),
            needed,
            taken,
            ..Receipt::default()
        });
        if crank.paid {
            self.pay_for_force(lots, &mut crank.tally)?;
        }
        Ok(())
    }

    fn count_forced(&mut self, lots: Lots, needed: Atoms, taken: Atoms, tally: &mut Tally) {
        let head = &mut *self.market.head;
        head.rounds += (tally.forced_fills == 0) as u64;
        head.statistics.forced_lots = head.statistics.forced_lots.saturating_add(lots.0 as u64);
        head.statistics.needed = head.statistics.needed.saturating_add(needed.0 as u64);
        head.statistics.taken = head.statistics.taken.saturating_add(taken.0 as u64);
        tally.forced_fills += 1;
        tally.forced_lots = tally.forced_lots + lots;
        tally.receipts += 1;
    }

    /// The caller's pay for a forced fill: a rate of its notional, at most what a taker would pay for it, and capped; from
    /// the fee cash while there is any. So nobody earns more by losing a position to force than trading it costs.
    fn pay_for_force(&mut self, lots: Lots, tally: &mut Tally) -> Result<()> {
        let head = &mut *self.market.head;
        let params = &head.params;
        let share = params.force_pay().of_atoms(lots * head.price.accepted, Round::Down);
        let pay = share.min(Atoms(params.deleverage_pay_cap)).min(head.fee_cash);
        head.fee_cash = head.fee_cash.minus(pay)?;
        tally.pay = tally.pay.plus(pay)?;
        Ok(())
    }
}

impl crate::market::Market<'_> {
    /// The winner that was partly used at the accepted price and stays first, if it is on this side.
    pub fn partly_used(&self, side: Side) -> Option<u32> {
        let index = self.head.partly_used.get()?;
        let seat = self.seats.get(index as usize)?;
        let stays = self.head.partly_used_at == self.head.price.changes && seat.position.size.side() == Some(side);
        stays.then_some(index)
    }

    /// The price, as the world sees it, at which a seat is worth nothing; rounded against it. `None` when flat. Read off
    /// the key of its queue, which is always that of the position.
    pub fn zero_price(&self, index: u32) -> Option<Price> {
        let seat = &self.seats[index as usize];
        let side = seat.position.size.side()?;
        let key = self.queue_entry(side, seat.slot)?.key;
        Some(Adjusted(zero_price_of_key(key, side)) + self.head.funding)
    }
}
