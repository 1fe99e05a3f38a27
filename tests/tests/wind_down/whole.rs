//! Whole wind-downs: everybody leaves, in any order, and nothing is left, to the atom and the lamport.

use zerosum_client::events::{MarketClosed, MarketSettled};
use zerosum_svm::{
    Pubkey, Signer,
    token::{TOKEN, TOKEN_2022},
};
use zerosum_tests::{Event, Sent, Stage};

use super::ending::*;
use zerosum_tests::scene::equity;
use zerosum_tests::tampering::{atoms, lamports};

/// One step of leaving.
#[derive(Clone, Copy, Debug)]
enum Leave {
    Trader(usize),
    Investor(usize),
}

fn everybody(cast: &Cast) -> Vec<Leave> {
    let traders = (0..cast.traders.len()).map(Leave::Trader);
    traders.chain((0..cast.investors.len()).map(Leave::Investor)).collect()
}

/// The atoms that were ever made of the collateral.
fn supply(stage: &mut Stage) -> u64 {
    let mint = stage.svm.account(&stage.at.mint.clone()).unwrap();
    u64::from_le_bytes(mint.data[36..44].try_into().unwrap())
}

/// How a market ends.
struct End {
    token_program: Pubkey,
    settle: fn(&mut Stage, i64) -> Sent,
    /// The last price.
    price: i64,
    /// How many are bankrupt at that.
    bankrupt: usize,
    /// Whether the authority is burned.
    burned: bool,
}

/// By a dead oracle, with two longs bankrupt.
const DEAD: End = End { token_program: TOKEN, settle: settle_dead, price: LAST, bankrupt: 2, burned: false };
const DELISTED: End = End { settle: settle_delisted, ..DEAD };

/// Ends a market and lets everybody leave in an order.
fn wind_down(end: End, order: impl Fn(&mut Vec<Leave>)) {
    let End { token_program: program, price, burned, .. } = end;
    let (mut stage, cast) = crowded(program);
    let at = stage.at;
    let creator = stage.creator.insecure_clone();
    let sent = (end.settle)(&mut stage, price);
    let settled = MarketSettled { market: at.market, price, at: stage.svm.now() };
    assert!(sent.events.contains(&Event::MarketSettled(settled)), "{:?}", sent.events);
    if burned {
        stage.send(&[at.burn_authority(&creator.pubkey())], &[&creator]).unwrap();
    }
    let bankrupt = cast.traders.iter().filter(|trader| equity(&stage, trader.seat) < 0).count();
    assert_eq!(bankrupt, end.bankrupt);
    assert!(clear_by_force(&mut stage) >= bankrupt);

    // Who asks is of no account: odd seats are closed by their owners, even ones by a stranger.
    let stranger = stage.svm.funded(SOL);
    let mut leaving = everybody(&cast);
    order(&mut leaving);
    let due: Vec<i64> = cast.traders.iter().map(|trader| equity(&stage, trader.seat)).collect();
    for leave in leaving {
        match leave {
            Leave::Trader(index) => {
                let trader = &cast.traders[index];
                let before = atoms(&mut stage, &trader.tokens);
                let caller = if index % 2 == 1 { &trader.keys } else { &stranger };
                assert_eq!(close_seat(&mut stage, trader, caller).unwrap(), due[index], "{leave:?}");
                assert_eq!(atoms(&mut stage, &trader.tokens) - before, due[index] as u64);
            }
            Leave::Investor(index) => {
                let investor = &cast.investors[index];
                let before = investor.balance(&mut stage);
                let paid = redeem(&mut stage, investor).unwrap();
                assert_eq!(investor.balance(&mut stage) - before, paid as u64);
                assert!(paid >= 777 && (index != 2 || paid == 777), "{paid}");
                let close = at.close_ticket(&investor.key(), &investor.key());
                stage.crank(close).unwrap();
            }
        }
    }
    trim(&mut stage, &stranger);
    let record = stage.market().head().settlement;
    assert_eq!((record.cash.0, record.size.0), (0, 0), "the record is empty when the last position is closed");

    // Every lamport of a seat or a ticket is back where it came from.
    for trader in &cast.traders {
        assert_eq!(lamports(&mut stage, &trader.key()), SOL, "seat {}", trader.seat);
    }
    for investor in &cast.investors {
        assert_eq!(lamports(&mut stage, &investor.key()), SOL);
    }
    assert_eq!((lamports(&mut stage, &cast.sponsor.pubkey()), lamports(&mut stage, &stranger.pubkey())), (SOL, SOL));

    let fees = stage.market().head().fee_cash.0;
    assert_eq!(fees == 0, burned, "nobody's fees went to who redeemed last");
    if !burned {
        let take = at.take_fees(&creator.pubkey(), &cast.creators, fees as u64);
        stage.send(&[take], &[&creator]).unwrap();
    }
    assert_eq!((stage.market().head().pool_cash.0, stage.pool_tokens()), (0, 0), "to the atom");
    // Gifts of strangers, one of them swept where that keeps nobody waiting.
    let heir: Pubkey = stage.market().head().last_redeemer.into();
    stage.gift(&at.pool, 345);
    if burned {
        stage.crank(at.sweep_excess()).unwrap();
    }
    stage.gift(&at.pool, 12_000);
    stage.svm.airdrop(&at.market, 5_000);
    let accounts = [at.market, at.book, at.oracle, at.pool];
    let held: u64 = accounts.iter().map(|account| lamports(&mut stage, account)).sum();
    let before = (lamports(&mut stage, &creator.pubkey()), stage.mint.balance_of(&mut stage.svm, &heir));
    let events = close_market(&mut stage, &heir).unwrap();
    let closed = MarketClosed { market: at.market, heir, amount: 12_345 };
    assert_eq!(events, [Event::MarketClosed(closed)]);
    for account in accounts {
        assert!(stage.svm.account(&account).is_none(), "{account} is gone");
    }
    assert_eq!(lamports(&mut stage, &creator.pubkey()) - before.0, held);
    assert_eq!(lamports(&mut stage, &creator.pubkey()), 100_000_000_000 + 5_000, "all it paid is back");
    assert_eq!(stage.mint.balance_of(&mut stage.svm, &heir) - before.1, 12_345);

    let mut owners: Vec<Pubkey> = cast.traders.iter().map(|trader| trader.key()).collect();
    owners.extend(cast.investors.iter().map(|investor| investor.key()));
    owners.push(creator.pubkey());
    let all: u64 = owners.iter().map(|owner| stage.mint.balance_of(&mut stage.svm, owner)).sum();
    assert_eq!(all, supply(&mut stage), "every atom is with somebody who was in the market");
}

#[test]
fn a_market_whose_oracle_died_is_wound_up_to_the_last_lamport() {
    wind_down(DEAD, |_| ());
    wind_down(End { token_program: TOKEN_2022, ..DEAD }, |leaving| leaving.reverse());
}

#[test]
fn a_delisted_market_is_wound_up_to_the_last_lamport() {
    wind_down(End { token_program: TOKEN_2022, ..DELISTED }, |_| ());
    wind_down(DELISTED, |leaving| leaving.rotate_left(5));
}

#[test]
fn so_it_is_where_the_authority_was_burned_and_then_the_last_redeemer_takes_the_fees() {
    wind_down(End { burned: true, ..DEAD }, |leaving| leaving.rotate_left(3));
    wind_down(End { token_program: TOKEN_2022, burned: true, ..DELISTED }, |leaving| leaving.reverse());
}

#[test]
fn so_it_is_where_a_short_is_bankrupt_at_the_last_price() {
    wind_down(End { price: 145_000, bankrupt: 1, ..DEAD }, |leaving| leaving.rotate_left(6));
    wind_down(End { price: 145_000, bankrupt: 1, burned: true, ..DELISTED }, |_| ());
}

#[test]
fn a_market_that_nobody_ever_used_gives_its_creator_everything_back() {
    let mut stage = empty();
    let creator = stage.creator.pubkey();
    // There is nothing to pay, so no account to pay it into is needed.
    close_market(&mut stage, &Pubkey::new_unique()).unwrap();
    assert_eq!(lamports(&mut stage, &creator), 100_000_000_000);
}
