//! Two chains, one with the program compiled into this process and one with its bytecode. Whatever is done, each step ends
//! in the same bytes on both, or fails on both by the same name.

use zerosum_engine::{
    ops::orders::{Kind, OrderRequest},
    state::params::Params,
    units::{Price, Rate, Side},
};
use zerosum_svm::{Account, Build, Instruction, Keypair, Pubkey, Signer, Svm, bytecode_path};
use zerosum_tests::{Setup, Stage, Trader, order, pyth::Feed};

use super::scene::*;

struct Twins {
    stage: Stage,
    bytecode: Svm,
    done: usize,
    refused: usize,
}

impl Twins {
    fn begin(setup: Setup) -> Self {
        let stage = Setup { build: Build::Native, ..setup }.start();
        Self { stage, bytecode: Svm::start(Build::Bytecode), done: 0, refused: 0 }
    }

    /// What an instruction names, where it is the same on both chains only if it is copied.
    fn named(&mut self, instruction: &Instruction) -> Vec<Pubkey> {
        let named = instruction.accounts.iter().map(|account| account.pubkey);
        named.filter(|key| self.stage.svm.account(key).is_none_or(|account| !account.executable)).collect()
    }

    /// Does one thing on both.
    fn send(&mut self, what: &str, instruction: Instruction, signers: &[&Keypair]) {
        let named = self.named(&instruction);
        let now = self.stage.svm.now();
        self.bytecode.set_time(now);
        for key in &named {
            let account = self.stage.svm.account(key);
            self.bytecode.set_account(key, account.unwrap_or_default());
        }
        let native = self.stage.send(std::slice::from_ref(&instruction), signers);
        let bytecode = self.bytecode.send(&[instruction], signers);
        match (&native, &bytecode) {
            (Ok(native), Ok(bytecode)) => {
                self.done += 1;
                let logged = zerosum_client::events::read(&bytecode.logs);
                assert_eq!(native.events, logged, "{what}");
            }
            (Err(native), Err(bytecode)) => {
                self.refused += 1;
                assert_eq!(native.custom_code(), bytecode.custom_code(), "{what}");
            }
            _ => panic!("{what}: {:?} and {:?}", native.err(), bytecode.err()),
        }
        for key in &named {
            let of = |account: Option<Account>| account.map(|account| (account.lamports, account.data, account.owner));
            let accounts = (of(self.stage.svm.account(key)), of(self.bytecode.account(key)));
            assert!(accounts.0 == accounts.1, "{what}: {key} differs");
        }
    }
}

/// Numbers that repeat.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as i64
    }
}

fn params() -> Params {
    Params {
        // A hundred times leverage, so that somebody falls soon.
        maintenance: Rate(5_000),
        target: Rate(7_500),
        initial: Rate(10_000),
        jump: Rate(10_000),
        vault_discount: Rate(10_000),
        deleverage_pay: Rate(100),
        taker_fee: Rate(500),
        maker_fee: Rate(100),
        vault_loss_budget: Rate(300_000),
        interest: 300,
        ..paying()
    }
}

fn random_order(dice: &mut Dice, oracle_price: i64) -> OrderRequest {
    let side = [Side::Long, Side::Short][dice.below(2) as usize];
    let kinds = [Kind::Limit, Kind::Limit, Kind::PostOnly, Kind::ImmediateOrCancel, Kind::FillOrKill];
    OrderRequest {
        kind: kinds[dice.below(5) as usize],
        reduce_only: dice.below(6) == 0,
        client_id: dice.below(4) as u64,
        ..order(side, 1 + dice.below(3_000), oracle_price - oracle_price / 50 + dice.below(oracle_price / 25))
    }
}

/// One random step of somebody.
fn step(twins: &mut Twins, dice: &mut Dice, traders: &[Trader]) {
    let at = twins.stage.at;
    let who = &traders[dice.below(traders.len() as i64) as usize];
    let (key, keys, seat) = (who.key(), &who.keys, who.seat);
    let creator = twins.stage.creator.insecure_clone();
    let authority = creator.pubkey();
    let oracle_price = twins.stage.market().head().price.accepted.0;
    let payee = (dice.below(2) == 0).then_some(traders.len() as u32);
    match dice.below(40) {
        0..14 => {
            let order = random_order(dice, oracle_price);
            twins.send("place_order", at.place_order(&key, seat, &order), &[keys]);
        }
        14 => twins.send("cancel_order", at.cancel_order(&key, seat, dice.below(4) as u64), &[keys]),
        15 => twins.send("cancel_all", at.cancel_all(&key, seat, None), &[keys]),
        16 => twins.send("deposit", at.deposit(&key, seat, &who.tokens, 1_000 + dice.below(90_000) as u64), &[keys]),
        17 | 18 => {
            let amount = 1 + dice.below(4_000_000) as u64;
            twins.send("withdraw", at.withdraw(&key, seat, &who.tokens, amount), &[keys]);
        }
        19..25 => {
            // Mostly within the jump bound, and a little down, so that somebody falls soon and the vault may buy.
            let by = if dice.below(6) == 0 { 9_000 } else { 1_900 };
            twins.stage.wait(3 + dice.below(10));
            twins.stage.post((oracle_price - by * 3 / 5 + dice.below(by)).max(1_000));
        }
        25 => twins.stage.wait(dice.below(3 * HOUR)),
        26..29 => twins.send("liquidate", at.liquidate(16, payee), &[]),
        29..32 => twins.send("deleverage", at.deleverage(1 + dice.below(16) as u8, payee), &[]),
        32 => twins.send("accrue_funding", at.accrue_funding(), &[]),
        33 => twins.send("rebase", at.rebase(), &[]),
        34 => twins.send("unwind_vault", at.unwind_vault(), &[]),
        35 => twins.send("request_mint", at.request_mint(&key, &key, &who.tokens, 500_000), &[keys]),
        36 => twins.send("request_redeem", at.request_redeem(&key, 100_000), &[keys]),
        37 => twins.send("execute_request", at.execute_request(&key, None), &[]),
        38 => twins.send("pause_opening", at.pause_opening(&authority, dice.below(8) == 0), &[&creator]),
        _ => {
            let changed = Params { interest: dice.below(2_000) - 1_000, ..params() };
            let one = match dice.below(5) {
                0 => at.change_params(&authority, &changed),
                1 => at.change_params(&authority, &Params { taker_fee: Rate(400), ..params() }),
                2 => at.take_fees(&authority, &traders[0].tokens, 1_000),
                3 => at.propose_authority(&authority, Some(key)),
                _ => at.drop_params(&authority),
            };
            twins.send("a power", one, &[&creator]);
        }
    }
}

/// From the last seconds of trading to the closed market.
fn wind_down(twins: &mut Twins, traders: &[Trader]) {
    let at = twins.stage.at;
    let price = twins.stage.market().head().price.accepted.0;
    twins.stage.wait(25 * HOUR);
    twins.send("announce_dead", at.announce_dead(), &[]);
    twins.send("settle", at.settle(), &[]);
    twins.stage.wait(24 * HOUR);
    twins.send("settle", at.settle(), &[]);
    assert_eq!(twins.stage.market().head().settlement.price, Price(price));
    for _ in 0..8 {
        twins.send("deleverage", at.deleverage(32, None), &[]);
    }
    for who in traders {
        twins.send("execute_request", at.execute_request(&who.key(), None), &[]);
        let rent_payer = twins.stage.seat(who).rent_payer.into();
        twins.send("close_seat", at.close_seat(&who.key(), who.seat, Some(&who.tokens), &rent_payer), &[&who.keys]);
    }
    assert_eq!(twins.stage.market().head().open_seats, 1, "everybody has left");
}

fn run(feed: Option<Feed>, seed: u64) {
    let mut twins = Twins::begin(Setup { params: params(), price: Some(MARK), feed, ..Setup::default() });
    let traders: Vec<_> = [60_000_000, 9_000_000, 9_000_000, 30_000_000, 12_000_000, 20_000_000]
        .map(|cash| twins.stage.trader(cash))
        .into();
    let mut dice = Dice(seed);
    let mut funded = false;
    for _ in 0..500 {
        step(&mut twins, &mut dice, &traders);
        funded |= twins.stage.market().head().funding.0 != 0;
    }
    let done = twins.stage.market().head().statistics;
    assert!(
        funded && done.forced_lots > 0 && done.book_lots > 0 && done.vault_lots > 0,
        "the dice did little: {done:?}"
    );
    wind_down(&mut twins, &traders);
    assert!(twins.done > 150 && twins.refused > 20, "{} done and {} refused", twins.done, twins.refused);
}

#[test]
fn each_step_of_a_market_ends_in_the_same_bytes_on_bytecode_and_native() {
    if !bytecode_path().exists() {
        return eprintln!("left out: there is no bytecode");
    }
    run(None, 3);
    run(Some(Feed::SOL), 5);
}
