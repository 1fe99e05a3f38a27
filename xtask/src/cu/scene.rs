//! Markets at full size: built by the engine itself, operation by operation, audited, and put on the chain.

use zerosum_client::{Addresses, MarketSnapshot, Powers, TOKEN};
use zerosum_engine::{
    exchange::Exchange,
    layout::MAX_ORDERS_PER_SEAT,
    ops::orders::{Kind, OrderRequest},
    state::book::{BookHeader, Order},
    state::header::{Header, RankRule},
    state::params::Params,
    state::price::Print,
    state::seat::Seat,
    units::{Atoms, Lots, Price, Rate, Side},
};
use zerosum_svm::{Account, AccountMeta, Build, Instruction, Keypair, Pubkey, Signer, Svm, token::Mint};

/// The price every scene opens at.
pub const OPEN: i64 = 1_000_000;

/// Seconds from one print to the next: so many that each becomes the older price at the one after it.
const NEXT: i64 = 3;

/// A market on a chain, and somebody whose seats can sign.
pub struct Scene {
    pub svm: Svm,
    pub at: Addresses,
    pub mint: Mint,
    /// Owns the seats that the cases act for.
    pub owner: Keypair,
    /// The owner's tokens.
    pub tokens: Pubkey,
    /// The publish time of the last print in the feed.
    posted: i64,
    market: MarketSnapshot,
    accounts: (Account, Account),
}

/// The parameters of the benchmarks: the standard ones, with a band as wide as a case needs and a jump so small that it
/// leaves seats with hardly more than the initial margin.
pub fn params() -> Params {
    Params {
        jump: Rate(JUMP),
        band: Rate(500_000),
        min_collateral: 1_000,
        vault_size_cap: 1 << 29,
        seasoning: 60,
        // The best order of a side is enough for an impact price; what eight cost is a case of its own.
        impact_notional: OPEN,
        ..Params::standard()
    }
}

/// The jump bound, in millionths.
pub const JUMP: u32 = 1_000;

impl Scene {
    /// An empty market with space for `seats` and `orders` a side.
    pub fn new(build: Build, rule: RankRule, seats: usize, orders: usize) -> Self {
        let mut svm = Svm::start(build);
        // The same keys in every run: how long an address takes to find depends on them.
        let (owner, mint) = (Keypair::new_from_array([1; 32]), Keypair::new_from_array([2; 32]));
        svm.airdrop(&owner.pubkey(), 1_000_000_000_000);
        let mint = Mint::create_at(&mut svm, &mint, TOKEN, 6);
        let tokens = mint.mint_to(&mut svm, &owner.pubkey(), 1_000_000_000_000);
        let at = Addresses::new(&owner.pubkey(), 1, &mint.address, &mint.program);
        let powers = Powers::posted(Some(owner.pubkey()), owner.pubkey());
        let create = at.create_market(&owner.pubkey(), 1, rule, &params(), &powers);
        svm.send(&[create], &[&owner]).unwrap_or_else(|failure| panic!("{failure}"));
        let mut account = |key: &Pubkey, bytes: usize| {
            let mut account = svm.account(key).expect("the market was created");
            account.data.resize(8 + bytes, 0);
            account.lamports = 1_000_000_000_000;
            account
        };
        let market = account(&at.market, size_of::<Header>() + (seats + 1) * size_of::<Seat>());
        let book = account(&at.book, size_of::<BookHeader>() + 2 * orders * size_of::<Order>());
        let accounts = (market, book);
        let market = MarketSnapshot::decode(&accounts.0.data, &accounts.1.data).expect("the accounts decode");
        Self { svm, at, mint, owner, tokens, posted: 0, market, accounts }
    }

    /// Lets the engine act on the market.
    pub fn act<T>(&mut self, act: impl FnOnce(&mut Exchange, i64) -> T) -> T {
        let now = self.svm.now();
        act(&mut self.market.exchange(), now)
    }

    /// Prints a price, after as many prints as it takes to get there without a jump.
    pub fn price(&mut self, price: i64) {
        loop {
            let from = self.market.head().price.accepted.0;
            let step = from * JUMP as i64 / 1_000_000;
            let next = if from == 0 { price } else { price.clamp(from - step, from + step) };
            self.print(next);
            if next == price {
                return;
            }
        }
    }

    /// Prints a price that is no jump.
    pub fn print(&mut self, price: i64) {
        self.wait(NEXT);
        self.act(|exchange, now| {
            exchange.observe(Print { price: Price(price), published: now }, now);
            assert_eq!((exchange.market.refused, exchange.market.oracle_price()), (None, Price(price)));
        });
    }

    /// Prints the last price again, after which it is the older price too: the vault buys what is below maintenance at it.
    pub fn print_again(&mut self) {
        self.print(self.market.head().price.accepted.0);
    }

    /// Opens a seat of the scene's owner, or of a stranger.
    pub fn seat(&mut self, own: bool, deposit: i64) -> u32 {
        let stranger = self.market.head().seat_count as u64 + 1;
        let mut owner = [7u8; 32];
        owner[..8].copy_from_slice(&stranger.to_le_bytes());
        let owner = if own { self.owner.pubkey().to_bytes() } else { owner };
        self.act(|exchange, now| exchange.market.open_seat(owner, owner, Atoms(deposit), now)).expect("a seat opens")
    }

    /// Rests an order.
    pub fn rest(&mut self, seat: u32, side: Side, lots: i64, price: i64) {
        let request = order(side, lots, price);
        self.act(|exchange, now| exchange.place_order(seat, &request, now)).expect("an order rests");
    }

    /// Rests one-lot orders of new makers, from `away` of the price on, until each side has `most`. Returns how many seats
    /// that took.
    pub fn fill_book(&mut self, most: usize, away: i64) -> usize {
        let (first, open) = (self.market.head().seat_count, self.market.head().price.accepted.0);
        for side in [Side::Long, Side::Short] {
            let mut maker = 0;
            let resting = self.act(|exchange, _| exchange.book.side_len(side)) as usize;
            for n in 0..most.saturating_sub(resting) {
                if n % MAX_ORDERS_PER_SEAT as usize == 0 {
                    maker = self.seat(false, 1_000_000_000);
                }
                self.rest(maker, side, 1, open - (away + n as i64) * side.sign());
            }
        }
        (self.market.head().seat_count - first) as usize
    }

    /// Lets a short rest and a long take.
    pub fn trade(&mut self, long: u32, short: u32, lots: i64) {
        let price = self.market.head().price.accepted.0;
        self.rest(short, Side::Short, lots, price);
        let take = OrderRequest { kind: Kind::FillOrKill, ..order(Side::Long, lots, price) };
        self.act(|exchange, now| exchange.place_order(long, &take, now)).expect("a trade");
    }

    /// What a seat is worth.
    pub fn equity(&mut self, seat: u32) -> i64 {
        let equity = self
            .act(|exchange, _| exchange.market.seats[seat as usize].position.equity(exchange.market.adjusted_price()));
        equity.expect("a worth").0
    }

    /// Puts cash into the vault, as a depositor's mint would have.
    pub fn fund_vault(&mut self, cash: i64) {
        self.act(|exchange, now| {
            let mut ticket = zerosum_engine::state::ticket::Ticket::new([0; 32], [0; 32], [0; 32]);
            exchange.request_mint(&mut ticket, Atoms(cash), now).expect("a request");
            let later = now + exchange.market.head.params.vault_cooldown + NEXT;
            let price = exchange.market.oracle_price();
            exchange.observe(Print { price, published: later }, later);
            exchange.execute_request(&mut ticket, None, later).expect("a mint");
        });
        self.wait(self.market.head().params.vault_cooldown + NEXT);
    }

    /// Checks all that must hold and puts the market on the chain, its tokens in the pool and its price in the feed.
    pub fn publish(&mut self) {
        self.market.audit().unwrap_or_else(|violation| panic!("{violation:?}"));
        let (market, book) = self.market.bodies();
        self.accounts.0.data[8..].copy_from_slice(market);
        self.accounts.1.data[8..].copy_from_slice(book);
        self.svm.set_account(&self.at.market, self.accounts.0.clone());
        self.svm.set_account(&self.at.book, self.accounts.1.clone());
        if self.posted != self.market.head().price.last_print {
            self.posted = self.market.head().price.last_print;
            let price = &self.market.head().price;
            let print = Print { price: price.accepted, published: price.last_print };
            let post = self.at.post_price(&self.owner.pubkey(), print);
            let signer = self.owner.insecure_clone();
            self.svm.send(&[post], &[&signer]).unwrap_or_else(|failure| panic!("{failure}"));
        }
        self.fill_pool(self.market.head().pool_cash.0 as u64);
        // What is measured is the first instruction of its second, the one that accrues funding.
        self.wait(1);
    }

    /// Adds tokens to the pool.
    pub fn fill_pool(&mut self, amount: u64) {
        let mut mint = vec![7]; // MintTo
        mint.extend_from_slice(&amount.to_le_bytes());
        let payer = self.svm.payer().pubkey();
        let accounts = vec![
            AccountMeta::new(self.mint.address, false),
            AccountMeta::new(self.at.pool, false),
            AccountMeta::new_readonly(payer, true),
        ];
        let mint = Instruction::new_with_bytes(self.mint.program, &mint, accounts);
        self.svm.send(&[mint], &[]).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// The chain's time.
    pub fn now(&mut self) -> i64 {
        self.svm.now()
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64) {
        let now = self.svm.now();
        self.svm.set_time(now + seconds);
    }

    /// Puts an account on the chain.
    pub fn set_account(&mut self, key: &Pubkey, account: Account) {
        self.svm.set_account(key, account);
    }

    /// What an instruction would cost now: the units of the program alone. Nothing is committed.
    pub fn cost(&mut self, instruction: Instruction, signed: bool) -> u64 {
        let owner = self.owner.insecure_clone();
        let signers: &[&Keypair] = if signed { &[&owner] } else { &[] };
        let receipt = self.svm.simulate(&[instruction], signers).unwrap_or_else(|failure| panic!("{failure}"));
        consumed(&receipt.logs)
    }

    /// Executes an instruction; the market is then as the chain has it.
    pub fn perform(&mut self, instruction: Instruction) {
        let owner = self.owner.insecure_clone();
        let signs = instruction.accounts.iter().any(|meta| meta.is_signer);
        let signers: &[&Keypair] = if signs { &[&owner] } else { &[] };
        self.svm.send(&[instruction], signers).unwrap_or_else(|failure| panic!("{failure}"));
        let account = |svm: &mut Svm, key: &Pubkey| svm.account(key).expect("the market exists").data;
        let (market, book) = (account(&mut self.svm, &self.at.market), account(&mut self.svm, &self.at.book));
        self.market = MarketSnapshot::decode(&market, &book).expect("the accounts decode");
        self.market.audit().unwrap_or_else(|violation| panic!("{violation:?}"));
    }

    /// The market.
    pub fn market(&self) -> &MarketSnapshot {
        &self.market
    }
}

/// A limit order.
pub fn order(side: Side, lots: i64, price: i64) -> OrderRequest {
    OrderRequest {
        side,
        price: Price(price),
        lots: Lots(lots),
        kind: Kind::Limit,
        reduce_only: false,
        client_id: 0,
        expires: 0,
        max_matches: 64,
    }
}

/// The units that the exchange's program consumed, out of the runtime's log.
fn consumed(logs: &[String]) -> u64 {
    let program = format!("Program {} consumed ", zerosum_client::ID);
    let line = logs.iter().find_map(|line| line.strip_prefix(&program)).expect("the program ran");
    line.split(' ').next().and_then(|units| units.parse().ok()).expect("a number of units")
}
