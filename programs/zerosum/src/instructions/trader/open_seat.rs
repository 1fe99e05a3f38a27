use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::state::seat::Seat;

use crate::{
    error::{OrFail, ZerosumError},
    events::SeatOpened,
    guards::{self, MarketGuard},
    log::{answer, emit},
    space,
    state::Market,
    tokens::Pool,
};

/// Accounts of `open_seat`.
#[derive(Accounts)]
pub struct OpenSeat<'info> {
    /// Owns the seat, and the tokens of the first deposit.
    pub owner: Signer<'info>,
    /// Pays for the seat's space where there is none left. The rent comes back when the space is given up.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// The market.
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// The token account of all the cash.
    #[account(mut, dup, address = market.load()?.pool() @ ZerosumError::WrongAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The token account that the cash comes from.
    ///
    /// CHECK: by the token program, which asks for its owner's signature.
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
    /// The collateral.
    #[account(address = market.load()?.mint() @ ZerosumError::WrongAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    #[account(address = market.load()?.token_program() @ ZerosumError::WrongAccount)]
    pub token_program: Interface<'info, TokenInterface>,
    /// Moves the rent.
    pub system_program: Program<'info, System>,
}

pub fn open_seat(ctx: Context<OpenSeat>, amount: u64) -> Result<u32> {
    let accounts = ctx.accounts;
    let needs_space = MarketGuard::of(&accounts.market)?.market()?.needs_space();
    let (account, mint, token_program) = (&accounts.pool, &accounts.mint, &accounts.token_program);
    let pool = Pool { account, mint, token_program };
    let arrived = pool.collect(accounts.from.to_account_info(), &accounts.owner, amount)?;
    if needs_space {
        let market = accounts.market.as_ref();
        space::grow(&accounts.payer, market, size_of::<Seat>(), &accounts.system_program)?;
    }

    let now = guards::now()?;
    let (owner, payer) = (accounts.owner.key(), accounts.payer.key());
    let mut guard = MarketGuard::of(&accounts.market)?;
    let seat = guard.market()?.open_seat(owner.to_bytes(), payer.to_bytes(), arrived, now).or_fail()?;
    emit(&SeatOpened { market: accounts.market.key(), seat, owner, amount: arrived.0 });
    Ok(answer(seat))
}
