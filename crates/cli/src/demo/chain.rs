//! The chain of the story: everything in it is a real instruction, and after each transaction the whole market is
//! audited.

use std::collections::BTreeMap;

use zerosum_client::{Addresses, MarketSnapshot, Powers, failure};
use zerosum_engine::{
    audit,
    exchange::Exchange,
    layout::MAX_ORDERS,
    ops::orders::OrderRequest,
    state::params::Params,
    state::price::Print,
    units::{Atoms, Lots, Price},
};
use zerosum_svm::{
    Account, Build, Failure, Instruction, Keypair, Pubkey, Signer, Svm, bytecode_path,
    token::{self, Mint, TOKEN},
};

use crate::demo::{Failed, Options, market::DECIMALS, random::Random};

/// The market's number among those of its creator.
const MARKET_ID: u64 = 1;
/// What the creator starts with: it pays for the space of everything.
const SPONSOR_LAMPORTS: u64 = 1_000_000_000_000_000;

/// What a trader does.
pub enum Action {
    /// Cancels all orders.
    CancelAll,
    /// Places an order.
    Place(OrderRequest),
}

/// What a keeper does.
pub enum Crank {
    /// The waterfall for seats below maintenance.
    Liquidate {
        /// How many seats.
        most: u8,
        /// Who is paid.
        payee: Option<u32>,
    },
    /// The waterfall for bankrupt seats, down to force.
    Deleverage {
        /// How many forced fills.
        most: u8,
        /// Who is paid.
        payee: Option<u32>,
    },
}

/// An embedded chain with one market on it.
pub struct Chain {
    svm: Svm,
    mint: Mint,
    addresses: Addresses,
    keys: Keys,
    owners: BTreeMap<u32, Keypair>,
    snapshot: MarketSnapshot,
    /// What the oracle said last; the market takes note of it with the next instruction that succeeds.
    print: Print,
    now: i64,
    deposited: Atoms,
    transactions: u64,
    cranks: u64,
}

/// The keys of the story, all from its seed, so that the same seed leads to the same addresses.
struct Keys {
    source: Random,
    /// Creates the market, and pays for the space of everything in it.
    sponsor: Keypair,
    /// Signs the posted price.
    price_signer: Keypair,
    /// Puts its tokens into the vault.
    depositor: Keypair,
}

impl Keys {
    fn new(seed: u64) -> Self {
        let mut source = Random::new(seed, 3);
        let mut key = || Keypair::new_from_array(source.bytes());
        let (sponsor, price_signer, depositor) = (key(), key(), key());
        Self { source, sponsor, price_signer, depositor }
    }

    fn next(&mut self) -> Keypair {
        Keypair::new_from_array(self.source.bytes())
    }
}

impl Chain {
    /// Starts a chain and creates the market on it, with room for the orders of the story.
    pub fn start(options: &Options, params: &Params, now: i64) -> Result<Self, Failed> {
        let build = options.build();
        if build == Build::Bytecode && !bytecode_path().exists() {
            let path = bytecode_path();
            let path = path.canonicalize().unwrap_or(path);
            return Err(Failed::new(format!(
                "there is no bytecode at {}; build it with `anchor build`, or run with `--build native`",
                path.display()
            )));
        }
        let mut svm = Svm::start(build);
        svm.set_time(now);
        let mut keys = Keys::new(options.seed);
        let sponsor = keys.sponsor.pubkey();
        svm.airdrop(&sponsor, SPONSOR_LAMPORTS);
        let mint = Mint::create_at(&mut svm, &keys.next(), TOKEN, DECIMALS);
        let addresses = Addresses::new(&sponsor, MARKET_ID, &mint.address, &mint.program);
        let powers = Powers::posted(Some(sponsor), keys.price_signer.pubkey());
        let create = addresses.create_market(&sponsor, MARKET_ID, options.rank_rule.rule(), params, &powers);
        svm.send(&[create], &[&keys.sponsor]).map_err(|failure| refused(&failure, build))?;
        let snapshot = fetch(&mut svm, &addresses)?;
        let mut chain = Self {
            svm,
            mint,
            addresses,
            keys,
            owners: BTreeMap::new(),
            snapshot,
            print: Print { price: Price::ZERO, published: 0 },
            now,
            deposited: Atoms::ZERO,
            transactions: 1,
            cranks: 0,
        };
        chain.grow_book((options.seats as usize * 3 / 2 + 100).min(MAX_ORDERS))?;
        Ok(chain)
    }

    fn grow_book(&mut self, orders: usize) -> Result<(), Failed> {
        while self.snapshot.orders().len() < orders {
            let grow = self.addresses.grow_book(&self.keys.sponsor.pubkey());
            self.send(&[grow], Who::Sponsor)?;
        }
        Ok(())
    }

    /// The time on the chain.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64) {
        self.now += seconds;
        self.svm.set_time(self.now);
    }

    /// Publishes a price, now.
    pub fn post_price(&mut self, price: Price) -> Result<(), Failed> {
        self.print = Print { price, published: self.now };
        let post = self.addresses.post_price(&self.keys.price_signer.pubkey(), self.print);
        self.send(&[post], Who::PriceSigner)
    }

    /// Opens a seat for somebody new, who gets just the tokens for it; returns its index.
    pub fn open_seat(&mut self, deposit: Atoms) -> Result<u32, Failed> {
        let owner = self.keys.next();
        let key = owner.pubkey();
        let from = self.mint.mint_to(&mut self.svm, &key, deposit.0 as u64);
        let open = self.addresses.open_seat(&key, &self.keys.sponsor.pubkey(), &from, deposit.0 as u64);
        self.send(&[open], Who::SponsorAnd(&owner))?;
        let seat = self.snapshot.seats_of(&key).map(|(seat, _)| seat).next();
        let seat = seat.ok_or_else(|| Failed::new("an opened seat is not in the market"))?;
        self.owners.insert(seat, owner);
        Ok(seat)
    }

    /// Asks for shares of the vault.
    pub fn request_mint(&mut self, amount: Atoms) -> Result<(), Failed> {
        let owner = self.keys.depositor.pubkey();
        let from = self.mint.mint_to(&mut self.svm, &owner, amount.0 as u64);
        let request = self.addresses.request_mint(&owner, &self.keys.sponsor.pubkey(), &from, amount.0 as u64);
        self.send(&[request], Who::SponsorAndDepositor)?;
        self.deposited = amount;
        Ok(())
    }

    /// Executes that request.
    pub fn execute_mint(&mut self) -> Result<(), Failed> {
        let execute = self.addresses.execute_request(&self.keys.depositor.pubkey(), None);
        self.send(&[execute], Who::Anyone)
    }

    /// Lets a trader act, all in one transaction.
    pub fn act(&mut self, seat: u32, actions: &[Action]) -> Result<(), Failed> {
        let trader = self.owner(seat)?.pubkey();
        let instruction = |action: &Action| match action {
            Action::CancelAll => self.addresses.cancel_all(&trader, seat, None),
            Action::Place(order) => self.addresses.place_order(&trader, seat, order),
        };
        let instructions: Vec<_> = actions.iter().map(instruction).collect();
        match instructions.is_empty() {
            true => Ok(()),
            false => self.send(&instructions, Who::Owner(seat)),
        }
    }

    /// Whether the market would take an order: a trader's client tries it on its own copy of the market first.
    pub fn would_take(&self, seat: u32, order: &OrderRequest) -> bool {
        let mut copy = self.snapshot.clone();
        let mut exchange = copy.exchange();
        exchange.observe(self.print, self.now);
        exchange.place_order(seat, order, self.now).is_ok()
    }

    /// Takes cash out of a seat, into its owner's own account.
    pub fn withdraw(&mut self, seat: u32, amount: Atoms) -> Result<(), Failed> {
        let owner = self.owner(seat)?.pubkey();
        let to = self.addresses.associated_token(&owner);
        let withdraw = self.addresses.withdraw(&owner, seat, &to, amount.0 as u64);
        self.send(&[withdraw], Who::Owner(seat))
    }

    /// Turns a crank; returns false while the market does not move because a jump waits for its confirmation.
    pub fn crank(&mut self, crank: Crank) -> Result<bool, Failed> {
        self.cranks += 1;
        let instruction = match crank {
            Crank::Liquidate { most, payee } => self.addresses.liquidate(most, payee),
            Crank::Deleverage { most, payee } => self.addresses.deleverage(most, payee),
        };
        self.send(&[instruction], Who::Anyone)?;
        Ok(self.live_price().is_some())
    }

    /// Offers the vault's inventory.
    pub fn unwind_vault(&mut self) -> Result<(), Failed> {
        let unwind = self.addresses.unwind_vault();
        self.send(&[unwind], Who::Anyone)
    }

    /// Looks at the market.
    pub fn view<T>(&mut self, look: impl FnOnce(&Exchange) -> T) -> T {
        look(&self.snapshot.exchange())
    }

    /// Looks at the market as it will be once it has taken note of the last print, and before anything else happens.
    pub fn after_print<T>(&mut self, look: impl FnOnce(&Exchange) -> T) -> Result<T, Failed> {
        let mut copy = self.snapshot.clone();
        let mut exchange = copy.exchange();
        exchange.observe(self.print, self.now);
        match exchange.market.refused {
            Some(error) => Err(Failed::new(format!("the print is refused: {error}"))),
            None => Ok(look(&exchange)),
        }
    }

    /// The price that may be acted on now; `None` while a jump waits.
    pub fn live_price(&mut self) -> Option<Price> {
        let now = self.now;
        self.view(|exchange| {
            let head = &exchange.market.head;
            head.price.require_live(&head.params, now).is_ok().then_some(head.price.accepted)
        })
    }

    /// What a seat holds.
    pub fn size_of(&self, seat: u32) -> Lots {
        self.snapshot.seat(seat).map_or(Lots::ZERO, |seat| seat.position.size)
    }

    /// How many lots of a seat's orders rest.
    pub fn resting_of(&self, seat: u32) -> Lots {
        Lots(self.snapshot.seat(seat).map_or(0, |seat| (seat.bid_lots + seat.ask_lots).into()))
    }

    /// Seconds a request to the vault waits.
    pub fn vault_cooldown(&self) -> i64 {
        self.snapshot.head().params.vault_cooldown
    }

    /// What was put into the vault.
    pub fn vault_deposited(&self) -> Atoms {
        self.deposited
    }

    /// The tokens in the pool's token account.
    pub fn pool_tokens(&mut self) -> u64 {
        token::balance(&mut self.svm, &self.addresses.pool)
    }

    /// How many transactions changed something, each followed by an audit.
    pub fn transactions(&self) -> u64 {
        self.transactions
    }

    /// How many of them keepers sent.
    pub fn cranks(&self) -> u64 {
        self.cranks
    }

    /// The data of the market and of the book account.
    pub fn into_bytes(mut self) -> Result<(Vec<u8>, Vec<u8>), Failed> {
        let market = data(&mut self.svm, &self.addresses.market)?;
        Ok((market, data(&mut self.svm, &self.addresses.book)?))
    }

    fn owner(&self, seat: u32) -> Result<&Keypair, Failed> {
        self.owners.get(&seat).ok_or_else(|| nobody(seat))
    }

    /// Sends one transaction, and audits what it left.
    fn send(&mut self, instructions: &[Instruction], who: Who) -> Result<(), Failed> {
        let keys = &self.keys;
        let signers = match who {
            Who::Anyone => vec![],
            Who::Sponsor => vec![&keys.sponsor],
            Who::SponsorAnd(owner) => vec![&keys.sponsor, owner],
            Who::SponsorAndDepositor => vec![&keys.sponsor, &keys.depositor],
            Who::PriceSigner => vec![&keys.price_signer],
            Who::Owner(seat) => vec![self.owners.get(&seat).ok_or_else(|| nobody(seat))?],
        };
        let build = self.svm.build();
        self.svm.send(instructions, &signers).map_err(|failure| refused(&failure, build))?;
        self.transactions += 1;
        self.snapshot = fetch(&mut self.svm, &self.addresses)?;
        match audit::check(&self.snapshot.exchange()) {
            Ok(()) => Ok(()),
            Err(broken) => {
                let reason = format!("{}, and it does not (at {})", broken.rule, broken.at);
                Err(Failed::new(format!("after transaction {} it must hold that {reason}", self.transactions)))
            }
        }
    }
}

/// Who signs a transaction, besides the one who pays its fee.
enum Who<'a> {
    Anyone,
    Sponsor,
    SponsorAnd(&'a Keypair),
    SponsorAndDepositor,
    PriceSigner,
    Owner(u32),
}

fn fetch(svm: &mut Svm, addresses: &Addresses) -> Result<MarketSnapshot, Failed> {
    let market = data(svm, &addresses.market)?;
    let book = data(svm, &addresses.book)?;
    MarketSnapshot::decode(&market, &book).map_err(|error| Failed::new(format!("the market cannot be read: {error}")))
}

fn data(svm: &mut Svm, address: &Pubkey) -> Result<Vec<u8>, Failed> {
    let Account { data, .. } =
        svm.account(address).ok_or_else(|| Failed::new(format!("account {address} is missing")))?;
    Ok(data)
}

fn nobody(seat: u32) -> Failed {
    Failed::new(format!("nobody in the story owns seat {seat}"))
}

/// A transaction that the story needs has failed.
fn refused(failure: &Failure, build: Build) -> Failed {
    let reason = match failure::explain(&failure.logs) {
        Some(error) => format!("{}: {error}", error.code.name()),
        None => failure.to_string(),
    };
    let hint = match build {
        Build::Bytecode => {
            "\nThe bytecode may be older than the sources: build it again, or run with `--build native`."
        }
        Build::Native => "",
    };
    Failed::new(format!("a transaction failed: {reason}{hint}"))
}
