use anchor_lang::{prelude::*, system_program};
use zerosum_engine::{
    error::{Error as EngineError, ErrorCode},
    ops::create::Creation,
    oracle::{OracleKind, PUSH_ORACLES},
    state::book::{BookHeader, Order},
    state::header::{Header, RankRule},
    state::price,
    state::seat::Seat,
};

use crate::{
    ID,
    args::{MarketParams, OracleArgs},
    entrypoint::accounts,
    error::{OrFail, require},
    events::MarketCreated,
    guards::{self, body, stamp},
    seeds, space,
    state::{BODY, Book, Market, PriceFeed},
    tokens,
};

/// A market as it is created: its header and the vault's seat.
pub const MARKET_SPACE: usize = BODY + size_of::<Header>() + size_of::<Seat>();
/// A book as it is created: as many orders as one instruction can make room for.
pub const BOOK_SPACE: usize = BODY + size_of::<BookHeader>() + FIRST_ORDERS * size_of::<Order>();
const FIRST_ORDERS: usize = 96;
const FEED_SPACE: usize = BODY + size_of::<price::PriceFeed>();
/// A token account; the mints that are taken need no extension of it.
const POOL_SPACE: usize = 165;

// What an instruction can add to an account.
const _: () = assert!(MARKET_SPACE <= 10_240 && BOOK_SPACE <= 10_240);

accounts! {
    #[instruction(id: u64)]
    pub struct CreateMarket<'info> {
        /// Pays for the accounts; part of the market's address.
        #[account(signer, mut)]
        pub creator: UncheckedAccount<'info>,
        /// CHECK: by its seeds; it must not exist yet.
        #[account(mut, seeds = [seeds::MARKET, creator.key.as_ref(), &id.to_le_bytes()], bump)]
        pub market: UncheckedAccount<'info>,
        /// CHECK: by its seeds; it must not exist yet.
        #[account(mut, seeds = [seeds::BOOK, market.key.as_ref()], bump)]
        pub book: UncheckedAccount<'info>,
        /// CHECK: by its seeds; it has no data and signs for the pool.
        #[account(seeds = [seeds::AUTHORITY, market.key.as_ref()], bump)]
        pub pool_authority: UncheckedAccount<'info>,
        /// CHECK: by its seeds; it must not exist yet.
        #[account(mut, seeds = [seeds::POOL, market.key.as_ref()], bump)]
        pub pool: UncheckedAccount<'info>,
        /// CHECK: by its seeds: where prices are posted `["price", market]`, and it must not exist yet; else the account
        /// of the feed, which need not exist yet.
        #[account(mut)]
        pub oracle: UncheckedAccount<'info>,
        /// CHECK: with its program, as a mint that is taken.
        pub mint: UncheckedAccount<'info>,
        /// CHECK: with the mint.
        pub token_program: UncheckedAccount<'info>,
        /// CHECK: by its address.
        #[account(address = system_program::ID)]
        pub system_program: UncheckedAccount<'info>,
    }
}

/// What the handler passes to the engine besides the accounts.
pub struct NewMarket {
    pub id: u64,
    pub rank_rule: u8,
    pub params: MarketParams,
    pub authority: Pubkey,
    pub oracle: OracleArgs,
}

pub fn create_market(ctx: Context<CreateMarket>, new: &NewMarket) -> Result<()> {
    let accounts = &*ctx.accounts;
    let bumps = &bumps(accounts, new.id)?;
    let decimals = tokens::decimals(&accounts.mint, accounts.token_program.key)?;
    let unknown_kind = EngineError::with(ErrorCode::BadParameter, 1, new.oracle.kind.into());
    let kind = OracleKind::from_byte(new.oracle.kind).ok_or(unknown_kind).or_fail()?;
    create_accounts(accounts, bumps, new.id)?;
    write_accounts(accounts, bumps, new, kind, decimals)?;
    match kind {
        OracleKind::Posted => create_feed(accounts)?,
        OracleKind::Pyth => require_feed_account(accounts.oracle.key, &new.oracle)?,
    }
    MarketCreated { market: accounts.market.key(), creator: accounts.creator.key(), mint: accounts.mint.key() }.log();
    Ok(())
}

/// Compares every address with its seeds.
fn bumps(accounts: &CreateMarket, id: u64) -> Result<CreateMarketBumps> {
    let key = accounts.market.key.as_ref();
    let market: [&[u8]; 3] = [seeds::MARKET, accounts.creator.key.as_ref(), &id.to_le_bytes()];
    Ok(CreateMarketBumps {
        market: seeds::bump(&accounts.market, &market)?,
        book: seeds::bump(&accounts.book, &[seeds::BOOK, key])?,
        pool_authority: seeds::bump(&accounts.pool_authority, &[seeds::AUTHORITY, key])?,
        pool: seeds::bump(&accounts.pool, &[seeds::POOL, key])?,
    })
}

#[inline(never)]
fn create_accounts(accounts: &CreateMarket, bumps: &CreateMarketBumps, id: u64) -> Result<()> {
    let payer = accounts.creator.as_ref();
    let key = accounts.market.key.as_ref();
    let market: [&[u8]; 4] = [seeds::MARKET, payer.key.as_ref(), &id.to_le_bytes(), &[bumps.market]];
    space::create(payer, &accounts.market, MARKET_SPACE, &ID, &market)?;
    space::create(payer, &accounts.book, BOOK_SPACE, &ID, &[seeds::BOOK, key, &[bumps.book]])?;
    let token_program = accounts.token_program.key();
    space::create(payer, &accounts.pool, POOL_SPACE, &token_program, &[seeds::POOL, key, &[bumps.pool]])?;
    tokens::initialize(&accounts.pool, &accounts.mint, &token_program, accounts.pool_authority.key)
}

#[inline(never)]
fn write_accounts(
    accounts: &CreateMarket,
    bumps: &CreateMarketBumps,
    new: &NewMarket,
    oracle_kind: OracleKind,
    decimals: u8,
) -> Result<()> {
    let (feed, price_signer) = match oracle_kind {
        OracleKind::Posted => (Pubkey::default(), new.oracle.source),
        OracleKind::Pyth => (new.oracle.source, Pubkey::default()),
    };
    let unknown_rule = EngineError::with(ErrorCode::BadParameter, 1, new.rank_rule.into());
    let creation = Creation {
        id: new.id,
        rule: RankRule::from_byte(new.rank_rule).ok_or(unknown_rule).or_fail()?,
        params: (&new.params).into(),
        creator: accounts.creator.key().to_bytes(),
        authority: new.authority.to_bytes(),
        market: accounts.market.key().to_bytes(),
        book: accounts.book.key().to_bytes(),
        pool: accounts.pool.key().to_bytes(),
        mint: accounts.mint.key().to_bytes(),
        token_program: accounts.token_program.key().to_bytes(),
        oracle: accounts.oracle.key().to_bytes(),
        feed: feed.to_bytes(),
        oracle_kind,
        lot_exponent: new.oracle.lot_exponent,
        price_signer: price_signer.to_bytes(),
        decimals,
        created_at: guards::now()?,
        bump: bumps.market,
        pool_bump: bumps.pool_authority,
    };
    let mut market = accounts.market.try_borrow_mut_data().or_fail()?;
    let mut book = accounts.book.try_borrow_mut_data().or_fail()?;
    creation.write(stamp::<Market>(&mut market), stamp::<Book>(&mut book)).or_fail()
}

/// The account of a posted price.
#[inline(never)]
fn create_feed(accounts: &CreateMarket) -> Result<()> {
    let key = accounts.market.key;
    let bump = seeds::bump(&accounts.oracle, &[seeds::PRICE, key.as_ref()])?;
    let seeds: [&[u8]; 3] = [seeds::PRICE, key.as_ref(), &[bump]];
    space::create(accounts.creator.as_ref(), &accounts.oracle, FEED_SPACE, &ID, &seeds)?;
    let mut feed = accounts.oracle.try_borrow_mut_data().or_fail()?;
    stamp::<PriceFeed>(&mut feed);
    *body(&mut feed, ErrorCode::WrongOracle)? = price::PriceFeed::new(key.to_bytes());
    Ok(())
}

/// Fails unless an address is that of the account into which a push oracle of Pyth writes the feed.
///
/// Nothing is read from the account, and it need not exist: the address is pinned, and only the push oracle can make an
/// account there. What the account holds is checked at every reading.
#[inline(never)]
fn require_feed_account(address: &Pubkey, feed: &OracleArgs) -> Result<()> {
    let shard = feed.shard.to_le_bytes();
    let seeds: [&[u8]; 2] = [&shard, feed.source.as_ref()];
    let is_written_by = |program: &[u8; 32]| Pubkey::find_program_address(&seeds, &(*program).into()).0 == *address;
    require(PUSH_ORACLES.iter().any(is_written_by), ErrorCode::WrongOracle)
}
