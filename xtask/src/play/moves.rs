//! Trying sequences of deeds on a copy of the world, and valuing the result.

use super::deeds::{Deed, Outcome, Print, Side, Style};
use super::world::{HANDS, Party, World};

/// The cost of closing a position in the book, in millionths of it: half a spread and the fee.
const EXIT: i64 = 1_200;

/// The colluders' knowledge in one second.
#[derive(Clone)]
pub struct Knowledge {
    pub now: i64,
    /// The newest print.
    pub newest: Print,
    /// The price at which they value everything.
    pub fair: i64,
    /// The prints that they can bring now, in order of time. If there are many, a selection.
    pub choice: Vec<Print>,
}

/// The kinds of sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tactic {
    /// Open a long and a short of two keys against each other and bring a newer print.
    Pair,
    /// Withdraw from the losing leg of an earlier pair and bring a newer print.
    OldPair,
    /// Bid at an honest seat's bankruptcy price and liquidate it.
    Victim,
    /// Take resting orders, the vault's too, that a newer print makes mispriced.
    Take,
    /// Execute a request to the vault at a chosen print.
    Shares,
}

impl Tactic {
    pub const ALL: [Self; TACTICS] = [Self::Pair, Self::OldPair, Self::Victim, Self::Take, Self::Shares];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pair => "pair",
            Self::OldPair => "old pair",
            Self::Victim => "victim",
            Self::Take => "take",
            Self::Shares => "shares",
        }
    }
}

pub const TACTICS: usize = 5;

/// A sequence on trial. It is one transaction: if a deed fails, the whole sequence is void.
pub struct Trial<'a> {
    pub world: &'a mut World,
    deeds: &'a mut Vec<Deed>,
}

impl<'a> Trial<'a> {
    pub fn new(world: &'a mut World, deeds: &'a mut Vec<Deed>) -> Self {
        Self { world, deeds }
    }

    pub fn go(&mut self, deed: Deed) -> Option<Outcome> {
        let outcome = self.world.perform(&deed).ok()?;
        self.deeds.push(deed);
        Some(outcome)
    }

    pub fn bring(&mut self, print: Option<Print>) -> Option<()> {
        match print {
            Some(print) => self.go(Deed::Bring(print)).map(|_| ()),
            None => Some(()),
        }
    }

    pub fn order(&mut self, seat: u32, side: Side, lots: i64, price: i64, style: Style) -> Option<Outcome> {
        self.go(Deed::Order { seat, side, lots, price, style, reduces: false, expires: 0 })
    }

    /// Deposits or withdraws so that a seat without position has exactly this much cash.
    pub fn fund_exactly(&mut self, seat: u32, cash: i64) -> Option<()> {
        let has = self.world.venue.equity(seat, self.world.venue.oracle_price());
        match cash - has {
            0 => Some(()),
            lacks if lacks > 0 => self.go(Deed::Deposit { seat, amount: lacks }).map(|_| ()),
            lacks => self.go(Deed::Withdraw { seat, amount: -lacks }).map(|_| ()),
        }
    }

    /// Deposits so that a seat has at least this much equity.
    pub fn fund(&mut self, seat: u32, equity: i64) -> Option<()> {
        let lacks = equity - self.world.venue.equity(seat, self.world.venue.oracle_price());
        if lacks > 0 {
            self.go(Deed::Deposit { seat, amount: lacks })?;
        }
        Some(())
    }

    /// The hand that should trade on a side: one that reduces its position by it, else one that has a position already,
    /// so that the other hand stays flat.
    pub fn hand_for(&self, side: Side) -> u32 {
        let size = |hand: &u32| self.world.venue.size(*hand) * side.sign();
        let reduces = HANDS.into_iter().find(|hand| size(hand) < 0);
        reduces.or(HANDS.into_iter().find(|hand| size(hand) > 0)).unwrap_or(HANDS[0])
    }
}

/// The search for the best sequence.
pub struct Search<'a> {
    pub real: &'a World,
    pub know: &'a Knowledge,
    scratch: &'a mut Scratch,
    base: i64,
    best: Option<Found>,
}

/// The best sequence found.
pub struct Found {
    pub tactic: Tactic,
    pub deeds: Vec<Deed>,
    /// Its value above that of doing nothing.
    pub gain: i64,
}

/// Worlds to try sequences in.
pub struct Scratch {
    tried: World,
    later: World,
    deeds: Vec<Deed>,
}

impl Scratch {
    pub fn new(world: &World) -> Self {
        Self { tried: world.clone(), later: world.clone(), deeds: Vec::new() }
    }
}

impl<'a> Search<'a> {
    /// Begins with the value of doing nothing.
    pub fn new(real: &'a World, know: &'a Knowledge, scratch: &'a mut Scratch) -> Self {
        let base = worth(real, know, &mut scratch.later);
        Self { real, know, scratch, base, best: None }
    }

    /// Tries a sequence, and keeps it if it is the best so far.
    pub fn consider(&mut self, tactic: Tactic, sequence: impl FnOnce(&mut Trial) -> Option<()>) {
        let Scratch { tried, later, deeds } = &mut *self.scratch;
        tried.copy(self.real);
        deeds.clear();
        if sequence(&mut Trial::new(tried, deeds)).is_none() {
            return;
        }
        let gain = worth(tried, self.know, later) - self.base;
        if gain > self.best.as_ref().map_or(0, |best| best.gain) {
            self.best = Some(Found { tactic, deeds: deeds.clone(), gain });
        }
    }

    pub fn best(self) -> Option<Found> {
        self.best
    }
}

/// The colluders' wealth if the fair price stayed where it is: the market is brought to that price (a jump is confirmed), the
/// cranks run, and everything is valued there, less the cost of closing their net position.
fn worth(world: &World, know: &Knowledge, later: &mut World) -> i64 {
    later.copy(world);
    let price = know.fair;
    let confirmation = later.venue.params().confirmation;
    for round in 0..6 {
        let published = later.venue.now;
        if published > later.venue.last_print() {
            let _ = later.perform(&Deed::Bring(Print { price, published }));
        }
        if later.venue.jump_pends() || later.venue.oracle_price() != price {
            later.venue.now += confirmation + 1;
            continue;
        }
        for _ in 0..4 {
            if !later.venue.is_frozen() || later.perform(&Deed::Deleverage { payee: None }).is_err() {
                break;
            }
        }
        if !later.venue.has_losers() || round == 5 {
            break;
        }
        // Then once more a few seconds later, in case the vault wants to see a second price.
        let before = later.venue.receipts();
        let _ = later.perform(&Deed::Liquidate { payee: None });
        if round > 0 && later.venue.receipts() == before {
            break;
        }
        later.venue.now += 3;
    }
    let net: i64 = HANDS.into_iter().map(|hand| later.venue.size(hand)).sum();
    later.values(price)[Party::Colluders as usize] - net.abs() * price / 1_000_000 * EXIT
}
