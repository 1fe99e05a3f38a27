//! Wrong accounts: another market's, forged ones, somebody else's, the same one twice.

use anchor_lang::error::ErrorCode as Anchor;
use zerosum_engine::error::ErrorCode;
use zerosum_svm::{
    Failure, Instruction, Pubkey,
    token::{Mint, TOKEN},
};
use zerosum_tests::{Refusal, Sent, Stage, refusal};

use zerosum_tests::scene::*;

/// What an instruction is expected to be refused with.
#[derive(Clone, Copy)]
enum Why {
    /// One of the exchange's errors.
    Own(ErrorCode),
    /// One of the framework's.
    Framework(Anchor),
}

#[track_caller]
fn refused(result: Result<Sent, Failure>, why: Why, what: &str) {
    let failure = match result {
        Err(failure) => failure,
        Ok(_) => panic!("{what} is accepted"),
    };
    match why {
        Why::Own(code) => assert_eq!(refusal(&failure).code, code, "{what}"),
        Why::Framework(code) => assert_eq!(failure.custom_code(), Some(code as u32), "{what}: {failure}"),
    }
}

/// The same bytes at another address, owned by `owner`.
fn copy(stage: &mut Stage, of: &Pubkey, owner: Pubkey) -> Pubkey {
    let address = Pubkey::new_unique();
    let account = stage.svm.account(of).unwrap();
    stage.svm.set_account(&address, zerosum_svm::Account { owner, ..account });
    address
}

fn with(instruction: &Instruction, place: usize, account: Pubkey) -> Instruction {
    let mut wrong = instruction.clone();
    wrong.accounts[place].pubkey = account;
    wrong
}

const FOREIGN: Why = Why::Framework(Anchor::AccountOwnedByWrongProgram);
const OTHER_KIND: Why = Why::Framework(Anchor::AccountDiscriminatorMismatch);
const READ_ONLY: Why = Why::Framework(Anchor::ConstraintMut);
const WRONG: Why = Why::Own(ErrorCode::WrongAccount);
const WRONG_ORACLE: Why = Why::Own(ErrorCode::WrongOracle);

/// A depositor whose redemption is mature, in a market that has something to liquidate.
fn scene() -> (Stage, Investor, Vec<Instruction>) {
    let mut stage = stage(discounted());
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares).unwrap();
    mature(&mut stage);
    let cranks = vec![
        stage.at.liquidate(1, None),
        stage.at.deleverage(1, None),
        stage.at.unwind_vault(),
        stage.at.execute_request(&investor.key(), None),
    ];
    (stage, investor, cranks)
}

#[test]
fn a_crank_takes_the_market_its_book_and_its_oracle_and_no_others() {
    let (mut stage, _, cranks) = scene();
    let other = second_market(&mut stage);
    let (program, market, book, oracle) = (stage.at.program, stage.at.market, stage.at.book, stage.at.oracle);
    let forger = Pubkey::new_unique();
    let forged_market = copy(&mut stage, &market, forger);
    let forged_book = copy(&mut stage, &book, forger);
    let forged_oracle = copy(&mut stage, &oracle, forger);
    let twin_book = copy(&mut stage, &book, program);
    let twin_oracle = copy(&mut stage, &oracle, program);
    let wrong_oracle = Why::Own(ErrorCode::WrongOracle);
    for crank in &cranks {
        for (place, account, why, what) in [
            (0, other.market, WRONG, "another market"),
            (0, forged_market, FOREIGN, "a forged market"),
            (0, book, OTHER_KIND, "the book as the market"),
            (0, oracle, OTHER_KIND, "the oracle as the market"),
            (1, other.book, WRONG, "another market's book"),
            (1, forged_book, FOREIGN, "a forged book"),
            (1, twin_book, WRONG, "a copy of the book"),
            (1, market, OTHER_KIND, "the market as the book"),
            (1, oracle, OTHER_KIND, "the oracle as the book"),
            (2, other.oracle, wrong_oracle, "another market's oracle"),
            (2, forged_oracle, wrong_oracle, "a forged oracle"),
            (2, twin_oracle, wrong_oracle, "a copy of the oracle"),
            (2, market, wrong_oracle, "the market as the oracle"),
            (2, book, wrong_oracle, "the book as the oracle"),
        ] {
            refused(stage.crank(with(crank, place, account)), why, what);
        }
        for place in [0, 1] {
            let mut read_only = crank.clone();
            read_only.accounts[place].is_writable = false;
            refused(stage.crank(read_only), READ_ONLY, "a read-only account");
        }
    }
    for crank in cranks {
        stage.crank(crank).unwrap();
    }
}

#[test]
fn a_whole_other_market_is_another_matter() {
    let (mut stage, _, _) = scene();
    let other = second_market(&mut stage);
    let before = stage.market().clone();
    stage.crank(other.liquidate(1, None)).unwrap();
    stage.crank(other.deleverage(1, None)).unwrap();
    assert_eq!(stage.market().bodies(), before.bodies());
}

#[test]
fn an_execution_takes_a_ticket_of_this_market_and_its_pool() {
    let (mut stage, investor, cranks) = scene();
    let execute = cranks[3].clone();
    let other = second_market(&mut stage);
    let mine = stage.at.ticket(&investor.key());
    // A ticket of the other market, in the same state.
    stage.gift(&investor.tokens.clone(), 1_000_000);
    let request = other.request_mint(&investor.key(), &investor.key(), &investor.tokens, 1_000_000);
    stage.send(&[request], &[&investor.keys]).unwrap();
    let elsewhere = other.ticket(&investor.key());
    let forged = copy(&mut stage, &mine, Pubkey::new_unique());
    let (market, book) = (stage.at.market, stage.at.book);
    let stranger = Investor::new(&mut stage, 0);
    let token_2022 = zerosum_svm::token::TOKEN_2022;
    let other_mint = Mint::create(&mut stage.svm, TOKEN, 6).address;
    for (place, account, why, what) in [
        (3, elsewhere, WRONG, "a ticket of another market"),
        (3, forged, FOREIGN, "a forged ticket"),
        (3, market, OTHER_KIND, "the market as the ticket"),
        (3, book, OTHER_KIND, "the book as the ticket"),
        (4, other.pool, WRONG, "another market's pool"),
        (4, stranger.tokens, WRONG, "a token account as the pool"),
        (7, other.market, FOREIGN, "the other market as the mint"),
        (7, other_mint, WRONG, "another mint"),
        (8, token_2022, WRONG, "another token program"),
        (8, stage.at.program, Why::Framework(Anchor::InvalidProgramId), "this program as the token program"),
        (6, stage.at.pool, Why::Own(ErrorCode::WrongDestination), "the pool as the destination"),
    ] {
        refused(stage.crank(with(&execute, place, account)), why, what);
    }
    // Another authority than the pool's owner cannot sign for it.
    let not_its_owner = Why::Framework(Anchor::ConstraintTokenOwner);
    refused(stage.crank(with(&execute, 5, other.pool_authority)), not_its_owner, "another market's pool authority");
    let no_address = Why::Framework(Anchor::AccountNotSystemOwned);
    refused(stage.crank(with(&execute, 5, market)), no_address, "the market as the pool authority");
    stage.crank(execute).unwrap();
}

#[test]
fn requests_take_the_markets_own_pool_mint_and_token_program() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let other = second_market(&mut stage);
    let request = stage.at.request_mint(&investor.key(), &investor.key(), &investor.tokens, 1_000);
    let (market, ticket) = (stage.at.market, stage.at.ticket(&investor.key()));
    let forged_market = copy(&mut stage, &market, Pubkey::new_unique());
    let other_mint = Mint::create(&mut stage.svm, TOKEN, 6).address;
    let seeds = Why::Framework(Anchor::ConstraintSeeds);
    for (place, account, why, what) in [
        (2, forged_market, FOREIGN, "a forged market"),
        (2, stage.at.book, OTHER_KIND, "the book as the market"),
        (2, other.market, seeds, "another market"),
        (3, other.book, WRONG, "another market's book"),
        (3, market, OTHER_KIND, "the market as the book"),
        (4, other.oracle, WRONG_ORACLE, "another market's price"),
        (4, market, WRONG_ORACLE, "the market as the price"),
        (5, other.ticket(&investor.key()), seeds, "a ticket of another market"),
        (5, market, seeds, "the market as the ticket"),
        (6, other.pool, WRONG, "another market's pool"),
        (6, investor.tokens, WRONG, "the own tokens as the pool"),
        (7, market, FOREIGN, "the market as the tokens"),
        (8, market, FOREIGN, "the market as the mint"),
        (8, other_mint, WRONG, "another mint"),
        (9, zerosum_svm::token::TOKEN_2022, WRONG, "another token program"),
        (9, stage.at.program, Why::Framework(Anchor::InvalidProgramId), "this program as the token program"),
        (10, stage.at.program, Why::Framework(Anchor::InvalidProgramId), "this program as the system program"),
    ] {
        refused(stage.send(&[with(&request, place, account)], &[&investor.keys]), why, what);
    }
    let redeem = stage.at.request_redeem(&investor.key(), 1_000);
    let forged_ticket = copy(&mut stage, &ticket, Pubkey::new_unique());
    for (place, account, why, what) in [
        (1, other.market, WRONG, "another market"),
        (1, forged_market, FOREIGN, "a forged market"),
        (1, ticket, OTHER_KIND, "the ticket as the market"),
        (2, other.book, WRONG, "another market's book"),
        (3, other.oracle, WRONG_ORACLE, "another market's price"),
        (4, forged_ticket, FOREIGN, "a forged ticket"),
        (4, market, OTHER_KIND, "the market as the ticket"),
    ] {
        refused(stage.send(&[with(&redeem, place, account)], &[&investor.keys]), why, what);
    }
    stage.send(&[redeem], &[&investor.keys]).unwrap();
}

#[test]
fn views_read_markets_only() {
    let (mut stage, _, _) = scene();
    let market = stage.at.market;
    let forged = copy(&mut stage, &market, Pubkey::new_unique());
    let views = [
        stage.at.view_adl_queue(zerosum_engine::units::Side::Long, None),
        stage.at.view_liquidation_queue(zerosum_engine::units::Side::Long, 0),
        stage.at.view_seat(0),
    ];
    for view in views {
        for (account, why) in [(stage.at.book, OTHER_KIND), (stage.at.oracle, OTHER_KIND), (forged, FOREIGN)] {
            refused(stage.crank(with(&view, 0, account)), why, "a view");
        }
        let before = stage.market().clone();
        stage.crank(view).unwrap();
        assert_eq!(stage.market().bodies(), before.bodies(), "sent for real, it changes nothing either");
    }
}

/// Its account is there and says nothing: as long as the price is live that stops nobody.
#[test]
fn an_oracle_that_posts_nothing_else_than_zeroes_is_not_a_price() {
    let (mut stage, _, cranks) = scene();
    stage.observe().unwrap();
    let oracle = stage.at.oracle;
    let account = stage.svm.account(&oracle).unwrap();
    stage.svm.set_account(&oracle, zerosum_svm::Account { data: Vec::new(), ..account.clone() });
    for crank in &cranks {
        stage.attempt(std::slice::from_ref(crank), &[]).unwrap();
    }
    stage.wait(61);
    for crank in &cranks {
        assert_eq!(stage.crank(crank.clone()).refused(), ErrorCode::WrongOracle);
    }
    stage.svm.set_account(&oracle, account);
    stage.post(100_000);
    stage.crank(cranks[0].clone()).unwrap();
}
