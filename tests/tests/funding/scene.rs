//! Markets in which funding flows.

use zerosum_engine::{state::params::Params, units::Rate};
use zerosum_svm::{Keypair, Signer};
use zerosum_tests::{Setup, Stage, Trader, buy, plain, sell};

pub const HOUR: i64 = 3_600;
pub const MARK: i64 = 100_000;

/// A market without fees. Funding is paid in eight hours, at most a per cent of the price.
pub fn paying() -> Params {
    Params { funding_cap: Rate(10_000), funding_period: 8 * HOUR, impact_notional: 10 * MARK, ..plain() }
}

pub fn begin(params: Params) -> Stage {
    Setup { params, price: Some(MARK), ..Setup::default() }.start()
}

/// Lets time pass in which somebody brings the price again before it grows stale, and funding up to now.
pub fn pass(stage: &mut Stage, seconds: i64) {
    let price = stage.market().head().price.accepted.0;
    let end = stage.svm.now() + seconds;
    while stage.svm.now() < end {
        let left = end - stage.svm.now();
        stage.wait(left.min(stage.market().head().params.staleness) - 1);
        stage.post(price);
        stage.crank(stage.at.accrue_funding()).unwrap();
    }
}

/// Two traders with 1,000 lots between them, and somebody whose quotes stand 500 above the price.
pub struct Quoted {
    pub stage: Stage,
    pub long: Trader,
    pub short: Trader,
    pub maker: Trader,
}

pub fn quoted(params: Params) -> Quoted {
    let mut stage = begin(params);
    let [long, short, maker] = [(); 3].map(|()| stage.trader(100_000_000));
    stage.trade(&long, &short, 1_000, MARK);
    stage.place(&maker, zerosum_engine::ops::orders::OrderRequest { client_id: 7, ..buy(20, MARK + 400) }).unwrap();
    stage.place(&maker, sell(20, MARK + 600)).unwrap();
    Quoted { stage, long, short, maker }
}

/// Cumulative funding, its rest, and until when it has accrued.
pub fn state(stage: &Stage) -> (i64, i64, i64) {
    let head = stage.market().head();
    (head.funding.0, head.funding_remainder, head.accrued_at)
}

/// What a trader's seat is worth.
pub fn equity(stage: &Stage, trader: &Trader) -> i64 {
    let head = stage.market().head();
    stage.seat(trader).position.equity(head.price.accepted - head.funding).unwrap().0
}

/// Somebody with shares of the vault.
pub fn shareholder(stage: &mut Stage) -> Trader {
    let who = stage.trader(10_000_000);
    let ask = stage.at.request_mint(&who.key(), &who.key(), &who.tokens, 1_000_000);
    stage.send(&[ask], &[&who.keys]).unwrap();
    let params = stage.market().head().params;
    stage.wait(params.vault_cooldown + params.ahead());
    stage.price(MARK);
    stage.crank(stage.at.execute_request(&who.key(), None)).unwrap();
    who
}

/// The authority of the market.
pub fn authority(stage: &Stage) -> (Keypair, zerosum_svm::Pubkey) {
    (stage.creator.insecure_clone(), stage.creator.pubkey())
}
