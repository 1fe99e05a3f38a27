use super::fixture::{key, plain, Venue};
use crate::error::ErrorCode::*;
use crate::error::Result;
use crate::layout::VAULT;
use crate::ops::vault_shares::Executed;
use crate::state::params::Params;
use crate::state::ticket::{Ticket, LAPSE};
use crate::units::{Atoms, Rate};

fn venue() -> Venue {
    let mut v = Venue::new(plain());
    v.price(100_000);
    v
}

fn ticket(n: u32) -> Ticket {
    Ticket::new([0; 32], key(n), key(n))
}

fn mint(v: &mut Venue, ticket: &mut Ticket, amount: i64) -> Result<()> {
    v.try_run(|x, now| x.request_mint(ticket, Atoms(amount), now))
}

fn redeem(v: &mut Venue, ticket: &mut Ticket, shares: u64) -> Result<()> {
    v.try_run(|x, now| x.request_redeem(ticket, shares, now))
}

fn execute(v: &mut Venue, ticket: &mut Ticket) -> Result<Executed> {
    v.try_run(|x, now| x.execute_request(ticket, None, now))
}

#[test]
fn shares_are_minted_and_redeemed_at_the_equity_of_a_later_price() {
    let mut v = venue();
    let mut t = ticket(1);
    mint(&mut v, &mut t, 1_000_000).unwrap();
    assert_eq!(v.peek(|x, _| x.market.head.pending_mints), Atoms(1_000_000));
    assert_eq!(v.cash(VAULT), 0, "the vault is not touched before");
    assert_eq!(Venue::code(mint(&mut v, &mut t, 1)), RequestPending);
    assert_eq!(Venue::code(execute(&mut v, &mut t)), RequestNotMature);
    v.now += 600;
    assert_eq!(Venue::code(execute(&mut v, &mut t)), StalePrice);
    assert_eq!(v.execute_later(&mut t), Executed::Minted(1_000_000_000));
    assert_eq!(Venue::code(execute(&mut v, &mut t)), NoRequest);

    let mut second = ticket(2);
    v.peek(|x, _| {
        // The vault earns 10 %.
        x.market.head.pool_cash.0 += 100_000;
        x.market.head.vault_fees.0 += 100_000;
    });
    mint(&mut v, &mut second, 1_100_000).unwrap();
    v.execute_later(&mut second);
    let half = second.shares;
    assert!((999_990_000..=1_000_010_000).contains(&half), "{half}: the same share of the vault for 10 % more");
    redeem(&mut v, &mut second, half).unwrap();
    assert_eq!(second.shares, 0);
    let Executed::Redeemed(cash) = v.execute_later(&mut second) else { panic!() };
    assert!((1_099_990..=1_100_000).contains(&cash.0), "{}: rounding is against the one who asks", cash.0);
}

#[test]
fn a_price_published_before_the_request_matured_is_not_good_enough() {
    let mut v = venue();
    let mut t = ticket(1);
    mint(&mut v, &mut t, 1_000_000).unwrap();
    v.now += 580;
    v.price(100_000);
    v.now += 10;
    assert_eq!(Venue::code(execute(&mut v, &mut t)), RequestNotMature);
}

#[test]
fn a_request_not_executed_within_an_hour_is_undone() {
    let mut v = venue();
    let mut t = ticket(1);
    mint(&mut v, &mut t, 1_000_000).unwrap();
    v.now += 601 + LAPSE;
    assert_eq!(execute(&mut v, &mut t).unwrap(), Executed::Refunded(Atoms(1_000_000)));
    assert_eq!(v.peek(|x, _| x.market.head.pool_cash), Atoms(0));
    v.price(100_000);
    mint(&mut v, &mut t, 1_000_000).unwrap();
    v.price(100_000);
    v.execute_later(&mut t);
    let shares = t.shares;
    redeem(&mut v, &mut t, shares).unwrap();
    v.now += 601 + LAPSE;
    assert_eq!(execute(&mut v, &mut t).unwrap(), Executed::Lapsed);
    assert_eq!(t.shares, shares);
}

#[test]
fn a_mint_that_buys_no_share_waits_and_comes_back() {
    let mut v = venue();
    let (mut first, mut small) = (ticket(1), ticket(2));
    mint(&mut v, &mut first, 1).unwrap();
    v.execute_later(&mut first);
    v.peek(|x, _| {
        x.market.head.pool_cash.0 += 10_000_000;
        x.market.head.vault_fees.0 += 10_000_000;
    });
    mint(&mut v, &mut small, 1).unwrap();
    v.now += 601;
    v.price(100_000);
    assert_eq!(Venue::code(execute(&mut v, &mut small)), ZeroSharesMinted);
    assert_eq!(small.minting, Atoms(1), "it waits on");
    v.now += LAPSE;
    assert_eq!(execute(&mut v, &mut small).unwrap(), Executed::Refunded(Atoms(1)));
}

#[test]
fn the_first_depositor_cannot_dilute_the_next_to_nothing() {
    let mut v = venue();
    let (mut attacker, mut victim) = (ticket(1), ticket(2));
    mint(&mut v, &mut attacker, 1).unwrap();
    v.execute_later(&mut attacker);
    // The attacker makes the share dear by a gift of a million.
    v.peek(|x, _| {
        x.market.head.pool_cash.0 += 1_000_000;
        x.market.head.vault_fees.0 += 1_000_000;
    });
    mint(&mut v, &mut victim, 1_000_000).unwrap();
    v.execute_later(&mut victim);
    assert!(victim.shares > 0);
    let worth =
        v.peek(|x, _| crate::rules::share_price::cash_for(&x.market, victim.shares, x.market.vault_equity().unwrap()));
    assert!(worth.0 > 998_000, "{}: the victim keeps its money", worth.0);
    let mut tiny = ticket(3);
    mint(&mut v, &mut tiny, 1).unwrap();
    v.now += 601;
    v.price(100_000);
    assert!(matches!(execute(&mut v, &mut tiny), Ok(Executed::Minted(_)) | Err(_)));
}

#[test]
fn nobody_steps_out_while_a_liquidation_waits() {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    let mut t = v.fund_vault(10_000_000);
    let (loser, winner) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(loser, winner, 100, 100_000);
    let shares = t.shares;
    redeem(&mut v, &mut t, shares / 2).unwrap();
    v.now += 601;
    v.price(97_000);
    assert_eq!(Venue::code(execute(&mut v, &mut t)), VaultBusy, "the vault takes it at the next price");
    v.price(97_000);
    assert_eq!(Venue::code(execute(&mut v, &mut t)), VaultBusy, "it takes it now");
    v.liquidate(1);
    execute(&mut v, &mut t).unwrap();
}

#[test]
fn a_seat_that_nobody_takes_does_not_lock_the_vault() {
    let mut v = Venue::new(Params { vault_size_cap: 0, ..plain() });
    v.price(100_000);
    let mut t = v.fund_vault(10_000_000);
    let (loser, winner) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(loser, winner, 100, 100_000);
    let shares = t.shares;
    redeem(&mut v, &mut t, shares).unwrap();
    v.now += 601;
    v.price(97_000);
    assert_eq!(v.liquidate(1).seats, 0);
    execute(&mut v, &mut t).unwrap();
}

#[test]
fn a_redemption_leaves_the_vault_its_initial_margin() {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    let mut t = v.fund_vault(1_000_000);
    let (loser, winner) = (v.seat(100 * 5_000), v.seat(10_000_000));
    v.trade(loser, winner, 100, 100_000);
    v.crash(97_000);
    v.liquidate(1);
    let shares = t.shares;
    redeem(&mut v, &mut t, shares).unwrap();
    v.now += 601;
    v.price(97_000);
    assert_eq!(Venue::code(execute(&mut v, &mut t)), VaultBelowMargin);
    // It stays requested; later, with the inventory sold, it goes through.
    while v.vault().size.0 != 0 {
        let lots = v.run(|x, now| x.unwind_vault(now)).0;
        v.price(97_000);
        assert_eq!(v.take(winner, super::fixture::Long, lots, 98_000).unwrap().filled.0, lots);
    }
    v.price(97_000);
    assert!(matches!(execute(&mut v, &mut t), Ok(Executed::Redeemed(cash)) if cash.0 > 1_000_000));
}

#[test]
fn more_shares_than_there_are_cannot_be_asked_for() {
    let mut v = venue();
    let mut t = v.fund_vault(1_000);
    let shares = t.shares;
    assert_eq!(Venue::code(redeem(&mut v, &mut t, shares + 1)), InsufficientShares);
    assert_eq!(Venue::code(redeem(&mut v, &mut t, 0)), ZeroAmount);
    assert_eq!(Venue::code(mint(&mut v, &mut t, 0)), ZeroAmount);
    assert_eq!(Venue::code(mint(&mut v, &mut t, -1)), ZeroAmount);
}
