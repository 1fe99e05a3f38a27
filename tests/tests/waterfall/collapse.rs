//! The vault falls like anyone else, and begins anew.

use zerosum_engine::{error::ErrorCode, layout::VAULT, state::receipt::Kind, units::Side};
use zerosum_tests::{Event, Refusal, Stage};

use zerosum_tests::scene::*;

/// A vault that took over more than it could hold: bankrupt at 88,000. The redemption of the first investor waits.
fn bankrupt_vault() -> (Stage, Duel, Investor) {
    let mut stage = stage(discounted());
    let investor = invest(&mut stage, 300_000);
    let loser = stage.trader(100 * 5_000);
    let (winner, bidder) = (stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&loser, &winner, 100, 100_000);
    stage.crash(97_000);
    let taken = told(&stage.liquidate().unwrap());
    assert!(matches!(taken[..], [(Kind::Vault, _, VAULT, lots)] if lots > 40), "{taken:?}");
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares / 2).unwrap();
    stage.price(88_000);
    (stage, Duel { loser, winner, bidder }, investor)
}

/// The same, closed by force.
fn wiped_out_vault() -> (Stage, Duel, Investor) {
    let (mut stage, d, investor) = bankrupt_vault();
    clear(&mut stage, 32);
    (stage, d, investor)
}

#[test]
fn a_bankrupt_vault_is_closed_by_force_like_anyone() {
    let (mut stage, d, _) = bankrupt_vault();
    let made = clear(&mut stage, 32);
    assert!(made.iter().all(|step| step.kind == Kind::Forced as u8 && step.side == Side::Long as u8));
    assert!(made.iter().any(|step| step.loser == VAULT && step.winner == d.winner.seat));
    assert_eq!(vault_size(&stage), 0);
    assert!((0..1_000).contains(&vault_cash(&stage)), "{}", vault_cash(&stage));
    // The winner has what it made down to the bankruptcy prices, and takes it home.
    assert_eq!(size(&stage, &d.winner), 0);
    let made = cash(&stage, &d.winner);
    assert!(made > 10_000_000);
    stage.withdraw(&d.winner, made as u64).unwrap();
}

#[test]
fn nobody_invests_in_a_vault_that_is_worth_less_than_nothing() {
    let (mut stage, d, _) = bankrupt_vault();
    // The loser is out of the way; the vault is not.
    stage.deposit(&d.loser, 500_000).unwrap();
    let late = Investor::new(&mut stage, 1_000_000);
    late.ask_to_mint(&mut stage, 1_000_000).unwrap();
    stage.wait(602);
    stage.price(88_000);
    stage.liquidate().unwrap();
    assert!(vault_size(&stage) > 0 && equity(&stage, VAULT) < 0);
    assert_eq!(late.execute(&mut stage).refused(), ErrorCode::VaultBusy, "it is bankrupt: force comes first");
    assert_eq!(late.ticket(&mut stage).minting.0, 1_000_000, "it waits, and lapses if it has to");
}

#[test]
fn nobody_redeems_from_a_vault_that_is_worth_less_than_nothing() {
    let (mut stage, d, investor) = bankrupt_vault();
    stage.deposit(&d.loser, 500_000).unwrap();
    stage.wait(602);
    stage.price(88_000);
    stage.liquidate().unwrap();
    assert!(equity(&stage, VAULT) < 0);
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::VaultBusy, "it is bankrupt: force comes first");
}

#[test]
fn after_a_wipe_out_the_next_deposit_begins_a_new_epoch_of_shares() {
    let (mut stage, _, old) = wiped_out_vault();
    let left = vault_cash(&stage);
    let fees = stage.market().head().fee_cash.0;
    let new = Investor::new(&mut stage, 1_000_000);
    new.ask_to_mint(&mut stage, 1_000_000).unwrap();
    let sent = new.execute_later(&mut stage).unwrap();
    let Some(Event::VaultExecuted(executed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert_eq!(executed.minted, 1_000_000_000);
    let first = old.ticket(&mut stage).epoch;
    let head = stage.market().head();
    assert_eq!((head.share_epoch, head.shares), (first + 1, executed.minted), "the old shares are gone");
    assert_eq!((head.fee_cash.0, vault_cash(&stage)), (fees + left, 1_000_000), "what they left is nobody's");
    assert_eq!(new.ticket(&mut stage).epoch, first + 1);
}

#[test]
fn tickets_of_an_epoch_that_is_over_are_worth_nothing() {
    let (mut stage, _, old) = wiped_out_vault();
    let new = Investor::new(&mut stage, 1_000_000);
    new.ask_to_mint(&mut stage, 1_000_000).unwrap();
    new.execute_later(&mut stage).unwrap();
    // The redemption that waited is executed for nothing, and needs no account to pay to.
    let before = old.balance(&mut stage);
    let sent = old.execute(&mut stage).unwrap();
    let Some(Event::VaultExecuted(executed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert_eq!((executed.paid, executed.minted, executed.lapsed), (0, 0, false));
    assert_eq!((old.balance(&mut stage), vault_cash(&stage)), (before, 1_000_000));
    // The shares that were not asked for are gone as well.
    assert_eq!(old.ask_to_redeem(&mut stage, 1).refused(), ErrorCode::InsufficientShares);
    let shares = new.ticket(&mut stage).shares;
    assert_eq!(stage.market().head().shares, shares);
    new.ask_to_redeem(&mut stage, shares).unwrap();
    new.execute_later(&mut stage).unwrap();
    assert!(new.balance(&mut stage) >= 999_998, "the new investor is nobody's heir");
}

#[test]
fn an_old_investor_may_come_back_with_new_money() {
    let (mut stage, _, old) = wiped_out_vault();
    // Before anybody else does: the request that waits is worth next to nothing.
    mature(&mut stage);
    old.execute(&mut stage).unwrap();
    let first = old.ticket(&mut stage).epoch;
    assert_eq!(stage.market().head().share_epoch, first);
    old.ask_to_mint(&mut stage, 200_000).unwrap();
    old.execute_later(&mut stage).unwrap();
    let ticket = old.ticket(&mut stage);
    assert_eq!((ticket.epoch, ticket.shares), (first + 1, stage.market().head().shares));
}

#[test]
fn a_lapsed_redemption_of_an_epoch_that_is_over_brings_no_shares_back() {
    let (mut stage, _, old) = wiped_out_vault();
    let new = Investor::new(&mut stage, 1_000_000);
    new.ask_to_mint(&mut stage, 1_000_000).unwrap();
    new.execute_later(&mut stage).unwrap();
    stage.wait(90_000);
    let sent = old.execute(&mut stage).unwrap();
    let Some(Event::VaultExecuted(executed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert!(executed.lapsed);
    assert_eq!(old.ticket(&mut stage).shares, 0);
}
