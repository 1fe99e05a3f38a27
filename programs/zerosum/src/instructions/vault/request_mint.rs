use anchor_lang::{prelude::*, system_program};
use zerosum_engine::{error::ErrorCode, state::ticket as vault};

use crate::{
    ID,
    entrypoint::accounts,
    error::{OrFail, require},
    events::VaultRequested,
    guards::{self, ExchangeGuard, TicketGuard, body, stamp},
    seeds, space,
    state::{BODY, Ticket},
    tokens::Pool,
};

accounts! {
    pub struct RequestMint<'info> {
        /// Owns the tokens and gets the shares.
        #[account(signer)]
        pub owner: UncheckedAccount<'info>,
        /// Pays for the ticket's space where the owner has none yet.
        #[account(signer, mut)]
        pub payer: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed.
        #[account(mut)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: where it is borrowed; funding accrues with it.
        pub book: UncheckedAccount<'info>,
        /// CHECK: compared with the market's.
        pub oracle: UncheckedAccount<'info>,
        /// CHECK: by its seeds; created where it does not exist.
        #[account(mut, seeds = [seeds::TICKET, market.key().as_ref(), owner.key.as_ref()], bump)]
        pub ticket: UncheckedAccount<'info>,
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

pub fn request_mint(ctx: Context<RequestMint>, amount: u64) -> Result<()> {
    let accounts = &*ctx.accounts;
    let now = guards::now()?;
    let key = accounts.market.key();
    create_ticket(accounts, &key)?;
    let mut ticket = TicketGuard::of_owner(&accounts.ticket, &key, accounts.owner.key)?;
    let mut guard = ExchangeGuard::of(&accounts.market, &accounts.book)?;
    let mut exchange = guard.exchange()?;
    guards::observe(&mut exchange, &key, &accounts.oracle, now)?;
    let pool = Pool::of(exchange.market.head, &accounts.pool, &accounts.mint, &accounts.token_program)?;
    let arrived = pool.collect(&accounts.from, accounts.owner.as_ref(), amount)?;
    let ticket = ticket.ticket()?;
    exchange.request_mint(ticket, arrived, now).or_fail()?;
    VaultRequested {
        market: key,
        owner: accounts.owner.key(),
        minting: arrived.0,
        redeeming: 0,
        matures_at: ticket.matures_at(&exchange.market.head.params),
    }
    .log();
    Ok(())
}

/// Makes the ticket, unless it is there.
#[inline(never)]
fn create_ticket(accounts: &RequestMint, market: &Pubkey) -> Result<()> {
    let account: &AccountInfo = &accounts.ticket;
    let bump = seeds::bump(account, &[seeds::TICKET, market.as_ref(), accounts.owner.key.as_ref()])?;
    if *account.owner == ID {
        let data = account.try_borrow_data().or_fail()?;
        return require(data.starts_with(Ticket::DISCRIMINATOR), ErrorCode::WrongAccount);
    }
    let (payer, owner) = (accounts.payer.as_ref(), accounts.owner.key);
    let signer: [&[u8]; 4] = [seeds::TICKET, market.as_ref(), owner.as_ref(), &[bump]];
    space::create(payer, account, BODY + size_of::<vault::Ticket>(), &ID, &signer)?;
    let mut data = account.try_borrow_mut_data().or_fail()?;
    stamp::<Ticket>(&mut data);
    *body(&mut data, ErrorCode::WrongAccount)? =
        vault::Ticket::new(market.to_bytes(), owner.to_bytes(), payer.key.to_bytes());
    Ok(())
}
