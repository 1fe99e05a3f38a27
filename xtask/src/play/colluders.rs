//! The colluders: one second of greed, and the preparations in between.

use super::deeds::{Deed, Print, Side, Style};
use super::ledger::Stage;
use super::moves::{Knowledge, Scratch, Search, TACTICS, Tactic, Trial};
use super::tactics::{Opening, open_pair};
use super::world::{COLLUDERS, HANDS, Party, TOKEN, World, part};

/// The least gain for which they act.
const WORTHWHILE: i64 = TOKEN / 20;
/// The most sequences in a second.
const ROUNDS: u32 = 6;
/// The most prints that they try in a sequence.
const CHOICE: usize = 6;
/// The amount that they mint shares for.
const STAKE: i64 = 500 * TOKEN;
/// The size of a ready pair, in lots.
const PAIR: i64 = 10_000;
/// They keep a pair of positions ready for this long, and then none for as long, in seconds.
const READY: i64 = 3_600;
/// They open no more ready pairs once these have lost this much.
const READY_LOSS: i64 = 20 * TOKEN;
/// How long they wait for a good print once a request has matured, in seconds.
const PATIENCE: i64 = 7_200;

/// The colluders' plans and records.
pub struct Colluders {
    scratch: Scratch,
    /// How often each tactic was used.
    pub used: [u64; TACTICS],
    /// The sum of the gains that the search expected of each.
    pub expected: [i64; TACTICS],
    /// The gains of ready pairs, less the cost of opening them.
    ready: i64,
    /// The second of their last sequence.
    busy: i64,
}

impl Colluders {
    pub fn new(world: &World) -> Self {
        Self { scratch: Scratch::new(world), used: [0; TACTICS], expected: [0; TACTICS], ready: 0, busy: 0 }
    }

    /// Performs the best sequence, and searches again until none is worth it.
    pub fn act(&mut self, stage: &mut Stage, prints: &[Print]) {
        for _ in 0..ROUNDS {
            let know = Self::know(stage, prints);
            let mut search = Search::new(&stage.world, &know, &mut self.scratch);
            search.look();
            let Some(found) = search.best().filter(|found| found.gain > WORTHWHILE) else {
                return self.wait(stage, &know);
            };
            self.used[found.tactic as usize] += 1;
            self.expected[found.tactic as usize] += found.gain;
            if found.tactic == Tactic::OldPair {
                self.ready += found.gain;
            }
            self.busy = know.now;
            for deed in &found.deeds {
                let done = stage.act(Party::Colluders, deed);
                assert!(done.is_some(), "a deed that worked on a copy works again: {deed:?}");
            }
        }
    }

    /// The prints that can be brought: all, or the extremes and the ends if there are many.
    fn know(stage: &Stage, prints: &[Print]) -> Knowledge {
        let venue = &stage.world.venue;
        let newest = *prints.last().expect("one print a second");
        let from = prints.partition_point(|print| print.published < venue.oldest());
        let mut choice = prints[from..].to_vec();
        if choice.len() > CHOICE {
            let price = |print: &&Print| print.price;
            let low = choice.iter().min_by_key(price).copied();
            let high = choice.iter().max_by_key(price).copied();
            let ends = [choice[0], choice[choice.len() - 2], newest];
            choice = ends.into_iter().chain(low).chain(high).collect();
            choice.sort_by_key(|print| print.published);
            choice.dedup();
        }
        Knowledge { now: venue.now, newest, fair: stage.fair(), choice }
    }

    /// In a calm second they close their net position, ask for shares, and open or close a ready pair.
    fn wait(&mut self, stage: &mut Stage, know: &Knowledge) {
        let venue = &stage.world.venue;
        let calm = (know.fair - venue.oracle_price()).abs() <= part(venue.oracle_price(), 300);
        if !calm || !venue.is_live() || venue.is_frozen() {
            return;
        }
        self.ask(stage, know);
        let [first, second] = HANDS.map(|hand| stage.world.venue.size(hand));
        if first + second != 0 {
            self.reduce(stage, first + second);
        } else if know.now % (2 * READY) < READY {
            self.close_pair(stage, first);
        } else if first != 0 {
            self.fund_pair(stage, first.abs());
        } else if know.now > self.busy + 60 && self.ready > -READY_LOSS {
            self.open_ready(stage);
        }
    }

    /// Reduces the net position in the book.
    fn reduce(&mut self, stage: &mut Stage, net: i64) {
        let venue = &stage.world.venue;
        let side = if net > 0 { Side::Short } else { Side::Long };
        let holds = |hand: &u32| venue.size(*hand) * net.signum();
        let seat = HANDS.into_iter().max_by_key(holds).expect("two hands");
        let price = venue.oracle_price() + side.sign() * part(venue.oracle_price(), 1_000);
        let lots = net.abs().min(holds(&seat)).min(venue.depth(side.opposite(), price));
        if lots > 0 {
            let style = Style::Take;
            stage.act(Party::Colluders, &Deed::Order { seat, side, lots, price, style, reduces: true, expires: 0 });
        }
    }

    /// Keeps a request to the vault pending, so that it can be executed at a chosen print.
    fn ask(&mut self, stage: &mut Stage, know: &Knowledge) {
        let stake = stage.world.venue.stake(COLLUDERS);
        let ticket = COLLUDERS;
        match stake.matures {
            Some(matures) if know.now > matures + PATIENCE => {
                stage.act(Party::Colluders, &Deed::Execute { ticket });
            }
            Some(_) => {}
            None if stake.shares > 0 => {
                stage.act(Party::Colluders, &Deed::AskRedeem { ticket, shares: stake.shares });
            }
            None => {
                stage.act(Party::Colluders, &Deed::AskMint { ticket, amount: STAKE });
            }
        }
    }

    /// Opens a ready pair, well funded on both sides.
    fn open_ready(&mut self, stage: &mut Stage) {
        let before = stage.world.values(stage.fair())[Party::Colluders as usize];
        let mut deeds = Vec::new();
        let mut tried = stage.world.clone();
        let opened = open_pair(&mut Trial::new(&mut tried, &mut deeds), Side::Long, PAIR, Opening::Inside);
        if opened.is_none() {
            return;
        }
        for deed in &deeds {
            stage.act(Party::Colluders, deed);
        }
        self.fund_pair(stage, PAIR);
        self.ready += stage.world.values(stage.fair())[Party::Colluders as usize] - before;
    }

    /// Closes a pair against itself, inside the spread.
    fn close_pair(&mut self, stage: &mut Stage, first: i64) {
        let venue = &stage.world.venue;
        let (Some(bid), Some(ask)) = (venue.best(Side::Long), venue.best(Side::Short)) else { return };
        if first == 0 || bid + 1 > ask - 1 {
            return;
        }
        let price = venue.oracle_price().clamp(bid + 1, ask - 1);
        let (long, short) = if first > 0 { (HANDS[0], HANDS[1]) } else { (HANDS[1], HANDS[0]) };
        let lots = first.abs();
        for (seat, side, style) in [(long, Side::Short, Style::Post), (short, Side::Long, Style::Take)] {
            stage.act(Party::Colluders, &Deed::Order { seat, side, lots, price, style, reduces: true, expires: 0 });
        }
        stage.act(Party::Colluders, &Deed::Cancel { seat: long });
    }

    /// Funds both legs of a pair so that neither is liquidated.
    fn fund_pair(&mut self, stage: &mut Stage, lots: i64) {
        let oracle_price = stage.world.venue.oracle_price();
        for seat in HANDS {
            let equity = stage.world.venue.equity(seat, oracle_price);
            if equity < part(lots * oracle_price, 200_000) {
                stage.act(Party::Colluders, &Deed::Deposit { seat, amount: lots * oracle_price / 2 - equity });
            }
        }
    }
}
