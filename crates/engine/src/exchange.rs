//! Everything that anyone can do with an exchange, in one place: what the program, a simulation or a test calls.
//!
//! Each function here runs one operation of [`crate::ops`] in a session: funding accrues before it, and what must always hold
//! is checked after it.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, VAULT};
use crate::ops::crank::CrankReport;
use crate::ops::orders::{OrderRequest, Placed};
use crate::ops::seats::Closed;
use crate::ops::settlement::Rest;
use crate::ops::vault_shares::Executed;
use crate::ops::{
    admin, backstop, deleverage, funding, liquidate, orders, prices, seats, session, settlement, vault_shares,
};
use crate::oracle::PriceAccount;
use crate::rules::fees::takeable_fees;
use crate::rules::margin::is_unmaintained;
use crate::state::book::Order;
use crate::state::market::Market;
use crate::state::params::Params;
use crate::state::price::Print;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Lots, Side};

pub use crate::state::exchange::Exchange;

impl Exchange<'_> {
    /// Takes what the market's oracle account says into account: accrues funding at the price that stood until now, then
    /// looks at the print. One that is not newer or cannot be used changes nothing, and is no failure: see
    /// [`Market::require_live`].
    ///
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for an account at another address. Of a settled market no account is read.
    pub fn read_oracle(&mut self, account: &PriceAccount, now: i64) -> Result<()> {
        if self.market.head.is_settled() {
            return Ok(());
        }
        session::run(self, now, |exchange| prices::read_oracle(exchange, account, now))
    }

    /// [`Self::read_oracle`] for a print that is known already: what a simulation does.
    pub fn observe(&mut self, print: Print, now: i64) {
        let accrued = funding::accrue(self, now);
        if prices::observe(&mut self.market, Ok(print), now) || accrued {
            session::raise_revision(self);
        }
    }

    /// Brings cumulative funding up to `now`. A clock that stands or goes back moves nothing.
    pub fn accrue(&mut self, now: i64) {
        if funding::accrue(self, now) {
            session::raise_revision(self);
        }
    }

    /// Moves every seat's cash by what its position has paid in funding, and begins to count funding from 0 again. Nothing
    /// that anyone can see changes: no equity, no profit, no order of any queue.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], and [`ErrorCode::FundingAtRest`] where there is nothing to move.
    pub fn rebase(&mut self, now: i64) -> Result<()> {
        session::run(self, now, |exchange| funding::rebase(&mut exchange.market))
    }

    /// Credits a deposit that is already in the pool. Made while holding a position it counts as young for the ranking,
    /// together with earlier ones that still are.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn deposit(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        session::run(self, now, |exchange| seats::deposit(&mut exchange.market, index, amount, now))
    }

    /// Takes cash out of a seat; the caller then pays it from the pool. Without position and orders always; otherwise
    /// equity must cover the initial margin and a jump of the position at a live price, until the market is settled; then the seat is closed instead.
    /// Leaves nothing or at least the minimum collateral.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::ZeroAmount`], [`ErrorCode::InsufficientCash`],
    /// [`ErrorCode::BelowMinimumCollateral`], [`ErrorCode::BelowInitialMargin`], [`ErrorCode::WouldCross`],
    /// [`ErrorCode::MarketSettled`], and those of a price that cannot be acted on.
    pub fn withdraw(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        session::run(self, now, |exchange| seats::withdraw(&mut exchange.market, index, amount, now))
    }

    /// Closes a seat without position. Its owner may always (`by_owner`); anyone may where it is below the minimum
    /// collateral, or where it has had neither position nor fill for a day in a market more than seven eighths full. Of a settled market anyone may
    /// close any seat: orders are dropped, and a position closes at the settlement price.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::VaultSeat`], [`ErrorCode::SeatNotEmpty`], [`ErrorCode::SeatNotAbandoned`];
    /// [`ErrorCode::BankruptSeat`] for a position in a settled market.
    pub fn close_seat(&mut self, index: u32, by_owner: bool, now: i64) -> Result<Closed> {
        session::run(self, now, |exchange| {
            require(index != VAULT, ErrorCode::VaultSeat, 1, 0)?;
            exchange.market.seat(index)?;
            if exchange.market.head.is_settled() {
                settlement::close_position(exchange, index, now)?;
            } else {
                seats::empty(exchange, index, by_owner, now)?;
            }
            seats::give_up(&mut exchange.market, index)
        })
    }

    /// Places an order of a seat whose trader has been checked: matches it, rests what is left, and judges the outcome.
    ///
    /// Price-time priority at the makers' prices, all of them within the band. While nothing matches (a bankrupt seat, a
    /// pending price) an order that does not cross may rest, of the side only that takes from the losers if there are any.
    /// The others fail.
    ///
    /// # Errors
    /// Any of the checks of the request, of the price's freshness, and of the margin that is left.
    pub fn place_order(&mut self, seat: u32, request: &OrderRequest, now: i64) -> Result<Placed> {
        session::run(self, now, |exchange| orders::place(exchange, seat, request, now))
    }

    /// Cancels a seat's newest order with this client id; returns what was left of it.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchOrder`], [`ErrorCode::OrderLocked`].
    pub fn cancel_order(&mut self, seat: u32, client_id: u64, now: i64) -> Result<Order> {
        session::run(self, now, |exchange| orders::cancel(exchange, seat, client_id, now))
    }

    /// Cancels a seat's orders, of one side or both, all but those that evicted others and are still locked; returns how
    /// many.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`].
    pub fn cancel_all(&mut self, seat: u32, side: Option<Side>, now: i64) -> Result<usize> {
        session::run(self, now, |exchange| orders::cancel_all(exchange, seat, side, now))
    }

    /// Closes what it takes of up to `max_seats` seats below maintenance, for the caller's share to the seat `payee`.
    ///
    /// Seats that nobody takes do not count. While any seat is bankrupt only the first of the bankrupt is acted on, looked
    /// up anew after every fill, as in [`Exchange::deleverage`]. With nothing to do it does nothing, successfully.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::TooManyRequested`], [`ErrorCode::NoSuchSeat`] for the payee, and those
    /// of a price that cannot be acted on.
    pub fn liquidate(&mut self, max_seats: u32, payee: Option<u32>, now: i64) -> Result<CrankReport> {
        session::run(self, now, |exchange| liquidate::liquidate(exchange, max_seats, payee, now))
    }

    /// Takes bankrupt seats through the whole waterfall, from the head of the queue, with up to `max_fills` forced fills; pays
    /// the seat `payee` for each from the fee cash. With nobody bankrupt it does nothing, successfully.
    ///
    /// After every fill, whoever it was with, the head of the queue is looked up anew, and the winner that was partly deleveraged
    /// stays first until it is empty, turns round or the accepted price changes. So each fill is decided by the state alone,
    /// and however the work is cut into calls, the same seats are reduced by the same lots.
    ///
    /// In a settled market there is force alone, at the settlement price, and it needs no live one.
    ///
    /// # Errors
    /// As [`Exchange::liquidate`], but for a settled market.
    pub fn deleverage(&mut self, max_fills: u32, payee: Option<u32>, now: i64) -> Result<CrankReport> {
        session::run(self, now, |exchange| deleverage::deleverage(exchange, max_fills, payee, now))
    }

    /// Rests an eighth of the vault's inventory, at least the smallest order, as a reduce-only order behind the oracle price
    /// by its spread. It is met only once a price published after this is accepted: nobody has the vault offer and takes
    /// the offer at one price. Until then it stays, unless it is dead; after that it is replaced where the oracle price has
    /// moved away from it by more than half the spread. Returns the lots offered.
    ///
    /// An offer outside the range of prices does not rest.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`](crate::error::ErrorCode::MarketSettled), those of a price that cannot be acted on,
    /// [`ErrorCode::BookFull`](crate::error::ErrorCode::BookFull).
    pub fn unwind_vault(&mut self, now: i64) -> Result<Lots> {
        session::run(self, now, |exchange| backstop::unwind(exchange, now))
    }

    /// Asks for shares for cash that is already in the pool. The vault is not touched before the request is executed.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`], and
    /// those of a price that cannot be acted on.
    pub fn request_mint(&mut self, ticket: &mut Ticket, amount: Atoms, now: i64) -> Result<()> {
        session::run(self, now, |exchange| vault_shares::request_mint(&mut exchange.market, ticket, amount, now))
    }

    /// Asks for the cash of shares.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::InsufficientShares`],
    /// [`ErrorCode::VaultUnderwater`], [`ErrorCode::MarketSettled`], and those of a price that cannot be acted on.
    pub fn request_redeem(&mut self, ticket: &mut Ticket, shares: u64, now: i64) -> Result<()> {
        session::run(self, now, |exchange| vault_shares::request_redeem(&mut exchange.market, ticket, shares, now))
    }

    /// Executes a ticket's request, once it has cooled down and a price was published after that; a request [`LAPSE`](crate::state::ticket::LAPSE) past
    /// that is undone instead. Anyone may call it, and [`EXECUTION_PAY`](crate::rules::fees::EXECUTION_PAY) of the amount goes to the seat `payee`, if one is
    /// named, where something is minted or redeemed. Once the market has been settled it needs no request and pays out all
    /// that the ticket holds, a mint that waited included, without pay.
    ///
    /// # Errors
    /// [`ErrorCode::BankruptSeat`] in a settled market, [`ErrorCode::NoRequest`], [`ErrorCode::RequestNotMature`],
    /// [`ErrorCode::VaultBusy`], [`ErrorCode::VaultUnderwater`], [`ErrorCode::VaultBelowMargin`],
    /// [`ErrorCode::PayeeNotIdle`], and those of a price that cannot be acted on.
    pub fn execute_request(&mut self, ticket: &mut Ticket, payee: Option<u32>, now: i64) -> Result<Executed> {
        session::run(self, now, |exchange| {
            if exchange.market.head.is_settled() {
                return settlement::redeem_ticket(exchange, ticket, now).map(Executed::Redeemed);
            }
            vault_shares::execute(&mut exchange.market, ticket, payee, now)
        })
    }

    /// Changes the parameters; returns whether at once. A change that may not apply at once waits [`TIME_LOCK`](crate::ops::admin::TIME_LOCK) in the
    /// header. Either way it takes the place of a pending one: what applies at once cannot be undone by what waited.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::BadParameter`].
    pub fn change_params(&mut self, new: &Params, now: i64) -> Result<bool> {
        session::run(self, now, |exchange| admin::change_params(&mut exchange.market, new, now))
    }

    /// Applies the pending parameters once their time lock is over, and for [`PARAMS_LAPSE`](crate::state::header::PARAMS_LAPSE) from then on, for anyone to
    /// call.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::NothingPending`], [`ErrorCode::TooEarly`] with the time from when on,
    /// [`ErrorCode::ChangeLapsed`] with the time until when, [`ErrorCode::BadParameter`].
    pub fn apply_params(&mut self, now: i64) -> Result<()> {
        session::run(self, now, |exchange| admin::apply_params(&mut exchange.market, now))
    }

    /// Settles the market for good, for anyone to call: at the last accepted price where the oracle was announced dead
    /// and has been silent for `oracle_grace` since, or at a live price published after the delisting date.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`]; [`ErrorCode::NothingPending`] where the market neither is delisted nor has a dead
    /// oracle; [`ErrorCode::TooEarly`] with the time from when on, or after which the price must have been published;
    /// and those of a price that cannot be acted on.
    pub fn settle(&mut self, now: i64) -> Result<()> {
        session::run(self, now, |exchange| settlement::settle(&mut exchange.market, now))
    }

    /// Takes what is left out of a settled market that everybody has left; its accounts can then be given up. Anyone may
    /// call it once all seats but the vault's are closed and trimmed, all shares redeemed and all mints refunded, and the
    /// authority, if there is one, has taken its fees.
    ///
    /// # Errors
    /// [`ErrorCode::NotSettled`]; [`ErrorCode::MarketNotEmpty`] with what may be left and what is.
    pub fn close_market(&mut self) -> Result<Rest> {
        // Price and funding are frozen: no time matters.
        session::run(self, 0, |exchange| settlement::close_market(exchange, 0))
    }
}

impl Market<'_> {
    /// Opens a seat with a first deposit that is already in the pool; returns its index.
    ///
    /// # Errors
    /// [`ErrorCode::MarketFull`], [`ErrorCode::AccountTooSmall`], [`ErrorCode::BelowMinimumCollateral`],
    /// [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn open_seat(&mut self, owner: Key, rent_payer: Key, deposit: Atoms, now: i64) -> Result<u32> {
        session::run_alone(self, |market| seats::open(market, owner, rent_payer, deposit, now))
    }

    /// Sets who else may trade and deposit; all zeroes for nobody.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`].
    pub fn set_delegate(&mut self, index: u32, delegate: Key) -> Result<()> {
        session::run_alone(self, |market| seats::set_delegate(market, index, delegate))
    }

    /// Gives up the last record where it is free; returns to whom its rent goes.
    ///
    /// # Errors
    /// [`ErrorCode::SeatNotEmpty`] where the last record is in use.
    pub fn trim(&mut self) -> Result<Key> {
        session::run_alone(self, |market| seats::trim(market))
    }

    /// Announces that the oracle is dead, for anyone to call: no print has been seen for the `oracle_silence` that was in
    /// force at the last one; or none was accepted for [`UNACCEPTED_LIMIT`](crate::state::header::UNACCEPTED_LIMIT). Announcing again changes nothing. What the oracle says
    /// now must have been taken into account.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::NoPrice`], [`ErrorCode::OracleAlive`] with the time before which the
    /// last print must have been published and the time it was.
    pub fn announce_dead(&mut self, now: i64) -> Result<()> {
        session::run_alone(self, |market| settlement::announce_dead(market, now))
    }

    /// Sets from when on nothing matches any more and the market may be settled, at least [`DELIST_NOTICE`](crate::ops::settlement::DELIST_NOTICE) ahead; 0 takes
    /// the date back, and another one replaces it, as long as it has not come. For the authority.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`]; [`ErrorCode::MarketDelisted`] once the date has come; [`ErrorCode::NothingPending`]
    /// where there is no date to take back; [`ErrorCode::TooEarly`] with the earliest date and the one asked for.
    pub fn delist(&mut self, at: i64, now: i64) -> Result<()> {
        session::run_alone(self, |market| settlement::delist(market, at, now))
    }

    /// Fails unless `signer` is the authority. Nobody is where it was burned.
    ///
    /// # Errors
    /// [`ErrorCode::NotAuthority`].
    pub fn require_authority(&self, signer: &Key) -> Result<()> {
        let is = !self.head.is_ownerless() && self.head.authority == *signer;
        require(is, ErrorCode::NotAuthority, 0, 0)
    }

    /// Pauses opening, or lets it go on. Nothing else can be paused.
    ///
    /// # Errors
    /// Those of `require_sound`, which this cannot cause.
    pub fn pause_opening(&mut self, paused: bool) -> Result<()> {
        session::run_alone(self, |market| {
            admin::pause_opening(market, paused);
            Ok(())
        })
    }

    /// Takes the pending parameters back.
    ///
    /// # Errors
    /// [`ErrorCode::NothingPending`].
    pub fn drop_params(&mut self) -> Result<()> {
        session::run_alone(self, |market| admin::drop_params(market))
    }

    /// Offers the authority to a key, which has to accept; zero takes an offer back.
    ///
    /// # Errors
    /// Those of `require_sound`, which this cannot cause.
    pub fn propose_authority(&mut self, to: Key) -> Result<()> {
        session::run_alone(self, |market| {
            admin::propose_authority(market, to);
            Ok(())
        })
    }

    /// Takes over the authority that was offered to `signer`.
    ///
    /// # Errors
    /// [`ErrorCode::NothingPending`], [`ErrorCode::NotAuthority`].
    pub fn accept_authority(&mut self, signer: &Key) -> Result<()> {
        session::run_alone(self, |market| admin::accept_authority(market, signer))
    }

    /// Gives the authority up for good, with all that waits on its word: pending parameters, an offer of the authority, a
    /// delisting whose date has not come, and the pause of opening, which nobody could lift any more.
    ///
    /// # Errors
    /// Those of `require_sound`, which this cannot cause.
    pub fn burn_authority(&mut self, now: i64) -> Result<()> {
        session::run_alone(self, |market| {
            admin::burn_authority(market, now);
            Ok(())
        })
    }

    /// What the authority may take of the fee cash: all but the most that a round of forced fills is paid, so that a crisis
    /// finds its cranks paid; of a settled market all.
    pub fn takeable_fees(&self) -> Atoms {
        takeable_fees(self.head)
    }

    /// Takes fee cash out for the authority; the caller then pays it from the pool. Not while anybody is bankrupt.
    ///
    /// # Errors
    /// [`ErrorCode::ZeroAmount`], [`ErrorCode::BankruptSeat`], [`ErrorCode::FeesReserved`] with what may be taken.
    pub fn take_fees(&mut self, amount: Atoms) -> Result<()> {
        session::run_alone(self, |market| admin::take_fees(market, amount))
    }

    /// Takes tokens that strangers sent to the pool into the fee cash; returns how many.
    ///
    /// # Errors
    /// [`ErrorCode::PoolFull`]; [`ErrorCode::ZeroAmount`] where there is no excess.
    pub fn sweep_excess(&mut self, tokens_in_pool: u64) -> Result<Atoms> {
        session::run_alone(self, |market| admin::sweep_excess(market, tokens_in_pool))
    }

    /// Whether a seat is below maintenance at the accepted price.
    pub fn is_unmaintained(&self, index: u32) -> Result<bool> {
        is_unmaintained(self, index)
    }
}
