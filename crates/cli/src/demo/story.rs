//! The story: from the morning's positions through the crash to the rebound.

use zerosum_engine::{
    exchange::Exchange,
    layout::VAULT,
    units::{Atoms, Lots, Price, Side},
    view::QueueLine,
};

use crate::demo::{
    Audience, Failed, Options,
    chain::Chain,
    crowd, keeper,
    ledger::{Ledger, Waterfall},
    market,
    price_path::{self, AGAIN, BEGINS, STEP, Tick},
    random::Random,
    traders::{self, Person, Role, SESSIONS},
};

/// How long before the crash the positions were entered and the vault was funded: longer than the vault's cooldown and
/// its budget window together.
const MORNING: i64 = BEGINS - 4 * 3_600;

/// What one print led to.
#[derive(Clone, Debug)]
pub struct Step {
    /// Counted from 1.
    pub number: usize,
    /// The print.
    pub tick: Tick,
    /// Whether it says again what the one before it said.
    pub again: bool,
    /// What the market went by after it.
    pub accepted: Price,
    /// The jump that waits.
    pub pending: Option<Price>,
    /// How many seats the print found bankrupt.
    pub bankrupt: u32,
    /// How many of them the cranks had to leave for the next print.
    pub left_bankrupt: u32,
    /// What the cranks did.
    pub fills: Waterfall,
    /// Which receipts of the ledger are this step's.
    pub receipts: std::ops::Range<usize>,
    /// What every seat held before it.
    pub sizes: Vec<Lots>,
    /// The head of the shorts' deleveraging queue after the cranks.
    pub queue: Vec<QueueLine>,
    /// What the vault is worth.
    pub vault_equity: Atoms,
    /// What it holds.
    pub vault_size: Lots,
    /// All longs together.
    pub open_interest: Lots,
    /// Best bid and best ask.
    pub best: [Option<Price>; 2],
}

/// The market, everybody in it, and what has happened.
pub struct Story {
    /// The chain it plays on.
    pub chain: Chain,
    /// Who is in it.
    pub people: Vec<Person>,
    /// What the waterfall did.
    pub ledger: Ledger,
    /// What each print led to.
    pub steps: Vec<Step>,
    keepers: Vec<u32>,
    paid_out: Vec<(u32, Atoms)>,
    random: Random,
}

impl Story {
    /// The market as it stands before the crash: seats open, positions entered, orders resting, the vault funded.
    pub fn set_up(options: &Options, audience: &mut dyn Audience) -> Result<Self, Failed> {
        let mut random = Random::new(options.seed, 1);
        let opening = market::price_of_usd(SESSIONS[0]);
        let params = market::params(options.vault, options.loss_budget, opening);
        let mut people = traders::cast(options.seats, &mut random);
        let total = people.len() as u64 + 10;
        audience.setting_up(0, total, "creating the market");
        let mut chain = Chain::start(options, &params, MORNING)?;
        chain.post_price(opening)?;
        if options.vault > 0 {
            audience.setting_up(1, total, "funding the vault");
            fund_vault(&mut chain, options.vault, opening)?;
        }
        for (person, done) in people.iter_mut().zip(2..) {
            audience.setting_up(done, total, "opening seats");
            person.seat = chain.open_seat(person.deposit)?;
        }
        for (session, usd) in SESSIONS.into_iter().enumerate() {
            audience.setting_up(total - 6 + session as u64, total, "entering positions");
            let price = market::price_of_usd(usd);
            chain.wait(600);
            chain.post_price(price)?;
            crowd::enter_positions(&mut chain, &people, session, price, &mut random)?;
        }
        audience.setting_up(total - 1, total, "filling the book");
        crowd::patient_wait(&mut chain, &people, &mut random)?;
        audience.setting_up(total, total, "ready");
        let keepers = people.iter().filter(|person| person.role == Role::Keeper).map(|person| person.seat).collect();
        Ok(Self { chain, people, ledger: Ledger::default(), steps: Vec::new(), keepers, paid_out: Vec::new(), random })
    }

    /// Plays every price of the path, each of two prints.
    pub fn play(&mut self, options: &Options, audience: &mut dyn Audience) -> Result<(), Failed> {
        let path = price_path::path(&mut Random::new(options.seed, 2));
        for tick in path {
            let second = Tick { time: tick.time + AGAIN, note: "", ..tick };
            for (print, again) in [(tick, false), (second, true)] {
                let step = self.step(print, again)?;
                audience.step(&step, self);
                self.steps.push(step);
            }
        }
        self.pay_out()
    }

    /// One print: the cranks come before anything else. Makers and traders act once the oracle has said a price twice.
    fn step(&mut self, tick: Tick, again: bool) -> Result<Step, Failed> {
        let number = self.steps.len() + 1;
        let chain = &mut self.chain;
        chain.wait(tick.time - chain.now());
        let first_receipt = self.ledger.count();
        let sizes = chain.view(|exchange| exchange.market.seats.iter().map(|seat| seat.position.size).collect());
        chain.post_price(tick.price)?;
        let bankrupt = chain.after_print(count_bankrupt)?;
        let moves = keeper::work(chain, &self.keepers, &mut self.ledger)?;
        if moves {
            chain.unwind_vault()?;
        }
        if again {
            crowd::makers_quote(chain, &self.people, tick.mood)?;
            crowd::crowd_trades(chain, &self.people, tick.mood, &mut self.random)?;
            if moves {
                keeper::work(chain, &self.keepers, &mut self.ledger)?;
            }
        }
        let left_bankrupt = chain.view(count_bankrupt);
        let receipts = first_receipt..self.ledger.count();
        let fills = Waterfall::of(&self.ledger.all()[receipts.clone()]);
        Ok(chain.view(|exchange| Step {
            number,
            tick,
            again,
            accepted: exchange.market.oracle_price(),
            pending: Some(exchange.market.head.price.pending).filter(|price| price.0 != 0),
            bankrupt,
            left_bankrupt,
            fills,
            receipts,
            sizes,
            queue: queue_head(exchange, Side::Short, tick.time),
            vault_equity: exchange.market.vault_equity().unwrap_or_default(),
            vault_size: exchange.market.seats[VAULT as usize].position.size,
            open_interest: exchange.market.head.open_interest,
            best: [Side::Long, Side::Short]
                .map(|side| exchange.book.best(side).map(|order| exchange.book.orders[order as usize].price)),
        }))
    }
}

impl Story {
    /// Whales that are out of the market take their money home, which shows that it is there.
    fn pay_out(&mut self) -> Result<(), Failed> {
        for whale in self.people.iter().filter(|person| person.role == Role::Whale) {
            let record = |exchange: &Exchange| exchange.market.seats[whale.seat as usize];
            let seat = self.chain.view(record);
            if seat.is_idle() && seat.position.cash.0 > 0 {
                self.chain.withdraw(whale.seat, seat.position.cash)?;
                self.paid_out.push((whale.seat, seat.position.cash));
            }
        }
        Ok(())
    }

    /// What a seat without position withdrew at the end.
    pub fn paid_out(&self, seat: u32) -> Option<Atoms> {
        self.paid_out.iter().find(|(other, _)| *other == seat).map(|(_, paid)| *paid)
    }

    /// What a seat held before a print.
    pub fn size_before(&self, step: &Step, seat: u32) -> Lots {
        step.sizes.get(seat as usize).copied().unwrap_or_default()
    }

    /// How many traders there are, keepers left out.
    pub fn traders(&self) -> usize {
        self.people.iter().filter(|person| person.role != Role::Keeper).count()
    }
}

/// The vault's deposit waits out its cooldown, long before anything it could know of.
fn fund_vault(chain: &mut Chain, tokens: u64, price: Price) -> Result<(), Failed> {
    chain.request_mint(Atoms(tokens as i64 * market::TOKEN))?;
    chain.wait(chain.vault_cooldown() + STEP);
    chain.post_price(price)?;
    chain.execute_mint()
}

/// How many seats are worth less than nothing.
pub fn count_bankrupt(exchange: &Exchange) -> u32 {
    let market = &exchange.market;
    (0..market.head.seat_count).filter(|seat| market.is_bankrupt(*seat).unwrap_or(true)).count() as u32
}

fn queue_head(exchange: &Exchange, side: Side, now: i64) -> Vec<QueueLine> {
    let mut page = [QueueLine::default(); 3];
    let count = exchange.market.view_adl_queue(side, None, &mut page, now).unwrap_or(0);
    page[..count].to_vec()
}
