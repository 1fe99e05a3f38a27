use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use zerosum_engine::{
    error::{Error as EngineError, ErrorCode},
    ops::create::Creation,
    oracle::{OracleKind, PUSH_ORACLES},
    state::book::{BookHeader, Order},
    state::header::{Header, RankRule},
    state::price::PriceFeed,
    state::seat::Seat,
};

use crate::{
    ID,
    args::{MarketParams, OracleArgs},
    error::{OrFail, ZerosumError},
    events::MarketCreated,
    guards::{self, body},
    log::emit,
    seeds, space,
    state::{BODY, Book, Market, PostedPrice},
    tokens,
};

/// A market as it is created: its header and the vault's seat.
pub const MARKET_SPACE: usize = BODY + size_of::<Header>() + size_of::<Seat>();
/// A book as it is created: as many orders as one instruction can make room for.
pub const BOOK_SPACE: usize = BODY + size_of::<BookHeader>() + FIRST_ORDERS * size_of::<Order>();
const FIRST_ORDERS: usize = 64;
const FEED_SPACE: usize = BODY + size_of::<PriceFeed>();

// What an instruction can add to an account.
const _: () = assert!(MARKET_SPACE <= 10_240 && BOOK_SPACE <= 10_240);

/// Accounts of `create_market`.
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateMarket<'info> {
    /// Pays for the accounts, and gets what nobody owns when the market ends.
    #[account(mut)]
    pub creator: Signer<'info>,
    /// The market.
    #[account(
        init,
        payer = creator,
        space = MARKET_SPACE,
        seeds = [seeds::MARKET, creator.key().as_ref(), &id.to_le_bytes()],
        bump
    )]
    pub market: AccountLoader<'info, Market>,
    /// Its book.
    #[account(init, payer = creator, space = BOOK_SPACE, seeds = [seeds::BOOK, market.key().as_ref()], bump)]
    pub book: AccountLoader<'info, Book>,
    /// Signs for the pool; an address without data.
    #[account(seeds = [seeds::AUTHORITY, market.key().as_ref()], bump)]
    pub pool_authority: SystemAccount<'info>,
    /// The token account of all the cash.
    #[account(
        init,
        payer = creator,
        seeds = [seeds::POOL, market.key().as_ref()],
        bump,
        token::mint = mint,
        token::authority = pool_authority,
        token::token_program = token_program
    )]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The account that prices are read from: `["price", market]`, created, if prices are posted; else the account of the
    /// feed, which need not exist yet.
    ///
    /// CHECK: by its address in the handler, because what it must be depends on the kind of the oracle.
    #[account(mut)]
    pub oracle: UncheckedAccount<'info>,
    /// The collateral.
    #[account(mint::token_program = token_program)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// The token program of the collateral.
    pub token_program: Interface<'info, TokenInterface>,
    /// Creates the accounts.
    pub system_program: Program<'info, System>,
}

/// What the handler passes to the engine besides the accounts.
pub struct NewMarket {
    pub id: u64,
    pub name: [u8; 16],
    pub rank_rule: u8,
    pub params: MarketParams,
    pub authority: Pubkey,
    pub oracle: OracleArgs,
}

pub fn create_market(ctx: Context<CreateMarket>, new: &NewMarket) -> Result<()> {
    let accounts = &*ctx.accounts;
    tokens::require_supported(&accounts.mint.to_account_info().try_borrow_data()?)?;
    let unknown_kind = EngineError::with(ErrorCode::BadParameter, 1, new.oracle.kind.into());
    let kind = OracleKind::from_byte(new.oracle.kind).ok_or(unknown_kind).or_fail()?;
    write_accounts(accounts, &ctx.bumps, new, kind)?;
    match kind {
        OracleKind::Posted => create_feed(accounts)?,
        OracleKind::Pyth => require_feed_account(accounts.oracle.key, &new.oracle)?,
    }
    emit(&MarketCreated { market: accounts.market.key(), creator: accounts.creator.key(), mint: accounts.mint.key() });
    Ok(())
}

#[inline(never)]
fn write_accounts(
    accounts: &CreateMarket,
    bumps: &CreateMarketBumps,
    new: &NewMarket,
    oracle_kind: OracleKind,
) -> Result<()> {
    let (feed, price_signer) = match oracle_kind {
        OracleKind::Posted => (Pubkey::default(), new.oracle.source),
        OracleKind::Pyth => (new.oracle.source, Pubkey::default()),
    };
    let unknown_rule = EngineError::with(ErrorCode::BadParameter, 1, new.rank_rule.into());
    let creation = Creation {
        id: new.id,
        name: new.name,
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
        decimals: accounts.mint.decimals,
        created_at: guards::now()?,
        bump: bumps.market,
        pool_bump: bumps.pool_authority,
    };
    creation.write(&mut body(&accounts.market)?, &mut body(&accounts.book)?).or_fail()
}

/// The account of a posted price.
#[inline(never)]
fn create_feed(accounts: &CreateMarket) -> Result<()> {
    let key = accounts.market.key();
    let (address, bump) = Pubkey::find_program_address(&[seeds::PRICE, key.as_ref()], &ID);
    let oracle = accounts.oracle.as_ref();
    require_keys_eq!(*oracle.key, address, ZerosumError::WrongOracle);
    let seeds: [&[u8]; 3] = [seeds::PRICE, key.as_ref(), &[bump]];
    space::create(&accounts.creator, oracle, FEED_SPACE, &seeds, &accounts.system_program)?;
    let posted = PostedPrice { feed: PriceFeed::new(key.to_bytes()) };
    let mut data = oracle.try_borrow_mut_data()?;
    data[..BODY].copy_from_slice(PostedPrice::DISCRIMINATOR);
    data[BODY..].copy_from_slice(bytemuck::bytes_of(&posted));
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
    require!(PUSH_ORACLES.iter().any(is_written_by), ZerosumError::WrongOracle);
    Ok(())
}
