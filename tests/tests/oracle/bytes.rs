//! The updates that these tests write are those that the receiver's SDK writes.

use zerosum_tests::pyth::{self, Feed, Update, Verified};

/// Accounts as the SDK serialises them, with what they say. How they are made is described beside them.
const FIXTURES: &str = include_str!("../../../crates/engine/fixtures/pyth/updates.txt");

fn lines(kind: &str) -> Vec<Vec<&'static str>> {
    let lines = FIXTURES.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.filter(|words| words[0] == kind).map(|words| words[1..].to_vec()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn an_update_has_the_bytes_that_the_sdk_writes() {
    let updates = lines("update");
    assert!(updates.len() > 8, "full and partly verified ones");
    for words in updates {
        let [name, verified, feed, price, confidence, exponent, published, bytes] = words[..] else {
            panic!("{words:?}")
        };
        let update = Update {
            verified: verified.parse().map_or(Verified::Full, Verified::Partly),
            feed: unhex(feed).try_into().unwrap(),
            price: price.parse().unwrap(),
            confidence: confidence.parse().unwrap(),
            exponent: exponent.parse().unwrap(),
            published: published.parse().unwrap(),
        };
        assert_eq!(hex(&update.bytes()), bytes, "{name}");
        assert!(update.bytes().len() <= pyth::SPACE);
    }
}

#[test]
fn receivers_feed_and_space_are_those_of_the_sdk() {
    let programs: Vec<_> = lines("program").iter().map(|words| words[0]).collect();
    let known = [pyth::SECOND_RECEIVER, pyth::RECEIVER].map(|key| key.to_string());
    assert_eq!(programs, known);
    assert_eq!(lines("space")[0], ["PriceUpdateV2", &pyth::SPACE.to_string()]);
    assert_eq!(lines("update")[0][2], hex(&Feed::SOL.id));
}
