use anchor_lang::prelude::*;
use zerosum_engine::seat::Seat;

use crate::{error::OrFail, events::SeatOpened, guards::MarketGuard, output, space, tokens::Pool};

#[derive(Accounts)]
pub struct OpenSeat<'info> {
    /// Owns the seat and the tokens of the first deposit.
    pub owner: Signer<'info>,
    /// Pays for the seat's space where there is none left.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: where it is borrowed.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: compared with the market's.
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: by the token program.
    #[account(mut)]
    pub from: UncheckedAccount<'info>,
    /// CHECK: compared with the market's.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: compared with the market's.
    pub token_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn open_seat(ctx: Context<OpenSeat>, amount: u64) -> Result<u32> {
    let accounts = ctx.accounts;
    let mut guard = MarketGuard::of(&accounts.market)?;
    let market = guard.market()?;
    let pool = Pool::of(market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    let needs_space = market.needs_space();
    drop(guard);
    let arrived = pool.collect(&accounts.from, accounts.owner.as_ref(), amount)?;
    if needs_space {
        space::grow(accounts.payer.as_ref(), &accounts.market, size_of::<Seat>())?;
    }

    let now = Clock::get()?.unix_timestamp;
    let (owner, payer) = (accounts.owner.key(), accounts.payer.key());
    let mut guard = MarketGuard::of(&accounts.market)?;
    let seat = guard.market()?.open_seat(owner.to_bytes(), payer.to_bytes(), arrived, now).or_fail()?;
    SeatOpened { market: accounts.market.key(), seat, owner, amount: arrived.0 }.log();
    Ok(output::returned(seat))
}
