//! What keepers earn, and into whose seat.

use zerosum_engine::{error::ErrorCode, layout::VAULT, state::params::Params, state::receipt::Kind, units::Rate};
use zerosum_tests::{Refusal, Setup, Stage, buy};

use zerosum_tests::scene::*;

fn paying() -> Params {
    Params {
        caller_share: Rate(500),
        vault_fee: Rate(2_500),
        deleverage_pay: Rate(1_000),
        deleverage_pay_cap: 2_500,
        ..plain()
    }
}

/// From now on a taker pays 0.1 %, which is what a forced fill may pay at most.
fn charge_takers(stage: &mut Stage) {
    stage.rewrite(0, |exchange| exchange.market.head.params.taker_fee = Rate(1_000));
}

#[test]
fn who_liquidates_earns_a_share_of_what_is_above_the_zero_price() {
    let mut stage = stage(paying());
    let d = duel(&mut stage);
    let keeper = stage.trader(1_000);
    stage.price(97_000);
    stage.place(&d.bidder, buy(5_000, 97_000)).unwrap();
    let sent = stage.crank(stage.at.liquidate(1, Some(keeper.seat))).unwrap();
    let lots = steps(&sent)[0].lots;
    // 0.05 % of 97,000 are 48 atoms a lot for the caller, 0.25 % are 242 for the vault.
    assert_eq!(cash(&stage, &keeper), 1_000 + 48 * lots);
    assert_eq!(vault_cash(&stage), 242 * lots);
    stage.withdraw(&keeper, 1_000 + 48 * lots as u64).unwrap();
}

#[test]
fn without_a_payee_the_loser_keeps_the_callers_share() {
    let mut stage = stage(Params { vault_fee: Rate::ZERO, ..paying() });
    let d = duel(&mut stage);
    stage.price(97_000);
    stage.place(&d.bidder, buy(5_000, 97_000)).unwrap();
    stage.liquidate().unwrap();
    assert_eq!(equity(&stage, d.loser.seat), 4_000_000);
}

#[test]
fn any_idle_seat_may_be_named_a_strangers_too_and_no_other() {
    let mut stage = stage(paying());
    let d = duel(&mut stage);
    let closed = stage.trader(1_000);
    let stranger = stage.trader(1_000);
    stage.close(&closed).unwrap();
    stage.price(97_000);
    stage.place(&d.bidder, buy(5_000, 97_000)).unwrap();
    for (payee, code) in [
        (VAULT, ErrorCode::VaultSeat),
        (closed.seat, ErrorCode::NoSuchSeat),
        (stranger.seat + 1, ErrorCode::NoSuchSeat),
        (u32::MAX, ErrorCode::NoSuchSeat),
        // Pay would change the rank of whoever is in the queue, the loser's and the winner's own too.
        (d.loser.seat, ErrorCode::PayeeNotIdle),
        (d.winner.seat, ErrorCode::PayeeNotIdle),
        (d.bidder.seat, ErrorCode::PayeeNotIdle),
    ] {
        assert_eq!(stage.crank(stage.at.liquidate(1, Some(payee))).refused(), code, "{payee}");
        assert_eq!(stage.crank(stage.at.deleverage(1, Some(payee))).refused(), code, "{payee}");
    }
    stage.crank(stage.at.liquidate(1, Some(stranger.seat))).unwrap();
    assert!(cash(&stage, &stranger) > 1_000, "a gift");
}

#[test]
fn who_deleverages_is_paid_for_each_forced_fill_from_fees_while_there_are_any() {
    let mut stage = Setup { params: paying(), ..Setup::default() }.start();
    let (_, _) = against(&mut stage, &[(200_000, 10), (210_000, 10), (220_000, 10), (230_000, 10)]);
    let keeper = stage.trader(1_000);
    let pool = stage.at.pool;
    stage.gift(&pool, 3_000);
    stage.crank(stage.at.sweep_excess()).unwrap();
    charge_takers(&mut stage);
    stage.price(94_000);
    // 0.1 % of 940,000 is 940. There is fee cash for three of four, and for 180 of the last.
    let sent = stage.crank(stage.at.deleverage(32, Some(keeper.seat))).unwrap();
    assert_eq!(told(&sent).iter().filter(|step| step.0 == Kind::Forced).count(), 4);
    assert_eq!((cash(&stage, &keeper), stage.market().head().fee_cash.0), (4_000, 0));
}

#[test]
fn the_pay_for_a_forced_fill_is_capped() {
    let mut stage = stage(paying());
    let d = duel(&mut stage);
    let keeper = stage.trader(1_000);
    let pool = stage.at.pool;
    stage.gift(&pool, 1_000_000);
    stage.crank(stage.at.sweep_excess()).unwrap();
    charge_takers(&mut stage);
    stage.price(94_000);
    // 0.1 % of 188m would be 188,000.
    stage.crank(stage.at.deleverage(1, Some(keeper.seat))).unwrap();
    assert_eq!((size(&stage, &d.loser), cash(&stage, &keeper)), (0, 3_500));
    assert_eq!(stage.market().head().fee_cash.0, 997_500);
    // Nothing bankrupt any more: nothing is done and nothing paid.
    stage.crank(stage.at.deleverage(1, Some(keeper.seat))).unwrap();
    assert_eq!(cash(&stage, &keeper), 3_500);
}

#[test]
fn what_a_seat_has_above_its_zero_price_bounds_every_fee() {
    let mut stage = stage(paying());
    let d = duel(&mut stage);
    let keeper = stage.trader(1_000);
    stage.price(97_000);
    stage.place(&d.bidder, buy(1, 95_100)).unwrap();
    stage.crank(stage.at.liquidate(1, Some(keeper.seat))).unwrap();
    // 100 atoms above the bankruptcy price of 95,000: 48 to the caller, the vault gets the 52 that are left.
    assert_eq!((cash(&stage, &keeper), vault_cash(&stage)), (1_048, 52));
    assert_eq!(stage.seat(&d.loser).position.bankruptcy_price().unwrap().0, 95_000, "no fee makes it worse");
}

/// Pay above the cost of a fill would be earned by letting oneself be forced, lot by lot.
#[test]
fn a_small_forced_fill_pays_no_more_than_trading_it_costs() {
    for (taker_fee, pay) in [(Rate::ZERO, 0), (Rate(300), 28), (Rate(2_000), 94)] {
        let mut stage = stage(paying());
        against(&mut stage, &[(20_000, 1)]);
        let keeper = stage.trader(1_000);
        stage.gift(&stage.at.pool.clone(), 1_000_000);
        stage.crank(stage.at.sweep_excess()).unwrap();
        stage.rewrite(0, |exchange| exchange.market.head.params.taker_fee = taker_fee);
        stage.price(94_000);
        let sent = stage.crank(stage.at.deleverage(32, Some(keeper.seat))).unwrap();
        assert_eq!(told(&sent).len(), 1);
        assert_eq!(cash(&stage, &keeper), 1_000 + pay, "of 94,000 atoms");
    }
}
