//! `request_mint` and `request_redeem`: what they do, who may not ask and what they refuse.

use anchor_lang::error::ErrorCode as Anchor;
use zerosum_engine::{error::ErrorCode, units::MAX_POOL};
use zerosum_svm::Signer;
use zerosum_tests::{Event, Refusal};

use zerosum_tests::scene::*;

/// What the token programs answer to a signer who does not own the account.
const OWNER_MISMATCH: u32 = 4;

#[test]
fn a_request_to_mint_moves_the_tokens_and_leaves_the_vault_alone() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_500_000);
    let sent = investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    let [Event::VaultRequested(asked)] = sent.events[..] else { panic!("{:?}", sent.events) };
    let now = stage.svm.now();
    assert_eq!((asked.owner, asked.minting, asked.redeeming), (investor.key(), 1_000_000, 0));
    assert_eq!((asked.market, asked.matures_at), (stage.at.market, now + 600));
    assert_eq!((investor.balance(&mut stage), stage.pool_tokens()), (500_000, 1_000_000));
    let head = stage.market().head();
    assert_eq!((head.pending_mints.0, head.pool_cash.0, head.shares), (1_000_000, 1_000_000, 0));
    assert_eq!(vault_cash(&stage), 0);
    let ticket = investor.ticket(&mut stage);
    assert_eq!((ticket.minting.0, ticket.requested_at, ticket.shares), (1_000_000, now, 0));
    assert_eq!((ticket.owner, ticket.market), (investor.key().to_bytes(), stage.at.market.to_bytes()));
    assert_eq!(ticket.rent_payer, investor.key().to_bytes());
}

#[test]
fn somebody_else_may_pay_for_the_ticket() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    let sponsor = stage.svm.funded(1_000_000_000);
    let request = stage.at.request_mint(&investor.key(), &sponsor.pubkey(), &investor.tokens, 1_000_000);
    let before = stage.svm.account(&investor.key()).unwrap().lamports;
    stage.send(&[request], &[&investor.keys, &sponsor]).unwrap();
    assert_eq!(stage.svm.account(&investor.key()).unwrap().lamports, before);
    assert!(stage.svm.account(&sponsor.pubkey()).unwrap().lamports < 1_000_000_000);
    assert_eq!(investor.ticket(&mut stage).rent_payer, sponsor.pubkey().to_bytes());
}

#[test]
fn a_ticket_address_that_somebody_sent_lamports_to_is_no_obstacle() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    let ticket = stage.at.ticket(&investor.key());
    stage.svm.airdrop(&ticket, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    assert_eq!(investor.ticket(&mut stage).minting.0, 1_000_000);
}

#[test]
fn a_ticket_holds_one_request_at_a_time() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 3_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    assert_eq!(investor.ask_to_mint(&mut stage, 1_000_000).refused(), ErrorCode::RequestPending);
    assert_eq!(investor.ask_to_redeem(&mut stage, 1).refused(), ErrorCode::RequestPending);
    investor.execute_later(&mut stage).unwrap();
    investor.ask_to_redeem(&mut stage, 1_000).unwrap();
    assert_eq!(investor.ask_to_mint(&mut stage, 1_000_000).refused(), ErrorCode::RequestPending);
    assert_eq!(investor.ask_to_redeem(&mut stage, 1).refused(), ErrorCode::RequestPending);
}

#[test]
fn nothing_and_more_than_the_pool_can_take_are_refused() {
    let mut stage = stage(plain());
    // A first share costs a thousandth of an atom and there are 2^63 - 1: what could never be minted is not taken in.
    let most = i64::MAX as u64 / 1_000;
    let investor = Investor::new(&mut stage, MAX_POOL as u64 + 1_000_000);
    assert_eq!(investor.ask_to_mint(&mut stage, 0).refused(), ErrorCode::ZeroAmount);
    assert_eq!(investor.ask_to_mint(&mut stage, MAX_POOL as u64 + 1).refused(), ErrorCode::PoolFull);
    assert_eq!(investor.ask_to_mint(&mut stage, most + 1).refused(), ErrorCode::PoolFull);
    investor.ask_to_mint(&mut stage, most).unwrap();
    let other = stage.trader(2_000);
    let whale = Investor::new(&mut stage, MAX_POOL as u64);
    let fill = stage.at.open_seat(&whale.key(), &whale.key(), &whale.tokens, MAX_POOL as u64 - most - 3_000);
    stage.send(&[fill], &[&whale.keys]).unwrap();
    assert_eq!(stage.deposit(&other, 1_001).refused(), ErrorCode::PoolFull);
    stage.deposit(&other, 1_000).unwrap();
}

#[test]
fn only_the_owner_of_the_tokens_mints_from_them() {
    let mut stage = stage(plain());
    let (victim, thief) = (Investor::new(&mut stage, 1_000_000), Investor::new(&mut stage, 0));
    let steal = stage.at.request_mint(&thief.key(), &thief.key(), &victim.tokens, 1_000_000);
    assert_eq!(stage.send(&[steal], &[&thief.keys]).unwrap_err().custom_code(), Some(OWNER_MISMATCH));
    // The pool's tokens are nobody's either.
    let pool = stage.at.pool;
    stage.gift(&pool, 1_000_000);
    let steal = stage.at.request_mint(&thief.key(), &thief.key(), &pool, 1_000_000);
    assert_eq!(stage.send(&[steal], &[&thief.keys]).unwrap_err().custom_code(), Some(OWNER_MISMATCH));
}

#[test]
fn a_mint_into_somebody_elses_ticket_is_refused() {
    let mut stage = stage(plain());
    let (owner, other) = (Investor::new(&mut stage, 1_000_000), Investor::new(&mut stage, 1_000_000));
    owner.ask_to_mint(&mut stage, 1_000_000).unwrap();
    owner.execute_later(&mut stage).unwrap();
    let mut request = stage.at.request_mint(&other.key(), &other.key(), &other.tokens, 1_000_000);
    request.accounts[5].pubkey = stage.at.ticket(&owner.key());
    let failure = stage.send(&[request], &[&other.keys]).unwrap_err();
    assert_eq!(failure.custom_code(), Some(Anchor::ConstraintSeeds as u32));
}

#[test]
fn a_request_needs_its_owners_signature() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    let keeper = stage.svm.funded(1_000_000_000);
    let mut request = stage.at.request_mint(&investor.key(), &keeper.pubkey(), &investor.tokens, 1_000_000);
    request.accounts[0].is_signer = false;
    let failure = stage.send(&[request], &[&keeper]).unwrap_err();
    assert_eq!(failure.custom_code(), Some(Anchor::AccountNotSigner as u32));
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    investor.execute_later(&mut stage).unwrap();
    let mut request = stage.at.request_redeem(&investor.key(), 1);
    request.accounts[0].is_signer = false;
    let failure = stage.send(&[request], &[]).unwrap_err();
    assert_eq!(failure.custom_code(), Some(Anchor::AccountNotSigner as u32));
}

#[test]
fn a_request_to_redeem_sets_the_shares_aside() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    let sent = investor.ask_to_redeem(&mut stage, shares / 4).unwrap();
    let [Event::VaultRequested(asked)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((asked.owner, asked.minting, asked.redeeming), (investor.key(), 0, shares / 4));
    assert_eq!(asked.matures_at, stage.svm.now() + 600);
    let ticket = investor.ticket(&mut stage);
    assert_eq!((ticket.shares, ticket.redeeming), (shares - shares / 4, shares / 4));
    assert_eq!((stage.market().head().shares, vault_cash(&stage)), (shares, 1_000_000), "the vault does not know yet");
}

#[test]
fn nobody_redeems_more_than_they_hold_or_nothing() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    assert_eq!(investor.ask_to_redeem(&mut stage, shares + 1).refused(), ErrorCode::InsufficientShares);
    assert_eq!(investor.ask_to_redeem(&mut stage, u64::MAX).refused(), ErrorCode::InsufficientShares);
    assert_eq!(investor.ask_to_redeem(&mut stage, 0).refused(), ErrorCode::ZeroAmount);
}

#[test]
fn nobody_redeems_from_somebody_elses_ticket() {
    let mut stage = stage(plain());
    let (owner, thief) = (invest(&mut stage, 1_000_000), Investor::new(&mut stage, 0));
    let mut request = stage.at.request_redeem(&thief.key(), 1_000);
    request.accounts[4].pubkey = stage.at.ticket(&owner.key());
    assert_eq!(stage.send(&[request], &[&thief.keys]).refused(), ErrorCode::WrongAccount);
    // And without a ticket there is nothing.
    let request = stage.at.request_redeem(&thief.key(), 1_000);
    let failure = stage.send(&[request], &[&thief.keys]).unwrap_err();
    assert_eq!(failure.custom_code(), Some(Anchor::AccountOwnedByWrongProgram as u32));
}
