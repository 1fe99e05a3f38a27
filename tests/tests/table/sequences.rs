//! The worked sequences of prints.

use zerosum_engine::{state::params::Params, units::Rate};
use zerosum_tests::{Setup, pyth::Feed};

use super::document::tables;

#[test]
fn each_sequence_of_prints_is_followed_as_the_document_says_by_either_source() {
    let sequences = tables("print");
    assert_eq!(sequences.len(), 4);
    let params = Params { initial: Rate(100_000), jump: Rate(100_000), confirmation: 10, ..Params::standard() };
    for feed in [None, Some(Feed::SOL)] {
        for sequence in &sequences {
            let [prints, accepted, pending] = &sequence[..] else { panic!("{sequence:?}") };
            assert_eq!((accepted[0].as_str(), pending[0].as_str()), ("accepted", "pending"));
            let mut stage = Setup { params, feed, ..Setup::default() }.start();
            for at in 1..prints.len() {
                let price: i64 = prints[at].parse().unwrap();
                stage.wait(9);
                stage.post(price * 1_000);
                stage.observe().unwrap();
                let state = stage.market().head().price;
                assert_eq!((state.accepted.0 / 1_000).to_string(), accepted[at], "{sequence:?}, {at}");
                let waits = if state.pending.0 == 0 { "-".into() } else { (state.pending.0 / 1_000).to_string() };
                assert_eq!(waits, pending[at], "{sequence:?}, {at}");
            }
        }
    }
}
