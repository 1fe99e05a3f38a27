//! From accounts that were checked to what the engine works on.
//!
//! What an account must be is declared in the `Accounts` of an instruction. Addresses are compared there with those that
//! the market stores and not derived again: that is what keeps an instruction cheap, and it is as good, because the
//! market's own bytes were written when its addresses were derived.

use core::cell::RefMut;

use anchor_lang::{ZeroCopy, prelude::*};
use zerosum_engine::{exchange::Exchange, oracle::PriceAccount, state::market, state::ticket::Ticket};

use crate::{
    error::{OrFail, ZerosumError},
    events::PriceChanged,
    log::emit,
    state::{BODY, Book, Market, VaultTicket},
};

/// The engine's bytes of an account, borrowed.
///
/// An `AccountLoader` would lend the header alone; the engine wants the records behind it too.
pub fn body<'a, T: ZeroCopy + Owner>(account: &'a AccountLoader<T>) -> Result<RefMut<'a, [u8]>> {
    let data = account.as_ref().try_borrow_mut_data()?;
    Ok(RefMut::map(data, |data| data.get_mut(BODY..).unwrap_or_default()))
}

/// The market account of an instruction, borrowed.
pub struct MarketGuard<'a>(RefMut<'a, [u8]>);

impl<'a> MarketGuard<'a> {
    /// Borrows the account.
    pub fn of(account: &'a AccountLoader<Market>) -> Result<Self> {
        body(account).map(Self)
    }

    /// The market in it.
    #[inline(never)]
    pub fn market(&mut self) -> Result<market::Market<'_>> {
        market::Market::load(&mut self.0).or_fail()
    }
}

/// The market and the book of an instruction, borrowed.
pub struct ExchangeGuard<'a> {
    market: RefMut<'a, [u8]>,
    book: RefMut<'a, [u8]>,
}

impl<'a> ExchangeGuard<'a> {
    /// Borrows both accounts.
    pub fn of(market: &'a AccountLoader<Market>, book: &'a AccountLoader<Book>) -> Result<Self> {
        Ok(Self { market: body(market)?, book: body(book)? })
    }

    /// The exchange in them.
    #[inline(never)]
    pub fn exchange(&mut self) -> Result<Exchange<'_>> {
        Exchange::load(&mut self.market, &mut self.book).or_fail()
    }
}

/// The ticket in an account.
pub fn ticket<'a>(account: &'a AccountLoader<VaultTicket>) -> Result<RefMut<'a, Ticket>> {
    Ok(RefMut::map(account.load_mut()?, |account| &mut account.ticket))
}

/// The cluster's clock, in unix seconds.
pub fn now() -> Result<i64> {
    Ok(Clock::get()?.unix_timestamp)
}

/// Takes what the oracle account of a market says into account. Every instruction that acts on the price begins with it.
///
/// Only another account than the market's makes it fail. A print that is not newer or cannot be used changes nothing; the
/// action fails by its name if the price is not live without it.
#[inline(never)]
pub fn observe(exchange: &mut Exchange, key: &Pubkey, oracle: &AccountInfo, now: i64) -> Result<()> {
    // The price of a settled market is fixed, and its oracle may be gone.
    if exchange.market.head.is_settled() {
        return Ok(());
    }
    let changes = exchange.market.head.price.changes;
    read_oracle(exchange, oracle, now)?;
    let price = &exchange.market.head.price;
    if price.changes != changes {
        emit(&PriceChanged { market: *key, price: price.accepted.0, published: price.accepted_at });
    }
    Ok(())
}

#[inline(always)]
fn read_oracle(exchange: &mut Exchange, oracle: &AccountInfo, now: i64) -> Result<()> {
    // If the borrow fails, this account was also passed as market or book. A mutable borrow is cheaper: it keeps no count.
    let data = oracle.try_borrow_mut_data().map_err(|_| ZerosumError::WrongOracle)?;
    let account = PriceAccount { key: oracle.key.as_array(), owner: oracle.owner.as_array(), data: &data };
    exchange.read_oracle(&account, now).or_fail()
}
