use super::fixture::{key, plain, Venue};
use crate::error::ErrorCode::*;
use crate::layout::VAULT;
use crate::rules::margin::required;
use crate::state::params::Params;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Lots, Price, Rate};

/// A vault short of 40 lots that it bought from a liquidated seat at 103,000.
fn short_vault() -> Venue {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    v.fund_vault(300_000);
    let (short, long) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(long, short, 100, 100_000);
    v.crash(103_000);
    let taken = v.liquidate(1).vault_lots;
    assert_eq!(v.vault().size, -taken);
    assert!(taken.0 > 40, "{taken:?}");
    v
}

#[test]
fn shrinking_the_vaults_position_needs_solvency_only() {
    let mut v = short_vault();
    let held = -v.vault().size.0;
    // At 106,000 it is under initial margin and could not open a lot; a long falls and is what it needs.
    v.price(106_000);
    let equity = v.equity(VAULT);
    assert!(equity > 0 && equity < required(Rate(50_000), v.vault().size, Price(106_000)).0);
    let (long, short) = (v.seat(20 * 5_400), v.seat(10_000_000));
    v.trade(long, short, 20, 106_000);
    v.crash(103_000);
    v.tune(|params| params.initial = Rate(900_000));
    let taken = v.liquidate(1).vault_lots.0;
    assert!(taken > 0 && taken <= held, "{taken}");
    assert_eq!(v.vault().size.0, taken - held, "its short became smaller");
}

#[test]
fn if_the_first_lot_that_grows_it_misses_margin_it_takes_only_what_shrinks_it() {
    let mut v = short_vault();
    let held = -v.vault().size.0;
    v.price(106_000);
    let (long, short) = (v.seat(10 * held * 5_400), v.seat(1_000_000_000));
    v.trade(long, short, 10 * held, 106_000);
    v.crash(103_000);
    let mut rich = v.clone();
    v.tune(|params| params.initial = Rate(900_000));
    // With the discount on what shrinks it, less than a lot's margin.
    let spare = v.equity(VAULT) - 1_000;
    v.run(|x, _| {
        x.market.head.pool_cash.0 -= spare;
        crate::tests::fixture::credit(x, VAULT, Atoms(-spare))
    });
    assert_eq!(v.liquidate(1).vault_lots.0, held, "none of the lots by which it would grow");
    assert_eq!(v.vault().size, Lots(0));
    let oracle_price = rich.oracle_price();
    rich.run(|x, _| {
        x.market.head.pool_cash.0 += 1_000_000 * oracle_price;
        crate::tests::fixture::credit(x, VAULT, Atoms(1_000_000 * oracle_price))
    });
    assert!(rich.liquidate(1).vault_lots.0 > held, "with margin it grows");
}

#[test]
fn a_vault_that_is_worth_nothing_takes_no_deposit_until_it_is_flat() {
    let mut v = short_vault();
    v.price(115_000);
    assert!(v.equity(VAULT) <= 0);
    let mut ticket = Ticket::new([0; 32], key(7_000), key(7_000));
    v.run(|x, now| x.request_mint(&mut ticket, Atoms(1_000_000), now));
    v.now += 601;
    v.price(115_000);
    assert_eq!(Venue::code(v.try_run(|x, now| x.execute_request(&mut ticket, None, now))), VaultBusy);
    while v.deleverage(8).forced_fills > 0 {}
    assert_eq!((v.vault().size, v.vault().cash.0 < 1_000), (Lots(0), true));
    v.run(|x, now| x.execute_request(&mut ticket, None, now));
    assert_eq!(v.cash(VAULT), 1_000_000);
}
