//! Opening and closing seats, and depositing and withdrawing their cash.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, DAY, MAX_SEATS};
use crate::ops::matching::drop_unlocked;
use crate::rules::margin::{required, MarginSnapshot};
use crate::rules::phase::{self, Action};
use crate::state::exchange::Exchange;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::queues;
use crate::state::seat::Seat;
use crate::units::{Atoms, Lots};
use bytemuck::Zeroable;

/// How long a seat must have had neither a position nor a fill before anyone may close it in a nearly full market, in
/// seconds.
pub const IDLE: i64 = DAY;

/// What closing a seat pays out and frees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The owner, to whom the cash goes.
    pub owner: Key,
    /// The cash to pay out, in atoms.
    pub cash: Atoms,
    /// The account that gets the rent of the record, if it was the last one and is given up.
    pub rent_to: Option<Key>,
}

/// Opens a seat with a first deposit, and returns its index.
pub(crate) fn open(market: &mut Market, owner: Key, rent_payer: Key, deposit: Atoms, now: i64) -> Result<u32> {
    phase::require(market, Action::Deposit, now)?;
    let least = market.head.params.min_collateral;
    require(deposit.0 >= least, ErrorCode::BelowMinimumCollateral, least, deposit.0)?;
    ledger::require_room(market, deposit)?;
    let index = match market.take_free_seat() {
        Some(index) => index,
        None => market.new_record(rent_payer)?,
    };
    let seat = &mut market.seats[index as usize];
    seat.owner = owner;
    seat.open = 1;
    seat.active_at = now;
    seat.opened_at = now;
    ledger::receive(market, Purse::Seat(index), deposit)?;
    market.head.open_seats += 1;
    Ok(index)
}

/// Sets the delegate, who may also trade and deposit.
pub(crate) fn set_delegate(market: &mut Market, index: u32, delegate: Key) -> Result<()> {
    market.seat(index)?;
    market.seats[index as usize].delegate = delegate;
    Ok(())
}

/// Credits a deposit.
pub(crate) fn deposit(market: &mut Market, index: u32, amount: Atoms, now: i64) -> Result<()> {
    phase::require(market, Action::Deposit, now)?;
    market.seat(index)?;
    ledger::receive(market, Purse::Seat(index), amount)?;
    let seasoning = market.head.params.seasoning;
    let seat = &mut market.seats[index as usize];
    if seat.position.size.0 != 0 {
        seat.young_deposits = seat.young_at(now, seasoning).plus(amount)?;
        seat.young_since = now;
    }
    queues::refresh(market, index)
}

/// Withdraws cash from a seat.
pub(crate) fn withdraw(market: &mut Market, index: u32, amount: Atoms, now: i64) -> Result<()> {
    require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
    let idle = market.seat(index)?.is_idle();
    if !idle {
        phase::require(market, Action::ActAtPrice, now)?;
    }
    let least = market.head.params.min_collateral;
    let (oracle_price, adjusted) = (market.oracle_price(), market.adjusted_price());
    let cash = market.seats[index as usize].position.cash;
    if idle {
        let left = cash.minus(amount)?.0;
        require(left >= 0, ErrorCode::InsufficientCash, cash.0, amount.0)?;
        require(left == 0 || left >= least, ErrorCode::BelowMinimumCollateral, least, left)?;
    }
    ledger::pay_out(market, Purse::Seat(index), amount)?;
    let seat = &mut market.seats[index as usize];
    if !idle {
        let after = MarginSnapshot::of(seat, adjusted)?;
        // The trader may already know the next print, and it may differ by a jump, so margin for a jump stays too.
        let jump = required(market.head.params.jump, seat.position.size, oracle_price);
        after.require_margin(market.head.params.initial, jump, oracle_price)?;
        let equity = seat.position.equity(adjusted)?.0;
        require(equity >= least, ErrorCode::BelowMinimumCollateral, least, equity)?;
        seat.weakened_at = now;
    }
    // Withdrawals take young deposits first, so that money deposited only for show leaves first.
    seat.young_deposits = Atoms((seat.young_deposits.0 - amount.0).max(0));
    queues::refresh(market, index)
}

/// Fails unless a seat of a market that is not settled may be closed, and cancels its orders.
pub(crate) fn empty(exchange: &mut Exchange, index: u32, by_owner: bool, now: i64) -> Result<()> {
    let market = &exchange.market;
    let seat = &market.seats[index as usize];
    require(seat.position.size == Lots::ZERO, ErrorCode::SeatNotEmpty, 0, seat.position.size.0)?;
    if !by_owner {
        let poor = seat.position.cash.0 < market.head.params.min_collateral;
        let crowded = market.head.open_seats > MAX_SEATS / 8 * 7;
        let idle = now >= seat.active_at.saturating_add(IDLE);
        let least = market.head.params.min_collateral;
        require(poor || (crowded && idle), ErrorCode::SeatNotAbandoned, least, seat.position.cash.0)?;
        // Resting orders keep a seat below the minimum open, unless it is idle in a crowded market.
        let orders = if crowded && idle { 0 } else { seat.order_count };
        require(orders == 0, ErrorCode::SeatNotEmpty, 0, orders as i64)?;
    }
    drop_unlocked(exchange, index, None, now);
    let left = exchange.market.seats[index as usize].order_count;
    require(left == 0, ErrorCode::SeatNotEmpty, 0, left as i64)
}

/// Pays out a seat that holds nothing but cash, and frees its record.
pub(crate) fn give_up(market: &mut Market, index: u32) -> Result<Closed> {
    let Seat { owner, rent_payer, .. } = market.seats[index as usize];
    let cash = market.seats[index as usize].position.cash;
    ledger::pay_out(market, Purse::Seat(index), cash)?;
    let seat = &mut market.seats[index as usize];
    // The heap entries stored in this record belong to the heaps, not to the seat, so they stay.
    *seat = Seat { rent_payer, long_entry: seat.long_entry, short_entry: seat.short_entry, ..Seat::zeroed() };
    market.link_free(index);
    market.head.open_seats -= 1;
    let rent_to = if index + 1 == market.head.seat_count { Some(trim(market)?) } else { None };
    Ok(Closed { owner, cash, rent_to })
}

/// Gives up the last record if it is free, and returns the account that gets its rent.
pub(crate) fn trim(market: &mut Market) -> Result<Key> {
    let last = market.head.seat_count - 1;
    let open = market.seats[last as usize].open;
    require(open == 0, ErrorCode::SeatNotEmpty, 0, last as i64)?;
    market.unlink_free(last);
    market.head.seat_count = last;
    let rent_to = market.seats[last as usize].rent_payer;
    market.seats[last as usize] = Seat::zeroed();
    Ok(rent_to)
}
