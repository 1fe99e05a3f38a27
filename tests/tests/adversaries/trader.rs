//! Somebody with two seats is two traders.

use zerosum_engine::{error::ErrorCode, state::params::Params, units::Rate};
use zerosum_tests::{Refusal, buy, sell};

use zerosum_tests::scene::{cash, clear, equity, plain, size, stage};
use zerosum_tests::tampering::atoms;

/// A loss that one seat makes to the other is one it can bear, so no trade between them leaves a hole.
#[test]
fn two_seats_do_not_trade_one_of_them_into_bankruptcy() {
    let mut stage = stage(Params { band: Rate(50_000), ..plain() });
    let (giver, taker) = (stage.trader(9_999_999), stage.trader(20_000_000));
    stage.place(&taker, sell(1_000, 105_000)).unwrap();
    // It would lose 5,000,000 by the price and needs 5,000,000 of margin.
    assert_eq!(stage.place(&giver, buy(1_000, 105_000)).refused(), ErrorCode::BelowInitialMargin);
    stage.deposit(&giver, 1).unwrap();
    stage.place(&giver, buy(1_000, 105_000)).unwrap();
    assert_eq!((equity(&stage, giver.seat), equity(&stage, taker.seat)), (5_000_000, 25_000_000));
    // Further than the band nobody gives at all.
    stage.place(&taker, sell(1, 105_001)).unwrap();
    assert_eq!(stage.place(&giver, buy(1, 105_001)).refused(), ErrorCode::OutsideBand);
    assert_eq!(size(&stage, &giver), 1_000);
}

/// One seat goes bankrupt against the other. Together they never take more than they brought.
#[test]
fn who_loses_to_oneself_takes_nothing_from_the_others() {
    for price in [94_000, 70_000, 40_000] {
        let mut stage = stage(plain());
        let (honest_long, honest_short) = (stage.trader(100_000_000), stage.trader(100_000_000));
        let (loser, winner) = (stage.trader(10_000_000), stage.trader(100_000_000));
        stage.trade(&loser, &winner, 2_000, 100_000);
        stage.trade(&honest_long, &honest_short, 100, 100_000);
        stage.price(price.max(60_000));
        if price < 60_000 {
            stage.price(price);
        }
        clear(&mut stage, 32);
        let both = equity(&stage, loser.seat) + equity(&stage, winner.seat);
        assert!(both <= 110_000_000, "at {price} they have {both} of 110,000,000");
        let honest = equity(&stage, honest_long.seat) + equity(&stage, honest_short.seat);
        assert!(honest >= 200_000_000, "and the others what they brought: {honest}");
    }
}

#[test]
fn cash_moves_between_two_seats_only_through_the_pool_and_the_owner() {
    let mut stage = stage(plain());
    let (alice, mallory) = (stage.trader(10_000_000), stage.trader(10_000_000));
    // A deposit into somebody else's seat needs that somebody; a gift of tokens is the owner's.
    let deposit = stage.at.deposit(&mallory.key(), alice.seat, &mallory.tokens, 1_000);
    assert_eq!(stage.send(&[deposit], &[&mallory.keys]).refused(), ErrorCode::NotSeatOwner);
    let steal = stage.at.withdraw(&mallory.key(), alice.seat, &mallory.tokens, 1_000);
    assert_eq!(stage.send(&[steal], &[&mallory.keys]).refused(), ErrorCode::NotSeatOwner);
    let give = stage.at.withdraw(&alice.key(), alice.seat, &mallory.tokens, 1_000);
    stage.send(&[give], &[&alice.keys]).unwrap();
    assert_eq!((cash(&stage, &alice), atoms(&mut stage, &mallory.tokens)), (9_999_000, 10_001_000));
}
