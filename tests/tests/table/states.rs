//! The states of a market, and everything that anyone might try in them.

use zerosum_engine::{
    ops::orders::{Kind, OrderRequest},
    ops::settlement::DELIST_NOTICE,
    state::params::Params,
    state::ticket::LAPSE,
    units::Rate,
};
use zerosum_svm::{Instruction, Keypair, Signer};
use zerosum_tests::{SILENCE, Setup, Stage, Trader, buy, pyth::Feed, sell};

/// A market in some state, and those who are in it.
pub struct Scene {
    pub stage: Stage,
    /// Long with much margin; `None` where nobody can have a position.
    holder: Option<Trader>,
    /// Has neither position nor orders.
    flat: Trader,
    /// Has quotes around the price.
    maker: Trader,
    /// Has shares; `None` where nobody can.
    shareholder: Option<Trader>,
    /// Has asked to mint; `None` where nobody can.
    minter: Option<Trader>,
    /// Has asked to redeem.
    redeemer: Option<Trader>,
    newcomer: Trader,
}

const fn params() -> Params {
    Params { jump: Rate(50_000), min_collateral: 1, ..Params::standard() }
}

/// Asks for shares for a million atoms.
fn ask_to_mint(stage: &mut Stage, who: &Trader) {
    let ask = stage.at.request_mint(&who.key(), &who.key(), &who.tokens, 1_000_000);
    stage.send(&[ask], &[&who.keys]).unwrap();
}

/// Lets requests mature and publishes the price after that.
fn mature(stage: &mut Stage) {
    stage.wait(params().vault_cooldown + params().ahead());
    stage.price(100_000);
}

fn get_shares(stage: &mut Stage, who: &Trader) {
    ask_to_mint(stage, who);
    mature(stage);
    stage.crank(stage.at.execute_request(&who.key(), None)).unwrap();
}

impl Scene {
    /// Before the first print.
    fn priceless(feed: Option<Feed>) -> Self {
        let mut stage = Setup { params: params(), price: None, feed, ..Setup::default() }.start();
        if let Some(feed) = feed {
            // An update that says nothing new: the market looks at none before its first.
            feed.update(100_000, 0).write(&mut stage.svm, &stage.at.oracle.clone(), feed.receiver);
        }
        let [flat, maker, newcomer] = [(); 3].map(|()| stage.trader(20_000_000));
        Self { stage, holder: None, flat, maker, shareholder: None, minter: None, redeemer: None, newcomer }
    }

    /// At a live price: positions of a thousand lots, one of them with little margin, quotes around the price, and a vault
    /// with requests, which can be executed unless the market is to fall `silent` now. Where it is delisted, a week later.
    fn live(feed: Option<Feed>, delisted: bool, silent: bool) -> Self {
        let mut stage = Setup { params: params(), feed, ..Setup::default() }.start();
        let (holder, fragile) = (stage.trader(100_000_000), stage.trader(6_000_000));
        let maker = stage.trader(1_000_000_000);
        stage.trade(&holder, &maker, 1_000, 100_000);
        stage.trade(&fragile, &maker, 1_000, 100_000);
        stage.place(&maker, OrderRequest { client_id: 7, ..buy(50, 99_500) }).unwrap();
        stage.place(&maker, sell(50, 100_500)).unwrap();
        let [flat, shareholder, minter, redeemer, newcomer] = [(); 5].map(|()| stage.trader(20_000_000));
        for who in [&shareholder, &redeemer] {
            get_shares(&mut stage, who);
        }
        if delisted {
            let creator = stage.creator.insecure_clone();
            let at = stage.svm.now() + DELIST_NOTICE;
            stage.send(&[stage.at.delist(&creator.pubkey(), at)], &[&creator]).unwrap();
            stage.wait(DELIST_NOTICE + params().ahead());
            stage.price(100_000);
        }
        let redeem = stage.at.request_redeem(&redeemer.key(), 1_000);
        stage.send(&[redeem], &[&redeemer.keys]).unwrap();
        ask_to_mint(&mut stage, &minter);
        if !silent {
            mature(&mut stage);
        }
        Self {
            stage,
            holder: Some(holder),
            flat,
            maker,
            shareholder: Some(shareholder),
            minter: Some(minter),
            redeemer: Some(redeemer),
            newcomer,
        }
    }

    /// The market in the state that the document calls `name`.
    pub fn build(name: &str, feed: Option<Feed>) -> Self {
        if name == "no price yet" {
            return Self::priceless(feed);
        }
        let delisted = ["delisted", "settled", "settled, a seat bankrupt"].contains(&name);
        let mut scene = Self::live(feed, delisted, name == "dead announced");
        let stage = &mut scene.stage;
        match name {
            "live" | "delisted" => {}
            "stale" => stage.wait(params().staleness + 1),
            "pending jump" => {
                stage.post(111_000);
                stage.observe().unwrap();
                assert_eq!(stage.market().head().price.pending.0, 111_000);
            }
            "a seat bankrupt" => stage.price(93_000),
            "opening paused" => {
                let creator = stage.creator.insecure_clone();
                stage.send(&[stage.at.pause_opening(&creator.pubkey(), true)], &[&creator]).unwrap();
            }
            "dead announced" => {
                stage.wait(SILENCE + 1);
                stage.crank(stage.at.announce_dead()).unwrap();
                // Every request has matured and none has lapsed.
                const { assert!(SILENCE > params().vault_cooldown && SILENCE < params().vault_cooldown + LAPSE) };
            }
            "settled" => {
                stage.crank(stage.at.settle()).unwrap();
            }
            "settled, a seat bankrupt" => {
                stage.price(93_000);
                stage.crank(stage.at.settle()).unwrap();
            }
            other => panic!("the document names a state that nobody can build: {other}"),
        }
        let bankrupt = stage.market().clone().exchange().market.bankrupt_side().is_some();
        assert_eq!(bankrupt, name.contains("bankrupt"), "{name}");
        scene
    }

    /// The action that the document calls `name`, and who signs it; `None` where it cannot be asked.
    pub fn action(&self, name: &str) -> Option<(Instruction, Option<Keypair>)> {
        let at = &self.stage.at;
        let by = |who: &Trader, instruction| Some((instruction, Some(who.keys.insecure_clone())));
        let order = |who: &Trader, order| by(who, at.place_order(&who.key(), who.seat, &order));
        let withdraw = |who: &Trader| by(who, at.withdraw(&who.key(), who.seat, &who.tokens, 1_000));
        let close = |who: &Trader| {
            let rent_payer = self.stage.seat(who).rent_payer.into();
            by(who, at.close_seat(&who.key(), who.seat, Some(&who.tokens), &rent_payer))
        };
        let now = OrderRequest { kind: Kind::ImmediateOrCancel, ..buy(10, 101_000) };
        let crank = |instruction| Some((instruction, None));
        let (flat, holder) = (&self.flat, self.holder.as_ref());
        match name {
            "open" => order(flat, now),
            "reduce" => order(holder?, OrderRequest { reduce_only: true, kind: now.kind, ..sell(10, 99_000) }),
            "rest to open" => order(flat, buy(10, 90_000)),
            "rest to reduce" => order(holder?, OrderRequest { reduce_only: true, ..sell(10, 112_000) }),
            "cancel" => {
                holder?;
                by(&self.maker, at.cancel_order(&self.maker.key(), self.maker.seat, 7))
            }
            "deposit" => by(flat, at.deposit(&flat.key(), flat.seat, &flat.tokens, 1_000)),
            "withdraw with" => withdraw(holder?),
            "withdraw without" => withdraw(flat),
            "close a seat with" => close(holder?),
            "close a seat without" => close(flat),
            "request mint" => {
                let who = &self.newcomer;
                by(who, at.request_mint(&who.key(), &who.key(), &who.tokens, 1_000))
            }
            "request redeem" => {
                let who = self.shareholder.as_ref()?;
                by(who, at.request_redeem(&who.key(), 1_000))
            }
            "execute mint" => crank(at.execute_request(&self.minter.as_ref()?.key(), None)),
            "execute redeem" => crank(at.execute_request(&self.redeemer.as_ref()?.key(), None)),
            "liquidate" => crank(at.liquidate(16, None)),
            "deleverage" => crank(at.deleverage(16, None)),
            "accrue funding" => crank(at.accrue_funding()),
            "unwind vault" => crank(at.unwind_vault()),
            "announce dead" => crank(at.announce_dead()),
            "settle" => crank(at.settle()),
            other => panic!("the document names an action that nobody can take: {other}"),
        }
    }
}
