use zerosum_client::events::SeatClosed;
use zerosum_engine::{error::ErrorCode, state::seat::Seat, units::Side};
use zerosum_svm::{
    Account, Signer,
    token::{Mint, TOKEN},
};
use zerosum_tests::{Event, Refusal, Stage, Trader, buy, sell};

use zerosum_tests::tampering::{Anchor, Fails, MINT_MISMATCH, anchor, atoms, lamports, other_tokens, send, swapped};

/// Somebody whose seat fell below the minimum collateral by the fees of a trade, and is flat.
fn impoverished(stage: &mut Stage) -> Trader {
    let (poor, other) = (stage.trader(10_000_000), stage.trader(50_000_000));
    stage.trade(&poor, &other, 10, 100_000);
    stage.trade(&other, &poor, 10, 100_000);
    assert_eq!(stage.seat(&poor).position.cash.0, 10_000_000 - 500 - 100);
    poor
}

#[test]
fn an_owner_closes_a_seat_into_any_account_of_theirs() {
    let mut stage = Stage::new();
    let (owner, tokens) = stage.newcomer(30_000_000);
    let payer = stage.svm.funded(1_000_000_000);
    let (market, mint) = (stage.at.market, stage.at.mint);
    let before = stage.svm.account(&market).unwrap();
    let open = stage.at.open_seat(&owner.pubkey(), &payer.pubkey(), &tokens, 30_000_000);
    stage.send(&[open], &[&owner, &payer]).unwrap();

    let other = other_tokens(&mut stage, &mint, &owner.pubkey());
    let close = stage.at.close_seat(&owner.pubkey(), 1, Some(&other), &payer.pubkey());
    let sent = stage.send(&[close], &[&owner]).unwrap();
    let closed = SeatClosed { market, seat: 1, owner: owner.pubkey(), amount: 30_000_000 };
    assert_eq!(sent.events, [Event::SeatClosed(closed)]);
    assert_eq!(atoms(&mut stage, &other), 30_000_000);
    let after = stage.svm.account(&market).unwrap();
    assert_eq!((after.data.len(), after.lamports), (before.data.len(), before.lamports), "the space is given up");
    assert_eq!(lamports(&mut stage, &payer.pubkey()), 1_000_000_000, "and its rent is back where it came from");
    assert_eq!(lamports(&mut stage, &owner.pubkey()), 10_000_000_000);
    assert_eq!((stage.market().head().pool_cash.0, stage.pool_tokens()), (0, 0));
}

#[test]
fn a_seat_in_the_middle_is_free_until_the_tail_behind_it_is_trimmed() {
    let mut stage = Stage::new();
    let traders: Vec<_> = (0..3).map(|_| stage.trader(20_000_000)).collect();
    let market = stage.at.market;
    let size = |stage: &mut Stage| stage.svm.account(&market).unwrap().data.len();
    let full = size(&mut stage);
    stage.close(&traders[0]).unwrap();
    stage.close(&traders[1]).unwrap();
    assert_eq!(size(&mut stage), full, "records behind it are in use");
    assert_eq!(stage.market().seats().len(), 4);
    stage.close(&traders[2]).unwrap();
    assert_eq!(size(&mut stage), full - size_of::<Seat>(), "one record an instruction");

    // Anyone trims what is free at the tail, for the rent of whoever paid for it.
    let anyone = stage.svm.funded(1_000_000_000);
    for seat in [2, 1] {
        let owner = &traders[seat as usize - 1];
        let before = lamports(&mut stage, &owner.key());
        let greedy = stage.at.close_seat(&anyone.pubkey(), seat, None, &anyone.pubkey());
        assert_eq!(send(&mut stage, greedy, &[&anyone]).refused(), ErrorCode::WrongDestination);
        let trim = stage.at.close_seat(&anyone.pubkey(), seat, None, &owner.key());
        let sent = send(&mut stage, trim, &[&anyone]).unwrap();
        assert_eq!(sent.events, [], "nothing was closed");
        let rent = stage.svm.rent(full) - stage.svm.rent(full - size_of::<Seat>());
        assert_eq!(lamports(&mut stage, &owner.key()), before + rent);
    }
    assert_eq!(size(&mut stage), full - 3 * size_of::<Seat>());
    assert_eq!(lamports(&mut stage, &anyone.pubkey()), 1_000_000_000);
    let vault = stage.at.close_seat(&anyone.pubkey(), 0, None, &anyone.pubkey());
    assert_eq!(send(&mut stage, vault, &[&anyone]).refused(), ErrorCode::VaultSeat, "the vault's record stays");
    assert_eq!(stage.trader(20_000_000).seat, 1);
}

#[test]
fn a_seat_with_a_position_stays_and_one_with_orders_loses_them() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    stage.trade(&alice, &bob, 10, 100_000);
    assert_eq!(stage.close(&alice).refused(), ErrorCode::SeatNotEmpty);
    stage.trade(&bob, &alice, 10, 100_000);
    stage.place(&alice, buy(5, 99_000)).unwrap();
    stage.place(&alice, sell(5, 101_000)).unwrap();
    stage.close(&alice).unwrap();
    assert!(stage.market().resting(Side::Long).is_empty() && stage.market().resting(Side::Short).is_empty());
    let cash = 50_000_000 - 500 - 100;
    assert_eq!(atoms(&mut stage, &alice.tokens), 50_000_000 + cash, "fees of a taker's and a maker's fill");
}

#[test]
fn an_owner_names_nobody_elses_account() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let close = stage.at.close_seat(&alice.key(), alice.seat, Some(&alice.tokens), &alice.key());
    for to in [bob.tokens, stage.at.pool, stage.at.program] {
        let result = send(&mut stage, swapped(&close, &alice.tokens, &to), &[&alice.keys]);
        assert_eq!(result.refused(), ErrorCode::WrongDestination, "{to}");
    }
    for to in [stage.at.market, alice.key()] {
        let result = send(&mut stage, swapped(&close, &alice.tokens, &to), &[&alice.keys]);
        assert_eq!(result.fails(), anchor(Anchor::AccountOwnedByWrongProgram), "{to}");
    }
    let worthless = Mint::create(&mut stage.svm, TOKEN, 6);
    let coins = worthless.mint_to(&mut stage.svm, &alice.key(), 5);
    let result = send(&mut stage, swapped(&close, &alice.tokens, &coins), &[&alice.keys]);
    assert_eq!(result.fails(), MINT_MISMATCH);
    // Nor signs anybody but the pool's authority for the pool.
    let forged = swapped(&close, &stage.at.pool_authority.clone(), &bob.key());
    assert_eq!(send(&mut stage, forged, &[&alice.keys]).fails(), anchor(Anchor::ConstraintTokenOwner));
    assert_eq!(stage.seat(&alice).position.cash.0, 50_000_000);
}

#[test]
fn the_rent_goes_to_whoever_paid_it_and_nowhere_else() {
    let mut stage = Stage::new();
    let (_first, alice) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let thief = stage.svm.funded(1_000_000_000);
    let close = stage.at.close_seat(&alice.key(), alice.seat, Some(&alice.tokens), &alice.key());
    for to in [thief.pubkey(), stage.at.market] {
        let mut close = close.clone();
        close.accounts[6].pubkey = to;
        assert_eq!(send(&mut stage, close, &[&alice.keys]).refused(), ErrorCode::WrongDestination, "{to}");
    }
    // What is paid back keeps an account alive that has nothing else, and gifts of lamports stay where they are.
    stage.svm.set_account(&alice.key(), Account::default());
    let market = stage.at.market;
    stage.svm.airdrop(&market, 5_000);
    stage.close(&alice).unwrap();
    let rent = stage.svm.rent(size_of::<Seat>()) - stage.svm.rent(0);
    assert_eq!(lamports(&mut stage, &alice.key()), rent);
    let account = stage.svm.account(&market).unwrap();
    assert_eq!(account.lamports, stage.svm.rent(account.data.len()) + 5_000);
    assert_eq!(lamports(&mut stage, &thief.pubkey()), 1_000_000_000);
}

#[test]
fn an_abandoned_seat_is_closed_by_anyone_for_its_owner() {
    let mut stage = Stage::new();
    let poor = impoverished(&mut stage);
    let cash = stage.seat(&poor).position.cash.0 as u64;
    let anyone = stage.svm.funded(1_000_000_000);
    let (mint, key) = (stage.at.mint, poor.key());
    let own = stage.mint.mint_to(&mut stage.svm, &anyone.pubkey(), 0);
    let others = other_tokens(&mut stage, &mint, &key);
    let close = stage.at.close_seat(&anyone.pubkey(), poor.seat, Some(&poor.tokens), &key);
    // As long as what little is left is in orders, the seat is in use.
    stage.place(&poor, buy(1, 99_000)).unwrap();
    assert_eq!(send(&mut stage, close.clone(), &[&anyone]).refused(), ErrorCode::SeatNotEmpty);
    stage.cancel_all(&poor, None).unwrap();
    // The owner's account may be gone.
    for to in [own, others, stage.at.pool, zerosum_client::ID] {
        let result = send(&mut stage, swapped(&close, &poor.tokens, &to), &[&anyone]);
        assert_eq!(result.refused(), ErrorCode::WrongDestination, "{to}");
    }
    let result = send(&mut stage, swapped(&close, &poor.tokens, &anyone.pubkey()), &[&anyone]);
    assert_eq!(result.fails(), anchor(Anchor::AccountOwnedByWrongProgram));
    let account = stage.svm.account(&poor.tokens).unwrap();
    stage.svm.set_account(&poor.tokens, Account::default());
    assert_eq!(send(&mut stage, close.clone(), &[&anyone]).fails(), anchor(Anchor::AccountNotInitialized));
    // Somebody else's by now, though at the owner's associated address.
    let mut sold = account.clone();
    sold.data[32..64].copy_from_slice(anyone.pubkey().as_ref());
    stage.svm.set_account(&poor.tokens, sold);
    assert_eq!(send(&mut stage, close.clone(), &[&anyone]).refused(), ErrorCode::WrongDestination);
    stage.svm.set_account(&poor.tokens, account);

    let before = atoms(&mut stage, &poor.tokens);
    let sent = send(&mut stage, close, &[&anyone]).unwrap();
    let closed = SeatClosed { market: stage.at.market, seat: poor.seat, owner: key, amount: cash as i64 };
    assert_eq!(sent.events, [Event::SeatClosed(closed)]);
    assert_eq!(atoms(&mut stage, &poor.tokens), before + cash);
    assert!(stage.market().seat(poor.seat).is_none());
}

#[test]
fn a_poor_seat_with_a_position_is_not_abandoned() {
    let mut stage = Stage::new();
    let (poor, other) = (stage.trader(10_000_000), stage.trader(50_000_000));
    stage.trade(&poor, &other, 10, 100_000);
    assert!(stage.seat(&poor).position.cash.0 < 10_000_000);
    let close = stage.at.close_seat(&other.key(), poor.seat, Some(&poor.tokens), &poor.key());
    assert_eq!(send(&mut stage, close, &[&other.keys]).refused(), ErrorCode::SeatNotEmpty);
}

#[test]
fn an_empty_seat_is_closed_without_a_token_account() {
    let mut stage = Stage::new();
    let (alice, _last) = (stage.trader(20_000_000), stage.trader(20_000_000));
    stage.withdraw(&alice, 20_000_000).unwrap();
    let anyone = stage.svm.funded(1_000_000_000);
    let close = stage.at.close_seat(&anyone.pubkey(), alice.seat, None, &anyone.pubkey());
    let sent = send(&mut stage, close, &[&anyone]).unwrap();
    let [Event::SeatClosed(closed)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((closed.seat, closed.owner, closed.amount), (alice.seat, alice.key(), 0));
    assert_eq!(lamports(&mut stage, &anyone.pubkey()), 1_000_000_000, "no space was given up, so no rent was");
}
