//! The market account: its header, its seats, and what every operation on a seat goes through.

use crate::error::{require, Error, ErrorCode, Result};
use crate::heap::{self, slots, Entry};
use crate::price::Print;
use crate::ranking::{RankRule, Terms};
use crate::receipt::{Receipt, RING};
use crate::seat::{zero_price_of_key, Key, Link, Seat, KEY_SHIFT};
use crate::units::{Adjusted, Atoms, Lots, Price, Side, MAX_POOL};

mod header;

pub use header::{BudgetSlice, Header, Settlement, Statistics, BUDGET_SLICES};

/// The layout this crate reads and writes.
pub const VERSION: u8 = 1;
/// The most seats a market has: so many that one transaction ranks every one of them, whatever their order and whatever
/// they did to their numbers.
pub const MAX_SEATS: u32 = 16_384;
/// The vault's seat.
pub const VAULT: u32 = 0;

/// A market account, seen as what it is.
pub struct Market<'a> {
    /// Its header.
    pub head: &'a mut Header,
    /// Its seat records: those in use first, then space.
    pub seats: &'a mut [Seat],
    /// Why what the oracle says now could not be used, if so. It is no failure by itself: an action that needs a live price
    /// fails with it only if the price is not live without that print.
    pub refused: Option<Error>,
}

slots!(LongQueue, Seat, long_entry);
slots!(ShortQueue, Seat, short_entry);

impl<'a> Market<'a> {
    /// Splits the bytes of a market account (behind any discriminator) into header and seats.
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

    /// As [`Self::load`] for an account whose header is not written yet.
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
    /// [`ErrorCode::NoSuchSeat`] with the number of records and the index asked for.
    pub fn seat(&self, index: u32) -> Result<&Seat> {
        let count = self.head.seat_count;
        match self.seats.get(index as usize) {
            Some(seat) if index < count && seat.open == 1 => Ok(seat),
            _ => Err(Error::with(ErrorCode::NoSuchSeat, count as i64, index as i64)),
        }
    }

    /// Fails unless `signer` may trade and deposit for the seat: its owner or its delegate.
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

    /// Takes what the oracle says into account. A newer print shows that the oracle lives, unless none has been accepted for
    /// days. What is not newer or cannot be used changes nothing. Once the market has been settled no print counts. Funding
    /// must have accrued at the price that stood until then.
    pub(crate) fn observe(&mut self, said: Result<Print>, now: i64) {
        let head = &mut *self.head;
        if head.is_settled() {
            return;
        }
        match said.and_then(|print| head.price.observe(print, &head.params, now)) {
            Ok(true) if head.is_heard(now) => head.dead_since = 0,
            Ok(_) => {}
            Err(error) => self.refused = Some(error),
        }
    }

    /// Fails unless the accepted price may be acted on.
    ///
    /// # Errors
    /// Why the oracle's print could not be used, if it could not; else [`ErrorCode::NoPrice`], [`ErrorCode::StalePrice`],
    /// [`ErrorCode::PricePending`].
    pub fn require_live(&self, now: i64) -> Result<()> {
        self.head.price.require_live(&self.head.params, now).map_err(|error| self.refused.unwrap_or(error))
    }

    /// The accepted price.
    pub fn mark(&self) -> Price {
        self.head.price.accepted
    }

    /// The accepted price less funding: what seats are valued at.
    pub fn adjusted(&self) -> Adjusted {
        self.mark() - self.head.funding
    }

    /// The market's ranking rule.
    pub fn rule(&self) -> RankRule {
        RankRule::from_byte(self.head.rank_rule).unwrap_or(RankRule::ProfitLeverageSize)
    }

    /// What the ranking of this moment is computed at.
    pub fn terms(&self, now: i64) -> Terms {
        Terms {
            price: self.mark(),
            funding: self.head.funding,
            now,
            seasoning: self.head.params.seasoning,
            rule: self.rule(),
        }
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

    /// The key of a seat in the queue of its side; `None` when it is flat.
    #[inline(always)]
    pub(crate) fn key(&self, index: u32) -> Option<i64> {
        let seat = &self.seats[index as usize];
        Some(self.queue_entry(seat.position.size.side()?, seat.slot)?.key)
    }

    /// The seat of `side` that falls first.
    pub fn first_to_fall(&self, side: Side) -> Option<Entry> {
        self.queue_entry(side, 0)
    }

    /// `C`, the highest zero price of the longs rounded up, or `D`, the lowest of the shorts rounded down.
    pub fn frontier(&self, side: Side) -> Option<Adjusted> {
        Some(Adjusted(zero_price_of_key(self.first_to_fall(side)?.key, side)))
    }

    /// The no-crossing rule: `C <= D`. It is what makes every profit payable.
    ///
    /// # Errors
    /// [`ErrorCode::WouldCross`] with D and C.
    pub fn require_uncrossed(&self) -> Result<()> {
        match (self.frontier(Side::Long), self.frontier(Side::Short)) {
            (Some(long), Some(short)) => require(long <= short, ErrorCode::WouldCross, short.0, long.0),
            _ => Ok(()),
        }
    }

    /// What a key must exceed for a seat of `side` to be bankrupt at the accepted price.
    pub fn bankrupt_key(&self, side: Side) -> i64 {
        self.adjusted().0.wrapping_mul(side.sign()) << KEY_SHIFT
    }

    /// The side that has a bankrupt seat at the accepted price. Never both, by the no-crossing rule.
    pub fn bankrupt_side(&self) -> Option<Side> {
        [Side::Long, Side::Short]
            .into_iter()
            .find(|side| self.first_to_fall(*side).is_some_and(|head| head.key > self.bankrupt_key(*side)))
    }

    /// Whether a seat is worth less than nothing at the accepted price.
    pub fn is_bankrupt(&self, index: u32) -> Result<bool> {
        Ok(self.seats[index as usize].position.equity(self.adjusted())?.0 < 0)
    }

    /// Puts a seat whose cash or size has changed back in its place: heap, cached rank, open interest. `was` is the size
    /// it had when this was last called. A flat seat must be worth at least nothing.
    pub(crate) fn requeue(&mut self, index: u32, was: Lots) -> Result<()> {
        let counts_size = self.head.rank_rule == RankRule::ProfitLeverageSize as u8;
        let seat = &mut self.seats[index as usize];
        let (size, slot) = (seat.position.size, seat.slot);
        let key = seat.position.key();
        if key.is_none() {
            require(seat.position.cash.0 >= 0, ErrorCode::Insolvent, 0, seat.position.cash.0)?;
        }
        seat.refresh_rank(counts_size);
        self.head.open_interest.0 += size.0.max(0) - was.0.max(0);
        let same_side = was.side() == size.side();
        if !same_side && self.head.partly_used == Link::to(index) {
            // The precedence of a partly used winner ends with its position.
            self.head.partly_used = Link::NONE;
        }
        match was.side() {
            Some(side) if !same_side => self.leave_queue(side, slot),
            _ => {}
        }
        if let (Some(side), Some(key)) = (size.side(), key) {
            if same_side {
                self.change_key(side, slot, key);
            } else {
                self.join_queue(side, Entry::new(key, index));
            }
        }
        Ok(())
    }

    fn leave_queue(&mut self, side: Side, slot: u32) {
        match side {
            Side::Long => heap::remove(&mut LongQueue(self.seats), &mut self.head.long_len, slot),
            Side::Short => heap::remove(&mut ShortQueue(self.seats), &mut self.head.short_len, slot),
        }
    }

    fn join_queue(&mut self, side: Side, entry: Entry) {
        match side {
            Side::Long => heap::push(&mut LongQueue(self.seats), &mut self.head.long_len, entry),
            Side::Short => heap::push(&mut ShortQueue(self.seats), &mut self.head.short_len, entry),
        }
    }

    pub(crate) fn change_key(&mut self, side: Side, slot: u32, key: i64) {
        match side {
            Side::Long => heap::change(&mut LongQueue(self.seats), self.head.long_len, slot, key),
            Side::Short => heap::change(&mut ShortQueue(self.seats), self.head.short_len, slot, key),
        }
    }

    /// Changes a seat's cash by `amount` and puts it back in its place.
    pub(crate) fn credit(&mut self, index: u32, amount: Atoms) -> Result<()> {
        let seat = &mut self.seats[index as usize];
        seat.position.cash = seat.position.cash.plus(amount)?;
        let size = seat.position.size;
        self.requeue(index, size)
    }

    /// Books cash that came into the pool.
    pub(crate) fn receive(&mut self, amount: Atoms) -> Result<()> {
        require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
        let total = self.head.pool_cash.plus(amount)?;
        require(total.0 <= MAX_POOL, ErrorCode::PoolFull, MAX_POOL - self.head.pool_cash.0, amount.0)?;
        self.head.pool_cash = total;
        Ok(())
    }

    /// Credits the fees the vault has earned to its seat.
    pub(crate) fn settle_vault_fees(&mut self) -> Result<()> {
        let fees = core::mem::take(&mut self.head.vault_fees);
        if fees.0 > 0 {
            self.credit(VAULT, fees)?;
        }
        Ok(())
    }

    /// Takes tokens that strangers sent to the pool into the fee cash; returns how many.
    ///
    /// # Errors
    /// [`ErrorCode::PoolFull`]; [`ErrorCode::ZeroAmount`] where there is no excess.
    pub fn sweep_excess(&mut self, tokens_in_pool: u64) -> Result<Atoms> {
        let tokens = i64::try_from(tokens_in_pool).unwrap_or(i64::MAX);
        let excess = Atoms(tokens).minus(self.head.pool_cash)?;
        self.receive(excess)?;
        self.head.fee_cash = self.head.fee_cash.plus(excess)?;
        self.require_sound()?;
        Ok(excess)
    }

    /// Writes a receipt into the ring.
    pub(crate) fn record(&mut self, mut receipt: Receipt) {
        let place = (self.head.receipt_count % RING as u64) as usize;
        self.head.receipt_count = self.head.receipt_count.wrapping_add(1);
        receipt.number = self.head.receipt_count;
        self.head.receipts[place] = receipt;
    }

    /// The receipts made after the first `seen` ones, oldest first, in two parts: where the ring ends, the second begins.
    /// Those the ring has lost are left out.
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
}
