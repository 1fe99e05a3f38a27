//! A market reads one account, pinned by its address when the market is created.

use zerosum_client::{Powers, Prices};
use zerosum_engine::{error::ErrorCode, state::header::RankRule, state::params::Params, units::Rate};
use zerosum_svm::{Pubkey, Signer};
use zerosum_tests::{
    Addresses, MarketSnapshot, Refusal, Stage, buy,
    pyth::{Feed, SECOND_RECEIVER},
};

use super::scene::{Scene, plain, scene};

/// What anybody could do before: bring a print one second newer, so that every transaction that names an older one fails.
#[test]
fn a_newer_print_that_somebody_brings_makes_nobodys_transaction_fail() {
    let Scene { mut stage, long, short } = scene(Some(Feed::SOL));
    stage.place(&short, buy(1_000, 93_000)).unwrap();
    stage.post(92_000);
    let at = stage.at;
    let prepared = [
        (at.place_order(&short.key(), short.seat, &buy(5, 90_000)), Some(&short.keys)),
        (at.withdraw(&short.key(), short.seat, &short.tokens, 1_000), Some(&short.keys)),
        (at.liquidate(16, None), None),
        (at.deleverage(32, None), None),
        (at.unwind_vault(), None),
    ];
    for (instruction, signer) in prepared {
        // The attacker is first, in the same second as the transaction that has been signed already.
        stage.post(92_000);
        stage.crank(at.accrue_funding()).unwrap();
        let now = stage.svm.now();
        assert_eq!(stage.market().head().price.last_print, now);
        let signers: Vec<_> = signer.into_iter().collect();
        stage.send(&[instruction], &signers).unwrap();
    }
    assert!(stage.seat(&long).position.size.0 < 1_000, "it was liquidated");
}

/// The addresses and the market of a feed, as `creator` would ask for it with number 2.
fn create(stage: &Stage, feed: [u8; 32], shard: u16, account: Pubkey) -> (Addresses, zerosum_svm::Instruction) {
    let creator = stage.creator.pubkey();
    let at = Addresses::new(&creator, 2, &stage.mint.address, &stage.mint.program).reading(account);
    let prices = Prices::Pyth { feed, shard, lot_exponent: -1 };
    let create = at.create_market(
        &creator,
        2,
        RankRule::ProfitLeverage,
        &plain(),
        &Powers { authority: None, prices, name: [0; 16] },
    );
    (at, create)
}

#[test]
fn a_market_is_created_on_the_account_of_its_feed_and_shard_and_on_no_other() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let (feed, shard) = (Feed::SOL, 300u16);
    let second = Feed { receiver: SECOND_RECEIVER, ..feed };
    let own = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let written = Pubkey::new_unique();
    feed.update(100_000, stage.svm.now()).write(&mut stage.svm, &written, feed.receiver);
    let of_a_stranger = Pubkey::find_program_address(&[&shard.to_le_bytes(), &feed.id], &zerosum_client::ID).0;
    let backwards = Pubkey::find_program_address(&[&shard.to_be_bytes(), &feed.id], &zerosum_client::PUSH_ORACLE).0;
    for account in [
        feed.account_of(shard + 1),
        Feed { id: [7; 32], ..feed }.account_of(shard),
        written,
        of_a_stranger,
        backwards,
        own.oracle,
        own.market,
        feed.receiver,
    ] {
        let (_, refused) = create(&stage, feed.id, shard, account);
        assert_eq!(stage.send(&[refused], &[&creator]).refused(), ErrorCode::WrongOracle, "{account}");
        assert!(stage.svm.account(&own.market).is_none());
    }
    // It need not exist: its address is what is pinned.
    for of in [feed, second] {
        let account = of.account_of(shard);
        assert!(stage.svm.account(&account).is_none());
        let (at, create) = create(&stage, feed.id, shard, account);
        stage.send(&[create], &[&creator]).unwrap();
        let accounts = [at.market, at.book].map(|address| stage.svm.account(&address).unwrap().data);
        let market = MarketSnapshot::decode(&accounts[0], &accounts[1]).unwrap();
        let head = market.head();
        assert_eq!((head.oracle, head.feed, head.price_signer), (account.to_bytes(), feed.id, [0; 32]));
        for address in [at.market, at.book, at.pool] {
            stage.svm.set_account(&address, Default::default());
        }
    }
}

/// A price that is posted has no feed: what a shard would be means nothing there.
#[test]
fn a_posted_price_has_an_account_of_its_market_and_no_feed() {
    let stage = Stage::new();
    let head = stage.market().head();
    assert_eq!((head.oracle, head.feed), (stage.at.oracle.to_bytes(), [0; 32]));
}

const DAY: i64 = 86_400;

/// A feed with market hours is silent for days: how long it may be is the market's to say.
#[test]
fn a_feed_with_market_hours_is_not_dead_over_a_weekend() {
    let params = Params { oracle_silence: 7 * DAY, oracle_grace: 2 * DAY, ..plain() };
    for feed in [None, Some(Feed::SOL)] {
        let mut stage = zerosum_tests::Setup { params, feed, ..Default::default() }.start();
        // From Friday to Monday.
        stage.wait(3 * DAY);
        assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive);
        stage.wait(4 * DAY);
        assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive, "to the last second");
        stage.wait(1);
        stage.crank(stage.at.announce_dead()).unwrap();
        stage.wait(2 * DAY - 1);
        assert_eq!(stage.crank(stage.at.settle()).refused(), ErrorCode::TooEarly);
        stage.wait(1);
        stage.crank(stage.at.settle()).unwrap();
    }
}

/// What an authority changes does not shorten a silence that has begun.
#[test]
fn the_silence_that_was_allowed_at_the_last_print_counts() {
    let params = Params { oracle_silence: 7 * DAY, ..plain() };
    let mut stage = zerosum_tests::Setup { params, ..Default::default() }.start();
    let creator = stage.creator.insecure_clone();
    let shorter = Params { oracle_silence: 3_600, ..params };
    stage.send(&[stage.at.change_params(&creator.pubkey(), &shorter)], &[&creator]).unwrap();
    stage.wait(2 * DAY);
    stage.crank(stage.at.apply_params()).unwrap();
    assert_eq!(stage.crank(stage.at.announce_dead()).refused(), ErrorCode::OracleAlive);
    stage.price(100_000);
    stage.wait(3_601);
    stage.crank(stage.at.announce_dead()).unwrap();
}

#[test]
fn a_jump_of_a_market_is_at_most_its_initial_margin() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(None, creator.pubkey());
    for (jump, refused) in [(50_001, true), (50_000, false)] {
        let params = Params { jump: Rate(jump), ..zerosum_tests::plain() };
        let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &params, &powers);
        match stage.attempt(&[create], &[&creator]) {
            Ok(_) => assert!(!refused),
            Err(failure) => assert!(refused && zerosum_tests::refusal(&failure).code == ErrorCode::BadParameter),
        }
    }
}
