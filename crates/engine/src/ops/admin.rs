//! The powers of a market's authority, and their limits.
//!
//! The authority may pause opening, change parameters within their hard bounds, delist (see
//! [`crate::ops::settlement`]), take its part of the fee cash, hand itself over and give itself up for good. No
//! function here moves the cash of a seat or of the vault, chooses who is liquidated or deleveraged, or stops closing,
//! depositing, withdrawing, redeeming or a crank. No parameter has such an effect before everybody has had the time
//! lock to leave.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, DAY};
use crate::rules::fees::takeable_fees;
use crate::rules::param_changes::applies_at_once;
use crate::rules::phase::{self, Action};
use crate::state::header::PARAMS_LAPSE;
use crate::state::ledger::{self, Purse};
use crate::state::market::Market;
use crate::state::params::Params;
use crate::units::{divide_wide, Atoms, Round};

/// How long a parameter change waits before it can be applied, in seconds.
pub const TIME_LOCK: i64 = 2 * DAY;

/// Pauses or resumes opening. Nothing else can be paused.
pub(crate) fn pause_opening(market: &mut Market, paused: bool) {
    market.head.opening_paused = paused as u8;
}

/// Changes the parameters, or makes the change wait for its time lock. Returns whether it was applied at once.
pub(crate) fn change_params(market: &mut Market, new: &Params, now: i64) -> Result<bool> {
    market.head.require_unsettled()?;
    new.validate()?;
    let at_once = applies_at_once(&market.head.params, new);
    forget_params(market);
    if at_once {
        set_params(market, new);
    } else {
        market.head.pending_params = *new;
        market.head.pending_params_at = now.saturating_add(TIME_LOCK);
    }
    Ok(at_once)
}

/// Applies the pending parameters.
pub(crate) fn apply_params(market: &mut Market, now: i64) -> Result<()> {
    let head = &*market.head;
    head.require_unsettled()?;
    let at = head.pending_params_at;
    require(at != 0, ErrorCode::NothingPending, 1, 0)?;
    require(now >= at, ErrorCode::TooEarly, at, now)?;
    require(!head.has_lapsed(now), ErrorCode::ChangeLapsed, at.saturating_add(PARAMS_LAPSE), now)?;
    // If they were proposed under another version of the program, they may be outside its bounds.
    head.pending_params.validate()?;
    let new = head.pending_params;
    set_params(market, &new);
    forget_params(market);
    Ok(())
}

fn set_params(market: &mut Market, new: &Params) {
    let head = &mut *market.head;
    // The carried part of an atom is in seconds of the period. Keep the same part of an atom in seconds of the new
    // period.
    if new.funding_period != head.params.funding_period {
        let carried = head.funding_remainder as i128 * new.funding_period as i128;
        head.funding_remainder = divide_wide(carried, head.params.funding_period, Round::Down);
    }
    head.params = *new;
}

/// Withdraws the pending parameters.
pub(crate) fn drop_params(market: &mut Market) -> Result<()> {
    require(market.head.pending_params_at != 0, ErrorCode::NothingPending, 1, 0)?;
    forget_params(market);
    Ok(())
}

fn forget_params(market: &mut Market) {
    market.head.pending_params = Params::default();
    market.head.pending_params_at = 0;
}

/// Offers the authority to a key, which has to accept. A zero key withdraws the offer.
pub(crate) fn propose_authority(market: &mut Market, to: Key) {
    market.head.pending_authority = to;
}

/// Takes over the authority that was offered to `signer`.
pub(crate) fn accept_authority(market: &mut Market, signer: &Key) -> Result<()> {
    let offered = market.head.pending_authority;
    require(offered != [0; 32], ErrorCode::NothingPending, 1, 0)?;
    require(offered == *signer, ErrorCode::NotAuthority, 0, 0)?;
    market.head.authority = offered;
    market.head.pending_authority = [0; 32];
    Ok(())
}

/// Gives the authority up for good, and cancels everything that waits for its decision.
pub(crate) fn burn_authority(market: &mut Market, now: i64) {
    forget_params(market);
    let head = &mut *market.head;
    head.authority = [0; 32];
    head.pending_authority = [0; 32];
    head.opening_paused = 0;
    if !head.is_delisted(now) {
        head.delist_at = 0;
    }
}

/// Takes fee cash out for the authority.
pub(crate) fn take_fees(market: &mut Market, amount: Atoms) -> Result<()> {
    require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
    phase::require(market, Action::TakeFromPool, 0)?;
    let most = takeable_fees(market.head);
    require(amount <= most, ErrorCode::FeesReserved, most.0, amount.0)?;
    ledger::pay_out(market, Purse::Fees, amount)
}

/// Moves tokens that strangers sent to the pool into the fee cash, and returns how many.
pub(crate) fn sweep_excess(market: &mut Market, tokens_in_pool: u64) -> Result<Atoms> {
    let tokens = i64::try_from(tokens_in_pool).unwrap_or(i64::MAX);
    let excess = Atoms(tokens).minus(market.head.pool_cash)?;
    ledger::receive(market, Purse::Fees, excess)?;
    Ok(excess)
}
