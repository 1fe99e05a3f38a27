//! What everybody but the keepers does between two prints.

use zerosum_engine::{
    ops::orders::{Kind, OrderRequest},
    units::{Lots, Price, RATE_ONE, Side},
};

use crate::demo::{
    Failed,
    chain::{Action, Chain},
    market::{milli_btc, price_of_usd},
    price_path::Mood,
    random::Random,
    traders::{Person, Role},
};

/// How deep makers quote in a mood: how far from the price (millionths) their levels are, and of how much (thousandths of
/// a bitcoin) each.
fn quotes(mood: Mood) -> (&'static [i64], i64) {
    match mood {
        Mood::Calm => (&[400, 1_200, 3_000], 500),
        Mood::Fear => (&[800, 2_500, 6_000], 300),
        Mood::Panic => (&[2_500, 8_000, 16_000], 60),
        Mood::Relief => (&[1_500, 3_500, 7_000], 120),
    }
}

/// A maker quotes nothing more on a side once it holds this much of it.
const MAKER_LIMIT: Lots = milli_btc(40_000);

/// Makers cancel everything, and quote around the accepted price unless a jump is pending.
pub fn makers_quote(chain: &mut Chain, people: &[Person], mood: Mood) -> Result<(), Failed> {
    let makers = || people.iter().filter(|person| person.role == Role::Maker);
    for maker in makers() {
        chain.act(maker.seat, &[Action::CancelAll])?;
    }
    let Some(oracle_price) = chain.live_price() else { return Ok(()) };
    let (levels, milli) = quotes(mood);
    for (maker, number) in makers().zip(0..) {
        let held = chain.size_of(maker.seat);
        let mut actions = Vec::new();
        for (level, away) in levels.iter().enumerate() {
            for side in [Side::Long, Side::Short] {
                let room = MAKER_LIMIT.0 - held.0 * side.sign();
                let lots = milli_btc(milli).0 * room.clamp(0, MAKER_LIMIT.0) / MAKER_LIMIT.0;
                // Each maker a little further out than the one before, so that there is an order among them.
                let away = oracle_price.0 * (away + number * 20) / RATE_ONE;
                let price = Price(oracle_price.0 - away * side.sign());
                let order = limit(side, price, Lots(lots), level as u64 * 2 + side as u64);
                if lots > 0 {
                    actions.push(Action::Place(order));
                }
            }
        }
        chain.act(maker.seat, &actions)?;
    }
    Ok(())
}

/// Those who wait for a crash rest their bids far below, and offers above.
pub fn patient_wait(chain: &mut Chain, people: &[Person], random: &mut Random) -> Result<(), Failed> {
    for person in people.iter().filter(|person| person.role == Role::Patient) {
        let mut actions: Vec<_> = (0..3u64)
            .map(|number| {
                let price = price_of_usd(random.between(1_030, 1_190) * 100);
                let lots = milli_btc(random.between(2, 8) * 50);
                Action::Place(limit(Side::Long, price, lots, number))
            })
            .collect();
        let price = price_of_usd(random.between(1_230, 1_260) * 100);
        actions.push(Action::Place(limit(Side::Short, price, milli_btc(300), 3)));
        chain.act(person.seat, &actions)?;
    }
    Ok(())
}

/// The crowd trades against the book: some close a part, and in relief the patient buy.
pub fn crowd_trades(chain: &mut Chain, people: &[Person], mood: Mood, random: &mut Random) -> Result<(), Failed> {
    let Some(oracle_price) = chain.live_price() else { return Ok(()) };
    for person in people {
        let held = chain.size_of(person.seat);
        let urge = urge_to_trade(person.role, held.side(), mood);
        if urge == 0 || !random.chance(urge) {
            continue;
        }
        let order = match held.side() {
            Some(side) if person.role != Role::Patient => {
                let part = held.abs().0 * random.between(10, 40) / 100;
                taker(side.opposite(), oracle_price, Lots(part.max(1)), true)
            }
            _ => taker(Side::Long, oracle_price, milli_btc(random.between(200, 900)), false),
        };
        if chain.would_take(person.seat, &order) {
            chain.act(person.seat, &[Action::Place(order)])?;
        }
    }
    Ok(())
}

/// In how many of a hundred cases somebody trades in a mood: longs close in fear, shorts when they have won.
fn urge_to_trade(role: Role, side: Option<Side>, mood: Mood) -> i64 {
    match (role, side, mood) {
        (Role::Trader, Some(_), Mood::Calm) => 3,
        (Role::Trader, Some(Side::Long), Mood::Fear) => 6,
        (Role::Trader, Some(Side::Long), Mood::Panic) => 4,
        (Role::Trader, Some(Side::Short), Mood::Panic) => 3,
        (Role::Trader, Some(Side::Short), Mood::Relief) => 14,
        (Role::Whale, Some(Side::Short), Mood::Relief) => 20,
        (Role::Patient, _, Mood::Relief) => 30,
        _ => 0,
    }
}

fn limit(side: Side, price: Price, lots: Lots, client_id: u64) -> OrderRequest {
    OrderRequest { side, price, lots, kind: Kind::Limit, reduce_only: false, client_id, expires: 0, max_matches: 16 }
}

/// At most 0.8 per cent worse than the oracle.
fn taker(side: Side, oracle_price: Price, lots: Lots, reduce_only: bool) -> OrderRequest {
    let price = Price(oracle_price.0 + oracle_price.0 * 8 / 1_000 * side.sign());
    OrderRequest { kind: Kind::ImmediateOrCancel, reduce_only, ..limit(side, price, lots, 99) }
}

/// Enters the positions of one session at its price: longs and shorts meet in the book.
pub fn enter_positions(
    chain: &mut Chain,
    people: &[Person],
    session: usize,
    price: Price,
    random: &mut Random,
) -> Result<(), Failed> {
    let enters = |person: &&Person| person.lots.0 != 0 && person.session == session;
    let mut entering: Vec<_> = people.iter().filter(enters).collect();
    random.shuffle(&mut entering);
    for person in entering {
        let side = if person.lots.0 > 0 { Side::Long } else { Side::Short };
        // A whale's order meets more resting orders than one order may: the rest of it goes on.
        let mut left = person.lots.abs();
        for _ in 0..20 {
            let order = OrderRequest { max_matches: 64, ..limit(side, price, left, 0) };
            chain.act(person.seat, &[Action::Place(order)])?;
            left = person.lots.abs() - chain.size_of(person.seat).abs() - chain.resting_of(person.seat);
            if left.0 <= 0 {
                break;
            }
        }
    }
    Ok(())
}
