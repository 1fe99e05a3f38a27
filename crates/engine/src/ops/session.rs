//! The session in which every operation runs: how it begins and ends.

use crate::error::Result;
use crate::ops::funding;
use crate::state::exchange::Exchange;
use crate::state::market::Market;

/// Runs an operation. Funding accrues before anything changes the book or the price, and the invariants are checked
/// after the last change. Then the revision is raised, unless nothing has changed.
///
/// # Errors
/// Those of the operation and of [`Market::require_sound`].
#[inline(always)]
pub(crate) fn run<'a, R>(
    exchange: &mut Exchange<'a>,
    now: i64,
    operation: impl FnOnce(&mut Exchange<'a>) -> Result<R>,
) -> Result<R> {
    let accrued = funding::accrue(exchange, now);
    (exchange.met, exchange.idle) = (0, false);
    let done = operation(exchange)?;
    exchange.market.require_sound()?;
    if accrued || !exchange.idle {
        raise_revision(exchange);
    }
    Ok(done)
}

/// Tells readers that the accounts have changed.
pub(crate) fn raise_revision(exchange: &mut Exchange) {
    let head = &mut *exchange.market.head;
    head.revision = head.revision.wrapping_add(1);
    head.book_revision = exchange.book.head.revision;
}

/// Runs an operation that depends neither on the price nor on the book, and moves no position.
///
/// # Errors
/// As [`run`].
#[inline(always)]
pub(crate) fn run_alone<'a, R>(
    market: &mut Market<'a>,
    operation: impl FnOnce(&mut Market<'a>) -> Result<R>,
) -> Result<R> {
    let done = operation(market)?;
    market.require_sound()?;
    market.head.revision = market.head.revision.wrapping_add(1);
    Ok(done)
}
