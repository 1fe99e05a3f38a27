use super::*;
use crate::units::{Price, Rate, MAX_PRICE};
use bytemuck::Zeroable;
use proptest::collection::vec;
use proptest::prelude::*;
use std::boxed::Box;
use std::vec::Vec;

const PROGRAM: Key = [5; 32];
const FEED: Key = [6; 32];
const STRANGER: Key = [7; 32];

fn market(kind: u8) -> Box<Header> {
    let mut head = Box::new(Header::zeroed());
    head.oracle_kind = kind;
    head.oracle = FEED;
    head.feed = FEED;
    head.params = crate::state::params::Params::standard();
    head.decimals = 6;
    head
}

/// A feed as the program writes it.
fn feed(price: i64, published: i64) -> Vec<u64> {
    let mut words = std::vec![0xD15C];
    let feed = PriceFeed { price: Price(price), published, ..PriceFeed::new([9; 32]) };
    words.extend_from_slice(bytemuck::cast_slice(&[feed]));
    words
}

fn read(head: &Header, key: &Key, owner: &Key, data: &[u8]) -> Result<Print> {
    require(*key == head.oracle, ErrorCode::WrongOracle, 0, 0)?;
    super::read(head, &PriceAccount { key, owner, data })
}

#[test]
fn a_posted_price_is_read_from_the_account_that_the_market_names() {
    let (head, feed) = (market(0), feed(123_456, 1_000));
    let data = bytemuck::cast_slice(&feed);
    assert_eq!(read(&head, &FEED, &PROGRAM, data), Ok(Print { price: Price(123_456), published: 1_000 }));
    let wrong = Err(Error::from(ErrorCode::WrongOracle));
    assert_eq!(read(&head, &STRANGER, &PROGRAM, data), wrong, "another account of the program");
    assert_eq!(read(&head, &STRANGER, &RECEIVERS[0], data), wrong, "a price update is no posted price");
    for byte in 0..32 {
        let mut near = FEED;
        near[byte] ^= 1;
        assert_eq!(read(&head, &near, &PROGRAM, data), wrong, "byte {byte} of its address");
    }
}

#[test]
fn a_posted_price_is_read_at_any_alignment_and_nothing_but_price_and_time() {
    let (head, feed) = (market(0), feed(123_456, 1_000));
    let print = Print { price: Price(123_456), published: 1_000 };
    for shift in 0..8 {
        let mut bytes = std::vec![0; shift];
        bytes.extend_from_slice(bytemuck::cast_slice(&feed));
        assert_eq!(read(&head, &FEED, &PROGRAM, &bytes[shift..]), Ok(print), "shifted by {shift}");
    }
    for byte in 0..96 {
        let mut bytes = bytemuck::cast_slice(&feed).to_vec();
        bytes[byte] ^= 1;
        let changed = read(&head, &FEED, &PROGRAM, &bytes) != Ok(print);
        assert_eq!(changed, (48..64).contains(&byte), "byte {byte}");
    }
}

#[test]
fn a_posted_price_cut_short_is_refused_at_every_length() {
    let (head, feed) = (market(0), feed(123_456, 1_000));
    let data: &[u8] = bytemuck::cast_slice(&feed);
    for length in 0..data.len() {
        let error = Error::with(ErrorCode::WrongOracle, data.len() as i64, length as i64);
        assert_eq!(read(&head, &FEED, &PROGRAM, &data[..length]), Err(error));
    }
}

#[test]
fn a_market_reads_the_kind_it_was_created_with() {
    let feed = feed(123_456, 1_000);
    let data = bytemuck::cast_slice(&feed);
    assert_eq!(read(&market(1), &FEED, &PROGRAM, data), Err(ErrorCode::WrongOracle.into()), "no posted price");
    for kind in 2..=u8::MAX {
        let error = Error::with(ErrorCode::BadParameter, 1, kind.into());
        assert_eq!(read(&market(kind), &FEED, &PROGRAM, data), Err(error));
        assert_eq!(OracleKind::from_byte(kind), None);
    }
    assert_eq!([0, 1].map(OracleKind::from_byte), [Some(OracleKind::Posted), Some(OracleKind::Pyth)]);
}

/// What a source hands out is not yet a price of the market: age, order and size are judged alike for both.
#[test]
fn prints_of_both_sources_are_judged_alike() {
    for kind in [OracleKind::Posted, OracleKind::Pyth] {
        let mut head = market(kind as u8);
        let mut observe = |price: i64, published: i64, now: i64| {
            let (posted, update) = (feed(price, published), pyth::tests::update(&FEED, price, published));
            let print = match kind {
                OracleKind::Posted => read(&head, &FEED, &PROGRAM, bytemuck::cast_slice(&posted)),
                OracleKind::Pyth => read(&head, &FEED, &RECEIVERS[1], &update),
            };
            let params = head.params;
            let seen = print.and_then(|print| {
                let after = crate::rules::price_filter::filter(&head.price, print, &params, now)?;
                head.price = after.unwrap_or(head.price);
                Ok(after.is_some())
            });
            (seen.map_err(|error| error.code), head.price.accepted.0, head.price.pending.0)
        };
        assert_eq!(observe(9_999, 100, 100), (Err(ErrorCode::LotPriceTooLow), 0, 0));
        assert_eq!(observe(100_000, 103, 100), (Err(ErrorCode::FuturePrice), 0, 0));
        assert_eq!(observe(100_000, 94, 100), (Err(ErrorCode::StalePrice), 0, 0));
        assert_eq!(observe(100_000, 100, 100), (Ok(true), 100_000, 0));
        assert_eq!(observe(101_000, 99, 100), (Ok(false), 100_000, 0), "not newer");
        assert_eq!(observe(101_000, 100, 100), (Ok(false), 100_000, 0), "seen already");
        assert_eq!(observe(0, 101, 101), (Err(ErrorCode::BadPrice), 100_000, 0));
        assert_eq!(observe(10_000, 101, 101), (Ok(true), 100_000, 10_000), "a jump waits");
        assert_eq!(observe(100_500, 102, 102), (Ok(true), 100_500, 0), "and is forgotten");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reading_fail_otherwise_than_by_name(
        words in vec(any::<u64>(), 0..40),
        length in 0usize..320,
        kind in 0u8..4,
        at_feed in any::<bool>(),
        owner in 0usize..4,
        confidence in any::<u32>(),
        lot_exponent in any::<i8>(),
        decimals in any::<u8>(),
    ) {
        let mut head = market(kind);
        head.params.confidence = Rate(confidence);
        head.lot_exponent = lot_exponent;
        head.decimals = decimals;
        let owner = [PROGRAM, STRANGER, RECEIVERS[0], RECEIVERS[1]][owner];
        let bytes: &[u8] = bytemuck::cast_slice(&words);
        let data = &bytes[..length.min(bytes.len())];
        let print = read(&head, if at_feed { &FEED } else { &STRANGER }, &owner, data);
        // Nothing but the address makes a posted price; an update has a discriminator.
        prop_assert_eq!(print.is_ok(), kind == 0 && at_feed && data.len() >= 96);
    }
}

#[test]
fn the_highest_price_is_read_from_both() {
    let posted = feed(MAX_PRICE, 1);
    let (print, data) = (Ok(Print { price: Price(MAX_PRICE), published: 1 }), bytemuck::cast_slice(&posted));
    assert_eq!(read(&market(0), &FEED, &PROGRAM, data), print);
    assert_eq!(read(&market(1), &FEED, &RECEIVERS[0], &pyth::tests::update(&FEED, MAX_PRICE, 1)), print);
}
