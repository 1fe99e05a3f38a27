use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::{oracle::OracleKind, units::Atoms};

use crate::{
    error::{OrFail, ZerosumError},
    events::MarketClosed,
    guards::ExchangeGuard,
    log::emit,
    state::{Book, Market, PostedPrice},
    tokens::{Pool, PoolSigner},
};

/// Accounts of `close_market`.
#[derive(Accounts)]
pub struct CloseMarket<'info> {
    /// The market.
    #[account(mut, close = creator)]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(mut, close = creator, address = market.load()?.book() @ ZerosumError::WrongAccount)]
    pub book: AccountLoader<'info, Book>,
    /// The posted price of the market, which is closed with it. None if the market reads a feed, which stays.
    #[account(mut, address = market.load()?.oracle() @ ZerosumError::WrongOracle)]
    pub oracle: Option<AccountLoader<'info, PostedPrice>>,
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
    /// The heir's associated token account. None if nothing is left in the pool.
    #[account(mut, dup)]
    pub to: Option<Box<InterfaceAccount<'info, TokenAccount>>>,
    /// Who created the market and gets its rent.
    ///
    /// CHECK: by its address. What it is by now does not matter: it only receives.
    #[account(mut, address = market.load()?.creator() @ ZerosumError::WrongDestination)]
    pub creator: UncheckedAccount<'info>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn close_market(ctx: Context<CloseMarket>) -> Result<()> {
    let accounts = ctx.accounts;
    let key = accounts.market.key();
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    let bump = exchange.market.head.pool_bump;
    // A feed of Pyth stays. One of the market's own has to go with it: left behind, it would keep its rent, and its address
    // from a market created again.
    let posted = exchange.market.head.oracle_kind == OracleKind::Posted as u8;
    let heir = exchange.close_market().or_fail()?.heir;
    drop(guard);

    let signer = PoolSigner { authority: &accounts.pool_authority, market: &key, bump };
    // What strangers sent to the pool goes with the rest.
    let left = i64::try_from(accounts.pool.amount).unwrap_or(i64::MAX);
    let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
    let pool = Pool { account, mint, token_program };
    if left > 0 {
        let to = pool.require_payable(&accounts.to, &heir, false)?;
        pool.pay(to.to_account_info(), signer, Atoms(left))?;
    }
    pool.close(accounts.creator.to_account_info(), signer)?;
    if posted {
        let feed = accounts.oracle.as_ref().ok_or(ZerosumError::WrongOracle)?;
        feed.close(accounts.creator.to_account_info())?;
    }
    emit(&MarketClosed { market: key, heir: heir.into(), amount: left });
    Ok(())
}
