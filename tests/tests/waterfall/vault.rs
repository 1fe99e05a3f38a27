//! Step 3 of the waterfall: what the vault takes and what stops it.

use zerosum_engine::{
    layout::VAULT,
    rules::margin::required,
    state::params::Params,
    state::receipt::Kind,
    units::{Lots, Price, Rate},
};
use zerosum_tests::{Stage, buy};

use zerosum_tests::scene::*;

fn with_vault(params: Params, amount: u64) -> (Stage, Duel) {
    let mut stage = stage(params);
    let d = duel(&mut stage);
    invest(&mut stage, amount);
    (stage, d)
}

#[test]
fn the_vault_takes_what_the_book_left_at_a_discount() {
    let (mut stage, d) = with_vault(Params { vault_fee: Rate(1_000), ..discounted() }, 100_000_000);
    stage.place(&d.bidder, buy(100, 97_000)).unwrap();
    stage.crash(97_000);
    let sent = stage.liquidate().unwrap();
    let [book, vault] = told(&sent)[..] else { panic!("{:?}", told(&sent)) };
    assert_eq!(book, (Kind::Book, d.loser.seat, 0, 100));
    assert_eq!((vault.0, vault.1, vault.2), (Kind::Vault, d.loser.seat, VAULT));
    let step = steps(&sent)[1];
    assert_eq!((step.price, step.taken, step.needed), (96_030, -970 * step.lots, 0), "1 % under 97,000");
    assert_eq!(vault_size(&stage), step.lots);
    let fees = 97 * (100 + step.lots);
    assert_eq!(vault_cash(&stage), 100_000_000 - 96_030 * step.lots + fees, "its fee is of all that was closed");
    let (left, worth) = (Lots(size(&stage, &d.loser)), equity(&stage, d.loser.seat));
    assert!(worth >= required(Rate(37_500), left, Price(97_000)).0, "the target, at the vault's price");
    assert_eq!(stage.market().head().statistics.vault_lots, step.lots as u64);
}

#[test]
fn over_its_size_cap_the_vault_takes_nothing_more() {
    let (mut stage, d) = with_vault(Params { vault_size_cap: 300, ..discounted() }, 100_000_000);
    stage.crash(97_000);
    assert_eq!(told(&stage.liquidate().unwrap()), [(Kind::Vault, d.loser.seat, VAULT, 300)]);
    assert_eq!(steps(&stage.liquidate().unwrap()), [], "what is left waits");
    stage.crash(94_000);
    let sent = stage.deleverage(32).unwrap();
    assert_eq!(told(&sent).iter().map(|step| step.0).collect::<Vec<_>>(), [Kind::Forced], "until it is bankrupt");
    assert_eq!((size(&stage, &d.loser), size(&stage, &d.winner)), (0, -300));
}

#[test]
fn the_vault_stops_at_initial_margin_like_anyone_else() {
    let (mut stage, _) = with_vault(discounted(), 1_000_000);
    stage.crash(97_000);
    let sent = stage.liquidate().unwrap();
    assert_eq!(told(&sent).len(), 1);
    let (lots, worth) = (Lots(vault_size(&stage)), equity(&stage, VAULT));
    assert!(worth >= required(Rate(50_000), lots, Price(97_000)).0);
    assert!(worth + 970 < required(Rate(50_000), lots + Lots(1), Price(97_000)).0, "not a lot more fits");
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
}

#[test]
fn a_vault_without_a_loss_budget_never_overpays() {
    let (mut stage, d) = with_vault(plain(), 1_000_000_000);
    stage.crash(94_000);
    let sent = stage.deleverage(32).unwrap();
    assert_eq!(told(&sent), [(Kind::Forced, d.loser.seat, d.winner.seat, 2_000)]);
    assert_eq!((vault_size(&stage), vault_cash(&stage)), (0, 1_000_000_000));
}

#[test]
fn the_loss_budget_is_spent_and_then_force_takes_the_rest() {
    let budget = Params { vault_loss_budget: Rate(10_000), ..plain() };
    let (mut stage, d) = with_vault(budget, 100_000_000);
    stage.crash(94_000);
    // 1 % of 100m at 1,000 atoms a lot beyond the oracle price.
    let sent = stage.deleverage(32).unwrap();
    let (loser, winner) = (d.loser.seat, d.winner.seat);
    assert_eq!(told(&sent), [(Kind::Vault, loser, VAULT, 1_000), (Kind::Forced, loser, winner, 1_000)]);
    let [vault, forced] = steps(&sent)[..] else { unreachable!() };
    assert_eq!((vault.price, vault.taken, vault.needed), (95_000, 1_000_000, 1_000_000));
    assert_eq!((forced.price, forced.taken, forced.needed), (95_000, 1_000_000, 1_000_000));
    assert_eq!(equity(&stage, VAULT), 99_000_000, "a hundredth of it, no more");
}

#[test]
fn a_new_window_brings_a_new_loss_budget() {
    let budget = Params { vault_loss_budget: Rate(10_000), vault_min_edge: Rate(10_000), ..plain() };
    let (mut stage, d) = with_vault(budget, 100_000_000);
    stage.crash(96_000);
    // 960 atoms a lot of edge are missing.
    let spent = 1_000_000 / 960;
    assert_eq!(told(&stage.liquidate().unwrap()), [(Kind::Vault, d.loser.seat, VAULT, spent)]);
    stage.crash(95_900);
    assert_eq!(steps(&stage.liquidate().unwrap()), [], "spent");
    stage.wait(4_100);
    stage.crash(95_900);
    assert_eq!(told(&stage.liquidate().unwrap()).len(), 1, "a window later");
}

#[test]
fn fresh_money_does_not_count_for_the_budget_of_its_window() {
    let mut stage = stage(generous());
    let d = duel(&mut stage);
    let investor = Investor::new(&mut stage, 1_000_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000_000).unwrap();
    investor.execute_later(&mut stage).unwrap();
    stage.crash(94_000);
    let sent = stage.deleverage(32).unwrap();
    assert_eq!(told(&sent), [(Kind::Forced, d.loser.seat, d.winner.seat, 2_000)]);
}

#[test]
fn the_vault_does_not_overpay_for_a_young_position() {
    let mut stage = stage(generous());
    invest(&mut stage, 1_000_000_000);
    // Whoever opens both sides in a crash cannot let the vault pay the one that loses.
    let d = duel(&mut stage);
    stage.crash(94_000);
    assert_eq!(told(&stage.deleverage(32).unwrap()), [(Kind::Forced, d.loser.seat, d.winner.seat, 2_000)]);
    assert_eq!(equity(&stage, VAULT), 1_000_000_000);
}

#[test]
fn increasing_a_position_makes_all_of_it_young_again_and_seasoning_ends_that() {
    let mut stage = stage(generous());
    invest(&mut stage, 1_000_000_000);
    let d = duel(&mut stage);
    stage.wait(299);
    stage.crash(94_000);
    // 300 seconds, with the one between the prints: seasoned.
    assert_eq!(told(&stage.deleverage(32).unwrap()), [(Kind::Vault, d.loser.seat, VAULT, 2_000)]);
    assert_eq!((size(&stage, &d.winner), cash(&stage, &d.loser)), (-2_000, 0));

    let mut stage = zerosum_tests::scene::stage(generous());
    invest(&mut stage, 1_000_000_000);
    let d = duel(&mut stage);
    stage.deposit(&d.loser, 1_000_000).unwrap();
    stage.wait(299);
    stage.crash(100_000);
    stage.trade(&d.loser, &d.winner, 1, 100_000);
    stage.crash(94_000);
    assert_eq!(told(&stage.deleverage(32).unwrap()), [(Kind::Forced, d.loser.seat, d.winner.seat, 2_001)]);
}

#[test]
fn a_rich_vault_absorbs_everything_and_nobody_is_deleveraged() {
    let (mut stage, d) = with_vault(generous(), 1_000_000_000);
    stage.crash(94_000);
    let made = clear(&mut stage, 32);
    assert!(made.iter().all(|step| step.kind == Kind::Vault as u8));
    assert_eq!((vault_size(&stage), size(&stage, &d.winner)), (2_000, -2_000));
    assert_eq!(equity(&stage, VAULT), 1_000_000_000 - 2_000_000);
    stage.crash(99_000);
    stage.liquidate().unwrap();
    assert_eq!(equity(&stage, VAULT), 1_000_000_000 + 8_000_000, "and the rebound is its own");
}

#[test]
fn the_vaults_own_liquidation_asks_the_book_only() {
    let (mut stage, d) = with_vault(discounted(), 2_200_000);
    stage.crash(97_000);
    stage.liquidate().unwrap();
    let held = vault_size(&stage);
    assert!(held > 0);
    // Far enough down for the vault itself, while the loser is topped up.
    stage.gift(&d.loser.tokens.clone(), 500_000_000);
    stage.deposit(&d.loser, 500_000_000).unwrap();
    stage.crash(93_500);
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    assert_eq!(vault_size(&stage), held);
    stage.place(&d.bidder, buy(5_000, 93_500)).unwrap();
    let sent = stage.liquidate().unwrap();
    let [(Kind::Book, VAULT, 0, lots)] = told(&sent)[..] else { panic!("{:?}", told(&sent)) };
    assert_eq!(vault_size(&stage), held - lots);
    assert_eq!(stage.market().head().vault_fees.0, 0, "it pays no fee to itself");
}

#[test]
fn book_vault_and_force_each_take_their_part_in_this_order() {
    let budget = Params { vault_loss_budget: Rate(10_000), ..plain() };
    let (mut stage, d) = with_vault(budget, 100_000_000);
    stage.place(&d.bidder, buy(500, 95_000)).unwrap();
    stage.place(&d.bidder, buy(500, 94_999)).unwrap();
    stage.crash(94_000);
    let sent = stage.deleverage(32).unwrap();
    let (loser, winner) = (d.loser.seat, d.winner.seat);
    assert_eq!(
        told(&sent),
        [(Kind::Book, loser, 0, 500), (Kind::Vault, loser, VAULT, 1_000), (Kind::Forced, loser, winner, 500)]
    );
    assert_eq!(size(&stage, &d.bidder), 500, "the bid beyond the bankruptcy price is nobody's");
}
