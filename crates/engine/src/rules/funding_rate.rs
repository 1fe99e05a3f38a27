//! Funding: a payment between longs and shorts that pulls the price in the book towards the oracle price.
//!
//! # The rate
//!
//! ```text
//! premium = (impact bid + impact ask) / 2 - P
//! rate    = clamp(premium + interest * P, -cap * P, cap * P)      paid in a funding period
//! F      += rate * seconds / period
//! ```
//!
//! `P` is the accepted price. The impact bid is the average price, in atoms per lot, of selling the market's impact
//! notional into the book; the impact ask is that of buying it. At most eight orders a side are read. If they hold less
//! than that on either side, the premium is 0. Rates are kept in millionths of an atom a lot. The part that is not a
//! whole atom of F yet is carried over, so no time and no fraction is lost. A position of q lots pays `q * dF`, and
//! sizes sum to 0, so one side receives what the other pays, to the atom.

use crate::rules::makers::{band_edge, judge, maker_fill, Verdict};
use crate::state::exchange::Exchange;
use crate::state::market::Market;
use crate::state::params::Params;
use crate::units::{divide, divide_wide, Atoms, Funding, Lots, Price, Round, Side, MAX_FUNDING, RATE_ONE};

/// How far the book's impact mid is above the accepted price, in millionths of an atom a lot; `None` if the orders read
/// on either side hold less than the impact notional.
pub(crate) fn premium(exchange: &Exchange, now: i64) -> Option<i64> {
    // Both are at most MAX_PRICE in millionths, so within 2^51.
    let both = impact_price(exchange, Side::Long, now)?.wrapping_add(impact_price(exchange, Side::Short, now)?);
    Some((both >> 1).wrapping_sub(exchange.market.oracle_price().0.wrapping_mul(RATE_ONE)))
}

/// The average price of trading the impact notional with the orders of a side, in millionths of an atom a lot; `None`
/// if the orders that are read hold less.
///
/// An order counts as far as a taker could fill it now: only within the band, and only the part that its maker could
/// bear, each order by itself. Margin is computed as at the start of the gap, because funding accrues only after this.
#[inline(never)]
pub fn impact_price(exchange: &Exchange, side: Side, now: i64) -> Option<i64> {
    let wanted = exchange.market.head.params.impact_notional;
    let (mut quote, mut lots, mut enough) = (Atoms::ZERO, Lots::ZERO, false);
    let edge = band_edge(&exchange.market, side);
    exchange.book.visit_best(side, |order| {
        if judge(&exchange.market, order, edge, now) == Verdict::Good {
            // The sum is below 2^60 so far, and an order is below 2^61.
            let missing = wanted.wrapping_sub(quote.0);
            let whole = (order.lots * order.price).0 >= missing;
            let part = if whole { Lots(divide(missing, order.price.0, Round::Up)) } else { order.lots };
            let borne = maker_fill(&exchange.market, order, part, now).map_or(Lots::ZERO, |fill| fill.lots);
            lots = lots + borne;
            quote = Atoms(quote.0.wrapping_add((borne * order.price).0));
            enough = whole && borne == part;
        }
        !enough
    });
    if !enough {
        return None;
    }
    // Usually one order suffices, and the average is its price.
    let whole = divide(quote.0, lots.0, Round::Down);
    if whole.wrapping_mul(lots.0) == quote.0 {
        return Some(whole.wrapping_mul(RATE_ONE));
    }
    Some(divide_wide(quote.0 as i128 * RATE_ONE as i128, lots.0, Round::Down))
}

/// What a lot pays in a period at a premium, in millionths of an atom. It is within 2^31 * 2^16.
pub(crate) fn rate(params: &Params, oracle_price: Price, premium: i64) -> i64 {
    let cap = oracle_price.0.wrapping_mul(params.funding_cap.0 as i64);
    let wanted = premium.wrapping_add(oracle_price.0.wrapping_mul(params.interest));
    wanted.min(cap).max(cap.wrapping_neg())
}

/// The time until which trading is possible, as far as the clock decides it: the price is not stale and the market not
/// delisted. 0 if something else forbids trading.
pub(crate) fn tradable_until(market: &Market) -> i64 {
    let head = &*market.head;
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

/// Cumulative funding after `seconds` at a rate, and the part of the next atom that remains. Accrual stops in the
/// second in which it makes a seat bankrupt.
pub(crate) fn after(market: &Market, rate: i64, seconds: i64) -> (Funding, i64) {
    let head = &*market.head;
    if rate == 0 || seconds == 0 || market.bankrupt_side().is_some() {
        return (head.funding, head.funding_remainder);
    }
    // The largest move that the head of the paying side can bear: the adjusted price may fall to C and rise to D.
    let side = if rate > 0 { Side::Long } else { Side::Short };
    let zero = market.frontier(side).map_or(i64::MAX, |zero| zero.0);
    let bears =
        if zero == i64::MAX { zero } else { market.adjusted_price().0.wrapping_sub(zero).wrapping_mul(side.sign()) };
    let whole = head.params.funding_period.wrapping_mul(RATE_ONE);
    let before = head.funding_remainder;
    let (mut moved, mut rest) = accrued(before, rate, seconds, whole);
    if moved.wrapping_abs() > bears {
        // The first second in which funding moves by more than that. Upwards it counts once it is a whole atom,
        // downwards as soon as the rest is below zero. The bearable move is less than the move of an hour, 2^27 atoms.
        let missing = match side {
            Side::Long => (bears as i128 + 1) * whole as i128 - before as i128,
            Side::Short => bears as i128 * whole as i128 + before as i128 + 1,
        };
        (moved, rest) = accrued(before, rate, divide_wide(missing, rate.wrapping_abs(), Round::Up), whole);
    }
    let funding = head.funding.0.wrapping_add(moved);
    let clamped = funding.clamp(-MAX_FUNDING, MAX_FUNDING);
    (Funding(clamped), if clamped == funding { rest } else { 0 })
}

/// Whole atoms and the rest, which is never negative, after `seconds` at a rate. The product is within 2^47 * 2^12.
fn accrued(remainder: i64, rate: i64, seconds: i64, whole: i64) -> (i64, i64) {
    let sum = remainder.wrapping_add(rate.wrapping_mul(seconds));
    let moved = divide(sum, whole, Round::Down);
    (moved, sum.wrapping_sub(moved.wrapping_mul(whole)))
}
