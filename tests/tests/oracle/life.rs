//! A market on a feed of Pyth from its creation to its end.

use zerosum_client::Addresses;
use zerosum_engine::{error::ErrorCode, oracle::OracleKind, state::receipt::Kind, units::Price};
use zerosum_svm::Signer;
use zerosum_tests::{
    Event, GRACE, Refusal, SILENCE, Stage, buy,
    pyth::{Feed, SECOND_RECEIVER},
    tampering::{Anchor, Fails, anchor, number, second_market},
};

use super::scene::{Scene, scene};

const FEEDS: [Feed; 2] = [Feed::SOL, Feed { receiver: SECOND_RECEIVER, ..Feed::SOL }];

/// Publishes prices, thousands of atoms a lot, ten seconds apart; returns the accepted price after each.
fn follow(stage: &mut Stage, prints: &[i64]) -> Vec<i64> {
    let step = |print: &i64| {
        stage.wait(9);
        stage.post(print * 1_000);
        stage.observe().unwrap();
        stage.market().head().price.accepted.0 / 1_000
    };
    prints.iter().map(step).collect()
}

#[test]
fn a_market_names_its_feed_and_counts_in_whole_atoms() {
    let Scene { mut stage, .. } = scene(Some(Feed::SOL));
    let head = *stage.market().head();
    assert_eq!((head.feed, head.oracle_kind, head.lot_exponent), (Feed::SOL.id, OracleKind::Pyth as u8, -1));
    assert_eq!(head.oracle, Feed::SOL.account().to_bytes(), "of the shard it was created with");
    assert_eq!(head.price_signer, [0; 32]);
    assert_eq!(head.price.accepted, Price(100_000), "of 100,000.999 atoms");
    let at = Addresses::new(&stage.creator.pubkey(), 1, &stage.at.mint, &stage.at.token_program);
    assert!(stage.svm.account(&at.oracle).is_none(), "nobody posts here, so there is no account for it");
}

#[test]
fn from_the_first_trade_over_a_crash_to_the_last_withdrawal_on_updates_of_either_receiver() {
    for feed in FEEDS {
        let Scene { mut stage, long, short } = scene(Some(feed));
        let other = stage.trader(20_000_000);
        stage.trade(&other, &short, 1_000, 100_000);
        // 9 % down is within the bound of a jump: the long has 1 % left, and is brought back to its target in the book.
        stage.place(&short, buy(1_000, 91_000)).unwrap();
        stage.post(91_000);
        let sent = stage.liquidate().unwrap();
        let [Event::PriceChanged(changed), Event::Reduced(reduced)] = sent.events[..] else {
            panic!("{:?}", sent.events)
        };
        assert_eq!((changed.price, changed.published), (91_000, stage.svm.now()));
        assert_eq!((reduced.kind, reduced.loser, reduced.lots), (Kind::Book as u8, long.seat, 707));
        stage.cancel_all(&short, None).unwrap();
        // Further down by a fifth a print, each accepted one print later.
        assert_eq!(follow(&mut stage, &[73, 58, 58]), [91, 73, 58]);
        let sent = stage.deleverage(32).unwrap();
        let forced = sent.events.iter().map(|event| match event {
            Event::Reduced(step) => (step.kind, step.loser, step.winner, step.lots, step.price, step.oracle_price),
            other => panic!("{other:?}"),
        });
        let (kind, winner) = (Kind::Forced as u8, short.seat);
        assert_eq!(
            forced.collect::<Vec<_>>(),
            [(kind, long.seat, winner, 293, 87_588, 58_000), (kind, other.seat, winner, 1_000, 80_000, 58_000)],
            "each at the price at which it had nothing left",
        );
        // The winner got all that the losers had, but for what is less than an atom a lot, and all of it leaves.
        for (trader, cash) in [(&long, 284), (&other, 0), (&short, 129_999_716)] {
            assert_eq!(stage.seat(trader).position.size.0, 0);
            assert_eq!(stage.seat(trader).position.cash.0, cash);
            stage.close(trader).unwrap();
        }
        assert_eq!((stage.pool_tokens(), stage.market().head().pool_cash.0), (0, 0));
    }
}

#[test]
fn a_crash_is_followed_print_by_print_and_a_lone_wild_print_never() {
    let crash = |prints: &[i64]| follow(&mut scene(Some(Feed::SOL)).stage, prints);
    assert_eq!(crash(&[80, 64, 51, 41, 41]), [100, 80, 64, 51, 41]);
    assert_eq!(crash(&[10, 100, 99]), [100, 100, 99]);
    assert_eq!(crash(&[80, 10, 64, 51, 51]), [100, 80, 64, 64, 51]);
}

#[test]
fn a_withdrawal_with_a_position_takes_the_price_along() {
    let Scene { mut stage, long, short } = scene(Some(Feed::SOL));
    stage.post(99_000);
    // 99 million of notional need a tenth, and a tenth for a jump: what is above that goes, profit included.
    assert_eq!(stage.withdraw(&short, 81_200_001).refused(), ErrorCode::BelowInitialMargin);
    stage.withdraw(&short, 81_200_000).unwrap();
    assert_eq!(stage.market().head().price.accepted, Price(99_000));
    stage.post(80_000);
    assert_eq!(stage.withdraw(&short, 1_000).refused(), ErrorCode::PricePending);
    stage.wait(61);
    assert_eq!(stage.withdraw(&long, 1_000).refused(), ErrorCode::StalePrice);
}

#[test]
fn a_market_whose_feed_fell_silent_settles_without_an_update() {
    let Scene { mut stage, long, short } = scene(Some(Feed::SOL));
    let feed = stage.at.oracle;
    stage.wait(SILENCE + 1);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE);
    // The account is gone, as if Pyth had moved its programs.
    stage.svm.set_account(&feed, zerosum_svm::Account::default());
    stage.crank(stage.at.settle()).unwrap();
    assert_eq!(stage.market().head().settlement.price, Price(100_000));
    for trader in [&short, &long] {
        stage.close(trader).unwrap();
    }
    // The feed is nobody's here: it stays where it is.
    let (creator, at) = (stage.creator.pubkey(), stage.at);
    Feed::SOL.update(100_000, stage.svm.now()).write(&mut stage.svm, &feed, Feed::SOL.receiver);
    let close = at.close_market(&creator, None);
    let posted = second_market(&mut stage).oracle;
    let mut other = close.clone();
    for (account, code) in
        [(posted, number(ErrorCode::WrongOracle)), (feed, anchor(Anchor::AccountOwnedByWrongProgram))]
    {
        other.accounts[2] = zerosum_svm::AccountMeta::new(account, false);
        assert_eq!(stage.crank(other.clone()).fails(), code, "{account}");
    }
    stage.svm.send(&[close], &[]).unwrap();
    assert!(stage.svm.account(&at.market).is_none());
    assert!(stage.svm.account(&feed).is_some());
}
