//! Gains and losses by party and by channel.
//!
//! Everything is valued at the fair price. When that moves, every party is revalued, and the difference goes into the row
//! `price`: an honest position of the same size would have earned the same. After a deed, every party is
//! revalued at an unchanged price, so the deed caused the difference, and one party's gain is another's loss. The sum of
//! those rows is the gain beyond an honest position's.

use super::deeds::{Deed, Outcome};
use super::world::{HANDS, PARTIES, Party, TILL, VAULT, World, party_of};

/// The channels through which money moves from one party to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Positions gain or lose as the price moves.
    Price,
    /// Longs and shorts pay each other funding.
    Funding,
    /// A winner gives up profit to a loser in a forced fill.
    Forced,
    /// The vault takes over a loser's position.
    Vault,
    /// A taker trades with the vault's resting order.
    Offer,
    /// Shares of the vault are minted or redeemed.
    Shares,
    /// A loser is closed in the book, or a crank pays its caller.
    Losers,
    /// A taker fills an order further from the accepted price than its band: one that rested while nothing matched.
    Freeze,
    /// All other trading, with its fees.
    Book,
    /// The colluders' shares gain or lose in deeds in which the colluders had no part.
    Income,
}

impl Channel {
    pub const ALL: [Self; CHANNELS] = [
        Self::Price,
        Self::Funding,
        Self::Forced,
        Self::Vault,
        Self::Offer,
        Self::Shares,
        Self::Losers,
        Self::Freeze,
        Self::Book,
        Self::Income,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Funding => "funding",
            Self::Forced => "forced",
            Self::Vault => "vault",
            Self::Offer => "offer",
            Self::Shares => "shares",
            Self::Losers => "losers",
            Self::Freeze => "freeze",
            Self::Book => "book",
            Self::Income => "income",
        }
    }

    /// Whether a gain through this channel is beyond that of an honest position of the same size.
    pub const fn is_extra(self) -> bool {
        !matches!(self, Self::Price | Self::Funding | Self::Income)
    }
}

pub const CHANNELS: usize = 10;

/// The gains of a play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// In atoms, by channel and party.
    pub rows: [[i64; PARTIES]; CHANNELS],
    /// Trading fees of the orders that the colluders placed. Their gains are net of these.
    pub fees: i64,
    /// The number of deeds performed. Each was followed by an audit.
    pub deeds: u64,
}

impl Ledger {
    pub fn of(&self, channel: Channel, party: Party) -> i64 {
        self.rows[channel as usize][party as usize]
    }

    /// A party's gain beyond that of an honest position of the same size.
    pub fn extra(&self, party: Party) -> i64 {
        Channel::ALL.into_iter().filter(|channel| channel.is_extra()).map(|channel| self.of(channel, party)).sum()
    }

    fn add(&mut self, channel: Channel, gains: [i64; PARTIES]) {
        for (sum, gain) in self.rows[channel as usize].iter_mut().zip(gains) {
            *sum += gain;
        }
    }
}

/// The one world that counts, with its ledger.
pub struct Stage {
    pub world: World,
    pub ledger: Ledger,
    /// The price at which everything is valued.
    fair: i64,
    values: [i64; PARTIES],
    /// A copy of the world as it was before the current deed.
    before: World,
}

impl Stage {
    pub fn new(world: World, fair: i64) -> Self {
        let values = world.values(fair);
        Self { before: world.clone(), world, ledger: Ledger::default(), fair, values }
    }

    /// Moves on to the next second and its fair price.
    pub fn advance(&mut self, now: i64, fair: i64) {
        self.world.venue.now = now;
        self.fair = fair;
        let gains = self.revalue();
        self.ledger.add(Channel::Price, gains);
        self.world.venue.accrue();
        let gains = self.revalue();
        self.ledger.add(Channel::Funding, gains);
    }

    /// Performs a deed, audits the market and enters the gains. If the deed fails, nothing changes.
    pub fn act(&mut self, by: Party, deed: &Deed) -> Option<Outcome> {
        self.before.copy(&self.world);
        let outcome = match self.world.perform(deed) {
            Ok(outcome) => outcome,
            Err(_) => {
                self.world.copy(&self.before);
                return None;
            }
        };
        self.ledger.deeds += 1;
        if let Err(violation) = self.world.venue.audit() {
            panic!("{deed:?} broke a rule: {violation:?}");
        }
        let mut gains = self.revalue();
        if by == Party::Colluders && matches!(deed, Deed::Order { .. }) {
            self.ledger.fees += self.world.venue.fees_taken() - self.before.venue.fees_taken();
        }
        let involved = by == Party::Colluders || self.moved_colluders();
        if !involved {
            self.split_income(&mut gains);
        }
        match deed {
            Deed::Liquidate { .. } | Deed::Deleverage { .. } => self.split_crank(&mut gains, involved),
            Deed::Order { .. } => self.split_offer(&mut gains, by, involved),
            _ => {}
        }
        let rest = match deed {
            Deed::Liquidate { .. } | Deed::Deleverage { .. } => Channel::Losers,
            Deed::Execute { .. } | Deed::AskMint { .. } | Deed::AskRedeem { .. } => Channel::Shares,
            _ if self.world.venue.is_beyond_band(outcome.filled, outcome.quote) => Channel::Freeze,
            _ => Channel::Book,
        };
        self.ledger.add(rest, gains);
        Some(outcome)
    }

    /// Revalues every party; returns the differences.
    fn revalue(&mut self) -> [i64; PARTIES] {
        let values = self.world.values(self.fair);
        assert_eq!(values.iter().sum::<i64>(), 0, "one party's gain is another's loss");
        let mut gains = [0; PARTIES];
        for (gain, (now, was)) in gains.iter_mut().zip(values.iter().zip(self.values)) {
            *gain = now - was;
        }
        self.values = values;
        gains
    }

    /// Moves a part of a deed's gains to another row.
    fn split(&mut self, gains: &mut [i64; PARTIES], channel: Channel, part: [i64; PARTIES]) {
        for (gain, part) in gains.iter_mut().zip(part) {
            *gain -= part;
        }
        self.ledger.add(channel, part);
    }

    /// Whether the deed changed the value of a colluders' seat.
    fn moved_colluders(&self) -> bool {
        let (was, is) = (&self.before.venue, &self.world.venue);
        [HANDS[0], HANDS[1], TILL].into_iter().any(|seat| was.equity(seat, self.fair) != is.equity(seat, self.fair))
    }

    /// Enters the colluders' gain as income: they had no part in the deed, so it came through their shares of the vault.
    fn split_income(&mut self, gains: &mut [i64; PARTIES]) {
        let mut part = [0; PARTIES];
        part[Party::Colluders as usize] = gains[Party::Colluders as usize];
        part[Party::House as usize] = -gains[Party::Colluders as usize];
        self.split(gains, Channel::Income, part);
    }

    /// Enters each forced fill and each purchase of the vault in its own row.
    fn split_crank(&mut self, gains: &mut [i64; PARTIES], involved: bool) {
        for closed in self.world.venue.closed_since(self.before.venue.receipts()) {
            let given = closed.lots * (closed.price - self.fair) * closed.side.sign();
            let mut part = self.shares_of(closed.winner, -given, involved);
            for (sum, loser) in part.iter_mut().zip(self.shares_of(closed.loser, given, involved)) {
                *sum += loser;
            }
            self.split(gains, if closed.forced { Channel::Forced } else { Channel::Vault }, part);
        }
    }

    /// A seat's gain, by party. The vault's is split among its shares. If the colluders had no part in the deed, their
    /// share was entered as income before and came from the house.
    fn shares_of(&self, seat: u32, amount: i64, involved: bool) -> [i64; PARTIES] {
        let mut shares = [0; PARTIES];
        match party_of(seat) {
            Some(party) => shares[party as usize] = amount,
            None => shares = self.world.share(amount),
        }
        if seat == VAULT && !involved {
            shares[Party::House as usize] += shares[Party::Colluders as usize];
            shares[Party::Colluders as usize] = 0;
        }
        shares
    }

    /// Enters a trade with the vault's order: the taker gained the amount that the vault's seat lost.
    fn split_offer(&mut self, gains: &mut [i64; PARTIES], by: Party, involved: bool) {
        let (was, is) = (&self.before.venue, &self.world.venue);
        if was.size(VAULT) == is.size(VAULT) {
            return;
        }
        let vault = is.equity(VAULT, self.fair) - was.equity(VAULT, self.fair);
        let mut part = self.shares_of(VAULT, vault, involved);
        part[by as usize] -= vault;
        self.split(gains, Channel::Offer, part);
    }

    pub fn fair(&self) -> i64 {
        self.fair
    }
}
