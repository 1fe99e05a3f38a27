use anchor_lang::prelude::*;
use zerosum_engine::{
    error::{ErrorCode, require},
    layout::MAX_ORDERS,
    state::book::{BookHeader, Order},
};

use crate::{
    error::{OrFail, ZerosumError},
    guards::ExchangeGuard,
    space,
    state::{BODY, Book, Market},
};

/// As many orders as an instruction can add.
const MORE_ORDERS: usize = 10_240 / size_of::<Order>();
/// A book of full size.
const FULL: usize = BODY + size_of::<BookHeader>() + MAX_ORDERS * size_of::<Order>();

/// Accounts of `grow_book`.
#[derive(Accounts)]
pub struct GrowBook<'info> {
    /// Pays for the space.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The market.
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// Moves the rent.
    pub system_program: Program<'info, System>,
}

pub fn grow_book(ctx: Context<GrowBook>) -> Result<()> {
    let accounts = ctx.accounts;
    ExchangeGuard::of(&accounts.market, &accounts.book)?.exchange()?;
    let book = accounts.book.as_ref();
    let left = FULL.saturating_sub(book.try_data_len()?);
    require(left > 0, ErrorCode::BookAtFullSize, MAX_ORDERS as i64, MAX_ORDERS as i64).or_fail()?;
    space::grow(&accounts.payer, book, left.min(MORE_ORDERS * size_of::<Order>()), &accounts.system_program)
}
