//! The sequences that the colluders try in a second. The search keeps the best.

use super::deeds::{Deed, Print, Side, Style};
use super::moves::{Search, Tactic, Trial};
use super::venue::Venue;
use super::world::{COLLUDERS, HANDS, MAKER, TILL, TRADERS, VAULT, part};

/// The sizes of the pairs that are tried, in lots.
const PAIRS: [i64; 4] = [40_000, 20_000, 10_000, 2_500];
/// The largest net position that bids and takes may lead to, in lots.
const NET: i64 = 20_000;
/// Pairs are tried only if prices are at least this far apart, in millionths.
const GAP: i64 = 1_000;
/// A resting order is worth taking if it is mispriced by this, in millionths: the fee and a margin.
const EDGE: i64 = 800;

/// The most that lots taken from the book cost a thin seat, in millionths: the fee and the distance from the price.
const SWEEP: i64 = 3_500;

/// The crank of a sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Crank {
    None,
    Liquidate,
    Deleverage,
}

/// The prints of a sequence: one before positions are opened or made thin, one before the crank, and one at the end.
#[derive(Clone, Copy)]
struct Timing {
    first: Option<Print>,
    then: Print,
    last: Option<Print>,
    crank: Crank,
}

impl Search<'_> {
    /// Tries every tactic that has a chance in this second.
    pub fn look(&mut self) {
        if self.gap() > GAP {
            for timing in self.timings() {
                self.pairs(timing);
                self.old_pairs(timing);
            }
        }
        let firsts = self.firsts();
        for first in firsts.iter().copied() {
            self.victims(first);
            self.takes(first);
        }
        if self.real.venue.stake(COLLUDERS).matures.is_some_and(|at| at < self.know.now) {
            let newest = self.know.newest;
            for first in firsts.into_iter().flatten().map(Some).chain([None]) {
                self.consider(Tactic::Shares, |trial| {
                    trial.bring(first)?;
                    trial.go(Deed::Execute { ticket: COLLUDERS })?;
                    trial.bring(Some(newest))
                });
            }
        }
    }

    /// The distance between the lowest and the highest of the prices in play, in millionths.
    fn gap(&self) -> i64 {
        let oracle_price = self.real.venue.oracle_price();
        let prices = self.know.choice.iter().map(|print| print.price).chain([oracle_price, self.know.fair]);
        let (low, high) =
            prices.fold((oracle_price, oracle_price), |(low, high), price| (low.min(price), high.max(price)));
        (high - low) * 1_000_000 / oracle_price
    }

    /// A sequence begins with no print or with one of the choice.
    fn firsts(&self) -> Vec<Option<Print>> {
        [None].into_iter().chain(self.know.choice.iter().copied().map(Some)).collect()
    }

    fn timings(&self) -> Vec<Timing> {
        let newest = self.know.newest;
        let mut timings = Vec::new();
        for first in self.firsts() {
            for then in self.know.choice.iter().copied() {
                if first.is_some_and(|first| first.published >= then.published) {
                    continue;
                }
                let last = Some(newest).filter(|_| then != newest);
                for crank in [Crank::Deleverage, Crank::Liquidate, Crank::None] {
                    if crank != Crank::None || last.is_none() {
                        timings.push(Timing { first, then, last, crank });
                    }
                }
            }
        }
        timings
    }

    /// Opens a long and a short against each other, one of them as thin as the rules allow.
    fn pairs(&mut self, timing: Timing) {
        for lots in PAIRS {
            for opening in [Opening::Inside, Opening::Edge, Opening::Sweep] {
                for side in [Side::Long, Side::Short] {
                    self.consider(Tactic::Pair, |trial| {
                        trial.bring(timing.first)?;
                        open_pair(trial, side, lots, opening)?;
                        finish(trial, timing)
                    });
                }
            }
        }
    }

    /// Withdraws as much as possible from a leg of an earlier pair.
    fn old_pairs(&mut self, timing: Timing) {
        let sizes = HANDS.map(|hand| self.real.venue.size(hand));
        if sizes[0].signum() * sizes[1].signum() != -1 {
            return;
        }
        for loser in HANDS {
            self.consider(Tactic::OldPair, |trial| {
                trial.bring(timing.first)?;
                let amount = trial.world.venue.spare(loser);
                trial.go(Deed::Withdraw { seat: loser, amount })?;
                finish(trial, timing)
            });
        }
    }

    /// Bids at the bankruptcy price of an honest seat below maintenance and liquidates it; or liquidates it for the pay.
    fn victims(&mut self, first: Option<Print>) {
        let price = first.map_or(self.real.venue.oracle_price(), |print| print.price);
        for victim in [MAKER, TRADERS[0], TRADERS[1], TRADERS[2]] {
            if !self.real.venue.is_unmaintained(victim, price) {
                continue;
            }
            let newest = self.know.newest;
            for bids in [true, false] {
                self.consider(Tactic::Victim, |trial| {
                    trial.bring(first)?;
                    let bidder = if bids { Some(bid_for(trial, victim)?) } else { None };
                    let payee = Some(TILL);
                    let frozen = trial.world.venue.is_frozen();
                    trial.go(if frozen { Deed::Deleverage { payee } } else { Deed::Liquidate { payee } })?;
                    trial.bring(Some(newest))?;
                    bidder.map_or(Some(()), |seat| trial.go(Deed::Cancel { seat }).map(|_| ()))
                });
            }
        }
    }

    /// Takes orders that are mispriced, with or without a fresh offer of the vault's inventory.
    fn takes(&mut self, first: Option<Print>) {
        let fair = self.know.fair;
        for side in [Side::Long, Side::Short] {
            let limit = fair - side.sign() * part(fair, EDGE);
            let rests = self.real.venue.depth(side.opposite(), limit) > 0;
            let holds = self.real.venue.size(VAULT) * side.sign() > 0;
            for offer in [false, true] {
                if (offer && !holds) || (!offer && !rests) {
                    continue;
                }
                // The newest print is not brought: there may be more to do before it is.
                self.consider(Tactic::Take, |trial| {
                    trial.bring(first)?;
                    if trial.world.venue.is_frozen() {
                        trial.go(Deed::Deleverage { payee: Some(TILL) })?;
                    }
                    if offer {
                        trial.go(Deed::OfferInventory)?;
                    }
                    take(trial, side, limit)
                });
            }
        }
    }
}

/// The end of a sequence, once its positions are open.
fn finish(trial: &mut Trial, timing: Timing) -> Option<()> {
    trial.bring(Some(timing.then))?;
    let payee = Some(TILL);
    match timing.crank {
        Crank::None => {}
        Crank::Liquidate => trial.go(Deed::Liquidate { payee }).map(|_| ())?,
        Crank::Deleverage => trial.go(Deed::Deleverage { payee }).map(|_| ())?,
    }
    trial.bring(timing.last)
}

/// How a pair is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Inside the spread, at the accepted price.
    Inside,
    /// Inside the spread, at the worst price for the thin leg that its margin allows.
    Edge,
    /// At the worst price that its margin allows. The thin leg first takes the orders that rest in between.
    Sweep,
}

/// Opens a pair with a thin leg on `side`: a flat hand rests an order, and the other, well funded, takes it.
pub fn open_pair(trial: &mut Trial, side: Side, lots: i64, opening: Opening) -> Option<()> {
    let venue = &trial.world.venue;
    let thin = HANDS.into_iter().find(|hand| venue.size(*hand) == 0)?;
    let strong = if thin == HANDS[0] { HANDS[1] } else { HANDS[0] };
    let oracle_price = venue.oracle_price();
    let (initial, maintenance) = venue.margins(lots);
    // An order needs initial margin to rest. Its fill must leave maintenance margin after the fee.
    let reach = (initial - maintenance - venue.maker_fee(lots, oracle_price * 2)) / lots;
    let furthest = oracle_price + side.sign() * reach;
    let (price, swept) = match opening {
        Opening::Sweep => (furthest, venue.depth(side.opposite(), furthest)),
        Opening::Edge => (inside(furthest, venue)?, 0),
        Opening::Inside => (inside(oracle_price, venue)?, 0),
    };
    if (opening == Opening::Sweep) == (swept == 0) || swept >= lots {
        return None;
    }
    let paired = lots - swept;
    let fee = venue.maker_fee(paired, price) + part(swept * oracle_price, SWEEP);
    let loss = ((price - oracle_price) * side.sign()).max(0) * paired;
    let rests = initial + part(swept * oracle_price, SWEEP);
    let cash = if opening == Opening::Inside { initial + loss + fee } else { rests.max(maintenance + loss + fee) };
    trial.fund_exactly(thin, cash)?;
    let size = trial.world.venue.size(strong).abs() + paired;
    trial.fund(strong, size * oracle_price / 2)?;
    let style = if opening == Opening::Sweep { Style::Limit } else { Style::Post };
    trial.order(thin, side, lots, price, style)?;
    let left = trial.world.venue.resting(thin, side);
    let taken = trial.order(strong, side.opposite(), left, price, Style::Take)?;
    (taken.filled == left).then_some(())
}

/// The price inside the spread that is nearest to `price`; `None` if the spread has no room.
fn inside(price: i64, venue: &Venue) -> Option<i64> {
    let low = venue.best(Side::Long).map_or(1, |bid| bid + 1);
    let high = venue.best(Side::Short).map_or(i64::MAX, |ask| ask - 1);
    (low <= high).then(|| price.clamp(low, high))
}

/// Bids for a victim's position at the worst price that its liquidation accepts.
fn bid_for(trial: &mut Trial, victim: u32) -> Option<u32> {
    let venue = &trial.world.venue;
    let size = venue.size(victim);
    let side = if size > 0 { Side::Long } else { Side::Short };
    let price = venue.worst_sale(victim, side)?;
    let seat = trial.hand_for(side);
    let lots = size.abs().min(NET - venue.size(seat) * side.sign());
    if lots <= 0 {
        return None;
    }
    let worst = (venue.size(seat) * side.sign() + lots).abs();
    let oracle_price = venue.oracle_price();
    trial.fund(seat, part(worst * oracle_price, 150_000))?;
    trial.order(seat, side, lots, price, Style::Post)?;
    Some(seat)
}

/// Takes every order within a limit, up to the largest net position.
fn take(trial: &mut Trial, side: Side, limit: i64) -> Option<()> {
    let venue = &trial.world.venue;
    let seat = trial.hand_for(side);
    let held = venue.size(seat) * side.sign();
    let lots = venue.depth(side.opposite(), limit).min(NET - held);
    if lots <= 0 {
        return None;
    }
    let oracle_price = venue.oracle_price();
    trial.fund(seat, part((held + lots).abs() * oracle_price, 150_000))?;
    let taken = trial.order(seat, side, lots, limit, Style::Take)?;
    (taken.filled > 0).then_some(())
}
