//! A crank while it runs: its report, its receipts, and the pay of its caller.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{RING, VAULT};
use crate::rules::phase::{self, Action};
use crate::state::exchange::Exchange;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::position::Position;
use crate::state::receipt::{Kind, Receipt};
use crate::units::{Atoms, Lots, Price, Side};

/// The crank report: what one call did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrankReport {
    /// Seats reduced by the book or the vault. A seat that is reduced again after another one counts again.
    pub seats: u32,
    /// Lots closed in the book.
    pub book_lots: Lots,
    /// Lots taken over by the vault.
    pub vault_lots: Lots,
    /// Lots closed by auto-deleveraging.
    pub forced_lots: Lots,
    /// Number of forced fills.
    pub forced_fills: u32,
    /// Number of resting orders filled or removed.
    pub matches: u32,
    /// Number of receipts made.
    pub receipts: u32,
    /// What the caller's seat has earned, in atoms.
    pub pay: Atoms,
    /// Whether the call ended because it reached its bound on orders or receipts.
    pub stopped: bool,
}

/// A crank while it runs.
pub(crate) struct Crank {
    /// What it has done so far.
    pub report: CrankReport,
    /// The current time, in unix seconds.
    pub now: i64,
    /// The seat that is paid for the call, if any.
    pub payee: Option<u32>,
    /// Whether a fill has changed a seat of the winning side since that side was ranked.
    pub touched_winners: bool,
    /// Whether the vault was credited fees before anything else.
    credited: bool,
    /// Fills in the book that have no receipt yet.
    fills: Option<BookFills>,
    /// The seat reduced last.
    pub last: Option<u32>,
}

/// Consecutive fills of one seat in the book. They share one receipt.
struct BookFills {
    loser: u32,
    /// The seat's position before the first of them.
    before: Position,
    lots: Lots,
    quote: Atoms,
}

impl Crank {
    /// Whether anyone is paid for the call.
    pub fn paid(&self) -> bool {
        self.payee.is_some()
    }

    /// Whether the ring has room for this many more receipts of this call.
    pub fn has_room_for(&self, receipts: u32) -> bool {
        self.report.receipts + self.fills.is_some() as u32 + receipts <= RING as u32
    }

    fn count_seat(&mut self, loser: u32) {
        self.report.seats += (self.last != Some(loser)) as u32;
        self.last = Some(loser);
    }
}

/// Begins every crank. `asked` is the number that the caller wants, `most` the largest number that one call does.
///
/// # Errors
/// [`ErrorCode::TooManyRequested`], and those of [`require_payee`] and of [`phase::require`].
pub(crate) fn begin(
    market: &mut Market,
    action: Action,
    (asked, most): (u32, u32),
    payee: Option<u32>,
    now: i64,
) -> Result<Crank> {
    require(asked >= 1 && asked <= most, ErrorCode::TooManyRequested, most as i64, asked as i64)?;
    require_payee(market, payee)?;
    phase::require(market, action, now)?;
    let credited = market.head.vault_fees.0 > 0;
    ledger::credit_vault_fees(market)?;
    Ok(Crank { credited, report: CrankReport::default(), now, payee, touched_winners: false, fills: None, last: None })
}

/// Ends every crank by writing the last receipt.
pub(crate) fn end(exchange: &mut Exchange, mut crank: Crank) -> Result<CrankReport> {
    write_book_receipt(&mut exchange.market, &mut crank)?;
    crank.report.matches = exchange.met;
    exchange.idle = !crank.credited && crank.report == CrankReport::default();
    Ok(crank.report)
}

/// Pays the caller. Its seat is flat, so nothing else depends on its cash.
pub(crate) fn pay(market: &mut Market, from: Purse, amount: Atoms, crank: &mut Crank) -> Result<()> {
    let Some(payee) = crank.payee else { return Ok(()) };
    crank.report.pay = crank.report.pay.plus(amount)?;
    ledger::transfer(market, from, Purse::Seat(payee), amount)
}

/// Fails unless the seat that is paid has neither a position nor orders, and is not the vault's. Pay raises equity, so
/// it would otherwise change the payee's own rank between two calls.
///
/// # Errors
/// [`ErrorCode::VaultSeat`], [`ErrorCode::NoSuchSeat`], [`ErrorCode::PayeeNotIdle`].
pub(crate) fn require_payee(market: &Market, payee: Option<u32>) -> Result<()> {
    let Some(payee) = payee else { return Ok(()) };
    require(payee != VAULT, ErrorCode::VaultSeat, 1, 0)?;
    let seat = market.seat(payee)?;
    require(seat.is_idle(), ErrorCode::PayeeNotIdle, 0, seat.position.size.0)
}

/// Counts a fill in the book. It shares a receipt with fills of the same seat directly before it.
pub(crate) fn add_book_fill(
    market: &mut Market,
    loser: u32,
    before: &Position,
    (lots, quote): (Lots, Atoms),
    crank: &mut Crank,
) -> Result<()> {
    if crank.fills.as_ref().is_some_and(|fills| fills.loser != loser) {
        write_book_receipt(market, crank)?;
    }
    crank.count_seat(loser);
    crank.report.book_lots = crank.report.book_lots + lots;
    let statistics = &mut market.head.statistics;
    statistics.book_lots = statistics.book_lots.saturating_add(lots.0 as u64);
    let fills = crank.fills.get_or_insert(BookFills { loser, before: *before, lots: Lots::ZERO, quote: Atoms::ZERO });
    fills.lots = fills.lots + lots;
    fills.quote = fills.quote.plus(quote)?;
    Ok(())
}

/// Writes the receipt of those fills in the book that have none yet.
pub(crate) fn write_book_receipt(market: &mut Market, crank: &mut Crank) -> Result<()> {
    let Some(BookFills { loser, before, lots, quote }) = crank.fills.take() else { return Ok(()) };
    let sign = before.size.0.signum();
    let price = Price(quote.0.div_euclid(lots.0.max(1)));
    let taken = Atoms(quote.minus(lots * market.oracle_price())?.0 * sign);
    write_receipt(market, Kind::Book, loser, &before, (0, lots, price, taken), crank)
}

/// Counts what the vault took over, and writes its receipt.
pub(crate) fn add_vault_fill(
    market: &mut Market,
    loser: u32,
    before: &Position,
    (lots, price): (Lots, Price),
    crank: &mut Crank,
) -> Result<()> {
    write_book_receipt(market, crank)?;
    crank.count_seat(loser);
    crank.report.vault_lots = crank.report.vault_lots + lots;
    let statistics = &mut market.head.statistics;
    statistics.vault_lots = statistics.vault_lots.saturating_add(lots.0 as u64);
    let taken = Atoms((lots * price).minus(lots * market.oracle_price())?.0 * before.size.0.signum());
    write_receipt(market, Kind::Vault, loser, before, (VAULT, lots, price, taken), crank)
}

/// Writes the receipt of a step: (winner, lots, price, taken) and the loser's position as it was before.
fn write_receipt(
    market: &mut Market,
    kind: Kind,
    loser: u32,
    before: &Position,
    (winner, lots, price, taken): (u32, Lots, Price, Atoms),
    crank: &mut Crank,
) -> Result<()> {
    let deficit = (-before.equity(market.adjusted_price())?.0).max(0);
    let side = before.size.side().unwrap_or(Side::Long);
    crank.report.receipts += 1;
    market.record(Receipt {
        time: crank.now,
        kind: kind as u8,
        side: side as u8,
        loser,
        winner,
        lots,
        price,
        oracle_price: market.oracle_price(),
        needed: Atoms(deficit.min(taken.0.max(0))),
        taken,
        ..Receipt::default()
    });
    Ok(())
}
