//! The parameters of a market and the hard-coded bounds that no authority can leave.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{DAY, HOUR};
use crate::units::{Rate, MAX_LOTS, MAX_POOL, RATE_ONE};
use bytemuck::{Pod, Zeroable};

/// The least a lot may cost when a market gets its first price, in atoms: so that a tick and a rounding are small.
pub const MIN_FIRST_PRICE: i64 = 10_000;

/// The most that funding may move in a period, in millionths of the notional: 5 %.
pub const MAX_FUNDING_CAP: u32 = 50_000;

/// The longest that prints may count, in seconds. Every second in which the accepted price lags behind what is public is
/// paid for by whoever is not watching.
pub const MAX_STALENESS: i64 = 60;

/// How far ahead of the chain's clock an oracle may date a print, in seconds: publishers' clocks run ahead of it.
const MOST_AHEAD: i64 = 2;

/// What a market is run by. Rates are millionths, times seconds, money atoms of the collateral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Params {
    /// Below this share of its notional in equity a seat is liquidated.
    pub maintenance: Rate,
    /// What a liquidation brings a seat back to, between maintenance and initial.
    pub target: Rate,
    /// What opening a position or withdrawing from one needs.
    pub initial: Rate,
    /// What a taker pays of the notional.
    pub taker_fee: Rate,
    /// What a maker pays of the notional.
    pub maker_fee: Rate,
    /// The vault's part of trading fees.
    pub vault_fee_share: Rate,
    /// How far from the oracle price a fill in the book may be, either way.
    pub band: Rate,
    /// What the caller of `liquidate` earns of the notional closed, from what the seat has above its bankruptcy price.
    pub caller_share: Rate,
    /// How far below (above) the oracle price the vault buys (sells) from a liquidated seat.
    pub vault_discount: Rate,
    /// What the vault earns of any liquidated notional, from what the seat has above its bankruptcy price after that.
    pub vault_fee: Rate,
    /// The least edge against the oracle price at which the vault takes a position without using its loss budget.
    pub vault_min_edge: Rate,
    /// The share of its equity that the vault may spend in a window on fills below the minimum edge.
    pub vault_loss_budget: Rate,
    /// How far behind the oracle price the vault offers its inventory.
    pub vault_spread: Rate,
    /// A print further than this from the accepted price waits for a second one.
    pub jump: Rate,
    /// The caller's pay for a forced fill, of its notional.
    pub deleverage_pay: Rate,
    /// The most that funding moves from one side to the other in a funding period, of the notional.
    pub funding_cap: Rate,
    /// The widest confidence interval of an oracle whose price is taken, of that price.
    pub confidence: Rate,
    /// Always zero.
    pub padding: u32,
    /// The most pay for a forced fill.
    pub deleverage_pay_cap: i64,
    /// The smallest order, in lots.
    pub min_order: i64,
    /// What a seat keeps while it is open, in atoms.
    pub min_collateral: i64,
    /// The largest position of the vault, in lots.
    pub vault_size_cap: i64,
    /// How long a print must stand before a second one may confirm a jump.
    pub confirmation: i64,
    /// How old the accepted price may be for anything that needs one.
    pub staleness: i64,
    /// How long an order that evicted another cannot be cancelled, at most: less if a later price is accepted before.
    pub evict_lock: i64,
    /// How long a deposit made while holding a position stays out of the ranking, and how long a seat must not have been
    /// weakened before the vault overpays for its position.
    pub seasoning: i64,
    /// The length of the vault's loss budget window.
    pub budget_window: i64,
    /// How long a request to mint or redeem waits.
    pub vault_cooldown: i64,
    /// What longs pay shorts in a funding period besides the premium, in millionths of the notional; below zero the other
    /// way round.
    pub interest: i64,
    /// How long a premium takes to be paid in full.
    pub funding_period: i64,
    /// The notional whose average price in the book is its impact price, in atoms.
    pub impact_notional: i64,
    /// How long an oracle may be silent before anyone may announce it dead.
    pub oracle_silence: i64,
    /// How long after that announcement a print still proves the oracle alive.
    pub oracle_grace: i64,
    /// Zero; for later versions.
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
    /// A market for a liquid coin: 20x at most, liquidated at 2.5 %, brought back to 3.75 %.
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

    /// How far ahead of the clock a print may be dated, in seconds. So a print was published after time `t` for certain
    /// only if it is dated later than `t + ahead`.
    pub fn ahead(&self) -> i64 {
        self.staleness.min(MOST_AHEAD)
    }

    /// What a forced fill pays its caller, of its notional: at most what a taker would pay for it.
    pub fn force_pay(&self) -> Rate {
        self.deleverage_pay.min(self.taker_fee)
    }

    /// Refuses parameters outside the hard-coded bounds.
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
        // One accepted step must not bankrupt a seat that has just opened.
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
