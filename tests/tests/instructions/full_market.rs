//! A market with every seat taken.

use zerosum_engine::{
    error::ErrorCode,
    layout::MAX_SEATS,
    ops::seats::IDLE,
    units::{Atoms, Side},
};
use zerosum_svm::{Signer, token};
use zerosum_tests::{Refusal, Stage, Trader, buy};

use zerosum_tests::tampering::send;

/// Opens seats until there are so many.
fn fill(stage: &mut Stage, seats: u32) {
    let now = stage.svm.now();
    let more = seats - stage.market().head().open_seats;
    stage.rewrite(more as usize, |exchange| {
        for _ in 0..more {
            exchange.market.open_seat([7; 32], [7; 32], Atoms(10_000_000), now).unwrap();
        }
    });
}

#[test]
fn a_full_market_gives_an_idle_seat_to_the_next() {
    let mut stage = Stage::new();
    let (idle, other) = (stage.trader(20_000_000), stage.trader(20_000_000));
    let (long, traded) = (stage.trader(20_000_000), stage.trader(20_000_000));
    let (newcomer, tokens) = stage.newcomer(20_000_000);
    stage.trade(&long, &other, 1, 100_000);
    stage.trade(&traded, &other, 1, 100_000);
    let key = newcomer.pubkey();
    let close = |of: &Trader| stage.at.close_seat(&key, of.seat, Some(&of.tokens), &of.key());
    let (of_idle, of_long, of_traded) = (close(&idle), close(&long), close(&traded));
    fill(&mut stage, MAX_SEATS / 8 * 7);
    stage.wait(IDLE);
    let early = send(&mut stage, of_idle.clone(), &[&newcomer]);
    assert_eq!(early.refused(), ErrorCode::SeatNotAbandoned, "there is room for everybody");

    fill(&mut stage, MAX_SEATS);
    let open = stage.at.open_seat(&key, &key, &tokens, 20_000_000);
    assert_eq!(send(&mut stage, open.clone(), &[&newcomer]).refused(), ErrorCode::MarketFull);
    // Whoever has a position stays, and whoever had a fill today.
    assert_eq!(send(&mut stage, of_long, &[&newcomer]).refused(), ErrorCode::SeatNotEmpty);
    stage.post(100_000);
    stage.trade(&other, &traded, 1, 100_000);
    assert_eq!(send(&mut stage, of_traded, &[&newcomer]).refused(), ErrorCode::SeatNotAbandoned);

    send(&mut stage, of_idle, &[&newcomer]).unwrap();
    assert_eq!(token::balance(&mut stage.svm, &idle.tokens), 40_000_000);
    send(&mut stage, open, &[&newcomer]).unwrap();
    assert_eq!(stage.market().seat(idle.seat).unwrap().owner, key.to_bytes());
}

/// What costs nothing keeps no seat from those who would trade.
#[test]
fn depositing_delegating_cancelling_or_quoting_does_not_keep_a_seat_of_a_nearly_full_market() {
    let mut stage = Stage::new();
    let squatters = [(); 5].map(|()| stage.trader(20_000_000));
    let (stranger, _) = stage.newcomer(0);
    fill(&mut stage, MAX_SEATS / 8 * 7 + 6);
    stage.wait(IDLE);
    stage.post(100_000);
    let [depositor, owner, canceller, withdrawer, quoter] = &squatters;
    stage.deposit(depositor, 1).unwrap();
    let appoint = stage.at.set_delegate(&owner.key(), owner.seat, Some(stranger.pubkey()));
    stage.send(&[appoint], &[&owner.keys]).unwrap();
    stage.cancel_all(canceller, None).unwrap();
    stage.withdraw(withdrawer, 1).unwrap();
    stage.place(quoter, buy(1, 99_000)).unwrap();
    for squatter in &squatters {
        let cash = stage.seat(squatter).position.cash.0 as u64;
        let before = token::balance(&mut stage.svm, &squatter.tokens);
        let close = stage.at.close_seat(&stranger.pubkey(), squatter.seat, Some(&squatter.tokens), &squatter.key());
        send(&mut stage, close, &[&stranger]).unwrap();
        assert_eq!(token::balance(&mut stage.svm, &squatter.tokens), before + cash);
    }
    assert_eq!(stage.market().resting(Side::Long).len(), 0, "what it quoted is cancelled");
}
