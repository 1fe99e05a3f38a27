//! The cases. Each is one instruction simulated on a market that the engine built.

use std::collections::BTreeMap;

use zerosum_engine::{
    layout::{MAX_ORDERS_PER_SEAT, MAX_SEATS},
    ops::orders::{Kind, OrderRequest},
    state::header::RankRule,
    units::{Atoms, Side},
};
use zerosum_svm::Build;

use super::{
    hostile, others,
    scene::{JUMP, OPEN, Scene, order},
};

/// Seats and orders a side of an ordinary full market.
pub const SEATS: usize = 8_192;
pub const ORDERS: usize = 1_024;
/// The most seats a market has.
const FULL: usize = MAX_SEATS as usize;

/// What each case is, and its target in units.
const ABOUT: &[(&str, Option<u64>, &str)] = &[
    ("cancel", Some(3_200), "cancel one of a full book"),
    ("crank_idle", Some(3_500), "`liquidate` with nothing to do"),
    ("deleverage_1", Some(60_000), "one loser, one winner, lognormal sizes"),
    ("deleverage_1_withdrawn", None, "the same where every winner has withdrawn profit, so none can be skipped"),
    ("deleverage_1_equal", None, "equal seats"),
    ("deleverage_1_equal_withdrawn", None, "the same, profit withdrawn"),
    ("deleverage_1_worst", Some(300_000), "each seat beats the one before"),
    ("deleverage_1_worst_withdrawn", None, "the same, profit withdrawn"),
    ("deleverage_1_worst_16384", Some(1_000_000), "the worst order with 16,384 seats"),
    ("deleverage_1_equal_16384", Some(1_000_000), "16,384 equal seats"),
    (
        "deleverage_1_withdrawn_16384",
        Some(1_000_000),
        "the worst order, profit withdrawn, terms from 2^32 on, deposits young",
    ),
    ("deleverage_1_spent_16384", Some(1_000_000), "the same where nothing but young deposits is left of their equity"),
    ("deleverage_1_mixed_16384", Some(1_000_000), "the same where only the last seat of each 64 has withdrawn profit"),
    ("deleverage_1_losing_16384", Some(1_000_000), "the same with nobody in profit"),
    ("deleverage_32_worst_16384", Some(1_000_000), "32 winners of 16,384 in the worst order"),
    (
        "deleverage_32_withdrawn_16384",
        Some(1_000_000),
        "32 winners, profit withdrawn, terms from 2^32 on, deposits young",
    ),
    (
        "deleverage_32_losing_16384",
        Some(1_000_000),
        "the 16 that a call closes of 16,384 who are not in profit, terms from 2^32 on, deposits young",
    ),
    ("deleverage_idle", None, "nobody is bankrupt"),
    ("deleverage_per_extra_asked", None, "each further winner that a call asks for and does not need"),
    ("deleverage_per_extra_loser", Some(4_000), "each further loser against the same winner"),
    (
        "deleverage_per_extra_winner",
        Some(2_500),
        "each further winner of the same loser, in a call that asks for as many",
    ),
    ("deposit", Some(7_000), "into a seat with a position"),
    ("liquidate_book_1", Some(8_500), "one seat, one maker"),
    ("liquidate_vault", Some(7_000), "one seat without orders, absorbed by the vault"),
    ("place_evicting", None, "rests on a full side and evicts the worst of 1,024"),
    ("place_resting", Some(4_500), "rests in front of 1,022 others"),
    ("place_resting_behind", None, "rests behind 1,022 others"),
    ("place_take_1", Some(6_500), "fills one maker completely"),
    ("place_take_per_extra_fill", Some(1_700), "each further order, 32 of a seat one after the other"),
    ("place_take_per_extra_maker", None, "each further order, each of another seat"),
    ("program_bytes", Some(520_000), "the size of the program"),
    ("view_adl_queue", None, "a page of the queue"),
    ("view_seat", Some(300_000), "rank among all"),
    ("view_seat_16384", Some(1_000_000), "the same with 16,384 seats in the worst order"),
    ("view_seat_losing_16384", Some(1_000_000), "the same with nobody in profit, terms from 2^32 on, deposits young"),
    ("view_seat_spent_16384", Some(1_000_000), "the same where nothing but young deposits is left of their equity"),
    ("view_seat_withdrawn_16384", Some(1_000_000), "the same where they withdrew profit"),
    ("withdraw", Some(8_000), "from a seat with a position"),
];

/// Target and description of a case.
pub fn about(name: &str) -> (Option<u64>, &'static str) {
    let targets = hostile::ABOUT.iter().map(|about| (about.0, Some(about.1), about.2));
    let others = others::ABOUT.iter().map(|about| (about.0, None, about.1));
    let mut all = ABOUT.iter().copied().chain(targets).chain(others);
    all.find(|about| about.0 == name).map_or((None, ""), |about| (about.1, about.2))
}

/// The sizes of a ranking's winners.
#[derive(Clone, Copy)]
enum Sizes {
    Lognormal,
    Equal,
    /// Each goes before the one before it.
    Rising,
}

/// Which winners have withdrawn unrealised profit.
#[derive(Clone, Copy, PartialEq)]
enum Withdrawn {
    Nobody,
    Everybody,
    /// Everybody withdrew all but the profit, and the last of each 64 an atom of it.
    Some,
    /// Everybody, and then the price took what was left: what they stand on are young deposits.
    AllOfIt,
}

/// How the winners of a ranking are made.
#[derive(Clone, Copy)]
pub struct Winners {
    sizes: Sizes,
    withdrawn: Withdrawn,
    /// Whether every amount is so large that it has to be scaled, and a deposit of each is young.
    rich: bool,
    in_profit: bool,
}

impl Winners {
    const fn new(sizes: Sizes) -> Self {
        Self { sizes, withdrawn: Withdrawn::Nobody, rich: false, in_profit: true }
    }

    const fn withdrawn(self) -> Self {
        Self { withdrawn: Withdrawn::Everybody, ..self }
    }

    const fn rich(self) -> Self {
        Self { rich: true, ..self }
    }

    fn lots(&self, n: usize) -> i64 {
        let lots = match self.sizes {
            Sizes::Equal => 100,
            Sizes::Rising => 100 + n as i64,
            Sizes::Lognormal => {
                // Quantiles of a lognormal with sigma 1.5 in a scrambled order: e^(1.5 x) for x by the logistic approximation.
                let place = ((n * 7_919) % 8_191) as f64 / 8_191.0 * 0.998 + 0.001;
                let x = (place / (1.0 - place)).ln() / 1.702;
                (100.0 * (1.5 * x).exp()) as i64 + 1
            }
        };
        if self.rich { lots + 200_000 } else { lots }
    }
}

const LOGNORMAL: Winners = Winners::new(Sizes::Lognormal);
const EQUAL: Winners = Winners::new(Sizes::Equal);
const WORST: Winners = Winners::new(Sizes::Rising);
pub const HOSTILE: Winners = WORST.withdrawn().rich();
pub const SPENT: Winners = Winners { withdrawn: Withdrawn::AllOfIt, ..HOSTILE };
pub const LOSING: Winners = Winners { in_profit: false, ..WORST.rich() };

/// Who holds the other side of the winners, no more than one may hold each.
const WHALES: u32 = 4;
/// The loser, behind the vault and the whales.
const LOSER: u32 = WHALES + 1;
/// The first of the winners.
const FIRST: u32 = LOSER + 1;

/// The cases of one market with a full book.
const TRADING: &[&str] = &[
    "deposit",
    "withdraw",
    "place_resting",
    "place_resting_behind",
    "place_evicting",
    "place_take_1",
    "place_take_per_extra_fill",
    "cancel",
    "crank_idle",
    "deleverage_idle",
    "liquidate_book_1",
];

/// The cases of the lognormal ranking besides its own.
const RANKED: &[&str] = &["view_seat", "view_adl_queue", "deleverage_per_extra_winner", "deleverage_per_extra_asked"];

/// Measures the cases whose names contain `only`.
pub fn measure(build: Build, only: Option<&str>) -> BTreeMap<&'static str, u64> {
    let mut cases = BTreeMap::new();
    let wanted = |names: &[&str]| only.is_none_or(|part| names.iter().any(|name| name.contains(part)));
    if wanted(TRADING) {
        trading_cases(build, &mut cases);
    }
    if wanted(&["liquidate_vault"]) {
        cases.insert("liquidate_vault", liquidate_vault(build));
    }
    if wanted(&["deleverage_per_extra_loser"]) {
        cases.insert("deleverage_per_extra_loser", per_extra_loser(build));
    }
    if wanted(&["deleverage_1"]) || wanted(RANKED) {
        let mut scene = ranked(build, SEATS, LOGNORMAL, 1);
        cases.insert("deleverage_1", scene.cost(scene.at.deleverage(1, None), false));
        let last = scene.market().head().seat_count - 1;
        cases.insert("view_seat", scene.cost(scene.at.view_seat(last), false));
        cases.insert("view_adl_queue", scene.cost(scene.at.view_adl_queue(Side::Short, None), false));
        let (winner, asked) = per_extra_winner(build);
        cases.insert("deleverage_per_extra_winner", winner);
        cases.insert("deleverage_per_extra_asked", asked);
    }
    let rankings = [
        ("deleverage_1_withdrawn", SEATS, LOGNORMAL.withdrawn(), 1),
        ("deleverage_1_equal", SEATS, EQUAL, 1),
        ("deleverage_1_equal_withdrawn", SEATS, EQUAL.withdrawn(), 1),
        ("deleverage_1_worst", SEATS, WORST, 1),
        ("deleverage_1_worst_withdrawn", SEATS, WORST.withdrawn(), 1),
        ("deleverage_1_worst_16384", FULL, WORST, 1),
        ("deleverage_1_equal_16384", FULL, EQUAL, 1),
        ("deleverage_1_withdrawn_16384", FULL, HOSTILE, 1),
        ("deleverage_1_spent_16384", FULL, SPENT, 1),
        ("deleverage_1_mixed_16384", FULL, Winners { withdrawn: Withdrawn::Some, ..HOSTILE }, 1),
        ("deleverage_1_losing_16384", FULL, LOSING, 1),
        ("deleverage_32_worst_16384", FULL, WORST, 32),
        ("deleverage_32_withdrawn_16384", FULL, HOSTILE, 32),
        ("deleverage_32_losing_16384", FULL, LOSING, 32),
    ];
    for (name, seats, winners, needed) in rankings {
        if wanted(&[name]) {
            let mut scene = ranked(build, seats, winners, needed);
            cases.insert(name, scene.cost(scene.at.deleverage(needed as u8, None), false));
        }
    }
    let views = [
        ("view_seat_16384", WORST),
        ("view_seat_losing_16384", LOSING),
        ("view_seat_spent_16384", SPENT),
        ("view_seat_withdrawn_16384", HOSTILE),
    ];
    for (name, winners) in views {
        if wanted(&[name]) {
            let mut scene = ranked(build, FULL, winners, 1);
            // The first of the shorts is the last of the line, so all others are counted.
            cases.insert(name, scene.cost(scene.at.view_seat(FIRST), false));
        }
    }
    others::measure(build, only, &mut cases);
    hostile::measure(build, only, &mut cases);
    cases
}

/// A full market with a full book around the price: every instruction that trades.
fn trading_cases(build: Build, cases: &mut BTreeMap<&'static str, u64>) {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, SEATS, ORDERS);
    scene.price(OPEN);
    let mine = scene.seat(true, 1_000_000_000);
    let other = scene.seat(false, 1_000_000_000);
    // All but the makers' seats and those of the cases.
    for pair in 0..(SEATS as i64 - 80) / 2 {
        // Bankruptcy prices in no order, so that the heaps are as they come.
        let margin = |salt: i64| 200_000 + (pair * 7_919 + salt) % 700_000;
        let (long, short) = (scene.seat(false, margin(0)), scene.seat(false, margin(333_667)));
        scene.trade(long, short, 1);
    }
    scene.trade(mine, other, 10);
    // 32 orders a seat, one lot each, a tick apart, deep on both sides; the last place of each side stays free.
    for n in 0..ORDERS as i64 - 1 {
        if n % 32 == 0 {
            scene.seat(false, 1_000_000_000);
        }
        let maker = scene.market().head().seat_count - 1;
        scene.rest(maker, Side::Short, 1, OPEN + 1_000 + n);
    }
    for n in 0..ORDERS as i64 - 2 {
        if n % 32 == 0 {
            scene.seat(false, 1_000_000_000);
        }
        let maker = scene.market().head().seat_count - 1;
        scene.rest(maker, Side::Long, 1, OPEN - 1_000 - n);
    }
    scene.publish();
    let (key, tokens) = (zerosum_svm::Signer::pubkey(&scene.owner), scene.tokens);
    let at = scene.at;
    cases.insert("deposit", scene.cost(at.deposit(&key, mine, &tokens, 1_000), true));
    cases.insert("withdraw", scene.cost(at.withdraw(&key, mine, &tokens, 1_000), true));
    cases.insert("crank_idle", scene.cost(at.liquidate(1, None), false));
    cases.insert("deleverage_idle", scene.cost(at.deleverage(1, None), false));
    let place = |order: OrderRequest| at.place_order(&key, mine, &order);
    cases.insert("place_resting", scene.cost(place(order(Side::Long, 1, OPEN - 500)), true));
    cases.insert("place_resting_behind", scene.cost(place(order(Side::Long, 1, OPEN - 5_000)), true));
    let take = |lots| OrderRequest { kind: Kind::ImmediateOrCancel, ..order(Side::Long, lots, 2 * OPEN) };
    let one = scene.cost(place(take(1)), true);
    let eleven = scene.cost(place(take(11)), true);
    cases.insert("place_take_1", one);
    cases.insert("place_take_per_extra_fill", (eleven - one).div_ceil(10));
    let own = OrderRequest { client_id: 5, ..order(Side::Long, 1, OPEN - 1_500) };
    scene.act(|exchange, now| exchange.place_order(mine, &own, now)).expect("an order rests");
    scene.publish();
    cases.insert("cancel", scene.cost(at.cancel_order(&key, mine, 5), true));
    let last = scene.seat(false, 1_000_000_000);
    scene.rest(last, Side::Long, 1, OPEN - 1_200);
    scene.publish();
    cases.insert("place_evicting", scene.cost(place(order(Side::Long, 1, OPEN - 500)), true));
    cases.insert("liquidate_book_1", liquidate_book(scene));
}

/// One seat falls below maintenance and one maker takes all that is needed.
fn liquidate_book(mut scene: Scene) -> u64 {
    let (weak, strong, buyer) =
        (scene.seat(false, 60_000), scene.seat(false, 1_000_000_000), scene.seat(false, 1_000_000_000));
    scene.trade(weak, strong, 1);
    scene.price(OPEN - 40_000);
    scene.act(|exchange, now| {
        // The deep bids make room for one that is near.
        let maker = exchange.market.head.seat_count - 4;
        exchange.cancel_all(maker, None, now).expect("orders are cancelled");
    });
    scene.rest(buyer, Side::Long, 5, OPEN - 40_000);
    scene.publish();
    let cost = scene.cost(scene.at.liquidate(1, None), false);
    scene.perform(scene.at.liquidate(1, None));
    assert_eq!(scene.market().seats()[weak as usize].position.size.0, 0, "the book took it");
    cost
}

/// A full market with an empty book, one seat under maintenance, and a rich vault.
fn liquidate_vault(build: Build) -> u64 {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, SEATS, ORDERS);
    scene.price(OPEN);
    scene.fund_vault(1_000_000_000_000);
    for pair in 0..(SEATS as i64 - 4) / 2 {
        let margin = |salt: i64| 300_000 + (pair * 7_919 + salt) % 700_000;
        let (long, short) = (scene.seat(false, margin(0)), scene.seat(false, margin(333_667)));
        scene.trade(long, short, 1);
    }
    let (weak, strong) = (scene.seat(false, 600_000), scene.seat(false, 1_000_000_000));
    scene.trade(weak, strong, 10);
    scene.price(OPEN - 38_000);
    scene.print_again();
    scene.publish();
    let cost = scene.cost(scene.at.liquidate(1, None), false);
    scene.perform(scene.at.liquidate(1, None));
    let vault = scene.market().seats()[0].position.size.0;
    assert!(vault > 0, "the vault took it");
    cost
}

/// A market in which one long is bankrupt and `needed` of all the shorts are needed to close it.
fn ranked(build: Build, seats: usize, winners: Winners, needed: usize) -> Scene {
    let mut scene = crowd(build, seats, winners, needed, &Others { orders: ORDERS, ..Others::default() });
    scene.publish();
    scene
}

/// What there is in a ranked market besides.
#[derive(Default)]
pub struct Others {
    /// Records that are left for seats.
    pub room: usize,
    /// Losers of a lot that fall before the large one.
    pub losers: usize,
    /// What is put into the vault.
    pub vault: i64,
    /// Orders that a side of the book can hold.
    pub orders: usize,
    /// Orders that rest on each, far from the price.
    pub resting: usize,
}

/// As [`ranked`], and not published.
pub fn crowd(build: Build, seats: usize, winners: Winners, needed: usize, others: &Others) -> Scene {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, seats, others.orders);
    scene.price(if winners.in_profit { OPEN } else { OPEN / 100 * 90 });
    if others.vault > 0 {
        scene.fund_vault(others.vault);
    }
    let whales = [(); WHALES as usize].map(|()| scene.seat(false, 1 << 52));
    let loser = scene.seat(false, 1 << 50);
    assert_eq!(loser, LOSER);
    let makers = 2 * others.resting.div_ceil(MAX_ORDERS_PER_SEAT as usize);
    let shorts = seats - FIRST as usize - others.room - others.losers - makers;
    let mut lots: Vec<i64> = (0..shorts).map(|n| winners.lots(n)).collect();
    if matches!(winners.sizes, Sizes::Lognormal) {
        lots.rotate_right(shorts / 3);
    }
    for (n, lots) in lots.iter().enumerate() {
        // Not in profit, who has less margin goes first.
        let less = if winners.in_profit { 0 } else { lots * 3 * n as i64 };
        let short = scene.seat(false, lots * OPEN / 4 - less);
        scene.trade(whales[n % whales.len()], short, *lots);
    }
    if winners.withdrawn == Withdrawn::AllOfIt {
        let low = OPEN / 1_000 * 893;
        scene.price(low);
        for (short, lots) in (FIRST..).zip(&lots) {
            let (cash, safe) = (lots * (OPEN + OPEN / 4), lots * OPEN / 5);
            scene
                .act(|exchange, now| {
                    exchange.market.head.params.seasoning = 3_600;
                    let keep = lots * (OPEN / 100 * 94) + 1;
                    debug_assert!(keep - lots * low >= lots * low / 20);
                    exchange.withdraw(short, Atoms(cash - keep), now)?;
                    exchange.deposit(short, Atoms(safe), now)
                })
                .expect("withdrawn and deposited");
        }
    }
    scene.price(OPEN);
    // The loser takes over from the whale what `needed` winners hold, and keeps just the margin.
    let mut largest = lots.clone();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    let total: i64 = largest[..needed].iter().sum::<i64>() - if needed > 1 { 0 } else { largest[0] / 2 };
    scene.trade(loser, whales[0], total);
    // All but the margin that a withdrawal leaves.
    let least = total * OPEN / 20 + total * OPEN / 1_000_000 * JUMP as i64;
    let spare = scene.equity(loser) - least;
    scene.act(|exchange, now| exchange.withdraw(loser, Atoms(spare), now)).expect("backed");
    for _ in 0..others.losers {
        let loser = scene.seat(false, OPEN / 20 + OPEN / 1_000);
        scene.trade(loser, whales[0], 1);
    }
    scene.fill_book(others.resting, 100_000);
    let oracle_price = OPEN / 100 * 94;
    scene.price(oracle_price);
    for short in FIRST..FIRST + shorts as u32 {
        let position = scene.market().seats()[short as usize].position;
        let equity = position.cash.0 + position.size.0 * oracle_price;
        let backing = position.cash.0 + position.cost.0;
        let amount = match winners.withdrawn {
            Withdrawn::Nobody => 0,
            Withdrawn::Everybody => equity + position.size.0 * oracle_price / 19,
            Withdrawn::Some => backing + (short % 64 == 63) as i64,
            Withdrawn::AllOfIt => 0,
        };
        if amount > 0 {
            scene.act(|exchange, now| exchange.withdraw(short, Atoms(amount), now)).expect("backed");
        }
        if winners.rich {
            scene.act(|exchange, now| exchange.deposit(short, Atoms(1_000), now)).expect("a deposit");
        }
    }
    scene
}

/// What each further winner of one loser adds to a call, and what it adds to ask for one that is not needed: the pass keeps
/// as many as the call may need.
fn per_extra_winner(build: Build) -> (u64, u64) {
    let mut few = ranked(build, SEATS, LOGNORMAL, 1);
    let one = few.cost(few.at.deleverage(1, None), false);
    let asked = few.cost(few.at.deleverage(17, None), false);
    let mut many = ranked(build, SEATS, LOGNORMAL, 20);
    let needed = many.cost(many.at.deleverage(17, None), false);
    ((needed - asked).div_ceil(16), (asked - one).div_ceil(16))
}

/// What each further loser adds, all of them against one large winner.
fn per_extra_loser(build: Build) -> u64 {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, SEATS, ORDERS);
    scene.price(OPEN);
    // First of the shorts, and large enough for all.
    let big = scene.seat(false, 60_000_000);
    for pair in 0..(SEATS as i64 - 40) / 2 {
        let margin = 300_000 + (pair * 7_919) % 700_000;
        let (long, short) = (scene.seat(false, margin), scene.seat(false, margin));
        scene.trade(long, short, 1);
    }
    for n in 0..20 {
        let loser = scene.seat(false, 510_000 + n * 10);
        scene.trade(loser, big, 10);
    }
    scene.price(OPEN - 60_000);
    scene.publish();
    let one = scene.cost(scene.at.deleverage(1, None), false);
    let many = scene.cost(scene.at.deleverage(17, None), false);
    (many - one).div_ceil(16)
}
