//! Keepers: they crank whatever there is to crank, for pay, and know nothing else.

use zerosum_engine::{
    exchange::Exchange,
    layout::{MAX_FORCED, MAX_LIQUIDATIONS},
    units::Side,
};

use crate::demo::{
    Failed,
    chain::{Chain, Crank},
    ledger::Ledger,
};

/// Calls after which a crank that never idles is a defect.
const TOO_MANY: usize = 10_000;

/// Cranks until there is nothing to do: the bankrupt first, then everybody below maintenance. Returns whether the market
/// moves at all, which it does not while a jump waits for its confirmation.
pub fn work(chain: &mut Chain, keepers: &[u32], ledger: &mut Ledger) -> Result<bool, Failed> {
    let mut idle = 0;
    for call in 0..TOO_MANY {
        let before = chain.view(Progress::of);
        // A walk looks at 16 slots of a queue, and seats that nobody takes may fill it: idle is a whole round without effect.
        if idle > before.walks {
            return Ok(true);
        }
        let payee = Some(keepers[call % keepers.len()]);
        let moves = match before.bankrupt {
            true => chain.crank(Crank::Deleverage { most: MAX_FORCED as u8, payee })?,
            false => chain.crank(Crank::Liquidate { most: MAX_LIQUIDATIONS as u8, payee })?,
        };
        if !moves {
            return Ok(false);
        }
        ledger.collect(chain)?;
        let after = chain.view(Progress::of);
        let moved = after.receipts != before.receipts || after.orders != before.orders;
        idle = if moved { 0 } else { idle + 1 };
    }
    Err(Failed::new(format!("the cranks are still at work after {TOO_MANY} calls")))
}

/// What tells whether a crank did anything.
struct Progress {
    receipts: u64,
    orders: u32,
    walks: usize,
    bankrupt: bool,
}

impl Progress {
    fn of(exchange: &Exchange) -> Self {
        let market = &exchange.market;
        let queue = market.queue_len(Side::Long).max(market.queue_len(Side::Short));
        Self {
            receipts: market.head.receipt_count,
            orders: exchange.book.side_len(Side::Long) + exchange.book.side_len(Side::Short),
            walks: queue as usize / 16 + 1,
            bankrupt: market.bankrupt_side().is_some(),
        }
    }
}
