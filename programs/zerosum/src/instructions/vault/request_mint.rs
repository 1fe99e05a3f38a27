use core::cell::RefMut;

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::state::ticket::Ticket;

use crate::{
    error::{OrFail, ZerosumError},
    events::VaultRequested,
    guards::{self, ExchangeGuard},
    log::emit,
    seeds,
    state::{BODY, Book, Market, VaultTicket},
    tokens::Pool,
};

/// Accounts of `request_mint`.
#[derive(Accounts)]
pub struct RequestMint<'info> {
    /// Owns the tokens and gets the shares.
    pub owner: Signer<'info>,
    /// Pays for the ticket's space where the owner has none yet.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// Its book; funding accrues with it.
    #[account(address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The account that the market reads its price from.
    ///
    /// CHECK: by the engine, which compares its address with the market's wherever it reads it.
    pub oracle: UncheckedAccount<'info>,
    /// The owner's ticket, created where it does not exist.
    #[account(
        init_if_needed,
        payer = payer,
        space = BODY + size_of::<Ticket>(),
        seeds = [seeds::TICKET, market.key().as_ref(), owner.key().as_ref()],
        bump
    )]
    pub ticket: AccountLoader<'info, VaultTicket>,
    /// The token account of all the cash.
    #[account(mut, dup, address = market.load()?.pool() @ ZerosumError::WrongAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The token account that the cash comes from; the token program asks for its owner's signature.
    #[account(mut, dup)]
    pub from: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
    /// Creates the ticket.
    pub system_program: Program<'info, System>,
}

pub fn request_mint(ctx: Context<RequestMint>, amount: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    let mut ticket = own_ticket(&accounts.ticket, || {
        let (owner, payer) = (accounts.owner.key(), accounts.payer.key());
        Ticket::new(key.to_bytes(), owner.to_bytes(), payer.to_bytes())
    })?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
    let pool = Pool { account, mint, token_program };
    let arrived = pool.collect(accounts.from.to_account_info(), &accounts.owner, amount)?;
    exchange.request_mint(&mut ticket, arrived, now).or_fail()?;
    emit(&VaultRequested {
        market: key,
        owner: accounts.owner.key(),
        minting: arrived.0,
        redeeming: 0,
        matures_at: ticket.matures_at(&exchange.market.head.params),
    });
    Ok(())
}

/// The ticket in an account; in one that this instruction has just created, a `new` one.
fn own_ticket<'a>(account: &'a AccountLoader<VaultTicket>, new: impl FnOnce() -> Ticket) -> Result<RefMut<'a, Ticket>> {
    if account.as_ref().try_borrow_data()?.starts_with(VaultTicket::DISCRIMINATOR) {
        return guards::ticket(account);
    }
    let mut created = account.load_init()?;
    created.ticket = new();
    Ok(RefMut::map(created, |account| &mut account.ticket))
}
