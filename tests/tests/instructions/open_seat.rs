use zerosum_client::{answers, events::SeatOpened};
use zerosum_engine::{error::ErrorCode, state::seat::Seat, units::MAX_POOL};
use zerosum_svm::{
    Signer,
    token::{Mint, TOKEN},
};
use zerosum_tests::{Event, Refusal, Stage};

use zerosum_tests::tampering::{Fails, INSUFFICIENT_FUNDS, MINT_MISMATCH, OWNER_MISMATCH, atoms, lamports, send};

#[test]
fn a_new_seat_holds_its_first_deposit_and_somebody_pays_its_rent() {
    let mut stage = Stage::new();
    let (owner, tokens) = stage.newcomer(50_000_000);
    let payer = stage.svm.funded(1_000_000_000);
    let (market, pool) = (stage.at.market, stage.at.pool);
    let before = stage.svm.account(&market).unwrap();
    stage.wait(77);

    let open = stage.at.open_seat(&owner.pubkey(), &payer.pubkey(), &tokens, 20_000_000);
    let sent = stage.send(std::slice::from_ref(&open), &[&owner, &payer]).unwrap();
    assert_eq!(answers::opened_seat(&sent.receipt.return_data.unwrap()), Some(1));
    let opened = SeatOpened { market, seat: 1, owner: owner.pubkey(), amount: 20_000_000 };
    assert_eq!(sent.events, [Event::SeatOpened(opened)]);
    assert_eq!((atoms(&mut stage, &tokens), atoms(&mut stage, &pool)), (30_000_000, 20_000_000));
    let now = stage.svm.now();
    let seat = stage.market().seat(1).unwrap();
    assert_eq!((seat.owner, seat.rent_payer), (owner.pubkey().to_bytes(), payer.pubkey().to_bytes()));
    assert_eq!((seat.position.cash.0, seat.position.size.0), (20_000_000, 0));
    assert_eq!((seat.delegate, seat.active_at), ([0; 32], now));
    assert_eq!(stage.market().head().pool_cash.0, 20_000_000);

    let after = stage.svm.account(&market).unwrap();
    assert_eq!(after.data.len(), before.data.len() + size_of::<Seat>());
    assert_eq!(after.lamports, stage.svm.rent(after.data.len()));
    assert_eq!(lamports(&mut stage, &payer.pubkey()), 1_000_000_000 - (after.lamports - before.lamports));
    assert_eq!(lamports(&mut stage, &owner.pubkey()), 10_000_000_000, "the owner pays nothing but the deposit");

    // An owner may have several seats.
    let sent = stage.send(&[open], &[&owner, &payer]).unwrap();
    assert_eq!(answers::opened_seat(&sent.receipt.return_data.unwrap()), Some(2));
    let seats: Vec<_> = stage.market().seats_of(&owner.pubkey()).map(|(seat, _)| seat).collect();
    assert_eq!(seats, [1, 2]);
}

#[test]
fn a_free_seat_is_taken_again_before_the_account_grows() {
    let mut stage = Stage::new();
    let traders = [stage.trader(20_000_000), stage.trader(20_000_000), stage.trader(20_000_000)];
    stage.close(&traders[0]).unwrap();
    stage.close(&traders[1]).unwrap();
    let size = stage.svm.account(&stage.at.market).unwrap().data.len();
    for _ in 0..2 {
        let (owner, tokens) = stage.newcomer(20_000_000);
        let open = stage.at.open_seat(&owner.pubkey(), &owner.pubkey(), &tokens, 20_000_000);
        let sent = stage.send(&[open], &[&owner]).unwrap();
        let seat = answers::opened_seat(&sent.receipt.return_data.unwrap()).unwrap();
        assert!(seat == traders[0].seat || seat == traders[1].seat);
        let paid = 10_000_000_000 - lamports(&mut stage, &owner.pubkey());
        assert_eq!(paid, 0, "the space is there and paid for");
        let payer = stage.market().seat(seat).unwrap().rent_payer;
        assert_eq!(payer, traders[seat as usize - 1].key().to_bytes(), "whoever paid for it gets it back");
    }
    assert_eq!(stage.svm.account(&stage.at.market).unwrap().data.len(), size);
    assert_eq!(stage.trader(20_000_000).seat, 4);
}

#[test]
fn a_first_deposit_must_be_worth_a_seat_and_be_there() {
    let mut stage = Stage::new();
    let (owner, tokens) = stage.newcomer(15_000_000);
    let key = owner.pubkey();
    for amount in [0, 1, 9_999_999] {
        let open = stage.at.open_seat(&key, &key, &tokens, amount);
        assert_eq!(send(&mut stage, open, &[&owner]).refused(), ErrorCode::BelowMinimumCollateral);
    }
    let open = stage.at.open_seat(&key, &key, &tokens, 15_000_001);
    assert_eq!(send(&mut stage, open, &[&owner]).fails(), INSUFFICIENT_FUNDS);
    let open = stage.at.open_seat(&key, &key, &tokens, 10_000_000);
    send(&mut stage, open, &[&owner]).unwrap();

    // A whale that no pool can count.
    let (whale, tokens) = stage.newcomer(1 << 63);
    let key = whale.pubkey();
    for amount in [MAX_POOL as u64 - 10_000_000 + 1, 1 << 63] {
        let open = stage.at.open_seat(&key, &key, &tokens, amount);
        assert_eq!(send(&mut stage, open, &[&whale]).refused(), ErrorCode::PoolFull);
    }
    let open = stage.at.open_seat(&key, &key, &tokens, MAX_POOL as u64 - 10_000_000);
    send(&mut stage, open, &[&whale]).unwrap();
    assert_eq!(stage.market().head().pool_cash.0, MAX_POOL);
}

#[test]
fn a_first_deposit_comes_from_the_owners_tokens_only() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    let (mallory, own) = stage.newcomer(50_000_000);
    let pool = stage.at.pool;
    let open = |from| stage.at.open_seat(&mallory.pubkey(), &mallory.pubkey(), from, 20_000_000);
    let (from_alice, from_pool) = (open(&alice.tokens), open(&pool));
    assert_eq!(send(&mut stage, from_alice, &[&mallory]).fails(), OWNER_MISMATCH);
    assert_eq!(send(&mut stage, from_pool, &[&mallory]).fails(), OWNER_MISMATCH);
    let worthless = Mint::create(&mut stage.svm, TOKEN, 6);
    let coins = worthless.mint_to(&mut stage.svm, &mallory.pubkey(), 50_000_000);
    let open = stage.at.open_seat(&mallory.pubkey(), &mallory.pubkey(), &coins, 20_000_000);
    assert_eq!(send(&mut stage, open, &[&mallory]).fails(), MINT_MISMATCH);
    // Not even where the worthless mint is named for the collateral.
    let mut open = stage.at.open_seat(&mallory.pubkey(), &mallory.pubkey(), &coins, 20_000_000);
    open.accounts[5].pubkey = worthless.address;
    assert_eq!(send(&mut stage, open, &[&mallory]).refused(), ErrorCode::WrongAccount);
    assert_eq!(atoms(&mut stage, &own), 50_000_000);
}

#[test]
fn a_payer_without_lamports_opens_no_seat() {
    let mut stage = Stage::new();
    let (owner, tokens) = stage.newcomer(20_000_000);
    let poor = stage.svm.funded(1_000_000);
    let open = stage.at.open_seat(&owner.pubkey(), &poor.pubkey(), &tokens, 20_000_000);
    assert_eq!(send(&mut stage, open, &[&owner, &poor]).fails(), 1, "the system program's");
    assert_eq!(atoms(&mut stage, &tokens), 20_000_000);
}
