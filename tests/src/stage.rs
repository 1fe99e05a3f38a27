//! A market on a chain of its own.

use zerosum_client::{Addresses, MarketSnapshot, Powers, Prices, answers, events, events::Event};
use zerosum_engine::{
    exchange::Exchange,
    ops::orders::{Kind, OrderRequest},
    state::header::RankRule,
    state::params::{MAX_STALENESS, Params},
    state::price::Print,
    state::seat::Seat,
    units::{Price, Rate, Side},
};
use zerosum_svm::{
    Account, AccountMeta, Build, Failure, Instruction, Keypair, Pubkey, Receipt, Signer, Svm,
    token::{self, Mint, TOKEN},
};

use crate::{
    checks::{self, Untouched},
    pyth::Feed,
};

/// How long the oracle of a standard market may be silent, in seconds.
pub const SILENCE: i64 = Params::standard().oracle_silence;
/// How long after that a print still proves it alive, in seconds.
pub const GRACE: i64 = Params::standard().oracle_grace;

/// What a stage begins with. Change what the test is about:
/// `Setup { rule: RankRule::ProfitLeverage, ..Setup::default() }.start()`.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// How the program runs.
    pub build: Build,
    /// The token program of the collateral.
    pub token_program: Pubkey,
    /// The ranking rule.
    pub rule: RankRule,
    /// The parameters.
    pub params: Params,
    /// The first price; `None` for a market without one.
    pub price: Option<i64>,
    /// The feed of Pyth that prices come from; `None` where a key posts them.
    pub feed: Option<Feed>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            build: Build::available(),
            token_program: TOKEN,
            rule: RankRule::ProfitLeverageSize,
            params: Params { staleness: MAX_STALENESS, funding_cap: Rate::ZERO, interest: 0, ..Params::standard() },
            price: Some(100_000),
            feed: None,
        }
    }
}

/// A transaction that succeeded.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What the program wrote into the log.
    pub events: Vec<Event>,
    /// What the runtime tells: the log, compute units, return data.
    pub receipt: Receipt,
}

/// Somebody with a seat, and with more collateral where the first came from.
pub struct Trader {
    /// Owns the seat.
    pub keys: Keypair,
    /// The seat's index.
    pub seat: u32,
    /// The trader's token account.
    pub tokens: Pubkey,
}

impl Trader {
    /// The owner's address.
    pub fn key(&self) -> Pubkey {
        self.keys.pubkey()
    }
}

/// A market on a chain of its own. Whatever is sent through it is followed by a check of all that must always hold.
pub struct Stage {
    /// The chain.
    pub svm: Svm,
    /// The collateral; the chain's payer mints it.
    pub mint: Mint,
    /// The accounts of the market.
    pub at: Addresses,
    /// Who created the market and holds the powers over it.
    pub creator: Keypair,
    /// Who signs the posted price.
    pub price_signer: Keypair,
    /// The feed of Pyth that prices come from, if they do.
    pub feed: Option<Feed>,
    market: MarketSnapshot,
}

impl Setup {
    /// Starts a chain and creates the market, its first price posted and accepted.
    pub fn start(self) -> Stage {
        let mut svm = Svm::start(self.build);
        let (creator, price_signer) = (svm.funded(100_000_000_000), svm.funded(1_000_000_000));
        let mint = Mint::create(&mut svm, self.token_program, 6);
        let at = Addresses::new(&creator.pubkey(), 1, &mint.address, &mint.program);
        let at = self.feed.map_or(at, |feed| at.reading(feed.account()));
        let prices = match self.feed {
            Some(Feed { id, .. }) => Prices::Pyth { feed: id, shard: Feed::SHARD, lot_exponent: Feed::LOT_EXPONENT },
            None => Prices::Posted { signer: price_signer.pubkey(), lot_exponent: 0 },
        };
        let powers = Powers { authority: Some(creator.pubkey()), prices, name: [0; 16] };
        let create = at.create_market(&creator.pubkey(), 1, self.rule, &self.params, &powers);
        svm.send(&[create], &[&creator]).unwrap_or_else(|failure| panic!("{failure}"));
        let market = checks::fetch(&mut svm, &at);
        let mut stage = Stage { svm, mint, at, creator, price_signer, feed: self.feed, market };
        if let Some(price) = self.price {
            stage.price(price);
        }
        stage
    }
}

impl Default for Stage {
    fn default() -> Self {
        Setup::default().start()
    }
}

impl Stage {
    /// A market at a price of 100,000 atoms a lot, with standard parameters but for funding and for prices, which count for
    /// longer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The market as the last transaction left it.
    pub fn market(&self) -> &MarketSnapshot {
        &self.market
    }

    /// The seat of a trader.
    #[track_caller]
    pub fn seat(&self, trader: &Trader) -> &Seat {
        self.market.seat(trader.seat).expect("the seat is open")
    }

    /// Sends one transaction and checks what must always hold; where it fails, that it changed nothing.
    #[track_caller]
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Sent, Failure> {
        let before = Untouched::of(&mut self.svm, &self.at);
        match self.svm.send(instructions, signers) {
            Ok(receipt) => {
                let after = checks::fetch(&mut self.svm, &self.at);
                checks::receipts_are_events(&receipt, &self.market, &after);
                self.market = after;
                Ok(Sent { events: events::read(&receipt.logs), receipt })
            }
            Err(failure) => {
                assert!(before == Untouched::of(&mut self.svm, &self.at), "a failed transaction changed something");
                Err(failure)
            }
        }
    }

    /// Sends one instruction that needs no signature but the payer's.
    #[track_caller]
    pub fn crank(&mut self, instruction: Instruction) -> Result<Sent, Failure> {
        self.send(&[instruction], &[])
    }

    /// Runs one instruction and forgets what it changed: how views are read.
    #[track_caller]
    pub fn ask(&mut self, instruction: Instruction) -> Result<Vec<u8>, Failure> {
        Ok(self.svm.simulate(&[instruction], &[])?.return_data.unwrap_or_default())
    }

    /// Sends one transaction as [`Self::send`] does, and takes back what it changed: for one of many ways to go on. Returns
    /// the market as it would have been with it.
    #[track_caller]
    pub fn attempt(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<(Sent, MarketSnapshot), Failure> {
        let named = instructions.iter().flat_map(|instruction| &instruction.accounts);
        let named = named.filter(|account| account.is_writable).map(|account| account.pubkey);
        let before: Vec<_> = named.map(|address| (address, self.svm.account(&address))).collect();
        let market = self.market.clone();
        let result = self.send(instructions, signers);
        for (address, account) in before {
            self.svm.set_account(&address, account.unwrap_or_default());
        }
        let after = std::mem::replace(&mut self.market, market);
        result.map(|sent| (sent, after))
    }

    /// Somebody new with SOL, `tokens` of the collateral, and no seat.
    pub fn newcomer(&mut self, tokens: u64) -> (Keypair, Pubkey) {
        let keys = self.svm.funded(10_000_000_000);
        let account = self.mint.mint_to(&mut self.svm, &keys.pubkey(), tokens);
        (keys, account)
    }

    /// Somebody new with a seat and `cash` in it, and as much again outside.
    #[track_caller]
    pub fn trader(&mut self, cash: u64) -> Trader {
        let (keys, tokens) = self.newcomer(2 * cash);
        let open = self.at.open_seat(&keys.pubkey(), &keys.pubkey(), &tokens, cash);
        let sent = self.send(&[open], &[&keys]).unwrap_or_else(|failure| panic!("{failure}"));
        let returned = sent.receipt.return_data.unwrap_or_default();
        let seat = answers::opened_seat(&returned).expect("open_seat returns the index");
        Trader { keys, seat, tokens }
    }

    /// Places an order.
    #[track_caller]
    pub fn place(&mut self, trader: &Trader, order: OrderRequest) -> Result<Sent, Failure> {
        let place = self.at.place_order(&trader.key(), trader.seat, &order);
        self.send(&[place], &[&trader.keys])
    }

    /// Lets two traders trade with each other. The book must hold nothing better.
    #[track_caller]
    pub fn trade(&mut self, long: &Trader, short: &Trader, lots: i64, price: i64) {
        self.place(short, crate::sell(lots, price)).unwrap_or_else(|failure| panic!("{failure}"));
        let order = OrderRequest { kind: Kind::FillOrKill, ..crate::buy(lots, price) };
        self.place(long, order).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Cancels an order.
    #[track_caller]
    pub fn cancel(&mut self, trader: &Trader, client_id: u64) -> Result<Sent, Failure> {
        let cancel = self.at.cancel_order(&trader.key(), trader.seat, client_id);
        self.send(&[cancel], &[&trader.keys])
    }

    /// Cancels all orders, or those of one side.
    #[track_caller]
    pub fn cancel_all(&mut self, trader: &Trader, side: Option<Side>) -> Result<Sent, Failure> {
        let cancel = self.at.cancel_all(&trader.key(), trader.seat, side);
        self.send(&[cancel], &[&trader.keys])
    }

    /// Moves collateral into a seat.
    #[track_caller]
    pub fn deposit(&mut self, trader: &Trader, amount: u64) -> Result<Sent, Failure> {
        let deposit = self.at.deposit(&trader.key(), trader.seat, &trader.tokens, amount);
        self.send(&[deposit], &[&trader.keys])
    }

    /// Moves collateral out of a seat, to the trader's token account.
    #[track_caller]
    pub fn withdraw(&mut self, trader: &Trader, amount: u64) -> Result<Sent, Failure> {
        let withdraw = self.at.withdraw(&trader.key(), trader.seat, &trader.tokens, amount);
        self.send(&[withdraw], &[&trader.keys])
    }

    /// Closes the trader's own seat.
    #[track_caller]
    pub fn close(&mut self, trader: &Trader) -> Result<Sent, Failure> {
        let rent_payer = self.seat(trader).rent_payer.into();
        let close = self.at.close_seat(&trader.key(), trader.seat, Some(&trader.tokens), &rent_payer);
        self.send(&[close], &[&trader.keys])
    }

    /// Liquidates up to 16 seats, unpaid.
    #[track_caller]
    pub fn liquidate(&mut self) -> Result<Sent, Failure> {
        self.crank(self.at.liquidate(16, None))
    }

    /// Forces up to `most` fills, unpaid.
    #[track_caller]
    pub fn deleverage(&mut self, most: u8) -> Result<Sent, Failure> {
        self.crank(self.at.deleverage(most, None))
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64) {
        let now = self.svm.now();
        self.svm.set_time(now + seconds);
    }

    /// Posts a print of now, a second after the last one. The market knows of it when the next instruction looks.
    #[track_caller]
    pub fn post(&mut self, price: i64) {
        self.wait(1);
        if let Some(feed) = self.feed {
            let update = feed.update(price, self.svm.now());
            return update.write(&mut self.svm, &self.at.oracle.clone(), feed.receiver);
        }
        let print = Print { price: Price(price), published: self.svm.now() };
        let post = self.at.post_price(&self.price_signer.pubkey(), print);
        let signer = self.price_signer.insecure_clone();
        self.send(&[post], &[&signer]).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Makes the market look at its oracle and do nothing else, unless the vault has inventory to offer.
    #[track_caller]
    pub fn observe(&mut self) -> Result<Sent, Failure> {
        self.crank(self.at.unwind_vault())
    }

    /// Moves the accepted price, waiting for the confirmation of a jump. Nobody is liquidated yet.
    #[track_caller]
    pub fn price(&mut self, price: i64) {
        for _ in 0..2 {
            self.post(price);
            self.observe().unwrap_or_else(|failure| panic!("{failure}"));
            if self.market.head().price.accepted == Price(price) {
                return;
            }
            self.wait(self.market.head().params.confirmation);
        }
        panic!("the price of {price} is not accepted: {:?}", self.market.head().price);
    }

    /// Moves both the accepted and the older price, so that the vault may take what is below maintenance: the price is
    /// published once more when everybody could have seen the first.
    #[track_caller]
    pub fn crash(&mut self, price: i64) {
        for _ in 0..2 {
            self.wait(self.market.head().params.ahead());
            self.price(price);
        }
        assert_eq!(self.market.head().price.older, Price(price));
    }

    /// The atoms in the pool's token account.
    pub fn pool_tokens(&mut self) -> u64 {
        token::balance(&mut self.svm, &self.at.pool)
    }

    /// Mints `amount` into any token account: a stranger's gift.
    pub fn gift(&mut self, account: &Pubkey, amount: u64) {
        let mut data = vec![7]; // MintTo
        data.extend_from_slice(&amount.to_le_bytes());
        let payer = self.svm.payer().pubkey();
        let accounts = vec![
            AccountMeta::new(self.mint.address, false),
            AccountMeta::new(*account, false),
            AccountMeta::new_readonly(payer, true),
        ];
        let mint = Instruction::new_with_bytes(self.mint.program, &data, accounts);
        self.svm.send(&[mint], &[]).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Lets the engine itself change the market, with room for `more_seats`, past every instruction: for markets of a
    /// size that would take thousands of transactions. The pool gets the tokens that are missing then.
    #[track_caller]
    pub fn rewrite<T>(&mut self, more_seats: usize, change: impl FnOnce(&mut Exchange) -> T) -> T {
        let (mut market, mut book) = (self.account(&self.at.market.clone()), self.account(&self.at.book.clone()));
        market.data.resize(market.data.len() + more_seats * size_of::<Seat>(), 0);
        market.lamports = market.lamports.max(self.svm.rent(market.data.len()));
        let mut snapshot = MarketSnapshot::decode(&market.data, &book.data).expect("the accounts decode");
        let result = change(&mut snapshot.exchange());
        let (market_body, book_body) = snapshot.bodies();
        market.data[8..].copy_from_slice(market_body);
        book.data[8..].copy_from_slice(book_body);
        self.svm.set_account(&self.at.market.clone(), market);
        self.svm.set_account(&self.at.book.clone(), book);
        let missing = snapshot.head().pool_cash.0 as u64 - self.pool_tokens().min(snapshot.head().pool_cash.0 as u64);
        if missing > 0 {
            self.gift(&self.at.pool.clone(), missing);
        }
        self.market = checks::fetch(&mut self.svm, &self.at);
        result
    }

    fn account(&mut self, address: &Pubkey) -> Account {
        self.svm.account(address).expect("the account exists")
    }
}

/// The parameters of a market without fees and funding and with wide bounds, so that a test says what it is about in round
/// numbers.
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
        jump: Rate(50_000),
        staleness: MAX_STALENESS,
        funding_cap: Rate::ZERO,
        interest: 0,
        ..Params::standard()
    }
}
