//! The life of a market, from its creation to a deleveraging, through its instructions alone.

use zerosum_client::answers;
use zerosum_engine::{
    error::ErrorCode,
    layout::{MAX_ORDERS, VAULT},
    ops::orders as trade,
    ops::orders::OrderRequest,
    state::params::Params,
    state::receipt::Kind,
    units::{Rate, Side},
};
use zerosum_svm::token::{TOKEN, TOKEN_2022};
use zerosum_tests::{Event, Refusal, Setup, Stage, buy, sell};

#[test]
fn a_book_grows_by_what_one_instruction_may_add() {
    let mut stage = Stage::new();
    let before = stage.market().orders().len();
    let payer = stage.svm.funded(10_000_000_000);
    let grow = stage.at.grow_book(&zerosum_svm::Signer::pubkey(&payer));
    stage.send(&[grow], &[&payer]).unwrap();
    assert_eq!(stage.market().orders().len(), before + 67);
    assert!(before + 67 < MAX_ORDERS);
}

fn trades_and_withdraws(token_program: zerosum_svm::Pubkey) {
    let mut stage = Setup { token_program, ..Setup::default() }.start();
    let (alice, bob) = (stage.trader(100_000_000), stage.trader(100_000_000));
    assert_eq!((alice.seat, bob.seat), (1, 2));
    stage.deposit(&alice, 50_000_000).unwrap();

    stage.place(&alice, OrderRequest { client_id: 9, ..sell(300, 101_000) }).unwrap();
    let sent = stage.place(&bob, buy(200, 102_000)).unwrap();
    let [Event::Traded(traded)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((traded.lots, traded.quote, traded.fee), (200, 20_200_000, 10_100));
    assert_eq!(stage.seat(&bob).position.size.0, 200);
    assert_eq!(stage.market().resting(Side::Short)[0].lots.0, 100);
    stage.cancel(&alice, 9).unwrap();
    assert_eq!(stage.cancel(&alice, 9).refused(), ErrorCode::NoSuchOrder);

    assert_eq!(stage.withdraw(&bob, 99_000_000).refused(), ErrorCode::BelowInitialMargin);
    stage.withdraw(&bob, 50_000_000).unwrap();
    let outside = stage.mint.balance_of(&mut stage.svm, &bob.key());
    assert_eq!(outside, 150_000_000);

    stage.trade(&alice, &bob, 200, 100_000);
    assert_eq!(stage.seat(&bob).position.size.0, 0);
    let lamports = stage.svm.account(&bob.key()).unwrap().lamports;
    stage.close(&bob).unwrap();
    assert!(stage.svm.account(&bob.key()).unwrap().lamports > lamports, "the last seat's rent comes back");
    assert_eq!(stage.market().seats().len(), 2);
}

#[test]
fn a_trade_settles_to_the_atom_with_either_token_program() {
    trades_and_withdraws(TOKEN);
    trades_and_withdraws(TOKEN_2022);
}

#[test]
fn the_vault_absorbs_a_seat_below_maintenance() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(60_000_000), stage.trader(100_000_000));
    let investor = stage.trader(10_000_000);
    // The vault gets its equity from a depositor.
    stage.gift(&investor.tokens, 500_000_000);
    let mint = stage.at.request_mint(&investor.key(), &investor.key(), &investor.tokens, 500_000_000);
    stage.send(&[mint], &[&investor.keys]).unwrap();
    let execute = stage.at.execute_request(&investor.key(), None);
    assert_eq!(stage.crank(execute.clone()).refused(), ErrorCode::RequestNotMature);
    stage.wait(602);
    stage.post(100_000);
    let sent = stage.crank(execute).unwrap();
    let Some(Event::VaultExecuted(executed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert!(executed.minted > 0 && !executed.lapsed);

    stage.trade(&alice, &bob, 10_000, 100_000);
    stage.crash(96_000);
    let sent = stage.liquidate().unwrap();
    let [Event::Reduced(reduced)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((reduced.kind, reduced.loser, reduced.winner), (Kind::Vault as u8, alice.seat, VAULT));
    assert_eq!(stage.market().seat(VAULT).unwrap().position.size.0, reduced.lots);
    stage.crank(stage.at.unwind_vault()).unwrap();
    assert_eq!(stage.market().resting(Side::Short)[0].seat, VAULT);
}

#[test]
fn a_bankrupt_seat_is_closed_by_force_against_the_first_of_the_queue() {
    let mut stage = Stage::new();
    let alice = stage.trader(60_000_000);
    let winners = [stage.trader(60_000_000), stage.trader(90_000_000), stage.trader(200_000_000)];
    for winner in &winners {
        stage.trade(&alice, winner, 3_000, 100_000);
    }
    let view = stage.at.view_adl_queue(Side::Short, None);
    stage.price(92_000);
    let queue = answers::queue(&stage.ask(view).unwrap()).unwrap();
    assert_eq!(queue.len(), 3);
    let immediate = OrderRequest { kind: trade::Kind::ImmediateOrCancel, ..buy(1, 92_000) };
    assert_eq!(stage.place(&winners[2], immediate).refused(), ErrorCode::BankruptSeat);

    let view = stage.at.view_seat(queue[0].seat);
    let first = answers::seat(&stage.ask(view).unwrap()).unwrap();
    assert_eq!(first.queue.unwrap().rank, 1);
    let sent = stage.deleverage(1).unwrap();
    let Some(Event::Reduced(forced)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert_eq!((forced.kind, forced.loser, forced.winner), (Kind::Forced as u8, alice.seat, queue[0].seat));
    assert_eq!((forced.score, forced.next_score), (queue[0].score, queue[1].score));
    stage.deleverage(32).unwrap();
    assert_eq!(stage.seat(&alice).position.size.0, 0);
    assert!(stage.market().seats().iter().all(|seat| seat.position.size.0 == 0), "longs and shorts are gone alike");
    for winner in &winners {
        let cash = stage.seat(winner).position.cash.0;
        stage.withdraw(winner, cash as u64).unwrap();
    }
}

#[test]
fn a_flat_seat_withdraws_from_a_market_whose_oracle_is_dead() {
    let mut stage = Stage::new();
    let alice = stage.trader(60_000_000);
    stage.post(150_000);
    stage.wait(1_000_000);
    assert_eq!(stage.observe().refused(), ErrorCode::StalePrice);
    stage.withdraw(&alice, 60_000_000).unwrap();
}

#[test]
fn gifts_to_the_pool_become_fees() {
    let mut stage = Setup { params: Params { taker_fee: Rate(500), ..Params::standard() }, ..Setup::default() }.start();
    let pool = stage.at.pool;
    stage.gift(&pool, 12_345);
    stage.crank(stage.at.sweep_excess()).unwrap();
    assert_eq!(stage.market().head().fee_cash.0, 12_345);
    assert_eq!(stage.crank(stage.at.sweep_excess()).refused(), ErrorCode::ZeroAmount);
}
