use anchor_lang::{prelude::*, system_program};
use zerosum_engine::{
    error::{ErrorCode, require},
    layout::MAX_ORDERS,
    state::book::{BookHeader, Order},
};

use crate::{entrypoint::accounts, error::OrFail, guards::ExchangeGuard, space, state::BODY};

/// As many orders as an instruction can add.
const MORE_ORDERS: usize = 10_240 / size_of::<Order>();
/// A book of full size.
const FULL: usize = BODY + size_of::<BookHeader>() + MAX_ORDERS * size_of::<Order>();

accounts! {
    pub struct GrowBook<'info> {
        /// Pays for the space.
        #[account(signer, mut)]
        pub payer: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub book: UncheckedAccount<'info>,
        /// CHECK: by its address.
        #[account(address = system_program::ID)]
        pub system_program: UncheckedAccount<'info>,
    }
}

pub fn grow_book(ctx: Context<GrowBook>) -> Result<()> {
    let accounts = ctx.accounts;
    ExchangeGuard::of(&accounts.market, &accounts.book)?.exchange()?;
    let book = &accounts.book;
    let left = FULL.saturating_sub(book.try_data_len().or_fail()?);
    require(left > 0, ErrorCode::BookAtFullSize, MAX_ORDERS as i64, MAX_ORDERS as i64).or_fail()?;
    space::grow(accounts.payer.as_ref(), book, left.min(MORE_ORDERS * size_of::<Order>()))
}
