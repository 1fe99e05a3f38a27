//! `execute_request`: at which price shares become cash and cash shares, and what it refuses.

use zerosum_engine::{
    error::ErrorCode, state::params::Params, state::receipt::Kind, state::ticket::LAPSE, units::Rate,
};
use zerosum_svm::token::{TOKEN, TOKEN_2022};
use zerosum_tests::{Event, Refusal, Sent, Setup, Stage, buy};

use zerosum_tests::scene::*;

/// Whether it had lapsed, shares minted, atoms paid.
fn executed(sent: &Sent) -> (bool, u64, i64) {
    let Some(Event::VaultExecuted(executed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    (executed.lapsed, executed.minted, executed.paid)
}

/// Gifts to the pool become fee cash only; what the vault earns it earns by trading fees.
fn earning() -> Params {
    Params { taker_fee: Rate(10_000), vault_fee_share: Rate(1_000_000), ..plain() }
}

/// A trade whose fee of 1 % the vault gets.
fn earn(stage: &mut Stage, amount: i64) {
    let (long, short) = (stage.trader(10 * amount as u64), stage.trader(10 * amount as u64));
    stage.trade(&long, &short, amount / 1_000, 100_000);
    stage.trade(&short, &long, amount / 1_000, 100_000);
}

#[test]
fn anyone_executes_a_mint_for_its_owner() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    let sent = investor.execute_later(&mut stage).unwrap();
    assert_eq!(executed(&sent), (false, 1_000_000_000, 0));
    let Some(Event::VaultExecuted(event)) = sent.events.last() else { unreachable!() };
    assert_eq!((event.owner, event.market), (investor.key(), stage.at.market));
    let head = stage.market().head();
    assert_eq!((head.shares, head.pending_mints.0, head.pool_cash.0), (1_000_000_000, 0, 1_000_000));
    assert_eq!((vault_cash(&stage), stage.pool_tokens()), (1_000_000, 1_000_000));
    let ticket = investor.ticket(&mut stage);
    assert_eq!((ticket.shares, ticket.minting.0, ticket.requested_at), (1_000_000_000, 0, 0));
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::NoRequest);
}

#[test]
fn a_redemption_pays_no_more_than_the_shares_were_worth_when_it_was_asked_for() {
    let mut stage = stage(earning());
    let (first, second) = (invest(&mut stage, 1_000_000), invest(&mut stage, 1_000_000));
    let shares = first.ticket(&mut stage).shares;
    first.ask_to_redeem(&mut stage, shares).unwrap();
    // What is earned while the request waits is that of those who stay.
    earn(&mut stage, 500_000);
    assert_eq!(stage.market().head().vault_fees.0, 1_000_000);
    let sent = first.execute_later(&mut stage).unwrap();
    let (lapsed, minted, paid) = executed(&sent);
    assert!(!lapsed && minted == 0);
    assert!((999_000..=1_000_000).contains(&paid), "{paid}: its half then, rounded against the asker");
    assert_eq!(first.balance(&mut stage), 1_000_000 + paid as u64);
    assert_eq!(stage.market().head().vault_fees.0, 0, "credited before it was valued");
    let left = second.ticket(&mut stage).shares;
    assert_eq!((stage.market().head().shares, vault_cash(&stage)), (left, 3_000_000 - paid));
}

/// A vault long of what it took over at 97,000, at that price.
fn with_inventory() -> (Stage, Investor) {
    let mut stage = stage(plain());
    let d = duel(&mut stage);
    let holder = invest(&mut stage, 100_000_000);
    stage.crash(97_000);
    stage.liquidate().unwrap();
    assert!(vault_size(&stage) > 0);
    // Nobody waits to be liquidated.
    stage.deposit(&d.loser, 10_000_000).unwrap();
    (stage, holder)
}

#[test]
fn a_redemption_pays_no_more_than_the_shares_are_worth_when_it_is_executed() {
    let (mut stage, holder) = with_inventory();
    let held = vault_size(&stage);
    let shares = holder.ticket(&mut stage).shares;
    holder.ask_to_redeem(&mut stage, shares / 2).unwrap();
    stage.wait(602);
    stage.price(96_000);
    let paid = executed(&holder.execute(&mut stage).unwrap()).2;
    let half = (100_000_000 - 1_000 * held) / 2;
    assert!((half - 10..=half).contains(&paid), "{paid} of {half}");
}

/// A wick of the last minute, brought alone: who executes a mint at it gets no more shares than at the price at which it
/// was asked for.
#[test]
fn a_mint_executed_at_a_wick_gets_no_more_shares_than_when_it_was_asked_for() {
    let (mut stage, holder) = with_inventory();
    let (supply, worth) = (stage.market().head().shares, 100_000_000);
    let late = Investor::new(&mut stage, 10_000_000);
    late.ask_to_mint(&mut stage, 10_000_000).unwrap();
    stage.wait(602);
    stage.price(93_000);
    let minted = executed(&late.execute(&mut stage).unwrap()).1;
    let then = (10_000_000 * u128::from(supply) / worth) as u64;
    assert!(minted.abs_diff(then) < then / 100_000, "{minted} of {then}, though the vault was worth less");
    assert!(holder.ticket(&mut stage).shares == supply);
}

#[test]
fn a_later_depositor_gets_the_same_share_for_what_it_is_worth_now() {
    let mut stage = stage(earning());
    let first = invest(&mut stage, 1_000_000);
    earn(&mut stage, 500_000);
    let second = invest(&mut stage, 2_000_000);
    let (one, two) = (first.ticket(&mut stage).shares, second.ticket(&mut stage).shares);
    assert!(one.abs_diff(two) < one / 1_000_000, "{one} and {two}: but for the virtual shares the same");
}

#[test]
fn a_request_waits_for_its_time_and_for_a_price_published_after_it() {
    let mut stage = stage(plain());
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::RequestNotMature);
    stage.wait(590);
    stage.post(100_000);
    stage.wait(9);
    // 600 seconds after the request, with a price of 9 seconds before that.
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::RequestNotMature);
    // Publishers' clocks run ahead by up to two seconds.
    for _ in 0..2 {
        stage.post(100_000);
        assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::RequestNotMature);
    }
    stage.post(100_000);
    investor.execute(&mut stage).unwrap();
}

#[test]
fn a_ticket_without_a_request_is_refused() {
    let mut stage = stage(plain());
    let investor = invest(&mut stage, 1_000_000);
    assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::NoRequest);
}

#[test]
fn nobody_steps_in_or_out_while_a_seat_waits_to_be_liquidated() {
    let mut stage = stage(discounted());
    let holder = invest(&mut stage, 100_000_000);
    let late = Investor::new(&mut stage, 1_000_000);
    duel(&mut stage);
    let shares = holder.ticket(&mut stage).shares;
    holder.ask_to_redeem(&mut stage, shares / 2).unwrap();
    late.ask_to_mint(&mut stage, 1_000_000).unwrap();
    stage.wait(602);
    stage.price(97_000);
    // Nor while the vault would take it only at the next price.
    assert_eq!(steps(&stage.liquidate().unwrap()), []);
    for investor in [&holder, &late] {
        assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::VaultBusy);
    }
    stage.crash(97_000);
    for investor in [&holder, &late] {
        assert_eq!(investor.execute(&mut stage).refused(), ErrorCode::VaultBusy);
    }
    assert_eq!(told(&stage.liquidate().unwrap())[0].0, Kind::Vault);
    for investor in [&holder, &late] {
        investor.execute(&mut stage).unwrap();
    }
}

/// However many seats below maintenance there are: those that the vault does not take hold back nobody, whether or not the
/// book takes them.
#[test]
fn thin_seats_that_the_vault_does_not_take_do_not_hold_back_a_redemption() {
    for bid in [false, true] {
        let mut stage = stage(Params { vault_size_cap: 0, ..plain() });
        let holder = invest(&mut stage, 10_000_000);
        let rich = stage.trader(100_000_000);
        let thin = crowd(&mut stage, &[5_000; 33]);
        for seat in &thin {
            stage.trade(seat, &rich, 1, 100_000);
        }
        let shares = holder.ticket(&mut stage).shares;
        holder.ask_to_redeem(&mut stage, shares).unwrap();
        stage.wait(602);
        stage.price(97_000);
        if bid {
            stage.place(&rich, buy(10, 96_000)).unwrap();
        }
        let mut snapshot = stage.market().clone();
        assert!(thin.iter().all(|seat| snapshot.exchange().market.is_unmaintained(seat.seat).unwrap()));
        let sent = holder.execute(&mut stage).unwrap();
        assert!(executed(&sent).2 >= 9_999_990);
    }
}

#[test]
fn a_bankrupt_seat_keeps_the_vault_closed() {
    let mut stage = stage(Params { vault_size_cap: 0, ..plain() });
    let holder = invest(&mut stage, 10_000_000);
    duel(&mut stage);
    let shares = holder.ticket(&mut stage).shares;
    holder.ask_to_redeem(&mut stage, shares).unwrap();
    stage.wait(602);
    stage.price(94_000);
    assert_eq!(holder.execute(&mut stage).refused(), ErrorCode::VaultBusy);
    stage.deleverage(32).unwrap();
    holder.execute(&mut stage).unwrap();
}

/// A hundredth of a per cent of what is minted or redeemed is that of whoever does it, in any idle seat they name.
#[test]
fn who_executes_a_request_is_paid_a_hundredth_of_a_per_cent_of_it() {
    let mut stage = stage(plain());
    let (keeper, trader) = (stage.trader(1_000), stage.trader(1_000_000));
    let other = stage.trader(1_000_000);
    stage.trade(&trader, &other, 1, 100_000);
    let investor = Investor::new(&mut stage, 2_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    mature(&mut stage);
    let execute = |stage: &Stage, payee: u32| stage.at.execute_request(&investor.key(), Some(payee));
    for (payee, code) in
        [(0, ErrorCode::VaultSeat), (trader.seat, ErrorCode::PayeeNotIdle), (other.seat + 1, ErrorCode::NoSuchSeat)]
    {
        let instruction = execute(&stage, payee);
        assert_eq!(stage.crank(instruction).refused(), code);
    }
    let instruction = execute(&stage, keeper.seat);
    let sent = stage.crank(instruction).unwrap();
    let Some(Event::VaultExecuted(minted)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert_eq!((minted.minted, minted.pay), (999_900_000, 100));
    assert_eq!((cash(&stage, &keeper), vault_cash(&stage)), (1_100, 999_900));

    investor.ask_to_redeem(&mut stage, minted.minted).unwrap();
    mature(&mut stage);
    let instruction = execute(&stage, keeper.seat);
    let sent = stage.crank(instruction).unwrap();
    let Some(Event::VaultExecuted(redeemed)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert_eq!((redeemed.pay, redeemed.paid + redeemed.pay + vault_cash(&stage)), (99, 999_900));
    assert_eq!(cash(&stage, &keeper), 1_199);
    assert_eq!(investor.balance(&mut stage), 1_000_000 + redeemed.paid as u64);
}

#[test]
fn who_undoes_a_lapsed_request_is_not_paid() {
    let mut stage = stage(plain());
    let keeper = stage.trader(1_000);
    let investor = Investor::new(&mut stage, 1_000_000);
    investor.ask_to_mint(&mut stage, 1_000_000).unwrap();
    stage.wait(601 + LAPSE);
    let sent = stage.crank(stage.at.execute_request(&investor.key(), Some(keeper.seat))).unwrap();
    let Some(Event::VaultExecuted(undone)) = sent.events.last() else { panic!("{:?}", sent.events) };
    assert_eq!((undone.lapsed, undone.paid, undone.pay, cash(&stage, &keeper)), (true, 1_000_000, 0, 1_000));
}

#[test]
fn a_redemption_leaves_the_vault_its_initial_margin() {
    // It offers a thousand lots at a time.
    let mut stage = stage(Params { min_order: 1_000, ..discounted() });
    let d = duel(&mut stage);
    let holder = invest(&mut stage, 10_000_000);
    stage.crash(97_000);
    stage.liquidate().unwrap();
    let held = vault_size(&stage);
    assert!(held > 0);
    let shares = holder.ticket(&mut stage).shares;
    holder.ask_to_redeem(&mut stage, shares).unwrap();
    mature(&mut stage);
    assert_eq!(holder.execute(&mut stage).refused(), ErrorCode::VaultBelowMargin);
    // It stays requested; with the inventory sold it goes through.
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.crash(97_000);
    stage.place(&d.bidder, buy(1_000, 98_000)).unwrap();
    let left = vault_size(&stage);
    assert_eq!(left, held - 1_000);
    stage.crank(stage.at.unwind_vault()).unwrap();
    stage.crash(97_000);
    stage.place(&d.bidder, buy(left.max(1_000), 98_000)).unwrap();
    assert_eq!(vault_size(&stage), 0);
    let sent = holder.execute(&mut stage).unwrap();
    assert!(executed(&sent).2 >= 10_000_000 - 1, "what it was worth when it was asked for");
}

#[test]
fn an_amount_too_small_for_a_share_is_refused_and_comes_back_when_it_lapses() {
    let mut stage = stage(earning());
    let first = invest(&mut stage, 1_000);
    let tiny = Investor::new(&mut stage, 1);
    earn(&mut stage, 1_000_000);
    assert!(first.ticket(&mut stage).shares > 0);
    tiny.ask_to_mint(&mut stage, 1).unwrap();
    assert_eq!(tiny.execute_later(&mut stage).refused(), ErrorCode::ZeroSharesMinted);
    stage.wait(90_000);
    assert_eq!(executed(&tiny.execute(&mut stage).unwrap()), (true, 0, 1));
    assert_eq!(tiny.balance(&mut stage), 1);
}

#[test]
fn the_first_depositor_cannot_dilute_the_next_to_nothing() {
    let mut stage = stage(earning());
    let attacker = invest(&mut stage, 1_000);
    // Fees are the only gift a vault takes; here they make the share a thousand times as dear.
    earn(&mut stage, 500_000);
    let victim = invest(&mut stage, 1_000_000);
    let shares = victim.ticket(&mut stage).shares;
    victim.ask_to_redeem(&mut stage, shares).unwrap();
    let sent = victim.execute_later(&mut stage).unwrap();
    assert!(executed(&sent).2 > 998_000, "{:?}", executed(&sent));
    assert!(attacker.ticket(&mut stage).shares > 0);
}

#[test]
fn shares_are_bought_and_sold_with_either_token_program() {
    for token_program in [TOKEN, TOKEN_2022] {
        let mut stage = Setup { token_program, params: plain(), ..Setup::default() }.start();
        let investor = invest(&mut stage, 1_000_000);
        let shares = investor.ticket(&mut stage).shares;
        investor.ask_to_redeem(&mut stage, shares).unwrap();
        let paid = executed(&investor.execute_later(&mut stage).unwrap()).2;
        assert_eq!(
            (investor.balance(&mut stage), stage.pool_tokens()),
            (1_000_000 + paid as u64, 1_000_000 - paid as u64)
        );
    }
}
