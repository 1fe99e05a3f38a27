//! The exchange as a Solana program: a thin skin over `zerosum-engine`.
//!
//! An instruction declares its accounts and what each of them must be, calls the engine once and writes what happened into
//! the log. The rules of the exchange are not here. [`instructions`] has a file for each, [`state`] the accounts of the
//! program, [`guards`] and [`tokens`] what lies between accounts and engine, [`seeds`] the addresses, [`args`] and
//! [`events`] what goes in and out, [`error`] what can go wrong.
//!
//! What an instruction's accounts are is said on the fields of the struct in its `Context`.

pub mod args;
pub mod error;
pub mod events;
pub mod guards;
pub mod instructions;
pub mod log;
pub mod seeds;
pub mod space;
pub mod state;
pub mod tokens;

use anchor_lang::prelude::*;

use args::{After, MarketParams, OracleArgs, OrderArgs, QueueLine, SeatView};
use instructions::*;

declare_id!("HcKx4hr6QhuFrnhjHEUXrT8zzU5fL3GmbUZaCgoA3Lc3");

// Whoever deploys the program says in the workspace's Cargo.toml who they are: see SECURITY.md.
#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "zerosum",
    project_url: env!("CARGO_PKG_REPOSITORY"),
    contacts: env!("CARGO_PKG_AUTHORS"),
    policy: env!("CARGO_PKG_HOMEPAGE"),
    auditors: "None"
}

#[program]
pub mod zerosum {
    use super::*;

    /// Places an order: matches it at the makers' prices, within the band, and rests what is left.
    ///
    /// While a seat is bankrupt or a jump is pending nothing matches: an order may rest that does not cross, if a seat is
    /// bankrupt only of the side that takes from the losers. Others fail.
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `order`: what is asked for
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `WrongAccount`; `PriceOutOfRange`, `LotsOutOfRange`,
    /// `BelowMinimumOrder`, `ReduceOnlyExceeds`, `OrderExpired`, `OutsideBand`; `PostOnlyCrosses`, `NotFilled`,
    /// `BankruptSeat`, `TooManyOrders`, `BookFull`; `OpeningPaused`, `BelowInitialMargin`, `Insolvent`, `WorseMargin`,
    /// `WouldCross`; those of the oracle.
    pub fn place_order(ctx: Context<PlaceOrder>, seat: u32, order: OrderArgs) -> Result<()> {
        instructions::place_order(ctx, seat, order)
    }

    /// Cancels the newest order with a client id.
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

    /// Cancels all orders of a seat, except those that evicted others and are still locked.
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

    /// Liquidates seats below maintenance: cancels their orders and sells what it takes to whoever pays most, the book or the
    /// vault. The vault takes only what was below maintenance at the older price too. Anyone may.
    ///
    /// A call fills or cancels 64 resting orders at most, and then ends with what it has done.
    ///
    /// # Arguments
    /// - `most`: how many seats
    /// - `payee`: the seat that earns the caller's share
    ///
    /// # Errors
    /// `WrongAccount`, `TooManyRequested`, `NoSuchSeat`, `VaultSeat`, `PayeeNotIdle`, `MarketSettled`; those of the oracle.
    pub fn liquidate(ctx: Context<Crank>, most: u8, payee: Option<u32>) -> Result<()> {
        instructions::liquidate(ctx, most, payee)
    }

    /// Closes bankrupt seats: sells them to the book and the vault by price, then by force to the first of the opposite queue.
    /// Force waits while the vault would take a part at the next price. Anyone may.
    ///
    /// # Arguments
    /// - `most`: how many forced fills
    /// - `payee`: the seat that is paid for each
    ///
    /// # Errors
    /// As `liquidate`, but for a settled market, in which there is force alone.
    pub fn deleverage(ctx: Context<Crank>, most: u8, payee: Option<u32>) -> Result<()> {
        instructions::deleverage(ctx, most, payee)
    }

    /// Adds cash to a seat. Credits what arrives in the pool.
    ///
    /// # Arguments
    /// - `seat`: its index
    /// - `amount`: atoms
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `WrongAccount`, `ZeroAmount`, `PoolFull`, `MarketSettled`; the token
    /// program's.
    pub fn deposit(ctx: Context<Deposit>, seat: u32, amount: u64) -> Result<()> {
        instructions::deposit(ctx, seat, amount)
    }

    /// Takes cash out of a seat. One without position and orders needs no price for it; one with a position keeps its initial
    /// margin and a jump of its notional.
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

    /// Publishes the price of a market that goes by a posted one.
    ///
    /// # Arguments
    /// - `price`: atoms per lot
    /// - `published`: when it was seen, in unix seconds; later than the last, at most two seconds ahead of the clock
    ///
    /// # Errors
    /// `NotAuthority`, `WrongOracle`, `BadPrice`, `FuturePrice`, `OldPrice`.
    pub fn post_price(ctx: Context<PostPrice>, price: i64, published: i64) -> Result<()> {
        instructions::post_price(ctx, price, published)
    }

    /// Brings funding up to now. Every instruction that needs it does so by itself. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongOracle`.
    pub fn accrue_funding(ctx: Context<Crank>) -> Result<()> {
        instructions::accrue_funding(ctx)
    }

    /// Offers an eighth of the vault's inventory in the book, behind the oracle price. The offer is met only at a price
    /// published after it was placed. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `BookFull`; those of the oracle.
    pub fn unwind_vault(ctx: Context<Crank>) -> Result<()> {
        instructions::unwind_vault(ctx)
    }

    /// Returns what a seat is worth, when it falls, and where it stands in the queue.
    ///
    /// # Arguments
    /// - `seat`: its index
    ///
    /// # Errors
    /// `NoSuchSeat`, `NoPrice`.
    pub fn view_seat(ctx: Context<Ask>, seat: u32) -> Result<SeatView> {
        instructions::view_seat(ctx, seat)
    }

    /// Returns a page of the deleveraging queue of a side, the first to be deleveraged first.
    ///
    /// # Arguments
    /// - `side`: 0 longs, 1 shorts
    /// - `after`: the last line of the page before
    ///
    /// # Errors
    /// `BadParameter`, `NoPrice`.
    pub fn view_adl_queue(ctx: Context<Ask>, side: u8, after: Option<After>) -> Result<Vec<QueueLine>> {
        instructions::view_adl_queue(ctx, side, after)
    }

    /// Returns a page of the liquidation queue of a side, in the order of its heap: the first to fall is first, the
    /// others are only behind their parents.
    ///
    /// # Arguments
    /// - `side`: 0 longs, 1 shorts
    /// - `slot`: the heap slot to begin at
    ///
    /// # Errors
    /// `BadParameter`.
    pub fn view_liquidation_queue(ctx: Context<Ask>, side: u8, slot: u32) -> Result<Vec<QueueLine>> {
        instructions::view_liquidation_queue(ctx, side, slot)
    }

    /// Asks for shares of the vault for cash, executed after the cooldown at a price nobody knows yet, and at no better terms
    /// than those of now.
    ///
    /// # Arguments
    /// - `amount`: atoms
    ///
    /// # Errors
    /// `WrongAccount`, `RequestPending`, `ZeroAmount`, `PoolFull`, `MarketSettled`; those of the oracle; the token program's.
    pub fn request_mint(ctx: Context<RequestMint>, amount: u64) -> Result<()> {
        instructions::request_mint(ctx, amount)
    }

    /// Asks for the cash of shares, which is no more than they are worth now.
    ///
    /// # Arguments
    /// - `shares`: how many
    ///
    /// # Errors
    /// `WrongAccount`, `RequestPending`, `ZeroAmount`, `InsufficientShares`, `VaultUnderwater`, `MarketSettled`; those of the
    /// oracle.
    pub fn request_redeem(ctx: Context<RequestRedeem>, shares: u64) -> Result<()> {
        instructions::request_redeem(ctx, shares)
    }

    /// Executes a request that has matured, at the worse of what the vault was worth when it was made and now; or undoes one
    /// that was left for an hour after that. Anyone may, and names the seat that is paid a hundredth of a per cent for it.
    ///
    /// # Arguments
    /// - `payee`: the seat that is paid
    ///
    /// # Errors
    /// `WrongAccount`, `WrongDestination`, `NoRequest`, `RequestNotMature`, `VaultBusy`, `VaultUnderwater`,
    /// `VaultBelowMargin`, `ZeroSharesMinted`, `NoSuchSeat`, `VaultSeat`, `PayeeNotIdle`; `BankruptSeat` in a settled market;
    /// those of the oracle.
    pub fn execute_request(ctx: Context<ExecuteRequest>, payee: Option<u32>) -> Result<()> {
        instructions::execute_request(ctx, payee)
    }

    /// Creates a market with its book and pool, and its price feed where prices are posted. Anyone may.
    ///
    /// The market reads its price from `oracle` and from no other account, for good. Where prices come from Pyth that is the
    /// account into which one of the two push oracles writes the feed, `[shard, feed]`. It need not exist yet: its address is
    /// what is pinned, nobody else can make an account there, and what it holds is checked at every reading.
    ///
    /// # Arguments
    /// - `id`: any number the creator has not used
    /// - `name`: for display; printable ASCII, zeroes behind it
    /// - `rank_rule`: 0 profit, leverage and size; 1 profit and leverage; for good
    /// - `params`: within the hard-coded bounds
    /// - `authority`: holds the powers over the market; zeroes for nobody
    /// - `oracle`: where prices come from, for good
    ///
    /// # Errors
    /// `UnsupportedMint`, `BadParameter`, `WrongOracle`; the system program's where an account exists.
    pub fn create_market(
        ctx: Context<CreateMarket>,
        id: u64,
        name: [u8; 16],
        rank_rule: u8,
        params: MarketParams,
        authority: Pubkey,
        oracle: OracleArgs,
    ) -> Result<()> {
        instructions::create_market(ctx, &NewMarket { id, name, rank_rule, params, authority, oracle })
    }

    /// Makes room for more resting orders. Anyone may pay for it.
    ///
    /// # Errors
    /// `WrongAccount`, `BookAtFullSize`.
    pub fn grow_book(ctx: Context<GrowBook>) -> Result<()> {
        instructions::grow_book(ctx)
    }

    /// Opens a seat with a first deposit. Returns its index.
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
    /// it has no orders and holds less than the minimum collateral, or in a nearly full market has had neither a position nor
    /// a fill for a day.
    /// On a free last seat it only gives up the space.
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
    /// # Arguments
    /// - `seat`: its index
    /// - `delegate`: the key; zeroes for nobody
    ///
    /// # Errors
    /// `NoSuchSeat`, `VaultSeat`, `NotSeatOwner`, `OwnerOnly`.
    pub fn set_delegate(ctx: Context<SetDelegate>, seat: u32, delegate: Pubkey) -> Result<()> {
        instructions::set_delegate(ctx, seat, delegate)
    }

    /// Books tokens that strangers sent to the pool as fees of the market. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `ZeroAmount`, `PoolFull`.
    pub fn sweep_excess(ctx: Context<SweepExcess>) -> Result<()> {
        instructions::sweep_excess(ctx)
    }

    /// Moves what positions have paid in funding into their cash and counts funding from 0 again, which changes nothing that
    /// anyone can see. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongOracle`, `FundingAtRest`, `MarketSettled`.
    pub fn rebase(ctx: Context<Crank>) -> Result<()> {
        instructions::rebase(ctx)
    }

    /// Gives up a ticket that holds nothing, for the rent. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongDestination`, `AccountNotEmpty`.
    pub fn close_ticket<'info>(ctx: Context<'info, CloseTicket<'info>>) -> Result<()> {
        instructions::close_ticket(ctx)
    }

    /// Pauses opening and increasing positions, or lets it go on. Nothing else can be paused.
    ///
    /// # Arguments
    /// - `paused`: whether
    ///
    /// # Errors
    /// `NotAuthority`.
    pub fn pause_opening(ctx: Context<Power>, paused: bool) -> Result<()> {
        instructions::pause_opening(ctx, paused)
    }

    /// Changes the parameters: at once where that only lowers fees, else after the time lock, readable until then. Replaces
    /// a change that waits.
    ///
    /// # Arguments
    /// - `params`: all of them, within the hard-coded bounds
    ///
    /// # Errors
    /// `NotAuthority`, `WrongAccount`, `BadParameter`, `MarketSettled`.
    pub fn change_params(ctx: Context<ChangeParams>, params: MarketParams) -> Result<()> {
        instructions::change_params(ctx, &params)
    }

    /// Applies a change of parameters whose time lock is over, within a week. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `NothingPending`, `TooEarly`, `ChangeLapsed`, `BadParameter`, `MarketSettled`.
    pub fn apply_params(ctx: Context<ApplyParams>) -> Result<()> {
        instructions::apply_params(ctx)
    }

    /// Takes back a change of parameters that waits.
    ///
    /// # Errors
    /// `NotAuthority`, `WrongAccount`, `NothingPending`.
    pub fn drop_params(ctx: Context<ChangeParams>) -> Result<()> {
        instructions::drop_params(ctx)
    }

    /// Pays the authority's part of the fee cash out: what exceeds the pay of a round of forced fills; of a settled market
    /// all of it.
    ///
    /// # Arguments
    /// - `amount`: atoms
    ///
    /// # Errors
    /// `NotAuthority`, `WrongAccount`, `WrongDestination`, `ZeroAmount`, `FeesReserved`, `BankruptSeat`.
    pub fn take_fees(ctx: Context<TakeFees>, amount: u64) -> Result<()> {
        instructions::take_fees(ctx, amount)
    }

    /// Offers the powers over the market to another key, which has to accept.
    ///
    /// # Arguments
    /// - `to`: the key; zeroes take an offer back
    ///
    /// # Errors
    /// `NotAuthority`.
    pub fn propose_authority(ctx: Context<Power>, to: Pubkey) -> Result<()> {
        instructions::propose_authority(ctx, to)
    }

    /// Takes the powers over that were offered.
    ///
    /// # Errors
    /// `NothingPending`, `NotAuthority`.
    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        instructions::accept_authority(ctx)
    }

    /// Gives the powers up for good, with all that waits on them.
    ///
    /// # Errors
    /// `NotAuthority`, `WrongAccount`.
    pub fn burn_authority(ctx: Context<ChangeParams>) -> Result<()> {
        instructions::burn_authority(ctx)
    }

    /// Sets from when on nothing matches any more and the market may be settled, a week ahead at least.
    ///
    /// # Arguments
    /// - `at`: the date, in unix seconds; 0 takes it back before it has come
    ///
    /// # Errors
    /// `NotAuthority`, `TooEarly`, `NothingPending`, `MarketDelisted`, `MarketSettled`.
    pub fn delist(ctx: Context<Power>, at: i64) -> Result<()> {
        instructions::delist(ctx, at)
    }

    /// Announces that the oracle has been silent for longer than the market allows. A newer print within the grace after that
    /// takes it back. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongOracle`, `NoPrice`, `OracleAlive`, `MarketSettled`.
    pub fn announce_dead(ctx: Context<Crank>) -> Result<()> {
        instructions::announce_dead(ctx)
    }

    /// Settles a market for good: at the last accepted price once its oracle was announced dead and the grace after that is
    /// over, or at a live one published after its delisting. Anyone may.
    ///
    /// What the oracle account says is heard first: a newer print in it proves the oracle alive.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongOracle`, `NothingPending`, `TooEarly`, `MarketSettled`; those of the oracle, unless it was
    /// announced dead.
    pub fn settle(ctx: Context<Crank>) -> Result<()> {
        instructions::settle(ctx)
    }

    /// Gives up the accounts of a settled market that everybody has left; the rent goes to its creator, what nobody owns to
    /// who redeemed the last share of the vault, else to the creator. Anyone may.
    ///
    /// # Errors
    /// `WrongAccount`, `WrongOracle`, `WrongDestination`, `NotSettled`, `MarketNotEmpty`.
    pub fn close_market(ctx: Context<CloseMarket>) -> Result<()> {
        instructions::close_market(ctx)
    }
}
