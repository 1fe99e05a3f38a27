//! The market account: its header and seats, and the checks that every operation on a seat goes through.

use crate::error::{require, Error, ErrorCode, Result};
use crate::heap::Entry;
use crate::layout::{Key, Link, MAX_SEATS, RING, VAULT, VERSION};
use crate::state::header::Header;
use crate::state::position::{bankruptcy_price_of_key, KEY_SHIFT};
use crate::state::receipt::Receipt;
use crate::state::seat::Seat;
use crate::units::{AdjustedPrice, Atoms, Price, Side};
use bytemuck::Zeroable;

/// A view of a market account.
pub struct Market<'a> {
    /// The header.
    pub head: &'a mut Header,
    /// The seat records: those in use first, then unused space.
    pub seats: &'a mut [Seat],
    /// Why the oracle's current print could not be used, if so. This is no failure by itself. An action that needs a
    /// live price fails with it only if the price is not live without that print.
    pub refused: Option<Error>,
}

impl<'a> Market<'a> {
    /// Splits the bytes of a market account (after any discriminator) into header and seats.
    ///
    /// # Errors
    /// [`ErrorCode::AccountTooSmall`], [`ErrorCode::WrongVersion`].
    pub fn load(bytes: &'a mut [u8]) -> Result<Self> {
        let market = Self::load_any_version(bytes)?;
        require(market.head.version == VERSION, ErrorCode::WrongVersion, VERSION as i64, market.head.version as i64)?;
        let (count, space) = (market.head.seat_count as usize, market.seats.len());
        require(count <= space, ErrorCode::AccountTooSmall, count as i64, space as i64)?;
        Ok(market)
    }

    /// As [`Self::load`], for an account whose header has not been written yet.
    pub fn load_any_version(bytes: &'a mut [u8]) -> Result<Self> {
        let size = core::mem::size_of::<Header>();
        let found = bytes.len() as i64;
        let too_small = Error::with(ErrorCode::AccountTooSmall, size as i64, found);
        let (head, rest) = bytes.split_at_mut_checked(size).ok_or(too_small)?;
        let whole = rest.len() - rest.len() % core::mem::size_of::<Seat>();
        let head = bytemuck::try_from_bytes_mut(head).map_err(|_| too_small)?;
        let seats = bytemuck::try_cast_slice_mut(&mut rest[..whole]).map_err(|_| too_small)?;
        Ok(Self { head, seats, refused: None })
    }

    /// An open seat.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`] with the number of records and the given index.
    pub fn seat(&self, index: u32) -> Result<&Seat> {
        let count = self.head.seat_count;
        match self.seats.get(index as usize) {
            Some(seat) if index < count && seat.open == 1 => Ok(seat),
            _ => Err(Error::with(ErrorCode::NoSuchSeat, count as i64, index as i64)),
        }
    }

    /// Fails unless `signer` is the seat's owner or delegate, and so may trade and deposit.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::VaultSeat`], [`ErrorCode::NotSeatOwner`].
    pub fn require_trader(&self, index: u32, signer: &Key) -> Result<()> {
        require(index != VAULT, ErrorCode::VaultSeat, 1, 0)?;
        let seat = self.seat(index)?;
        let delegated = seat.delegate == *signer && seat.delegate != [0; 32];
        require(seat.owner == *signer || delegated, ErrorCode::NotSeatOwner, index as i64, index as i64)
    }

    /// Fails unless `signer` owns the seat.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchSeat`], [`ErrorCode::VaultSeat`], [`ErrorCode::OwnerOnly`] for the delegate, else
    /// [`ErrorCode::NotSeatOwner`].
    pub fn require_owner(&self, index: u32, signer: &Key) -> Result<()> {
        self.require_trader(index, signer)?;
        require(self.seat(index)?.owner == *signer, ErrorCode::OwnerOnly, index as i64, index as i64)
    }

    /// The oracle price.
    pub fn oracle_price(&self) -> Price {
        self.head.price.accepted
    }

    /// The funding-adjusted price: the oracle price less funding. Seats are valued at it.
    pub fn adjusted_price(&self) -> AdjustedPrice {
        self.oracle_price() - self.head.funding
    }

    /// How many seats hold a position on `side`.
    pub fn queue_len(&self, side: Side) -> u32 {
        match side {
            Side::Long => self.head.long_len,
            Side::Short => self.head.short_len,
        }
    }

    /// The entry in a slot of the liquidation queue of `side`.
    pub fn queue_entry(&self, side: Side, slot: u32) -> Option<Entry> {
        if slot >= self.queue_len(side) {
            return None;
        }
        let seat = self.seats.get(slot as usize)?;
        Some(match side {
            Side::Long => seat.long_entry,
            Side::Short => seat.short_entry,
        })
    }

    /// The key of a seat in its liquidation queue; `None` if the seat is flat.
    #[inline(always)]
    pub(crate) fn key(&self, index: u32) -> Option<i64> {
        let seat = &self.seats[index as usize];
        Some(self.queue_entry(seat.position.size.side()?, seat.heap_slot)?.key)
    }

    /// The head of the liquidation queue of `side`: the seat that becomes bankrupt first.
    pub fn liquidation_head(&self, side: Side) -> Option<Entry> {
        self.queue_entry(side, 0)
    }

    /// `C`, the highest bankruptcy price of the longs rounded up, or `D`, the lowest of the shorts rounded down.
    pub fn frontier(&self, side: Side) -> Option<AdjustedPrice> {
        Some(AdjustedPrice(bankruptcy_price_of_key(self.liquidation_head(side)?.key, side)))
    }

    /// The no-crossing rule: `C <= D`. It makes every profit payable.
    ///
    /// # Errors
    /// [`ErrorCode::WouldCross`] with D and C.
    pub fn require_uncrossed(&self) -> Result<()> {
        match (self.frontier(Side::Long), self.frontier(Side::Short)) {
            (Some(long), Some(short)) => require(long <= short, ErrorCode::WouldCross, short.0, long.0),
            _ => Ok(()),
        }
    }

    /// A seat of `side` is bankrupt at the oracle price if its key is above this bound.
    pub fn bankrupt_key(&self, side: Side) -> i64 {
        self.adjusted_price().0.wrapping_mul(side.sign()) << KEY_SHIFT
    }

    /// The side that has a bankrupt seat at the oracle price. By the no-crossing rule it is never both.
    pub fn bankrupt_side(&self) -> Option<Side> {
        [Side::Long, Side::Short]
            .into_iter()
            .find(|side| self.liquidation_head(*side).is_some_and(|head| head.key > self.bankrupt_key(*side)))
    }

    /// Whether a seat is worth less than nothing at the oracle price.
    pub fn is_bankrupt(&self, index: u32) -> Result<bool> {
        Ok(self.seats[index as usize].position.equity(self.adjusted_price())?.0 < 0)
    }

    /// Writes a receipt into the ring.
    pub(crate) fn record(&mut self, mut receipt: Receipt) {
        let place = (self.head.receipt_count % RING as u64) as usize;
        self.head.receipt_count = self.head.receipt_count.wrapping_add(1);
        receipt.number = self.head.receipt_count;
        self.head.receipts[place] = receipt;
    }

    /// The receipts made after the first `seen` ones, oldest first, without those that the ring has lost. They come in
    /// two parts, because they may continue at the start of the ring.
    pub fn receipts_since(&self, seen: u64) -> [&[Receipt]; 2] {
        let count = self.head.receipt_count;
        let made = count.saturating_sub(seen).min(RING as u64) as usize;
        let end = (count % RING as u64) as usize;
        let ring = &self.head.receipts;
        if made <= end {
            [&ring[end - made..end], &[]]
        } else {
            [&ring[RING + end - made..], &ring[..end]]
        }
    }

    /// The winner that was partly deleveraged at the oracle price and stays first, if it is on this side.
    pub fn partly_deleveraged(&self, side: Side) -> Option<u32> {
        let index = self.head.partly_deleveraged.get()?;
        let seat = self.seats.get(index as usize)?;
        let stays =
            self.head.partly_deleveraged_at == self.head.price.changes && seat.position.size.side() == Some(side);
        stays.then_some(index)
    }

    /// The bankruptcy price of a seat plus funding, which compares with the oracle price; rounded against the seat.
    /// `None` if the seat is flat. It is read from the seat's key in the queue, which always matches its position.
    pub fn bankruptcy_price(&self, index: u32) -> Option<Price> {
        let seat = &self.seats[index as usize];
        let side = seat.position.size.side()?;
        let key = self.queue_entry(side, seat.heap_slot)?.key;
        Some(AdjustedPrice(bankruptcy_price_of_key(key, side)) + self.head.funding)
    }

    /// The vault's equity at the oracle price, including fees it has earned.
    pub fn vault_equity(&self) -> Result<Atoms> {
        self.seats[VAULT as usize].position.equity(self.adjusted_price())?.plus(self.head.vault_fees)
    }

    /// Whether the next seat to open needs a new record, for which the account must have grown first.
    pub fn needs_space(&self) -> bool {
        self.head.free_seats == Link::NONE && self.head.seat_count as usize >= self.seats.len()
    }

    /// Writes the vault's seat, which is the first of a new market.
    pub(crate) fn open_vault_seat(&mut self, rent_payer: Key) -> Result<()> {
        self.new_record(rent_payer)?;
        self.seats[VAULT as usize].open = 1;
        self.head.open_seats += 1;
        Ok(())
    }

    /// Takes a new seat record into use.
    ///
    /// # Errors
    /// [`ErrorCode::MarketFull`], [`ErrorCode::AccountTooSmall`].
    pub(crate) fn new_record(&mut self, rent_payer: Key) -> Result<u32> {
        let index = self.head.seat_count;
        require(index < MAX_SEATS, ErrorCode::MarketFull, MAX_SEATS as i64, index as i64)?;
        let space = self.seats.len() as i64;
        require((index as i64) < space, ErrorCode::AccountTooSmall, index as i64 + 1, space)?;
        self.seats[index as usize] = Seat { rent_payer, ..Seat::zeroed() };
        self.head.seat_count = index + 1;
        Ok(index)
    }

    /// Removes the first seat from the list of free seats.
    pub(crate) fn take_free_seat(&mut self) -> Option<u32> {
        let index = self.head.free_seats.get()?;
        self.unlink_free(index);
        Some(index)
    }

    /// Removes a seat from the list of free seats.
    pub(crate) fn unlink_free(&mut self, index: u32) {
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

    /// Adds a seat to the list of free seats.
    pub(crate) fn link_free(&mut self, index: u32) {
        let next = self.head.free_seats;
        self.seats[index as usize].free = next;
        if let Some(next) = next.get() {
            self.seats[next as usize].free_before = Link::to(index);
        }
        self.head.free_seats = Link::to(index);
    }

    /// Checks the invariants that take constant time. Every operation ends with it.
    ///
    /// # Errors
    /// [`ErrorCode::WouldCross`]; [`ErrorCode::Overflow`] if an amount of money that the market holds would be below
    /// zero.
    #[inline(never)]
    pub(crate) fn require_sound(&self) -> Result<()> {
        self.require_uncrossed()?;
        let head = &*self.head;
        // The bitwise or is negative if any of them is.
        let any = head.fee_cash.0 | head.vault_fees.0 | head.pending_mints.0 | head.pool_cash.0;
        require(any >= 0, ErrorCode::Overflow, 0, any)
    }
}
