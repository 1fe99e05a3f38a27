use anchor_lang::{prelude::*, system_program};
use zerosum_engine::state::seat::Seat;

use crate::{
    entrypoint::accounts,
    error::OrFail,
    events::SeatOpened,
    guards::{self, MarketGuard},
    output, space,
    tokens::Pool,
};

accounts! {
    pub struct OpenSeat<'info> {
        /// Owns the seat and the tokens of the first deposit.
        #[account(signer)]
        pub owner: UncheckedAccount<'info>,
        /// Pays for the seat's space where there is none left.
        #[account(signer, mut)]
        pub payer: UncheckedAccount<'info>,
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
        /// CHECK: by its address.
        #[account(address = system_program::ID)]
        pub system_program: UncheckedAccount<'info>,
    }
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

    let now = guards::now()?;
    let (owner, payer) = (accounts.owner.key(), accounts.payer.key());
    let mut guard = MarketGuard::of(&accounts.market)?;
    let seat = guard.market()?.open_seat(owner.to_bytes(), payer.to_bytes(), arrived, now).or_fail()?;
    SeatOpened { market: accounts.market.key(), seat, owner, amount: arrived.0 }.log();
    Ok(output::returned(seat))
}
