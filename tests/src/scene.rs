//! The markets that the waterfall is tested in, and what is looked at afterwards.

pub use crate::plain;
use crate::{Addresses, Event, Sent, Setup, Stage, Trader};
use zerosum_client::{Powers, decode_ticket, events::Reduced};
use zerosum_engine::{
    layout::VAULT,
    state::header::RankRule,
    state::params::Params,
    state::price::Print,
    state::receipt::Kind,
    state::ticket::Ticket,
    units::{Price, Rate},
};
use zerosum_svm::{Failure, Instruction, Keypair, Pubkey, Signer};

/// [`plain`] with a vault that buys at a discount of 1 %.
pub fn discounted() -> Params {
    Params { vault_discount: Rate(10_000), ..plain() }
}

/// The same with a vault that spends all it has on overpaying.
pub fn generous() -> Params {
    Params { vault_loss_budget: Rate(1_000_000), ..plain() }
}

/// A market at 100,000 atoms a lot.
pub fn stage(params: Params) -> Stage {
    Setup { params, ..Setup::default() }.start()
}

/// One against whom the price goes, the counterparty, and somebody with cash.
pub struct Duel {
    pub loser: Trader,
    pub winner: Trader,
    pub bidder: Trader,
}

/// The loser is long and the winner short 2,000 lots from 100,000; the loser's bankruptcy price is 95,000.
pub fn duel(stage: &mut Stage) -> Duel {
    let (loser, winner, bidder) = (stage.trader(10_000_000), stage.trader(100_000_000), stage.trader(100_000_000));
    stage.trade(&loser, &winner, 2_000, 100_000);
    Duel { loser, winner, bidder }
}

/// A loser long of all that `shorts` of (deposit, lots) are short, from 100,000 with 5 % of margin.
pub fn against(stage: &mut Stage, shorts: &[(u64, i64)]) -> (Trader, Vec<Trader>) {
    let lots: i64 = shorts.iter().map(|(_, lots)| lots).sum();
    let loser = stage.trader(lots as u64 * 5_000);
    let deposits: Vec<u64> = shorts.iter().map(|(deposit, _)| *deposit).collect();
    let winners = crowd(stage, &deposits);
    for (winner, (_, lots)) in winners.iter().zip(shorts) {
        stage.trade(&loser, winner, *lots, 100_000);
    }
    (loser, winners)
}

/// Seats of one owner, with these deposits.
pub fn crowd(stage: &mut Stage, deposits: &[u64]) -> Vec<Trader> {
    let (keys, tokens) = stage.newcomer(2 * deposits.iter().sum::<u64>());
    let first = stage.market().seats().len() as u32;
    let open = |amount: &u64| stage.at.open_seat(&keys.pubkey(), &keys.pubkey(), &tokens, *amount);
    let instructions: Vec<Instruction> = deposits.iter().map(open).collect();
    for batch in instructions.chunks(8) {
        stage.send(batch, &[&keys]).unwrap();
    }
    (first..).take(deposits.len()).map(|seat| Trader { keys: keys.insecure_clone(), seat, tokens }).collect()
}

/// Places many orders of a trader, a few a transaction.
pub fn place_all(stage: &mut Stage, trader: &Trader, orders: &[zerosum_engine::ops::orders::OrderRequest]) {
    let place = |order| stage.at.place_order(&trader.key(), trader.seat, order);
    let instructions: Vec<Instruction> = orders.iter().map(place).collect();
    for batch in instructions.chunks(8) {
        stage.send(batch, &[&trader.keys]).unwrap();
    }
}

/// Adds 134 orders to the book.
pub fn grow_book(stage: &mut Stage) {
    let payer = stage.svm.funded(10_000_000_000);
    let grow = stage.at.grow_book(&payer.pubkey());
    stage.send(&[grow.clone(), grow], &[&payer]).unwrap();
}

/// Somebody with a stake in the vault.
pub struct Investor {
    pub keys: Keypair,
    pub tokens: Pubkey,
}

impl Investor {
    /// Somebody with `tokens` and no stake yet.
    pub fn new(stage: &mut Stage, tokens: u64) -> Self {
        let (keys, tokens) = stage.newcomer(tokens);
        Self { keys, tokens }
    }

    pub fn key(&self) -> Pubkey {
        self.keys.pubkey()
    }

    pub fn ask_to_mint(&self, stage: &mut Stage, amount: u64) -> Result<Sent, Failure> {
        let request = stage.at.request_mint(&self.key(), &self.key(), &self.tokens, amount);
        stage.send(&[request], &[&self.keys])
    }

    pub fn ask_to_redeem(&self, stage: &mut Stage, shares: u64) -> Result<Sent, Failure> {
        let request = stage.at.request_redeem(&self.key(), shares);
        stage.send(&[request], &[&self.keys])
    }

    /// Anyone does it for the investor.
    pub fn execute(&self, stage: &mut Stage) -> Result<Sent, Failure> {
        stage.crank(stage.at.execute_request(&self.key(), None))
    }

    /// Lets the request mature, posts the price once more, and executes it.
    pub fn execute_later(&self, stage: &mut Stage) -> Result<Sent, Failure> {
        mature(stage);
        self.execute(stage)
    }

    pub fn ticket(&self, stage: &mut Stage) -> Ticket {
        let address = stage.at.ticket(&self.key());
        decode_ticket(&stage.svm.account(&address).expect("the ticket exists").data).unwrap()
    }

    pub fn balance(&self, stage: &mut Stage) -> u64 {
        stage.mint.balance_of(&mut stage.svm, &self.key())
    }
}

/// Waits out the cooldown and posts the price of before, when that is published after it for certain.
pub fn mature(stage: &mut Stage) {
    let head = stage.market().head();
    let (params, price) = (head.params, head.price.accepted.0);
    stage.wait(params.vault_cooldown + params.ahead());
    stage.post(price);
}

/// Puts cash into the vault, and waits until the loss budget has forgotten that it was without.
pub fn invest(stage: &mut Stage, amount: u64) -> Investor {
    let investor = Investor::new(stage, 2 * amount);
    investor.ask_to_mint(stage, amount).unwrap();
    investor.execute_later(stage).unwrap();
    stage.wait(4_100);
    let price = stage.market().head().price.accepted.0;
    stage.price(price);
    investor
}

/// Another market on the same chain with the same token, and a price of its own.
pub fn second_market(stage: &mut Stage) -> Addresses {
    let creator = stage.creator.insecure_clone();
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let signer = stage.price_signer.insecure_clone();
    let powers = Powers::posted(None, signer.pubkey());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &plain(), &powers);
    stage.svm.send(&[create], &[&creator]).unwrap();
    let print = Print { price: Price(50_000), published: stage.svm.now() };
    stage.svm.send(&[at.post_price(&signer.pubkey(), print)], &[&signer]).unwrap();
    at
}

pub fn size(stage: &Stage, trader: &Trader) -> i64 {
    stage.seat(trader).position.size.0
}

pub fn cash(stage: &Stage, trader: &Trader) -> i64 {
    stage.seat(trader).position.cash.0
}

/// What a seat is worth at the accepted price.
pub fn equity(stage: &Stage, seat: u32) -> i64 {
    let head = stage.market().head();
    stage.market().seats()[seat as usize].position.equity(head.price.accepted - head.funding).unwrap().0
}

pub fn vault_size(stage: &Stage) -> i64 {
    stage.market().seats()[VAULT as usize].position.size.0
}

pub fn vault_cash(stage: &Stage) -> i64 {
    stage.market().seats()[VAULT as usize].position.cash.0
}

/// The steps of the waterfall that a transaction tells of.
pub fn steps(sent: &Sent) -> Vec<Reduced> {
    let step = |event: &Event| match event {
        Event::Reduced(reduced) => Some(*reduced),
        _ => None,
    };
    sent.events.iter().filter_map(step).collect()
}

/// Each of those steps as what it was, whose it was, who took it, and how many lots.
pub fn told(sent: &Sent) -> Vec<(Kind, u32, u32, i64)> {
    let tell = |step: &Reduced| (Kind::from_byte(step.kind), step.loser, step.winner, step.lots);
    steps(sent).iter().map(tell).collect()
}

/// Deleverages until nobody is bankrupt, `most` forced fills a call; returns all steps.
pub fn clear(stage: &mut Stage, most: u8) -> Vec<Reduced> {
    let mut all = Vec::new();
    for _ in 0..200 {
        let made = steps(&stage.deleverage(most).unwrap());
        if made.is_empty() {
            return all;
        }
        all.extend(made);
    }
    panic!("the market is not cleared in 200 calls");
}
