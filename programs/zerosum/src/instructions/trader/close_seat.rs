use anchor_lang::prelude::*;
use zerosum_engine::{error::ErrorCode, exchange::Exchange, layout::Key, state::seat::Seat, units::Atoms};

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::SeatClosed,
    guards::{self, ExchangeGuard, is},
    space,
    tokens::Pool,
};

accounts! {
    pub struct CloseSeat<'info> {
        /// The owner, or anyone where the seat is abandoned.
        #[account(signer)]
        pub caller: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by the token program, as the pool's owner.
        pub pool_authority: UncheckedAccount<'info>,
        /// CHECK: the owner's associated token account; the owner may name another of their own.
        #[account(mut)]
        pub to: UncheckedAccount<'info>,
        /// CHECK: compared with the one that the seat's record names, where there is rent to pay back.
        #[account(mut)]
        pub rent_payer: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub token_program: UncheckedAccount<'info>,
    }
}

/// What closing leaves to be done with the accounts.
struct Left {
    /// Whose the seat was, what is paid out and whether the owner asked; `None` for a seat that was free already.
    closed: Option<(Key, Atoms, bool)>,
    rent_to: Option<Key>,
}

pub fn close_seat(ctx: Context<CloseSeat>, seat: u32) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let token_program = &accounts.token_program;
    let pool = Pool::of(exchange.market.head, &accounts.pool, &accounts.mint, token_program)?;
    let left = close(&mut exchange, seat, accounts.caller.key.as_array(), now)?;
    drop(guard);

    let market = *accounts.market.key;
    if let Some((owner, cash, by_owner)) = left.closed {
        if cash.0 > 0 {
            pool.require_payable(&accounts.to, &owner, by_owner)?;
            pool.pay(&accounts.to, &market, &accounts.pool_authority, cash)?;
        }
        SeatClosed { market, seat, owner: owner.into(), amount: cash.0 }.log();
    }
    match left.rent_to {
        Some(payer) => {
            is(&payer, accounts.rent_payer.key, ErrorCode::WrongDestination)?;
            space::shrink(&accounts.market, size_of::<Seat>(), &accounts.rent_payer)
        }
        None => Ok(()),
    }
}

fn close(exchange: &mut Exchange, seat: u32, caller: &Key, now: i64) -> Result<Left> {
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
