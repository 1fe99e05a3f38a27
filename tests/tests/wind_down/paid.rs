//! What an ended market pays goes to whom it belongs, whoever asks.

use zerosum_engine::error::ErrorCode;
use zerosum_svm::{Pubkey, Signer, token::TOKEN};
use zerosum_tests::{Refusal, buy};

use super::ending::*;
use zerosum_tests::scene::equity;
use zerosum_tests::tampering::{Anchor, Fails, anchor, number, other_tokens, send, swapped};

#[test]
fn no_payout_goes_to_somebody_elses_account() {
    let (mut stage, cast) = crowded(TOKEN);
    settle_dead(&mut stage, LAST);
    clear_by_force(&mut stage);
    let thief = stage.svm.funded(SOL);
    let (at, thiefs) = (stage.at, stage.mint.mint_to(&mut stage.svm, &thief.pubkey(), 0));
    let trader = &cast.traders[1];
    assert!(equity(&stage, trader.seat) > 0);
    let theirs = other_tokens(&mut stage, &at.mint, &trader.key());
    let close = at.close_seat(&thief.pubkey(), trader.seat, Some(&trader.tokens), &trader.key());
    let no_accounts = [
        (thief.pubkey(), anchor(Anchor::AccountOwnedByWrongProgram)),
        (Pubkey::new_unique(), anchor(Anchor::AccountNotInitialized)),
    ];
    let refused = |to: Pubkey| (to, number(ErrorCode::WrongDestination));
    for (to, code) in [thiefs, theirs, at.pool, at.program].map(refused).into_iter().chain(no_accounts) {
        let result = send(&mut stage, swapped(&close, &trader.tokens, &to), &[&thief]);
        assert_eq!(result.fails(), code, "{to}");
    }
    let investor = &cast.investors[0];
    let theirs = other_tokens(&mut stage, &at.mint, &investor.key());
    let execute = at.execute_request(&investor.key(), None);
    for (to, code) in [thiefs, theirs, at.pool, at.program].map(refused).into_iter().chain(no_accounts) {
        let result = stage.crank(swapped(&execute, &investor.tokens, &to));
        assert_eq!(result.fails(), code, "{to}");
    }
    // Nor does the ticket of one pay another.
    let swap = swapped(&execute, &at.ticket(&investor.key()), &at.ticket(&cast.investors[1].key()));
    assert_eq!(stage.crank(swap).refused(), ErrorCode::WrongDestination);
    // Their owner may name any account of their own.
    let own = other_tokens(&mut stage, &at.mint, &trader.key());
    let close = at.close_seat(&trader.key(), trader.seat, Some(&own), &trader.key());
    send(&mut stage, close, &[&trader.keys]).unwrap();
}

#[test]
fn nothing_is_paid_twice() {
    let (mut stage, cast) = crowded(TOKEN);
    settle_dead(&mut stage, LAST);
    clear_by_force(&mut stage);
    let thief = stage.svm.funded(SOL);
    for investor in &cast.investors {
        let execute = stage.at.execute_request(&investor.key(), None);
        assert_eq!(stage.send(&[execute.clone(), execute.clone()], &[]).refused(), ErrorCode::NoRequest);
        redeem(&mut stage, investor).unwrap();
        assert_eq!(stage.crank(execute).refused(), ErrorCode::NoRequest);
    }
    let trader = &cast.traders[1];
    let close = stage.at.close_seat(&trader.key(), trader.seat, Some(&trader.tokens), &trader.key());
    assert_eq!(stage.send(&[close.clone(), close.clone()], &[&trader.keys]).refused(), ErrorCode::NoSuchSeat);
    close_seat(&mut stage, trader, &thief).unwrap();
    assert_eq!(stage.send(&[close], &[&trader.keys]).refused(), ErrorCode::NoSuchSeat);
    let withdraw = stage.at.withdraw(&trader.key(), trader.seat, &trader.tokens, 1);
    assert_eq!(stage.send(&[withdraw], &[&trader.keys]).refused(), ErrorCode::NoSuchSeat);
}

#[test]
fn nobody_leaves_their_part_of_a_shortfall_to_the_others() {
    let (mut stage, cast) = crowded(TOKEN);
    let creator = stage.creator.insecure_clone();
    settle_delisted(&mut stage, LAST);
    for trader in &cast.traders[..5] {
        assert_eq!(stage.close(trader).refused(), ErrorCode::BankruptSeat, "seat {}", trader.seat);
    }
    for investor in &cast.investors[..2] {
        assert_eq!(redeem(&mut stage, investor).refused(), ErrorCode::BankruptSeat);
    }
    let take = stage.at.take_fees(&creator.pubkey(), &cast.creators, 1);
    assert_eq!(stage.send(&[take], &[&creator]).refused(), ErrorCode::BankruptSeat);
    // What is in no position is free all the same: a seat, and a mint that waits.
    let idle = &cast.traders[5];
    stage.cancel_all(idle, None).unwrap();
    stage.withdraw(idle, 1_000).unwrap();
    assert_eq!(close_seat(&mut stage, idle, &idle.keys).unwrap(), 4_999_000);
    assert_eq!(redeem(&mut stage, &cast.investors[2]).unwrap(), 777);
    assert_eq!(stage.place(&cast.traders[1], buy(1, 90_000)).refused(), ErrorCode::MarketSettled);
    clear_by_force(&mut stage);
    stage.close(&cast.traders[1]).unwrap();
}
