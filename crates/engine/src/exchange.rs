//! Everything that anyone can do with an exchange, in one place. The program, a simulation or a test calls these
//! functions.
//!
//! Each of them runs one operation of [`crate::ops`] in a session: funding accrues before it, and the invariants are
//! checked after it.

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
    /// Takes the print in the market's oracle account into account. Funding accrues first, at the price in force until
    /// now. A print that is not newer or cannot be used changes nothing, and is no failure: see
    /// [`Market::require_live`]. If the market is settled, no account is read.
    ///
    /// # Errors
    /// [`ErrorCode::WrongOracle`] for an account at another address.
    pub fn read_oracle(&mut self, account: &PriceAccount, now: i64) -> Result<()> {
        if self.market.head.is_settled() {
            return Ok(());
        }
        session::run(self, now, |exchange| prices::read_oracle(exchange, account, now))
    }

    /// As [`Self::read_oracle`], for a print that is known already, as in a simulation.
    pub fn observe(&mut self, print: Print, now: i64) {
        let accrued = funding::accrue(self, now);
        if prices::observe(&mut self.market, Ok(print), now) || accrued {
            session::raise_revision(self);
        }
    }

    /// Accrues cumulative funding up to `now`. A clock that stands still or goes back changes nothing.
    pub fn accrue(&mut self, now: i64) {
        if funding::accrue(self, now) {
            session::raise_revision(self);
        }
    }

    /// Moves what every position has paid in funding into its seat's cash, and counts funding from 0 again. Nothing
    /// visible changes: no equity, no profit, no order of any queue.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], and [`ErrorCode::FundingAtRest`] if there is nothing to move.
    pub fn rebase(&mut self, now: i64) -> Result<()> {
        session::run(self, now, |exchange| funding::rebase(&mut exchange.market))
    }

    /// Credits a deposit that is already in the pool. If the seat holds a position, the deposit counts as young in the
    /// ranking, together with earlier ones that are still young.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn deposit(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        session::run(self, now, |exchange| seats::deposit(&mut exchange.market, index, amount, now))
    }

    /// Withdraws cash from a seat; the caller then pays it from the pool. A seat without position and orders may always
    /// withdraw. Otherwise equity must cover the initial margin and a jump of the position, at a live price. The seat
    /// must keep nothing or at least the minimum collateral. In a settled market the seat is closed instead.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::ZeroAmount`], [`ErrorCode::InsufficientCash`],
    /// [`ErrorCode::BelowMinimumCollateral`], [`ErrorCode::BelowInitialMargin`], [`ErrorCode::WouldCross`],
    /// [`ErrorCode::MarketSettled`], and those of a price that is not live.
    pub fn withdraw(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        session::run(self, now, |exchange| seats::withdraw(&mut exchange.market, index, amount, now))
    }

    /// Closes a seat without a position. Its owner may always do that (`by_owner`). Anyone may if the seat is below the
    /// minimum collateral, or if it has had neither a position nor a fill for a day in a market more than seven eighths
    /// full. In a settled market anyone may close any seat: its orders are cancelled, and its position closes at the
    /// settlement price.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::VaultSeat`], [`ErrorCode::SeatNotEmpty`],
    /// [`ErrorCode::SeatNotAbandoned`]; [`ErrorCode::BankruptSeat`] for a position in a settled market.
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

    /// Places an order of a seat whose trader has been checked: matches it, rests what is left, and checks the result.
    ///
    /// Orders fill in price-time priority, at the makers' prices, within the band. While nothing matches (a seat is
    /// bankrupt, or a price is pending) an order that does not cross may rest; if a seat is bankrupt, only on the side
    /// that takes from the losers. All other orders fail.
    ///
    /// # Errors
    /// Any of the checks of the request, of the price's freshness, and of the margin that is left.
    pub fn place_order(&mut self, seat: u32, request: &OrderRequest, now: i64) -> Result<Placed> {
        session::run(self, now, |exchange| orders::place(exchange, seat, request, now))
    }

    /// Cancels a seat's newest order with this client id, and returns what was left of it.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchOrder`], [`ErrorCode::OrderLocked`].
    pub fn cancel_order(&mut self, seat: u32, client_id: u64, now: i64) -> Result<Order> {
        session::run(self, now, |exchange| orders::cancel(exchange, seat, client_id, now))
    }

    /// Cancels a seat's orders, of one side or both, and returns how many. Orders that evicted others and are still
    /// locked stay.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`].
    pub fn cancel_all(&mut self, seat: u32, side: Option<Side>, now: i64) -> Result<usize> {
        session::run(self, now, |exchange| orders::cancel_all(exchange, seat, side, now))
    }

    /// Reduces up to `max_seats` seats below maintenance, as far as book and vault take them. The seat `payee` earns
    /// the caller's share.
    ///
    /// Seats that nobody takes do not count. While any seat is bankrupt, only the first of them is acted on, and it is
    /// looked up anew after every fill, as in [`Exchange::deleverage`]. If there is nothing to do, it succeeds and
    /// changes nothing.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::TooManyRequested`], [`ErrorCode::NoSuchSeat`] for the payee, and
    /// those of a price that is not live.
    pub fn liquidate(&mut self, max_seats: u32, payee: Option<u32>, now: i64) -> Result<CrankReport> {
        session::run(self, now, |exchange| liquidate::liquidate(exchange, max_seats, payee, now))
    }

    /// Takes bankrupt seats through the whole waterfall, from the head of the queue, with up to `max_fills` forced
    /// fills. Each of these pays the seat `payee` from the fee cash. If no seat is bankrupt, it succeeds and changes
    /// nothing.
    ///
    /// After every fill of any kind the head of the queue is looked up anew. A winner that was partly deleveraged stays
    /// first until it is flat, turns round or the accepted price changes. So the state alone decides each fill: however
    /// the work is divided into calls, the same seats are reduced by the same lots.
    ///
    /// In a settled market there is force only, at the settlement price, and no live price is needed.
    ///
    /// # Errors
    /// As [`Exchange::liquidate`], except that a settled market is no error.
    pub fn deleverage(&mut self, max_fills: u32, payee: Option<u32>, now: i64) -> Result<CrankReport> {
        session::run(self, now, |exchange| deleverage::deleverage(exchange, max_fills, payee, now))
    }

    /// Rests an eighth of the vault's inventory, at least the smallest order, as a reduce-only order its spread away
    /// from the oracle price. It can be filled only after a price published later is accepted, so nobody can make the
    /// vault offer and take the offer at one price. Until then it stays, unless it is dead. After that it is replaced
    /// if the oracle price has moved away from it by more than half the spread. Returns the lots offered.
    ///
    /// An offer outside the range of prices does not rest.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`](crate::error::ErrorCode::MarketSettled), those of a price that is not live,
    /// [`ErrorCode::BookFull`](crate::error::ErrorCode::BookFull).
    pub fn unwind_vault(&mut self, now: i64) -> Result<Lots> {
        session::run(self, now, |exchange| backstop::unwind(exchange, now))
    }

    /// Requests shares for cash that is already in the pool. The vault does not change before the request is executed.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`],
    /// and those of a price that is not live.
    pub fn request_mint(&mut self, ticket: &mut Ticket, amount: Atoms, now: i64) -> Result<()> {
        session::run(self, now, |exchange| vault_shares::request_mint(&mut exchange.market, ticket, amount, now))
    }

    /// Requests the cash of shares.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::InsufficientShares`],
    /// [`ErrorCode::VaultUnderwater`], [`ErrorCode::MarketSettled`], and those of a price that is not live.
    pub fn request_redeem(&mut self, ticket: &mut Ticket, shares: u64, now: i64) -> Result<()> {
        session::run(self, now, |exchange| vault_shares::request_redeem(&mut exchange.market, ticket, shares, now))
    }

    /// Executes a ticket's request after its cooldown, once a price published after that is accepted. A request that is
    /// [`LAPSE`](crate::state::ticket::LAPSE) past that is undone instead. Anyone may call it. If something is minted
    /// or redeemed, the seat `payee`, if one is named, earns [`EXECUTION_PAY`](crate::rules::fees::EXECUTION_PAY) of
    /// the amount. In a settled market it needs no request and pays out all that the ticket holds, including a pending
    /// mint, without pay.
    ///
    /// # Errors
    /// [`ErrorCode::BankruptSeat`] in a settled market, [`ErrorCode::NoRequest`], [`ErrorCode::RequestNotMature`],
    /// [`ErrorCode::VaultBusy`], [`ErrorCode::VaultUnderwater`], [`ErrorCode::VaultBelowMargin`],
    /// [`ErrorCode::PayeeNotIdle`], and those of a price that is not live.
    pub fn execute_request(&mut self, ticket: &mut Ticket, payee: Option<u32>, now: i64) -> Result<Executed> {
        session::run(self, now, |exchange| {
            if exchange.market.head.is_settled() {
                return settlement::redeem_ticket(exchange, ticket, now).map(Executed::Redeemed);
            }
            vault_shares::execute(&mut exchange.market, ticket, payee, now)
        })
    }

    /// Changes the parameters, and returns whether at once. A change that may not apply at once waits for
    /// [`TIME_LOCK`](crate::ops::admin::TIME_LOCK) in the header. Either way it replaces a pending change, so that an
    /// older change cannot undo what applies at once.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::BadParameter`].
    pub fn change_params(&mut self, new: &Params, now: i64) -> Result<bool> {
        session::run(self, now, |exchange| admin::change_params(&mut exchange.market, new, now))
    }

    /// Applies the pending parameters after their time lock. Anyone may call it, for
    /// [`PARAMS_LAPSE`](crate::state::header::PARAMS_LAPSE) from then on.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::NothingPending`], [`ErrorCode::TooEarly`] with the earliest time,
    /// [`ErrorCode::ChangeLapsed`] with the latest time, [`ErrorCode::BadParameter`].
    pub fn apply_params(&mut self, now: i64) -> Result<()> {
        session::run(self, now, |exchange| admin::apply_params(&mut exchange.market, now))
    }

    /// Settles the market for good. Anyone may call it. It settles at the last accepted price if the oracle was
    /// announced dead and has been silent for `oracle_grace` since, or at a live price published after the delisting
    /// date.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`]; [`ErrorCode::NothingPending`] if the market is not delisted and its oracle not
    /// announced dead; [`ErrorCode::TooEarly`] with the earliest time, or the time after which the price must have been
    /// published; and those of a price that is not live.
    pub fn settle(&mut self, now: i64) -> Result<()> {
        session::run(self, now, |exchange| settlement::settle(&mut exchange.market, now))
    }

    /// Takes out what remains of a settled market that everybody has left; its accounts can then be given up. Anyone
    /// may call it once all seats but the vault's are closed and trimmed, all shares redeemed and all mints refunded,
    /// and the authority, if there is one, has taken its fees.
    ///
    /// # Errors
    /// [`ErrorCode::NotSettled`]; [`ErrorCode::MarketNotEmpty`] with what may be left and what is.
    pub fn close_market(&mut self) -> Result<Rest> {
        // Price and funding are frozen, so the time does not matter.
        session::run(self, 0, |exchange| settlement::close_market(exchange, 0))
    }
}

impl Market<'_> {
    /// Opens a seat with a first deposit that is already in the pool, and returns its index.
    ///
    /// # Errors
    /// [`ErrorCode::MarketFull`], [`ErrorCode::AccountTooSmall`], [`ErrorCode::BelowMinimumCollateral`],
    /// [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn open_seat(&mut self, owner: Key, rent_payer: Key, deposit: Atoms, now: i64) -> Result<u32> {
        session::run_alone(self, |market| seats::open(market, owner, rent_payer, deposit, now))
    }

    /// Sets the seat's delegate, who may also trade and deposit; all zeroes for none.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`].
    pub fn set_delegate(&mut self, index: u32, delegate: Key) -> Result<()> {
        session::run_alone(self, |market| seats::set_delegate(market, index, delegate))
    }

    /// Gives up the last record if it is free, and returns the account that gets its rent.
    ///
    /// # Errors
    /// [`ErrorCode::SeatNotEmpty`] if the last record is in use.
    pub fn trim(&mut self) -> Result<Key> {
        session::run_alone(self, |market| seats::trim(market))
    }

    /// Announces that the oracle is dead. Anyone may call it if no print has been seen for the `oracle_silence` in
    /// force at the last one, or if none has been accepted for
    /// [`UNACCEPTED_LIMIT`](crate::state::header::UNACCEPTED_LIMIT). The oracle's current print must have been taken
    /// into account. Announcing it again changes nothing.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::NoPrice`], [`ErrorCode::OracleAlive`] with the time before which the
    /// last print must have been published and the time at which it was.
    pub fn announce_dead(&mut self, now: i64) -> Result<()> {
        session::run_alone(self, |market| settlement::announce_dead(market, now))
    }

    /// Sets the time from which nothing matches and the market may be settled, at least
    /// [`DELIST_NOTICE`](crate::ops::settlement::DELIST_NOTICE) ahead. Until it has come, another time replaces it and
    /// 0 withdraws it. Only for the authority.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`]; [`ErrorCode::MarketDelisted`] once the date has come;
    /// [`ErrorCode::NothingPending`] if there is no date to withdraw; [`ErrorCode::TooEarly`] with the earliest date
    /// and the given one.
    pub fn delist(&mut self, at: i64, now: i64) -> Result<()> {
        session::run_alone(self, |market| settlement::delist(market, at, now))
    }

    /// Fails unless `signer` is the authority. If the authority was given up, nobody is.
    ///
    /// # Errors
    /// [`ErrorCode::NotAuthority`].
    pub fn require_authority(&self, signer: &Key) -> Result<()> {
        let is = !self.head.is_ownerless() && self.head.authority == *signer;
        require(is, ErrorCode::NotAuthority, 0, 0)
    }

    /// Pauses or resumes opening. Nothing else can be paused.
    ///
    /// # Errors
    /// Those of `require_sound`, which this cannot cause.
    pub fn pause_opening(&mut self, paused: bool) -> Result<()> {
        session::run_alone(self, |market| {
            admin::pause_opening(market, paused);
            Ok(())
        })
    }

    /// Withdraws the pending parameters.
    ///
    /// # Errors
    /// [`ErrorCode::NothingPending`].
    pub fn drop_params(&mut self) -> Result<()> {
        session::run_alone(self, |market| admin::drop_params(market))
    }

    /// Offers the authority to a key, which has to accept. A zero key withdraws the offer.
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

    /// Gives the authority up for good, and cancels everything that waits for its decision: pending parameters, an
    /// offer of the authority, a delisting whose date has not come, and the pause of opening, which nobody could end
    /// any more.
    ///
    /// # Errors
    /// Those of `require_sound`, which this cannot cause.
    pub fn burn_authority(&mut self, now: i64) -> Result<()> {
        session::run_alone(self, |market| {
            admin::burn_authority(market, now);
            Ok(())
        })
    }

    /// What the authority may take of the fee cash: everything beyond the largest pay for a round of forced fills, so
    /// that cranks are still paid in a crisis. In a settled market it may take all.
    pub fn takeable_fees(&self) -> Atoms {
        takeable_fees(self.head)
    }

    /// Takes fee cash out for the authority; the caller then pays it from the pool. It fails while a seat is bankrupt.
    ///
    /// # Errors
    /// [`ErrorCode::ZeroAmount`], [`ErrorCode::BankruptSeat`], [`ErrorCode::FeesReserved`] with what may be taken.
    pub fn take_fees(&mut self, amount: Atoms) -> Result<()> {
        session::run_alone(self, |market| admin::take_fees(market, amount))
    }

    /// Moves tokens that strangers sent to the pool into the fee cash, and returns how many.
    ///
    /// # Errors
    /// [`ErrorCode::PoolFull`]; [`ErrorCode::ZeroAmount`] if there is no excess.
    pub fn sweep_excess(&mut self, tokens_in_pool: u64) -> Result<Atoms> {
        session::run_alone(self, |market| admin::sweep_excess(market, tokens_in_pool))
    }

    /// Whether a seat is below maintenance at the accepted price.
    pub fn is_unmaintained(&self, index: u32) -> Result<bool> {
        is_unmaintained(self, index)
    }
}
