//! The exchange as its players see it: the deeds they can perform, and the figures they can read. No other file of a play
//! calls the engine, so a change of the engine's interface is adapted here.

use zerosum_engine::audit::{self, Violation};
use zerosum_engine::exchange::Exchange;
use zerosum_engine::ops::create::Creation;
use zerosum_engine::ops::orders::{Kind, OrderRequest};
use zerosum_engine::oracle::OracleKind;
use zerosum_engine::rules::margin::is_maintained;
use zerosum_engine::state::book::{BookHeader, Order};
use zerosum_engine::state::header::RankRule;
use zerosum_engine::state::params::Params;
use zerosum_engine::state::price;
use zerosum_engine::state::receipt::Kind as Step;
use zerosum_engine::units::{Atoms, Lots, Price, Round};
use zerosum_engine::{layout::Key, state::position::Position, state::seat::Seat};
use zerosum_engine::{layout::VAULT, state::header::Header};
use zerosum_engine::{ops::vault_shares::Executed, state::ticket::Ticket};

pub use zerosum_engine::error::Error;

use super::deeds::{Closed, Deed, Outcome, Print, Side, Stake, Style};
use super::world::KEEPER;

/// Room for this many seats, and this many orders.
const SEATS: usize = 12;
const ORDERS: usize = 128;
/// Each vault has this many shares without an owner.
const VIRTUAL_SHARES: i128 = 1_000;

/// A market, its book and the tickets of its vault.
#[derive(Clone)]
pub struct Venue {
    market: Vec<u64>,
    book: Vec<u64>,
    tickets: [Ticket; 2],
    pub now: i64,
}

fn key(n: u32) -> Key {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&n.to_le_bytes());
    key[31] = 1;
    key
}

impl Venue {
    /// A market with the standard parameters and its first price.
    pub fn new(first: Print) -> Self {
        let words = |head: usize, each: usize, n: usize| vec![0u64; (head + each * n) / 8];
        let mut venue = Self {
            market: words(size_of::<Header>(), size_of::<Seat>(), SEATS),
            book: words(size_of::<BookHeader>(), size_of::<Order>(), ORDERS),
            tickets: [0, 1].map(|n| Ticket::new(key(9_001), key(8_000 + n), key(8_000 + n))),
            now: first.published,
        };
        let creation = Creation {
            id: 1,
            rule: RankRule::ProfitLeverageSize,
            params: Params::standard(),
            creator: key(9_000),
            authority: key(9_000),
            market: key(9_001),
            book: key(9_002),
            pool: key(9_003),
            mint: key(9_004),
            token_program: key(9_005),
            oracle: key(9_006),
            feed: [0; 32],
            price_signer: key(9_007),
            oracle_kind: OracleKind::Posted,
            lot_exponent: 0,
            name: [0; 16],
            decimals: 6,
            created_at: first.published,
            bump: 0,
            pool_bump: 0,
        };
        let (market, book) = (bytemuck::cast_slice_mut(&mut venue.market), bytemuck::cast_slice_mut(&mut venue.book));
        creation.write(market, book).expect("the standard parameters are within their bounds");
        venue.perform(&Deed::Bring(first)).expect("a first print");
        venue
    }

    /// Becomes a copy of another venue, without allocating.
    pub fn copy(&mut self, other: &Self) {
        self.market.copy_from_slice(&other.market);
        self.book.copy_from_slice(&other.book);
        self.tickets = other.tickets;
        self.now = other.now;
    }

    fn exchange<R>(&mut self, run: impl FnOnce(&mut Exchange, &mut [Ticket; 2], i64) -> R) -> R {
        let (market, book) = (bytemuck::cast_slice_mut(&mut self.market), bytemuck::cast_slice_mut(&mut self.book));
        let mut exchange = Exchange::load(market, book).expect("the accounts of this play");
        run(&mut exchange, &mut self.tickets, self.now)
    }

    /// Opens a seat of its own owner; returns its index.
    pub fn open_seat(&mut self, deposit: i64) -> Result<u32, Error> {
        self.exchange(|exchange, _, now| {
            let owner = key(exchange.market.head.seat_count);
            exchange.market.open_seat(owner, owner, Atoms(deposit), now)
        })
    }

    /// Performs a deed. After an error the accounts may be half changed: the caller restores a copy.
    pub fn perform(&mut self, deed: &Deed) -> Result<Outcome, Error> {
        let nothing = Outcome::default();
        self.exchange(|exchange, tickets, now| match *deed {
            Deed::Bring(Print { price, published }) => {
                exchange.observe(price::Print { price: Price(price), published }, now);
                Ok(nothing)
            }
            Deed::Deposit { seat, amount } => exchange.deposit(seat, Atoms(amount), now).map(|()| nothing),
            Deed::Withdraw { seat, amount } => {
                exchange.withdraw(seat, Atoms(amount), now).map(|()| Outcome { paid: amount, ..nothing })
            }
            Deed::Order { seat, side, lots, price, style, reduces, expires } => {
                let kind = match style {
                    Style::Limit => Kind::Limit,
                    Style::Post => Kind::PostOnly,
                    Style::Take => Kind::ImmediateOrCancel,
                };
                let request = OrderRequest {
                    side,
                    price: Price(price),
                    lots: Lots(lots),
                    kind,
                    reduce_only: reduces,
                    client_id: 0,
                    expires,
                    max_matches: 64,
                };
                let placed = exchange.place_order(seat, &request, now)?;
                Ok(Outcome { filled: placed.filled.0, quote: placed.quote.0, ..nothing })
            }
            Deed::Cancel { seat } => exchange.cancel_all(seat, None, now).map(|_| nothing),
            Deed::Liquidate { payee } => exchange.liquidate(16, payee, now).map(|_| nothing),
            Deed::Deleverage { payee } => exchange.deleverage(32, payee, now).map(|_| nothing),
            Deed::OfferInventory => exchange.unwind_vault(now).map(|_| nothing),
            Deed::AskMint { ticket, amount } => {
                exchange.request_mint(&mut tickets[ticket], Atoms(amount), now).map(|()| nothing)
            }
            Deed::AskRedeem { ticket, shares } => {
                exchange.request_redeem(&mut tickets[ticket], shares, now).map(|()| nothing)
            }
            Deed::Execute { ticket } => {
                exchange.execute_request(&mut tickets[ticket], Some(KEEPER), now).map(|executed| {
                    let paid = match executed {
                        Executed::Redeemed(cash) | Executed::Refunded(cash) => cash.0,
                        Executed::Minted(_) | Executed::Lapsed => 0,
                    };
                    Outcome { paid, ..nothing }
                })
            }
        })
    }

    /// Brings funding up to now, and nothing else.
    pub fn accrue(&mut self) {
        self.exchange(|exchange, _, now| exchange.accrue(now));
    }

    /// Checks every invariant of the market.
    pub fn audit(&mut self) -> Result<(), Violation> {
        self.exchange(|exchange, _, _| audit::check(exchange))
    }

    /// The forced fills and the vault's purchases after the first `seen` receipts.
    pub fn closed_since(&mut self, seen: u64) -> Vec<Closed> {
        self.exchange(|exchange, _, _| {
            let receipts = exchange.market.receipts_since(seen).into_iter().flatten();
            let closing = receipts.filter(|receipt| receipt.kind != Step::Book as u8);
            let closed = closing.map(|receipt| Closed {
                forced: receipt.kind == Step::Forced as u8,
                loser: receipt.loser,
                winner: receipt.winner,
                side: Side::from_byte(receipt.side),
                lots: receipt.lots.0,
                price: receipt.price.0,
            });
            closed.collect()
        })
    }

    fn head(&self) -> &Header {
        let bytes: &[u8] = bytemuck::cast_slice(&self.market);
        bytemuck::from_bytes(&bytes[..size_of::<Header>()])
    }

    fn seats(&self) -> &[Seat] {
        let bytes: &[u8] = bytemuck::cast_slice(&self.market);
        bytemuck::cast_slice(&bytes[size_of::<Header>()..])
    }

    fn position(&self, seat: u32) -> &Position {
        &self.seats()[seat as usize].position
    }

    fn orders(&self) -> impl Iterator<Item = &Order> {
        let bytes: &[u8] = bytemuck::cast_slice(&self.book);
        let orders: &[Order] = bytemuck::cast_slice(&bytes[size_of::<BookHeader>()..]);
        orders.iter().filter(|order| order.live == 1)
    }

    pub fn params(&self) -> &Params {
        &self.head().params
    }

    /// The accepted price.
    pub fn oracle_price(&self) -> i64 {
        self.head().price.accepted.0
    }

    /// The publish time of the newest print that the market has seen.
    pub fn last_print(&self) -> i64 {
        self.head().price.last_print
    }

    pub fn jump_pends(&self) -> bool {
        self.head().price.pending.0 != 0
    }

    /// Whether the price may be acted on.
    pub fn is_live(&self) -> bool {
        self.head().price.require_live(self.params(), self.now).is_ok()
    }

    pub fn receipts(&self) -> u64 {
        self.head().receipt_count
    }

    pub fn size(&self, seat: u32) -> i64 {
        self.position(seat).size.0
    }

    /// A seat's equity at a price of `at`.
    pub fn equity(&self, seat: u32, at: i64) -> i64 {
        let position = self.position(seat);
        position.cash.0 + position.size.0 * (at - self.head().funding.0)
    }

    /// A seat's bankruptcy price, rounded against it.
    pub fn bankruptcy_price(&self, seat: u32) -> Option<i64> {
        self.position(seat).bankruptcy_price().map(|zero| (zero + self.head().funding).0)
    }

    /// Whether a seat would be below maintenance at an accepted price of `at`.
    pub fn is_unmaintained(&self, seat: u32, at: i64) -> bool {
        let (position, adjusted) = (self.position(seat), Price(at) - self.head().funding);
        position.size.0 != 0 && !is_maintained(position, self.params(), Price(at), adjusted).unwrap_or(true)
    }

    /// Whether a seat is bankrupt at the accepted price.
    pub fn is_frozen(&self) -> bool {
        let oracle_price = self.oracle_price();
        (0..self.head().seat_count).any(|seat| self.size(seat) != 0 && self.equity(seat, oracle_price) < 0)
    }

    /// Whether a seat is below maintenance at the accepted price.
    pub fn has_losers(&self) -> bool {
        let oracle_price = self.oracle_price();
        (0..self.head().seat_count).any(|seat| self.is_unmaintained(seat, oracle_price))
    }

    /// The most that a seat with a position and without orders can withdraw at the accepted price.
    pub fn spare(&self, seat: u32) -> i64 {
        let params = self.params();
        let notional = Atoms(self.size(seat).abs() * self.oracle_price());
        let kept = params.initial.of_atoms(notional, Round::Up).0 + params.jump.of_atoms(notional, Round::Up).0;
        self.equity(seat, self.oracle_price()) - kept.max(params.min_collateral)
    }

    /// The worst price at which the waterfall closes a seat of `side` in the book.
    pub fn worst_sale(&self, seat: u32, side: Side) -> Option<i64> {
        let oracle_price = Price(self.oracle_price());
        let bound = oracle_price.moved(
            self.params().band,
            -side.sign(),
            if side == Side::Long { Round::Up } else { Round::Down },
        );
        let zero = self.bankruptcy_price(seat)?;
        Some(if side == Side::Long { zero.max(bound.0) } else { zero.min(bound.0) })
    }

    /// Whether the average price of a fill is further from the accepted price than a taker's band.
    pub fn is_beyond_band(&self, lots: i64, quote: i64) -> bool {
        (quote - lots * self.oracle_price()).abs()
            > self.params().band.of_atoms(Atoms(lots * self.oracle_price()), Round::Down).0
    }

    /// The oldest publish time that a print may have to count now.
    pub fn oldest(&self) -> i64 {
        (self.last_print() + 1).max(self.now - self.params().staleness)
    }

    /// Initial and maintenance margin of `lots` at the accepted price.
    pub fn margins(&self, lots: i64) -> (i64, i64) {
        let notional = Atoms(lots * self.oracle_price());
        let params = self.params();
        (params.initial.of_atoms(notional, Round::Up).0, params.maintenance.of_atoms(notional, Round::Up).0)
    }

    /// The fee of a resting order when it is filled.
    pub fn maker_fee(&self, lots: i64, price: i64) -> i64 {
        self.params().maker_fee.of_atoms(Atoms(lots * price), Round::Up).0
    }

    /// The best price of a side of the book.
    pub fn best(&self, side: Side) -> Option<i64> {
        let prices = self.orders().filter(|order| order.side() == side).map(|order| order.price.0);
        prices.max_by_key(|price| price * side.sign())
    }

    /// The lots that rest on a side at `limit` or better.
    pub fn depth(&self, side: Side, limit: i64) -> i64 {
        let reached = self.orders().filter(|order| order.side() == side && order.reaches(Price(limit)));
        reached.map(|order| order.lots.0).sum()
    }

    /// The lots of a seat's resting orders on a side.
    pub fn resting(&self, seat: u32, side: Side) -> i64 {
        let own = self.orders().filter(|order| order.seat == seat && order.side() == side);
        own.map(|order| order.lots.0).sum()
    }

    /// The market's fee cash.
    pub fn fee_cash(&self) -> i64 {
        self.head().fee_cash.0
    }

    /// The market's fee cash and the fees not yet credited to the vault.
    pub fn fees_taken(&self) -> i64 {
        self.head().fee_cash.0 + self.head().vault_fees.0
    }

    /// The vault's equity at a price of `at`, with the fees not yet credited to it.
    pub fn vault_equity(&self, at: i64) -> i64 {
        self.equity(VAULT, at) + self.head().vault_fees.0
    }

    /// A ticket's part of an amount that belongs to the vault.
    pub fn part_of(&self, ticket: usize, amount: i64) -> i64 {
        let Stake { shares, redeeming, .. } = self.stake(ticket);
        let supply = self.head().shares as i128 + VIRTUAL_SHARES;
        (amount as i128 * (shares + redeeming) as i128 / supply) as i64
    }

    pub fn stake(&self, ticket: usize) -> Stake {
        let ticket = &self.tickets[ticket];
        let current = ticket.epoch == self.head().share_epoch;
        Stake {
            shares: if current { ticket.shares } else { 0 },
            redeeming: if current { ticket.redeeming } else { 0 },
            minting: ticket.minting.0,
            matures: (ticket.requested_at != 0).then(|| ticket.matures_at(self.params())),
        }
    }
}
