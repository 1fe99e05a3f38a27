//! The end of a market: announced, settled at one price for good, and paid out to the last atom.
//!
//! A market ends because its oracle is dead or because its authority delisted it, and either takes days that anyone can
//! read in the header. Then the price is fixed, `deleverage` clears the bankrupt by force alone, and every position closes
//! against the settlement record: the record takes the lots over at that price. Let `a` be the adjusted price, frozen with
//! it. A seat of `q` lots gains `q a` of cash and the record loses it and has `q` lots more, so the record is worth
//! `cash + size * a = 0` after every closing; and because sizes sum to 0, it is empty when the last position is closed
//! (`everybody_is_paid_their_equity_in_any_order_and_nothing_stays`). Who closes when changes nobody's cash.
//!
//! No key can hold any of this up: every step is for anyone to take, and pays the owner.

use crate::error::{require, Error, ErrorCode, Result};
use crate::exchange::Exchange;
use crate::market::{Header, Market, Settlement, VAULT};
use crate::params::DAY;
use crate::seat::{Key, Position};
use crate::units::{Atoms, Lots, Price};
use crate::vault::{Executed, Ticket};

/// How long prints prove an oracle alive of which none is accepted, in seconds, or longer where it may be silent for
/// longer: whoever signs them could otherwise keep a market from its end by jumping up and down.
pub const UNHEARD: i64 = 3 * DAY;
/// The least notice of a delisting, in seconds.
pub const DELIST_NOTICE: i64 = 7 * DAY;

/// What is left of a market that everybody has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Cash that nobody owns, to be paid out.
    pub cash: Atoms,
    /// To whom: who redeemed the last share of the vault, else the creator.
    pub heir: Key,
}

impl Header {
    /// Whether the market has been settled: price and funding are frozen for good.
    pub const fn is_settled(&self) -> bool {
        self.settlement.at != 0
    }

    /// Fails once the market has been settled.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`] with 0 and the time it was.
    pub fn require_unsettled(&self) -> Result<()> {
        require(!self.is_settled(), ErrorCode::MarketSettled, 0, self.settlement.at)
    }

    /// Whether the market's delisting date has come.
    pub const fn is_delisted(&self, now: i64) -> bool {
        self.delist_at != 0 && now >= self.delist_at
    }

    /// Whether a new print proves the oracle alive: a print was accepted within [`UNHEARD`], and within the silence that
    /// its market allows.
    pub(crate) fn is_heard(&self, now: i64) -> bool {
        now.saturating_sub(self.price.accepted_at) <= UNHEARD.max(self.price.silence)
    }

    /// Whether nobody may use the powers over this market any more.
    pub fn is_ownerless(&self) -> bool {
        self.authority == [0; 32]
    }
}

impl Market<'_> {
    /// Announces that the oracle is dead, for anyone to call: no print has been seen for the `oracle_silence` that was in
    /// force at the last one; or none was accepted for [`UNHEARD`]. Announcing again changes nothing. What the oracle says
    /// now must have been taken into account.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::NoPrice`], [`ErrorCode::OracleAlive`] with the time before which the
    /// last print must have been published and the time it was.
    pub fn announce_dead(&mut self, now: i64) -> Result<()> {
        let head = &mut *self.head;
        head.require_unsettled()?;
        require(head.price.accepted.0 != 0, ErrorCode::NoPrice, 1, 0)?;
        let oldest = now.saturating_sub(head.price.silence);
        let silent = head.price.last_print < oldest || !head.is_heard(now);
        require(silent, ErrorCode::OracleAlive, oldest, head.price.last_print)?;
        if head.dead_since == 0 {
            head.dead_since = now;
        }
        Ok(())
    }

    /// Sets from when on nothing matches any more and the market may be settled, at least [`DELIST_NOTICE`] ahead; 0 takes
    /// the date back, and another one replaces it, as long as it has not come. For the authority.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`]; [`ErrorCode::MarketDelisted`] once the date has come; [`ErrorCode::NothingPending`]
    /// where there is no date to take back; [`ErrorCode::TooEarly`] with the earliest date and the one asked for.
    pub fn delist(&mut self, at: i64, now: i64) -> Result<()> {
        let head = &mut *self.head;
        head.require_unsettled()?;
        require(!head.is_delisted(now), ErrorCode::MarketDelisted, head.delist_at, now)?;
        if at == 0 {
            require(head.delist_at != 0, ErrorCode::NothingPending, 1, 0)?;
        } else {
            let earliest = now.saturating_add(DELIST_NOTICE);
            require(at >= earliest, ErrorCode::TooEarly, earliest, at)?;
        }
        head.delist_at = at;
        Ok(())
    }

    /// See [`Exchange::settle`]. What funding was due must have accrued.
    fn settle(&mut self, now: i64) -> Result<()> {
        let head = &*self.head;
        head.require_unsettled()?;
        let over = head.dead_since.saturating_add(head.price.grace);
        if head.dead_since == 0 || now < over {
            require(head.dead_since | head.delist_at != 0, ErrorCode::NothingPending, 1, 0)?;
            require(head.delist_at != 0, ErrorCode::TooEarly, over, now)?;
            let (date, published) = (head.delist_at, head.price.accepted_at);
            require(head.price.is_published_after(date, &head.params), ErrorCode::TooEarly, date, published)?;
            self.require_live(now)?;
        }
        let head = &mut *self.head;
        // A jump that nothing confirmed does not count.
        head.price.pending = Price::ZERO;
        head.price.pending_at = 0;
        head.settlement = Settlement { price: head.price.accepted, at: now, ..Settlement::default() };
        self.require_sound()
    }

    /// Fails while any seat is bankrupt at the accepted price.
    ///
    /// # Errors
    /// [`ErrorCode::BankruptSeat`] with the seat that is closed first.
    pub fn require_nobody_bankrupt(&self) -> Result<()> {
        match self.bankrupt_side().and_then(|side| self.first_to_fall(side)) {
            Some(first) => Err(Error::with(ErrorCode::BankruptSeat, -1, first.index as i64)),
            None => Ok(()),
        }
    }
}

impl Exchange<'_> {
    /// Settles the market for good, for anyone to call: at the last accepted price where the oracle was announced dead
    /// and has been silent for `oracle_grace` since, or at a live price published after the delisting date.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`]; [`ErrorCode::NothingPending`] where the market neither is delisted nor has a dead
    /// oracle; [`ErrorCode::TooEarly`] with the time from when on, or after which the price must have been published;
    /// and those of a price that cannot be acted on.
    pub fn settle(&mut self, now: i64) -> Result<()> {
        self.accrue(now);
        self.market.settle(now)
    }

    /// Drops a seat's orders and closes its position against the settlement record of a settled market.
    ///
    /// The record's cash is `-size * a` for the lots it holds. It could leave 64 bits only with more than 2^31 lots on one
    /// side, and then there are positions of the other side, each of which brings it back: closing in another order works.
    ///
    /// # Errors
    /// [`ErrorCode::BankruptSeat`] while anybody's position is worth less than nothing: nobody leaves their part of the
    /// shortfall to the others.
    pub(crate) fn settle_position(&mut self, index: u32) -> Result<()> {
        self.drop_all_orders(index);
        let market = &mut self.market;
        let Position { cash, size, .. } = market.seats[index as usize].position;
        if size == Lots::ZERO {
            return Ok(());
        }
        market.require_nobody_bankrupt()?;
        let worth = size * market.adjusted();
        let record = &mut market.head.settlement;
        record.cash = record.cash.minus(worth)?;
        record.size = record.size + size;
        market.seats[index as usize].position = Position { cash: cash.plus(worth)?, ..Position::default() };
        market.requeue(index, size)
    }

    /// What executing a ticket is once the market has been settled: no request, no cooldown, no price. Cash that waited to
    /// be minted comes back, and all shares are redeemed at what the vault is worth. Whoever redeems the last share takes
    /// all that is left.
    ///
    /// # Errors
    /// [`ErrorCode::NoRequest`] where the ticket holds nothing; [`ErrorCode::BankruptSeat`] where it holds shares.
    pub(crate) fn settle_ticket(&mut self, ticket: &mut Ticket) -> Result<Executed> {
        let holds = ticket.shares | ticket.redeeming | ticket.minting.0 as u64;
        require(holds != 0, ErrorCode::NoRequest, 1, 0)?;
        ticket.enter_epoch(self.market.head.share_epoch);
        let shares = ticket.shares.saturating_add(ticket.redeeming);
        self.endow_vault()?;
        let redeemed = if shares > 0 { self.redeem_settled(shares, ticket.owner)? } else { Atoms::ZERO };
        let paid = redeemed.plus(ticket.minting)?;
        let head = &mut *self.market.head;
        head.pending_mints = head.pending_mints.minus(ticket.minting)?;
        head.pool_cash = head.pool_cash.minus(paid)?;
        ticket.shares = 0;
        ticket.end_request();
        self.require_sound()?;
        Ok(Executed::Redeemed(paid))
    }

    fn redeem_settled(&mut self, shares: u64, owner: Key) -> Result<Atoms> {
        // A flat vault could pay at once, but then the fee cash might go that pays those who clear the bankrupt.
        self.market.require_nobody_bankrupt()?;
        let equity = self.settle_vault()?;
        let market = &mut self.market;
        let left = market.head.shares.saturating_sub(shares);
        let cash = if left == 0 { equity } else { market.cash_for(shares, equity) };
        market.credit(VAULT, Atoms(-cash.0))?;
        market.head.shares = left;
        if left == 0 {
            market.head.last_redeemer = owner;
        }
        Ok(cash)
    }

    /// Credits fee cash that nobody can take any more to the vault, before any ticket is paid: else the holder of the last
    /// share alone would have it. While somebody is bankrupt it pays the cranks.
    fn endow_vault(&mut self) -> Result<()> {
        let market = &mut self.market;
        if market.head.is_ownerless() && market.bankrupt_side().is_none() {
            let fees = core::mem::take(&mut market.head.fee_cash);
            market.credit(VAULT, fees)?;
        }
        Ok(())
    }

    /// Closes the vault's position against the record, the fees it has earned credited; returns its cash.
    fn settle_vault(&mut self) -> Result<Atoms> {
        self.market.settle_vault_fees()?;
        self.settle_position(VAULT)?;
        Ok(self.market.seats[VAULT as usize].position.cash)
    }

    /// Takes what is left out of a settled market that everybody has left; its accounts can then be given up. Anyone may
    /// call it once all seats but the vault's are closed and trimmed, all shares redeemed and all mints refunded, and the
    /// authority, if there is one, has taken its fees.
    ///
    /// # Errors
    /// [`ErrorCode::NotSettled`]; [`ErrorCode::MarketNotEmpty`] with what may be left and what is.
    pub fn close_market(&mut self) -> Result<Rest> {
        let head = &*self.market.head;
        require(head.is_settled(), ErrorCode::NotSettled, 1, 0)?;
        require(head.seat_count == 1, ErrorCode::MarketNotEmpty, 1, head.seat_count as i64)?;
        require(head.shares == 0, ErrorCode::MarketNotEmpty, 0, head.shares as i64)?;
        require(head.pending_mints.0 == 0, ErrorCode::MarketNotEmpty, 0, head.pending_mints.0)?;
        require(head.is_ownerless() || head.fee_cash.0 == 0, ErrorCode::MarketNotEmpty, 0, head.fee_cash.0)?;
        let vault = self.settle_vault()?;
        self.market.credit(VAULT, Atoms(-vault.0))?;
        let head = &mut *self.market.head;
        let cash = vault.plus(core::mem::take(&mut head.fee_cash))?;
        head.pool_cash = head.pool_cash.minus(cash)?;
        let heir = if head.last_redeemer == [0; 32] { head.creator } else { head.last_redeemer };
        self.require_sound()?;
        Ok(Rest { cash, heir })
    }
}
