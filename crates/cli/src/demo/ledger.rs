//! The receipts of the waterfall, collected from the market's ring before it wraps.

use zerosum_engine::{
    state::receipt::{Kind, Receipt},
    units::Lots,
};

use crate::demo::{Failed, chain::Chain};

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
            let new: Vec<_> = exchange.market.receipts_since(seen).concat();
            (new, exchange.market.head.receipt_count)
        });
        self.receipts.extend(new);
        match self.receipts.len() as u64 {
            held if held == count => Ok(()),
            held => Err(Failed::new(format!("the market made {count} receipts and only {held} could be collected"))),
        }
    }

    /// How many receipts it holds.
    pub fn count(&self) -> usize {
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

/// How many fills of a kind, and of how many lots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fills {
    /// Receipts.
    pub count: u64,
    /// Lots.
    pub lots: Lots,
}

impl Fills {
    fn add(&mut self, lots: Lots) {
        self.count += 1;
        self.lots = self.lots + lots;
    }
}

/// Fills by the step of the waterfall that made them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waterfall {
    /// Liquidated into the book.
    pub book: Fills,
    /// Absorbed by the vault.
    pub vault: Fills,
    /// Deleveraged.
    pub forced: Fills,
}

impl Waterfall {
    /// Counts receipts.
    pub fn of(receipts: &[Receipt]) -> Self {
        let mut fills = Self::default();
        for receipt in receipts {
            match Kind::from_byte(receipt.kind) {
                Kind::Book => fills.book.add(receipt.lots),
                Kind::Vault => fills.vault.add(receipt.lots),
                Kind::Forced => fills.forced.add(receipt.lots),
                Kind::None => {}
            }
        }
        fills
    }
}
