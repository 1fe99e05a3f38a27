//! What must hold after every transaction.

use zerosum_client::{MarketSnapshot, events, events::Event};
use zerosum_engine::state::receipt;
use zerosum_svm::{Receipt, Svm, token};

use crate::Addresses;

/// The accounts of the market as they are on the chain now, checked.
#[track_caller]
pub(crate) fn fetch(svm: &mut Svm, at: &Addresses) -> MarketSnapshot {
    let market = svm.account(&at.market).expect("the market exists");
    let book = svm.account(&at.book).expect("the book exists");
    for account in [&market, &book] {
        assert!(account.lamports >= svm.rent(account.data.len()), "the rent of an account is not paid");
    }
    let snapshot = MarketSnapshot::decode(&market.data, &book.data).expect("the accounts decode");
    snapshot.audit().unwrap_or_else(|violation| panic!("{violation:?}"));
    let (tokens, cash) = (token::balance(svm, &at.pool), snapshot.head().pool_cash.0);
    assert!(i128::from(tokens) >= i128::from(cash), "the pool holds {tokens} and owes {cash}");
    snapshot
}

/// Every receipt that an instruction leaves in the market is an event in its log, and no other is.
#[track_caller]
pub(crate) fn receipts_are_events(sent: &Receipt, before: &MarketSnapshot, after: &MarketSnapshot) {
    if sent.logs.iter().any(|line| line == "Log truncated") {
        return;
    }
    let logged: Vec<_> = events::read(&sent.logs)
        .into_iter()
        .filter_map(|event| match event {
            Event::Reduced(reduced) => Some(receipt_of(&reduced)),
            _ => None,
        })
        .collect();
    let written: Vec<_> = after.receipts_since(before.head().receipt_count).copied().collect();
    assert_eq!(logged, written, "the log tells the ring");
}

fn receipt_of(event: &events::Reduced) -> receipt::Receipt {
    use zerosum_engine::units::{Atoms, Lots, Price};
    receipt::Receipt {
        number: event.number,
        time: event.time,
        round: event.round,
        kind: event.kind,
        side: event.side,
        padding: event.padding,
        loser: event.loser,
        winner: event.winner,
        rank: event.rank,
        score: event.score,
        next_score: event.next_score,
        lots: Lots(event.lots),
        price: Price(event.price),
        oracle_price: Price(event.oracle_price),
        needed: Atoms(event.needed),
        taken: Atoms(event.taken),
    }
}

/// What a failed transaction must not have touched.
#[derive(PartialEq, Eq)]
pub(crate) struct Untouched(Vec<Option<zerosum_svm::Account>>);

impl Untouched {
    pub(crate) fn of(svm: &mut Svm, at: &Addresses) -> Self {
        let accounts = [at.market, at.book, at.oracle, at.pool];
        Self(accounts.iter().map(|account| svm.account(account)).collect())
    }
}
