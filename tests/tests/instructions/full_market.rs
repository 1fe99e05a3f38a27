//! A market with every seat taken.

use zerosum_engine::{cash::IDLE, error::ErrorCode, market::MAX_SEATS, units::Atoms};
use zerosum_svm::{Signer, token};
use zerosum_tests::{Refusal, Stage, buy};

use super::tampering::send;

#[test]
fn a_full_market_gives_an_idle_seat_to_the_next() {
    let mut stage = Stage::new();
    let (idle, active) = (stage.trader(20_000_000), stage.trader(20_000_000));
    let resting = stage.trader(20_000_000);
    let (newcomer, tokens) = stage.newcomer(20_000_000);
    let now = stage.svm.now();
    let crowded = MAX_SEATS / 8 * 7;
    let fill = |stage: &mut Stage, seats: u32| {
        let more = seats - stage.market().head().open_seats;
        stage.rewrite(more as usize, |exchange| {
            for _ in 0..more {
                exchange.market.open_seat([7; 32], [7; 32], Atoms(10_000_000), now).unwrap();
            }
        });
    };
    let close = stage.at.close_seat(&newcomer.pubkey(), idle.seat, &idle.tokens, &idle.key());
    fill(&mut stage, crowded);
    stage.wait(IDLE);
    let early = send(&mut stage, close.clone(), &[&newcomer]);
    assert_eq!(early.refused(), ErrorCode::SeatNotAbandoned, "there is room for everybody");

    fill(&mut stage, MAX_SEATS);
    let key = newcomer.pubkey();
    let open = stage.at.open_seat(&key, &key, &tokens, 20_000_000);
    assert_eq!(send(&mut stage, open.clone(), &[&newcomer]).refused(), ErrorCode::MarketFull);
    stage.deposit(&active, 1).unwrap();
    let of_active = stage.at.close_seat(&key, active.seat, &active.tokens, &active.key());
    assert_eq!(send(&mut stage, of_active, &[&newcomer]).refused(), ErrorCode::SeatNotAbandoned);
    stage.post(100_000);
    stage.place(&resting, buy(1, 99_000)).unwrap();
    stage.wait(IDLE);
    let of_resting = stage.at.close_seat(&key, resting.seat, &resting.tokens, &resting.key());
    assert_eq!(send(&mut stage, of_resting, &[&newcomer]).refused(), ErrorCode::SeatNotAbandoned);

    send(&mut stage, close, &[&newcomer]).unwrap();
    assert_eq!(token::balance(&mut stage.svm, &idle.tokens), 40_000_000);
    send(&mut stage, open, &[&newcomer]).unwrap();
    assert_eq!(stage.market().seat(idle.seat).unwrap().owner, key.to_bytes());
}
