//! The seeds of every address the program derives.

/// `["market", creator, id as u64 LE]`: the market account.
pub const MARKET: &[u8] = b"market";
/// `["book", market]`: its book.
pub const BOOK: &[u8] = b"book";
/// `["authority", market]`: signs for the pool and has no data.
pub const AUTHORITY: &[u8] = b"authority";
/// `["pool", market]`: the token account of all its cash.
pub const POOL: &[u8] = b"pool";
/// `["price", market]`: its posted price.
pub const PRICE: &[u8] = b"price";
/// `["ticket", market, owner]`: a depositor's stake in its vault.
pub const TICKET: &[u8] = b"ticket";
