//! The ring in which the vault's spending is written down.

use crate::error::Result;
use crate::layout::BUDGET_SLICES;
use crate::state::header::BudgetSlice;
use crate::state::market::Market;
use crate::units::Atoms;

/// The current slice of the budget window, opened if the last one is over; called before anything that changes the
/// vault's equity other than the market itself.
///
/// A slice counts as long as it ends later than a window ago, whatever the window is by then. Slices of one length need
/// no more room than the ring has. After a change to a longer window they might: then the two oldest become one, so
/// nothing that still counts is forgotten.
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

/// The slice that ends first, but for the one at `except`.
fn oldest(ring: &[BudgetSlice], except: usize) -> usize {
    let others = ring.iter().enumerate().filter(|(place, _)| *place != except);
    others.min_by_key(|(_, slice)| slice.end).map_or(0, |(place, _)| place)
}
