//! What the authority of a market may do, and where it ends.
//!
//! It may pause opening, change parameters within their hard bounds, delist (see [`crate::settlement`]), take its part of
//! the fee cash, pass itself on and burn itself. There is no function here that moves the cash of a seat or of the vault,
//! chooses who is liquidated or deleveraged, or stops closing, depositing, withdrawing, redeeming or a crank; and none
//! that does one of these through a parameter before everybody had the time lock to leave.

use crate::deleverage::MAX_FORCED;
use crate::error::{require, ErrorCode, Result};
use crate::exchange::Exchange;
use crate::market::{Header, Market};
use crate::params::{Params, DAY};
use crate::seat::Key;
use crate::units::{divide_wide, Atoms, Rate, Round};

/// How long a change of parameters waits, in seconds.
pub const TIME_LOCK: i64 = 2 * DAY;
/// How long a change may be applied once its time lock is over, in seconds. Later it binds nobody: nobody picks the second
/// that suits them out of many days.
pub const PARAMS_LAPSE: i64 = 7 * DAY;

/// Where a parameter stands in a set of them.
type Field = fn(&mut Params) -> &mut Rate;

/// What may be lowered at once. A change of anything else, and each of these upwards, waits for the time lock.
///
/// A line belongs here only if the change takes nothing from anybody who is in the market: no exit becomes harder, no loss
/// moves from one to another, no crank goes unpaid. What looks like tightening mostly fails that:
///
/// - a higher `initial` holds back withdrawals from a seat with a position and redemptions from a vault with one, and the
///   vault absorbs less; so it waits, but binds whoever opens from the day it is proposed ([`Header::opening_margin`]);
/// - a narrower `band` keeps takers from the orders they would close against;
/// - a lower `vault_size_cap` or `vault_loss_budget`, or a higher `vault_min_edge`, moves the next loss from the vault to
///   the winners, and an authority that owns shares would do it the moment before;
/// - a lower `funding_cap`, or `interest` nearer to 0, takes from whoever is paid funding what they opened for;
/// - a lower `caller_share`, `deleverage_pay` or `deleverage_pay_cap` sends the keepers home in the middle of a crash, and
///   the last one frees the reserve of [`Market::takeable_fees`] for the authority itself.
pub const LOWERED_AT_ONCE: [(&str, Field); 2] = [
    // Whoever trades pays less. The vault's share is of what is earned from here on. Not below what force pays, which is at
    // most a taker's fee.
    ("taker_fee", |params| &mut params.taker_fee),
    // The same; where both change, a maker's never exceeds a taker's.
    ("maker_fee", |params| &mut params.maker_fee),
];

/// Whether a change may apply at once: nothing differs but what was lowered of the table, and force pays no less.
fn applies_at_once(old: &Params, new: &Params) -> bool {
    if new.force_pay() < old.force_pay() {
        return false;
    }
    let (mut old, mut new) = (*old, *new);
    for (_, field) in LOWERED_AT_ONCE {
        let (old, new) = (field(&mut old), field(&mut new));
        if *new < *old {
            *new = *old;
        }
    }
    old == new
}

impl Header {
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
}

impl Exchange<'_> {
    /// Changes the parameters; returns whether at once. A change that may not apply at once waits [`TIME_LOCK`] in the
    /// header. Either way it takes the place of a pending one: what applies at once cannot be undone by what waited.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::BadParameter`].
    pub fn change_params(&mut self, new: &Params, now: i64) -> Result<bool> {
        self.accrue(now);
        self.market.change_params(new, now)
    }

    /// Applies the pending parameters once their time lock is over, and for [`PARAMS_LAPSE`] from then on, for anyone to
    /// call.
    ///
    /// # Errors
    /// [`ErrorCode::MarketSettled`], [`ErrorCode::NothingPending`], [`ErrorCode::TooEarly`] with the time from when on,
    /// [`ErrorCode::ChangeLapsed`] with the time until when, [`ErrorCode::BadParameter`].
    pub fn apply_params(&mut self, now: i64) -> Result<()> {
        self.accrue(now);
        self.market.apply_params(now)
    }
}

impl Market<'_> {
    /// Fails unless `signer` is the authority. Nobody is where it was burned.
    ///
    /// # Errors
    /// [`ErrorCode::NotAuthority`].
    pub fn require_authority(&self, signer: &Key) -> Result<()> {
        let is = !self.head.is_ownerless() && self.head.authority == *signer;
        require(is, ErrorCode::NotAuthority, 0, 0)
    }

    /// Pauses opening, or lets it go on. Nothing else can be paused.
    pub fn pause_opening(&mut self, paused: bool) {
        self.head.opening_paused = paused as u8;
    }

    /// See [`Exchange::change_params`].
    fn change_params(&mut self, new: &Params, now: i64) -> Result<bool> {
        let head = &mut *self.head;
        head.require_unsettled()?;
        new.validate()?;
        let at_once = applies_at_once(&head.params, new);
        head.pending_params = Params::default();
        head.pending_params_at = 0;
        if at_once {
            self.set_params(new);
        } else {
            self.head.pending_params = *new;
            self.head.pending_params_at = now.saturating_add(TIME_LOCK);
        }
        Ok(at_once)
    }

    /// See [`Exchange::apply_params`].
    fn apply_params(&mut self, now: i64) -> Result<()> {
        let head = &mut *self.head;
        head.require_unsettled()?;
        let at = head.pending_params_at;
        require(at != 0, ErrorCode::NothingPending, 1, 0)?;
        require(now >= at, ErrorCode::TooEarly, at, now)?;
        require(!head.has_lapsed(now), ErrorCode::ChangeLapsed, at.saturating_add(PARAMS_LAPSE), now)?;
        // Proposed under another version of the program, they might be out of its bounds.
        head.pending_params.validate()?;
        let new = head.pending_params;
        self.set_params(&new);
        self.forget_params();
        Ok(())
    }

    fn set_params(&mut self, new: &Params) {
        let head = &mut *self.head;
        // What funding carries is in seconds of the period: the same part of an atom in those of the new one.
        if new.funding_period != head.params.funding_period {
            let carried = head.funding_remainder as i128 * new.funding_period as i128;
            head.funding_remainder = divide_wide(carried, head.params.funding_period, Round::Down);
        }
        head.params = *new;
    }

    /// Takes the pending parameters back.
    ///
    /// # Errors
    /// [`ErrorCode::NothingPending`].
    pub fn drop_params(&mut self) -> Result<()> {
        require(self.head.pending_params_at != 0, ErrorCode::NothingPending, 1, 0)?;
        self.forget_params();
        Ok(())
    }

    fn forget_params(&mut self) {
        self.head.pending_params = Params::default();
        self.head.pending_params_at = 0;
    }

    /// Offers the authority to a key, which has to accept; zero takes an offer back.
    pub fn propose_authority(&mut self, to: Key) {
        self.head.pending_authority = to;
    }

    /// Takes over the authority that was offered to `signer`.
    ///
    /// # Errors
    /// [`ErrorCode::NothingPending`], [`ErrorCode::NotAuthority`].
    pub fn accept_authority(&mut self, signer: &Key) -> Result<()> {
        let offered = self.head.pending_authority;
        require(offered != [0; 32], ErrorCode::NothingPending, 1, 0)?;
        require(offered == *signer, ErrorCode::NotAuthority, 0, 0)?;
        self.head.authority = offered;
        self.head.pending_authority = [0; 32];
        Ok(())
    }

    /// Gives the authority up for good, with all that waits on its word: pending parameters, an offer of the authority, a
    /// delisting whose date has not come, and the pause of opening, which nobody could lift any more.
    pub fn burn_authority(&mut self, now: i64) {
        self.forget_params();
        let head = &mut *self.head;
        head.authority = [0; 32];
        head.pending_authority = [0; 32];
        head.opening_paused = 0;
        if !head.is_delisted(now) {
            head.delist_at = 0;
        }
    }

    /// What the authority may take of the fee cash: all but the most that a round of forced fills is paid, so that a crisis
    /// finds its cranks paid; of a settled market all.
    pub fn takeable_fees(&self) -> Atoms {
        let reserve = (MAX_FORCED as i64).saturating_mul(self.head.params.deleverage_pay_cap);
        let reserve = if self.head.is_settled() { 0 } else { reserve };
        Atoms((self.head.fee_cash.0 - reserve).max(0))
    }

    /// Takes fee cash out for the authority; the caller then pays it from the pool. Not while anybody is bankrupt.
    ///
    /// # Errors
    /// [`ErrorCode::ZeroAmount`], [`ErrorCode::BankruptSeat`], [`ErrorCode::FeesReserved`] with what may be taken.
    pub fn take_fees(&mut self, amount: Atoms) -> Result<()> {
        require(amount.0 > 0, ErrorCode::ZeroAmount, 1, amount.0)?;
        self.require_nobody_bankrupt()?;
        let most = self.takeable_fees();
        require(amount <= most, ErrorCode::FeesReserved, most.0, amount.0)?;
        self.head.fee_cash = self.head.fee_cash.minus(amount)?;
        self.head.pool_cash = self.head.pool_cash.minus(amount)?;
        self.require_sound()
    }
}
