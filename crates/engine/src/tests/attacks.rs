//! Attacks that made money, or stopped a crank, before the rule that ends each: what is refused now, and what is left of
//! the gain. A token is a million atoms. Each file is one theme.

mod band;
mod best_payer;
mod bound_on_orders;
mod budget;
mod closing;
mod evicting;
mod impact;
mod known;
mod offers;
mod order_of_work;
mod parameters;
mod tickets;
mod two_hands;
mod vault_two_prices;

use super::fixture::Venue;
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::price::Print;
use crate::units::{Atoms, Lots, Price};

/// A token.
const M: i64 = 1_000_000;

/// A standard market at 100,000 with room for 512 orders.
fn venue() -> Venue {
    with(Params::standard())
}

fn with(params: Params) -> Venue {
    let mut v = Venue::sized(params, RankRule::ProfitLeverageSize, 256, 512);
    v.price(100_000);
    v
}

/// Brings a print that was published `ago` seconds ago.
fn bring(v: &mut Venue, price: i64, ago: i64) {
    let print = Print { price: Price(price), published: v.now - ago };
    v.run(|x, now| {
        x.observe(print, now);
        Ok(())
    });
}

/// Three seconds later the oracle prints a price: the least after which it counts as published after the last.
fn next(v: &mut Venue, price: i64) {
    v.now += 3;
    v.print(price);
}

/// Gives two seats a position at a price, past every rule: for what stands before an attack begins.
fn hand(v: &mut Venue, long: u32, short: u32, lots: i64, price: i64) {
    v.run(|x, now| {
        for (seat, lots) in [(long, lots), (short, -lots)] {
            let mut position = x.market.seats[seat as usize].position;
            position.trade(Lots(lots), Price(price), x.market.head.funding)?;
            crate::tests::fixture::set_position(x, seat, position, now)?;
        }
        Ok(())
    });
}

/// Leaves a seat a certain equity, past every rule.
fn leave(v: &mut Venue, seat: u32, equity: i64) {
    let more = equity - v.equity(seat);
    v.run(|x, _| {
        x.market.head.pool_cash.0 += more;
        crate::tests::fixture::credit(x, seat, Atoms(more))
    });
}

/// Whether anybody is bankrupt.
fn is_frozen(v: &mut Venue) -> bool {
    v.peek(|x, _| x.market.bankrupt_side().is_some())
}

/// Clears the bankrupt.
fn clear(v: &mut Venue) {
    while is_frozen(v) {
        let report = v.deleverage(32);
        assert!(report.forced_fills > 0 || report.matches > 0 || report.receipts > 0, "every call makes progress");
    }
}

fn orders(v: &mut Venue) -> u32 {
    v.peek(|x, _| x.book.head.bid_len + x.book.head.ask_len)
}

fn orders_of(v: &mut Venue, seat: u32) -> u16 {
    v.peek(|x, _| x.market.seats[seat as usize].order_count)
}
