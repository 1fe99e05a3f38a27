//! The parameters of a market and the hard-coded bounds that no authority can leave.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{DAY, HOUR};
use crate::units::{Rate, MAX_LOTS, MAX_POOL, RATE_ONE};
use bytemuck::{Pod, Zeroable};

/// The lowest price of a lot at a market's first print, in atoms. It keeps a tick and a rounding relatively small.
pub const MIN_FIRST_PRICE: i64 = 10_000;

/// The largest allowed `funding_cap`, in millionths of the notional: 5 %.
pub const MAX_FUNDING_CAP: u32 = 50_000;

/// The largest allowed `staleness`, in seconds. While the accepted price lags behind public prices, a trader who does
/// not watch them loses to those who do.
pub const MAX_STALENESS: i64 = 60;

/// How far ahead of the chain's clock an oracle may date a print, in seconds. Publishers' clocks run ahead of it.
const MOST_AHEAD: i64 = 2;

/// The parameters of a market. Rates are in millionths, times in seconds, money in atoms of the collateral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Params {
    /// Maintenance margin: a seat with less equity than this share of its notional is liquidated.
    pub maintenance: Rate,
    /// Target margin: a liquidation brings a seat back to this share. It is between maintenance and initial.
    pub target: Rate,
    /// Initial margin: the share of the notional needed to open a position or to withdraw from one.
    pub initial: Rate,
    /// What a taker pays, as a share of the notional.
    pub taker_fee: Rate,
    /// What a maker pays, as a share of the notional.
    pub maker_fee: Rate,
    /// The vault's share of trading fees.
    pub vault_fee_share: Rate,
    /// How far from the oracle price a fill in the book may be, in either direction.
    pub band: Rate,
    /// Pay of the caller of `liquidate`, of the notional closed. It comes from what the seat has above its bankruptcy
    /// price.
    pub caller_share: Rate,
    /// How far below (above) the oracle price the vault buys (sells) a liquidated seat's lots.
    pub vault_discount: Rate,
    /// The vault's fee on any liquidated notional, from what the seat has above its bankruptcy price after
    /// `caller_share`.
    pub vault_fee: Rate,
    /// The smallest edge against the oracle price at which the vault takes a position without using its loss budget.
    pub vault_min_edge: Rate,
    /// The share of its equity that the vault may spend in a window on fills below the minimum edge.
    pub vault_loss_budget: Rate,
    /// How far from the oracle price, on the side that favours it, the vault offers its inventory.
    pub vault_spread: Rate,
    /// A print further than this from the accepted price waits for a second one to confirm it.
    pub jump: Rate,
    /// The caller's pay for a forced fill, as a share of its notional.
    pub deleverage_pay: Rate,
    /// The largest funding payment in a funding period, as a share of the notional.
    pub funding_cap: Rate,
    /// The widest confidence interval at which an oracle's price is taken, as a share of that price.
    pub confidence: Rate,
    /// Always zero.
    pub padding: u32,
    /// The largest pay for a forced fill, in atoms.
    pub deleverage_pay_cap: i64,
    /// The smallest order, in lots.
    pub min_order: i64,
    /// The collateral that a seat must keep while it is open, in atoms.
    pub min_collateral: i64,
    /// The largest position of the vault, in lots.
    pub vault_size_cap: i64,
    /// The minimum time between a pending print and one that may confirm the jump, in seconds.
    pub confirmation: i64,
    /// How old the accepted price may be for anything that needs one, in seconds.
    pub staleness: i64,
    /// The longest time for which an order that evicted another cannot be cancelled, in seconds. A later price ends it
    /// early.
    pub evict_lock: i64,
    /// How long a deposit made while holding a position stays out of the ranking, in seconds. Also how long a seat must
    /// not have been weakened before the vault overpays for its position.
    pub seasoning: i64,
    /// Length of the vault's loss budget window, in seconds.
    pub budget_window: i64,
    /// How long a request to mint or redeem waits, in seconds.
    pub vault_cooldown: i64,
    /// What longs pay shorts in a funding period besides the premium, in millionths of the notional. Below zero, shorts
    /// pay longs.
    pub interest: i64,
    /// How long it takes to pay a premium in full, in seconds.
    pub funding_period: i64,
    /// The notional that defines the impact price, in atoms: its average price in the book.
    pub impact_notional: i64,
    /// How long an oracle may be silent before anyone may announce it dead, in seconds.
    pub oracle_silence: i64,
    /// How long after that announcement a print still proves the oracle alive, in seconds.
    pub oracle_grace: i64,
    /// Always zero; reserved for later versions.
    pub reserved: [i64; 8],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<Params>() == 256);
    assert!(offset_of!(Params, maintenance) == 0);
    assert!(offset_of!(Params, deleverage_pay) == 56);
    assert!(offset_of!(Params, confidence) == 64);
    assert!(offset_of!(Params, deleverage_pay_cap) == 72);
    assert!(offset_of!(Params, vault_cooldown) == 144);
    assert!(offset_of!(Params, impact_notional) == 168);
    assert!(offset_of!(Params, oracle_silence) == 176);
    assert!(offset_of!(Params, reserved) == 192);
};

impl Params {
    /// Parameters for a liquid coin: 20x leverage at most, liquidation at 2.5 %, brought back to 3.75 %.
    pub const fn standard() -> Self {
        Self {
            maintenance: Rate(25_000),
            target: Rate(37_500),
            initial: Rate(50_000),
            taker_fee: Rate(500),
            maker_fee: Rate(100),
            vault_fee_share: Rate(200_000),
            band: Rate(50_000),
            caller_share: Rate(500),
            vault_discount: Rate(10_000),
            vault_fee: Rate(2_500),
            vault_min_edge: Rate(5_000),
            vault_loss_budget: Rate::ZERO,
            vault_spread: Rate(5_000),
            jump: Rate(50_000),
            deleverage_pay: Rate(100),
            funding_cap: Rate(7_500),
            confidence: Rate(10_000),
            padding: 0,
            deleverage_pay_cap: 10_000_000,
            min_order: 1,
            min_collateral: 10_000_000,
            vault_size_cap: 1_000_000,
            confirmation: 10,
            staleness: 5,
            evict_lock: 10,
            seasoning: 300,
            budget_window: 3_600,
            vault_cooldown: 600,
            interest: 100,
            funding_period: 28_800,
            impact_notional: 1_000_000_000,
            oracle_silence: HOUR,
            oracle_grace: DAY,
            reserved: [0; 8],
        }
    }

    /// How far ahead of the clock a print may be dated, in seconds. So a print is certain to have been published after
    /// time `t` only if it is dated later than `t + ahead`.
    pub fn ahead(&self) -> i64 {
        self.staleness.min(MOST_AHEAD)
    }

    /// The caller's pay for a forced fill, of its notional: at most what a taker would pay for the fill.
    pub fn force_pay(&self) -> Rate {
        self.deleverage_pay.min(self.taker_fee)
    }

    /// Fails if a parameter is outside its hard-coded bounds.
    ///
    /// # Errors
    /// [`ErrorCode::BadParameter`] with the bound that was left and the value that left it.
    pub fn validate(&self) -> Result<()> {
        let rate = |rate: Rate, low: u32, high: u32| within(rate.0 as i64, low as i64, high as i64);
        rate(self.maintenance, 2_000, 500_000)?;
        rate(self.target, self.maintenance.0 + 1, RATE_ONE as u32)?;
        rate(self.initial, self.target.0, RATE_ONE as u32)?;
        rate(self.taker_fee, 0, 10_000)?;
        rate(self.maker_fee, 0, self.taker_fee.0)?;
        rate(self.vault_fee_share, 0, RATE_ONE as u32)?;
        rate(self.band, 1_000, 500_000)?;
        rate(self.caller_share, 0, 20_000)?;
        rate(self.vault_discount, 0, 100_000)?;
        rate(self.vault_fee, 0, 20_000)?;
        rate(self.vault_min_edge, 0, 100_000)?;
        rate(self.vault_loss_budget, 0, RATE_ONE as u32)?;
        // An offer of the vault beyond the band would be refused.
        rate(self.vault_spread, 0, self.band.0.min(100_000))?;
        // One accepted price step must not bankrupt a seat that has just opened.
        rate(self.jump, 1_000, self.initial.0.min(500_000))?;
        rate(self.deleverage_pay, 0, 10_000)?;
        rate(self.funding_cap, 0, MAX_FUNDING_CAP)?;
        rate(self.confidence, 100, 100_000)?;
        within(self.padding as i64, 0, 0)?;
        within(self.deleverage_pay_cap, 0, MAX_POOL)?;
        within(self.min_order, 1, MAX_LOTS)?;
        within(self.min_collateral, 1, MAX_POOL)?;
        within(self.vault_size_cap, 0, MAX_LOTS)?;
        within(self.confirmation, 1, 3_600)?;
        within(self.staleness, 1, MAX_STALENESS)?;
        within(self.evict_lock, 0, 300)?;
        within(self.seasoning, 60, DAY)?;
        within(self.budget_window, 600, 30 * DAY)?;
        within(self.vault_cooldown, 1, 7 * DAY)?;
        within(self.interest, -(self.funding_cap.0 as i64), self.funding_cap.0 as i64)?;
        within(self.funding_period, HOUR, DAY)?;
        within(self.impact_notional, 1, MAX_POOL)?;
        within(self.oracle_silence, HOUR, 7 * DAY)?;
        within(self.oracle_grace, DAY, 7 * DAY)?;
        match self.reserved.iter().find(|zero| **zero != 0) {
            Some(found) => within(*found, 0, 0),
            None => Ok(()),
        }
    }
}

fn within(value: i64, low: i64, high: i64) -> Result<()> {
    require(value >= low, ErrorCode::BadParameter, low, value)?;
    require(value <= high, ErrorCode::BadParameter, high, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_market_is_within_bounds() {
        Params::standard().validate().unwrap();
    }

    #[test]
    fn what_leaves_a_bound_is_named() {
        let over = Params { taker_fee: Rate(10_001), ..Params::standard() };
        let error = over.validate().unwrap_err();
        assert_eq!((error.code, error.expected, error.actual), (ErrorCode::BadParameter, 10_000, 10_001));
        let target = Params { target: Rate(25_000), ..Params::standard() };
        assert_eq!(target.validate().unwrap_err().expected, 25_001);
        let reserved = Params { reserved: [0, 0, 5, 0, 0, 0, 0, 0], ..Params::standard() };
        assert_eq!(reserved.validate().unwrap_err().actual, 5);
    }
}
