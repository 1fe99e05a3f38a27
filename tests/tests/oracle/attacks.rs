//! What is no price of the market, and what an adversary would offer as one. Everything that reads a price refuses it by
//! name, and the stage has checked that nothing has changed.

use zerosum_client::{Powers, Prices};
use zerosum_engine::{error::ErrorCode, params::Params, price::Print, ranking::RankRule, units::Price};
use zerosum_svm::{Account, Pubkey, Signer};
use zerosum_tests::{
    Addresses, Refusal,
    pyth::{Feed, SPACE, Update, Verified},
    refusal,
};

use super::scene::{Scene, scene};

const BTC: [u8; 32] = [
    0xe6, 0x2d, 0xf6, 0xc8, 0xb4, 0xa8, 0x5f, 0xe1, 0xa6, 0x7d, 0xb4, 0x4d, 0xc1, 0x2d, 0xe5, 0xdb, 0x33, 0x0f, 0x7a,
    0xc6, 0x6b, 0x72, 0xdc, 0x65, 0x8a, 0xfe, 0xdf, 0x0f, 0x4a, 0x41, 0x5b, 0x43,
];

/// A market whose last print is a while ago, an update that it would take, and a request to the vault.
fn waiting() -> (Scene, Update) {
    let mut scene = scene(Some(Feed::SOL));
    let key = scene.short.key();
    let ask = scene.stage.at.request_mint(&key, &key, &scene.short.tokens, 1_000_000);
    scene.stage.send(&[ask], &[&scene.short.keys]).unwrap();
    scene.stage.wait(100);
    let update = Feed::SOL.update(100_100, scene.stage.svm.now());
    (scene, update)
}

impl Scene {
    /// Nothing takes what lies at `address` for a price.
    #[track_caller]
    fn refuses(&mut self, address: Pubkey, code: ErrorCode, why: &str) {
        for reader in self.readers(&self.stage.at.reading(address)) {
            let signers: Vec<_> = reader.signer.iter().collect();
            match self.stage.send(&[reader.instruction], &signers) {
                Ok(_) => panic!("{} took {why} for a price", reader.name),
                Err(failure) => assert_eq!(refusal(&failure).code, code, "{} and {why}", reader.name),
            }
        }
    }

    /// A copy of an account that belongs to `owner`, changed.
    fn forge(&mut self, original: &Pubkey, owner: Pubkey, change: impl FnOnce(&mut Vec<u8>)) -> Pubkey {
        let mut account = self.stage.svm.account(original).unwrap();
        change(&mut account.data);
        let address = Pubkey::new_unique();
        self.stage.svm.set_account(&address, Account { owner, ..account });
        address
    }
}

#[test]
fn each_thing_that_an_update_says_wrong_has_its_own_error() {
    let (mut scene, good) = waiting();
    let (now, last) = (good.published, scene.stage.market().head().price.last_print);
    let widest = (good.price / 100) as u64;
    let wrong = [
        ("another feed", Update { feed: BTC, ..good }, ErrorCode::WrongFeed),
        ("one signature", Update { verified: Verified::Partly(1), ..good }, ErrorCode::NotVerified),
        ("255 signatures", Update { verified: Verified::Partly(255), ..good }, ErrorCode::NotVerified),
        ("a wide confidence", Update { confidence: widest + 1, ..good }, ErrorCode::WideConfidence),
        ("no confidence", Update { confidence: u64::MAX, ..good }, ErrorCode::WideConfidence),
        ("a negative price", Update { price: -good.price, ..good }, ErrorCode::BadPrice),
        ("no price", Update { price: 0, ..good }, ErrorCode::BadPrice),
        ("a stale print", Update { published: now - 61, ..good }, ErrorCode::StalePrice),
        ("a print of the future", Update { published: now + 1, ..good }, ErrorCode::FuturePrice),
        ("a print older than the last", Update { published: last - 1, ..good }, ErrorCode::OldPrice),
        ("a positive exponent", Update { exponent: 1, ..good }, ErrorCode::PriceNotConvertible),
        ("thirteen places", Update { exponent: -13, ..good }, ErrorCode::PriceNotConvertible),
        ("too many atoms", Update { exponent: 0, ..good }, ErrorCode::PriceNotConvertible),
        ("less than an atom", Update { price: 999, confidence: 0, ..good }, ErrorCode::PriceNotConvertible),
    ];
    for (why, update, code) in wrong {
        let address = scene.put(&update);
        scene.refuses(address, code, why);
    }
    // What stands just inside the bounds is a price.
    for (later, update) in
        [(0, Update { published: now - 60, ..good }), (1, Update { confidence: widest, published: now + 1, ..good })]
    {
        scene.stage.wait(later);
        let address = scene.put(&update);
        scene.stage.crank(scene.stage.at.reading(address).accrue_funding()).unwrap();
        assert_eq!(scene.stage.market().head().price.last_print, update.published);
    }
}

#[test]
fn an_update_of_any_other_program_is_none() {
    let (mut scene, good) = waiting();
    let update = scene.put(&good);
    for owner in [zerosum_client::ID, zerosum_client::SYSTEM, zerosum_client::TOKEN, Pubkey::new_unique()] {
        let copy = scene.forge(&update, owner, |_| ());
        scene.refuses(copy, ErrorCode::WrongOracle, "an update of another owner");
    }
    scene.refuses(Pubkey::new_unique(), ErrorCode::WrongOracle, "an account that does not exist");
}

#[test]
fn other_bytes_of_a_receiver_are_none() {
    let (mut scene, good) = waiting();
    let update = scene.put(&good);
    let receiver = Feed::SOL.receiver;
    for length in [0, 7, 8, 40, 41, 73, 101, SPACE - 2] {
        let short = scene.forge(&update, receiver, |data| data.truncate(length));
        scene.refuses(short, ErrorCode::WrongOracle, "an update cut short");
    }
    let other = scene.forge(&update, receiver, |data| data[0] ^= 1);
    scene.refuses(other, ErrorCode::WrongOracle, "another kind of account");
    // The last byte is room for a longer form, and may be missing.
    let whole = scene.forge(&update, receiver, |data| data.truncate(SPACE - 1));
    scene.stage.crank(scene.stage.at.reading(whole).accrue_funding()).unwrap();
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
        scene.refuses(address, ErrorCode::WrongOracle, why);
    }
}

/// A market whose prices the stage's key posts, with a print of now.
fn posted_market(scene: &mut Scene) -> Addresses {
    let stage = &mut scene.stage;
    let (creator, signer) = (stage.creator.insecure_clone(), stage.price_signer.insecure_clone());
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers { authority: None, prices: Prices::Posted(signer.pubkey()) };
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &Params::standard(), &powers);
    let print = Print { price: Price(100_000), published: stage.svm.now() };
    stage.send(&[create, at.post_price(&signer.pubkey(), print)], &[&creator, &signer]).unwrap();
    at
}

#[test]
fn a_posted_price_is_none_of_pyth_and_the_other_way_round() {
    let (mut scene, good) = waiting();
    let other = posted_market(&mut scene);
    scene.refuses(other.oracle, ErrorCode::WrongOracle, "a posted price of another market");
    let update = scene.put(&good);
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
    let update = scene.put(&good);
    for address in [update, own] {
        let post = at.reading(address).post_price(&signer.pubkey(), print);
        let failure = scene.stage.send(&[post], &[&signer]).unwrap_err();
        assert_eq!(failure.custom_code(), Some(foreign));
    }
    let post = at.reading(other.oracle).post_price(&signer.pubkey(), print);
    assert_eq!(scene.stage.send(&[post], &[&signer]).refused(), ErrorCode::NotAuthority);
    assert_eq!(scene.stage.market().head().price.accepted, Price(100_000));
}
