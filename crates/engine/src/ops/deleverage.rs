//! Auto-deleveraging: the last step of the waterfall, by force and in the order of the ranking.
//!
//! A bankrupt long of q lots and bankruptcy price z is closed at `a = ceil(z)` against shorts, each for at most its
//! size; a bankrupt short mirrors this. A short of r lots with bankruptcy price s has `s >= D >= C >= a`. After m lots
//! its bankruptcy price `(r s - m a) / (r - m)` is at least s, and if flat it keeps `r (s - a) >= 0`. So force always
//! completes, never makes a winner bankrupt, and takes no more than the shortfall plus less than an atom a lot
//! (`force_completes_and_never_bankrupts_a_winner`).

use crate::error::{Error, ErrorCode, Result};
use crate::layout::{Link, MAX_CRANK_MATCHES, MAX_FORCED, MAX_MET_BEFORE_RANKING};
use crate::ops::crank::{self, Crank, CrankReport};
use crate::ops::liquidate::{close_some, StepOutcome};
use crate::ops::matching::{cancel_to_margin, follow_fills};
use crate::rules::adl_ranking::{score, terms, Queue, Ranked};
use crate::rules::fees::force_pay;
use crate::rules::phase::Action;
use crate::state::exchange::Exchange;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::receipt::{Kind, Receipt};
use crate::units::{Atoms, Lots, Side};

/// The winners of one call, best first, ranked by the state at the first forced fill. Each is searched for when its
/// turn comes. The result is the same, because until then only those before it change.
struct Winners {
    ranked: [Ranked; MAX_FORCED as usize + 1],
    /// The largest number of winners that the call may need, plus one for the score behind the last.
    most: usize,
    /// The number of winners found so far.
    found: usize,
    /// The position of the next winner in the list.
    next: usize,
    /// The partly deleveraged winner that was first at the start, if any.
    first: Option<u32>,
    /// How many forced fills of this call were against a winner that is not in profit.
    not_in_profit: u32,
}

/// Takes bankrupt seats through the whole waterfall, from the head of the queue, with up to `max_fills` forced fills.
pub(crate) fn deleverage(exchange: &mut Exchange, max_fills: u32, payee: Option<u32>, now: i64) -> Result<CrankReport> {
    let limits = (max_fills, MAX_FORCED);
    let mut crank = crank::begin(&mut exchange.market, Action::Deleverage, limits, payee, now)?;
    let mut winners: Option<Winners> = None;
    while let Some(side) = exchange.market.bankrupt_side() {
        let Some(loser) = exchange.market.liquidation_head(side).map(|head| head.index) else { break };
        let settled = exchange.market.head.is_settled();
        let step = if settled { StepOutcome::Nobody } else { close_some(exchange, loser, &mut crank)? };
        match step {
            StepOutcome::Filled | StepOutcome::Reached => continue,
            StepOutcome::Nobody => {}
            // Bids below the vault's price wait for the next print, and so does force.
            StepOutcome::Waits => break,
            StepOutcome::Stopped => {
                crank.report.stopped = true;
                break;
            }
        }
        if crank.report.forced_fills >= max_fills || (crank.touched_winners && winners.is_some()) {
            break;
        }
        // Finding a winner that is not in profit takes nearly twice the units.
        let not_in_profit = winners.as_ref().map_or(0, |winners| winners.not_in_profit);
        if crank.report.forced_fills + not_in_profit >= MAX_FORCED {
            crank.report.stopped = true;
            break;
        }
        // A ranking looks at every seat. A call that has already done much work leaves it to the next call.
        let bound = if winners.is_none() { MAX_MET_BEFORE_RANKING } else { MAX_CRANK_MATCHES };
        if exchange.met >= bound || !crank.has_room_for(1) {
            crank.report.stopped = true;
            break;
        }
        let ranked = match &mut winners {
            Some(ranked) => ranked,
            None => {
                // The ranking takes earlier fills into account.
                crank.touched_winners = false;
                winners.insert(rank_winners(&exchange.market, side.opposite(), max_fills, now))
            }
        };
        crank::write_book_receipt(&mut exchange.market, &mut crank)?;
        force(exchange, loser, side, ranked, &mut crank)?;
    }
    crank::end(exchange, crank)
}

fn rank_winners(market: &Market, side: Side, max_fills: u32, now: i64) -> Winners {
    let terms = terms(market, now);
    let first = market.partly_deleveraged(side);
    let found = first.is_some() as usize;
    let most = max_fills as usize + 1;
    let mut winners =
        Winners { ranked: [Ranked::NOBODY; MAX_FORCED as usize + 1], most, found, next: 0, first, not_in_profit: 0 };
    let queue = queue(market, side, first);
    if let Some(seat) = first {
        winners.ranked[0] = Ranked { score: score(&queue.seats[seat as usize], &terms), seat };
    }
    queue.prepare(&terms, &mut winners.ranked[found..most]);
    winners
}

fn queue<'a>(market: &'a Market, side: Side, except: Option<u32>) -> Queue<'a> {
    Queue { seats: &market.seats[..market.head.seat_count as usize], side, after: None, except }
}

/// The next winner, and the score of the one behind it, or 0 if there is none.
fn next_winner(market: &Market, side: Side, winners: &mut Winners, now: i64) -> Option<(Ranked, u64)> {
    let from = winners.first.is_some() as usize;
    let wanted = (winners.next + 2).min(winners.most);
    while winners.found < wanted {
        let ranked = &mut winners.ranked[from..winners.most];
        if !queue(market, side, winners.first).next(&terms(market, now), ranked, winners.found - from) {
            winners.most = winners.found;
            break;
        }
        winners.found += 1;
    }
    let ranked = &winners.ranked[..winners.found];
    let behind = ranked.get(winners.next + 1).map_or(0, |ranked| ranked.score.0);
    Some((*ranked.get(winners.next)?, behind))
}

/// One forced fill: the loser against the next winner, at the loser's bankruptcy price.
fn force(exchange: &mut Exchange, loser: u32, side: Side, winners: &mut Winners, crank: &mut Crank) -> Result<()> {
    let market = &mut exchange.market;
    // Sizes sum to 0, so there are winners while there is a loser.
    let nobody = Error::with(ErrorCode::NoSuchSeat, winners.found as i64, winners.next as i64);
    let (winner, next_score) = next_winner(market, side.opposite(), winners, crank.now).ok_or(nobody)?;
    let before = market.seats[loser as usize].position;
    let winner_was = market.seats[winner.seat as usize].position.size;
    let Some(price) = market.bankruptcy_price(loser) else { return Ok(()) };
    let lots = before.size.abs().min(winner_was.abs());
    winners.not_in_profit += !winner.score.in_profit() as u32;
    ledger::trade(market, winner.seat, loser, lots.on(side), price)?;
    follow_fills(exchange, loser, before.size, crank.now)?;
    follow_fills(exchange, winner.seat, winner_was, crank.now)?;
    cancel_to_margin(exchange, winner.seat)?;
    let market = &mut exchange.market;
    let used_up = lots == winner_was.abs();
    if used_up {
        winners.next += 1;
    } else {
        market.head.partly_deleveraged = Link::to(winner.seat);
        market.head.partly_deleveraged_at = market.head.price.changes;
    }
    let deficit = Atoms(-before.equity(market.adjusted_price())?.0);
    let taken = Atoms((lots * price).minus(lots * market.oracle_price())?.0 * side.sign());
    let needed = taken.min(deficit);
    let rank = winners.next as u32 + !used_up as u32;
    count_forced(market, lots, needed, taken, &mut crank.report);
    market.record(Receipt {
        time: crank.now,
        round: market.head.rounds,
        kind: Kind::Forced as u8,
        side: side as u8,
        loser,
        winner: winner.seat,
        rank,
        score: winner.score.0,
        next_score,
        lots,
        price,
        oracle_price: market.oracle_price(),
        needed,
        taken,
        ..Receipt::default()
    });
    if crank.paid() {
        crank::pay(market, Purse::Fees, force_pay(market.head, lots), crank)?;
    }
    Ok(())
}

fn count_forced(market: &mut Market, lots: Lots, needed: Atoms, taken: Atoms, report: &mut CrankReport) {
    let head = &mut *market.head;
    head.rounds += (report.forced_fills == 0) as u64;
    head.statistics.forced_lots = head.statistics.forced_lots.saturating_add(lots.0 as u64);
    head.statistics.needed = head.statistics.needed.saturating_add(needed.0 as u64);
    head.statistics.taken = head.statistics.taken.saturating_add(taken.0 as u64);
    report.forced_fills += 1;
    report.forced_lots = report.forced_lots + lots;
    report.receipts += 1;
}
