//! Takes the oracle's prints into account.

use crate::error::{require, ErrorCode, Result};
use crate::oracle::{self, PriceAccount};
use crate::rules::price_filter::filter;
use crate::state::exchange::Exchange;
use crate::state::market::Market;
use crate::state::price::Print;
use crate::units::Price;

/// Reads the market's oracle account and takes its print into account. If the market is settled, no account is read.
///
/// # Errors
/// [`ErrorCode::WrongOracle`] for an account at another address.
#[inline(always)]
pub(crate) fn read_oracle(exchange: &mut Exchange, account: &PriceAccount, now: i64) -> Result<()> {
    require(*account.key == exchange.market.head.oracle, ErrorCode::WrongOracle, 0, 0)?;
    let said = oracle::read(exchange.market.head, account);
    exchange.idle = !observe(&mut exchange.market, said, now);
    Ok(())
}

/// Takes the oracle's print into account, and returns whether it is newer than the last. A newer print shows that the
/// oracle is alive, unless none has been accepted for days. A print that is not newer or cannot be used changes nothing.
/// Once the market has been settled, no print counts.
pub(crate) fn observe(market: &mut Market, said: Result<Print>, now: i64) -> bool {
    let head = &mut *market.head;
    let mut newer = false;
    if !head.is_settled() {
        match said.and_then(|print| filter(&head.price, print, &head.params, now)) {
            Ok(Some(price)) => {
                head.price = price;
                newer = true;
                if head.proves_oracle_alive(now) {
                    head.dead_since = 0;
                }
            }
            Ok(None) => {}
            Err(error) => market.refused = Some(error),
        }
    }
    let head = &mut *market.head;
    if head.accrued_at == 0 && head.price.accepted != Price::ZERO {
        head.accrued_at = now;
    }
    newer
}
