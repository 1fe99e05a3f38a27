//! Seats and the cash they hold: opening, closing, depositing, withdrawing.

use crate::error::{require, ErrorCode, Result};
use crate::exchange::Exchange;
use crate::margin::{required, Standing};
use crate::market::{Market, MAX_SEATS, VAULT};
use crate::seat::{Key, Link, Seat};
use crate::units::{Atoms, Lots};
use bytemuck::Zeroable;

/// How long a seat may have neither position nor fill before anyone may close it in a market that is nearly full.
pub const IDLE: i64 = 86_400;

/// What closing a seat pays and frees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// To whom the cash goes.
    pub owner: Key,
    /// The cash to pay out.
    pub cash: Atoms,
    /// Who gets the rent of the record where it was the last one, which is then given up.
    pub rent_to: Option<Key>,
}

impl Market<'_> {
    /// Whether the next seat to open is a new record, for which the account must have grown.
    pub fn needs_space(&self) -> bool {
        self.head.free_seats == Link::NONE && self.head.seat_count as usize >= self.seats.len()
    }

    /// Opens a seat with a first deposit that is already in the pool; returns its index.
    ///
    /// # Errors
    /// [`ErrorCode::MarketFull`], [`ErrorCode::AccountTooSmall`], [`ErrorCode::BelowMinimumCollateral`],
    /// [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn open_seat(&mut self, owner: Key, rent_payer: Key, deposit: Atoms, now: i64) -> Result<u32> {
        self.head.require_unsettled()?;
        let least = self.head.params.min_collateral;
        require(deposit.0 >= least, ErrorCode::BelowMinimumCollateral, least, deposit.0)?;
        self.receive(deposit)?;
        let index = match self.take_free_seat() {
            Some(index) => index,
            None => self.new_record(rent_payer)?,
        };
        let seat = &mut self.seats[index as usize];
        seat.owner = owner;
        seat.open = 1;
        seat.position.cash = deposit;
        seat.active_at = now;
        self.head.open_seats += 1;
        self.require_sound()?;
        Ok(index)
    }

    /// Writes the vault's seat, the first of a new market.
    pub fn open_vault_seat(&mut self, rent_payer: Key) -> Result<()> {
        self.new_record(rent_payer)?;
        self.seats[VAULT as usize].open = 1;
        self.head.open_seats += 1;
        Ok(())
    }

    fn new_record(&mut self, rent_payer: Key) -> Result<u32> {
        let index = self.head.seat_count;
        require(index < MAX_SEATS, ErrorCode::MarketFull, MAX_SEATS as i64, index as i64)?;
        let space = self.seats.len() as i64;
        require((index as i64) < space, ErrorCode::AccountTooSmall, index as i64 + 1, space)?;
        self.seats[index as usize] = Seat { rent_payer, ..Seat::zeroed() };
        self.head.seat_count = index + 1;
        Ok(index)
    }

    /// Sets who else may trade and deposit; all zeroes for nobody.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`].
    pub fn set_delegate(&mut self, index: u32, delegate: Key) -> Result<()> {
        self.seat(index)?;
        self.seats[index as usize].delegate = delegate;
        self.require_sound()
    }

    /// See [`Exchange::deposit`].
    fn deposit(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        self.head.require_unsettled()?;
        self.seat(index)?;
        self.receive(amount)?;
        let seasoning = self.head.params.seasoning;
        let seat = &mut self.seats[index as usize];
        if seat.position.size.0 != 0 {
            seat.young_deposits = seat.young_at(now, seasoning).plus(amount)?;
            seat.young_since = now;
        }
        self.credit(index, amount)?;
        self.require_sound()
    }

    /// See [`Exchange::withdraw`].
    fn withdraw(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
        let idle = self.seat(index)?.is_idle();
        if !idle {
            self.head.require_unsettled()?;
            self.require_live(now)?;
        }
        let least = self.head.params.min_collateral;
        let (mark, adjusted) = (self.mark(), self.adjusted());
        let seat = &mut self.seats[index as usize];
        let cash = seat.position.cash;
        seat.position.cash = cash.minus(amount)?;
        if idle {
            let left = seat.position.cash.0;
            require(left >= 0, ErrorCode::InsufficientCash, cash.0, amount.0)?;
            require(left == 0 || left >= least, ErrorCode::BelowMinimumCollateral, least, left)?;
        } else {
            let after = Standing::of(seat, adjusted)?;
            // The next print may be known already, and it may be off by a jump: that much stays too.
            let jump = required(self.head.params.jump, seat.position.size, mark);
            after.require_margin(self.head.params.initial, jump, mark)?;
            let equity = seat.position.equity(adjusted)?.0;
            require(equity >= least, ErrorCode::BelowMinimumCollateral, least, equity)?;
            seat.weakened_at = now;
        }
        // Withdrawals take the young deposits first: what came in last for show leaves first.
        seat.young_deposits = Atoms((seat.young_deposits.0 - amount.0).max(0));
        let size = seat.position.size;
        self.requeue(index, size)?;
        self.head.pool_cash = self.head.pool_cash.minus(amount)?;
        self.require_sound()
    }

    fn take_free_seat(&mut self) -> Option<u32> {
        let index = self.head.free_seats.get()?;
        self.unlink_free(index);
        Some(index)
    }

    fn unlink_free(&mut self, index: u32) {
        let Seat { free, free_before, .. } = self.seats[index as usize];
        match free_before.get() {
            Some(before) => self.seats[before as usize].free = free,
            None => self.head.free_seats = free,
        }
        if let Some(next) = free.get() {
            self.seats[next as usize].free_before = free_before;
        }
        self.seats[index as usize].free = Link::NONE;
        self.seats[index as usize].free_before = Link::NONE;
    }

    fn link_free(&mut self, index: u32) {
        let next = self.head.free_seats;
        self.seats[index as usize].free = next;
        if let Some(next) = next.get() {
            self.seats[next as usize].free_before = Link::to(index);
        }
        self.head.free_seats = Link::to(index);
    }

    /// Gives up the last record where it is free; returns to whom its rent goes.
    ///
    /// # Errors
    /// [`ErrorCode::SeatNotEmpty`] where the last record is in use.
    pub fn trim(&mut self) -> Result<Key> {
        let last = self.head.seat_count - 1;
        let open = self.seats[last as usize].open;
        require(open == 0, ErrorCode::SeatNotEmpty, 0, last as i64)?;
        self.unlink_free(last);
        self.head.seat_count = last;
        let rent_to = self.seats[last as usize].rent_payer;
        self.seats[last as usize] = Seat::zeroed();
        self.require_sound()?;
        Ok(rent_to)
    }
}

impl Exchange<'_> {
    /// Credits a deposit that is already in the pool. Made while holding a position it counts as young for the ranking,
    /// together with earlier ones that still are.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn deposit(&mut self, index: u32, amount: Atoms, now: i64) -> Result<()> {
        // A deposit may end a bankruptcy, in which funding stood still.
        self.accrue(now);
        self.market.deposit(index, amount, now)
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
        self.accrue(now);
        self.market.withdraw(index, amount, now)
    }

    /// Closes a seat without position. Its owner may always (`by_owner`); anyone may where it is below the minimum
    /// collateral, or where it has had neither position nor fill for a day in a market more than seven eighths full. Of a settled market anyone may
    /// close any seat: orders are dropped, and a position closes at the settlement price.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::VaultSeat`], [`ErrorCode::SeatNotEmpty`], [`ErrorCode::SeatNotAbandoned`];
    /// [`ErrorCode::BankruptSeat`] for a position in a settled market.
    pub fn close_seat(&mut self, index: u32, by_owner: bool, now: i64) -> Result<Closed> {
        require(index != VAULT, ErrorCode::VaultSeat, 1, 0)?;
        self.accrue(now);
        self.market.seat(index)?;
        if self.market.head.is_settled() {
            self.settle_position(index)?;
        } else {
            self.empty_seat(index, by_owner, now)?;
        }
        let market = &mut self.market;
        let seat = &mut market.seats[index as usize];
        let (owner, cash, rent_payer) = (seat.owner, seat.position.cash, seat.rent_payer);
        // The heap entries in this record belong to whoever holds those slots: they stay.
        *seat = Seat { rent_payer, long_entry: seat.long_entry, short_entry: seat.short_entry, ..Seat::zeroed() };
        market.link_free(index);
        market.head.open_seats -= 1;
        market.head.pool_cash = market.head.pool_cash.minus(cash)?;
        let rent_to = if index + 1 == market.head.seat_count { Some(market.trim()?) } else { None };
        market.require_sound()?;
        Ok(Closed { owner, cash, rent_to })
    }

    /// Fails unless a seat of a living market may be closed, and drops its orders.
    fn empty_seat(&mut self, index: u32, by_owner: bool, now: i64) -> Result<()> {
        let market = &self.market;
        let seat = &market.seats[index as usize];
        require(seat.position.size == Lots::ZERO, ErrorCode::SeatNotEmpty, 0, seat.position.size.0)?;
        if !by_owner {
            let poor = seat.position.cash.0 < market.head.params.min_collateral;
            let crowded = market.head.open_seats > MAX_SEATS / 8 * 7;
            let idle = now >= seat.active_at.saturating_add(IDLE);
            let least = market.head.params.min_collateral;
            require(poor || (crowded && idle), ErrorCode::SeatNotAbandoned, least, seat.position.cash.0)?;
            // A poor seat whose orders rest is in use: no stranger cancels them unless it is idle in a crowd.
            let orders = if crowded && idle { 0 } else { seat.order_count };
            require(orders == 0, ErrorCode::SeatNotEmpty, 0, orders as i64)?;
        }
        self.drop_unlocked(index, None, now);
        let left = self.market.seats[index as usize].order_count;
        require(left == 0, ErrorCode::SeatNotEmpty, 0, left as i64)
    }
}
