//! Fees, and the pay of those who execute requests and turn cranks.

use crate::layout::{MAX_FORCED, VAULT};
use crate::rules::margin::Closing;
use crate::state::header::Header;
use crate::state::market::Market;
use crate::units::{Atoms, Lots, Price, Rate, Round, Side};

/// The pay for executing a request, as a share of its amount.
pub const EXECUTION_PAY: Rate = Rate(100);

/// What a liquidated seat pays in addition to the price, in atoms per lot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LotFees {
    /// The share of the crank's caller.
    pub caller: i64,
    /// The vault's discount: how much worse than the oracle price the price is.
    pub discount: i64,
    /// The vault's fee.
    pub vault: i64,
}

impl LotFees {
    /// What is charged in addition to the price.
    pub const fn charged(&self) -> i64 {
        self.caller.wrapping_add(self.vault)
    }
}

/// What a seat pays for being closed at `price`: first the caller's share, then a discount of at most `discount`, then
/// the vault's fee. Together they never go beyond its bankruptcy price, so no fee makes a bankruptcy price worse.
pub(crate) fn lot_fees(
    market: &Market,
    loser: u32,
    (side, price, bankruptcy): (Side, Price, Price),
    paid: bool,
    discount: Rate,
) -> LotFees {
    let params = &market.head.params;
    let oracle_price = market.oracle_price().0;
    let above = ((price.0 - bankruptcy.0) * side.sign()).max(0);
    let caller = if paid { above.min(params.caller_share.of(oracle_price, Round::Down)) } else { 0 };
    let discount = (above - caller).min(discount.of(oracle_price, Round::Down));
    let fee = if loser == VAULT { 0 } else { params.vault_fee.of(oracle_price, Round::Down) };
    LotFees { caller, discount, vault: (above - caller - discount).min(fee) }
}

/// The terms on which a part of a seat is closed.
pub(crate) fn closing(market: &Market, side: Side, price: Price, fees: &LotFees) -> Closing {
    Closing { side, oracle_price: market.oracle_price(), price, fees_per_lot: fees.charged() }
}

/// The vault's part of a trading fee.
pub(crate) fn vault_part(head: &Header, fee: Atoms) -> Atoms {
    head.params.vault_fee_share.of_atoms(fee, Round::Down)
}

/// The caller's pay for a forced fill: a rate of its notional, capped, at most what a taker would pay for it, and at
/// most what the fee cash holds. So losing a position to force never earns anyone more than trading it costs.
pub(crate) fn force_pay(head: &Header, lots: Lots) -> Atoms {
    let share = head.params.force_pay().of_atoms(lots * head.price.accepted, Round::Down);
    share.min(Atoms(head.params.deleverage_pay_cap)).min(head.fee_cash)
}

/// The pay for executing a request for an amount.
pub(crate) fn execution_pay(amount: Atoms, payee: Option<u32>) -> Atoms {
    match payee {
        Some(_) => EXECUTION_PAY.of_atoms(amount, Round::Down),
        None => Atoms::ZERO,
    }
}

/// What the authority may take of the fee cash: everything beyond the largest pay for a round of forced fills, so that
/// cranks are still paid in a crisis. In a settled market it may take all.
pub fn takeable_fees(head: &Header) -> Atoms {
    let reserve = (MAX_FORCED as i64).saturating_mul(head.params.deleverage_pay_cap);
    let reserve = if head.is_settled() { 0 } else { reserve };
    Atoms((head.fee_cash.0 - reserve).max(0))
}
