//! Who is in the story: makers, whales, a crowd, buyers who wait below, and the keepers.

use zerosum_engine::units::{Atoms, Lots, Price, Side};

use crate::demo::{
    market::{atoms, milli_btc, price_of_usd},
    random::Random,
};

/// What somebody is in the market for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Quotes both sides and pulls the quotes when it gets dangerous.
    Maker,
    /// A position a hundred times the crowd's.
    Whale,
    /// One of the crowd.
    Trader,
    /// Rests bids far below, for the day of the crash, and offers above.
    Patient,
    /// Cranks, and does nothing else.
    Keeper,
}

/// Somebody with a seat.
#[derive(Clone, Debug)]
pub struct Person {
    /// What for.
    pub role: Role,
    /// The seat; 0 (the vault's) until it is open.
    pub seat: u32,
    /// The position to enter: above zero long.
    pub lots: Lots,
    /// When it enters, an index into [`SESSIONS`].
    pub session: usize,
    /// What the seat is opened with.
    pub deposit: Atoms,
}

/// At which prices positions were entered, in dollars: one session after the other.
pub const SESSIONS: [i64; 4] = [120_600, 121_300, 122_400, 122_000];

/// The bankruptcy prices of the long whales, in dollars. The first gap jumps over the first, the second over the second, and the
/// other two are below maintenance near the low, where the vault buys.
const DOOMED: [i64; 4] = [113_600, 107_300, 103_500, 104_200];

/// The cast of a story with `seats` traders, makers and whales included.
pub fn cast(seats: u32, random: &mut Random) -> Vec<Person> {
    let share = |percent: u32, least: u32| (seats * percent / 100).max(least);
    let (makers, patient, whales) = (share(3, 3), share(8, 4), share(2, 3));
    let crowd = seats.saturating_sub(makers + patient + 2 * whales);
    let sessions = SESSIONS.len().min(whales as usize);
    let mut people = Vec::new();
    for number in 0..whales as usize {
        let session = number % sessions;
        let long = milli_btc(random.between(14_000, 30_000));
        people.push(position(Role::Whale, long, doomed(number, session, random), session));
        let short = -milli_btc(random.between(14_000, 30_000));
        people.push(position(Role::Whale, short, random.between(3_000, 14_000), session));
    }
    for number in 0..crowd as usize {
        let (session, lots) = (number / 2 % sessions, crowd_size(random));
        // Longs are many and levered, as before every crash; shorts are fewer and careful.
        if random.chance(55) {
            people.push(position(Role::Trader, lots, leverage(random, 19_000), session));
        } else {
            people.push(position(Role::Trader, -lots, leverage(random, 12_000), session));
        }
    }
    balance(&mut people);
    for person in &mut people {
        person.deposit = margin(person);
    }
    people.extend((0..makers).map(|_| with_cash(Role::Maker, atoms(3_000_000))));
    people.extend((0..patient).map(|_| with_cash(Role::Patient, atoms(random.between(60, 300) * 1_000))));
    people.extend((0..3).map(|_| with_cash(Role::Keeper, atoms(10))));
    people
}

/// The leverage, in thousandths, that puts a long whale's bankruptcy price where the story wants it.
fn doomed(number: usize, session: usize, random: &mut Random) -> i64 {
    let (zero, entry) = (DOOMED[number % DOOMED.len()] + random.between(-250, 250), SESSIONS[session]);
    entry * 1_000 / (entry - zero)
}

/// Mostly small: the product of two dice.
fn crowd_size(random: &mut Random) -> Lots {
    milli_btc(20 + random.between(1, 40) * random.between(1, 40))
}

/// From 2x up, the higher the rarer.
fn leverage(random: &mut Random, most: i64) -> i64 {
    let one = random.between(2_000, most);
    let other = random.between(2_000, most);
    one.min(other + 2_000)
}

fn with_cash(role: Role, deposit: Atoms) -> Person {
    Person { role, seat: 0, lots: Lots::ZERO, session: 0, deposit }
}

/// `deposit` holds the leverage in thousandths until the size is final.
fn position(role: Role, lots: Lots, leverage: i64, session: usize) -> Person {
    Person { role, seat: 0, lots, session, deposit: Atoms(leverage) }
}

/// What opens the position at the leverage kept in `deposit`: its margin, and a thousandth for the fees.
fn margin(person: &Person) -> Atoms {
    let leverage = person.deposit.0;
    let notional = (person.lots.abs() * entry_price(person)).0;
    Atoms(notional / leverage * 1_000 + notional / 1_000).max(atoms(20))
}

/// The price of a person's session.
pub fn entry_price(person: &Person) -> Price {
    price_of_usd(SESSIONS[person.session])
}

/// Makes the sizes of each session sum to 0: what is missing on one side is spread over its whales.
fn balance(people: &mut [Person]) {
    for session in 0..SESSIONS.len() {
        let sum: i64 = people.iter().filter(|person| person.session == session).map(|person| person.lots.0).sum();
        let short_side = if sum > 0 { Side::Short } else { Side::Long };
        let missing = |person: &&mut Person| {
            person.session == session && person.lots.side() == Some(short_side) && person.role == Role::Whale
        };
        let mut whales: Vec<_> = people.iter_mut().filter(missing).collect();
        let Some(count) = i64::try_from(whales.len()).ok().filter(|count| *count > 0) else { continue };
        for whale in &mut whales {
            whale.lots.0 -= sum / count;
        }
        whales[0].lots.0 -= sum % count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_session_is_balanced_and_everybody_can_open() {
        for (seats, seed) in [(60, 1), (200, 2), (555, 3)] {
            let people = cast(seats, &mut Random::new(seed, 1));
            let traders = people.iter().filter(|person| person.role != Role::Keeper).count();
            assert_eq!(traders, seats as usize);
            for session in 0..SESSIONS.len() {
                let of_session = people.iter().filter(|person| person.session == session);
                assert_eq!(of_session.map(|person| person.lots.0).sum::<i64>(), 0);
            }
            for person in people {
                let notional = (person.lots.abs() * entry_price(&person)).0;
                assert!(person.deposit.0 > notional / 20, "20x is the most");
            }
        }
    }
}
