//! Tickets are given up when they hold nothing, for the rent of who paid it.

use zerosum_client::decode_ticket;
use zerosum_engine::error::ErrorCode;
use zerosum_svm::{Pubkey, Signer};
use zerosum_tests::Refusal;

use super::ending::*;
use zerosum_tests::scene::{Investor, invest, mature, plain, second_market, stage};
use zerosum_tests::tampering::{Anchor, Fails, anchor, copy_for, lamports, number, read_only, swapped};

#[test]
fn a_ticket_that_holds_anything_stays() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let close = stage.at.close_ticket(&investor.key(), &investor.key());
    assert_eq!(stage.crank(close.clone()).refused(), ErrorCode::AccountNotEmpty, "shares");
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares).unwrap();
    assert_eq!(stage.crank(close.clone()).refused(), ErrorCode::AccountNotEmpty, "shares that wait");
    mature(&mut stage);
    investor.execute(&mut stage).unwrap();
    investor.ask_to_mint(&mut stage, 1_000).unwrap();
    assert_eq!(stage.crank(close.clone()).refused(), ErrorCode::AccountNotEmpty, "cash that waits");
    settle_dead(&mut stage, 100_000);
    assert_eq!(stage.crank(close.clone()).refused(), ErrorCode::AccountNotEmpty, "after the end too");
    redeem(&mut stage, &investor).unwrap();
    stage.crank(close).unwrap();
    assert_eq!(lamports(&mut stage, &investor.key()), SOL);
    assert!(stage.svm.account(&stage.at.ticket(&investor.key())).is_none());
}

#[test]
fn a_ticket_is_closed_for_its_rent_payer_and_in_its_own_market() {
    let mut stage = stage(plain());
    let (owner, tokens) = stage.newcomer(1_000);
    let (sponsor, thief) = (stage.svm.funded(SOL), stage.svm.funded(SOL));
    let request = stage.at.request_mint(&owner.pubkey(), &sponsor.pubkey(), &tokens, 1_000);
    stage.send(&[request], &[&owner, &sponsor]).unwrap();
    let investor = Investor { keys: owner, tokens };
    let other = second_market(&mut stage);
    settle_dead(&mut stage, 100_000);
    redeem(&mut stage, &investor).unwrap();
    let at = stage.at;
    let ticket = at.ticket(&investor.key());
    let foreign = copy_for(&mut stage, &ticket, Pubkey::new_unique());
    let (wrong, kind) = (number(ErrorCode::WrongAccount), anchor(Anchor::AccountDiscriminatorMismatch));
    let owner = anchor(Anchor::AccountOwnedByWrongProgram);
    let destination = number(ErrorCode::WrongDestination);
    let close = at.close_ticket(&investor.key(), &sponsor.pubkey());
    for (from, to, code) in [
        (at.market, other.market, wrong),
        (at.market, Pubkey::new_unique(), wrong),
        (at.market, thief.pubkey(), wrong),
        (ticket, foreign, owner),
        (ticket, at.market, kind),
        (ticket, at.book, kind),
        (sponsor.pubkey(), thief.pubkey(), destination),
        (sponsor.pubkey(), investor.key(), destination),
        (sponsor.pubkey(), ticket, anchor(Anchor::AccountNotSystemOwned)),
    ] {
        assert_eq!(stage.crank(swapped(&close, &from, &to)).fails(), code, "{to} for {from}");
    }
    for account in [ticket, sponsor.pubkey()] {
        assert_eq!(stage.crank(read_only(&close, &account)).fails(), anchor(Anchor::ConstraintMut));
    }
    stage.crank(close).unwrap();
    assert_eq!((lamports(&mut stage, &sponsor.pubkey()), lamports(&mut stage, &investor.key())), (SOL, SOL));
}

#[test]
fn a_ticket_of_another_market_is_not_paid_from_this_one() {
    let mut stage = stage(plain());
    let holder = invest(&mut stage, 1_000_000);
    let investor = Investor::new(&mut stage, 1_000);
    let other = second_market(&mut stage);
    let request = other.request_mint(&investor.key(), &investor.key(), &investor.tokens, 1_000);
    stage.send(&[request], &[&investor.keys]).unwrap();
    settle_dead(&mut stage, 100_000);
    let elsewhere = other.ticket(&investor.key());
    let execute =
        swapped(&stage.at.execute_request(&investor.key(), None), &stage.at.ticket(&investor.key()), &elsewhere);
    assert_eq!(stage.crank(execute).refused(), ErrorCode::WrongAccount);
    let ticket = decode_ticket(&stage.svm.account(&elsewhere).unwrap().data).unwrap();
    assert_eq!((ticket.market, ticket.minting.0), (other.market.to_bytes(), 1_000));
    redeem(&mut stage, &holder).unwrap();
}

/// Once the market is gone nobody has anything in it, whatever its tickets say.
#[test]
fn a_ticket_outlives_its_market_and_is_closed_by_anyone_for_its_rent() {
    let mut stage = stage(plain());
    let (old, new) = (invest(&mut stage, 500), invest(&mut stage, 5_000));
    settle_dead(&mut stage, 100_000);
    // The first deposit was dust, so the second one began an epoch of its own and the old shares are worth nothing.
    assert!(old.ticket(&mut stage).shares > 0);
    assert_eq!(redeem(&mut stage, &new).unwrap(), 5_000);
    let creator = stage.creator.insecure_clone();
    let fees = stage.market().head().fee_cash.0 as u64;
    let tokens = stage.mint.mint_to(&mut stage.svm, &creator.pubkey(), 0);
    let take = stage.at.take_fees(&creator.pubkey(), &tokens, fees);
    stage.send(&[take], &[&creator]).unwrap();
    close_market(&mut stage, &new.key()).unwrap();
    let thief = stage.svm.funded(SOL).pubkey();
    let at = stage.at;
    let steal = stage.svm.send(&[at.close_ticket(&old.key(), &thief)], &[]).unwrap_err();
    assert_eq!(steal.custom_code(), Some(number(ErrorCode::WrongDestination)));
    for ticket in [&old, &new] {
        stage.svm.send(&[at.close_ticket(&ticket.key(), &ticket.key())], &[]).unwrap();
        assert_eq!(lamports(&mut stage, &ticket.key()), SOL);
    }
    // With the market nothing else is to be had from a ticket.
    let gone = stage.svm.send(&[at.execute_request(&new.key(), None)], &[]).unwrap_err();
    assert_eq!(gone.custom_code(), Some(anchor(Anchor::AccountOwnedByWrongProgram)));
}
