//! The market account: its header, its seats, and what every operation on a seat goes through.

use crate::error::{require, Error, ErrorCode, Result};
use crate::heap::{self, Entry, Slots};
use crate::params::Params;
use crate::price::{PriceState, Print};
use crate::ranking::{RankRule, Terms};
use crate::receipt::{Receipt, RING};
use crate::seat::{zero_price_of_key, Key, Link, Seat, KEY_SHIFT};
use crate::units::{Adjusted, Atoms, Funding, Lots, Price, Side, MAX_POOL};
use bytemuck::{Pod, Zeroable};

/// The layout this crate reads and writes.
pub const VERSION: u8 = 1;
/// The most seats a market has: so many that one transaction ranks every one of them, whatever their order and whatever
/// they did to their numbers.
pub const MAX_SEATS: u32 = 16_384;
/// The vault's seat.
pub const VAULT: u32 = 0;

/// One part of the vault's loss budget window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct BudgetSlice {
    /// Which slice of time this is of: unix seconds over an eighth of the window.
    pub number: i64,
    /// What the vault spent below its minimum edge in it.
    pub spent: Atoms,
    /// The vault's equity when the slice was first touched.
    pub opening: Atoms,
}

/// Lifetime figures; nothing depends on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Statistics {
    /// Notional traded between takers and makers.
    pub volume: u64,
    /// Lots liquidated into the book.
    pub book_lots: u64,
    /// Lots absorbed by the vault.
    pub vault_lots: u64,
    /// Lots closed by force.
    pub forced_lots: u64,
    /// Of what winners gave up, what covered deficits, in atoms.
    pub needed: u64,
    /// What winners gave up against the oracle price, in atoms.
    pub taken: u64,
}

/// The header of the market account. The seats follow it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Header {
    /// [`VERSION`].
    pub version: u8,
    /// The ranking rule, fixed at creation: a [`RankRule`].
    pub rank_rule: u8,
    /// 1 while the authority has paused opening.
    pub opening_paused: u8,
    /// The bump of the market's address.
    pub bump: u8,
    /// The bump of the pool authority's address.
    pub pool_bump: u8,
    /// The decimals of the collateral token.
    pub decimals: u8,
    /// Always zero.
    pub padding: [u8; 2],
    /// Chosen by the creator; part of the market's address.
    pub id: u64,
    /// Who created the market.
    pub creator: Key,
    /// Who may use the powers over this market; zero when burned.
    pub authority: Key,
    /// The book account.
    pub book: Key,
    /// The token account that holds all the cash.
    pub pool: Key,
    /// The collateral token.
    pub mint: Key,
    /// The token program of the collateral.
    pub token_program: Key,
    /// The account prices are read from.
    pub oracle: Key,
    /// Who signs posted prices.
    pub price_signer: Key,
    /// What the market is run by.
    pub params: Params,
    /// The accepted and the pending price.
    pub price: PriceState,
    /// Cumulative funding paid by longs, in atoms per lot.
    pub funding: Funding,
    /// Room for what funding accrues with.
    pub funding_reserved: [i64; 3],
    /// Seat records in use, open or free; the seats behind them are space.
    pub seat_count: u32,
    /// Open seats.
    pub open_seats: u32,
    /// The first free seat.
    pub free_seats: Link,
    /// Length of the longs' heap.
    pub long_len: u32,
    /// Length of the shorts' heap.
    pub short_len: u32,
    /// Where the next walk of the longs below maintenance starts.
    pub long_cursor: u32,
    /// Where the next walk of the shorts below maintenance starts.
    pub short_cursor: u32,
    /// The winner that was partly used and stays first.
    pub partly_used: Link,
    /// The price change it was used at; at any other it has no precedence.
    pub partly_used_at: u64,
    /// All the cash of the market: what conservation is checked against. Never more than the tokens in the pool.
    pub pool_cash: Atoms,
    /// Cash nobody's but the market's: fees, and what pays the cranks.
    pub fee_cash: Atoms,
    /// Fees the vault has earned and that are credited to its seat when that is next valued.
    pub vault_fees: Atoms,
    /// Cash of requests to mint that wait.
    pub pending_mints: Atoms,
    /// Room for the settlement record's cash and size, which count in both sums.
    pub settlement_reserved: [i64; 4],
    /// The sum of all long positions.
    pub open_interest: Lots,
    /// Vault shares of this epoch.
    pub shares: u64,
    /// Counts the times the vault was wiped out and began anew.
    pub share_epoch: u64,
    /// The vault's loss budget, a ring over time.
    pub budget: [BudgetSlice; 8],
    /// Counts the calls that forced somebody.
    pub rounds: u64,
    /// Counts the receipts ever made; the newest is at `(receipt_count - 1) % RING`.
    pub receipt_count: u64,
    /// Lifetime figures.
    pub statistics: Statistics,
    /// Zero; for later versions.
    pub reserved: [u64; 32],
    /// The last receipts.
    pub receipts: [Receipt; RING],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(offset_of!(Header, id) == 8);
    assert!(offset_of!(Header, creator) == 16);
    assert!(offset_of!(Header, authority) == 48);
    assert!(offset_of!(Header, book) == 80);
    assert!(offset_of!(Header, pool) == 112);
    assert!(offset_of!(Header, mint) == 144);
    assert!(offset_of!(Header, token_program) == 176);
    assert!(offset_of!(Header, oracle) == 208);
    assert!(offset_of!(Header, price_signer) == 240);
    assert!(offset_of!(Header, params) == 272);
    assert!(offset_of!(Header, price) == 488);
    assert!(offset_of!(Header, funding) == 536);
    assert!(offset_of!(Header, seat_count) == 568);
    assert!(offset_of!(Header, partly_used) == 596);
    assert!(offset_of!(Header, partly_used_at) == 600);
    assert!(offset_of!(Header, pool_cash) == 608);
    assert!(offset_of!(Header, settlement_reserved) == 640);
    assert!(offset_of!(Header, open_interest) == 672);
    assert!(offset_of!(Header, budget) == 696);
    assert!(offset_of!(Header, rounds) == 888);
    assert!(offset_of!(Header, statistics) == 904);
    assert!(offset_of!(Header, reserved) == 952);
    assert!(offset_of!(Header, receipts) == 1208);
    assert!(size_of::<Header>() == 1208 + 96 * RING);
};

/// A market account, seen as what it is.
pub struct Market<'a> {
    /// Its header.
    pub head: &'a mut Header,
    /// Its seat records: those in use first, then space.
    pub seats: &'a mut [Seat],
}

struct LongQueue<'a>(&'a mut [Seat]);
struct ShortQueue<'a>(&'a mut [Seat]);

impl Slots for LongQueue<'_> {
    fn entry(&self, slot: u32) -> Entry {
        self.0[slot as usize].long_entry
    }
    fn place(&mut self, slot: u32, entry: Entry) {
        self.0[slot as usize].long_entry = entry;
        self.0[entry.index as usize].slot = slot;
    }
}

impl Slots for ShortQueue<'_> {
    fn entry(&self, slot: u32) -> Entry {
        self.0[slot as usize].short_entry
    }
    fn place(&mut self, slot: u32, entry: Entry) {
        self.0[slot as usize].short_entry = entry;
        self.0[entry.index as usize].slot = slot;
    }
}

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
        Ok(Self { head, seats })
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

    /// Takes a print of the oracle into account.
    pub fn observe(&mut self, print: Print, now: i64) -> Result<()> {
        self.head.price.observe(print, &self.head.params, now)
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
        } else if self.head.partly_used == Link::to(index) {
            self.head.partly_used = Link::NONE;
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

    fn change_key(&mut self, side: Side, slot: u32, key: i64) {
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
        Ok(excess)
    }

    /// Writes a receipt into the ring.
    pub(crate) fn record(&mut self, mut receipt: Receipt) {
        let place = (self.head.receipt_count % RING as u64) as usize;
        self.head.receipt_count = self.head.receipt_count.wrapping_add(1);
        receipt.number = self.head.receipt_count;
        self.head.receipts[place] = receipt;
    }

    /// The receipts made after the first `seen` ones, oldest first; those the ring has lost are left out.
    pub fn receipts_since(&self, seen: u64) -> impl Iterator<Item = &Receipt> {
        let count = self.head.receipt_count;
        let oldest = count.saturating_sub(RING as u64).max(seen);
        (oldest..count).map(|number| &self.head.receipts[(number % RING as u64) as usize])
    }
}
