//! What is no price of the market, and what an adversary would offer as one. Another account than the market's is refused by
//! everything that reads a price. What is wrong with the market's own stops nobody while the price is live.

use zerosum_client::Powers;
use zerosum_engine::{
    error::ErrorCode, state::header::RankRule, state::params::Params, state::price::Print, units::Price,
};
use zerosum_svm::{Account, Pubkey, Signer};
use zerosum_tests::{
    Addresses, MarketSnapshot, Refusal,
    pyth::{Feed, SECOND_RECEIVER, SPACE, Update, Verified},
    refusal,
};

use super::scene::{Reader, Scene, scene};

const BTC: [u8; 32] = [
    0xe6, 0x2d, 0xf6, 0xc8, 0xb4, 0xa8, 0x5f, 0xe1, 0xa6, 0x7d, 0xb4, 0x4d, 0xc1, 0x2d, 0xe5, 0xdb, 0x33, 0x0f, 0x7a,
    0xc6, 0x6b, 0x72, 0xdc, 0x65, 0x8a, 0xfe, 0xdf, 0x0f, 0x4a, 0x41, 0x5b, 0x43,
];

/// A market whose last print is a while ago and counts no more, an update that it would take, and a request to the vault
/// that is mature.
fn waiting() -> (Scene, Update) {
    let mut scene = scene(Some(Feed::SOL));
    let key = scene.short.key();
    let ask = scene.stage.at.request_mint(&key, &key, &scene.short.tokens, 1_000_000);
    scene.stage.send(&[ask], &[&scene.short.keys]).unwrap();
    scene.stage.wait(100);
    let update = Feed::SOL.update(100_100, scene.stage.svm.now());
    (scene, update)
}

/// The same at a live price.
fn live() -> (Scene, Update) {
    let (mut scene, good) = waiting();
    scene.stage.post(100_000);
    scene.stage.crank(scene.stage.at.accrue_funding()).unwrap();
    scene.stage.wait(10);
    let published = scene.stage.svm.now();
    (scene, Update { published, ..good })
}

/// What an update may say that no market can use, and its name.
fn unusable(good: &Update) -> [(&'static str, Update, ErrorCode); 12] {
    let (good, now, widest) = (*good, good.published, (good.price / 100) as u64);
    [
        ("another feed", Update { feed: BTC, ..good }, ErrorCode::WrongFeed),
        ("one signature", Update { verified: Verified::Partly(1), ..good }, ErrorCode::NotVerified),
        ("255 signatures", Update { verified: Verified::Partly(255), ..good }, ErrorCode::NotVerified),
        ("a wide confidence", Update { confidence: widest + 1, ..good }, ErrorCode::WideConfidence),
        ("no confidence", Update { confidence: u64::MAX, ..good }, ErrorCode::WideConfidence),
        ("a negative price", Update { price: -good.price, ..good }, ErrorCode::BadPrice),
        ("no price", Update { price: 0, ..good }, ErrorCode::BadPrice),
        ("a print of the future", Update { published: now + 3, ..good }, ErrorCode::FuturePrice),
        ("a positive exponent", Update { exponent: 1, ..good }, ErrorCode::PriceNotConvertible),
        ("thirteen places", Update { exponent: -13, ..good }, ErrorCode::PriceNotConvertible),
        ("too many atoms", Update { exponent: 0, ..good }, ErrorCode::PriceNotConvertible),
        ("less than an atom", Update { price: 999, confidence: 0, ..good }, ErrorCode::PriceNotConvertible),
    ]
}

impl Scene {
    /// Sends everything that reads a price, from the account that `at` names, and forgets what it changed; `check` gets
    /// each outcome.
    #[track_caller]
    fn read(&mut self, at: &Addresses, check: impl Fn(&Reader, Result<MarketSnapshot, ErrorCode>)) {
        for reader in self.readers(at) {
            let signers: Vec<_> = reader.signer.iter().collect();
            let result = self.stage.attempt(std::slice::from_ref(&reader.instruction), &signers);
            check(&reader, result.map(|(_, after)| after).map_err(|failure| refusal(&failure).code));
        }
    }

    /// Nothing reads another account than the market's.
    #[track_caller]
    fn refuses(&mut self, address: Pubkey, why: &str) {
        let at = self.stage.at.reading(address);
        self.read(&at, |reader, result| {
            assert_eq!(result.err(), Some(ErrorCode::WrongOracle), "{} and {why}", reader.name);
        });
    }

    /// What the market's account says now is no price: whatever acts on one fails by its name, and nothing else does.
    #[track_caller]
    fn stops(&mut self, code: ErrorCode, why: &str) {
        let at = self.stage.at;
        self.read(&at, |reader, result| {
            assert_eq!(result.err() == Some(code), reader.acts, "{} and {why}", reader.name);
        });
    }

    /// What the market's account says now changes nothing and stops nobody who acts.
    #[track_caller]
    fn ignores(&mut self, why: &str) {
        let (at, before) = (self.stage.at, self.stage.market().head().price);
        self.read(&at, |reader, result| match result {
            Ok(after) => assert_eq!(after.head().price, before, "{} and {why}", reader.name),
            Err(code) => assert!(!reader.acts, "{} and {why}: {}", reader.name, code.name()),
        });
    }

    /// Changes the account that the market reads.
    fn forge(&mut self, owner: Pubkey, change: impl FnOnce(&mut Vec<u8>)) {
        let address = self.stage.at.oracle;
        let mut account = self.stage.svm.account(&address).unwrap();
        change(&mut account.data);
        self.stage.svm.set_account(&address, Account { owner, ..account });
    }
}

#[test]
fn an_unusable_print_in_the_markets_account_stops_nobody_while_the_price_is_live() {
    let (mut scene, good) = live();
    for (why, update, _) in unusable(&good) {
        scene.put(&update);
        scene.ignores(why);
    }
    let last = scene.stage.market().head().price.last_print;
    for (why, published) in [("a stale print", good.published - 61), ("an old one", last - 1), ("the last one", last)] {
        scene.put(&Update { published, ..good });
        scene.ignores(why);
    }
}

#[test]
fn each_thing_that_an_update_says_wrong_is_named_once_the_price_is_not_live() {
    let (mut scene, good) = waiting();
    for (why, update, code) in unusable(&good) {
        scene.put(&update);
        scene.stops(code, why);
    }
    let last = scene.stage.market().head().price.last_print;
    for (why, published) in [("a stale print", good.published - 61), ("an old one", last - 1), ("the last one", last)] {
        scene.put(&Update { published, ..good });
        scene.stops(ErrorCode::StalePrice, why);
    }
    // What stands just inside the bounds is a price.
    let (now, widest) = (good.published, (good.price / 100) as u64);
    for update in [Update { published: now - 60, ..good }, Update { confidence: widest, published: now + 2, ..good }] {
        scene.put(&update);
        scene.stage.crank(scene.stage.at.accrue_funding()).unwrap();
        assert_eq!(scene.stage.market().head().price.last_print, update.published);
    }
}

#[test]
fn an_account_that_a_receiver_does_not_own_says_nothing() {
    for owner in [zerosum_client::ID, zerosum_client::SYSTEM, zerosum_client::TOKEN, Pubkey::new_unique()] {
        let (mut scene, good) = live();
        scene.put(&good);
        scene.forge(owner, |_| ());
        scene.ignores("an update of another owner");
        scene.stage.wait(61);
        scene.stops(ErrorCode::WrongOracle, "an update of another owner");
    }
}

#[test]
fn other_bytes_of_a_receiver_say_nothing() {
    let (mut scene, good) = waiting();
    let receiver = Feed::SOL.receiver;
    for length in [0, 7, 8, 40, 41, 73, 101, SPACE - 2] {
        scene.put(&good);
        scene.forge(receiver, |data| data.truncate(length));
        scene.stops(ErrorCode::WrongOracle, "an update cut short");
    }
    scene.put(&good);
    scene.forge(receiver, |data| data[0] ^= 1);
    scene.stops(ErrorCode::WrongOracle, "another kind of account");
    // The last byte is room for a longer form, and may be missing.
    scene.put(&good);
    scene.forge(receiver, |data| data.truncate(SPACE - 1));
    scene.stage.crank(scene.stage.at.accrue_funding()).unwrap();
    assert_eq!(scene.stage.market().head().price.last_print, good.published);
}

/// Nobody chooses among prints: the one account that counts is the one that the market names.
#[test]
fn no_update_in_another_account_is_read_whatever_it_says() {
    let (mut scene, good) = waiting();
    let posted = scene.put_elsewhere(&good);
    scene.refuses(posted, "an update that anybody had a receiver write");
    let second = Feed { receiver: SECOND_RECEIVER, ..Feed::SOL };
    let other_feed = Feed { id: BTC, ..Feed::SOL };
    for (why, address, update) in [
        ("the account of another shard", Feed::SOL.account_of(Feed::SHARD + 1), good),
        ("the account of the other push oracle", second.account(), good),
        ("the account of another feed", other_feed.account(), Update { feed: BTC, ..good }),
    ] {
        update.write(&mut scene.stage.svm, &address, Feed::SOL.receiver);
        scene.refuses(address, why);
    }
    scene.refuses(Pubkey::new_unique(), "an account that does not exist");
}

#[test]
fn no_account_of_the_exchange_is_a_price_of_pyth() {
    let (mut scene, _) = waiting();
    let at = scene.stage.at;
    let ticket = at.ticket(&scene.short.key());
    for (why, address) in [
        ("the market", at.market),
        ("the book", at.book),
        ("the pool", at.pool),
        ("a ticket", ticket),
        ("the mint", at.mint),
    ] {
        scene.refuses(address, why);
    }
}

/// A market whose prices the stage's key posts, with a print of now.
fn posted_market(scene: &mut Scene) -> Addresses {
    let stage = &mut scene.stage;
    let (creator, signer) = (stage.creator.insecure_clone(), stage.price_signer.insecure_clone());
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(None, signer.pubkey());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &Params::standard(), &powers);
    let print = Print { price: Price(100_000), published: stage.svm.now() };
    stage.send(&[create, at.post_price(&signer.pubkey(), print)], &[&creator, &signer]).unwrap();
    at
}

#[test]
fn a_posted_price_is_none_of_pyth_and_the_other_way_round() {
    let (mut scene, good) = waiting();
    let other = posted_market(&mut scene);
    scene.refuses(other.oracle, "a posted price of another market");
    let update = scene.put_elsewhere(&good);
    let crank = other.reading(update).accrue_funding();
    assert_eq!(scene.stage.crank(crank).refused(), ErrorCode::WrongOracle);
    scene.stage.crank(other.accrue_funding()).unwrap();
}

#[test]
fn nobody_posts_a_price_where_prices_come_from_pyth() {
    let (mut scene, good) = waiting();
    let other = posted_market(&mut scene);
    let at = scene.stage.at;
    scene.stage.wait(1);
    let (signer, now) = (scene.stage.price_signer.insecure_clone(), scene.stage.svm.now());
    let print = Print { price: Price(90_000), published: now };
    // The market has no feed of its own, and the zeroes that it names as the key sign nothing.
    let own = Addresses::new(&scene.stage.creator.pubkey(), 1, &at.mint, &at.token_program).oracle;
    assert!(scene.stage.svm.account(&own).is_none());
    let foreign = u32::from(anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
    let update = scene.put_elsewhere(&good);
    for address in [update, own] {
        let post = at.reading(address).post_price(&signer.pubkey(), print);
        let failure = scene.stage.send(&[post], &[&signer]).unwrap_err();
        assert_eq!(failure.custom_code(), Some(foreign));
    }
    let post = at.reading(other.oracle).post_price(&signer.pubkey(), print);
    assert_eq!(scene.stage.send(&[post], &[&signer]).refused(), ErrorCode::NotAuthority);
    assert_eq!(scene.stage.market().head().price.accepted, Price(100_000));
}
