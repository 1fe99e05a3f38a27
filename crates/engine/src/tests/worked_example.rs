//! The worked example of `docs/MECHANISM.md`: every number there is computed here and looked up in its text.

use super::fixture::{Long, Short, Venue};
use crate::audit;
use crate::error::ErrorCode;
use crate::layout::VAULT;
use crate::ops::orders::Kind as Order;
use crate::rules::fees::{closing, lot_fees};
use crate::rules::margin::{lots_to_target, required};
use crate::state::header::RankRule;
use crate::state::params::Params;
use crate::state::receipt::{Kind, Receipt};
use crate::units::{Atoms, Lots, Price, Rate, Side};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

const ANN: u32 = 1;
const BOB: u32 = 2;
const CLEO: u32 = 3;
const DORA: u32 = 4;
const EVE: u32 = 5;
const NAMES: [&str; 6] = ["the vault", "Ann", "Bob", "Cleo", "Dora", "Eve"];

/// A number as the document writes it: thousands apart, a real minus.
fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Fails unless the document says this, wherever its lines break.
fn told(says: &str) {
    let document = include_str!("../../../../docs/MECHANISM.md");
    let words: Vec<&str> = document.split_whitespace().collect();
    assert!(words.join(" ").contains(says), "docs/MECHANISM.md does not say: {says}");
}

/// Sizes and cash of a moment, as the cells of a column.
fn column(v: &mut Venue) -> Vec<String> {
    let mut cells: Vec<String> =
        (0..6).map(|seat| format!("{}, {}", number(v.size(seat)), number(v.cash(seat)))).collect();
    let (fees, vaults, pool) = v.peek(|x, _| {
        let head = &x.market.head;
        assert_eq!(audit::sums(&x.market), (head.pool_cash.0 as i128, 0));
        (head.fee_cash.0, head.vault_fees.0, head.pool_cash.0)
    });
    cells.extend([format!("{} + {}", number(fees), number(vaults)), format!("0, {}", number(pool))]);
    cells
}

fn receipt_is_told(receipt: &Receipt) {
    let step = match Kind::from_byte(receipt.kind) {
        Kind::Book => "book".to_string(),
        Kind::Vault => "vault".to_string(),
        _ => format!("force, rank {}: {}", receipt.rank, NAMES[receipt.winner as usize]),
    };
    let cells =
        [receipt.lots.0, receipt.price.0, receipt.oracle_price.0, receipt.needed.0, receipt.taken.0].map(number);
    told(&format!("| {} | {step} | {} |", receipt.number, cells.join(" | ")));
}

#[test]
fn the_worked_example_is_what_happens() {
    let params = Params {
        vault_size_cap: 50,
        min_collateral: 1_000,
        deleverage_pay_cap: 10_000,
        funding_cap: Rate::ZERO,
        interest: 0,
        ..Params::standard()
    };
    let deposits = [1_250_000, 1_500_000, 600_000, 10_000_000, 1_000];
    let mut v = Venue::sized(params, RankRule::ProfitLeverageSize, 16, 32);
    v.price(100_000);
    v.fund_vault(500_000);
    for deposit in deposits {
        v.seat(deposit);
    }
    let mut columns = Vec::new();

    // Opening.
    v.rest(BOB, Short, 110, 100_000);
    v.rest(CLEO, Short, 90, 100_000);
    v.take(ANN, Long, 200, 100_000).unwrap();
    let fees = [ANN, BOB, CLEO].map(|seat| number(deposits[seat as usize - 1] - v.cash(seat) - v.size(seat) * 100_000));
    told(&format!("Fees: Ann {}, Bob {}, Cleo {}, a fifth of them the vault's.", fees[0], fees[1], fees[2]));
    let zero = [ANN, BOB, CLEO].map(|seat| number(v.position(seat).bankruptcy_price().unwrap().0));
    told(&format!("Bankruptcy prices: Ann {}, Bob {}, Cleo {}.", zero[0], zero[1], zero[2]));
    columns.push(column(&mut v));

    // Below maintenance: a volunteer. The vault and whoever pays less than it wait for the next print.
    v.price(95_800);
    let maintenance = |lots| number(required(Rate(25_000), Lots(lots), Price(95_800)).0);
    told(&format!("Ann is worth {} and would need {}.", number(v.equity(ANN)), maintenance(200)));
    v.rest(DORA, Long, 30, 95_500);
    v.rest(DORA, Long, 10, 94_500);
    let (position, equity) = (v.position(ANN), Atoms(v.equity(ANN)));
    v.peek(|x, _| {
        let fees = lot_fees(&x.market, ANN, (Side::Long, Price(95_500), Price(93_800)), true, Rate::ZERO);
        let wanted = lots_to_target(&position, equity, &closing(&x.market, Side::Long, Price(95_500), &fees), &params);
        told(&format!("{} atoms to Eve and {} to the vault", fees.caller, fees.vault));
        told(&format!("To reach the target {} lots would have to go", wanted.0));
    });
    let report = v.run(|x, now| x.liquidate(1, Some(EVE), now));
    assert_eq!((report.book_lots, report.vault_lots), (Lots(30), Lots(0)));
    v.peek(|x, now| {
        assert!(!crate::rules::vault_limits::is_ripe_for_vault(&x.market, ANN).unwrap());
        let bid = crate::rules::vault_limits::vault_bid(&x.market, ANN, true, now).unwrap().unwrap();
        let (price, under) = (number(bid.price.0), x.market.oracle_price().0 - bid.price.0);
        told(&format!("The vault bids {price}, {under} under the oracle price, for the {} lots", bid.lots.0));
    });

    // One print later.
    v.now += 3;
    v.print(95_800);
    let needs = maintenance(v.size(ANN));
    told(&format!("Ann, with {} lots left, is worth {} and would need {needs}", v.size(ANN), number(v.equity(ANN))));
    let report = v.run(|x, now| x.liquidate(1, Some(EVE), now));
    assert_eq!((report.book_lots, report.vault_lots), (Lots(10), Lots(50)));
    let left = number(v.equity(ANN));
    told(&format!("Ann keeps {} lots worth {left}; maintenance is {}", v.size(ANN), maintenance(v.size(ANN))));
    columns.push(column(&mut v));

    // Bankrupt: by force and by rank.
    v.price(92_900);
    v.rest(DORA, Long, 10, 92_950);
    let sells = v.place(DORA, Venue::request(Short, 10, 93_500, Order::Limit));
    assert_eq!(Venue::code(sells), ErrorCode::BankruptSeat);
    let (owed, missing) = (-v.cash(ANN), -v.equity(ANN));
    let worth = number(v.size(ANN) * 92_900);
    told(&format!("Ann's lots bring {worth} of the {} owed: {} are missing.", number(owed), number(missing)));
    let (c, d) = v.peek(|x, _| (x.market.frontier(Long).unwrap(), x.market.frontier(Short).unwrap()));
    let zero = owed.div_euclid(v.size(ANN));
    assert_eq!(c.0, zero + 1);
    let between = format!("Ann's bankruptcy price is between {} and {}", number(zero), number(c.0));
    told(&format!("{between}, so `C` = {} and `D` = {}.", number(c.0), number(d.0)));
    let [cleo, bob] = [CLEO, BOB].map(|seat| v.peek(|x, now| x.market.view_seat(seat, now)).unwrap());
    // The code of a number from 2^-15 to 1: its place is -2.
    let lead = |view: &crate::view::SeatView| number((view.queue.unwrap().score - (1 << 63) - 14 * (1 << 30)) as i64);
    let (profit, equity, entry) =
        (number(cleo.profit.0), number(cleo.equity.0), number(v.position(CLEO).entry_notional.0));
    told(&format!(
        "Cleo has a profit of {profit} on a ranking equity of {equity}, and 90 lots that were entered at {entry}."
    ));
    told(&format!(
        "90²/{entry} · {profit}/{equity} comes to {} in 2⁻³⁰, each step rounded down, so the place is −2",
        lead(&cleo)
    ));
    told(&format!("the score 2⁶³ + 14·2³⁰ + {}. Bob's is 2⁶³ + 14·2³⁰ + {}.", lead(&cleo), lead(&bob)));
    let fees = v.peek(|x, _| x.market.head.fee_cash.0);
    let report = v.run(|x, now| x.deleverage(8, Some(EVE), now));
    assert_eq!((report.forced_fills, report.forced_lots, report.book_lots), (2, Lots(110), Lots(0)));
    let receipts: Vec<Receipt> = v.peek(|x, _| x.market.receipts_since(0).into_iter().flatten().copied().collect());
    receipts.iter().for_each(receipt_is_told);
    let taken = [receipts[3].taken.0, receipts[4].taken.0];
    assert_eq!(taken[0] + taken[1], missing);
    told(&format!("They gave up {} + {} = {}", number(taken[0]), number(taken[1]), number(missing)));
    told(&format!("Eve is paid {} of the {} of fee cash.", number(report.pay.0), number(fees)));
    columns.push(column(&mut v));

    // Rebound: the vault sells an eighth at a time, a flat winner leaves with everything.
    v.run(|x, now| x.cancel_all(DORA, None, now));
    v.price(96_000);
    assert_eq!(v.run(|x, now| x.unwind_vault(now)), Lots(6));
    assert_eq!(v.take(BOB, Long, 6, 97_000).unwrap().filled, Lots(0), "at a later price");
    let far = v.place(BOB, Venue::request(Long, 6, 101_000, Order::Limit)).unwrap_err();
    assert_eq!(far.code, ErrorCode::OutsideBand);
    told(&format!("a bid at {} is refused: the band ends at {}", number(far.actual), number(far.expected)));
    v.now += 3;
    v.print(95_950);
    let placed = v.take(BOB, Long, 6, 97_000).unwrap();
    told(&format!("Bob buys {} lots at {}", placed.filled.0, number(placed.quote.0 / placed.filled.0)));
    assert_eq!(v.run(|x, now| x.unwind_vault(now)), Lots(5));
    told(&format!("It began with 500,000 and is worth {}.", number(v.equity(VAULT))));
    let all = v.cash(CLEO);
    v.run(|x, now| x.withdraw(CLEO, Atoms(all), now));
    told(&format!("Cleo, flat, withdraws all of {} atoms", number(all)));
    columns.push(column(&mut v));

    let names = NAMES.iter().copied().chain(["fee cash + the vault's fees", "**together**"]);
    for (row, name) in names.enumerate() {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        told(&format!("| {name} | {} |", cells.join(" | ")));
    }
}
