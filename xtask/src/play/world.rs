//! The parties of a play, their seats, their cash outside the market, and the value of everything they own.

use super::deeds::{Deed, Outcome, Print};
use super::venue::{Error, Venue};

/// The parties whose money is counted separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// One person with two trading seats, a third seat that receives pay for cranks, and a ticket of the vault.
    Colluders,
    /// Three honest traders.
    Traders,
    /// An honest market maker.
    Maker,
    /// An honest keeper, which also brings the honest prints.
    Keeper,
    /// The vault's honest depositor.
    Depositor,
    /// The market's fee cash, and the part of the vault that belongs to its virtual shares.
    House,
}

impl Party {
    pub const ALL: [Self; PARTIES] =
        [Self::Colluders, Self::Traders, Self::Maker, Self::Keeper, Self::Depositor, Self::House];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Colluders => "colluders",
            Self::Traders => "traders",
            Self::Maker => "maker",
            Self::Keeper => "keeper",
            Self::Depositor => "depositor",
            Self::House => "house",
        }
    }
}

pub const PARTIES: usize = 6;

/// A part of an amount, in millionths.
pub fn part(amount: i64, millionths: i64) -> i64 {
    (amount as i128 * millionths as i128 / 1_000_000) as i64
}

/// One token, in atoms.
pub const TOKEN: i64 = 1_000_000;

/// The seats, in the order in which they are opened. Seat 0 is the vault's.
pub const VAULT: u32 = 0;
pub const MAKER: u32 = 1;
pub const TRADERS: [u32; 3] = [2, 3, 4];
pub const HANDS: [u32; 2] = [5, 6];
/// The colluders' third seat receives their pay for cranks, because a payee must be idle.
pub const TILL: u32 = 7;
pub const KEEPER: u32 = 8;

/// The tickets of the vault.
pub const DEPOSITOR: usize = 0;
pub const COLLUDERS: usize = 1;

/// The owner of a seat. The vault's seat has none: [`World::values`] shares it out by tickets.
pub const fn party_of(seat: u32) -> Option<Party> {
    match seat {
        MAKER => Some(Party::Maker),
        2..=4 => Some(Party::Traders),
        5..=7 => Some(Party::Colluders),
        KEEPER => Some(Party::Keeper),
        _ => None,
    }
}

const fn holder_of(ticket: usize) -> Party {
    if ticket == DEPOSITOR { Party::Depositor } else { Party::Colluders }
}

/// The market, and each party's cash outside it. Cash is negative if a party has deposited more than it has withdrawn.
#[derive(Clone)]
pub struct World {
    pub venue: Venue,
    wallets: [i64; PARTIES],
}

impl World {
    /// A new market with one open seat for each player and an empty vault.
    pub fn new(first: Print) -> Self {
        let mut world = Self { venue: Venue::new(first), wallets: [0; PARTIES] };
        for seat in MAKER..=KEEPER {
            let party = party_of(seat).expect("a seat of somebody's");
            let deposit = 20 * TOKEN;
            let opened = world.venue.open_seat(deposit).expect("there is room for everybody");
            assert_eq!(opened, seat, "seats are opened in their order");
            world.wallets[party as usize] -= deposit;
        }
        world
    }

    pub fn copy(&mut self, other: &Self) {
        self.venue.copy(&other.venue);
        self.wallets = other.wallets;
    }

    /// Performs a deed and moves the cash that goes with it. After an error the world may be half changed: the caller
    /// restores a copy.
    pub fn perform(&mut self, deed: &Deed) -> Result<Outcome, Error> {
        let outcome = self.venue.perform(deed)?;
        let moved = match *deed {
            Deed::Deposit { seat, amount } => party_of(seat).map(|party| (party, -amount)),
            Deed::Withdraw { seat, .. } => party_of(seat).map(|party| (party, outcome.paid)),
            Deed::AskMint { ticket, amount } => Some((holder_of(ticket), -amount)),
            Deed::Execute { ticket } => Some((holder_of(ticket), outcome.paid)),
            _ => None,
        };
        if let Some((party, amount)) = moved {
            self.wallets[party as usize] += amount;
        }
        Ok(outcome)
    }

    /// The value of each party's cash, seats and shares at a price of `at`. The values always sum to zero: everybody
    /// began with nothing, and conservation holds.
    pub fn values(&self, at: i64) -> [i64; PARTIES] {
        let mut values = self.wallets;
        for seat in MAKER..=KEEPER {
            let party = party_of(seat).expect("a seat of somebody's");
            values[party as usize] += self.venue.equity(seat, at);
        }
        let vault = self.venue.vault_equity(at);
        values[Party::House as usize] += self.venue.fee_cash() + vault;
        for ticket in [DEPOSITOR, COLLUDERS] {
            let holder = holder_of(ticket) as usize;
            let part = self.venue.part_of(ticket, vault);
            values[holder] += part + self.venue.stake(ticket).minting;
            values[Party::House as usize] -= part;
        }
        values
    }

    /// A gain or loss of the vault, split among the owners of its shares.
    pub fn share(&self, amount: i64) -> [i64; PARTIES] {
        let mut shares = [0; PARTIES];
        shares[Party::House as usize] = amount;
        for ticket in [DEPOSITOR, COLLUDERS] {
            let part = self.venue.part_of(ticket, amount);
            shares[holder_of(ticket) as usize] += part;
            shares[Party::House as usize] -= part;
        }
        shares
    }
}
