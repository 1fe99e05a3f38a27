//! The accounts of a market are given up when nothing is left in it, to whom they belong.

use zerosum_engine::error::ErrorCode;
use zerosum_svm::{
    Account, Pubkey, Signer,
    token::{Mint, TOKEN, TOKEN_2022},
};
use zerosum_tests::{Refusal, Stage, refusal};

use super::ending::*;
use zerosum_tests::scene::{Investor, invest, plain, second_market, stage as plain_stage};
use zerosum_tests::tampering::{Anchor, Fails, anchor, copy_for, lamports, number, other_tokens, read_only, swapped};

/// What is named as left, and how much of it.
#[track_caller]
fn left(stage: &mut Stage) -> (i64, i64) {
    let close = stage.at.close_market(&stage.creator.pubkey(), None);
    let error = refusal(&stage.crank(close).unwrap_err());
    assert_eq!(error.code, ErrorCode::MarketNotEmpty);
    (error.expected, error.actual)
}

#[test]
fn a_market_is_not_closed_while_anything_is_left_in_it() {
    let mut stage = plain_stage(plain());
    let first = invest(&mut stage, 1_000_000);
    let (alice, bob) = (stage.trader(1_000), stage.trader(1_000));
    let waiting = Investor::new(&mut stage, 9);
    waiting.ask_to_mint(&mut stage, 9).unwrap();
    let pool = stage.at.pool;
    stage.gift(&pool, 400);
    stage.crank(stage.at.sweep_excess()).unwrap();
    let close = stage.at.close_market(&stage.creator.pubkey(), None);
    assert_eq!(stage.crank(close).refused(), ErrorCode::NotSettled);
    settle_dead(&mut stage, 100_000);

    let stranger = stage.svm.funded(SOL);
    assert_eq!(left(&mut stage), (1, 3), "two seats and the vault's");
    close_seat(&mut stage, &alice, &stranger).unwrap();
    close_seat(&mut stage, &bob, &stranger).unwrap();
    assert_eq!(left(&mut stage), (1, 2), "the record that the first one left");
    trim(&mut stage, &stranger);
    assert_eq!(left(&mut stage), (0, 1_000_000_000), "shares");
    assert_eq!(redeem(&mut stage, &first).unwrap(), 1_000_000);
    assert_eq!(left(&mut stage), (0, 9), "a mint that waits");
    assert_eq!(redeem(&mut stage, &waiting).unwrap(), 9);
    assert_eq!(left(&mut stage), (0, 400), "the authority's fees");
    let creator = stage.creator.insecure_clone();
    let tokens = stage.mint.mint_to(&mut stage.svm, &creator.pubkey(), 0);
    let take = stage.at.take_fees(&creator.pubkey(), &tokens, 400);
    stage.send(&[take], &[&creator]).unwrap();
    close_market(&mut stage, &first.key()).unwrap();
}

#[test]
fn fees_that_a_burned_authority_left_do_not_keep_a_market_open() {
    let mut stage = plain_stage(plain());
    let first = invest(&mut stage, 1_000_000);
    settle_dead(&mut stage, 100_000);
    assert_eq!(redeem(&mut stage, &first).unwrap(), 1_000_000);
    let pool = stage.at.pool;
    stage.gift(&pool, 400);
    stage.crank(stage.at.sweep_excess()).unwrap();
    assert_eq!(left(&mut stage), (0, 400));
    let creator = stage.creator.insecure_clone();
    stage.send(&[stage.at.burn_authority(&creator.pubkey())], &[&creator]).unwrap();
    close_market(&mut stage, &first.key()).unwrap();
    assert_eq!(first.balance(&mut stage), 2_000_400);
}

#[test]
fn a_market_is_closed_with_its_own_accounts_and_into_those_of_its_heirs() {
    let mut stage = empty();
    let at = stage.at;
    let creator = stage.creator.pubkey();
    stage.gift(&at.pool, 55);
    stage.mint.mint_to(&mut stage.svm, &creator, 0);
    let thief = stage.svm.funded(SOL).pubkey();
    let thiefs = stage.mint.mint_to(&mut stage.svm, &thief, 0);
    let second = other_tokens(&mut stage, &at.mint, &creator);
    let other = second_market(&mut stage);
    let foreign = copy_for(&mut stage, &at.market, Pubkey::new_unique());
    let twin = copy_for(&mut stage, &at.book, zerosum_client::ID);
    let twin_feed = copy_for(&mut stage, &at.oracle, zerosum_client::ID);
    let foreign_feed = copy_for(&mut stage, &at.oracle, Pubkey::new_unique());
    let other_mint = Mint::create(&mut stage.svm, TOKEN, 6).address;
    let (wrong, kind) = (number(ErrorCode::WrongAccount), anchor(Anchor::AccountDiscriminatorMismatch));
    let (oracle, owner) = (number(ErrorCode::WrongOracle), anchor(Anchor::AccountOwnedByWrongProgram));
    let destination = number(ErrorCode::WrongDestination);
    let to = at.associated_token(&creator);
    let close = at.close_market(&creator, Some(&creator));
    for (from, to, code) in [
        (at.market, other.market, wrong),
        (at.market, foreign, owner),
        (at.market, at.book, kind),
        (at.book, other.book, wrong),
        (at.book, twin, wrong),
        (at.book, at.market, kind),
        // Left behind, the feed would keep its rent and the address of the market for good.
        (at.oracle, other.oracle, oracle),
        (at.oracle, twin_feed, oracle),
        (at.oracle, zerosum_client::ID, oracle),
        (at.oracle, foreign_feed, owner),
        (at.oracle, thief, owner),
        (at.oracle, Pubkey::new_unique(), owner),
        (at.oracle, at.pool, owner),
        (at.pool, other.pool, wrong),
        (at.pool, thiefs, wrong),
        (at.mint, other_mint, wrong),
        (at.token_program, TOKEN_2022, wrong),
        (creator, thief, destination),
        (creator, at.market, anchor(Anchor::ConstraintClose)),
        (to, thiefs, destination),
        (to, second, destination),
        (to, at.pool, destination),
        (to, zerosum_client::ID, destination),
        (to, thief, owner),
        (to, Pubkey::new_unique(), anchor(Anchor::AccountNotInitialized)),
    ] {
        assert_eq!(stage.crank(swapped(&close, &from, &to)).fails(), code, "{to} for {from}");
    }
    let unsigned = stage.crank(swapped(&close, &at.pool_authority, &other.pool_authority));
    assert_eq!(unsigned.fails(), anchor(Anchor::ConstraintTokenOwner));
    for account in [at.market, at.book, at.oracle, at.pool, to, creator] {
        let result = stage.crank(read_only(&close, &account));
        assert_eq!(result.fails(), anchor(Anchor::ConstraintMut), "{account} read-only");
    }
    close_market(&mut stage, &creator).unwrap();
    assert_eq!(stage.mint.balance_of(&mut stage.svm, &creator), 55);
    assert!(stage.svm.account(&at.oracle).is_none());
}

#[test]
fn a_gift_waits_for_an_account_of_the_heir() {
    let mut stage = plain_stage(plain());
    let first = invest(&mut stage, 1_000_000);
    settle_dead(&mut stage, 100_000);
    redeem(&mut stage, &first).unwrap();
    let pool = stage.at.pool;
    stage.gift(&pool, 5);
    stage.svm.set_account(&first.tokens, Account::default());
    let close = stage.at.close_market(&stage.creator.pubkey(), Some(&first.key()));
    assert_eq!(stage.crank(close).fails(), anchor(Anchor::AccountNotInitialized));
    let close = stage.at.close_market(&stage.creator.pubkey(), None);
    assert_eq!(stage.crank(close).refused(), ErrorCode::WrongDestination);
    // Nor is it the creator's.
    let creator = stage.creator.pubkey();
    stage.mint.mint_to(&mut stage.svm, &creator, 0);
    let close = stage.at.close_market(&creator, Some(&creator));
    assert_eq!(stage.crank(close).refused(), ErrorCode::WrongDestination);
    // Anyone makes the account.
    stage.mint.mint_to(&mut stage.svm, &first.key(), 0);
    close_market(&mut stage, &first.key()).unwrap();
    assert_eq!(first.balance(&mut stage), 5);
}

/// Who gave the associated account away can be paid by nobody else, so the accounts of the market stay as well, and with
/// them the creator's rent: for the price of what the seat holds.
#[test]
fn who_cannot_be_paid_keeps_an_ended_market_open_for_the_price_of_what_is_theirs() {
    let mut stage = Stage::new();
    let (alice, mint) = (stage.trader(10_000_000), stage.at.mint);
    settle_dead(&mut stage, 100_000);
    let (stranger, own) = (stage.svm.funded(SOL), stage.svm.account(&alice.tokens).unwrap());
    let mut given = own.clone();
    given.data[32..64].copy_from_slice(stranger.pubkey().as_ref());
    stage.svm.set_account(&alice.tokens, given);
    assert_eq!(close_seat(&mut stage, &alice, &stranger).refused(), ErrorCode::WrongDestination);
    assert_eq!(left(&mut stage), (1, 2));
    let other = other_tokens(&mut stage, &mint, &alice.key());
    let close = stage.at.close_seat(&alice.key(), alice.seat, Some(&other), &alice.key());
    stage.send(&[close], &[&alice.keys]).unwrap();
    close_market(&mut stage, &alice.key()).unwrap();
    assert_eq!(lamports(&mut stage, &alice.key()), SOL);
}
