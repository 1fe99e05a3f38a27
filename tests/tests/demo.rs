//! The story of the demo, mostly with fewer traders: what it must show however its flags and its dice fall.

use zerosum_cli::demo::{
    self, Options, Outcome,
    options::{Ranking, Run},
    report::Report,
};
use zerosum_tests::svm::bytecode_path;

/// A story of a size that plays in seconds, with a vault to match.
fn small() -> Options {
    Options { seats: 60, vault: 300_000, ..Options::default() }
}

fn play(options: &Options) -> Outcome {
    demo::run(options).unwrap_or_else(|error| panic!("{options:?}: {error}"))
}

/// What holds of every story. `demo::run` fails where it does not, and this does not take its word for it.
fn check(report: &Report) {
    assert_eq!(report.sum_cash, i128::from(report.tokens));
    assert_eq!(report.sum_size, 0);
    assert_eq!(report.bankrupt_left, 0);
    assert!(report.needed <= report.taken && report.taken - report.needed <= report.deleveraged_lots);
    assert_eq!(report.receipts.len() as u64, report.fills.adl);
    for fill in &report.receipts {
        assert!(fill.rank >= 1 && fill.lots > 0 && fill.loser != fill.winner);
        assert!((0..=fill.taken).contains(&fill.needed) && fill.taken - fill.needed < fill.lots.max(1));
    }
    let (first, last) = (&report.steps[0], &report.steps[report.steps.len() - 1]);
    let low = report.steps.iter().map(|step| step.accepted).min();
    assert_eq!((first.accepted, low), (12_200_000, Some(10_200_000)));
    assert!((last.accepted - 11_300_000).abs() < 10_000, "back at 113,000");
    assert!(report.steps.iter().any(|step| step.pending.is_some()), "a jump waits for its confirmation");
    for price in report.steps.chunks(2) {
        let (one, two) = (&price[0], &price[1]);
        assert!(!one.again && two.again && one.oracle == two.oracle && two.time == one.time + 4);
        assert_eq!(two.left_bankrupt, 0, "after the second print of a price nobody is left bankrupt");
    }
}

/// Prices at whose first print bankrupt seats had to wait, for the vault and for force behind it.
fn prices_that_wait(report: &Report) -> usize {
    report.steps.iter().filter(|step| step.left_bankrupt > 0).count()
}

#[test]
fn the_crash_fills_the_book_the_vault_and_the_queue() {
    for options in [Options::default(), Options { seed: 2, ..small() }] {
        let report = play(&options).report;
        check(&report);
        let fills = report.fills;
        assert!(fills.book > 0 && fills.vault > 0 && fills.adl > 0, "{fills:?}");
        let low = report.steps.iter().map(|step| step.vault_equity).min();
        assert!(Some(report.vault.equity) > low, "the vault earns on the rebound");
        assert!(prices_that_wait(&report) > 0);
        for price in report.steps.chunks(2).filter(|price| price[0].left_bankrupt > 0) {
            assert_eq!(price[0].adl.fills, 0, "force does not come before the vault");
            assert!(price[1].vault.fills + price[1].adl.fills > 0, "and at the second print they do");
        }
    }
}

#[test]
fn a_rich_vault_with_its_whole_budget_spares_everybody() {
    let report = play(&Options { vault: 1_000_000_000, loss_budget: 100, ..small() }).report;
    check(&report);
    assert_eq!((report.fills.adl, report.deleveraged_lots), (0, 0));
    assert!(report.fills.vault > 0 && prices_that_wait(&report) > 0);
}

#[test]
fn without_a_vault_the_queue_takes_what_the_book_cannot() {
    let without = play(&Options { vault: 0, ..small() }).report;
    check(&without);
    assert_eq!((without.fills.vault, without.vault.deposited), (0, 0));
    assert_eq!(prices_that_wait(&without), 0, "there is nobody to wait for");
    let with = play(&small()).report;
    assert!(without.deleveraged_lots > with.deleveraged_lots);
}

#[test]
fn the_other_ranking_rule_chooses_others() {
    let bigger_first = play(&small()).report;
    let report = play(&Options { rank_rule: Ranking::ProfitLeverage, ..small() }).report;
    check(&report);
    assert!(report.fills.adl > 0);
    let winners = |report: &Report| report.receipts.iter().map(|fill| fill.winner).collect::<Vec<_>>();
    assert_ne!(winners(&report), winners(&bigger_first));
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let (one, same, other) = (play(&small()), play(&small()), play(&Options { seed: 2, ..small() }));
    assert_eq!(one.report, same.report);
    assert!(one.market == same.market && one.book == same.book, "to the last byte");
    assert_ne!(one.report, other.report);
}

#[test]
fn bytecode_and_native_end_in_the_same_bytes() {
    if !bytecode_path().exists() {
        return eprintln!("left out: there is no bytecode");
    }
    let on = |run| play(&Options { build: Some(run), ..Options::default() });
    let (native, bytecode) = (on(Run::Native), on(Run::Bytecode));
    assert_eq!(native.report, bytecode.report);
    assert!(native.market == bytecode.market && native.book == bytecode.book);
}
