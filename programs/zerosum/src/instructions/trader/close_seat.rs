use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::{exchange::Exchange, layout, state::seat::Seat, units::Atoms};

use crate::{
    error::{OrFail, ZerosumError},
    events::SeatClosed,
    guards::{self, ExchangeGuard},
    log::emit,
    space,
    state::{Book, Market},
    tokens::{Pool, PoolSigner},
};

/// Accounts of `close_seat`.
#[derive(Accounts)]
pub struct CloseSeat<'info> {
    /// The owner, or anyone if the seat is abandoned.
    pub caller: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The token account of all the cash.
    #[account(
        mut,
        dup,
        address = market.load()?.pool() @ ZerosumError::WrongAccount,
        token::authority = pool_authority
    )]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Owns the pool and signs for it; an address without data.
    pub pool_authority: SystemAccount<'info>,
    /// The owner's associated token account; the owner may name another of their own. None if the seat holds no cash.
    #[account(mut, dup)]
    pub to: Option<Box<InterfaceAccount<'info, TokenAccount>>>,
    /// Gets the rent of the space that is given up, if any is.
    ///
    /// CHECK: in the handler, by the address in the seat's record. What it is by now does not matter: it only receives.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

/// What closing leaves to be done with the accounts.
struct Left {
    /// Whose the seat was, what is paid out and whether the owner asked; `None` for a seat that was free already.
    closed: Option<(layout::Key, Atoms, bool)>,
    rent_to: Option<layout::Key>,
}

pub fn close_seat(ctx: Context<CloseSeat>, seat: u32) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let bump = exchange.market.head.pool_bump;
    let left = close(&mut exchange, seat, accounts.caller.key.as_array(), now)?;
    drop(guard);

    let market = accounts.market.key();
    if let Some((owner, cash, by_owner)) = left.closed {
        if cash.0 > 0 {
            let signer = PoolSigner { authority: &accounts.pool_authority, market: &market, bump };
            let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
            let pool = Pool { account, mint, token_program };
            let to = pool.require_payable(&accounts.to, &owner, by_owner)?;
            pool.pay(to.to_account_info(), signer, cash)?;
        }
        emit(&SeatClosed { market, seat, owner: owner.into(), amount: cash.0 });
    }
    match left.rent_to {
        Some(payer) => {
            require_keys_eq!(accounts.rent_payer.key(), payer.into(), ZerosumError::WrongDestination);
            space::shrink(accounts.market.as_ref(), size_of::<Seat>(), &accounts.rent_payer)
        }
        None => Ok(()),
    }
}

fn close(exchange: &mut Exchange, seat: u32, caller: &layout::Key, now: i64) -> Result<Left> {
    let market = &mut exchange.market;
    let is_last = seat.checked_add(1) == Some(market.head.seat_count);
    let record = market.seats.get(seat as usize).filter(|_| seat < market.head.seat_count);
    if is_last && record.is_some_and(|record| record.open == 0) {
        return Ok(Left { closed: None, rent_to: Some(market.trim().or_fail()?) });
    }
    let by_owner = record.is_some_and(|record| record.owner == *caller);
    let closed = exchange.close_seat(seat, by_owner, now).or_fail()?;
    Ok(Left { closed: Some((closed.owner, closed.cash, by_owner)), rent_to: closed.rent_to })
}
