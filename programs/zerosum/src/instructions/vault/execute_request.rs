use anchor_lang::prelude::*;
use zerosum_engine::{exchange::Exchange, ops::vault_shares::Executed, units::Atoms};

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::VaultExecuted,
    guards::{self, ExchangeGuard, TicketGuard},
    tokens::Pool,
};

accounts! {
    pub struct ExecuteRequest<'info> {
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub oracle: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub ticket: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        #[account(mut)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by the token program, as the pool's owner.
        pub pool_authority: UncheckedAccount<'info>,
        /// CHECK: the associated token account of the ticket's owner, where there is something to pay.
        #[account(mut)]
        pub to: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub token_program: UncheckedAccount<'info>,
    }
}

pub fn execute_request(ctx: Context<ExecuteRequest>, payee: Option<u32>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let mut ticket = TicketGuard::of(&accounts.ticket, &key)?;
    let ticket = ticket.ticket()?;
    let pool = Pool::of(exchange.market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    // A lapsed request is undone without a price, so not even a dead oracle keeps its cash.
    if !ticket.has_lapsed(&exchange.market.head.params, now) {
        guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    }
    let before = cash(&exchange, payee);
    let executed = exchange.execute_request(ticket, payee, now).or_fail()?;
    // Nothing else of the seat that is paid changes.
    let pay = cash(&exchange, payee).minus(before).or_fail()?;
    let (lapsed, minted, paid) = match executed {
        Executed::Minted(shares) => (false, shares, Atoms::ZERO),
        Executed::Redeemed(cash) => (false, 0, cash),
        Executed::Refunded(cash) => (true, 0, cash),
        Executed::Lapsed => (true, 0, Atoms::ZERO),
    };
    if paid.0 > 0 {
        pool.require_payable(&accounts.to, &ticket.owner, false)?;
        pool.pay(&accounts.to, &key, &accounts.pool_authority, paid)?;
    }
    VaultExecuted { market: key, owner: ticket.owner.into(), lapsed, minted, paid: paid.0, pay: pay.0 }.log();
    Ok(())
}

/// The cash of the seat that is to be paid.
fn cash(exchange: &Exchange, payee: Option<u32>) -> Atoms {
    let seat = payee.and_then(|payee| exchange.market.seat(payee).ok());
    seat.map_or(Atoms::ZERO, |seat| seat.position.cash)
}
