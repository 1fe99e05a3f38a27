//! Which changes of parameters may apply at once.

use crate::state::params::Params;
use crate::units::Rate;

/// Where a parameter stands in a set of them.
type Field = fn(&mut Params) -> &mut Rate;

/// What may be lowered at once. A change of anything else, and each of these upwards, waits for the time lock.
///
/// A line belongs here only if the change takes nothing from anybody who is in the market: no exit becomes harder, no loss
/// moves from one to another, no crank goes unpaid. What looks like tightening mostly fails that:
///
/// - a higher `initial` holds back withdrawals from a seat with a position and redemptions from a vault with one, and the
///   vault absorbs less; so it waits, but binds whoever opens from the day it is proposed ([`Header::opening_margin`](crate::state::header::Header::opening_margin));
/// - a narrower `band` keeps takers from the orders they would close against;
/// - a lower `vault_size_cap` or `vault_loss_budget`, or a higher `vault_min_edge`, moves the next loss from the vault to
///   the winners, and an authority that owns shares would do it the moment before;
/// - a lower `funding_cap`, or `interest` nearer to 0, takes from whoever is paid funding what they opened for;
/// - a lower `caller_share`, `deleverage_pay` or `deleverage_pay_cap` sends the keepers home in the middle of a crash, and
///   the last one frees the reserve of [`takeable_fees`](crate::rules::fees::takeable_fees) for the authority itself.
pub const LOWERED_AT_ONCE: [(&str, Field); 2] = [
    // Whoever trades pays less. The vault's share is of what is earned from here on. Not below what force pays, which is at
    // most a taker's fee.
    ("taker_fee", |params| &mut params.taker_fee),
    // The same; where both change, a maker's never exceeds a taker's.
    ("maker_fee", |params| &mut params.maker_fee),
];

/// Whether a change may apply at once: nothing differs but what was lowered of the table, and force pays no less.
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
