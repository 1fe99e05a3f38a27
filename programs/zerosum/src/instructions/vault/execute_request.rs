use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::{exchange::Exchange, ops::vault_shares::Executed, units::Atoms};

use crate::{
    error::{OrFail, ZerosumError},
    events::VaultExecuted,
    guards::{self, ExchangeGuard},
    log::emit,
    state::{Book, Market, VaultTicket},
    tokens::{Pool, PoolSigner},
};

/// Accounts of `execute_request`.
#[derive(Accounts)]
pub struct ExecuteRequest<'info> {
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The account that the market reads its price from.
    ///
    /// CHECK: by the engine, which compares its address with the market's wherever it reads it.
    pub oracle: UncheckedAccount<'info>,
    /// The ticket whose request is executed, of this market.
    #[account(
        mut,
        constraint = ticket.load()?.ticket.market == market.key().to_bytes() @ ZerosumError::WrongAccount
    )]
    pub ticket: AccountLoader<'info, VaultTicket>,
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
    /// The associated token account of the ticket's owner. None if there is nothing to pay.
    #[account(mut, dup)]
    pub to: Option<Box<InterfaceAccount<'info, TokenAccount>>>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn execute_request(ctx: Context<ExecuteRequest>, payee: Option<u32>) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let mut ticket = guards::ticket(&accounts.ticket)?;
    // A lapsed request is undone without a price, so not even a dead oracle keeps its cash.
    if !ticket.has_lapsed(&exchange.market.head.params, now) {
        guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    }
    let before = cash(&exchange, payee);
    let executed = exchange.execute_request(&mut ticket, payee, now).or_fail()?;
    // Nothing else of the seat that is paid changes.
    let pay = cash(&exchange, payee).minus(before).or_fail()?;
    let (lapsed, minted, paid) = match executed {
        Executed::Minted(shares) => (false, shares, Atoms::ZERO),
        Executed::Redeemed(cash) => (false, 0, cash),
        Executed::Refunded(cash) => (true, 0, cash),
        Executed::Lapsed => (true, 0, Atoms::ZERO),
    };
    if paid.0 > 0 {
        let bump = exchange.market.head.pool_bump;
        let signer = PoolSigner { authority: &accounts.pool_authority, market: &key, bump };
        let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
        let pool = Pool { account, mint, token_program };
        let to = pool.require_payable(&accounts.to, &ticket.owner, false)?;
        pool.pay(to.to_account_info(), signer, paid)?;
    }
    emit(&VaultExecuted { market: key, owner: ticket.owner.into(), lapsed, minted, paid: paid.0, pay: pay.0 });
    Ok(())
}

/// The cash of the seat that is to be paid.
fn cash(exchange: &Exchange, payee: Option<u32>) -> Atoms {
    let seat = payee.and_then(|payee| exchange.market.seat(payee).ok());
    seat.map_or(Atoms::ZERO, |seat| seat.position.cash)
}
