//! Accounts that were given up do not come back to life, and a market created again at the same address is another one.

use std::slice::from_ref;

use zerosum_client::Powers;
use zerosum_engine::{error::ErrorCode, layout::VAULT, state::header::RankRule, state::price::Print, units::Price};
use zerosum_svm::{AccountMeta, GENESIS_TIME, Instruction, Pubkey, Signer};
use zerosum_tests::{Refusal, Stage, Trader};

use super::ending::*;
use zerosum_tests::scene::{Investor, invest, plain, stage as plain_stage, vault_cash};
use zerosum_tests::tampering::{ALREADY_IN_USE, Anchor, Fails, anchor, atoms, lamports};

/// The system program's transfer.
fn send_lamports(from: &Pubkey, to: &Pubkey, lamports: u64) -> Instruction {
    let data = [[2, 0, 0, 0].as_slice(), &lamports.to_le_bytes()].concat();
    let accounts = vec![AccountMeta::new(*from, true), AccountMeta::new(*to, false)];
    Instruction::new_with_bytes(zerosum_client::SYSTEM, &data, accounts)
}

/// Creates the market of the stage once more, as its creator may when it is gone.
fn create_again(stage: &mut Stage) -> Instruction {
    let creator = stage.creator.pubkey();
    let powers = Powers::posted(Some(creator), stage.price_signer.pubkey());
    stage.at.create_market(&creator, 1, RankRule::ProfitLeverageSize, &plain(), &powers)
}

fn first_price(stage: &mut Stage) {
    let print = Print { price: Price(100_000), published: stage.svm.now() };
    let signer = stage.price_signer.insecure_clone();
    let post = stage.at.post_price(&signer.pubkey(), print);
    stage.send(&[post, stage.at.unwind_vault()], &[&signer]).unwrap();
}

#[test]
fn closed_accounts_are_not_revived_within_the_transaction() {
    let mut stage = empty();
    let at = stage.at;
    let creator = stage.creator.insecure_clone();
    let key = creator.pubkey();
    let close = at.close_market(&key, None);
    let revive = |account: &Pubkey| send_lamports(&key, account, 1_000_000_000);
    let foreign = anchor(Anchor::AccountOwnedByWrongProgram);
    // Whatever needs the market, the book or the feed finds accounts of nobody, however rich.
    let uses =
        [at.sweep_excess(), at.announce_dead(), at.deleverage(1, None), at.pause_opening(&key, true), close.clone()];
    for next in uses {
        let all = [close.clone(), revive(&at.market), revive(&at.book), revive(&at.oracle), next];
        assert_eq!(stage.send(&all, &[&creator]).fails(), foreign);
    }
    let before = lamports(&mut stage, &key);
    stage.svm.send(&[close, revive(&at.market), revive(&at.book)], &[&creator]).unwrap();
    for address in [at.market, at.book] {
        let account = stage.svm.account(&address).unwrap();
        assert_eq!((account.owner, account.data.len()), (zerosum_client::SYSTEM, 0), "an address with a gift");
    }
    assert!(before > lamports(&mut stage, &key), "which is lost, but for a market created there again");
    let create = create_again(&mut stage);
    stage.svm.send(&[create], &[&creator]).unwrap();
}

#[test]
fn a_closed_ticket_is_not_revived_within_the_transaction() {
    let mut stage = plain_stage(plain());
    let at = stage.at;
    let investor = Investor::new(&mut stage, 2_000);
    investor.ask_to_mint(&mut stage, 1_000).unwrap();
    stage.wait(100_000);
    investor.execute(&mut stage).unwrap();
    stage.price(100_000);
    let (key, ticket) = (investor.key(), at.ticket(&investor.key()));
    let (close, revive) = (at.close_ticket(&key, &key), send_lamports(&key, &ticket, 1_000_000_000));
    let redeem = at.request_redeem(&key, 1);
    let all = [close.clone(), revive.clone(), redeem];
    assert_eq!(stage.send(&all, &[&investor.keys]).fails(), anchor(Anchor::AccountOwnedByWrongProgram));
    // Made anew, it is an empty one.
    let request = at.request_mint(&key, &key, &investor.tokens, 500);
    stage.send(&[close, revive, request], &[&investor.keys]).unwrap();
    let ticket = investor.ticket(&mut stage);
    assert_eq!((ticket.shares, ticket.redeeming, ticket.minting.0), (0, 0, 500));
}

#[test]
fn a_market_is_created_again_only_when_all_of_it_is_gone() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let create = create_again(&mut stage);
    assert_eq!(stage.send(from_ref(&create), &[&creator]).fails(), ALREADY_IN_USE);
    settle_dead(&mut stage, 100_000);
    assert_eq!(stage.send(from_ref(&create), &[&creator]).fails(), ALREADY_IN_USE);
    // In one transaction with the end of the first, too: nothing of it is left to be found.
    let close = stage.at.close_market(&creator.pubkey(), None);
    stage.send(&[close, create], &[&creator]).unwrap();
    let head = stage.market().head();
    assert!(!head.is_settled() && head.price.accepted.0 == 0 && head.dead_since == 0);
    first_price(&mut stage);
    let (alice, bob) = (stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&alice, &bob, 10, 100_000);
}

/// The whole life of a market whose vault was wiped out `wipes` times; returns who holds shares of its last epoch but one.
fn first_life(stage: &mut Stage, wipes: u64) -> Investor {
    // As so many deposits of dust would, a hundred in a second.
    stage.rewrite(0, |exchange| exchange.market.head.share_epoch += wipes);
    let old = invest(stage, 900);
    let dust = invest(stage, 5_000);
    assert!(old.ticket(stage).shares > 0);
    settle_dead(stage, 100_000);
    redeem(stage, &dust).unwrap();
    let creator = stage.creator.insecure_clone();
    stage.send(&[stage.at.burn_authority(&creator.pubkey())], &[&creator]).unwrap();
    close_market(stage, &dust.key()).unwrap();
    old
}

/// An old ticket's shares count in no market that comes later, whatever epochs the creator drove the first one through.
#[test]
fn an_old_ticket_is_worth_nothing_in_the_next_market_at_its_address() {
    for wipes in [0, 200_000] {
        let mut stage = plain_stage(plain());
        let old = first_life(&mut stage, wipes);
        let creator = stage.creator.insecure_clone();
        // As many seconds after the first one as there were wipe-outs.
        stage.svm.set_time(GENESIS_TIME + 200_000);
        let create = create_again(&mut stage);
        stage.send(&[create], &[&creator]).unwrap();
        first_price(&mut stage);
        let victim = invest(&mut stage, 1_000_000);
        assert_eq!(vault_cash(&stage), 1_000_000);
        let shares = stage.market().head().shares;
        assert_eq!(old.ask_to_redeem(&mut stage, 1).refused(), ErrorCode::InsufficientShares);
        assert_eq!(old.execute(&mut stage).refused(), ErrorCode::NoRequest);
        let ticket = victim.ticket(&mut stage);
        assert_eq!((ticket.shares, ticket.epoch), (shares, stage.market().head().share_epoch));
        // The old one is good for its rent, and for a stake like anybody's.
        old.ask_to_mint(&mut stage, 500).unwrap();
        stage.wait(100_000);
        old.execute(&mut stage).unwrap();
        let close = stage.at.close_ticket(&old.key(), &old.key());
        stage.crank(close).unwrap();
        assert_eq!(lamports(&mut stage, &old.key()), SOL);
    }
}

#[test]
fn an_old_seat_is_no_seat_of_the_next_market() {
    let mut stage = Stage::new();
    let alice = stage.trader(10_000_000);
    settle_dead(&mut stage, 100_000);
    stage.close(&alice).unwrap();
    let creator = stage.creator.insecure_clone();
    let close = stage.at.close_market(&creator.pubkey(), None);
    let create = create_again(&mut stage);
    stage.send(&[close, create], &[&creator]).unwrap();
    let bob = stage.trader(10_000_000);
    assert_eq!((bob.seat, alice.seat), (1, 1));
    let steal = |stage: &mut Stage, thief: &Trader| stage.withdraw(thief, 10_000_000).refused();
    assert_eq!(steal(&mut stage, &alice), ErrorCode::NotSeatOwner);
    assert_eq!(atoms(&mut stage, &alice.tokens), 20_000_000);
    assert_eq!(stage.market().seats()[VAULT as usize].position.cash.0, 0);
}
