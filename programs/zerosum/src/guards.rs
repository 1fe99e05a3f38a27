//! Accounts that were checked: holding one of these means it is what its type says.
//!
//! Addresses are compared with those that the market stores and never derived again: that is what keeps an instruction
//! cheap, and it is as good, because the market's own bytes were written when its addresses were derived.

use core::cell::RefMut;

use anchor_lang::prelude::*;
use zerosum_engine::{
    error::ErrorCode,
    exchange::Exchange,
    market,
    price::{self, Print},
    seat::Key,
    vault,
};

use crate::{
    error::{OrFail, require},
    events::PriceChanged,
    output,
    state::{self, BODY},
};

/// The market account of an instruction, borrowed.
pub struct MarketGuard<'a, 'info> {
    data: RefMut<'a, &'info mut [u8]>,
}

impl<'a, 'info> MarketGuard<'a, 'info> {
    /// Borrows the account, whose owner and discriminator its type has checked.
    #[inline(always)]
    pub fn of(account: &'a AccountLoader<'info, state::Market>) -> Result<Self> {
        Ok(Self { data: account.as_ref().try_borrow_mut_data()? })
    }

    /// The market in it.
    #[inline(always)]
    pub fn market(&mut self) -> Result<market::Market<'_>> {
        market::Market::load(&mut self.data[BODY..]).or_fail()
    }
}

/// The market and the book of an instruction, borrowed.
pub struct ExchangeGuard<'a, 'info> {
    market: RefMut<'a, &'info mut [u8]>,
    book: RefMut<'a, &'info mut [u8]>,
}

impl<'a, 'info> ExchangeGuard<'a, 'info> {
    /// Borrows both accounts, whose owners and discriminators their types have checked, and checks that they belong
    /// together.
    #[inline(always)]
    pub fn of(
        market: &'a AccountLoader<'info, state::Market>,
        book: &'a AccountLoader<'info, state::Book>,
    ) -> Result<Self> {
        let (market, book_key) = (market.as_ref(), book.as_ref().key);
        let mut guard = Self { market: market.try_borrow_mut_data()?, book: book.as_ref().try_borrow_mut_data()? };
        let head = guard.exchange()?.market.head;
        is(&head.book, book_key, ErrorCode::WrongAccount)?;
        Ok(guard)
    }

    /// The exchange in them.
    #[inline(always)]
    pub fn exchange(&mut self) -> Result<Exchange<'_>> {
        Exchange::load(&mut self.market[BODY..], &mut self.book[BODY..]).or_fail()
    }
}

/// A ticket in the vault of a market, borrowed.
pub struct TicketGuard<'a, 'info> {
    data: RefMut<'a, &'info mut [u8]>,
}

impl<'a, 'info> TicketGuard<'a, 'info> {
    /// Borrows the account, whose owner and discriminator its type has checked, and checks that it is of this market.
    pub fn of(account: &'a AccountInfo<'info>, market: &Pubkey) -> Result<Self> {
        let mut guard = Self { data: account.try_borrow_mut_data()? };
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

/// Fails with `code` unless `key` is the stored one.
#[inline(always)]
pub fn is(stored: &Key, key: &Pubkey, code: ErrorCode) -> Result<()> {
    require(stored == key.as_array(), code)
}

/// Takes what the oracle of a market says into account. Every instruction that acts on the price begins with it.
#[inline(always)]
pub fn observe(market: &mut market::Market, key: &Pubkey, oracle: &AccountInfo, now: i64) -> Result<()> {
    let print = read_oracle(market.head, oracle)?;
    let changes = market.head.price.changes;
    market.observe(print, now).or_fail()?;
    if market.head.price.changes != changes {
        announce(market, key);
    }
    Ok(())
}

#[inline(never)]
fn announce(market: &market::Market, key: &Pubkey) {
    let price = &market.head.price;
    output::emit(&PriceChanged { market: *key, price: price.accepted.0, published: price.accepted_at });
}

/// What the oracle that the market names says.
#[inline(always)]
pub fn read_oracle(head: &market::Header, oracle: &AccountInfo) -> Result<Print> {
    // The market names an account that this program created as its feed, so its owner and discriminator are known.
    is(&head.oracle, oracle.key, ErrorCode::WrongOracle)?;
    let mut data = oracle.try_borrow_mut_data()?;
    let feed: &mut price::PriceFeed = body(&mut data, ErrorCode::WrongOracle)?;
    Ok(feed.print())
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
