//! What a settled market pays, to whom and in which order.

use super::fixture::{key, plain, Long, Short, Venue};
use super::proof::{acts, clear, market, perform, reprint, SEATS};
use crate::error::ErrorCode::*;
use crate::error::Result;
use crate::layout::VAULT;
use crate::ops::orders::Kind;
use crate::ops::seats::Closed;
use crate::ops::settlement::{Rest, DELIST_NOTICE};
use crate::ops::vault_shares::Executed;
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::receipt::Kind as Step;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Lots, Rate, MAX_LOTS, MAX_PRICE};
use proptest::prelude::*;
use std::vec::Vec;

fn venue() -> Venue {
    let mut v = Venue::new(plain());
    v.price(100_000);
    v
}

/// Closes a seat of a settled market, as anyone may.
fn close(v: &mut Venue, seat: u32) -> Result<Closed> {
    v.try_run(|x, now| x.close_seat(seat, false, now))
}

fn paid(v: &mut Venue, ticket: &mut Ticket) -> i64 {
    match v.run(|x, now| x.execute_request(ticket, None, now)) {
        Executed::Redeemed(cash) => cash.0,
        other => panic!("{other:?}"),
    }
}

fn finish(v: &mut Venue) -> Result<Rest> {
    while v.try_run(|x, _| x.market.trim()).is_ok() {}
    v.try_run(|x, _| x.close_market())
}

fn record(v: &mut Venue) -> (i64, i64) {
    v.peek(|x, _| (x.market.head.settlement.cash.0, x.market.head.settlement.size.0))
}

fn pool(v: &mut Venue) -> i64 {
    v.peek(|x, _| x.market.head.pool_cash.0)
}

#[test]
fn positions_close_against_the_record_which_ends_empty() {
    let mut v = venue();
    let (a, b, c) = (v.seat(10_000_000), v.seat(10_000_000), v.seat(10_000_000));
    v.trade(a, b, 300, 100_000);
    v.trade(a, c, 100, 101_000);
    v.fund(-500);
    v.price(102_000);
    v.settle();
    // a = 102,500: the first long has made 300 * 2,500 + 100 * 1,500.
    assert_eq!(close(&mut v, a).unwrap().cash.0, 10_900_000);
    assert_eq!(record(&mut v), (-41_000_000, 400));
    let closed = close(&mut v, c).unwrap();
    assert_eq!((closed.cash.0, closed.owner), (9_850_000, key(3)), "whoever closes it, its owner is paid");
    assert_eq!(record(&mut v), (-30_750_000, 300));
    assert_eq!(close(&mut v, b).unwrap().cash.0, 9_250_000);
    assert_eq!(record(&mut v), (0, 0));
    assert_eq!(pool(&mut v), 0);
    assert_eq!(Venue::code(close(&mut v, VAULT)), VaultSeat);
}

#[test]
fn closing_drops_orders_even_locked_ones() {
    let mut v = Venue::sized(plain(), RankRule::ProfitLeverageSize, 8, 2);
    v.price(100_000);
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    v.rest(a, Long, 1, 90_000);
    v.rest(b, Long, 1, 91_000);
    v.settle();
    v.peek(|x, now| {
        assert!(x.book.orders.iter().any(|order| order.live == 1 && order.locked_until > now - 90_000 - 11))
    });
    v.peek(|x, now| x.book.orders.iter_mut().for_each(|order| order.locked_until = now + 300));
    assert_eq!(close(&mut v, b).unwrap().cash.0, 10_000_000);
    v.peek(|x, _| assert_eq!(x.book.side_len(Long), 0));
}

#[test]
fn bankrupt_seats_are_cleared_by_force_alone() {
    let params = Params { vault_loss_budget: Rate::ONE, deleverage_pay: Rate(20), deleverage_pay_cap: 700, ..plain() };
    let mut v = Venue::new(params);
    v.price(100_000);
    let mut ticket = v.fund_vault(50_000_000);
    let (loser, winner, other) = (v.seat(10_000_000), v.seat(10_000_000), v.seat(10_000_000));
    let (bidder, keeper) = (v.seat(10_000_000), v.seat(1_000));
    v.trade(loser, winner, 600, 100_000);
    v.trade(loser, other, 400, 100_000);
    v.run(|x, _| x.market.sweep_excess(x.market.head.pool_cash.0 as u64 + 1_000));
    v.tune(|params| params.taker_fee = Rate(20));
    v.now += 1_000;
    v.price(80_000);
    // A bid at which the loser could be closed, and a vault that would take it all.
    v.rest(bidder, Long, 100, 90_000);
    v.settle();
    for seat in [loser, winner, other] {
        let error = close(&mut v, seat).unwrap_err();
        assert_eq!((error.code, error.actual), (BankruptSeat, loser as i64), "nobody leaves their part to the others");
    }
    assert_eq!(Venue::code(v.try_run(|x, now| x.execute_request(&mut ticket, None, now))), BankruptSeat);
    assert_eq!(Venue::code(v.try_run(|x, _| x.market.take_fees(Atoms(1)))), BankruptSeat);
    v.now += 1_000_000;
    let first = v.run(|x, now| x.deleverage(1, Some(keeper), now));
    assert_eq!((first.forced_lots, first.pay.0, first.matches), (Lots(600), 700, 0));
    assert_eq!(Venue::code(close(&mut v, other)), BankruptSeat, "all of them first");
    let second = v.run(|x, now| x.deleverage(32, Some(keeper), now));
    assert_eq!((second.forced_lots, second.pay.0), (Lots(400), 300), "paid from the fee cash while there is any");
    v.peek(|x, _| {
        assert!(x.market.receipts_since(0).into_iter().flatten().all(|receipt| receipt.kind == Step::Forced as u8));
        assert_eq!(x.book.side_len(Long), 1, "the bid was not met");
    });
    assert_eq!(v.vault().size.0, 0);
    // Closed at 90,000: ten thousand less than at the settlement price for each lot.
    let cash = [loser, winner, other, bidder, keeper].map(|seat| close(&mut v, seat).unwrap().cash.0);
    assert_eq!(cash, [0, 16_000_000, 14_000_000, 10_000_000, 2_000]);
    assert_eq!(paid(&mut v, &mut ticket), 50_000_000);
    assert_eq!(finish(&mut v).unwrap().cash.0, 0);
}

/// A market with a vault that holds 600 lots, taken over at 100,000 from a seat that is gone.
fn with_inventory() -> (Venue, Ticket, u32) {
    let mut v = Venue::new(Params { vault_discount: Rate(10_000), ..plain() });
    v.price(100_000);
    let ticket = v.fund_vault(50_000_000);
    let (loser, winner) = (v.seat(3_000_000), v.seat(10_000_000));
    v.trade(loser, winner, 600, 100_000);
    v.crash(97_000);
    v.liquidate(1);
    assert!(v.vault().size.0 > 0);
    v.run(|x, now| x.unwind_vault(now));
    (v, ticket, winner)
}

#[test]
fn tickets_are_paid_without_request_cooldown_or_price() {
    let (mut v, mut first, winner) = with_inventory();
    let (mut second, mut waiting) = (Ticket::new([0; 32], key(7), key(7)), Ticket::new([0; 32], key(6), key(6)));
    v.run(|x, now| x.request_mint(&mut second, Atoms(25_000_000), now));
    v.now += 601;
    v.price(97_000);
    v.liquidate(16);
    v.run(|x, now| x.execute_request(&mut second, None, now));
    let half = second.shares / 2;
    v.run(|x, now| x.request_redeem(&mut second, half, now));
    v.run(|x, now| x.request_mint(&mut waiting, Atoms(777), now));
    v.settle();
    let equity = v.equity(VAULT);
    let supply = v.peek(|x, _| x.market.head.shares);
    let shares = second.shares + second.redeeming;
    assert_eq!(paid(&mut v, &mut waiting), 777, "a mint that waits comes back in full");
    assert!(v.vault().size.0 > 0, "for which the vault is left alone");
    let part = paid(&mut v, &mut second);
    let exact = shares as i128 * (equity as i128 + 1) / (supply as i128 + 1_000);
    assert_eq!(part as i128, exact, "free shares and those that wait");
    assert_eq!((v.vault().size.0, v.peek(|x, _| x.market.seats[0].order_count)), (0, 0));
    assert_eq!(v.peek(|x, _| x.market.head.last_redeemer), [0; 32]);
    assert_eq!(paid(&mut v, &mut first), equity - part, "the last one takes what is left, dust included");
    assert_eq!((v.vault().cash.0, v.peek(|x, _| x.market.head.last_redeemer)), (0, key(8_000)));
    for mut ticket in [first, second, waiting] {
        assert_eq!((ticket.shares, ticket.redeeming, ticket.minting.0, ticket.requested_at), (0, 0, 0, 0));
        assert_eq!(Venue::code(v.try_run(|x, now| x.execute_request(&mut ticket, None, now))), NoRequest);
    }
    let mut seats: Vec<u32> = v.peek(|x, _| (1..x.market.head.seat_count).collect());
    seats.retain(|seat| *seat != winner);
    for seat in seats {
        close(&mut v, seat).unwrap();
    }
    assert_eq!(close(&mut v, winner).unwrap().cash.0, 11_800_000);
    assert_eq!((record(&mut v), pool(&mut v)), ((0, 0), 0));
}

#[test]
fn in_a_settled_market_only_the_settlement_value_counts_and_nobody_is_paid_for_it() {
    let (mut v, mut ticket, winner) = with_inventory();
    let shares = ticket.shares;
    v.run(|x, now| x.request_redeem(&mut ticket, shares, now));
    let then = v.equity(VAULT);
    v.price(99_000);
    v.settle();
    let now = v.equity(VAULT);
    assert!(now > then, "the vault is worth more than when it was asked");
    let payee = (1..winner + 2).find(|seat| v.size(*seat) == 0).unwrap();
    let before = v.cash(payee);
    let executed = v.run(|x, now| x.execute_request(&mut ticket, Some(payee), now));
    assert_eq!((executed, v.cash(payee)), (Executed::Redeemed(Atoms(now)), before));
}

#[test]
fn the_vaults_fees_are_its_shareholders() {
    let mut v = venue();
    let mut ticket = v.fund_vault(1_000);
    v.run(|x, _| {
        x.market.head.pool_cash.0 += 500;
        x.market.head.vault_fees.0 += 500;
        Ok(())
    });
    v.settle();
    assert_eq!(paid(&mut v, &mut ticket), 1_500);
}

#[test]
fn shares_of_an_old_epoch_are_worth_nothing() {
    let mut v = venue();
    let mut old = v.fund_vault(100);
    let mut new = Ticket::new([0; 32], key(7), key(7));
    v.run(|x, now| x.request_mint(&mut new, Atoms(5_000), now));
    v.execute_later(&mut new);
    assert_eq!(v.peek(|x, _| x.market.head.share_epoch), old.epoch + 1);
    v.settle();
    assert_eq!(paid(&mut v, &mut old), 0);
    assert_eq!((old.shares, v.peek(|x, _| x.market.head.last_redeemer)), (0, [0; 32]));
    assert_eq!(paid(&mut v, &mut new), 5_000 + 100, "and fee cash that is nobody's: what the old epoch left");
}

#[test]
fn fee_cash_goes_to_the_last_redeemer_only_where_it_is_nobodys() {
    for owned in [false, true] {
        let mut v = venue();
        let mut ticket = v.fund_vault(1_000);
        v.run(|x, _| x.market.sweep_excess(1_400));
        v.peek(|x, _| x.market.head.authority = if owned { key(50) } else { [0; 32] });
        v.settle();
        assert_eq!(paid(&mut v, &mut ticket), if owned { 1_000 } else { 1_400 });
        if owned {
            let error = finish(&mut v).unwrap_err();
            assert_eq!((error.code, error.actual), (MarketNotEmpty, 400), "the authority takes its fees first");
            v.run(|x, _| x.market.take_fees(Atoms(400)));
        }
        v.run(|x, _| x.market.sweep_excess(x.market.head.pool_cash.0 as u64 + 30));
        v.peek(|x, _| x.market.head.authority = [0; 32]);
        assert_eq!(finish(&mut v).unwrap(), Rest { cash: Atoms(30), heir: key(8_000) });
        assert_eq!(pool(&mut v), 0);
    }
}

#[test]
fn a_market_closes_when_everybody_has_left() {
    let mut v = venue();
    assert_eq!(Venue::code(v.try_run(|x, _| x.close_market())), NotSettled);
    let mut ticket = v.fund_vault(1_000_000);
    let mut waiting = Ticket::new([0; 32], key(7), key(7));
    v.run(|x, now| x.request_mint(&mut waiting, Atoms(9), now));
    let (a, b) = (v.seat(5_000), v.seat(5_000));
    v.settle();
    let left = |v: &mut Venue| {
        let error = v.try_run(|x, _| x.close_market()).unwrap_err();
        assert_eq!(error.code, MarketNotEmpty);
        (error.expected, error.actual)
    };
    assert_eq!(left(&mut v), (1, 3));
    close(&mut v, a).unwrap();
    close(&mut v, b).unwrap();
    assert_eq!(left(&mut v), (1, 2), "a freed record in the middle is trimmed first");
    v.run(|x, _| x.market.trim());
    assert_eq!(left(&mut v), (0, 1_000_000_000));
    paid(&mut v, &mut ticket);
    assert_eq!(left(&mut v), (0, 9));
    paid(&mut v, &mut waiting);
    assert_eq!(finish(&mut v).unwrap(), Rest { cash: Atoms::ZERO, heir: key(8_000) });
}

#[test]
fn a_vault_that_nobody_has_shares_in_goes_to_the_creator() {
    let (mut v, ticket, winner) = with_inventory();
    // As if all shares had been redeemed and the vault had gone on.
    let shares = ticket.shares;
    v.peek(|x, _| x.market.head.shares -= shares);
    v.settle();
    let equity = v.equity(VAULT);
    assert!(equity > 0 && v.vault().size.0 > 0);
    close(&mut v, 1).unwrap();
    close(&mut v, winner).unwrap();
    assert_eq!(finish(&mut v).unwrap(), Rest { cash: Atoms(equity), heir: key(9_000) });
    assert_eq!((pool(&mut v), record(&mut v)), (0, (0, 0)));
}

#[test]
fn where_the_record_is_too_large_closing_in_another_order_works() {
    let margins = Params { maintenance: Rate(2_000), target: Rate(5_000), initial: Rate(10_000), ..plain() };
    let params = Params { jump: Rate(10_000), ..margins };
    let mut v = Venue::new(params);
    v.price(MAX_PRICE);
    let seats: Vec<u32> = (0..10).map(|_| v.seat(1 << 56)).collect();
    for pair in seats.chunks(2) {
        v.trade(pair[0], pair[1], MAX_LOTS, MAX_PRICE);
    }
    v.settle();
    for long in [0, 2, 4, 6] {
        close(&mut v, seats[long]).unwrap();
    }
    assert_eq!(Venue::code(close(&mut v, seats[8])), Overflow);
    close(&mut v, seats[1]).unwrap();
    for seat in [8, 3, 5, 7, 9] {
        assert_eq!(close(&mut v, seats[seat]).unwrap().cash.0, 1 << 56);
    }
    assert_eq!((pool(&mut v), record(&mut v)), (0, (0, 0)));
}

/// Settles a market, by its dead oracle or by a delisting at another price.
fn end(v: &mut Venue, delisting: Option<i64>) {
    let Some(by) = delisting else { return v.settle() };
    let date = v.now + DELIST_NOTICE;
    v.run(|x, now| x.market.delist(date, now));
    v.now = date;
    let price = (v.oracle_price() + v.oracle_price() * by / 10_000).clamp(1_000, 10_000_000);
    v.price(price);
    v.run(|x, now| x.settle(now));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn everybody_is_paid_their_equity_in_any_order_and_nothing_stays(
        acts in acts(700), delisting in proptest::option::of(-3_000i64..3_000),
        // Seats, and behind them the tickets.
        order in Just((1..=SEATS + 5).collect::<Vec<u32>>()).prop_shuffle(),
    ) {
        let params = Params {
            band: Rate(500_000), min_collateral: 1_000, vault_loss_budget: Rate(300_000), staleness: 60, ..Params::standard()
        };
        let mut v = market(RankRule::ProfitLeverageSize, 5_000_000, params);
        let mut tickets = [6, 7, 8].map(|n| Ticket::new([0; 32], key(n), key(n)));
        for ticket in &mut tickets[..2] {
            v.run(|x, now| x.request_mint(ticket, Atoms(3_000_000), now));
            v.execute_later(ticket);
        }
        for act in acts {
            perform(&mut v, act);
        }
        reprint(&mut v);
        v.run(|x, now| x.request_mint(&mut tickets[2], Atoms(123), now));
        end(&mut v, delisting);
        let worth = |v: &mut Venue| (0..=SEATS + 2).map(|seat| v.equity(seat)).collect::<Vec<i64>>();
        let fees = v.peek(|x, _| core::mem::take(&mut x.market.head.vault_fees));
        v.run(|x, _| crate::tests::fixture::credit(x, VAULT, fees));
        let mut due = worth(&mut v);
        let seen = v.peek(|x, _| x.market.head.receipt_count);
        clear(&mut v);
        for receipt in v.peek(|x, _| x.market.receipts_since(seen).into_iter().flatten().copied().collect::<Vec<_>>()) {
            prop_assert_eq!(receipt.kind, Step::Forced as u8);
            due[receipt.winner as usize] -= receipt.taken.0;
            due[receipt.loser as usize] += receipt.taken.0;
        }
        let forced = v.peek(|x, _| x.market.head.receipt_count) - seen;
        if forced <= 64 {
            prop_assert_eq!(&worth(&mut v), &due, "force takes what the receipts say and nothing else");
        }
        let due = worth(&mut v);
        prop_assert!(due.iter().all(|equity| *equity >= 0));
        let whole = pool(&mut v);
        let mut out = 0;
        for next in order {
            if let Some(ticket) = next.checked_sub(SEATS + 3) {
                let ticket = &mut tickets[ticket as usize];
                let (supply, epoch, fees) =
                    v.peek(|x, _| (x.market.head.shares, x.market.head.share_epoch, x.market.head.fee_cash.0));
                // With nobody in authority the fee cash is the vault's before any ticket is paid.
                let worth = v.equity(VAULT) + fees;
                let shares = if ticket.epoch == epoch { ticket.shares } else { 0 };
                let part = (shares as i128 * (worth as i128 + 1) / (supply as i128 + 1_000)) as i64;
                let is_last = shares > 0 && shares == supply;
                let expected = ticket.minting.0 + if is_last { worth } else { part.min(worth) };
                let got = paid(&mut v, ticket);
                prop_assert_eq!(got, expected);
                out += got;
            } else {
                let got = close(&mut v, next).unwrap().cash.0;
                prop_assert_eq!(got, due[next as usize]);
                out += got;
            }
        }
        // The first of all tickets was made with the market, so its shares are still out.
        prop_assert_eq!(record(&mut v).1, -v.vault().size.0);
        let mut last = Ticket { epoch: v.peek(|x, _| x.market.head.share_epoch), ..Ticket::new([0; 32], key(5), key(5)) };
        last.shares = v.peek(|x, _| x.market.head.shares);
        if last.shares > 0 {
            out += paid(&mut v, &mut last);
        }
        let rest = finish(&mut v).unwrap();
        prop_assert_eq!(out + rest.cash.0, whole);
        prop_assert_eq!((pool(&mut v), record(&mut v)), (0, (0, 0)));
        prop_assert_eq!(rest.heir, key(5));
    }
}

#[test]
fn no_price_is_needed_once_it_is_settled() {
    let mut v = venue();
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    v.trade(a, b, 100, 100_000);
    v.settle();
    v.now += 100_000_000;
    v.print(1);
    assert_eq!(close(&mut v, a).unwrap().cash.0, 10_000_000);
    assert_eq!(Venue::code(v.place(b, Venue::request(Short, 1, 1, Kind::Limit))), MarketSettled);
    assert_eq!(close(&mut v, b).unwrap().cash.0, 10_000_000);
}
