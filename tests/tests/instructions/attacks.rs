//! What an adversary would try with instructions that are all allowed.

use zerosum_engine::{
    error::ErrorCode,
    ops::orders::{Kind, OrderRequest},
    units::Side,
};
use zerosum_svm::{AccountMeta, Instruction, Pubkey};
use zerosum_tests::{Refusal, Stage, Trader, buy, sell};

use zerosum_tests::tampering::{Fails, OWNER_MISMATCH, atoms, send};

/// A second seat of the same owner.
fn twin(stage: &mut Stage, trader: &Trader, cash: u64) -> Trader {
    let open = stage.at.open_seat(&trader.key(), &trader.key(), &trader.tokens, cash);
    stage.send(&[open], &[&trader.keys]).unwrap();
    let (seat, _) = stage.market().seats_of(&trader.key()).last().unwrap();
    Trader { keys: trader.keys.insecure_clone(), seat, tokens: trader.tokens }
}

/// The token program's own transfer.
fn transfer(stage: &Stage, owner: &Pubkey, from: &Pubkey, to: &Pubkey, amount: u64) -> Instruction {
    let data = [&[3], amount.to_le_bytes().as_slice()].concat();
    let accounts =
        vec![AccountMeta::new(*from, false), AccountMeta::new(*to, false), AccountMeta::new_readonly(*owner, true)];
    Instruction::new_with_bytes(stage.mint.program, &data, accounts)
}

#[test]
fn two_seats_of_one_owner_do_not_trade_with_each_other() {
    let mut stage = Stage::new();
    let alice = stage.trader(60_000_000);
    let second = twin(&mut stage, &alice, 60_000_000);
    stage.place(&alice, sell(100, 100_000)).unwrap();
    let sent = stage.place(&second, OrderRequest { kind: Kind::ImmediateOrCancel, ..buy(100, 100_000) }).unwrap();
    assert_eq!(sent.events, []);
    assert_eq!((stage.seat(&alice).position.size.0, stage.seat(&second).position.size.0), (0, 0));
    assert_eq!(stage.seat(&alice).order_count, 0, "the resting one is cancelled");
    assert_eq!(stage.market().head().statistics.volume, 0);
}

#[test]
fn an_owner_of_both_sides_takes_out_of_a_crash_no_more_than_was_put_in() {
    let mut stage = Stage::new();
    let (loser, honest) = (stage.trader(60_000_000), stage.trader(200_000_000));
    let winner = stage.trader(60_000_000);
    stage.trade(&loser, &winner, 5_000, 100_000);
    stage.trade(&loser, &honest, 4_000, 100_000);
    // The long is worth 60,000,000 - 9,000 * 20,000 < 0 now; the shorts have what they won on paper.
    stage.price(80_000);
    let immediate = OrderRequest { kind: Kind::ImmediateOrCancel, ..buy(5_000, 84_000) };
    assert_eq!(stage.place(&winner, immediate).refused(), ErrorCode::BankruptSeat);
    // 160,000,000 of equity need only 40,000,000 of margin, but 5,000 lots must stay solvent up to where the loser is.
    assert_eq!(stage.withdraw(&winner, 115_000_000).refused(), ErrorCode::WouldCross);
    let fallen = stage.market().clone().exchange().market.frontier(Side::Long).unwrap().0;
    let position = stage.seat(&winner).position;
    let free = position.cash.0 + position.size.0 * fallen;
    assert_eq!(stage.withdraw(&winner, free as u64 + 1).refused(), ErrorCode::WouldCross);
    stage.withdraw(&winner, free as u64).unwrap();
    stage.deleverage(32).unwrap();
    for trader in [&loser, &honest, &winner] {
        assert_eq!(stage.seat(trader).position.size.0, 0, "all longs were bankrupt");
        let cash = stage.seat(trader).position.cash.0 as u64;
        if cash > 0 {
            stage.withdraw(trader, cash).unwrap();
        }
    }
    let head = stage.market().head();
    assert_eq!(head.pool_cash.0, head.fee_cash.0 + head.vault_fees.0 + stage.market().seats()[0].position.cash.0);
    let out = atoms(&mut stage, &winner.tokens) as i64 - 120_000_000;
    assert!(out > 0 && out <= 5_000 * 20_000, "a profit, but no more than the price moved: {out}");
}

#[test]
fn a_gift_to_the_pool_is_not_credited_to_whoever_deposits_next() {
    let mut stage = Stage::new();
    let (alice, mallory) = (stage.trader(60_000_000), stage.trader(60_000_000));
    let (at, key) = (stage.at, mallory.key());
    let gift = transfer(&stage, &key, &mallory.tokens, &at.pool, 1_000_000);
    let deposit = at.deposit(&key, mallory.seat, &mallory.tokens, 5);
    stage.send(&[gift.clone(), deposit.clone(), at.sweep_excess(), deposit], &[&mallory.keys]).unwrap();
    assert_eq!(stage.seat(&mallory).position.cash.0, 60_000_010);
    assert_eq!(stage.market().head().fee_cash.0, 1_000_000);
    // Nor can what was given be taken back.
    stage.send(&[gift], &[&mallory.keys]).unwrap();
    assert_eq!(stage.withdraw(&mallory, 60_000_011).refused(), ErrorCode::InsufficientCash);
    let back = transfer(&stage, &key, &at.pool, &mallory.tokens, 1);
    assert_eq!(send(&mut stage, back, &[&mallory.keys]).fails(), OWNER_MISMATCH);
    for trader in [&alice, &mallory] {
        let cash = stage.seat(trader).position.cash.0 as u64;
        stage.withdraw(trader, cash).unwrap();
    }
    assert_eq!((stage.market().head().pool_cash.0, stage.pool_tokens()), (1_000_000, 2_000_000));
}

#[test]
fn cash_is_not_withdrawn_twice_in_one_transaction() {
    let mut stage = Stage::new();
    let (alice, _bob) = (stage.trader(60_000_000), stage.trader(60_000_000));
    let (at, key) = (stage.at, alice.key());
    let withdraw = at.withdraw(&key, alice.seat, &alice.tokens, 60_000_000);
    let close = at.close_seat(&key, alice.seat, Some(&alice.tokens), &key);
    let twice = stage.send(&[withdraw.clone(), withdraw.clone()], &[&alice.keys]);
    assert_eq!(twice.refused(), ErrorCode::InsufficientCash);
    let after_closing = stage.send(&[close.clone(), withdraw], &[&alice.keys]);
    assert_eq!(after_closing.refused(), ErrorCode::NoSuchSeat);
    let closed_twice = stage.send(&[close.clone(), close.clone()], &[&alice.keys]);
    assert_eq!(closed_twice.refused(), ErrorCode::NoSuchSeat);
    // In, out and in again is nobody's loss.
    let open = at.open_seat(&key, &key, &alice.tokens, 60_000_000);
    stage.send(&[close.clone(), open, close], &[&alice.keys]).unwrap();
    assert_eq!((atoms(&mut stage, &alice.tokens), stage.pool_tokens()), (120_000_000, 60_000_000));
}

#[test]
fn an_order_that_cannot_be_paid_makes_nobody_elses_fail() {
    let mut stage = Stage::new();
    let (broke, maker, taker) = (stage.trader(10_000_000), stage.trader(60_000_000), stage.trader(60_000_000));
    let other = stage.trader(60_000_000);
    // A bid within margin when it was placed, of a seat that has lost since.
    stage.trade(&broke, &other, 1_000, 100_000);
    stage.place(&broke, buy(900, 97_000)).unwrap();
    stage.place(&maker, buy(900, 96_000)).unwrap();
    stage.price(95_200);
    stage.price(92_500);
    stage.place(&taker, OrderRequest { kind: Kind::FillOrKill, ..sell(900, 93_000) }).unwrap();
    assert_eq!((stage.seat(&taker).position.size.0, stage.seat(&maker).position.size.0), (-900, 900));
    assert_eq!((stage.seat(&broke).position.size.0, stage.seat(&broke).order_count), (1_000, 0));
}
