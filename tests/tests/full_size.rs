//! A market with every seat taken: what needs many forced fills is finished over several transactions, each within the
//! limits of one, and ends the same however it is cut. What has to touch every seat at once fits one transaction.

use zerosum_engine::{
    exchange::Exchange,
    layout::MAX_SEATS,
    ops::orders::{Kind, OrderRequest},
    state::params::{MAX_STALENESS, Params},
    state::seat::Seat,
    units::{Atoms, Funding, Lots, Price, Rate, Side},
};
use zerosum_tests::{Setup, Stage};

const OPEN: i64 = 100_000;
/// Seats with so much cash that their bankruptcy price is beyond every price.
const FAR: u32 = 100;
/// Losers of one crash.
const LOSERS: u32 = 150;

fn params() -> Params {
    Params {
        taker_fee: Rate::ZERO,
        maker_fee: Rate::ZERO,
        min_collateral: 1,
        band: Rate(500_000),
        staleness: MAX_STALENESS,
        funding_cap: Rate::ZERO,
        interest: 0,
        ..Params::standard()
    }
}

/// Fills every seat: one whale, some losers with little margin, and winners of many sizes on the other side.
fn fill(exchange: &mut Exchange, now: i64, losing: Side) {
    let seat = |exchange: &mut Exchange, deposit: i64| {
        let owner = [exchange.market.head.seat_count.to_le_bytes(), [7; 4]].concat().repeat(4);
        let owner = owner.try_into().expect("eight bytes four times");
        exchange.market.open_seat(owner, owner, Atoms(deposit), now).expect("a seat opens")
    };
    let trade = |exchange: &mut Exchange, on_losing_side: u32, other: u32, lots: i64| {
        let order = |side, kind| OrderRequest {
            side,
            price: Price(OPEN),
            lots: Lots(lots),
            kind,
            reduce_only: false,
            client_id: 0,
            expires: 0,
            max_matches: 1,
        };
        exchange.place_order(other, &order(losing.opposite(), Kind::Limit), now).expect("it rests");
        exchange.place_order(on_losing_side, &order(losing, Kind::FillOrKill), now).expect("it trades");
    };
    let whale = seat(exchange, 1 << 50);
    for n in 0..MAX_SEATS - 2 - LOSERS {
        // Sizes that repeat, so that there are ties, and leverages in no order.
        let lots = 1 + (n as i64 * 7_919) % 41;
        let winner = seat(exchange, lots * (20_000 + (n as i64 * 104_729) % 60_000));
        trade(exchange, whale, winner, lots);
    }
    for n in 0..LOSERS {
        // One that takes more winners than a call has, and many that share theirs.
        let lots = if n == 0 { 1_600 } else { 60 };
        let loser = seat(exchange, lots * (5_001 + n as i64 * 7));
        trade(exchange, loser, whale, lots);
    }
}

fn crashed(losing: Side) -> Stage {
    let mut stage = Setup { params: params(), price: Some(OPEN), ..Setup::default() }.start();
    let now = stage.svm.now();
    stage.rewrite(MAX_SEATS as usize, |exchange| fill(exchange, now, losing));
    assert_eq!(stage.market().head().open_seats, MAX_SEATS);
    stage.price(OPEN - losing.sign() * OPEN / 100 * 8);
    stage
}

/// Cranks until nobody is bankrupt; returns every position and the number of transactions.
fn finish(losing: Side, most: u8) -> (Vec<(i64, i64)>, usize) {
    let mut stage = crashed(losing);
    let mut calls = 0;
    loop {
        let sent = stage.deleverage(most).unwrap();
        calls += 1;
        assert!(sent.receipt.compute_units <= 1_400_000, "{} units", sent.receipt.compute_units);
        if stage.market().clone().exchange().market.bankrupt_side().is_none() {
            break;
        }
    }
    let positions = stage.market().seats().iter().map(|seat| (seat.position.size.0, seat.position.cash.0));
    (positions.collect(), calls)
}

#[test]
fn however_it_is_cut_a_full_market_is_cleared_to_the_same_positions() {
    for losing in [Side::Long, Side::Short] {
        let (whole, few) = finish(losing, 32);
        let (cut, many) = finish(losing, 11);
        assert!(few > 1 && many > few, "{few} and {many} transactions");
        assert!(whole == cut, "the cut changed somebody's position");
        assert!(whole.iter().all(|(size, cash)| *size != 0 || *cash >= 0));
    }
}

/// The positions of all seats, and what each is worth.
fn worth(stage: &Stage) -> Vec<(i64, i64)> {
    let head = stage.market().head();
    let adjusted = head.price.accepted - head.funding;
    let worth = |seat: &Seat| (seat.position.size.0, seat.position.equity(adjusted).expect("it fits").0);
    stage.market().seats().iter().map(worth).collect()
}

/// A rebase moves the cash of every seat, and there is nothing that it could leave to a second call.
#[test]
fn a_full_market_is_rebased_in_one_transaction() {
    for (losing, far) in [(Side::Long, false), (Side::Short, false), (Side::Long, true)] {
        let mut stage = crashed(losing);
        let now = stage.svm.now();
        stage.rewrite(0, |exchange| {
            exchange.market.head.funding = Funding(-losing.sign() * 777);
            if far {
                // Bankruptcy prices beyond every price do not move with the others.
                for seat in 2..2 + FAR {
                    let size = exchange.market.seats[seat as usize].position.size.0.abs();
                    let deposit = exchange.deposit(seat, Atoms(size << 46), now);
                    deposit.expect("cash is welcome");
                }
            }
        });
        stage.observe().unwrap();
        let before = worth(&stage);
        let sent = stage.crank(stage.at.rebase()).unwrap();
        assert_eq!(stage.market().head().funding, Funding::ZERO);
        assert!(sent.receipt.compute_units <= 1_400_000, "{} units", sent.receipt.compute_units);
        assert!(worth(&stage) == before, "nobody is worth more or less");
    }
}
