//! A market in memory. As on-chain, an operation that fails changes nothing; one that succeeds is audited.

use crate::audit;
use crate::error::{ErrorCode, Result};
use crate::exchange::Exchange;
use crate::layout::Key;
use crate::layout::VAULT;
use crate::ops::crank::CrankReport;
use crate::ops::create::Creation;
use crate::ops::matching::follow_fills;
use crate::ops::orders::{Kind, OrderRequest, Placed};
use crate::ops::vault_shares::Executed;
use crate::oracle::OracleKind;
use crate::state::header::RankRule;
use crate::state::params::{Params, MAX_STALENESS};
use crate::state::position::Position;
use crate::state::price::Print;
use crate::state::queues;
use crate::state::ticket::Ticket;
use crate::units::{Atoms, Funding, Lots, Price, Rate, Side};
use std::vec;
use std::vec::Vec;

pub use Side::{Long, Short};

pub const START: i64 = 1_000_000;

/// A market without fees, with a wide band and prices that count for a minute, so that a test says what it is about in
/// round numbers.
pub fn plain() -> Params {
    Params {
        taker_fee: Rate::ZERO,
        maker_fee: Rate::ZERO,
        caller_share: Rate::ZERO,
        vault_discount: Rate::ZERO,
        vault_fee: Rate::ZERO,
        vault_min_edge: Rate::ZERO,
        deleverage_pay: Rate::ZERO,
        min_collateral: 1,
        band: Rate(500_000),
        staleness: 60,
        funding_cap: Rate::ZERO,
        interest: 0,
        ..Params::standard()
    }
}

#[derive(Clone)]
pub struct Venue {
    market: Vec<u64>,
    book: Vec<u64>,
    pub now: i64,
}

pub fn key(n: u32) -> Key {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&n.to_le_bytes());
    key[31] = 1;
    key
}

impl Venue {
    pub fn new(params: Params) -> Self {
        Self::sized(params, RankRule::ProfitLeverageSize, 64, 128)
    }

    pub fn sized(params: Params, rule: RankRule, seats: usize, orders: usize) -> Self {
        let words = |head: usize, each: usize, n: usize| vec![0u64; (head + each * n) / 8];
        let mut venue = Self {
            market: words(size_of::<crate::state::header::Header>(), size_of::<crate::state::seat::Seat>(), seats),
            book: words(size_of::<crate::state::book::BookHeader>(), size_of::<crate::state::book::Order>(), orders),
            now: START,
        };
        let none = [0; 32];
        // A test may let a price stand for longer than a market may, so that the clock alone goes on.
        let within = Params { staleness: params.staleness.min(MAX_STALENESS), ..params };
        let creation = Creation {
            id: 1,
            rule,
            params: within,
            creator: key(9_000),
            authority: none,
            market: none,
            book: none,
            pool: none,
            mint: none,
            token_program: none,
            oracle: none,
            feed: none,
            price_signer: none,
            oracle_kind: OracleKind::Posted,
            lot_exponent: 0,
            name: [0; 16],
            decimals: 6,
            created_at: START,
            bump: 0,
            pool_bump: 0,
        };
        let (market, book) = (bytemuck::cast_slice_mut(&mut venue.market), bytemuck::cast_slice_mut(&mut venue.book));
        creation.write(market, book).unwrap();
        venue.peek(|exchange, _| exchange.market.head.params = params);
        venue
    }

    /// Runs an operation as an instruction: all or nothing, then the audit.
    pub fn try_run<R>(&mut self, run: impl FnOnce(&mut Exchange, i64) -> Result<R>) -> Result<R> {
        let before = (self.market.clone(), self.book.clone());
        let result = self.peek(|exchange, now| run(exchange, now));
        match &result {
            Err(_) => (self.market, self.book) = before,
            Ok(_) => self.audit(),
        }
        result
    }

    pub fn peek<R>(&mut self, look: impl FnOnce(&mut Exchange, i64) -> R) -> R {
        let (market, book) = (bytemuck::cast_slice_mut(&mut self.market), bytemuck::cast_slice_mut(&mut self.book));
        let mut exchange = Exchange::load(market, book).unwrap();
        look(&mut exchange, self.now)
    }

    pub fn run<R>(&mut self, run: impl FnOnce(&mut Exchange, i64) -> Result<R>) -> R {
        self.try_run(run).unwrap()
    }

    pub fn audit(&mut self) {
        self.peek(|exchange, _| audit::check(exchange)).unwrap();
    }

    pub fn bytes(&self) -> (&[u64], &[u64]) {
        (&self.market, &self.book)
    }

    /// Opens a seat of its own owner.
    pub fn seat(&mut self, deposit: i64) -> u32 {
        let owner = key(self.peek(|exchange, _| exchange.market.head.seat_count));
        self.seat_of(owner, deposit)
    }

    pub fn seat_of(&mut self, owner: Key, deposit: i64) -> u32 {
        self.run(|exchange, now| exchange.market.open_seat(owner, owner, Atoms(deposit), now))
    }

    /// Prints a price 11 seconds later, or as many times as it takes to be accepted.
    pub fn price(&mut self, price: i64) {
        for _ in 0..64 {
            self.now += 11;
            self.print(price);
            if self.oracle_price() == price {
                return;
            }
        }
        panic!("the price never arrived");
    }

    /// The oracle prints a price now.
    pub fn print(&mut self, price: i64) {
        let print = Print { price: Price(price), published: self.now };
        self.run(|exchange, now| {
            exchange.observe(print, now);
            exchange.market.refused.map_or(Ok(()), Err)
        });
    }

    /// Prints a price until it is both the accepted and the older one: what the vault waits for.
    pub fn crash(&mut self, price: i64) {
        self.price(price);
        self.price(price);
    }

    pub fn oracle_price(&mut self) -> i64 {
        self.peek(|exchange, _| exchange.market.oracle_price().0)
    }

    /// Sets cumulative funding as if it had accrued.
    pub fn fund(&mut self, funding: i64) {
        self.peek(|exchange, _| exchange.market.head.funding = Funding(funding));
    }

    pub fn position(&mut self, seat: u32) -> Position {
        self.peek(|exchange, _| exchange.market.seats[seat as usize].position)
    }

    pub fn size(&mut self, seat: u32) -> i64 {
        self.position(seat).size.0
    }

    pub fn cash(&mut self, seat: u32) -> i64 {
        self.position(seat).cash.0
    }

    pub fn equity(&mut self, seat: u32) -> i64 {
        let adjusted = self.peek(|exchange, _| exchange.market.adjusted_price());
        self.position(seat).equity(adjusted).unwrap().0
    }

    pub fn request(side: Side, lots: i64, price: i64, kind: Kind) -> OrderRequest {
        OrderRequest {
            side,
            price: Price(price),
            lots: Lots(lots),
            kind,
            reduce_only: false,
            client_id: 0,
            expires: 0,
            max_matches: 64,
        }
    }

    pub fn place(&mut self, seat: u32, request: OrderRequest) -> Result<Placed> {
        self.try_run(|exchange, now| exchange.place_order(seat, &request, now))
    }

    pub fn rest(&mut self, seat: u32, side: Side, lots: i64, price: i64) {
        let placed = self.place(seat, Self::request(side, lots, price, Kind::Limit)).unwrap();
        assert_eq!(placed.rested, Lots(lots), "the order rests whole");
    }

    pub fn take(&mut self, seat: u32, side: Side, lots: i64, price: i64) -> Result<Placed> {
        self.place(seat, Self::request(side, lots, price, Kind::ImmediateOrCancel))
    }

    /// A trade between two seats at a price: one rests, the other takes.
    pub fn trade(&mut self, long: u32, short: u32, lots: i64, price: i64) {
        self.rest(short, Short, lots, price);
        assert_eq!(self.take(long, Long, lots, price).unwrap().filled, Lots(lots));
    }

    pub fn liquidate(&mut self, most: u32) -> CrankReport {
        self.run(|exchange, now| exchange.liquidate(most, None, now))
    }

    pub fn deleverage(&mut self, most: u32) -> CrankReport {
        self.run(|exchange, now| exchange.deleverage(most, None, now))
    }

    /// Puts cash into the vault through a ticket, with all its waiting.
    pub fn fund_vault(&mut self, amount: i64) -> Ticket {
        let mut ticket = Ticket::new([0; 32], key(8_000), key(8_000));
        self.run(|exchange, now| exchange.request_mint(&mut ticket, Atoms(amount), now));
        self.execute_later(&mut ticket);
        // Past the window of the loss budget, which goes by the least equity in it.
        self.now += 4_100;
        let oracle_price = self.oracle_price();
        self.price(oracle_price);
        ticket
    }

    /// Waits for a ticket's request to mature, prints the price again and executes it.
    pub fn execute_later(&mut self, ticket: &mut Ticket) -> Executed {
        self.now += 601;
        let oracle_price = self.oracle_price();
        self.price(oracle_price);
        self.run(|exchange, now| exchange.execute_request(ticket, None, now))
    }

    /// Lets the oracle die and settles the market at the accepted price.
    pub fn settle(&mut self) {
        let price = self.peek(|exchange, _| exchange.market.head.price);
        self.now += price.silence + 1;
        self.run(|exchange, now| exchange.market.announce_dead(now));
        self.now += price.grace;
        self.run(|exchange, now| exchange.settle(now));
    }

    /// Changes the parameters, as an authority would.
    pub fn tune(&mut self, change: impl FnOnce(&mut Params)) {
        self.peek(|exchange, _| change(&mut exchange.market.head.params));
        let params = self.peek(|exchange, _| exchange.market.head.params);
        Params { staleness: params.staleness.min(MAX_STALENESS), ..params }.validate().unwrap();
    }

    pub fn code<R: core::fmt::Debug>(result: Result<R>) -> ErrorCode {
        result.unwrap_err().code
    }

    pub fn vault(&mut self) -> Position {
        self.position(VAULT)
    }
}

/// Gives a seat another position, as a fill would, past every rule.
pub fn set_position(exchange: &mut Exchange, index: u32, position: Position, now: i64) -> Result<()> {
    let was = exchange.market.seats[index as usize].position.size;
    exchange.market.seats[index as usize].position = position;
    follow_fills(exchange, index, was, now)
}

/// Changes a seat's cash alone, past every rule.
pub fn credit(exchange: &mut Exchange, index: u32, amount: Atoms) -> Result<()> {
    let cash = &mut exchange.market.seats[index as usize].position.cash;
    *cash = cash.plus(amount)?;
    queues::refresh(&mut exchange.market, index)
}
