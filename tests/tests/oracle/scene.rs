//! A market on a feed of Pyth, somebody long and somebody short, and everything that reads a price there.

use zerosum_engine::{state::params::Params, units::Rate};
use zerosum_svm::{Instruction, Keypair, Pubkey, Signer};
use zerosum_tests::{
    Addresses, Setup, Stage, Trader, buy,
    pyth::{Feed, Update},
};

/// A market without fees and with bounds that a crash by a fifth a print leaves.
pub fn plain() -> Params {
    Params { initial: Rate(100_000), jump: Rate(100_000), vault_cooldown: 30, ..zerosum_tests::plain() }
}

pub struct Scene {
    pub stage: Stage,
    pub long: Trader,
    pub short: Trader,
}

/// Two traders with 1,000 lots from 100,000, the long with 10 % of margin.
pub fn scene(feed: Option<Feed>) -> Scene {
    let mut stage = Setup { params: plain(), feed, ..Setup::default() }.start();
    let (long, short) = (stage.trader(10_000_000), stage.trader(100_000_000));
    stage.trade(&long, &short, 1_000, 100_000);
    Scene { stage, long, short }
}

/// An instruction that reads a price, and who signs it.
pub struct Reader {
    pub name: &'static str,
    pub instruction: Instruction,
    pub signer: Option<Keypair>,
    /// Whether it acts on a live price alone.
    pub acts: bool,
}

impl Scene {
    /// Puts an update into the account that the market reads.
    pub fn put(&mut self, update: &Update) {
        let address = self.stage.at.oracle;
        update.write(&mut self.stage.svm, &address, Feed::SOL.receiver);
    }

    /// Puts an update somewhere else, as anybody can have a receiver do; returns where.
    pub fn put_elsewhere(&mut self, update: &Update) -> Pubkey {
        let address = Pubkey::new_unique();
        update.write(&mut self.stage.svm, &address, Feed::SOL.receiver);
        address
    }

    /// Everything that reads a price, from the account that `at` names. The request of the short to the vault is theirs.
    pub fn readers(&self, at: &Addresses) -> Vec<Reader> {
        let (keys, tokens) = (&self.short.keys, &self.short.tokens);
        let (key, seat) = (keys.pubkey(), self.short.seat);
        let (long, longs) = (&self.long.keys, &self.long.tokens);
        let by_nobody = [
            ("liquidate", at.liquidate(16, None), true),
            ("deleverage", at.deleverage(16, None), true),
            ("unwind_vault", at.unwind_vault(), true),
            ("execute_request", at.execute_request(&key, None), true),
            ("accrue_funding", at.accrue_funding(), false),
            ("rebase", at.rebase(), false),
            ("announce_dead", at.announce_dead(), false),
            ("settle", at.settle(), false),
        ];
        let signed = [
            ("place_order", at.place_order(&key, seat, &buy(10, 90_000)), keys, true),
            ("withdraw", at.withdraw(&key, seat, tokens, 1_000), keys, true),
            ("request_mint", at.request_mint(&long.pubkey(), &long.pubkey(), longs, 1_000), long, true),
            ("request_redeem", at.request_redeem(&key, 1_000), keys, false),
        ];
        let by_nobody = by_nobody.map(|(name, instruction, acts)| Reader { name, instruction, signer: None, acts });
        let signed = signed.map(|(name, instruction, keys, acts)| Reader {
            name,
            instruction,
            signer: Some(keys.insecure_clone()),
            acts,
        });
        by_nobody.into_iter().chain(signed).collect()
    }
}
