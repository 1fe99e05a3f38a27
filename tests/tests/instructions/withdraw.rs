use zerosum_client::events::Withdrawn;
use zerosum_engine::{error::ErrorCode, units::Side};
use zerosum_svm::{
    InstructionError, Pubkey,
    token::{Mint, TOKEN},
};
use zerosum_tests::{Event, Refusal, Setup, Stage, buy};

use zerosum_tests::tampering::{Anchor, Fails, MINT_MISMATCH, anchor, atoms, reason, send, swapped};

#[test]
fn a_withdrawal_goes_where_the_owner_says() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    let (_, elsewhere) = stage.newcomer(5);
    let opened = stage.svm.now();
    stage.wait(30);
    let withdraw = stage.at.withdraw(&alice.key(), alice.seat, &elsewhere, 12_345_678);
    let sent = stage.send(&[withdraw], &[&alice.keys]).unwrap();
    let withdrawn = Withdrawn { market: stage.at.market, seat: alice.seat, amount: 12_345_678 };
    assert_eq!(sent.events, [Event::Withdrawn(withdrawn)]);
    assert_eq!((atoms(&mut stage, &elsewhere), stage.pool_tokens()), (12_345_683, 37_654_322));
    assert_eq!((stage.seat(&alice).position.cash.0, stage.seat(&alice).active_at), (37_654_322, opened));
    assert_eq!(stage.market().head().pool_cash.0, 37_654_322);
}

#[test]
fn a_flat_seat_withdraws_all_or_leaves_the_minimum() {
    let mut stage = Setup { price: None, ..Setup::default() }.start();
    let alice = stage.trader(50_000_000);
    assert_eq!(stage.withdraw(&alice, 0).refused(), ErrorCode::ZeroAmount);
    for amount in [50_000_001, i64::MAX as u64, 1 << 63, u64::MAX] {
        assert_eq!(stage.withdraw(&alice, amount).refused(), ErrorCode::InsufficientCash, "{amount}");
    }
    assert_eq!(stage.withdraw(&alice, 40_000_001).refused(), ErrorCode::BelowMinimumCollateral);
    assert_eq!(stage.withdraw(&alice, 49_999_999).refused(), ErrorCode::BelowMinimumCollateral);
    stage.withdraw(&alice, 40_000_000).unwrap();
    stage.withdraw(&alice, 10_000_000).unwrap();
    assert_eq!(stage.withdraw(&alice, 1).refused(), ErrorCode::InsufficientCash);
    assert_eq!((stage.seat(&alice).position.cash.0, stage.pool_tokens()), (0, 0));
}

#[test]
fn a_withdrawal_leaves_the_pool_only_into_an_account_of_the_collateral() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let withdraw = stage.at.withdraw(&alice.key(), alice.seat, &alice.tokens, 1_000);
    let pool = stage.at.pool;
    let result = send(&mut stage, swapped(&withdraw, &alice.tokens, &pool), &[&alice.keys]);
    assert_eq!(result.refused(), ErrorCode::WrongDestination);
    let worthless = Mint::create(&mut stage.svm, TOKEN, 6);
    let coins = worthless.mint_to(&mut stage.svm, &alice.key(), 5);
    let result = send(&mut stage, swapped(&withdraw, &alice.tokens, &coins), &[&alice.keys]);
    assert_eq!(result.fails(), MINT_MISMATCH);
    let nonsense = [
        (stage.at.market, Anchor::AccountOwnedByWrongProgram),
        (alice.key(), Anchor::AccountOwnedByWrongProgram),
        (Pubkey::new_unique(), Anchor::AccountNotInitialized),
    ];
    for (to, expected) in nonsense {
        let result = send(&mut stage, swapped(&withdraw, &alice.tokens, &to), &[&alice.keys]);
        assert_eq!(result.fails(), anchor(expected), "{to}");
    }
    let result = send(&mut stage, swapped(&withdraw, &alice.tokens, &worthless.address), &[&alice.keys]);
    assert_eq!(reason(result), InstructionError::InvalidAccountData, "a mint is no token account");
    let authority = stage.at.pool_authority;
    let other = zerosum_tests::Addresses::new(&alice.key(), 1, &stage.at.mint, &TOKEN).pool_authority;
    for forged in [bob.key(), other] {
        let result = send(&mut stage, swapped(&withdraw, &authority, &forged), &[&alice.keys]);
        assert_eq!(result.fails(), anchor(Anchor::ConstraintTokenOwner), "{forged}");
    }
    assert_eq!(stage.seat(&alice).position.cash.0, 50_000_000);
    stage.withdraw(&alice, 1_000).unwrap();
}

#[test]
fn a_position_keeps_its_initial_margin_and_a_jump_and_its_minimum_collateral() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(100_000_000), stage.trader(100_000_000));
    stage.trade(&alice, &bob, 5_000, 100_000);
    let fee = 250_000;
    // 5 % of 500,000,000, and 5 % for a jump of the next print, which may be known already.
    assert_eq!(stage.withdraw(&alice, 50_000_001 - fee).refused(), ErrorCode::BelowInitialMargin);
    // Open orders count as if they were filled.
    stage.place(&alice, buy(1_000, 99_000)).unwrap();
    assert_eq!(stage.withdraw(&alice, 45_000_001 - fee).refused(), ErrorCode::BelowInitialMargin);
    stage.withdraw(&alice, 45_000_000 - fee).unwrap();
    stage.cancel_all(&alice, Some(Side::Long)).unwrap();
    stage.withdraw(&alice, 5_000_000).unwrap();

    // A small position needs less than the minimum collateral, which is then what counts.
    let (carol, dave) = (stage.trader(50_000_000), stage.trader(50_000_000));
    stage.trade(&carol, &dave, 10, 100_000);
    assert_eq!(stage.withdraw(&carol, 40_000_000).refused(), ErrorCode::BelowMinimumCollateral);
    stage.withdraw(&carol, 40_000_000 - 500).unwrap();
}

#[test]
fn a_seat_that_is_not_idle_needs_a_live_price() {
    let mut stage = Stage::new();
    let (alice, bob, flat) = (stage.trader(50_000_000), stage.trader(50_000_000), stage.trader(50_000_000));
    let orders = stage.trader(50_000_000);
    stage.trade(&alice, &bob, 100, 100_000);
    stage.place(&orders, buy(100, 90_000)).unwrap();
    stage.post(120_000);
    for trader in [&alice, &orders] {
        assert_eq!(stage.withdraw(trader, 1_000).refused(), ErrorCode::PricePending);
    }
    stage.observe().unwrap();
    assert_eq!(stage.withdraw(&alice, 1_000).refused(), ErrorCode::PricePending);
    stage.withdraw(&flat, 1_000).unwrap();
    // A print that nobody has seen, and that is stale by the time somebody looks.
    stage.post(120_000);
    stage.wait(61);
    for trader in [&alice, &orders] {
        assert_eq!(stage.withdraw(trader, 1_000).refused(), ErrorCode::StalePrice);
    }
    stage.withdraw(&flat, 1_000).unwrap();
    // The print that a withdrawal finds counts at once: at the price before, bob would have kept enough.
    stage.price(120_000);
    stage.post(125_000);
    assert_eq!(stage.withdraw(&bob, 37_600_000).refused(), ErrorCode::BelowMinimumCollateral);
    let sent = stage.withdraw(&alice, 1_000).unwrap();
    assert!(matches!(sent.events[..], [Event::PriceChanged(_), Event::Withdrawn(_)]), "{:?}", sent.events);
    assert_eq!(stage.market().head().price.accepted.0, 125_000);
}
