//! The receipts of the waterfall, collected from the market's ring before it wraps.

use zerosum_engine::receipt::{Kind, Receipt};

use crate::demo::{Failed, chain::Chain, keeper::Waterfall};

/// Every receipt the market made.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    receipts: Vec<Receipt>,
}

impl Ledger {
    /// Adds what the ring holds beyond the last receipt collected.
    pub fn collect(&mut self, chain: &mut Chain) -> Result<(), Failed> {
        let seen = self.receipts.len() as u64;
        let (new, count) = chain.view(|exchange| {
            let new: Vec<_> = exchange.market.receipts_since(seen).copied().collect();
            (new, exchange.market.head.receipt_count)
        });
        self.receipts.extend(new);
        match self.receipts.len() as u64 {
            held if held == count => Ok(()),
            held => Err(Failed::new(format!("the market made {count} receipts and only {held} could be collected"))),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.receipts.len()
    }

    /// All receipts, oldest first.
    pub fn all(&self) -> &[Receipt] {
        &self.receipts
    }

    /// The forced fills, oldest first.
    pub fn forced(&self) -> impl Iterator<Item = &Receipt> {
        self.receipts.iter().filter(|receipt| Kind::from_byte(receipt.kind) == Kind::Forced)
    }
}

/// The receipts by step of the waterfall.
pub fn waterfall(receipts: &[Receipt]) -> Waterfall {
    let mut fills = Waterfall::default();
    for receipt in receipts {
        fills.add(Kind::from_byte(receipt.kind), receipt.lots);
    }
    fills
}
