//! The exchange as a Solana program: a thin skin over `zerosum-engine`.
//!
//! Each instruction checks its accounts, calls the engine once and writes what happened into the log. The rules of the
//! exchange are not here. [`entrypoint`] calls them, [`guards`] and [`tokens`] hold the checks, [`seeds`] the addresses, [`args`] and [`events`]
//! what goes in and out, [`error`] what can go wrong.

pub mod args;
pub mod calls;
pub mod entrypoint;
pub mod error;
pub mod events;
pub mod guards;
pub mod instructions;
pub mod output;
pub mod seeds;
pub mod space;
pub mod state;
pub mod tokens;

use anchor_lang::prelude::*;

use args::{After, MarketParams, OrderArgs, QueueLine, SeatView};
use instructions::*;

declare_id!("HcKx4hr6QhuFrnhjHEUXrT8zzU5fL3GmbUZaCgoA3Lc3");

#[program]
pub mod zerosum {
    use super::*;

    /// Creates a market with its book, pool and price feed. Anyone may.
    ///
    /// # Accounts
    /// 0. `[writable, signer]` creator: pays, and gets what nobody owns when the market ends
    /// 1. `[writable]` market: `["market", creator, id]`
    /// 2. `[writable]` book: `["book", market]`
    /// 3. `[]` pool authority: `["authority", market]`
    /// 4. `[writable]` pool: `["pool", market]`
    /// 5. `[writable]` oracle, a posted price: `["price", market]`
    /// 6. `[]` mint of the collateral
    /// 7. `[]` token program of the mint
    /// 8. `[]` system program
    ///
    /// # Arguments
    /// - `id`: any number the creator has not used
    /// - `rank_rule`: 0 profit, leverage and size; 1 profit and leverage; for good
    /// - `params`: within the hard-coded bounds
    /// - `authority`: holds the powers over the market; zeroes for nobody
    /// - `price_signer`: signs the posted price
    ///
    /// # Errors
    /// `UnsupportedMint`, `BadParameter`; the system program's where an account exists.
    pub fn create_market(
        ctx: Context<CreateMarket>,
        id: u64,
        rank_rule: u8,
        params: MarketParams,
        authority: Pubkey,
        price_signer: Pubkey,
    ) -> Result<()> {
        instructions::create_market(ctx, &NewMarket { id, rank_rule, params, authority, price_signer })
    }

    /// Makes room for more resting orders. Anyone may pay for it.
    ///
    /// # Accounts
    /// 0. `[writable, signer]` payer
    /// 1. `[]` market
    /// 2. `[writable]` book
    /// 3. `[]` system program
    ///
    /// # Errors
    /// `WrongAccount`, `BookAtFullSize`.
    pub fn grow_book(ctx: Context<GrowBook>) -> Result<()> {
        instructions::grow_book(ctx)
    }

    /// Opens a seat with a first deposit. Returns its index.
    ///
    /// # Accounts
    /// 0. `[signer]` owner: of the seat and of the tokens
    /// 1. `[writable, signer]` payer: of the seat's rent, which comes back when its space is given up
    /// 2. `[writable]` market
    /// 3. `[writable]` pool
    /// 4. `[writable]` from: the owner's tokens
    /// 5. `[]` mint
    /// 6. `[]` token program
    /// 7. `[]` system program
    ///
    /// # Arguments
    /// - `amount`: atoms, at least the minimum collateral
    ///
    /// # Errors
    /// `WrongAccount`, `MarketFull`, `BelowMinimumCollateral`, `PoolFull`; the token program's.
    pub fn open_seat(ctx: Context<OpenSeat>, amount: u64) -> Result<u32> {
        instructions::open_seat(ctx, amount)
    }

    /// Closes a seat without position, cancels its orders and pays out its cash. Its owner may always; anyone may where
    /// it is abandoned. On a free last seat it only gives up the space.
    ///
    /// # Accounts
    /// 0. `[signer]` caller
    /// 1. `[writable]` market
    /// 2. `[writable]` book
    /// 3. `[writable]` pool
    /// 4. `[]` pool authority
    /// 5. `[writable]` to: the owner's associated token account; the owner may name another of their own
    /// 6. `[writable]` rent payer: the one that the seat's record names
    /// 7. `[]` mint
    /// 8. `[]` token program
    ///
    /// # Arguments
    /// - `seat`: its index
    ///
    /// # Errors
    /// `WrongAccount`, `NoSuchSeat`, `VaultSeat`, `SeatNotEmpty`, `SeatNotAbandoned`, `WrongDestination`.
    pub fn close_seat(ctx: Context<CloseSeat>, seat: u32) -> Result<()> {
        instructions::close_seat(ctx, seat)
    }

    /// Names another key that may trade and deposit for a seat, never withdraw.
    ///
    /// # Accounts
    /// 0. `[signer]` owner
    /// 1. `[writable]` market
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `delegate`: the key; zeroes for nobody
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `OwnerOnly`.
    pub fn set_delegate(ctx: Context<SetDelegate>, seat: u32, delegate: Pubkey) -> Result<()> {
        instructions::set_delegate(ctx, seat, delegate)
    }

    /// Adds cash to a seat. Credits what arrives in the pool.
    ///
    /// # Accounts
    /// 0. `[signer]` trader: the seat's owner or delegate, who may move the tokens
    /// 1. `[writable]` market
    /// 2. `[writable]` pool
    /// 3. `[writable]` from: the tokens
    /// 4. `[]` mint
    /// 5. `[]` token program
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `amount`: atoms
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `WrongAccount`, `ZeroAmount`, `PoolFull`; the token program's.
    pub fn deposit(ctx: Context<Deposit>, seat: u32, amount: u64) -> Result<()> {
        instructions::deposit(ctx, seat, amount)
    }

    /// Takes cash out of a seat. One without position and orders needs no price for it.
    ///
    /// # Accounts
    /// 0. `[signer]` owner
    /// 1. `[writable]` market
    /// 2. `[]` book
    /// 3. `[]` oracle
    /// 4. `[writable]` pool
    /// 5. `[]` pool authority
    /// 6. `[writable]` to: any account of the mint
    /// 7. `[]` mint
    /// 8. `[]` token program
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `amount`: atoms; what stays is nothing or at least the minimum collateral
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `OwnerOnly`, `WrongAccount`, `WrongDestination`, `ZeroAmount`,
    /// `InsufficientCash`, `BelowMinimumCollateral`, `BelowInitialMargin`, `WouldCross`; those of the oracle.
    pub fn withdraw(ctx: Context<Withdraw>, seat: u32, amount: u64) -> Result<()> {
        instructions::withdraw(ctx, seat, amount)
    }

    /// Places an order: matches it at the makers' prices and rests what is left.
    ///
    /// # Accounts
    /// 0. `[signer]` trader: the seat's owner or delegate
    /// 1. `[writable]` market
    /// 2. `[writable]` book
    /// 3. `[]` oracle
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `order`: what is asked for
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `WrongAccount`; `PriceOutOfRange`, `LotsOutOfRange`,
    /// `BelowMinimumOrder`, `ReduceOnlyExceeds`, `OrderExpired`; `PostOnlyCrosses`, `NotFilled`, `BankruptSeat`,
    /// `TooManyOrders`, `BookFull`; `OpeningPaused`, `BelowInitialMargin`, `Insolvent`, `WorseMargin`, `WouldCross`;
    /// those of the oracle.
    pub fn place_order(ctx: Context<PlaceOrder>, seat: u32, order: OrderArgs) -> Result<()> {
        instructions::place_order(ctx, seat, order)
    }

    /// Cancels the newest order with a client id.
    ///
    /// # Accounts
    /// 0. `[signer]` trader: the seat's owner or delegate
    /// 1. `[writable]` market
    /// 2. `[writable]` book
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `client_id`: the trader's number for the order
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `WrongAccount`, `NoSuchOrder`, `OrderLocked`.
    pub fn cancel_order(ctx: Context<CancelOrder>, seat: u32, client_id: u64) -> Result<()> {
        instructions::cancel_order(ctx, seat, client_id)
    }

    /// Cancels all orders of a seat, except those that have just evicted others.
    ///
    /// # Accounts
    /// 0. `[signer]` trader: the seat's owner or delegate
    /// 1. `[writable]` market
    /// 2. `[writable]` book
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `side`: 0 bids, 1 asks; both where there is none
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `WrongAccount`, `BadParameter`.
    pub fn cancel_all(ctx: Context<CancelAll>, seat: u32, side: Option<u8>) -> Result<()> {
        instructions::cancel_all(ctx, seat, side)
    }

    /// Publishes the price of a market that goes by a posted one.
    ///
    /// # Accounts
    /// 0. `[signer]` signer: the key that the market names
    /// 1. `[]` market
    /// 2. `[writable]` oracle
    ///
    /// # Arguments
    /// - `price`: atoms per lot
    /// - `published`: when it was seen, in unix seconds; later than the last
    ///
    /// # Errors
    /// `NotAuthority`, `WrongOracle`, `BadPrice`, `FuturePrice`, `OldPrice`.
    pub fn post_price(ctx: Context<PostPrice>, price: i64, published: i64) -> Result<()> {
        instructions::post_price(ctx, price, published)
    }

    /// Liquidates seats below maintenance: cancels their orders, closes what it takes in the book, then with the vault.
    /// Anyone may.
    ///
    /// # Accounts
    /// 0. `[writable]` market
    /// 1. `[writable]` book
    /// 2. `[]` oracle
    ///
    /// # Arguments
    /// - `most`: how many seats
    /// - `payee`: the seat that earns the caller's share
    ///
    /// # Errors
    /// `WrongAccount`, `TooManyRequested`, `NoSuchSeat`, `VaultSeat`; those of the oracle.
    pub fn liquidate(ctx: Context<Crank>, most: u8, payee: Option<u32>) -> Result<()> {
        instructions::liquidate(ctx, most, payee)
    }

    /// Closes bankrupt seats: in the book, then with the vault, then by force against the first of the opposite queue.
    /// Anyone may.
    ///
    /// # Accounts
    /// 0. `[writable]` market
    /// 1. `[writable]` book
    /// 2. `[]` oracle
    ///
    /// # Arguments
    /// - `most`: how many forced fills
    /// - `payee`: the seat that is paid for each
    ///
    /// # Errors
    /// As `liquidate`.
    pub fn deleverage(ctx: Context<Crank>, most: u8, payee: Option<u32>) -> Result<()> {
        instructions::deleverage(ctx, most, payee)
    }

    /// Offers the vault's inventory in the book, behind the oracle price. Anyone may.
    ///
    /// # Accounts
    /// 0. `[writable]` market
    /// 1. `[writable]` book
    /// 2. `[]` oracle
    ///
    /// # Errors
    /// `WrongAccount`, `BookFull`; those of the oracle.
    pub fn unwind_vault(ctx: Context<Crank>) -> Result<()> {
        instructions::unwind_vault(ctx)
    }

    /// Books tokens that strangers sent to the pool as fees of the market. Anyone may.
    ///
    /// # Accounts
    /// 0. `[writable]` market
    /// 1. `[]` pool
    ///
    /// # Errors
    /// `WrongAccount`, `ZeroAmount`, `PoolFull`.
    pub fn sweep_excess(ctx: Context<SweepExcess>) -> Result<()> {
        instructions::sweep_excess(ctx)
    }

    /// Asks for shares of the vault for cash, executed after the cooldown at a price nobody knows yet.
    ///
    /// # Accounts
    /// 0. `[signer]` owner: of the tokens and of the shares
    /// 1. `[writable, signer]` payer: of the ticket's rent
    /// 2. `[writable]` market
    /// 3. `[writable]` ticket: `["ticket", market, owner]`, created where it does not exist
    /// 4. `[writable]` pool
    /// 5. `[writable]` from: the owner's tokens
    /// 6. `[]` mint
    /// 7. `[]` token program
    /// 8. `[]` system program
    ///
    /// # Arguments
    /// - `amount`: atoms
    ///
    /// # Errors
    /// `WrongAccount`, `RequestPending`, `ZeroAmount`, `PoolFull`; the token program's.
    pub fn request_mint(ctx: Context<RequestMint>, amount: u64) -> Result<()> {
        instructions::request_mint(ctx, amount)
    }

    /// Asks for the cash of shares.
    ///
    /// # Accounts
    /// 0. `[signer]` owner
    /// 1. `[writable]` market
    /// 2. `[writable]` ticket
    ///
    /// # Arguments
    /// - `shares`: how many
    ///
    /// # Errors
    /// `WrongAccount`, `RequestPending`, `ZeroAmount`, `InsufficientShares`.
    pub fn request_redeem(ctx: Context<RequestRedeem>, shares: u64) -> Result<()> {
        instructions::request_redeem(ctx, shares)
    }

    /// Executes a request that has matured, or undoes one that has lapsed. Anyone may.
    ///
    /// # Accounts
    /// 0. `[writable]` market
    /// 1. `[writable]` book
    /// 2. `[]` oracle
    /// 3. `[writable]` ticket
    /// 4. `[writable]` pool
    /// 5. `[]` pool authority
    /// 6. `[writable]` to: the associated token account of the ticket's owner
    /// 7. `[]` mint
    /// 8. `[]` token program
    ///
    /// # Errors
    /// `WrongAccount`, `WrongDestination`, `NoRequest`, `RequestNotMature`, `VaultBusy`, `VaultUnderwater`,
    /// `VaultBelowMargin`, `ZeroSharesMinted`; those of the oracle.
    pub fn execute_request(ctx: Context<ExecuteRequest>) -> Result<()> {
        instructions::execute_request(ctx)
    }

    /// Returns a page of the deleveraging queue of a side, the first to be deleveraged first.
    ///
    /// # Accounts
    /// 0. `[]` market
    ///
    /// # Arguments
    /// - `side`: 0 longs, 1 shorts
    /// - `after`: the last line of the page before
    ///
    /// # Errors
    /// `BadParameter`, `NoPrice`.
    pub fn view_queue(ctx: Context<Ask>, side: u8, after: Option<After>) -> Result<Vec<QueueLine>> {
        instructions::view_queue(ctx, side, after)
    }

    /// Returns a page of the liquidation queue of a side, in the order of its heap: the first to fall is first, the
    /// others are only behind their parents.
    ///
    /// # Accounts
    /// 0. `[]` market
    ///
    /// # Arguments
    /// - `side`: 0 longs, 1 shorts
    /// - `slot`: the heap slot to begin at
    ///
    /// # Errors
    /// `BadParameter`.
    pub fn view_falling(ctx: Context<Ask>, side: u8, slot: u32) -> Result<Vec<QueueLine>> {
        instructions::view_falling(ctx, side, slot)
    }

    /// Returns what a seat is worth, when it falls, and where it stands in the queue.
    ///
    /// # Accounts
    /// 0. `[]` market
    ///
    /// # Arguments
    /// - `seat`: its index
    ///
    /// # Errors
    /// `NoSuchSeat`, `NoPrice`.
    pub fn view_seat(ctx: Context<Ask>, seat: u32) -> Result<SeatView> {
        instructions::view_seat(ctx, seat)
    }
}
