//! The accepted price: which print of an oracle counts, and when a jump counts.
//!
//! A print within the jump bound is accepted at once. One beyond it waits until a second print confirms it, published
//! at least the confirmation time later and beyond the bound on the same side. Then the nearer of the two is accepted,
//! and the newer is tested against it. So a crash is followed step by step, and a single wild print never counts.
//!
//! # The older price
//!
//! Prints are public before anyone brings them to the chain, so a trader who acts at the accepted price may know a
//! newer one. Rules that must not be exploited that way use two prices: the accepted price and the *older price*. The
//! market keeps an *anchor*, which is a price and the chain's time at which it was accepted. If a print published after
//! that time is accepted, it becomes the new anchor, and the previous anchor becomes the older price. So the older
//! price was on chain before the accepted one was published, and nobody who acted at the older price can have known the
//! accepted one.

use crate::error::{require, ErrorCode, Result};
use crate::state::params::{Params, MIN_FIRST_PRICE};
use crate::state::price::{PriceState, Print};
use crate::units::{Price, Round, MAX_PRICE};

/// The price state after a print; `None` if the print is not newer than the last, which changes nothing.
///
/// # Errors
/// A print that cannot be used changes nothing either: [`ErrorCode::BadPrice`], [`ErrorCode::FuturePrice`],
/// [`ErrorCode::StalePrice`], and [`ErrorCode::LotPriceTooLow`] for a market's first print.
pub fn filter(before: &PriceState, print: Print, params: &Params, now: i64) -> Result<Option<PriceState>> {
    let Print { price, published } = print;
    if published <= before.last_print {
        return Ok(None);
    }
    require(price.0 >= 1 && price.0 <= MAX_PRICE, ErrorCode::BadPrice, MAX_PRICE, price.0)?;
    let latest = now.saturating_add(params.ahead());
    require(published <= latest, ErrorCode::FuturePrice, latest, published)?;
    let oldest = now.saturating_sub(params.staleness);
    require(published >= oldest, ErrorCode::StalePrice, oldest, published)?;
    let mut after = PriceState {
        last_print: published,
        taken_at: now,
        silence: params.oracle_silence,
        grace: params.oracle_grace,
        ..*before
    };
    if before.accepted.0 == 0 {
        require(price.0 >= MIN_FIRST_PRICE, ErrorCode::LotPriceTooLow, MIN_FIRST_PRICE, price.0)?;
        accept(&mut after, print, params, now);
    } else if !jumps(before, price, params) {
        accept(&mut after, print, params, now);
    } else if before.pending.0 == 0 || is_up(before, before.pending) != is_up(before, price) {
        wait(&mut after, print);
    } else if published < before.pending_at.saturating_add(params.confirmation) {
        after.pending = nearer(before, before.pending, price);
    } else {
        let waited = Print { price: before.pending, published: before.pending_at };
        let confirmed = if nearer(before, before.pending, price) == price { print } else { waited };
        accept(&mut after, confirmed, params, now);
        if jumps(&after, price, params) {
            wait(&mut after, print);
        } else {
            accept(&mut after, print, params, now);
        }
    }
    Ok(Some(after))
}

fn accept(state: &mut PriceState, print: Print, params: &Params, now: i64) {
    if print.price != state.accepted {
        state.changes = state.changes.wrapping_add(1);
    }
    state.accepted = print.price;
    state.accepted_at = print.published;
    state.pending = Price::ZERO;
    state.pending_at = 0;
    if state.is_published_after(state.anchor_at, params) {
        (state.older, state.older_at) = (state.anchor, state.anchor_at);
        (state.anchor, state.anchor_at) = (print.price, now);
    }
}

fn wait(state: &mut PriceState, print: Print) {
    state.pending = print.price;
    state.pending_at = print.published;
}

fn jumps(state: &PriceState, price: Price, params: &Params) -> bool {
    (price.0 - state.accepted.0).abs() > params.jump.of(state.accepted.0, Round::Down)
}

fn is_up(state: &PriceState, price: Price) -> bool {
    price > state.accepted
}

fn nearer(state: &PriceState, one: Price, other: Price) -> Price {
    if (one.0 - state.accepted.0).abs() <= (other.0 - state.accepted.0).abs() {
        one
    } else {
        other
    }
}

#[cfg(test)]
mod tests;
