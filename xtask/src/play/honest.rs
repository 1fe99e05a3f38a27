//! The honest players: a keeper that also brings prints, a market maker, three traders and a depositor of the vault. They
//! act on the accepted price.

use super::deeds::{Deed, Print, Side, Style};
use super::ledger::Stage;
use super::walk::Dice;
use super::world::{COLLUDERS, DEPOSITOR, KEEPER, MAKER, Party, TOKEN, TRADERS, VAULT, part};

/// The honest players' plans.
pub struct Honest {
    dice: Dice,
    traders: [Trader; 3],
    /// The centre of the maker's quotes; 0 if it has none.
    quoted: i64,
}

/// A trader's plan: a position to build and to hold for a while.
#[derive(Clone, Copy)]
struct Trader {
    seat: u32,
    target: i64,
    /// Whether it deposits when its margin becomes thin.
    careful: bool,
}

impl Honest {
    pub fn new(seed: u64) -> Self {
        let traders = TRADERS.map(|seat| Trader { seat, target: 0, careful: seat == TRADERS[0] });
        Self { dice: Dice::new(seed, 2), traders, quoted: 0 }
    }

    /// Brings a print unless the market has seen a newer one.
    pub fn push(stage: &mut Stage, print: Print) {
        if print.published > stage.world.venue.last_print() {
            stage.act(Party::Keeper, &Deed::Bring(print));
        }
    }

    /// One second of all of them, the keeper first.
    pub fn act(&mut self, stage: &mut Stage) {
        Self::crank(stage);
        self.keep_vault(stage);
        if !stage.world.venue.is_live() || stage.world.venue.is_frozen() {
            if self.quoted != 0 {
                stage.act(Party::Maker, &Deed::Cancel { seat: MAKER });
                self.quoted = 0;
            }
        } else {
            self.quote(stage);
        }
        for trader in 0..self.traders.len() {
            self.trade(trader, stage);
        }
    }

    /// Clears bankrupt seats, liquidates losers and offers the vault's inventory.
    fn crank(stage: &mut Stage) {
        let payee = Some(KEEPER);
        if !stage.world.venue.is_live() {
            return;
        }
        for _ in 0..4 {
            if !stage.world.venue.is_frozen() {
                break;
            }
            stage.act(Party::Keeper, &Deed::Deleverage { payee });
        }
        if stage.world.venue.has_losers() {
            stage.act(Party::Keeper, &Deed::Liquidate { payee });
        }
        if stage.world.venue.now % 5 == 0 && stage.world.venue.size(VAULT) != 0 {
            stage.act(Party::Keeper, &Deed::OfferInventory);
        }
    }

    /// The depositor keeps about 1,000 tokens in the vault and redeems some of it now and then.
    fn keep_vault(&mut self, stage: &mut Stage) {
        let (now, oracle_price) = (stage.world.venue.now, stage.world.venue.oracle_price());
        let matured = |stage: &Stage, ticket: usize| {
            let matures = stage.world.venue.stake(ticket).matures;
            matures.is_some_and(|at| now > at)
        };
        if now % 5 == 0 && matured(stage, DEPOSITOR) {
            stage.act(Party::Depositor, &Deed::Execute { ticket: DEPOSITOR });
        }
        if now % 5 == 0 && matured(stage, COLLUDERS) {
            stage.act(Party::Keeper, &Deed::Execute { ticket: COLLUDERS });
        }
        let stake = stage.world.venue.stake(DEPOSITOR);
        if stake.matures.is_some() {
            return;
        }
        let lacks = 1_000 * TOKEN - stage.world.venue.vault_equity(oracle_price);
        if lacks > 300 * TOKEN {
            stage.act(Party::Depositor, &Deed::AskMint { ticket: DEPOSITOR, amount: lacks });
        } else if stake.shares > 0 && self.dice.once_in(5_400) {
            stage.act(Party::Depositor, &Deed::AskRedeem { ticket: DEPOSITOR, shares: stake.shares / 10 });
        }
    }

    /// The maker quotes three levels a side around the accepted price, shifted against its inventory.
    fn quote(&mut self, stage: &mut Stage) {
        let venue = &stage.world.venue;
        let oracle_price = venue.oracle_price();
        let lean = (venue.size(MAKER) / 10).clamp(-3_000, 3_000);
        let centre = oracle_price - part(oracle_price, lean);
        let whole = [Side::Long, Side::Short].into_iter().all(|side| venue.resting(MAKER, side) >= 1_000);
        if whole && (centre - self.quoted).abs() <= part(oracle_price, 200) {
            return;
        }
        self.quoted = centre;
        Self::fund(stage, MAKER, Party::Maker, 4_000 * TOKEN, 6_000 * TOKEN, 12_000 * TOKEN);
        stage.act(Party::Maker, &Deed::Cancel { seat: MAKER });
        for (side, sign) in [(Side::Long, -1), (Side::Short, 1)] {
            for (lots, behind) in [(300, 400), (500, 800), (700, 1_600)] {
                let price = centre + sign * part(oracle_price, behind);
                Self::order(stage, Party::Maker, (MAKER, side, lots, price), Style::Post, 0);
            }
        }
    }

    /// Deposits up to `aim` if a seat has less than `least`; withdraws down to `aim` if it has more than `most`.
    fn fund(stage: &mut Stage, seat: u32, party: Party, least: i64, aim: i64, most: i64) {
        let equity = stage.world.venue.equity(seat, stage.world.venue.oracle_price());
        if equity < least {
            stage.act(party, &Deed::Deposit { seat, amount: aim - equity });
        } else if equity > most {
            stage.act(party, &Deed::Withdraw { seat, amount: equity - aim });
        }
    }

    fn order(
        stage: &mut Stage,
        by: Party,
        (seat, side, lots, price): (u32, Side, i64, i64),
        style: Style,
        expires: i64,
    ) {
        stage.act(by, &Deed::Order { seat, side, lots, price, style, reduces: false, expires });
    }

    fn trade(&mut self, which: usize, stage: &mut Stage) {
        let Trader { seat, target, careful } = self.traders[which];
        let size = stage.world.venue.size(seat);
        if self.dice.once_in(300) {
            self.traders[which].target = self.decide(seat, size, stage);
            return;
        }
        let oracle_price = stage.world.venue.oracle_price();
        let notional = size.abs() * oracle_price;
        if careful && size != 0 && self.dice.once_in(10) {
            // Maintenance is 2.5 %.
            Self::fund(stage, seat, Party::Traders, part(notional, 40_000), part(notional, 80_000), i64::MAX);
        }
        let missing = target - size;
        if missing == 0 || !self.dice.once_in(2) {
            return;
        }
        if size.abs() > target.abs() || size * target < 0 || size == 0 || stage.world.venue.spare(seat) > 0 {
            self.approach(seat, missing, stage);
        } else {
            // It was liquidated on the way, or has no margin left: it keeps the position that it has.
            self.traders[which].target = size;
        }
    }

    /// Places one order towards the target. One in three rests, for 30 seconds at most.
    fn approach(&mut self, seat: u32, missing: i64, stage: &mut Stage) {
        let (now, oracle_price) = (stage.world.venue.now, stage.world.venue.oracle_price());
        let (side, sign) = if missing > 0 { (Side::Long, 1) } else { (Side::Short, -1) };
        let lots = missing.abs().min(1_500);
        stage.act(Party::Traders, &Deed::Cancel { seat });
        if self.dice.once_in(3) {
            let price = oracle_price - sign * part(oracle_price, 200);
            Self::order(stage, Party::Traders, (seat, side, lots, price), Style::Limit, now + 30);
        } else {
            let price = oracle_price + sign * part(oracle_price, 5_000);
            Self::order(stage, Party::Traders, (seat, side, lots, price), Style::Take, 0);
        }
    }

    /// Chooses a new plan: open, hold, close, turn round, deposit or withdraw.
    fn decide(&mut self, seat: u32, size: i64, stage: &mut Stage) -> i64 {
        let oracle_price = stage.world.venue.oracle_price();
        let spare = stage.world.venue.spare(seat);
        match self.dice.between(1, 100) {
            _ if size == 0 => self.open(seat, stage),
            1..=35 => 0,
            36..=50 => -size,
            51..=65 => {
                stage.act(Party::Traders, &Deed::Deposit { seat, amount: part(size.abs() * oracle_price, 20_000) });
                size
            }
            66..=75 if spare > 20 * TOKEN => {
                stage.act(Party::Traders, &Deed::Withdraw { seat, amount: spare / 2 });
                size
            }
            _ => size,
        }
    }

    /// Chooses a size and a leverage, and funds the seat accordingly.
    fn open(&mut self, seat: u32, stage: &mut Stage) -> i64 {
        let oracle_price = stage.world.venue.oracle_price();
        let lots = self.dice.between(5_000, 30_000);
        let leverage = [5, 8, 10, 12, 15, 18][self.dice.between(0, 5) as usize];
        let margin = (lots * oracle_price / leverage + part(lots * oracle_price, 2_000)).max(10 * TOKEN);
        Self::fund(stage, seat, Party::Traders, margin, margin, margin);
        if self.dice.once_in(2) { lots } else { -lots }
    }
}
