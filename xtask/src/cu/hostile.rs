//! The dearest states that strangers can bring about, at full size: what bounds a crank's work must hold in all of them.

use std::collections::BTreeMap;

use zerosum_engine::{
    heap::next_in_walk,
    layout::{MAX_CRANK_MATCHES, MAX_MET_BEFORE_RANKING, MAX_ORDERS, MAX_ORDERS_PER_SEAT, MAX_SEATS},
    ops::orders::OrderRequest,
    state::header::{BudgetSlice, RankRule},
    state::params::Params,
    state::receipt::Kind,
    units::{Atoms, Rate, Side},
    view::QueueLine,
};
use zerosum_svm::{Build, Instruction};

use super::{
    cases::{self, Others},
    scene::{JUMP, OPEN, Scene, order},
};

/// The most that one `liquidate(1)` and one `deleverage(1)` may use.
const LIQUIDATE: u64 = 400_000;
const DELEVERAGE: u64 = 1_000_000;

/// What each case is, and its target in units.
pub const ABOUT: &[(&str, u64, &str)] = &[
    (
        "liquidate_1_hostile",
        LIQUIDATE,
        "64 longs and 64 shorts that nobody takes, theirs the best 4,096 of 8,192 orders",
    ),
    (
        "liquidate_1_waiting",
        LIQUIDATE,
        "16 longs and 15 shorts that the vault takes at the next print, and one against 64 makers",
    ),
    ("liquidate_1_bankrupt", LIQUIDATE, "a bankrupt seat of which 64 makers take a lot each, before the vault's bid"),
    (
        "liquidate_1_filling",
        LIQUIDATE,
        "one seat against the smallest orders of 64 makers, each before the vault's bid",
    ),
    ("deleverage_1_hostile", DELEVERAGE, "the worst ranking, behind 15 dead orders, a winner who loses 32 orders"),
    ("deleverage_1_filling", DELEVERAGE, "the same behind 15 losers that 15 makers take, each before the vault's bid"),
];

/// Orders a side of a full book, and the most of a seat.
const SIDE: usize = MAX_ORDERS / 2;
const EACH: usize = MAX_ORDERS_PER_SEAT as usize;
/// Where the orders are that are in nobody's way.
const FAR: i64 = 100_000;
/// What a jump is that leaves a short hardly any margin.
const HIGHER: i64 = 42_000;
/// Resting orders that a crank meets at most.
const MET: usize = MAX_CRANK_MATCHES as usize;
/// Places that a walk over a side looks at.
const WALK: usize = 16;
/// Resting orders that a call may meet and still rank the winners.
const UNRANKED: usize = MAX_MET_BEFORE_RANKING as usize - 1;

/// Records that the seats of a case take, and the makers that fill the book.
const ROOM: usize = 4 * MET + 2 * SIDE / EACH;

/// A case by its name, and what measures it.
type Case = (&'static str, fn(Build) -> u64);

/// Measures the cases whose names contain `only`.
pub fn measure(build: Build, only: Option<&str>, figures: &mut BTreeMap<&'static str, u64>) {
    let cases: [Case; 6] = [
        ("liquidate_1_bankrupt", bankrupt),
        ("liquidate_1_filling", filling),
        ("liquidate_1_hostile", nobody_takes),
        ("liquidate_1_waiting", waiting),
        ("deleverage_1_filling", many_losers),
        ("deleverage_1_hostile", dead_orders),
    ];
    for (name, measure) in cases {
        if only.is_none_or(|part| name.contains(part)) {
            figures.insert(name, measure(build));
        }
    }
}

/// A market of all the seats it can have, all with positions, but for `room` records.
fn crowded(build: Build, room: usize, vault: i64) -> Scene {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, MAX_SEATS as usize, SIDE);
    scene.price(OPEN);
    if vault > 0 {
        scene.fund_vault(vault);
    }
    for pair in 0..(MAX_SEATS as usize - room) as i64 / 2 {
        let margin = |salt: i64| 200_000 + (pair * 7_919 + salt) % 700_000;
        let (long, short) = (scene.seat(false, margin(0)), scene.seat(false, margin(333_667)));
        scene.trade(long, short, 1);
    }
    scene
}

/// A long and a short of so many lots with hardly more than the initial margin.
fn thin_pair(scene: &mut Scene, lots: i64) -> (u32, u32) {
    let (long, short) = (scene.seat(false, lots * 52_000), scene.seat(false, lots * 52_000));
    scene.trade(long, short, lots);
    (long, short)
}

/// Lets higher margins take effect, as the authority's change does after two days: thin seats are then below maintenance,
/// on both sides.
fn raise_margins(scene: &mut Scene) {
    raise(scene, |params| {
        (params.maintenance, params.target, params.initial) = (Rate(60_000), Rate(70_000), Rate(80_000));
    });
}

fn raise(scene: &mut Scene, change: impl FnOnce(&mut Params)) {
    scene.act(|exchange, _| {
        let params = &mut exchange.market.head.params;
        change(params);
        assert_eq!(params.validate(), Ok(()));
    });
}

/// The dearest of the calls that it takes until the market stays as it is, `most` at most.
fn dearest(scene: &mut Scene, call: &Instruction, most: usize) -> u64 {
    let mut dearest = 0;
    for _ in 0..most {
        dearest = dearest.max(scene.cost(call.clone(), false));
        let before = scene.market().bodies().1.to_vec();
        scene.perform(call.clone());
        if scene.market().bodies().1 == before {
            break;
        }
    }
    dearest
}

/// Seats that neither the book nor the vault takes, whose own orders are in the way of each other.
fn nobody_takes(build: Build) -> u64 {
    let mut scene = crowded(build, ROOM, 0);
    let pairs: Vec<_> = (0..MET).map(|_| thin_pair(&mut scene, 64)).collect();
    for (number, (long, short)) in pairs.into_iter().enumerate() {
        for n in 0..EACH {
            let away = 100 + (number * EACH + n) as i64;
            // Against its position, so that they need no margin.
            scene.rest(long, Side::Short, 1, OPEN + away);
            scene.rest(short, Side::Long, 1, OPEN - away);
        }
    }
    scene.fill_book(SIDE, FAR);
    raise_margins(&mut scene);
    raise(&mut scene, |params| params.vault_size_cap = 0);
    scene.publish();
    let call = scene.at.liquidate(1, None);
    dearest(&mut scene, &call, 100)
}

/// Longs and shorts that the vault would take but for the older price, and that the book does not. The last of the shorts
/// has more margin than the others, so the vault offers less for it, and the smallest orders of many makers pay more than
/// that. The last maker's fill ends its position, and with it 31 reduce-only orders.
fn waiting(build: Build) -> u64 {
    let mut scene = crowded(build, MAX_SEATS as usize, 1 << 50);
    let strong = scene.seat(false, 1 << 50);
    // All of them: what a walk looks at besides costs less.
    let half = (MAX_SEATS as usize - ROOM) / 2;
    for _ in 0..half {
        let short = scene.seat(false, 64 * 51_700);
        scene.trade(strong, short, 64);
    }
    for _ in 0..30 {
        scene.print_again();
    }
    // One accepted step, so that the shorts are maintained at the price before it.
    raise(&mut scene, |params| params.jump = Rate(50_000));
    scene.print(OPEN + HIGHER);
    raise(&mut scene, |params| params.jump = Rate(JUMP));
    for _ in 0..half {
        let long = scene.seat(false, 64 * (OPEN + HIGHER) / 1_000 * 51);
        scene.trade(long, strong, 64);
    }
    let lots = 4_000;
    let short = scene.seat(false, lots * (OPEN + HIGHER) / 100_000 * 5_020);
    scene.trade(strong, short, lots);
    let price = OPEN + HIGHER + (OPEN + HIGHER) / 10_000 * 95;
    for n in 1..MET as i64 {
        let maker = scene.seat(false, 1_000_000_000);
        scene.rest(maker, Side::Short, 1, price + n);
    }
    let last = scene.seat(false, 1_000_000_000);
    scene.trade(last, strong, EACH as i64);
    scene.rest(last, Side::Short, EACH as i64, price + MET as i64);
    for n in 1..EACH as i64 {
        let request = OrderRequest { reduce_only: true, ..order(Side::Short, 1, price + 100_000 + n) };
        scene.act(|exchange, now| exchange.place_order(last, &request, now)).expect("a reduce-only order rests");
    }
    scene.fill_book(SIDE, FAR);
    // As the authority's change does after two days: those who have just opened are below maintenance too.
    raise(&mut scene, |params| {
        (params.maintenance, params.target, params.initial) = (Rate(51_000), Rate(60_000), Rate(70_000));
        params.vault_min_edge = params.vault_discount;
    });
    busy_budget(&mut scene);
    let slot = scene.market().seats()[short as usize].heap_slot;
    let before = before_in_walk(&scene, slot, WALK - 1);
    scene.act(|exchange, _| exchange.market.head.short_cursor = before);
    scene.publish();
    let call = scene.at.liquidate(1, None);
    met(&mut scene, &call, Side::Short, MET + EACH - 1)
}

/// The slot of the shorts' queue from which a walk over seats below maintenance looks at `slot` after `steps` others.
fn before_in_walk(scene: &Scene, slot: u32, steps: usize) -> u32 {
    let len = scene.market().head().short_len;
    let order: Vec<_> = std::iter::successors(Some(0), |slot| next_in_walk(len, *slot, true)).collect();
    let place = order.iter().position(|other| *other == slot).expect("it is in the queue");
    order[place - steps]
}

/// Fills that are the smallest there are, each with a look at the vault's bid, and a fee for the vault.
fn filling(build: Build) -> u64 {
    let mut scene = crowded(build, ROOM, 1 << 50);
    thin_pair(&mut scene, 400);
    for n in 0..MET as i64 {
        let maker = scene.seat(false, 1_000_000_000);
        scene.rest(maker, Side::Long, 1, OPEN - 100 - n);
    }
    scene.fill_book(SIDE, FAR);
    raise_margins(&mut scene);
    busy_budget(&mut scene);
    scene.publish();
    let call = scene.at.liquidate(1, None);
    met(&mut scene, &call, Side::Long, MET)
}

/// What a call costs, which takes so many orders of a side out of the book.
fn met(scene: &mut Scene, call: &Instruction, side: Side, orders: usize) -> u64 {
    let cost = scene.cost(call.clone(), false);
    let rest = |scene: &mut Scene| scene.act(|exchange, _| exchange.book.side_len(side)) as usize;
    let before = rest(scene);
    scene.perform(call.clone());
    assert_eq!(before - rest(scene), orders);
    cost
}

/// A vault that may lose all it has and has lost a little in every slice of the window, so every look at its budget adds
/// them up.
fn busy_budget(scene: &mut Scene) {
    raise(scene, |params| {
        params.vault_loss_budget = Rate(1_000_000);
    });
    scene.act(|exchange, now| {
        let opening = exchange.market.vault_equity().expect("the vault is worth something");
        let length = exchange.market.head.params.budget_window / 8;
        for (place, slice) in (0..).zip(exchange.market.head.budget.iter_mut()) {
            let end = now + length / 2 - place * length;
            *slice = BudgetSlice { start: end - length, end, spent: Atoms(1), opening };
        }
    });
}

/// A bankrupt seat behind orders whose time is over when they are met.
fn dead_orders(build: Build) -> u64 {
    let mut scene = ranked(build, 0, 0);
    let later = scene.now() + 2;
    let makers = [scene.seat(false, 1_000_000_000), scene.seat(false, 1_000_000_000)];
    for n in 0..UNRANKED {
        let bid = OrderRequest { expires: later, ..order(Side::Long, 1, oracle_price(&scene) + 20_000 - n as i64) };
        rest(&mut scene, makers[n / EACH], &bid);
    }
    winner_with_orders(&mut scene);
    scene.wait(1);
    scene.publish();
    forced(&mut scene)
}

/// A large bankrupt seat of which one maker after the other takes a lot, for hardly more than the vault would pay.
fn bankrupt(build: Build) -> u64 {
    let mut scene = ranked(build, 0, 1 << 50);
    for n in 0..MET as i64 {
        let maker = scene.seat(false, 1_000_000_000);
        let bid = order(Side::Long, 1, oracle_price(&scene) + 20_000 - n);
        rest(&mut scene, maker, &bid);
    }
    busy_budget(&mut scene);
    scene.publish();
    let call = scene.at.liquidate(1, None);
    met(&mut scene, &call, Side::Long, MET)
}

/// Bankrupt seats of one lot before the large one, each of which a maker takes, before force takes the rest.
fn many_losers(build: Build) -> u64 {
    let mut scene = ranked(build, UNRANKED, 1 << 50);
    for n in 0..UNRANKED as i64 {
        let maker = scene.seat(false, 1_000_000_000);
        let bid = order(Side::Long, 1, oracle_price(&scene) + 20_000 - n);
        rest(&mut scene, maker, &bid);
    }
    winner_with_orders(&mut scene);
    busy_budget(&mut scene);
    raise(&mut scene, |params| params.vault_size_cap = 1);
    scene.print_again();
    scene.publish();
    forced(&mut scene)
}

/// The worst ranking at full size, with a full book.
fn ranked(build: Build, losers: usize, vault: i64) -> Scene {
    let others = Others { room: MET, losers, vault, orders: SIDE, resting: SIDE - 2 * MET };
    cases::crowd(build, MAX_SEATS as usize, cases::LOSING, 1, &others)
}

fn oracle_price(scene: &Scene) -> i64 {
    scene.market().head().price.accepted.0
}

fn rest(scene: &mut Scene, seat: u32, request: &OrderRequest) {
    scene.act(|exchange, now| exchange.place_order(seat, request, now)).expect("a bid rests while longs are bankrupt");
}

/// The first of the winners gets as many orders as it may have: a large one and small ones, which all go once half of its
/// position does.
fn winner_with_orders(scene: &mut Scene) {
    let mut page = [QueueLine::default()];
    let found = scene.act(|exchange, now| exchange.market.view_adl_queue(Side::Short, None, &mut page, now));
    assert_eq!(found, Ok(1));
    let [QueueLine { seat, size, .. }] = page;
    // As far beyond its position as its margin reaches.
    let beyond = scene.equity(seat) * 20 / oracle_price(scene);
    rest(scene, seat, &order(Side::Long, size.abs().0 + beyond - EACH as i64, OPEN / 2));
    for n in 1..EACH as i64 {
        rest(scene, seat, &order(Side::Long, 1, OPEN / 2 - n));
    }
}

/// What forcing the first winner costs, which loses all its orders.
fn forced(scene: &mut Scene) -> u64 {
    let call = scene.at.deleverage(1, None);
    let cost = scene.cost(call.clone(), false);
    scene.perform(call);
    let winner = scene.market().receipts().last().filter(|receipt| receipt.kind == Kind::Forced as u8);
    let winner = winner.expect("somebody was deleveraged").winner;
    assert_eq!(scene.market().orders_of(winner).count(), 0, "its orders went");
    cost
}
