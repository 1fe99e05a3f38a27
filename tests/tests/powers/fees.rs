//! The authority's part of the fee cash.

use zerosum_client::events::FeesTaken;
use zerosum_engine::{error::ErrorCode, ops::admin::TIME_LOCK, state::params::Params};
use zerosum_svm::{Failure, Pubkey, Signer};
use zerosum_tests::{Event, Refusal, Sent, Setup, Stage, refusal};

use zerosum_tests::scene::{clear, duel, invest, plain, vault_cash};
use zerosum_tests::tampering::atoms;

/// A market with fees of `amount`, and an account of the creator's.
fn with_fees(amount: u64) -> (Stage, Pubkey) {
    let params = Params { deleverage_pay_cap: 1_000, ..plain() };
    let mut stage = Setup { params, ..Setup::default() }.start();
    let (pool, creator) = (stage.at.pool, stage.creator.pubkey());
    stage.gift(&pool, amount);
    stage.crank(stage.at.sweep_excess()).unwrap();
    let tokens = stage.mint.mint_to(&mut stage.svm, &creator, 0);
    (stage, tokens)
}

fn take(stage: &mut Stage, to: &Pubkey, amount: u64) -> Result<Sent, Failure> {
    let creator = stage.creator.insecure_clone();
    let take = stage.at.take_fees(&creator.pubkey(), to, amount);
    stage.send(&[take], &[&creator])
}

#[test]
fn fees_are_paid_out_down_to_what_a_round_of_forced_fills_is_paid() {
    let (mut stage, tokens) = with_fees(40_000);
    let alice = stage.trader(50_000_000);
    let investor = invest(&mut stage, 1_000_000);
    assert_eq!(take(&mut stage, &tokens, 0).refused(), ErrorCode::ZeroAmount);
    for too_much in [8_001, 40_000, 50_000_000, i64::MAX as u64] {
        let error = refusal(&take(&mut stage, &tokens, too_much).unwrap_err());
        assert_eq!((error.code, error.expected), (ErrorCode::FeesReserved, 8_000), "32 times 1,000 stay");
    }
    assert_eq!(take(&mut stage, &tokens, u64::MAX).refused(), ErrorCode::FeesReserved);
    let before = stage.pool_tokens();
    let sent = take(&mut stage, &tokens, 8_000).unwrap();
    assert_eq!(sent.events, [Event::FeesTaken(FeesTaken { market: stage.at.market, amount: 8_000 })]);
    assert_eq!((atoms(&mut stage, &tokens), stage.pool_tokens()), (8_000, before - 8_000));
    assert_eq!(stage.market().head().fee_cash.0, 32_000);
    assert_eq!(take(&mut stage, &tokens, 1).refused(), ErrorCode::FeesReserved, "not once more");
    assert_eq!((stage.seat(&alice).position.cash.0, vault_cash(&stage)), (50_000_000, 1_000_000));
    assert!(investor.ticket(&mut stage).shares > 0);
}

#[test]
fn fees_go_wherever_the_authority_says() {
    let (mut stage, _) = with_fees(40_000);
    let (_, strangers) = stage.newcomer(0);
    take(&mut stage, &strangers, 5).unwrap();
    assert_eq!(atoms(&mut stage, &strangers), 5);
    let creator = stage.creator.insecure_clone();
    let both = [
        stage.at.take_fees(&creator.pubkey(), &strangers, 7_000),
        stage.at.take_fees(&creator.pubkey(), &strangers, 996),
    ];
    assert_eq!(
        stage.send(&both, &[&creator]).refused(),
        ErrorCode::FeesReserved,
        "two halves are not more than the whole"
    );
}

#[test]
fn while_somebody_is_bankrupt_no_fees_are_taken() {
    let (mut stage, tokens) = with_fees(40_000);
    duel(&mut stage);
    stage.price(94_000);
    assert_eq!(take(&mut stage, &tokens, 1).refused(), ErrorCode::BankruptSeat);
    clear(&mut stage, 32);
    take(&mut stage, &tokens, 8_000).unwrap();
}

#[test]
fn tokens_that_nobody_swept_are_not_taken() {
    let (mut stage, tokens) = with_fees(32_000);
    let pool = stage.at.pool;
    stage.gift(&pool, 500);
    assert_eq!(take(&mut stage, &tokens, 1).refused(), ErrorCode::FeesReserved);
    stage.crank(stage.at.sweep_excess()).unwrap();
    take(&mut stage, &tokens, 500).unwrap();
}

/// What an authority can do with two days of notice: leave keepers unpaid and take what was kept for them.
#[test]
fn a_lower_pay_frees_the_reserve_after_two_days() {
    let (mut stage, tokens) = with_fees(32_000);
    let creator = stage.creator.insecure_clone();
    let params = Params { deleverage_pay_cap: 0, ..stage.market().head().params };
    let change = stage.at.change_params(&creator.pubkey(), &params);
    stage.send(&[change], &[&creator]).unwrap();
    assert_eq!(take(&mut stage, &tokens, 1).refused(), ErrorCode::FeesReserved, "not at once");
    stage.wait(TIME_LOCK);
    stage.crank(stage.at.apply_params()).unwrap();
    take(&mut stage, &tokens, 32_000).unwrap();
}
