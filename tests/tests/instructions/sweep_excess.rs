use zerosum_client::events::ExcessSwept;
use zerosum_engine::{error::ErrorCode, units::MAX_POOL};
use zerosum_tests::{Event, Refusal, Stage};

#[test]
fn what_strangers_send_to_the_pool_becomes_fee_cash_once() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    let (at, pool) = (stage.at, stage.at.pool);
    assert_eq!(stage.crank(at.sweep_excess()).refused(), ErrorCode::ZeroAmount);
    stage.gift(&pool, 12_345);
    assert_eq!(stage.market().head().fee_cash.0, 0, "a gift is nobody's until it is swept");
    let sent = stage.crank(at.sweep_excess()).unwrap();
    assert_eq!(sent.events, [Event::ExcessSwept(ExcessSwept { market: at.market, amount: 12_345 })]);
    let head = stage.market().head();
    assert_eq!((head.fee_cash.0, head.pool_cash.0), (12_345, 50_012_345));
    assert_eq!(stage.pool_tokens(), 50_012_345);
    assert_eq!(stage.crank(at.sweep_excess()).refused(), ErrorCode::ZeroAmount);
    assert_eq!(stage.seat(&alice).position.cash.0, 50_000_000);
    stage.withdraw(&alice, 50_000_000).unwrap();
    assert_eq!(stage.crank(at.sweep_excess()).refused(), ErrorCode::ZeroAmount);
}

#[test]
fn a_gift_beyond_counting_stays_outside_and_blocks_nobody() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    let (at, pool) = (stage.at, stage.at.pool);
    stage.gift(&pool, MAX_POOL as u64);
    assert_eq!(stage.crank(at.sweep_excess()).refused(), ErrorCode::PoolFull);
    stage.gift(&pool, 1 << 63);
    assert_eq!(stage.crank(at.sweep_excess()).refused(), ErrorCode::PoolFull);
    stage.deposit(&alice, 1_000).unwrap();
    stage.withdraw(&alice, 50_001_000).unwrap();
    assert_eq!(stage.market().head().pool_cash.0, 0);
}
