use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use zerosum_engine::seat::Seat;

use crate::{error::OrFail, events::SeatOpened, guards::MarketGuard, output, space, state::Market, tokens::Pool};

#[derive(Accounts)]
pub struct OpenSeat<'info> {
    /// Owns the seat and the tokens of the first deposit.
    pub owner: Signer<'info>,
    /// Pays for the seat's space where there is none left.
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: compared with the market's.
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: by the token program.
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
    /// CHECK: compared with the market's.
    pub mint: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn open_seat(ctx: Context<OpenSeat>, amount: u64) -> Result<u32> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let market = guard.market()?;
    let pool = Pool::of(market.head, &accounts.pool, &accounts.mint, accounts.token_program.as_ref())?;
    let needs_space = market.needs_space();
    drop(guard);
    let arrived = pool.collect(&accounts.from, accounts.owner.as_ref(), amount)?;
    if needs_space {
        space::grow(accounts.payer.as_ref(), accounts.market.as_ref(), size_of::<Seat>())?;
    }

    let now = Clock::get()?.unix_timestamp;
    let (owner, payer) = (accounts.owner.key(), accounts.payer.key());
    let mut guard = MarketGuard::of(&accounts.market)?;
    let seat = guard.market()?.open_seat(owner.to_bytes(), payer.to_bytes(), arrived, now).or_fail()?;
    output::emit(&SeatOpened { market: accounts.market.key(), seat, owner, amount: arrived.0 });
    Ok(output::returned(seat))
}
