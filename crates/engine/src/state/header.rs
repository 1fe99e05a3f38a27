//! The header of the market account, byte by byte.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Link, Pubkey, BUDGET_SLICES, DAY, RING};
use crate::state::params::Params;
use crate::state::price::PriceState;
use crate::state::receipt::Receipt;
use crate::units::{Atoms, Funding, Lots, Price, Rate};
use bytemuck::{Pod, Zeroable};

/// How a market ranks winners for auto-deleveraging. It is fixed when the market is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RankRule {
    /// Profit, leverage and size: the largest positions with the most profit and leverage go first.
    ProfitLeverageSize = 0,
    /// Profit and leverage. Splitting a position over several seats changes nothing.
    ProfitLeverage = 1,
}

impl RankRule {
    /// The rule that a stored byte means.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::ProfitLeverageSize),
            1 => Some(Self::ProfitLeverage),
            _ => None,
        }
    }

    /// Whether a larger position goes earlier.
    pub const fn counts_size(self) -> bool {
        matches!(self, Self::ProfitLeverageSize)
    }
}

/// How long a parameter change may be applied after its time lock, in seconds. Later it has no effect, so the authority
/// cannot wait many days for a moment that suits it.
pub const PARAMS_LAPSE: i64 = 7 * DAY;
/// How long prints prove the oracle alive if none of them is accepted, in seconds; longer if the market allows a longer
/// silence. Without this limit the signer of prices could put off the market's end with prices that jump up and down.
pub const UNACCEPTED_LIMIT: i64 = 3 * DAY;

/// One slice of the vault's loss budget window. It counts while it ends later than one window ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct BudgetSlice {
    /// When the slice was opened, in unix seconds.
    pub start: i64,
    /// When the slice ends, in unix seconds: an eighth of the window after its start.
    pub end: i64,
    /// What the vault spent in this slice on fills below its minimum edge, in atoms.
    pub spent: Atoms,
    /// The vault's equity when the slice was opened, in atoms.
    pub opening: Atoms,
}

/// Lifetime totals. No rule depends on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Statistics {
    /// Notional traded between takers and makers, in atoms.
    pub volume: u64,
    /// Lots of liquidated seats that were closed in the book.
    pub book_lots: u64,
    /// Lots that the vault took over from liquidated seats.
    pub vault_lots: u64,
    /// Lots closed by auto-deleveraging.
    pub forced_lots: u64,
    /// The part of `taken` that covered shortfalls, in atoms.
    pub needed: u64,
    /// What winners gave up against the oracle price, in atoms.
    pub taken: u64,
}

/// The settlement record: the counterparty of all closes in a settled market. It takes over each position at the
/// settlement price, so it is always worth nothing, and it is empty when the last one is closed. It counts in both
/// sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Settlement {
    /// Cash in atoms, signed.
    pub cash: Atoms,
    /// Position in lots, signed.
    pub size: Lots,
    /// The settlement price, at which every position closes, in atoms per lot.
    pub price: Price,
    /// When the market was settled, in unix seconds; 0 before that.
    pub at: i64,
}

/// The header of the market account. The seats follow it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Header {
    /// Layout version: [`VERSION`](crate::layout::VERSION).
    pub version: u8,
    /// How winners are ranked: a [`RankRule`]. Fixed at creation.
    pub rank_rule: u8,
    /// 1 while the authority has paused opening, else 0.
    pub opening_paused: u8,
    /// Bump of the market's address.
    pub bump: u8,
    /// Bump of the pool authority's address.
    pub pool_bump: u8,
    /// Decimals of the collateral token.
    pub decimals: u8,
    /// The price source: an [`OracleKind`](crate::oracle::OracleKind). Fixed at creation.
    pub oracle_kind: u8,
    /// A lot is 10 to this power of the asset's units. It converts the prices of a Pyth feed. In a market with a posted
    /// price it is for display only.
    pub lot_exponent: i8,
    /// Number chosen by the creator; part of the market's address.
    pub id: u64,
    /// The account that created the market.
    pub creator: Pubkey,
    /// The key that may use the powers over this market; zero if it was given up for good.
    pub authority: Pubkey,
    /// The book account.
    pub book: Pubkey,
    /// The token account that holds all cash of the market.
    pub pool: Pubkey,
    /// The mint of the collateral token.
    pub mint: Pubkey,
    /// The token program of the collateral token.
    pub token_program: Pubkey,
    /// The only account that the price is read from. Fixed at creation.
    pub oracle: Pubkey,
    /// Id of the Pyth feed; zero for a posted price.
    pub feed: [u8; 32],
    /// The key that signs posted prices; zero for a Pyth feed.
    pub price_signer: Pubkey,
    /// The parameters in force.
    pub params: Params,
    /// The oracle price, the pending price and the older price.
    pub price: PriceState,
    /// Cumulative funding paid by longs, in atoms per lot.
    pub funding: Funding,
    /// The time up to which funding has accrued, in unix seconds; 0 before the first price.
    pub accrued_at: i64,
    /// The part of the next atom of funding accrued so far, in millionths of an atom times seconds of the period.
    pub funding_remainder: i64,
    /// What longs paid per lot and period when funding last accrued, in millionths of an atom. For display only.
    pub funding_rate: i64,
    /// Number of seat records in use, open or free. Records beyond it are unused space.
    pub seat_count: u32,
    /// Number of open seats.
    pub open_seats: u32,
    /// The first free seat; zero if none is free.
    pub free_seats: Link,
    /// Number of long seats, which is the length of their liquidation queue.
    pub long_len: u32,
    /// Number of short seats, which is the length of their liquidation queue.
    pub short_len: u32,
    /// The queue slot where the next search for longs below maintenance starts.
    pub long_cursor: u32,
    /// The queue slot where the next search for shorts below maintenance starts.
    pub short_cursor: u32,
    /// The winner that was partly deleveraged and stays first in the ADL queue; zero if none.
    pub partly_deleveraged: Link,
    /// The value of `price.changes` when that happened. At any other value the winner has no precedence.
    pub partly_deleveraged_at: u64,
    /// All cash of the market, in atoms. Conservation is checked against it. The pool never holds fewer tokens.
    pub pool_cash: Atoms,
    /// Cash that belongs to the market itself, in atoms: collected fees, from which cranks are paid.
    pub fee_cash: Atoms,
    /// Fees that the vault has earned, in atoms. They are credited to its seat when the vault is next valued.
    pub vault_fees: Atoms,
    /// Cash of pending requests to mint shares, in atoms.
    pub pending_mints: Atoms,
    /// The settlement record; zero until the market is settled.
    pub settlement: Settlement,
    /// Sum of all long positions, in lots.
    pub open_interest: Lots,
    /// Vault shares in existence in the current epoch.
    pub shares: u64,
    /// The current epoch of vault shares. It rises when the vault has been wiped out and starts again.
    pub share_epoch: u64,
    /// The vault's loss budget: a ring of slices of time.
    pub budget: [BudgetSlice; BUDGET_SLICES],
    /// Number of `deleverage` calls that forced at least one fill.
    pub rounds: u64,
    /// Number of receipts ever made. The newest is at `(receipt_count - 1) % RING`.
    pub receipt_count: u64,
    /// Lifetime totals, for display.
    pub statistics: Statistics,
    /// When the oracle was announced dead, in unix seconds; 0 if it is not.
    pub dead_since: i64,
    /// From this time on nothing matches and the market may be settled, in unix seconds; 0 if it is not being delisted.
    pub delist_at: i64,
    /// When [`Self::pending_params`] may be applied, in unix seconds; 0 if no change is pending.
    pub pending_params_at: i64,
    /// Proposed parameters that wait for their time lock.
    pub pending_params: Params,
    /// The key that the authority has been offered to; zero if none.
    pub pending_authority: Pubkey,
    /// The owner that redeemed the last share of the vault; zero if that never happened.
    pub last_redeemer: Pubkey,
    /// The market's name: printable ASCII, followed by zeroes. Fixed at creation, for display only.
    pub name: [u8; 16],
    /// Raised by every operation that changes the market, so that a reader can poll eight bytes.
    pub revision: u64,
    /// The book's revision after the last operation. If the book account has another one, the two accounts were not read
    /// at the same moment.
    pub book_revision: u64,
    /// Always zero; reserved for later versions.
    pub reserved: [u64; 28],
    /// The last receipts, in a ring.
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
    assert!(offset_of!(Header, feed) == 240);
    assert!(offset_of!(Header, price_signer) == 272);
    assert!(offset_of!(Header, params) == 304);
    assert!(offset_of!(Header, price) == 560);
    assert!(offset_of!(Header, funding) == 664);
    assert!(offset_of!(Header, accrued_at) == 672);
    assert!(offset_of!(Header, seat_count) == 696);
    assert!(offset_of!(Header, partly_deleveraged) == 724);
    assert!(offset_of!(Header, partly_deleveraged_at) == 728);
    assert!(offset_of!(Header, pool_cash) == 736);
    assert!(offset_of!(Header, settlement) == 768);
    assert!(offset_of!(Header, open_interest) == 800);
    assert!(offset_of!(Header, budget) == 824);
    assert!(offset_of!(Header, rounds) == 1112);
    assert!(offset_of!(Header, statistics) == 1128);
    assert!(offset_of!(Header, dead_since) == 1176);
    assert!(offset_of!(Header, pending_params) == 1200);
    assert!(offset_of!(Header, pending_authority) == 1456);
    assert!(offset_of!(Header, last_redeemer) == 1488);
    assert!(offset_of!(Header, name) == 1520);
    assert!(offset_of!(Header, revision) == 1536);
    assert!(offset_of!(Header, reserved) == 1552);
    assert!(offset_of!(Header, receipts) == 1776);
    assert!(size_of::<Header>() == 1776 + 96 * RING);
};

impl Header {
    /// Whether the market has been settled, which fixes price and funding for good.
    pub const fn is_settled(&self) -> bool {
        self.settlement.at != 0
    }

    /// Fails if the market has been settled.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`] with 0 and the time of settlement.
    pub fn require_unsettled(&self) -> Result<()> {
        require(!self.is_settled(), ErrorCode::MarketSettled, 0, self.settlement.at)
    }

    /// Whether the market's delisting date has come.
    pub const fn is_delisted(&self, now: i64) -> bool {
        self.delist_at != 0 && now >= self.delist_at
    }

    /// Whether a new print proves the oracle alive. It does if a print was accepted within [`UNACCEPTED_LIMIT`], or
    /// within the market's allowed silence if that is longer.
    pub(crate) fn proves_oracle_alive(&self, now: i64) -> bool {
        now.saturating_sub(self.price.accepted_at) <= UNACCEPTED_LIMIT.max(self.price.silence)
    }

    /// Whether the powers over this market have been given up for good.
    pub fn is_ownerless(&self) -> bool {
        self.authority == [0; 32]
    }

    /// The initial margin for opening. A higher one that is pending already counts, until it lapses.
    pub fn opening_margin(&self, now: i64) -> Rate {
        if self.pending_params_at == 0 || self.has_lapsed(now) {
            return self.params.initial;
        }
        self.params.initial.max(self.pending_params.initial)
    }

    /// Whether the pending parameters have lapsed and can no longer be applied.
    pub const fn has_lapsed(&self, now: i64) -> bool {
        self.pending_params_at != 0 && now > self.pending_params_at.saturating_add(PARAMS_LAPSE)
    }

    /// The rule by which the market ranks winners.
    pub fn rank_rule(&self) -> RankRule {
        RankRule::from_byte(self.rank_rule).unwrap_or(RankRule::ProfitLeverageSize)
    }
}
