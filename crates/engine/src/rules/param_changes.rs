//! The parameter changes that may apply at once, without the time lock.

use crate::state::params::Params;
use crate::units::Rate;

/// Access to one parameter in a set.
type Field = fn(&mut Params) -> &mut Rate;

/// The parameters that may be lowered at once. Raising them, or changing any other, waits for the time lock.
///
/// A line belongs here only if the change takes nothing from anyone who is in the market: no exit becomes harder, no
/// loss moves from one to another, no crank goes unpaid. Most changes that look like tightening fail this test:
///
/// - A higher `initial` holds back withdrawals from a seat with a position and redemptions from a vault with one, and
///   the vault absorbs less. So it waits, but from the day it is proposed it binds everyone who opens
///   ([`Header::opening_margin`](crate::state::header::Header::opening_margin)).
/// - A narrower `band` keeps takers from the orders they would close against.
/// - A lower `vault_size_cap` or `vault_loss_budget`, or a higher `vault_min_edge`, moves the next loss from the vault
///   to the winners. An authority that owns shares would do it just before that loss.
/// - A lower `funding_cap`, or `interest` nearer to 0, takes from those paid funding what they opened for.
/// - A lower `caller_share`, `deleverage_pay` or `deleverage_pay_cap` drives the keepers away in the middle of a crash.
///   The last one also frees the reserve of [`takeable_fees`](crate::rules::fees::takeable_fees) for the authority
///   itself.
pub const LOWERED_AT_ONCE: [(&str, Field); 2] = [
    // Takers pay less, and the vault's share applies to what is earned from here on. It must not fall below the pay
    // for a forced fill, which is at most a taker's fee.
    ("taker_fee", |params| &mut params.taker_fee),
    // As for the taker's fee. If both change, a maker's never exceeds a taker's.
    ("maker_fee", |params| &mut params.maker_fee),
];

/// Whether a change may apply at once: it only lowers parameters in the table, and forced fills pay no less.
pub(crate) fn applies_at_once(old: &Params, new: &Params) -> bool {
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
