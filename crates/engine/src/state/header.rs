//! The header of the market account, byte by byte.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Link, Pubkey, BUDGET_SLICES, DAY, RING};
use crate::state::params::Params;
use crate::state::price::PriceState;
use crate::state::receipt::Receipt;
use crate::units::{Atoms, Funding, Lots, Price, Rate};
use bytemuck::{Pod, Zeroable};

/// What a market ranks by, fixed when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RankRule {
    /// Profit, leverage and size: the biggest, most profitable, most leveraged go first.
    ProfitLeverageSize = 0,
    /// Profit and leverage. Splitting a position over seats changes nothing.
    ProfitLeverage = 1,
}

impl RankRule {
    /// The rule a stored byte means.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::ProfitLeverageSize),
            1 => Some(Self::ProfitLeverage),
            _ => None,
        }
    }

    /// Whether a larger position goes first.
    pub const fn counts_size(self) -> bool {
        matches!(self, Self::ProfitLeverageSize)
    }
}

/// How long a change may be applied once its time lock is over, in seconds. Later it binds nobody: nobody picks the second
/// that suits them out of many days.
pub const PARAMS_LAPSE: i64 = 7 * DAY;
/// How long prints prove an oracle alive of which none is accepted, in seconds, or longer where it may be silent for
/// longer: whoever signs them could otherwise keep a market from its end by jumping up and down.
pub const UNACCEPTED_LIMIT: i64 = 3 * DAY;

/// One part of the vault's loss budget window. It counts while its end is later than a window ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct BudgetSlice {
    /// When it was opened, in unix seconds.
    pub start: i64,
    /// Until when what is spent belongs to it, in unix seconds: an eighth of the window later.
    pub end: i64,
    /// What the vault spent below its minimum edge in it.
    pub spent: Atoms,
    /// The vault's equity when it was opened.
    pub opening: Atoms,
}

/// Lifetime figures; nothing depends on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
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

/// What closes positions once the market has been settled: it takes over each at the settlement price, so it is worth
/// nothing at any time, and when the last one is closed it is empty. Counts in both sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Settlement {
    /// Signed cash.
    pub cash: Atoms,
    /// Signed lots.
    pub size: Lots,
    /// The price at which everything closes, in atoms per lot.
    pub price: Price,
    /// When the market was settled, in unix seconds; 0 while it lives.
    pub at: i64,
}

/// The header of the market account. The seats follow it.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Header {
    /// [`VERSION`](crate::layout::VERSION).
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
    /// Where prices come from, fixed at creation: an [`OracleKind`](crate::oracle::OracleKind).
    pub oracle_kind: u8,
    /// A lot is 10 to this power of the asset's units. It converts the prices of a Pyth feed; for a posted price it is for
    /// display.
    pub lot_exponent: i8,
    /// Chosen by the creator; part of the market's address.
    pub id: u64,
    /// Who created the market.
    pub creator: Pubkey,
    /// Who may use the powers over this market; zero when burned.
    pub authority: Pubkey,
    /// The book account.
    pub book: Pubkey,
    /// The token account that holds all the cash.
    pub pool: Pubkey,
    /// The collateral token.
    pub mint: Pubkey,
    /// The token program of the collateral.
    pub token_program: Pubkey,
    /// The account that the price is read from, and no other: fixed at creation.
    pub oracle: Pubkey,
    /// The id of the Pyth feed; zero for a posted price.
    pub feed: [u8; 32],
    /// Who signs posted prices; zero for a Pyth feed.
    pub price_signer: Pubkey,
    /// What the market is run by.
    pub params: Params,
    /// The accepted and the pending price.
    pub price: PriceState,
    /// Cumulative funding paid by longs, in atoms per lot.
    pub funding: Funding,
    /// Until when funding has accrued, in unix seconds; 0 before the first price.
    pub accrued_at: i64,
    /// What funding has accrued of the next atom, in millionths of an atom times seconds of the period.
    pub funding_remainder: i64,
    /// What longs paid a lot in a period when funding last accrued, in millionths of an atom; for display.
    pub funding_rate: i64,
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
    /// The winner that was partly deleveraged and stays first.
    pub partly_deleveraged: Link,
    /// The price change it was used at; at any other it has no precedence.
    pub partly_deleveraged_at: u64,
    /// All the cash of the market: what conservation is checked against. Never more than the tokens in the pool.
    pub pool_cash: Atoms,
    /// Cash nobody's but the market's: fees, and what pays the cranks.
    pub fee_cash: Atoms,
    /// Fees the vault has earned and that are credited to its seat when that is next valued.
    pub vault_fees: Atoms,
    /// Cash of requests to mint that wait.
    pub pending_mints: Atoms,
    /// What closes positions once the market has been settled.
    pub settlement: Settlement,
    /// The sum of all long positions.
    pub open_interest: Lots,
    /// Vault shares of this epoch.
    pub shares: u64,
    /// Counts the times the vault was wiped out and began anew.
    pub share_epoch: u64,
    /// The vault's loss budget, a ring over time.
    pub budget: [BudgetSlice; BUDGET_SLICES],
    /// Counts the calls that forced somebody.
    pub rounds: u64,
    /// Counts the receipts ever made; the newest is at `(receipt_count - 1) % RING`.
    pub receipt_count: u64,
    /// Lifetime figures.
    pub statistics: Statistics,
    /// When the oracle was announced dead, in unix seconds; 0 while it is not.
    pub dead_since: i64,
    /// From when on nothing matches any more and the market may be settled, in unix seconds; 0 when it is not delisted.
    pub delist_at: i64,
    /// When [`Self::pending_params`] may be applied, in unix seconds; 0 when none are pending.
    pub pending_params_at: i64,
    /// The parameters that wait for their time lock.
    pub pending_params: Params,
    /// Who has been offered the authority; zero when nobody.
    pub pending_authority: Pubkey,
    /// Who redeemed the last share of the vault; zero when nobody has.
    pub last_redeemer: Pubkey,
    /// The market's name, fixed at creation and for display only: printable ASCII, zeroes behind it.
    pub name: [u8; 16],
    /// Raised by every operation on the market, so that a reader can poll eight bytes.
    pub revision: u64,
    /// The book's revision after the last operation. If the book account says another, the two were not read at the same
    /// moment.
    pub book_revision: u64,
    /// Zero; for later versions.
    pub reserved: [u64; 28],
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

    /// Whether a new print proves the oracle alive: a print was accepted within [`UNACCEPTED_LIMIT`], and within the silence that
    /// its market allows.
    pub(crate) fn proves_oracle_alive(&self, now: i64) -> bool {
        now.saturating_sub(self.price.accepted_at) <= UNACCEPTED_LIMIT.max(self.price.silence)
    }

    /// Whether nobody may use the powers over this market any more.
    pub fn is_ownerless(&self) -> bool {
        self.authority == [0; 32]
    }

    /// The initial margin of whoever opens: a higher one that is pending already counts, until it lapses.
    pub fn opening_margin(&self, now: i64) -> Rate {
        if self.pending_params_at == 0 || self.has_lapsed(now) {
            return self.params.initial;
        }
        self.params.initial.max(self.pending_params.initial)
    }

    /// Whether the pending parameters can no longer be applied.
    pub const fn has_lapsed(&self, now: i64) -> bool {
        self.pending_params_at != 0 && now > self.pending_params_at.saturating_add(PARAMS_LAPSE)
    }

    /// The rule that the market ranks winners by.
    pub fn rank_rule(&self) -> RankRule {
        RankRule::from_byte(self.rank_rule).unwrap_or(RankRule::ProfitLeverageSize)
    }
}
