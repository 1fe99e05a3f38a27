//! Market and book together.

use crate::error::Result;
use crate::state::book::Book;
use crate::state::market::Market;

/// The exchange: one market and its book.
pub struct Exchange<'a> {
    /// Parameters, seats and cash.
    pub market: Market<'a>,
    /// Resting orders.
    pub book: Book<'a>,
    /// Resting orders that this operation has filled, wholly or in part, or removed so far, of any seat and for any
    /// reason. This number bounds the cost of an operation.
    pub(crate) met: u32,
    /// Whether this operation found nothing to do, so that no revision is raised.
    pub(crate) idle: bool,
}

impl<'a> Exchange<'a> {
    /// The exchange over the bytes of a market account and a book account, both after any discriminator.
    ///
    /// # Errors
    /// Those of [`Market::load`] and [`Book::load`].
    pub fn load(market: &'a mut [u8], book: &'a mut [u8]) -> Result<Self> {
        Ok(Self { market: Market::load(market)?, book: Book::load(book)?, met: 0, idle: false })
    }
}
