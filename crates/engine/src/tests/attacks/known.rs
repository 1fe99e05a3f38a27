//! What is known and kept, each with its number: `docs/POWERS.md` says it plainly.

use super::super::fixture::{key, Long, Short, Venue};
use super::{clear, hand, is_frozen, leave, orders_of, venue, M};
use crate::error::ErrorCode::{BankruptSeat, OrderLocked};
use crate::ops::orders::{Kind, OrderRequest};
use crate::state::header::RankRule;
use crate::state::params::Params;

#[test]
fn an_old_pair_at_five_per_cent_is_paid_the_gap_less_five_by_the_winners_before_it() {
    for gap in [6, 8, 12] {
        let mut v = venue();
        let (long, short) = (v.seat(500 * M), v.seat(5_000 * M));
        let (rich, honest) = (v.seat(5_000 * M), v.seat(100 * M));
        hand(&mut v, long, short, 10_000, 100_000);
        hand(&mut v, rich, honest, 10_000, 100_000);
        // The price has brought it there, long ago.
        leave(&mut v, long, 50 * M);
        v.now += 400;
        v.price(100_000);
        let before = v.equity(long) + v.equity(short);
        v.price(100_000 - gap * 1_000);
        clear(&mut v);
        // Of 1,000 tokens of notional.
        let gain = v.equity(long) + v.equity(short) - before;
        assert_eq!(gain, (gap - 5) * 10 * M);
        assert_eq!(v.equity(honest), 100 * M + gap * 10 * M - gain);
    }
}

#[test]
fn thin_seats_freeze_a_market_again_and_again_for_their_fees() {
    let mut v = venue();
    let short = v.seat(5_000 * M);
    let lots = [1_980, 1_960, 1_940, 1_920, 1_900];
    let thin = lots.map(|lots| {
        let seat = v.seat(10 * M);
        v.rest(short, Short, lots, 100_000);
        v.take(seat, Long, lots, 100_000).unwrap();
        seat
    });
    let mut frozen = 0;
    for price in [94_990, 94_940, 94_890, 94_840, 94_780] {
        // Nobody takes them on the way.
        while v.oracle_price() != price {
            v.price(price);
        }
        v.liquidate(16);
        frozen += is_frozen(&mut v) as usize;
        let maker = v.seat(100 * M);
        assert_eq!(Venue::code(v.take(maker, Short, 1, price)), BankruptSeat);
        // A client puts this in front of an order.
        v.deleverage(1);
        assert!(!is_frozen(&mut v));
    }
    assert_eq!(frozen, 5);
    let cost = 5_050 * M - v.equity(short) - thin.map(|seat| v.equity(seat)).iter().sum::<i64>();
    // 0.06 % of 970 tokens of notional: 0.12 tokens a freeze.
    assert_eq!(cost, 582_000);
}

#[test]
fn a_delegate_can_lose_nearly_all_by_trading() {
    let mut v = venue();
    let (owners, other) = (v.seat(1_000 * M), v.seat(50_000 * M));
    v.run(|x, _| x.market.set_delegate(owners, key(7)));
    v.peek(|x, _| x.market.require_trader(owners, &key(7))).unwrap();
    // It buys from a seat of its own at one end of the band and sells at the other.
    let lots = (1..=110_000).rev().step_by(100).find(|lots| {
        let mut w = v.clone();
        w.rest(other, Short, *lots, 105_000);
        w.take(owners, Long, *lots, 105_000).is_ok()
    });
    let lots = lots.unwrap();
    v.rest(other, Short, lots, 105_000);
    v.take(owners, Long, lots, 105_000).unwrap();
    v.rest(other, Long, lots, 95_100);
    v.take(owners, Short, lots, 95_100).unwrap();
    let left = v.equity(owners);
    assert_eq!(v.size(owners), 0);
    assert!(left < 10 * M, "of 1,000 tokens {left} atoms are left");
}

#[test]
fn a_kept_order_goes_where_it_meets_a_liquidated_seat_of_its_owners() {
    let mut v = Venue::sized(Params::standard(), RankRule::ProfitLeverageSize, 64, 96);
    v.price(100_000);
    let owner = key(77);
    let (maker, loser) = (v.seat_of(owner, 1_000 * M), v.seat_of(owner, 100 * M));
    let (crowd, rich) = ([v.seat(10 * M), v.seat(10 * M)], v.seat(5_000 * M));
    for seat in crowd {
        for _ in 0..24 {
            v.rest(seat, Long, 1, 1);
        }
    }
    hand(&mut v, loser, rich, 10_000, 100_000);
    leave(&mut v, loser, 24 * M);
    let kept = OrderRequest { client_id: 9, ..Venue::request(Long, 10_000, 99_990, Kind::Limit) };
    v.place(maker, kept).unwrap();
    assert_eq!(Venue::code(v.try_run(|x, now| x.cancel_order(maker, 9, now))), OrderLocked);
    v.liquidate(1);
    assert_eq!(orders_of(&mut v, maker), 0);
}
