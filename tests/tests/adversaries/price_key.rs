//! Whoever signs a posted price decides it, within the rules of prices.

use std::slice::from_ref;

use zerosum_client::Powers;
use zerosum_engine::{
    error::ErrorCode,
    ops::admin::TIME_LOCK,
    state::header::{RankRule, UNACCEPTED_LIMIT},
    state::params::Params,
    state::price::Print,
    units::{Price, Rate},
};
use zerosum_svm::Signer;
use zerosum_tests::{Addresses, GRACE, Refusal, Setup, Stage, buy, sell};

use zerosum_tests::scene::{clear, equity, plain, size};
use zerosum_tests::tampering::{atoms, send, swapped};

/// A market with the usual bounds for jumps and without fees.
fn stage() -> Stage {
    Setup { params: plain(), ..Setup::default() }.start()
}

#[test]
fn the_key_of_one_market_posts_no_price_of_another() {
    let mut stage = stage();
    let thief = stage.svm.funded(100_000_000_000);
    let key = thief.pubkey();
    let own = Addresses::new(&key, 1, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(Some(key), key);
    let create = own.create_market(&key, 1, RankRule::ProfitLeverage, &plain(), &powers);
    stage.send(&[create], &[&thief]).unwrap();
    stage.wait(1);
    let print = Print { price: Price(50_000), published: stage.svm.now() };
    let at = stage.at;
    let post = own.post_price(&key, print);
    stage.send(from_ref(&post), &[&thief]).unwrap();
    let elsewhere = send(&mut stage, swapped(&post, &own.oracle, &at.oracle), &[&thief]);
    assert_eq!(elsewhere.refused(), ErrorCode::WrongOracle);
    assert_eq!(send(&mut stage, at.post_price(&key, print), &[&thief]).refused(), ErrorCode::NotAuthority);
    assert_eq!(send(&mut stage, swapped(&post, &own.market, &at.market), &[&thief]).refused(), ErrorCode::NotAuthority);
}

#[test]
fn one_wild_print_moves_nothing_and_two_of_a_second_are_one() {
    let mut stage = stage();
    let (long, short) = (stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&long, &short, 1_000, 100_000);
    stage.post(1);
    stage.liquidate().unwrap();
    stage.wait(9);
    stage.post(100_000);
    stage.observe().unwrap();
    // Above the bound and below it: neither side stands for the time that it takes.
    for price in [200_000, 50_000, 200_000, 50_000] {
        stage.wait(30);
        stage.post(price);
        stage.liquidate().unwrap();
        assert_eq!(stage.market().head().price.accepted.0, 100_000);
    }
    let print = Print { price: Price(50_000), published: stage.svm.now() };
    let signer = stage.price_signer.insecure_clone();
    let again = stage.at.post_price(&signer.pubkey(), print);
    assert_eq!(stage.send(&[again], &[&signer]).refused(), ErrorCode::OldPrice);
    assert_eq!((size(&stage, &long), size(&stage, &short)), (1_000, -1_000));
}

/// What the key can do: step by step within the bound it moves the price as far as it likes, and an accomplice wins what
/// the other side of the trade had in its seat. Cash without a position stays out of reach.
#[test]
fn whoever_signs_the_price_takes_what_the_other_side_put_in_and_nothing_from_those_without_a_position() {
    let mut stage = stage();
    let (victim, accomplice) = (stage.trader(10_000_000), stage.trader(100_000_000));
    let (flat, other_long, other_short) =
        (stage.trader(30_000_000), stage.trader(60_000_000), stage.trader(60_000_000));
    stage.trade(&victim, &accomplice, 1_000, 100_000);
    stage.trade(&other_long, &other_short, 100, 100_000);
    let mut price = 100_000;
    while price > 89_000 {
        price -= price / 25;
        stage.post(price);
        stage.liquidate().unwrap();
        assert_eq!(stage.market().head().price.accepted.0, price, "each at once");
    }
    clear(&mut stage, 32);
    assert_eq!((size(&stage, &victim), equity(&stage, victim.seat)), (0, 0));
    let won = equity(&stage, accomplice.seat) - 100_000_000;
    assert!(won > 0 && won <= 10_000_000, "what the victim had, and no more: {won}");
    assert_eq!(stage.seat(&flat).position.cash.0, 30_000_000);
    stage.withdraw(&flat, 30_000_000).unwrap();
    assert_eq!(atoms(&mut stage, &flat.tokens), 60_000_000);
    let others = equity(&stage, other_long.seat) + equity(&stage, other_short.seat);
    let taken: i64 = stage.market().receipts().map(|receipt| receipt.taken.0).sum();
    assert!(others <= 120_000_000 && others >= 120_000_000 - taken, "what one of them lost the other won");
}

/// Prints on both sides in turn are never confirmed: nothing matches meanwhile. After three days anyone ends the market at
/// the last price that was accepted.
#[test]
fn jumping_up_and_down_freezes_a_market_for_days_and_then_ends_it() {
    let mut stage = stage();
    let (long, short, flat) = (stage.trader(10_000_000), stage.trader(10_000_000), stage.trader(1_000_000));
    stage.trade(&long, &short, 1_000, 100_000);
    stage.place(&short, buy(1, 99_000)).unwrap();
    let accepted = stage.market().head().price.accepted_at;
    let mut up = true;
    let mut jump = |stage: &mut Stage| {
        stage.post(if up { 200_000 } else { 50_000 });
        stage.observe().unwrap();
        up = !up;
        assert_eq!(stage.market().head().price.accepted.0, 100_000);
    };
    for _ in 0..5 {
        stage.wait(12 * 3_600);
        jump(&mut stage);
        // Nothing fills, and the position stays; what has none leaves.
        assert_eq!(stage.place(&long, sell(1, 99_000)).refused(), ErrorCode::PricePending);
        assert_eq!(stage.withdraw(&long, 1).refused(), ErrorCode::PricePending);
        stage.withdraw(&flat, 1_000).unwrap();
        stage.deposit(&long, 1_000).unwrap();
        assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive);
    }
    let now = stage.svm.now();
    stage.wait(accepted + UNACCEPTED_LIMIT - now);
    jump(&mut stage);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE - 1);
    jump(&mut stage);
    stage.crank(stage.at.settle()).unwrap();
    for trader in [&long, &short, &flat] {
        stage.close(trader).unwrap();
    }
    assert_eq!(stage.pool_tokens(), 0);
}

/// The two days of a time lock are there to leave in. Together with whoever signs the price an authority can keep those
/// with a position from it.
#[test]
fn with_the_price_key_an_authority_lets_its_time_lock_pass_while_positions_cannot_leave() {
    let mut stage = stage();
    let (long, short) = (stage.trader(10_000_000), stage.trader(10_000_000));
    stage.trade(&long, &short, 1_000, 100_000);
    let creator = stage.creator.insecure_clone();
    let params = stage.market().head().params;
    let change = stage.at.change_params(&creator.pubkey(), &Params { initial: Rate(500_000), ..params });
    stage.send(&[change], &[&creator]).unwrap();
    let begun = stage.svm.now();
    let mut price = 200_000;
    while stage.svm.now() < begun + TIME_LOCK {
        stage.wait(2 * 3_600);
        stage.post(price);
        stage.observe().unwrap();
        price = 250_000 - price;
        assert_eq!(stage.withdraw(&long, 1).refused(), ErrorCode::PricePending);
        assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive);
    }
    stage.crank(stage.at.apply_params()).unwrap();
    stage.price(100_000);
    assert_eq!(stage.withdraw(&long, 1).refused(), ErrorCode::BelowInitialMargin);
    // What they can do is close, at the price of whoever closes too.
    stage.place(&short, buy(1_000, 100_000)).unwrap();
    stage.place(&long, sell(1_000, 100_000)).unwrap();
    stage.close(&long).unwrap();
}
