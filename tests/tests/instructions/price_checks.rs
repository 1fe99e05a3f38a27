//! What the oracle says is checked by everything that acts on the price.

use zerosum_engine::{
    error::ErrorCode,
    ops::orders::{Kind, OrderRequest},
    state::price::Print,
    units::{MAX_PRICE, Price},
};
use zerosum_svm::Signer;
use zerosum_tests::{Refusal, Setup, Stage, buy, sell};

/// Writes a print into the feed that no signer could have posted.
fn write(stage: &mut Stage, price: i64, published: i64) {
    let oracle = stage.at.oracle;
    let mut account = stage.svm.account(&oracle).unwrap();
    account.data[48..56].copy_from_slice(&price.to_le_bytes());
    account.data[56..64].copy_from_slice(&published.to_le_bytes());
    stage.svm.set_account(&oracle, account);
}

#[test]
fn a_market_without_a_price_takes_cash_but_no_orders() {
    let mut stage = Setup { price: None, ..Setup::default() }.start();
    let alice = stage.trader(50_000_000);
    assert_eq!(stage.place(&alice, buy(10, 100_000)).refused(), ErrorCode::NoPrice);
    stage.deposit(&alice, 1_000).unwrap();
    stage.withdraw(&alice, 1_000).unwrap();
    // A lot must be worth something when the market begins; afterwards the price may fall below.
    stage.post(9_999);
    assert_eq!(stage.place(&alice, buy(10, 9_999)).refused(), ErrorCode::LotPriceTooLow);
    stage.price(10_000);
    stage.price(9_999);
    stage.place(&alice, buy(10, 9_999)).unwrap();
}

/// What cannot be a price stops nobody while the price is live, and everybody by its name when it is not.
#[test]
fn a_print_that_is_stale_bad_or_of_the_future_is_named_once_the_price_is_not_live() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    stage.place(&alice, buy(10, 90_000)).unwrap();
    for live in [true, false] {
        stage.wait(if live { 30 } else { 70 });
        let now = stage.svm.now();
        let seen = stage.market().head().price;
        let wrong = [
            (101_000, now - 61, ErrorCode::StalePrice),
            (101_000, seen.last_print, ErrorCode::StalePrice),
            (101_000, seen.last_print - 1, ErrorCode::StalePrice),
            (101_000, now + 3, ErrorCode::FuturePrice),
            (0, now, ErrorCode::BadPrice),
            (-100_000, now, ErrorCode::BadPrice),
            (MAX_PRICE + 1, now, ErrorCode::BadPrice),
        ];
        for (price, published, code) in wrong {
            write(&mut stage, price, published);
            let placed = stage.place(&alice, OrderRequest { client_id: 5, ..buy(10, 90_000) });
            let (withdrawn, cranked) = (stage.withdraw(&alice, 1_000), stage.liquidate());
            assert_eq!(stage.market().head().price, seen, "{price} at {published} changes nothing");
            if live {
                let _ = (placed.unwrap(), withdrawn.unwrap(), cranked.unwrap());
                stage.cancel(&alice, 5).unwrap();
            } else {
                assert_eq!(placed.refused(), code, "{price} at {published}");
                assert_eq!((withdrawn.refused(), cranked.refused()), (code, code));
            }
        }
    }
    // Nobody needs a price to leave the book.
    stage.cancel(&alice, 0).unwrap();
    let now = stage.svm.now();
    write(&mut stage, 100_000, now - 60);
    stage.place(&alice, buy(10, 90_000)).unwrap();
}

/// As far as a publisher's clock may run ahead, and no longer: dated ahead, a print does not count for longer.
#[test]
fn a_print_dated_ahead_is_taken_and_counts_from_when_it_was_taken() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    stage.wait(100);
    let now = stage.svm.now();
    write(&mut stage, 101_000, now + 2);
    stage.place(&alice, buy(10, 90_000)).unwrap();
    let price = stage.market().head().price;
    assert_eq!((price.accepted.0, price.last_print), (101_000, now + 2), "as it was printed");
    stage.wait(60);
    stage.place(&alice, buy(10, 90_000)).unwrap();
    stage.wait(1);
    assert_eq!(stage.place(&alice, buy(10, 90_000)).refused(), ErrorCode::StalePrice);
}

#[test]
fn a_price_that_grew_stale_stops_orders_until_the_next() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    stage.wait(60);
    stage.place(&alice, buy(10, 90_000)).unwrap();
    stage.wait(1);
    assert_eq!(stage.place(&alice, buy(10, 90_000)).refused(), ErrorCode::StalePrice);
    // A new one may come in the same transaction.
    let print = Print { price: Price(100_000), published: stage.svm.now() };
    let post = stage.at.post_price(&stage.price_signer.pubkey(), print);
    let place = stage.at.place_order(&alice.key(), alice.seat, &buy(10, 90_000));
    let signer = stage.price_signer.insecure_clone();
    stage.send(&[post, place], &[&signer, &alice.keys]).unwrap();
}

#[test]
fn while_a_jump_waits_orders_rest_that_do_not_cross_and_nothing_matches() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    stage.place(&alice, buy(10, 100_000)).unwrap();
    stage.post(110_000);
    let crossing = sell(10, 99_000);
    for kind in [Kind::Limit, Kind::ImmediateOrCancel, Kind::FillOrKill] {
        assert_eq!(stage.place(&bob, OrderRequest { kind, ..crossing }).refused(), ErrorCode::PricePending);
    }
    assert_eq!(stage.market().head().price.pending, Price::ZERO, "what fails is forgotten");
    let sent = stage.place(&bob, sell(10, 101_000)).unwrap();
    assert_eq!(sent.events, []);
    assert_eq!(stage.market().head().price.pending, Price(110_000), "what succeeds is not");
    stage.place(&alice, buy(10, 99_000)).unwrap();
    assert_eq!((stage.seat(&bob).order_count, stage.seat(&bob).position.size.0), (1, 0), "on either side");
    // A newer print at the accepted price ends the wait.
    stage.post(100_000);
    stage.observe().unwrap();
    stage.place(&bob, OrderRequest { kind: Kind::ImmediateOrCancel, ..crossing }).unwrap();
    assert_eq!(stage.seat(&bob).position.size.0, -10);
}
