//! The ring that records what the vault has spent.

use crate::error::Result;
use crate::layout::BUDGET_SLICES;
use crate::state::header::BudgetSlice;
use crate::state::market::Market;
use crate::units::Atoms;

/// The current slice of the budget window. If the last slice is over, a new one is opened. This is called before every
/// change of the vault's equity that is not caused by the market itself.
///
/// A slice counts while it ends later than one window ago, by the length the window has at that time. Slices of one
/// length always fit the ring. After a change to a longer window they may not: then the two oldest are merged, so
/// everything that still counts is kept.
pub(crate) fn open_slice<'a>(market: &'a mut Market, now: i64) -> Result<&'a mut BudgetSlice> {
    let opening = market.vault_equity()?;
    let window = market.head.params.budget_window;
    let ring = &mut market.head.budget;
    let current = ring.iter().position(|slice| slice.start <= now && now < slice.end);
    let place = match current {
        Some(place) => place,
        None => {
            let place = oldest(ring, BUDGET_SLICES);
            let old = ring[place];
            if old.end > now.saturating_sub(window) {
                let next = &mut ring[oldest(ring, place)];
                next.spent = next.spent.plus(old.spent)?;
                next.opening = next.opening.min(old.opening);
                next.start = old.start;
            }
            let end = now.saturating_add((window / 8).max(1));
            ring[place] = BudgetSlice { start: now, end, spent: Atoms::ZERO, opening };
            place
        }
    };
    Ok(&mut ring[place])
}

/// The slice that ends first, not counting the one at `except`.
fn oldest(ring: &[BudgetSlice], except: usize) -> usize {
    let others = ring.iter().enumerate().filter(|(place, _)| *place != except);
    others.min_by_key(|(_, slice)| slice.end).map_or(0, |(place, _)| place)
}
