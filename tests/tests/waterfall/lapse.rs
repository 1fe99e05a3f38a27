//! Requests that nobody executed in time, and where payouts go.

use zerosum_engine::{error::ErrorCode, state::ticket::LAPSE};
use zerosum_svm::{InstructionError, Pubkey, Signer};
use zerosum_tests::{
    Event, GRACE, Refusal, SILENCE, Sent, Stage,
    tampering::{Anchor, Fails, anchor, reason, swapped},
};

use zerosum_tests::scene::*;

fn executed(sent: &Sent) -> (bool, u64, i64) {
    let Some(Event::VaultExecuted(executed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    (executed.lapsed, executed.minted, executed.paid)
}

#[test]
fn a_lapsed_mint_goes_back_to_its_owner_even_when_the_oracle_is_dead() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    // Nobody has posted since.
    stage.wait(600 + LAPSE);
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::StalePrice, "to the second, it is not over yet");
    stage.wait(1);
    assert_eq!(executed(&investor.execute(&mut stage).unwrap()), (true, 0, 1_000_000));
    assert_eq!((investor.balance(&mut stage), stage.pool_tokens()), (1_000_000, 0));
    let head = stage.market().head();
    assert_eq!((head.pending_mints.0, head.pool_cash.0, head.shares), (0, 0, 0));
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::NoRequest);
}

#[test]
fn a_lapsed_mint_goes_back_while_a_jump_is_pending_and_somebody_is_bankrupt() {
    let mut stage = stage(plain());
    duel(&mut stage);
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    stage.wait(600 + LAPSE);
    stage.post(94_000);
    stage.observe().unwrap();
    stage.post(10_000);
    stage.observe().unwrap();
    assert_eq!(stage.liquidate().refused(), ErrorCode::PricePending);
    assert_eq!(executed(&investor.execute(&mut stage).unwrap()), (true, 0, 1_000_000));
}

#[test]
fn a_lapsed_redemption_puts_the_shares_back_and_needs_no_account_to_pay_to() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares).unwrap();
    stage.wait(601 + LAPSE);
    let execute = stage.at.execute_request_unpaid(&investor.key(), None);
    assert_eq!(executed(&stage.crank(execute).unwrap()), (true, 0, 0));
    let ticket = investor.ticket(&mut stage);
    assert_eq!((ticket.shares, ticket.redeeming, ticket.requested_at), (shares, 0, 0));
    assert_eq!(vault_cash(&stage), 1_000_000);
}

/// Of a settled market everything is paid, and nothing lapses any more: the log must not tell that it was undone.
#[test]
fn what_a_settled_market_pays_has_not_lapsed() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares).unwrap();
    stage.wait(SILENCE + 1);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE.max(LAPSE));
    stage.crank(stage.at.settle()).unwrap();
    assert_eq!(executed(&investor.execute(&mut stage).unwrap()), (false, 0, 1_000_000));
}

#[test]
fn a_request_is_executed_until_its_last_second() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    stage.wait(600 + LAPSE - 1);
    stage.post(100_000);
    let (lapsed, minted, _) = executed(&investor.execute(&mut stage).unwrap());
    assert!(!lapsed && minted > 0);
}

/// A token account of the same owner that is not the associated one.
fn other_account(stage: &mut Stage, investor: &Investor) -> Pubkey {
    let address = Pubkey::new_unique();
    let account = stage.svm.account(&investor.tokens).unwrap();
    stage.svm.set_account(&address, account);
    address
}

/// Every destination but the right one is refused for the request that waits.
fn refuses_other_destinations(stage: &mut Stage, investor: &Investor) {
    let stranger = Investor::new(stage, 5);
    let own_but_other = other_account(stage, investor);
    let missing = stage.mint.account_of(&Pubkey::new_unique());
    let (pool, ticket, mint) = (stage.at.pool, stage.at.ticket(&investor.key()), stage.mint.address);
    let payer = stage.svm.payer().pubkey();
    let execute = stage.at.execute_request(&investor.key(), None);
    let to = |account| swapped(&execute, &investor.tokens, &account);
    for account in [stranger.tokens, own_but_other, pool, zerosum_client::ID] {
        assert_eq!(stage.crank(to(account)).refused(), ErrorCode::WrongDestination, "{account}");
    }
    let unpaid = stage.at.execute_request_unpaid(&investor.key(), None);
    assert_eq!(stage.crank(unpaid).refused(), ErrorCode::WrongDestination);
    for (account, error) in [
        (missing, Anchor::AccountNotInitialized),
        (payer, Anchor::AccountOwnedByWrongProgram),
        (ticket, Anchor::AccountOwnedByWrongProgram),
    ] {
        assert_eq!(stage.crank(to(account)).fails(), anchor(error), "{account}");
    }
    assert_eq!(reason(stage.crank(to(mint))), InstructionError::InvalidAccountData);
}

#[test]
fn a_redemption_is_paid_to_the_owners_associated_account_and_nowhere_else() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    let shares = investor.ticket(&mut stage).shares;
    investor.ask_to_redeem(&mut stage, shares).unwrap();
    mature(&mut stage);
    refuses_other_destinations(&mut stage, &investor);
    let before = investor.balance(&mut stage);
    let paid = executed(&investor.execute(&mut stage).unwrap()).2;
    assert_eq!(investor.balance(&mut stage), before + paid as u64);
}

#[test]
fn a_refund_is_paid_to_the_owners_associated_account_and_nowhere_else() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    stage.wait(601 + LAPSE);
    refuses_other_destinations(&mut stage, &investor);
    investor.execute(&mut stage).unwrap();
    assert_eq!(investor.balance(&mut stage), 1_000_000);
}

#[test]
fn an_owner_without_an_associated_account_is_paid_once_there_is_one() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    let own = other_account(&mut stage, &investor);
    let request = stage.at.request_mint(&investor.key(), &investor.key(), &own, 1_000_000);
    stage.send(&[request], &[&investor.keys]).unwrap();
    stage.svm.set_account(&investor.tokens.clone(), Default::default());
    stage.wait(601 + LAPSE);
    assert_eq!(investor.execute(&mut stage).fails(), anchor(Anchor::AccountNotInitialized));
    let unpaid = stage.at.execute_request_unpaid(&investor.key(), None);
    assert_eq!(stage.crank(unpaid).refused(), ErrorCode::WrongDestination);
    // Anyone can create it, in front of the call.
    let create = stage.mint.create_account(&stage.svm.payer().pubkey(), &investor.key());
    let execute = stage.at.execute_request(&investor.key(), None);
    stage.send(&[create, execute], &[]).unwrap();
    assert_eq!(investor.balance(&mut stage), 1_000_000);
}
