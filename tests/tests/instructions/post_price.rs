use zerosum_client::decode_feed;
use zerosum_engine::{
    error::ErrorCode,
    state::price::Print,
    units::{MAX_PRICE, Price},
};
use zerosum_svm::{Failure, Keypair, Signer};
use zerosum_tests::{Event, Refusal, Sent, Stage};

use zerosum_tests::tampering::send;

fn post(stage: &mut Stage, signer: &Keypair, price: i64, published: i64) -> Result<Sent, Failure> {
    let post = stage.at.post_price(&signer.pubkey(), Print { price: Price(price), published });
    send(stage, post, &[signer])
}

fn feed(stage: &mut Stage) -> Print {
    let oracle = stage.at.oracle;
    decode_feed(&stage.svm.account(&oracle).unwrap().data).unwrap().print()
}

#[test]
fn a_print_waits_in_the_feed_until_somebody_needs_it() {
    let mut stage = Stage::new();
    stage.wait(10);
    let (signer, now) = (stage.price_signer.insecure_clone(), stage.svm.now());
    let sent = post(&mut stage, &signer, 101_000, now - 3).unwrap();
    assert_eq!(sent.events, []);
    assert_eq!(feed(&mut stage), Print { price: Price(101_000), published: now - 3 });
    assert_eq!(stage.market().head().price.accepted, Price(100_000));
    let sent = stage.observe().unwrap();
    let [Event::PriceChanged(changed)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((changed.market, changed.price, changed.published), (stage.at.market, 101_000, now - 3));
    assert_eq!(stage.market().head().price.accepted, Price(101_000));
    let sent = stage.observe().unwrap();
    assert_eq!(sent.events, [], "a print counts once");
}

#[test]
fn only_the_named_key_posts() {
    let mut stage = Stage::new();
    stage.wait(10);
    let now = stage.svm.now();
    let (creator, alice) = (stage.creator.insecure_clone(), stage.trader(50_000_000));
    let before = feed(&mut stage);
    for signer in [&creator, &alice.keys] {
        assert_eq!(post(&mut stage, signer, 101_000, now).refused(), ErrorCode::NotAuthority);
    }
    assert_eq!(feed(&mut stage), before);
}

#[test]
fn a_print_is_a_price_of_hardly_later_than_now_and_newer_than_the_last() {
    let mut stage = Stage::new();
    stage.wait(10);
    let (signer, now) = (stage.price_signer.insecure_clone(), stage.svm.now());
    for price in [0, -1, i64::MIN, MAX_PRICE + 1, i64::MAX] {
        assert_eq!(post(&mut stage, &signer, price, now).refused(), ErrorCode::BadPrice, "{price}");
    }
    for published in [now + 3, i64::MAX] {
        assert_eq!(post(&mut stage, &signer, 101_000, published).refused(), ErrorCode::FuturePrice);
    }
    post(&mut stage, &signer, 101_000, now).unwrap();
    for published in [now, now - 1, 0, i64::MIN] {
        assert_eq!(post(&mut stage, &signer, 102_000, published).refused(), ErrorCode::OldPrice);
    }
    assert_eq!(feed(&mut stage), Print { price: Price(101_000), published: now });
    stage.wait(1);
    post(&mut stage, &signer, MAX_PRICE, now + 1).unwrap();
    // The clock of a signer may run ahead by two seconds.
    post(&mut stage, &signer, 101_000, now + 3).unwrap();
}
