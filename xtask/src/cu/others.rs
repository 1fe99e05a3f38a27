//! The instructions that no order waits for, and the largest that the others can get.

use std::collections::BTreeMap;

use zerosum_client::{Addresses, Powers};
use zerosum_engine::{
    layout::MAX_SEATS,
    ops::orders::{Kind, OrderRequest},
    oracle::{OracleKind, PriceUpdate, RECEIVERS},
    state::header::RankRule,
    state::params::Params,
    units::{Atoms, Funding, Lots, Rate, Side},
};
use zerosum_svm::{Account, Build, Pubkey, Signer};

use super::{
    cases::{ORDERS, SEATS},
    scene::{OPEN, Scene, order, params},
};

type Cases = BTreeMap<&'static str, u64>;

/// What each case is. None has a target.
pub const ABOUT: &[(&str, &str)] = &[
    ("accept_authority", "takes over the powers"),
    ("accrue_funding", "a second, the best order of a side is enough"),
    ("accrue_funding_8", "the same with eight orders read on both sides"),
    ("announce_dead", "an oracle that has been silent"),
    ("apply_params", "parameters whose time lock is over"),
    ("burn_authority", "gives the powers up"),
    ("cancel_all", "32 orders"),
    ("change_params", "parameters that have to wait"),
    ("close_market", "gives up all accounts of a settled market"),
    ("close_seat", "the last seat: pays its cash and gives up its space"),
    ("close_seat_settled", "closes a position and 32 orders in a settled market"),
    ("close_ticket", "gives up an empty ticket"),
    ("create_market", "with a posted price"),
    ("delist", "sets a date"),
    ("drop_params", "takes a change back"),
    ("execute_mint", "shares for cash"),
    ("execute_redeem", "cash for shares"),
    ("grow_book", "room for as many orders as one instruction can add"),
    ("liquidate_16", "16 seats absorbed by the vault, in as many calls as it takes"),
    ("open_seat", "grows the market by a seat"),
    ("pause_opening", "pauses"),
    ("place_resting_pyth", "rests at a price of a Pyth feed"),
    ("place_take_64", "fills 64 makers completely"),
    ("post_price", "posts a price"),
    ("propose_authority", "offers the powers"),
    ("rebase", "8,192 seats"),
    ("rebase_16384", "16,384 seats"),
    ("request_mint", "creates the ticket"),
    ("request_redeem", "asks for cash"),
    ("set_delegate", "names a key"),
    ("settle", "at the last price of a dead oracle"),
    ("sweep_excess", "tokens that strangers sent"),
    ("take_fees", "pays fee cash out"),
    ("unwind_vault", "offers the vault's inventory"),
];

/// Measures them all, or none where no name contains `only`.
pub fn measure(build: Build, only: Option<&str>, cases: &mut Cases) {
    if only.is_some_and(|part| ABOUT.iter().all(|about| !about.0.contains(part))) {
        return;
    }
    seats(build, cases);
    vault(build, cases);
    powers(build, cases);
    the_end(build, cases);
    cases.insert("rebase", rebase(build, SEATS));
    cases.insert("rebase_16384", rebase(build, MAX_SEATS as usize));
    let (liquidate, unwind) = absorbed(build);
    cases.insert("liquidate_16", liquidate);
    cases.insert("unwind_vault", unwind);
}

/// A market of `seats` seats, all with positions, but for `room` records.
fn market(build: Build, seats: usize, room: usize) -> Scene {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, seats, ORDERS);
    scene.price(OPEN);
    for pair in 0..(seats - room) as i64 / 2 {
        let margin = |salt: i64| 300_000 + (pair * 7_919 + salt) % 700_000;
        let (long, short) = (scene.seat(false, margin(0)), scene.seat(false, margin(333_667)));
        scene.trade(long, short, 1);
    }
    scene
}

/// A seat of the owner's with a position and 32 bids.
fn busy_seat(scene: &mut Scene) -> u32 {
    let (mine, other) = (scene.seat(true, 1_000_000_000), scene.seat(false, 1_000_000_000));
    scene.trade(mine, other, 10);
    for n in 0..32 {
        scene.rest(mine, Side::Long, 1, OPEN - 1_000 - n);
    }
    mine
}

fn seats(build: Build, cases: &mut Cases) {
    let mut scene = market(build, SEATS, 100);
    let mine = busy_seat(&mut scene);
    for n in 0..64 {
        let maker = scene.seat(false, 1_000_000_000);
        scene.rest(maker, Side::Short, 1, OPEN + 1_000 + n);
    }
    scene.publish();
    let (key, tokens, at) = (scene.owner.pubkey(), scene.tokens, scene.at);
    cases.insert("cancel_all", scene.cost(at.cancel_all(&key, mine, None), true));
    cases.insert("set_delegate", scene.cost(at.set_delegate(&key, mine, Some(tokens)), true));
    let take = OrderRequest { kind: Kind::FillOrKill, ..order(Side::Long, 64, 2 * OPEN) };
    let all = scene.cost(at.place_order(&key, mine, &take), true);
    let first = scene.cost(at.place_order(&key, mine, &OrderRequest { lots: Lots(1), ..take }), true);
    cases.insert("place_take_64", all);
    cases.insert("place_take_per_extra_maker", (all - first).div_ceil(63));
    cases.insert("accrue_funding", scene.cost(at.accrue_funding(), false));
    scene.act(|exchange, _| exchange.market.head.params.impact_notional = 8 * (OPEN - 2_000));
    scene.publish();
    cases.insert("accrue_funding_8", scene.cost(at.accrue_funding(), false));
    scene.act(|exchange, _| exchange.market.head.params.impact_notional = params().impact_notional);
    scene.publish();
    cases.insert("grow_book", scene.cost(at.grow_book(&key), true));
    let another = Addresses::new(&key, 2, &at.mint, &at.token_program);
    let powers = Powers::posted(None, key);
    let create = another.create_market(&key, 2, RankRule::ProfitLeverage, &params(), &powers);
    cases.insert("create_market", scene.cost(create, true));
    let print =
        zerosum_engine::state::price::Print { price: scene.market().head().price.accepted, published: scene.now() };
    cases.insert("post_price", scene.cost(at.post_price(&key, print), true));
    scene.fill_pool(7);
    cases.insert("sweep_excess", scene.cost(at.sweep_excess(), false));
    let fresh = scene.seat(true, 1_000_000_000);
    cases.insert("place_resting_pyth", place_on_pyth(&mut scene, fresh));

    let mut scene = market(build, SEATS, 2);
    while (scene.market().head().seat_count as usize) <= SEATS {
        scene.seat(true, 1_000_000);
    }
    scene.publish();
    let (key, tokens, at) = (scene.owner.pubkey(), scene.tokens, scene.at);
    cases.insert("open_seat", scene.cost(at.open_seat(&key, &key, &tokens, 1_000_000), true));
    let last = scene.market().head().seat_count - 1;
    cases.insert("close_seat", scene.cost(at.close_seat(&key, last, Some(&tokens), &key), true));
}

/// The same market as if it had been created on a feed of Pyth, with an update of a second ago.
fn place_on_pyth(scene: &mut Scene, seat: u32) -> u64 {
    let (feed, account) = ([5u8; 32], Pubkey::new_unique());
    let posted = scene.market().head().oracle;
    scene.act(|exchange, _| {
        let head = &mut *exchange.market.head;
        (head.oracle_kind, head.oracle, head.feed) = (OracleKind::Pyth as u8, account.to_bytes(), feed);
        head.lot_exponent = 0;
    });
    scene.publish();
    // A price in millionths, which is atoms of the collateral.
    let mut data = PriceUpdate::DISCRIMINATOR.to_vec();
    data.extend_from_slice(&[0; 32]);
    data.push(PriceUpdate::FULL);
    data.extend_from_slice(&feed);
    data.extend_from_slice(&OPEN.to_le_bytes());
    data.extend_from_slice(&100u64.to_le_bytes());
    data.extend_from_slice(&(-6i32).to_le_bytes());
    data.extend_from_slice(&(scene.now() - 1).to_le_bytes());
    data.resize(134, 0);
    let owner = Pubkey::new_from_array(RECEIVERS[0]);
    scene.set_account(&account, Account { lamports: 10_000_000, data, owner, executable: false, rent_epoch: 0 });
    let (key, at) = (scene.owner.pubkey(), scene.at.reading(account));
    let cost = scene.cost(at.place_order(&key, seat, &order(Side::Short, 1, OPEN + 500)), true);
    scene.act(|exchange, _| {
        let head = &mut *exchange.market.head;
        (head.oracle_kind, head.oracle) = (OracleKind::Posted as u8, posted);
    });
    cost
}

fn vault(build: Build, cases: &mut Cases) {
    let mut scene = market(build, SEATS, 10);
    let (key, tokens, at) = (scene.owner.pubkey(), scene.tokens, scene.at);
    scene.publish();
    let mint = at.request_mint(&key, &key, &tokens, 1_000_000_000);
    cases.insert("request_mint", scene.cost(mint.clone(), true));
    scene.perform(mint);
    let payee = scene.seat(false, 1_000_000);
    let execute = |scene: &mut Scene| {
        scene.wait(params().vault_cooldown);
        scene.price(OPEN);
        scene.publish();
        let execute = at.execute_request(&key, Some(payee));
        let cost = scene.cost(execute.clone(), false);
        scene.perform(execute);
        cost
    };
    cases.insert("execute_mint", execute(&mut scene));
    let shares = scene.market().head().shares;
    cases.insert("request_redeem", scene.cost(at.request_redeem(&key, shares), true));
    scene.perform(at.request_redeem(&key, shares));
    cases.insert("execute_redeem", execute(&mut scene));
    cases.insert("close_ticket", scene.cost(at.close_ticket(&key, &key), false));
}

fn powers(build: Build, cases: &mut Cases) {
    let mut scene = market(build, SEATS, 10);
    let (key, tokens, at) = (scene.owner.pubkey(), scene.tokens, scene.at);
    scene.act(|exchange, _| {
        let head = &mut *exchange.market.head;
        let fees = Atoms(1_000 * params().deleverage_pay_cap);
        (head.fee_cash, head.pool_cash) = (Atoms(head.fee_cash.0 + fees.0), Atoms(head.pool_cash.0 + fees.0));
    });
    scene.publish();
    let waits = Params { maintenance: Rate(20_000), ..params() };
    let date = scene.now() + 8 * 86_400;
    cases.insert("pause_opening", scene.cost(at.pause_opening(&key, true), true));
    cases.insert("change_params", scene.cost(at.change_params(&key, &waits), true));
    cases.insert("delist", scene.cost(at.delist(&key, date), true));
    cases.insert("propose_authority", scene.cost(at.propose_authority(&key, Some(tokens)), true));
    cases.insert("burn_authority", scene.cost(at.burn_authority(&key), true));
    cases.insert("take_fees", scene.cost(at.take_fees(&key, &tokens, 1_000), true));
    scene.perform(at.change_params(&key, &waits));
    cases.insert("drop_params", scene.cost(at.drop_params(&key), true));
    scene.perform(at.propose_authority(&key, Some(key)));
    cases.insert("accept_authority", scene.cost(at.accept_authority(&key), true));
    scene.wait(3 * 86_400);
    cases.insert("apply_params", scene.cost(at.apply_params(), false));
    cases.insert("announce_dead", scene.cost(at.announce_dead(), false));
}

fn the_end(build: Build, cases: &mut Cases) {
    let mut scene = market(build, SEATS, 100);
    let mine = busy_seat(&mut scene);
    let (key, tokens, at) = (scene.owner.pubkey(), scene.tokens, scene.at);
    scene.act(|exchange, now| exchange.market.head.dead_since = now);
    scene.publish();
    scene.wait(2 * 86_400);
    cases.insert("settle", scene.cost(at.settle(), false));
    scene.perform(at.settle());
    cases.insert("close_seat_settled", scene.cost(at.close_seat(&key, mine, Some(&tokens), &key), true));

    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, SEATS, ORDERS);
    let (key, at) = (scene.owner.pubkey(), scene.at);
    scene.price(OPEN);
    scene.act(|exchange, now| exchange.market.head.dead_since = now);
    scene.publish();
    scene.wait(2 * 86_400);
    scene.perform(at.settle());
    scene.perform(at.burn_authority(&key));
    cases.insert("close_market", scene.cost(at.close_market(&key, Some(&key)), false));
}

fn rebase(build: Build, seats: usize) -> u64 {
    let mut scene = market(build, seats, 2);
    scene.act(|exchange, _| exchange.market.head.funding = Funding(7));
    scene.publish();
    scene.cost(scene.at.rebase(), false)
}

/// 16 seats that the vault absorbs, and what it then offers.
fn absorbed(build: Build) -> (u64, u64) {
    let mut scene = Scene::new(build, RankRule::ProfitLeverageSize, SEATS, ORDERS);
    scene.price(OPEN);
    scene.fund_vault(1_000_000_000_000);
    for pair in 0..(SEATS as i64 - 40) / 2 {
        let margin = |salt: i64| 300_000 + (pair * 7_919 + salt) % 700_000;
        let (long, short) = (scene.seat(false, margin(0)), scene.seat(false, margin(333_667)));
        scene.trade(long, short, 1);
    }
    let strong = scene.seat(false, 10_000_000_000);
    let weak: Vec<u32> = (0..16).map(|n| scene.seat(false, 600_000 + n)).collect();
    for seat in &weak {
        scene.trade(*seat, strong, 10);
    }
    scene.price(OPEN - 38_000);
    scene.print_again();
    scene.publish();
    // A walk of the queue is bounded, so it takes more than one call.
    let mut cost = 0;
    while weak.iter().any(|seat| scene.market().seats()[*seat as usize].position.size.0 == 10) {
        cost += scene.cost(scene.at.liquidate(16, None), false);
        scene.perform(scene.at.liquidate(16, None));
        assert!(cost < 1_000_000, "the vault takes them");
    }
    (cost, scene.cost(scene.at.unwind_vault(), false))
}
