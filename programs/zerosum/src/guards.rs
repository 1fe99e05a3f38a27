//! Accounts that were checked: holding one of these means it is what its type says.
//!
//! Addresses are compared with those that the market stores and never derived again: that is what keeps an instruction
//! cheap, and it is as good, because the market's own bytes were written when its addresses were derived.

use core::cell::RefMut;

use anchor_lang::{error::ErrorCode as Refusal, prelude::*};
use zerosum_engine::{
    error::ErrorCode,
    exchange::Exchange,
    layout::Key,
    oracle::PriceAccount,
    state::{market, ticket as vault},
};

use crate::{
    ID,
    entrypoint::tag_of,
    error::{OrFail, refuse, require},
    events::PriceChanged,
    state::{self, BODY},
};

/// The market account of an instruction, borrowed.
pub struct MarketGuard<'a, 'info> {
    data: RefMut<'a, &'info mut [u8]>,
}

impl<'a, 'info> MarketGuard<'a, 'info> {
    /// Borrows the account.
    #[inline(never)]
    pub fn of(account: &'a AccountInfo<'info>) -> Result<Self> {
        Ok(Self { data: open::<state::Market>(account)? })
    }

    /// The market in it.
    #[inline(never)]
    pub fn market(&mut self) -> Result<market::Market<'_>> {
        market::Market::load(&mut self.data[BODY..]).or_fail()
    }
}

/// The market and the book of an instruction, borrowed.
pub struct ExchangeGuard<'a, 'info> {
    market: RefMut<'a, &'info mut [u8]>,
    book: RefMut<'a, &'info mut [u8]>,
    book_key: &'a Pubkey,
}

impl<'a, 'info> ExchangeGuard<'a, 'info> {
    /// Borrows both accounts.
    #[inline(never)]
    pub fn of(market: &'a AccountInfo<'info>, book: &'a AccountInfo<'info>) -> Result<Self> {
        Ok(Self { market: open::<state::Market>(market)?, book: open::<state::Book>(book)?, book_key: book.key })
    }

    /// The exchange in them, if they belong together.
    #[inline(never)]
    pub fn exchange(&mut self) -> Result<Exchange<'_>> {
        let exchange = Exchange::load(&mut self.market[BODY..], &mut self.book[BODY..]).or_fail()?;
        is(&exchange.market.head.book, self.book_key, ErrorCode::WrongAccount)?;
        Ok(exchange)
    }
}

/// A ticket in the vault of a market, borrowed.
pub struct TicketGuard<'a, 'info> {
    data: RefMut<'a, &'info mut [u8]>,
}

impl<'a, 'info> TicketGuard<'a, 'info> {
    /// Borrows the account and checks that it is of this market.
    pub fn of(account: &'a AccountInfo<'info>, market: &Pubkey) -> Result<Self> {
        let mut guard = Self { data: open::<state::Ticket>(account)? };
        is(&guard.ticket()?.market, market, ErrorCode::WrongAccount)?;
        Ok(guard)
    }

    /// As [`Self::of`], for the ticket of `owner`.
    pub fn of_owner(account: &'a AccountInfo<'info>, market: &Pubkey, owner: &Pubkey) -> Result<Self> {
        let mut guard = Self::of(account, market)?;
        is(&guard.ticket()?.owner, owner, ErrorCode::WrongAccount)?;
        Ok(guard)
    }

    /// The ticket in it.
    pub fn ticket(&mut self) -> Result<&mut vault::Ticket> {
        body(&mut self.data, ErrorCode::WrongAccount)
    }
}

/// Borrows an account of this program's of the kind `T`.
///
/// What Anchor's `AccountLoader` checks, with its errors, but once for all instructions: Anchor makes a copy of its check
/// for each, and writes the discriminator once more when they end.
#[inline(always)]
pub fn open<'a, 'info, T: Discriminator>(account: &'a AccountInfo<'info>) -> Result<RefMut<'a, &'info mut [u8]>> {
    open_as(account, const { tag_of(T::DISCRIMINATOR) })
}

#[inline(never)]
fn open_as<'a, 'info>(account: &'a AccountInfo<'info>, tag: u64) -> Result<RefMut<'a, &'info mut [u8]>> {
    if *account.owner != ID {
        return Err(refuse(Refusal::AccountOwnedByWrongProgram));
    }
    // No handler opens an account twice: one that is open already was given as two kinds at once.
    match account.try_borrow_mut_data() {
        Ok(data) if data.first_chunk().is_some_and(|bytes| u64::from_le_bytes(*bytes) == tag) => Ok(data),
        _ => Err(refuse(Refusal::AccountDiscriminatorMismatch)),
    }
}

/// The cluster's clock, in unix seconds.
#[inline(never)]
pub fn now() -> Result<i64> {
    Ok(Clock::get().or_fail()?.unix_timestamp)
}

/// Fails with `code` unless `key` is the stored one.
#[inline(always)]
pub fn is(stored: &Key, key: &Pubkey, code: ErrorCode) -> Result<()> {
    require(stored == key.as_array(), code)
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
    if exchange.market.head.price.changes != changes {
        announce(&exchange.market, key);
    }
    Ok(())
}

#[inline(always)]
fn read_oracle(exchange: &mut Exchange, oracle: &AccountInfo, now: i64) -> Result<()> {
    // If the borrow fails, this account was also passed as market or book. A mutable borrow is cheaper: it keeps no count.
    let data = oracle.try_borrow_mut_data().map_err(|_| crate::error::fail(ErrorCode::WrongOracle.into()))?;
    let account = PriceAccount { key: oracle.key.as_array(), owner: oracle.owner.as_array(), data: &data };
    exchange.read_oracle(&account, now).or_fail()
}

#[inline(never)]
fn announce(market: &market::Market, key: &Pubkey) {
    let price = &market.head.price;
    PriceChanged { market: *key, price: price.accepted.0, published: price.accepted_at }.log();
}

/// The engine's struct behind the discriminator.
#[inline(always)]
pub fn body<T: bytemuck::Pod>(data: &mut [u8], code: ErrorCode) -> Result<&mut T> {
    let bytes = data.get_mut(BODY..BODY + size_of::<T>());
    match bytes.and_then(|bytes| bytemuck::try_from_bytes_mut(bytes).ok()) {
        Some(body) => Ok(body),
        None => Err(crate::error::fail(code.into())),
    }
}

/// Writes the discriminator of a new account and hands out the space behind it.
pub fn stamp<T: Discriminator>(data: &mut [u8]) -> &mut [u8] {
    let (discriminator, body) = data.split_at_mut(BODY);
    discriminator.copy_from_slice(T::DISCRIMINATOR);
    body
}
