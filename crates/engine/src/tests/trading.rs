use super::fixture::{key, plain, Long, Short, Venue};
use crate::error::ErrorCode::*;
use crate::layout::MAX_ORDERS_PER_SEAT;
use crate::ops::orders::{Kind, OrderRequest};
use crate::rules::margin::required;
use crate::state::book::Order;
use crate::state::params::Params;
use crate::state::position::Position;
use crate::units::{Atoms, Lots, Price, Rate, Round};
use proptest::prelude::*;

/// A market at 100,000 with seats of ten million each.
fn venue(params: Params, seats: usize) -> Venue {
    let mut venue = Venue::new(params);
    venue.price(100_000);
    for _ in 0..seats {
        venue.seat(10_000_000);
    }
    venue
}

#[test]
fn a_fill_moves_cash_and_lots_at_the_makers_price() {
    let mut v = venue(plain(), 2);
    v.rest(2, Short, 10, 100_500);
    let placed = v.take(1, Long, 4, 101_000).unwrap();
    assert_eq!((placed.filled, placed.quote), (Lots(4), Atoms(402_000)));
    assert_eq!((v.size(1), v.cash(1)), (4, 10_000_000 - 402_000));
    assert_eq!((v.size(2), v.cash(2)), (-4, 10_000_000 + 402_000));
}

#[test]
fn price_comes_first_and_then_time() {
    let mut v = venue(plain(), 4);
    v.rest(2, Short, 1, 101_000);
    v.rest(3, Short, 1, 100_000);
    v.rest(4, Short, 1, 100_000);
    v.take(1, Long, 2, 102_000).unwrap();
    assert_eq!([v.size(2), v.size(3), v.size(4)], [0, -1, -1]);
}

#[test]
fn fees_are_rounded_up_and_shared_with_the_vault() {
    let params = Params { taker_fee: Rate(500), maker_fee: Rate(100), vault_fee_share: Rate(250_000), ..plain() };
    let mut v = venue(params, 2);
    v.trade(1, 2, 1, 100_001);
    // 50.0005 and 10.0001, rounded up.
    assert_eq!(v.cash(1), 10_000_000 - 100_001 - 51);
    assert_eq!(v.cash(2), 10_000_000 + 100_001 - 11);
    let (fees, vaults) = v.peek(|x, _| (x.market.head.fee_cash.0, x.market.head.vault_fees.0));
    assert_eq!((fees, vaults), (62 - 12 - 2, 12 + 2));
}

#[test]
fn kinds_do_what_they_say() {
    let mut v = venue(plain(), 2);
    v.rest(2, Short, 5, 100_000);
    let request = |kind| Venue::request(Long, 10, 100_000, kind);
    assert_eq!(Venue::code(v.place(1, request(Kind::PostOnly))), PostOnlyCrosses);
    assert_eq!(Venue::code(v.place(1, request(Kind::FillOrKill))), NotFilled);
    let placed = v.place(1, request(Kind::ImmediateOrCancel)).unwrap();
    assert_eq!((placed.filled, placed.rested), (Lots(5), Lots(0)));
    v.rest(2, Short, 5, 100_000);
    let placed = v.place(1, request(Kind::Limit)).unwrap();
    assert_eq!((placed.filled, placed.rested), (Lots(5), Lots(5)));
}

#[test]
fn opening_needs_initial_margin_for_the_worst_size_of_all_open_orders() {
    let mut v = venue(plain(), 2);
    // 10,000,000 of equity at 5 % carry 2,000 lots of 100,000.
    v.rest(1, Long, 1_500, 90_000);
    assert_eq!(Venue::code(v.place(1, Venue::request(Long, 501, 90_000, Kind::Limit))), BelowInitialMargin);
    v.rest(1, Long, 500, 90_000);
    v.rest(1, Short, 2_000, 110_000);
    assert_eq!(Venue::code(v.place(1, Venue::request(Short, 1, 110_000, Kind::Limit))), BelowInitialMargin);
}

#[test]
fn reducing_needs_no_margin_but_must_not_make_the_ratio_worse() {
    let mut v = venue(plain(), 3);
    v.trade(1, 2, 1_900, 100_000);
    v.price(97_000);
    // 4.3m of equity on 184.3m: below maintenance, and still may reduce at a fair price.
    v.rest(3, Long, 10, 97_000);
    v.rest(3, Long, 10, 60_000);
    v.take(1, Short, 10, 97_000).unwrap();
    assert_eq!(v.size(1), 1_890);
    assert_eq!(Venue::code(v.take(1, Short, 10, 60_000)), WorseMargin);
}

#[test]
fn reducing_beside_an_order_that_opens_must_not_make_the_ratio_worse_either() {
    let mut v = venue(plain(), 3);
    v.trade(1, 2, 1_000, 100_000);
    // Down to a margin of 10 %, and a bid 30 % below the price.
    v.rest(2, Long, 100, 70_000);
    let both = Venue::request(Short, 200, 70_000, Kind::Limit);
    assert_eq!(Venue::code(v.place(1, both)), WorseMargin, "100 lots sold at 70,000, and 100 that rest");
    let opens = Venue::request(Short, 1_300, 70_000, Kind::Limit);
    assert_eq!(Venue::code(v.place(1, opens)), WorseMargin, "an order that opens does not hide it");
    v.run(|x, now| x.cancel_all(2, None, now));
    v.rest(2, Long, 100, 90_000);
    v.place(1, Venue::request(Short, 1_100, 90_000, Kind::Limit)).unwrap();
    assert_eq!(v.size(1), 900, "at its bankruptcy price and above it may");
}

#[test]
fn turning_round_counts_as_opening() {
    let mut v = venue(plain(), 3);
    v.trade(1, 2, 100, 100_000);
    v.rest(3, Long, 100, 100_000);
    v.rest(2, Long, 2_000, 99_999);
    assert_eq!(Venue::code(v.take(1, Short, 100 + 2_000, 99_000)), BelowInitialMargin);
    v.take(1, Short, 100 + 1_500, 99_000).unwrap();
    assert_eq!(v.size(1), -1_500);
}

#[test]
fn a_fill_in_the_book_happens_only_within_the_band() {
    let mut v = venue(Params { band: Rate(50_000), ..plain() }, 3);
    v.rest(2, Short, 1, 105_001);
    assert_eq!(v.take(1, Long, 1, 200_000).unwrap().filled, Lots(0), "beyond it for the taker");
    v.rest(2, Short, 1, 105_000);
    assert_eq!(v.take(1, Long, 1, 200_000).unwrap().filled, Lots(1));
    for (side, edge, beyond) in [(Short, 95_000, 94_999), (Long, 105_000, 105_001)] {
        for kind in [Kind::Limit, Kind::PostOnly] {
            let error = v.place(3, Venue::request(side, 1, beyond, kind)).unwrap_err();
            assert_eq!((error.code, error.expected, error.actual), (OutsideBand, edge, beyond), "for the maker");
        }
    }
    v.rest(3, Short, 1, 95_000);
    assert_eq!(v.take(1, Long, 1, 200_000).unwrap().quote, Atoms(95_000), "at its edge");
    // The price goes up and leaves an ask behind, which is cancelled when it is met.
    v.run(|x, now| x.cancel_all(2, None, now));
    v.rest(3, Short, 1, 100_000);
    v.price(105_300);
    let placed = v.take(1, Long, 1, 200_000).unwrap();
    assert_eq!((placed.filled, placed.matches), (Lots(0), 1));
}

#[test]
fn ones_own_resting_order_is_cancelled_whichever_seat_it_is_of() {
    let mut v = venue(plain(), 3);
    let owner = v.peek(|x, _| x.market.seats[1].owner);
    let twin = v.seat_of(owner, 10_000_000);
    v.rest(twin, Short, 5, 100_000);
    v.rest(2, Short, 5, 100_000);
    let placed = v.take(1, Long, 5, 100_000).unwrap();
    assert_eq!((placed.filled, placed.matches), (Lots(5), 2));
    assert_eq!((v.size(twin), v.size(2)), (0, -5));
}

#[test]
fn a_maker_that_would_end_below_maintenance_is_passed_over() {
    let mut v = venue(plain(), 3);
    v.rest(2, Long, 1_900, 100_000);
    v.rest(3, Long, 100, 90_000);
    v.price(95_000);
    assert_eq!(v.take(1, Short, 50, 80_000).unwrap().filled, Lots(50), "a small fill it can bear");
    // All of it would leave 0.5m on 180m of notional.
    let placed = v.take(1, Short, 1_850, 80_000).unwrap();
    assert_eq!(placed.filled, Lots(100), "its order is cancelled and matching goes on");
    assert_eq!(v.size(2), 50);
}

#[test]
fn expired_orders_are_dropped_as_they_are_met() {
    let mut v = venue(plain(), 2);
    let now = v.now;
    let dying = OrderRequest { expires: now + 5, ..Venue::request(Short, 5, 100_000, Kind::Limit) };
    v.place(2, dying).unwrap();
    assert_eq!(Venue::code(v.place(2, OrderRequest { expires: now, ..dying })), OrderExpired);
    v.now += 5;
    assert_eq!(v.take(1, Long, 5, 100_000).unwrap().filled, Lots(0));
    v.peek(|x, _| assert_eq!(x.book.side_len(Short), 0));
}

#[test]
fn reduce_only_orders_never_exceed_the_position() {
    let mut v = venue(plain(), 3);
    v.trade(1, 2, 10, 100_000);
    let reduce = |lots, price| OrderRequest { reduce_only: true, ..Venue::request(Short, lots, price, Kind::Limit) };
    assert_eq!(Venue::code(v.place(2, reduce(5, 101_000))), ReduceOnlyExceeds, "the wrong way");
    v.place(1, reduce(6, 101_000)).unwrap();
    assert_eq!(Venue::code(v.place(1, reduce(5, 101_000))), ReduceOnlyExceeds);
    v.place(1, reduce(4, 102_000)).unwrap();
    // The position shrinks to 5: the newest reduce-only order goes, then the older one, until they fit.
    v.rest(3, Long, 5, 100_000);
    v.take(1, Short, 5, 100_000).unwrap();
    v.peek(|x, _| assert_eq!((x.market.seats[1].reduce_lots, x.market.seats[1].order_count), (0, 0)));
}

#[test]
fn sizes_and_prices_out_of_range_are_refused_by_name() {
    let mut v = venue(Params { min_order: 5, ..plain() }, 2);
    let mut fails = |lots, price| Venue::code(v.place(1, Venue::request(Long, lots, price, Kind::Limit)));
    assert_eq!(fails(4, 100_000), BelowMinimumOrder);
    assert_eq!(fails(0, 100_000), LotsOutOfRange);
    assert_eq!(fails(-5, 100_000), LotsOutOfRange);
    assert_eq!(fails(i64::MAX, 100_000), LotsOutOfRange);
    assert_eq!(fails(5, 0), PriceOutOfRange);
    assert_eq!(fails(5, 1 << 31), PriceOutOfRange);
    assert_eq!(fails(5, i64::MIN), PriceOutOfRange);
}

#[test]
fn a_seat_has_a_bounded_number_of_orders() {
    let mut v = venue(plain(), 1);
    for n in 0..MAX_ORDERS_PER_SEAT as i64 {
        v.rest(1, Long, 1, 90_000 - n);
    }
    assert_eq!(Venue::code(v.place(1, Venue::request(Long, 1, 80_000, Kind::Limit))), TooManyOrders);
}

#[test]
fn a_full_side_gives_way_to_a_better_order_that_then_stays_a_while() {
    let mut v = Venue::sized(plain(), crate::state::header::RankRule::ProfitLeverage, 8, 8);
    v.price(100_000);
    let (a, b) = (v.seat(10_000_000), v.seat(10_000_000));
    let owner = v.peek(|x, _| x.market.seats[b as usize].owner);
    for price in [90_000, 91_000, 92_000, 93_000] {
        v.rest(a, Long, 1, price);
    }
    assert_eq!(Venue::code(v.place(b, Venue::request(Long, 1, 90_000, Kind::Limit))), BookFull);
    let soon = v.now + 1;
    let better = OrderRequest { client_id: 7, expires: soon, ..Venue::request(Long, 1, 93_500, Kind::Limit) };
    v.place(b, better).unwrap();
    v.peek(|x, _| assert_eq!(x.market.seats[a as usize].order_count, 3));
    assert_eq!(Venue::code(v.try_run(|x, now| x.cancel_order(b, 7, now))), OrderLocked);
    let twin = v.seat_of(owner, 10_000_000);
    let tricked = v.take(twin, Short, 1, 80_000).unwrap();
    assert_eq!((tricked.filled, tricked.matches), (Lots(0), 0), "nor by trading with oneself");
    assert_eq!(v.run(|x, now| x.cancel_all(b, None, now)), 0);
    v.now += 5;
    v.peek(|x, now| assert!(!x.book.orders[x.book.best(Long).unwrap() as usize].is_expired(now), "nor by expiring"));
    v.now += 5;
    v.run(|x, now| x.cancel_order(b, 7, now));
    assert_eq!(Venue::code(v.try_run(|x, now| x.cancel_order(b, 7, now))), NoSuchOrder);
}

#[test]
fn cancelling_a_side_leaves_the_other() {
    let mut v = venue(plain(), 1);
    v.rest(1, Long, 1, 90_000);
    v.rest(1, Short, 1, 110_000);
    assert_eq!(v.run(|x, now| x.cancel_all(1, Some(Long), now)), 1);
    v.peek(|x, _| assert_eq!((x.book.side_len(Long), x.book.side_len(Short)), (0, 1)));
}

#[test]
fn while_a_seat_is_bankrupt_only_orders_that_take_from_the_losers_rest_and_nothing_matches() {
    for (losers, price) in [(Long, 94_000), (Short, 106_000)] {
        let mut v = venue(plain(), 3);
        let (long, short) = if losers == Long { (1, 2) } else { (2, 1) };
        v.trade(long, short, 2_000, 100_000);
        let ahead = price - 1_000 * losers.sign();
        v.rest(3, losers.opposite(), 10, price);
        v.price(price);
        assert!(v.equity(1) < 0);
        v.rest(2, losers, 10, ahead);
        for kind in [Kind::Limit, Kind::PostOnly, Kind::ImmediateOrCancel, Kind::FillOrKill] {
            let other = Venue::request(losers.opposite(), 10, price + 1_000 * losers.sign(), kind);
            assert_eq!(Venue::code(v.place(3, other)), BankruptSeat, "the losers' own side: {kind:?}");
        }
        for (kind, code) in [(Kind::Limit, BankruptSeat), (Kind::PostOnly, PostOnlyCrosses)] {
            assert_eq!(Venue::code(v.place(2, Venue::request(losers, 10, price, kind))), code, "crossed");
        }
        v.deleverage(10);
        let four = v.seat(10_000_000);
        assert_eq!(v.take(four, losers, 10, price).unwrap().filled, Lots(10), "cleared, the book trades again");
    }
}

#[test]
fn while_a_jump_is_pending_nothing_matches_and_a_stale_price_stops_placing() {
    let mut v = venue(Params { jump: Rate(50_000), ..plain() }, 2);
    v.rest(2, Short, 10, 100_000);
    v.now += 11;
    v.print(80_000);
    assert_eq!(Venue::code(v.take(1, Long, 1, 100_000)), PricePending);
    assert_eq!(Venue::code(v.place(1, Venue::request(Long, 1, 100_000, Kind::Limit))), PricePending, "crossed");
    v.rest(1, Long, 1, 99_999);
    v.rest(1, Short, 1, 100_001);
    assert_eq!(Venue::code(v.try_run(|x, now| x.liquidate(1, None, now))), PricePending);
    v.now += 61;
    assert_eq!(Venue::code(v.take(1, Long, 1, 100_000)), StalePrice);
    v.run(|x, now| x.cancel_all(1, None, now));
}

#[test]
fn an_order_rests_while_a_jump_is_pending_even_if_the_newest_print_cannot_be_used() {
    let mut v = venue(Params { jump: Rate(50_000), ..plain() }, 2);
    v.now += 11;
    v.print(80_000);
    let unusable = crate::state::price::Print { price: Price(0), published: v.now + 1 };
    let place = |v: &mut Venue, request| {
        v.try_run(|x, now| {
            x.observe(unusable, now);
            x.place_order(1, &request, now)
        })
    };
    assert_eq!(Venue::code(place(&mut v, Venue::request(Long, 1, 100_000, Kind::ImmediateOrCancel))), BadPrice);
    assert_eq!(place(&mut v, Venue::request(Long, 1, 99_000, Kind::Limit)).unwrap().rested, Lots(1));
    v.now += 61;
    assert_eq!(Venue::code(place(&mut v, Venue::request(Long, 1, 99_000, Kind::Limit))), BadPrice);
}

#[test]
fn paused_opening_leaves_closing_open() {
    let mut v = venue(plain(), 2);
    v.trade(1, 2, 10, 100_000);
    v.peek(|x, _| x.market.head.opening_paused = 1);
    assert_eq!(Venue::code(v.place(1, Venue::request(Long, 1, 90_000, Kind::Limit))), OpeningPaused);
    let close = OrderRequest { reduce_only: true, ..Venue::request(Long, 10, 100_000, Kind::Limit) };
    v.place(2, close).unwrap();
    v.take(1, Short, 10, 100_000).unwrap();
    assert_eq!((v.size(1), v.size(2)), (0, 0));
}

#[test]
fn a_delegate_trades_and_never_withdraws() {
    let mut v = venue(plain(), 2);
    v.run(|x, _| x.market.set_delegate(1, key(77)));
    v.peek(|x, _| {
        x.market.require_trader(1, &key(77)).unwrap();
        assert_eq!(x.market.require_owner(1, &key(77)).unwrap_err().code, OwnerOnly);
        assert_eq!(x.market.require_trader(2, &key(77)).unwrap_err().code, NotSeatOwner);
        assert_eq!(x.market.require_trader(1, &[0; 32]).unwrap_err().code, NotSeatOwner, "no delegate is nobody");
        assert_eq!(x.market.require_trader(2, &[0; 32]).unwrap_err().code, NotSeatOwner);
        assert_eq!(x.market.require_trader(0, &[0; 32]).unwrap_err().code, VaultSeat);
        assert_eq!(x.market.require_trader(99, &key(1)).unwrap_err().code, NoSuchSeat);
    });
}

proptest! {
    #[test]
    fn a_maker_is_judged_by_the_position_it_would_have(
        cash in -200_000_000i64..200_000_000, held in -900i64..900, lots in 1i64..900, short in any::<bool>(),
        price in 95_000i64..105_000, funding in -3_000i64..3_000, fee in 0u32..1_000, margin in 2_000u32..100_000,
    ) {
        let mut v = venue(plain(), 1);
        v.fund(funding);
        let margin = Rate(margin);
        let order = Order { price: Price(price), lots: Lots(lots), seat: 1, side: short as u8, ..Order::default() };
        let (judged, booked) = v.peek(|x, _| {
            x.market.head.params.maker_fee = Rate(fee);
            let position = &mut x.market.seats[1].position;
            *position = Position { cash: Atoms(cash), size: Lots(held), ..Position::default() };
            let mut after = *position;
            after.trade(order.lots.on(order.side()), order.price, x.market.head.funding).unwrap();
            let fee = x.market.head.params.maker_fee.of_atoms(order.lots * order.price, Round::Up);
            after.cash = after.cash.minus(fee).unwrap();
            let equity = after.equity(x.market.adjusted_price()).unwrap();
            let booked = (equity >= required(margin, after.size, x.market.oracle_price())).then_some(fee);
            (crate::rules::makers::borne_fee(&x.market, &order, order.lots, margin), booked)
        });
        prop_assert_eq!(judged, booked);
    }
}
