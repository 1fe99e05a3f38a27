//! Who accrues: anyone, and every instruction that changes the book, the price or what somebody may take out.

use zerosum_client::{Addresses, Powers};
use zerosum_engine::{
    error::ErrorCode,
    state::header::RankRule,
    state::params::Params,
    units::{Rate, Side},
};
use zerosum_svm::{Instruction, Keypair, Signer};
use zerosum_tests::{Refusal, buy};

use super::scene::*;

#[test]
fn anyone_accrues_what_the_book_stands_for_and_it_moves_nobodys_cash() {
    let Quoted { mut stage, long, short, .. } = quoted(paying());
    let begin = state(&stage);
    assert_eq!((begin.0, begin.1), (0, 0));
    let cash: Vec<_> = stage.market().seats().iter().map(|seat| seat.position.cash).collect();
    pass(&mut stage, HOUR);
    // A premium of 500 in eight hours.
    assert_eq!(state(&stage), (62, 8 * HOUR * 1_000_000 / 2, begin.2 + HOUR));
    assert_eq!((equity(&stage, &long), equity(&stage, &short)), (100_000_000 - 62_000, 100_000_000 + 62_000));
    let after: Vec<_> = stage.market().seats().iter().map(|seat| seat.position.cash).collect();
    assert_eq!(after, cash);
}

#[test]
fn a_clock_that_stands_moves_nothing() {
    let Quoted { mut stage, .. } = quoted(paying());
    pass(&mut stage, HOUR / 2);
    let before = stage.market().clone();
    assert!(before.head().funding.0 != 0);
    for _ in 0..3 {
        stage.crank(stage.at.accrue_funding()).unwrap();
        assert!(stage.market().bodies() == before.bodies(), "not a byte");
    }
}

#[test]
fn every_instruction_accrues_as_a_crank_in_the_same_second_would() {
    let Quoted { mut stage, long, maker, .. } = quoted(paying());
    let (flat, idle) = (stage.trader(20_000_000), stage.trader(20_000_000));
    let (holder, second) = (shareholder(&mut stage), shareholder(&mut stage));
    let (authority, authority_key) = authority(&stage);
    // A change that waits already binds makers.
    let dearer = Params { initial: Rate(60_000), ..paying() };
    stage.send(&[stage.at.change_params(&authority_key, &dearer)], &[&authority]).unwrap();
    let redeem = stage.at.request_redeem(&holder.key(), 1_000);
    stage.send(&[redeem], &[&holder.keys]).unwrap();
    stage.wait(602);
    stage.price(MARK);
    // A minute later everything is due at once.
    stage.wait(60);
    let at = stage.at;
    let more = Params { taker_fee: Rate(100), ..paying() };
    let less = Params { maker_fee: Rate::ZERO, ..paying() };
    let by_nobody = |instruction: Instruction| (instruction, None);
    let by = |keys: &Keypair, instruction: Instruction| (instruction, Some(keys.insecure_clone()));
    let all = [
        ("liquidate", by_nobody(at.liquidate(16, None))),
        ("deleverage", by_nobody(at.deleverage(16, None))),
        ("unwind_vault", by_nobody(at.unwind_vault())),
        ("execute_request", by_nobody(at.execute_request(&holder.key(), None))),
        ("place_order, resting", by(&flat.keys, at.place_order(&flat.key(), flat.seat, &buy(50, MARK + 500)))),
        ("place_order, taking", by(&flat.keys, at.place_order(&flat.key(), flat.seat, &buy(20, MARK + 900)))),
        ("cancel_order", by(&maker.keys, at.cancel_order(&maker.key(), maker.seat, 7))),
        ("cancel_all", by(&maker.keys, at.cancel_all(&maker.key(), maker.seat, Some(Side::Short)))),
        ("deposit", by(&flat.keys, at.deposit(&flat.key(), flat.seat, &flat.tokens, 1_000))),
        ("request_mint", by(&flat.keys, at.request_mint(&flat.key(), &flat.key(), &flat.tokens, 1_000))),
        ("request_redeem", by(&second.keys, at.request_redeem(&second.key(), 1_000))),
        ("withdraw with", by(&long.keys, at.withdraw(&long.key(), long.seat, &long.tokens, 1_000))),
        ("withdraw without", by(&flat.keys, at.withdraw(&flat.key(), flat.seat, &flat.tokens, 1_000))),
        ("close_seat", by(&idle.keys, at.close_seat(&idle.key(), idle.seat, Some(&idle.tokens), &idle.key()))),
        ("drop_params", by(&authority, at.drop_params(&authority_key))),
        ("burn_authority", by(&authority, at.burn_authority(&authority_key))),
        ("change_params, later", by(&authority, at.change_params(&authority_key, &more))),
        ("change_params, now", by(&authority, at.change_params(&authority_key, &less))),
    ];
    let now = stage.svm.now();
    for (name, (instruction, signer)) in all {
        let signers: Vec<_> = signer.iter().collect();
        let (_, alone) = stage.attempt(std::slice::from_ref(&instruction), &signers).unwrap();
        let (_, after_crank) = stage.attempt(&[at.accrue_funding(), instruction], &signers).unwrap();
        let [alone, after_crank] = [alone, after_crank].map(|mut snapshot| {
            // Two operations raise it twice.
            snapshot.exchange().market.head.revision = 0;
            snapshot
        });
        assert!(alone.bodies() == after_crank.bodies(), "{name} ends otherwise behind a crank");
        assert_eq!(alone.head().accrued_at, now, "{name} accrues");
        assert!(alone.head().funding != stage.market().head().funding, "{name} had something to accrue");
    }
}

#[test]
fn a_price_is_charged_for_the_seconds_in_which_it_stood() {
    let Quoted { mut stage, .. } = quoted(Params { interest: 10_000, impact_notional: 1 << 50, ..paying() });
    // Eight hours at a per cent of 100,000, and then at a per cent of 96,000: who brings the price charges for the first.
    for _ in 0..7 {
        stage.wait(HOUR);
        stage.crank(stage.at.accrue_funding()).unwrap();
    }
    stage.wait(HOUR - 1);
    stage.post(96_000);
    stage.liquidate().unwrap();
    assert_eq!((stage.market().head().price.accepted.0, state(&stage).0), (96_000, 1_000));
    for _ in 0..8 {
        stage.wait(HOUR);
        stage.crank(stage.at.accrue_funding()).unwrap();
    }
    assert_eq!(state(&stage).0, 1_960);
}

#[test]
fn funding_is_not_accrued_with_the_book_or_the_price_of_another_market() {
    let Quoted { mut stage, long, .. } = quoted(paying());
    let (creator, creator_key) = authority(&stage);
    let other = Addresses::new(&creator_key, 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(None, stage.price_signer.pubkey());
    let create = other.create_market(&creator_key, 2, RankRule::ProfitLeverage, &paying(), &powers);
    stage.send(&[create], &[&creator]).unwrap();
    stage.wait(60);
    let at = stage.at;
    let foreign_book = Addresses { book: other.book, ..at };
    let no_book = Addresses { book: at.market, ..at };
    let foreign_price = Addresses { oracle: other.oracle, ..at };
    let kind = u32::from(anchor_lang::error::ErrorCode::AccountDiscriminatorMismatch);
    for crank in [Addresses::accrue_funding, Addresses::rebase] {
        assert_eq!(stage.crank(crank(&foreign_book)).refused(), ErrorCode::WrongAccount);
        assert_eq!(stage.crank(crank(&no_book)).unwrap_err().custom_code(), Some(kind));
        assert_eq!(stage.crank(crank(&foreign_price)).refused(), ErrorCode::WrongOracle);
    }
    // Nor by what accrues by itself.
    let withdraw = foreign_book.withdraw(&long.key(), long.seat, &long.tokens, 1_000);
    assert_eq!(stage.send(&[withdraw], &[&long.keys]).refused(), ErrorCode::WrongAccount);
    stage.crank(at.accrue_funding()).unwrap();
}
