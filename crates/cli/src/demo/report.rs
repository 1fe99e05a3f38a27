//! What happened, as numbers: what `--json` writes. Money is in atoms of the token, prices in atoms a lot, sizes in lots,
//! times in unix seconds.

use serde::Serialize;
use zerosum_engine::{audit, exchange::Exchange, state::receipt::Receipt};

use crate::demo::{
    Failed,
    ledger::{Fills, Waterfall},
    story::{self, Step, Story},
};

/// The whole story in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Tokens in the pool's token account.
    pub tokens: u64,
    /// All the cash that conservation counts: seats, fees, and what waits to be minted.
    pub sum_cash: i128,
    /// The sum of all positions.
    pub sum_size: i128,
    /// All longs together.
    pub open_interest: i64,
    /// Seats worth less than nothing.
    pub bankrupt_left: u32,
    /// Of what winners gave up, what covered deficits.
    pub needed: u64,
    /// What winners gave up against the oracle price.
    pub taken: u64,
    /// Lots closed by force.
    pub deleveraged_lots: u64,
    /// How often each step of the waterfall closed something.
    pub fills: FillCounts,
    /// The vault.
    pub vault: Vault,
    /// Every forced fill.
    pub receipts: Vec<ForcedFill>,
    /// What each print led to.
    pub steps: Vec<StepReport>,
}

/// Receipts by the step of the waterfall that made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FillCounts {
    /// Liquidated into the book.
    pub book: u64,
    /// Absorbed by the vault.
    pub vault: u64,
    /// Auto-deleveraged.
    pub adl: u64,
}

/// What was put into the vault and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Vault {
    /// Put in.
    pub deposited: i64,
    /// Worth at the accepted price.
    pub equity: i64,
}

/// One forced fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ForcedFill {
    /// Which `deleverage` that forced somebody it belongs to.
    pub round: u64,
    /// The bankrupt seat.
    pub loser: u32,
    /// The deleveraged seat.
    pub winner: u32,
    /// The winner's place in the queue.
    pub rank: u32,
    /// The winner's score.
    pub score: u64,
    /// The score of the next in the queue.
    pub next_score: u64,
    /// Lots closed.
    pub lots: i64,
    /// The loser's bankruptcy price.
    pub price: i64,
    /// What of `taken` covered the loser's deficit.
    pub needed: i64,
    /// What the winner gave up against the oracle price.
    pub taken: i64,
}

/// What one print led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Counted from 1.
    pub step: usize,
    /// When the print was published.
    pub time: i64,
    /// What it said.
    pub oracle: i64,
    /// What the market went by after it.
    pub accepted: i64,
    /// The jump that waited for its confirmation.
    pub pending: Option<i64>,
    /// Whether the print said again what the one before it said.
    pub again: bool,
    /// Seats that were bankrupt before the cranks.
    pub bankrupt: u32,
    /// Seats that were bankrupt after them: what pays less than the vault waits until the vault may buy.
    pub left_bankrupt: u32,
    /// Liquidated into the book.
    pub book: FillReport,
    /// Absorbed by the vault.
    pub vault: FillReport,
    /// Auto-deleveraged.
    pub adl: FillReport,
    /// What the vault was worth after it.
    pub vault_equity: i64,
    /// What it held.
    pub vault_size: i64,
    /// All longs together.
    pub open_interest: i64,
    /// The head of the shorts' deleveraging queue.
    pub queue: Vec<InQueue>,
}

/// Fills of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FillReport {
    /// How many.
    pub fills: u64,
    /// Of how many lots.
    pub lots: i64,
}

/// A seat in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct InQueue {
    /// The seat.
    pub seat: u32,
    /// Its position.
    pub size: i64,
    /// Its score.
    pub score: u64,
}

impl Report {
    /// The account of a story that has been played.
    pub fn of(story: &mut Story) -> Result<Self, Failed> {
        let tokens = story.chain.pool_tokens();
        let deposited = story.chain.vault_deposited().0;
        let fills = Waterfall::of(story.ledger.all());
        let report = story.chain.view(|exchange| {
            let Exchange { market, .. } = exchange;
            let (sum_cash, sum_size) = audit::sums(market);
            let statistics = &market.head.statistics;
            Self {
                tokens,
                sum_cash,
                sum_size,
                open_interest: market.head.open_interest.0,
                bankrupt_left: story::count_bankrupt(exchange),
                needed: statistics.needed,
                taken: statistics.taken,
                deleveraged_lots: statistics.forced_lots,
                fills: FillCounts { book: fills.book.count, vault: fills.vault.count, adl: fills.forced.count },
                vault: Vault { deposited, equity: market.vault_equity().map_or(0, |equity| equity.0) },
                receipts: Vec::new(),
                steps: Vec::new(),
            }
        });
        let receipts = story.ledger.forced().map(ForcedFill::of).collect();
        let steps = story.steps.iter().map(StepReport::of).collect();
        let report = Self { receipts, steps, ..report };
        report.check()?;
        Ok(report)
    }

    /// What must hold of every story, whatever its dice.
    fn check(&self) -> Result<(), Failed> {
        let sum = |amount: fn(&ForcedFill) -> i64| self.receipts.iter().map(amount).sum::<i64>() as u64;
        let excess = self.taken.checked_sub(self.needed);
        let held = [
            (self.sum_cash == i128::from(self.tokens), "the tokens in the pool are the sum of all cash"),
            (self.sum_size == 0, "sizes sum to 0"),
            (self.bankrupt_left == 0, "nobody is left bankrupt"),
            (excess.is_some_and(|excess| excess <= self.deleveraged_lots), "winners gave up what was needed"),
            (sum(|fill| fill.needed) == self.needed, "the receipts sum to what was needed"),
            (sum(|fill| fill.taken) == self.taken, "the receipts sum to what was taken"),
            (sum(|fill| fill.lots) == self.deleveraged_lots, "the receipts sum to what was deleveraged"),
        ];
        match held.iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(Failed::new(format!("at the end it does not hold that {rule}: {self:?}"))),
            None => Ok(()),
        }
    }
}

impl ForcedFill {
    fn of(receipt: &Receipt) -> Self {
        Self {
            round: receipt.round,
            loser: receipt.loser,
            winner: receipt.winner,
            rank: receipt.rank,
            score: receipt.score,
            next_score: receipt.next_score,
            lots: receipt.lots.0,
            price: receipt.price.0,
            needed: receipt.needed.0,
            taken: receipt.taken.0,
        }
    }
}

impl StepReport {
    fn of(step: &Step) -> Self {
        let report = |fills: &Fills| FillReport { fills: fills.count, lots: fills.lots.0 };
        let in_queue = step.queue.iter().map(|line| InQueue { seat: line.seat, size: line.size.0, score: line.score });
        Self {
            step: step.number,
            time: step.tick.time,
            oracle: step.tick.price.0,
            accepted: step.accepted.0,
            pending: step.pending.map(|price| price.0),
            again: step.again,
            bankrupt: step.bankrupt,
            left_bankrupt: step.left_bankrupt,
            book: report(&step.fills.book),
            vault: report(&step.fills.vault),
            adl: report(&step.fills.forced),
            vault_equity: step.vault_equity.0,
            vault_size: step.vault_size.0,
            open_interest: step.open_interest.0,
            queue: in_queue.collect(),
        }
    }
}
