use zerosum_client::events::Deposited;
use zerosum_engine::{error::ErrorCode, units::MAX_POOL};
use zerosum_svm::{
    InstructionError,
    token::{Mint, TOKEN},
};
use zerosum_tests::{Event, Refusal, Setup, Stage};

use zerosum_tests::tampering::{
    Fails, INSUFFICIENT_FUNDS, MINT_MISMATCH, OWNER_MISMATCH, atoms, reason, send, swapped,
};

#[test]
fn a_deposit_moves_tokens_and_is_credited_to_the_atom() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let opened = stage.svm.now();
    stage.wait(30);
    let sent = stage.deposit(&alice, 1).unwrap();
    let deposited = Deposited { market: stage.at.market, seat: alice.seat, amount: 1 };
    assert_eq!(sent.events, [Event::Deposited(deposited)]);
    stage.deposit(&alice, 7_654_321).unwrap();
    let seat = stage.seat(&alice);
    assert_eq!((seat.position.cash.0, seat.active_at), (57_654_322, opened), "a deposit keeps no seat");
    assert_eq!(seat.young_deposits.0, 0, "without a position there is nothing to rank");
    assert_eq!(atoms(&mut stage, &alice.tokens), 50_000_000 - 7_654_322);
    assert_eq!(stage.pool_tokens(), 107_654_322);
    assert_eq!(stage.seat(&bob).position.cash.0, 50_000_000);
    assert_eq!(stage.market().head().pool_cash.0, 107_654_322);
}

#[test]
fn a_deposit_needs_tokens_and_a_pool_that_can_count_them() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    assert_eq!(stage.deposit(&alice, 0).refused(), ErrorCode::ZeroAmount);
    assert_eq!(stage.deposit(&alice, 50_000_001).fails(), INSUFFICIENT_FUNDS);
    stage.gift(&alice.tokens, 1 << 63);
    let room = (MAX_POOL - 50_000_000) as u64;
    assert_eq!(stage.deposit(&alice, room + 1).refused(), ErrorCode::PoolFull);
    assert_eq!(stage.deposit(&alice, 1 << 63).refused(), ErrorCode::PoolFull);
    stage.deposit(&alice, room).unwrap();
    assert_eq!(stage.deposit(&alice, 1).refused(), ErrorCode::PoolFull);
    stage.withdraw(&alice, MAX_POOL as u64).unwrap();
}

#[test]
fn a_deposit_comes_from_nobody_elses_tokens() {
    let mut stage = Stage::new();
    let (alice, mallory) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let deposit = stage.at.deposit(&mallory.key(), mallory.seat, &mallory.tokens, 1_000);
    for from in [alice.tokens, stage.at.pool] {
        let result = send(&mut stage, swapped(&deposit, &mallory.tokens, &from), &[&mallory.keys]);
        assert_eq!(result.fails(), OWNER_MISMATCH, "{from}");
    }
    let worthless = Mint::create(&mut stage.svm, TOKEN, 6);
    let coins = worthless.mint_to(&mut stage.svm, &mallory.key(), 50_000_000);
    let result = send(&mut stage, swapped(&deposit, &mallory.tokens, &coins), &[&mallory.keys]);
    assert_eq!(result.fails(), MINT_MISMATCH);
    let nonsense = [
        (stage.at.market, InstructionError::AccountBorrowFailed),
        (stage.at.oracle, InstructionError::InvalidAccountData),
        (mallory.key(), InstructionError::InvalidAccountData),
    ];
    for (from, expected) in nonsense {
        let result = send(&mut stage, swapped(&deposit, &mallory.tokens, &from), &[&mallory.keys]);
        assert_eq!(reason(result), expected, "{from}");
    }
    assert_eq!(stage.seat(&mallory).position.cash.0, 50_000_000);
    assert_eq!(atoms(&mut stage, &alice.tokens), 50_000_000);
}

#[test]
fn a_deposit_needs_no_price() {
    let mut stage = Setup { price: None, ..Setup::default() }.start();
    let alice = stage.trader(50_000_000);
    stage.deposit(&alice, 1_000).unwrap();
    let bob = stage.trader(50_000_000);
    stage.price(100_000);
    stage.trade(&alice, &bob, 10, 100_000);
    // A jump waits, then the oracle dies.
    stage.post(200_000);
    stage.observe().unwrap();
    stage.deposit(&alice, 1_000).unwrap();
    stage.wait(1_000_000);
    stage.deposit(&alice, 1_000).unwrap();
    let seat = stage.seat(&alice);
    assert_eq!(seat.position.cash.0, 50_003_000 - 10 * 100_000 - 500);
    assert_eq!(seat.young_deposits.0, 1_000, "of those made with a position, the ones that are still young");
}
