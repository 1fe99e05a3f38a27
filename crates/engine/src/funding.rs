//! Funding: what the side that pulls the book away from the oracle price pays the other.
//!
//! # The rate
//!
//! ```text
//! premium = (impact bid + impact ask) / 2 - P
//! rate    = clamp(premium + interest * P, -cap * P, cap * P)      paid in a funding period
//! F      += rate * seconds / period
//! ```
//!
//! `P` is the accepted price. The impact bid is the average price, in atoms per lot, of selling the market's impact notional
//! into the book, the impact ask that of buying it; at most eight orders a side are read. Where either side holds less than
//! that, the premium is 0. Rates are kept in millionths of an atom a lot, and what is not a whole atom of F yet is carried, so
//! no time and no fraction is lost. A position of q lots pays `q * dF`, and sizes sum to 0, so what one side pays the other
//! receives, to the atom.
//!
//! # When
//!
//! By the clock alone. [`Exchange::accrue`] runs before anything changes the book or the accepted price, so every second is
//! charged with the book and the price that stood in it, and orders placed and pulled within a second move nothing. However
//! often it runs the sum is the same (`funding_does_not_depend_on_how_often_it_is_cranked`), as long as no gap is longer than
//! an hour, of which the rest is dropped, and no order expires in it.
//!
//! The premium is 0 while nothing can trade: without a live price, with a pending one, past a delisting. While a seat is
//! bankrupt funding stands still, from the very second in which funding makes it so: it neither digs a deficit deeper nor
//! moves what the cranks are clearing.

use crate::error::{require, ErrorCode, Result};
use crate::exchange::{Exchange, Verdict};
use crate::heap::Entry;
use crate::market::Market;
use crate::oracle::{self, PriceAccount};
use crate::params::{Params, HOUR};
use crate::price::Print;
use crate::seat::{Seat, KEY_LIMIT, KEY_SHIFT};
use crate::units::{divide, divide_wide, Adjusted, Atoms, Funding, Lots, Price, Round, Side, MAX_FUNDING, RATE_ONE};

/// The longest time that accrues at once, in seconds.
pub const LONGEST_STEP: i64 = HOUR;

impl Exchange<'_> {
    /// Takes what the market's oracle account says into account: accrues funding at the price that stood until now, then
    /// looks at the print. One that is not newer or cannot be used changes nothing, and is no failure: see
    /// [`Market::require_live`].
    ///
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for an account at another address. Of a settled market no account is read.
    #[inline(always)]
    pub fn read_oracle(&mut self, account: &PriceAccount, now: i64) -> Result<()> {
        if self.market.head.is_settled() {
            return Ok(());
        }
        require(*account.key == self.market.head.oracle, ErrorCode::WrongOracle, 0, 0)?;
        let said = oracle::read(self.market.head, account);
        self.hear(said, now);
        Ok(())
    }

    /// [`Self::read_oracle`] for a print that is known already: what a simulation does.
    pub fn observe(&mut self, print: Print, now: i64) {
        self.hear(Ok(print), now);
    }

    fn hear(&mut self, said: Result<Print>, now: i64) {
        self.accrue(now);
        self.market.observe(said, now);
        let head = &mut *self.market.head;
        if head.accrued_at == 0 && head.price.accepted != Price::ZERO {
            head.accrued_at = now;
        }
    }

    /// Brings cumulative funding up to `now`. A clock that stands or goes back moves nothing.
    #[inline(always)]
    pub fn accrue(&mut self, now: i64) {
        if now > self.market.head.accrued_at {
            self.accrue_step(now);
        }
    }

    #[inline(never)]
    fn accrue_step(&mut self, now: i64) {
        let head = &*self.market.head;
        let since = head.accrued_at;
        if since == 0 || head.settlement.at != 0 {
            return;
        }
        let step = now.saturating_sub(since).min(LONGEST_STEP);
        let traded = self.market.tradable_until().saturating_sub(since).max(0).min(step);
        let premium = if traded > 0 && head.params.funding_cap.0 > 0 { self.premium(now) } else { None };
        let head = &mut *self.market.head;
        head.accrued_at = now;
        let (with, without) =
            (rate(&head.params, head.price.accepted, premium.unwrap_or(0)), rate(&head.params, head.price.accepted, 0));
        self.market.pay_funding(with, traded);
        self.market.pay_funding(without, step.wrapping_sub(traded));
        let flows = self.market.bankrupt_side().is_none();
        self.market.head.funding_rate = if !flows {
            0
        } else if traded == step {
            with
        } else {
            without
        };
    }

    /// How far the book's impact mid is above the accepted price, in millionths of an atom a lot; `None` where either side
    /// holds less than the impact notional in the orders that are read.
    fn premium(&self, now: i64) -> Option<i64> {
        // Both are at most MAX_PRICE in millionths, within 2^51.
        let both = self.impact_price(Side::Long, now)?.wrapping_add(self.impact_price(Side::Short, now)?);
        Some((both >> 1).wrapping_sub(self.market.mark().0.wrapping_mul(RATE_ONE)))
    }

    /// The average price of trading the impact notional with the orders of a side, in millionths of an atom a lot. `None`
    /// where the orders that are read hold less.
    ///
    /// An order counts as far as a taker could fill it now: within the band, and only the part that its maker could bear,
    /// each order by itself. Margin is that of the start of the gap, because funding accrues only after this look.
    #[inline(never)]
    pub fn impact_price(&self, side: Side, now: i64) -> Option<i64> {
        let wanted = self.market.head.params.impact_notional;
        let (mut quote, mut lots, mut enough) = (Atoms::ZERO, Lots::ZERO, false);
        let edge = self.market.band_edge(side);
        self.book.visit_best(side, |order| {
            if self.judge(order, edge, now) == Verdict::Good {
                // Below 2^60 so far, and an order is below 2^61.
                let missing = wanted.wrapping_sub(quote.0);
                let whole = (order.lots * order.price).0 >= missing;
                let part = if whole { Lots(divide(missing, order.price.0, Round::Up)) } else { order.lots };
                let borne = self.maker_fill(order, part, now).map_or(Lots::ZERO, |fill| fill.lots);
                lots = lots + borne;
                quote = Atoms(quote.0.wrapping_add((borne * order.price).0));
                enough = whole && borne == part;
            }
            !enough
        });
        if !enough {
            return None;
        }
        // One order in most cases, whose price it is.
        let whole = divide(quote.0, lots.0, Round::Down);
        if whole.wrapping_mul(lots.0) == quote.0 {
            return Some(whole.wrapping_mul(RATE_ONE));
        }
        Some(divide_wide(quote.0 as i128 * RATE_ONE as i128, lots.0, Round::Down))
    }

    /// Moves every seat's cash by what its position has paid in funding, and begins to count funding from 0 again. Nothing
    /// that anyone can see changes: no equity, no profit, no order of any queue.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], and [`ErrorCode::FundingAtRest`] where there is nothing to move.
    pub fn rebase(&mut self, now: i64) -> Result<()> {
        self.accrue(now);
        self.market.rebase()
    }
}

/// What a lot pays in a period at a premium, in millionths of an atom: within 2^31 * 2^16.
fn rate(params: &Params, mark: Price, premium: i64) -> i64 {
    let cap = mark.0.wrapping_mul(params.funding_cap.0 as i64);
    let wanted = premium.wrapping_add(mark.0.wrapping_mul(params.interest));
    wanted.min(cap).max(cap.wrapping_neg())
}

impl Market<'_> {
    /// Until when trading is possible as far as the clock decides it: the price is not stale and the market not delisted. 0
    /// where something else forbids it.
    fn tradable_until(&self) -> i64 {
        let head = &*self.head;
        if head.price.pending.0 != 0 {
            return 0;
        }
        let fresh = head.price.fresh_until(&head.params);
        if head.delist_at == 0 {
            fresh
        } else {
            fresh.min(head.delist_at)
        }
    }

    /// Adds `seconds` of a rate to cumulative funding, up to the second in which that makes a seat bankrupt.
    fn pay_funding(&mut self, rate: i64, seconds: i64) {
        if rate == 0 || seconds == 0 || self.bankrupt_side().is_some() {
            return;
        }
        // What the first to fall of the side that pays bears: the adjusted price may come down to C and up to D.
        let side = if rate > 0 { Side::Long } else { Side::Short };
        let zero = self.frontier(side).map_or(i64::MAX, |zero| zero.0);
        let bears =
            if zero == i64::MAX { zero } else { self.adjusted().0.wrapping_sub(zero).wrapping_mul(side.sign()) };
        let head = &mut *self.head;
        let whole = head.params.funding_period.wrapping_mul(RATE_ONE);
        let before = head.funding_remainder;
        let (mut moved, mut rest) = accrued(before, rate, seconds, whole);
        if moved.wrapping_abs() > bears {
            // The first second in which it is more than that. Up, funding counts with a whole atom; down, as soon as the
            // rest is below zero. What it bears is less than what an hour moves, 2^27 atoms.
            let missing = match side {
                Side::Long => (bears as i128 + 1) * whole as i128 - before as i128,
                Side::Short => bears as i128 * whole as i128 + before as i128 + 1,
            };
            (moved, rest) = accrued(before, rate, divide_wide(missing, rate.wrapping_abs(), Round::Up), whole);
        }
        let funding = head.funding.0.wrapping_add(moved);
        head.funding = Funding(funding.clamp(-MAX_FUNDING, MAX_FUNDING));
        head.funding_remainder = if head.funding.0 == funding { rest } else { 0 };
    }
}

impl Market<'_> {
    fn rebase(&mut self) -> Result<()> {
        let head = &*self.head;
        require(head.settlement.at == 0, ErrorCode::MarketSettled, 0, head.settlement.at)?;
        let funding = head.funding;
        require(funding != Funding::ZERO, ErrorCode::FundingAtRest, 1, 0)?;
        let (long_len, short_len) = (head.long_len as usize, head.short_len as usize);
        let counts_size = self.rule().counts_size();
        let seats = &mut self.seats[..self.head.seat_count as usize];
        for seat in seats.iter_mut() {
            // A size is within 2^30 and F within 2^31. Cash is what a position is worth and a part of one pool, as `units`
            // has it, so it stays within an i64.
            let position = &mut seat.position;
            let paid = position.size * Adjusted(funding.0);
            position.cash = Atoms(position.cash.0.wrapping_sub(paid.0));
            // The sum of the two, which bounds the rank, changes only where the cost is at its limit.
            if position.add_cost(paid) {
                seat.refresh_rank(counts_size);
            }
        }
        // A zero price is -cash / size, so it moves by F, and with it the key of every seat of a side.
        let shift = funding.0 << KEY_SHIFT;
        let mut far = Far::default();
        for seat in seats.iter_mut().take(long_len) {
            far.shift(&mut seat.long_entry, shift);
        }
        for seat in seats.iter_mut().take(short_len) {
            far.shift(&mut seat.short_entry, shift.wrapping_neg());
        }
        self.head.funding = Funding::ZERO;
        self.rekey(&far);
        self.require_sound()
    }

    /// Keys beyond every price saturate, so they do not move with the others. Nothing else about a seat changes.
    fn rekey(&mut self, far: &Far) {
        match far.seats.get(..far.count) {
            Some(few) => few.iter().for_each(|index| self.rekey_seat(*index)),
            None => {
                for index in 0..self.head.seat_count {
                    let Seat { position, slot, .. } = self.seats[index as usize];
                    let entry = position.size.side().and_then(|side| self.queue_entry(side, slot));
                    if entry.is_some_and(|entry| is_far(entry.key)) {
                        self.rekey_seat(index);
                    }
                }
            }
        }
    }

    fn rekey_seat(&mut self, index: u32) {
        let Seat { position, slot, .. } = self.seats[index as usize];
        if let (Some(side), Some(key)) = (position.size.side(), position.key()) {
            self.change_key(side, slot, key);
        }
    }
}

/// Seats whose keys saturate, or may after a [`Market::rebase`]. It takes 2^46 atoms of cash a lot to be one, so there are
/// none or few. Where there are more than these, all seats are looked at once more.
struct Far {
    seats: [u32; MOST_FAR],
    count: usize,
}

/// Seats that are far without another look at all.
const MOST_FAR: usize = 256;

impl Default for Far {
    fn default() -> Self {
        Self { seats: [0; MOST_FAR], count: 0 }
    }
}

impl Far {
    /// Moves a key. It has 2^62 at most, or is far, and the shift 2^47.
    #[inline(always)]
    fn shift(&mut self, entry: &mut Entry, shift: i64) {
        if is_far(entry.key) {
            self.note(entry.index);
            entry.key = entry.key.saturating_add(shift);
        } else {
            entry.key = entry.key.wrapping_add(shift);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, index: u32) {
        if let Some(place) = self.seats.get_mut(self.count) {
            *place = index;
        }
        self.count += 1;
    }
}

/// Whether a key saturates or may after a [`Market::rebase`].
const fn is_far(key: i64) -> bool {
    const LIMIT: i64 = (KEY_LIMIT - 2 * MAX_FUNDING) << KEY_SHIFT;
    key.wrapping_add(LIMIT) as u64 > 2 * LIMIT as u64
}

/// Whole atoms and the rest, which is never below zero, after `seconds` at a rate. The product is within 2^47 * 2^12.
fn accrued(remainder: i64, rate: i64, seconds: i64, whole: i64) -> (i64, i64) {
    let sum = remainder.wrapping_add(rate.wrapping_mul(seconds));
    let moved = divide(sum, whole, Round::Down);
    (moved, sum.wrapping_sub(moved.wrapping_mul(whole)))
}
