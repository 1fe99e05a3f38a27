//! A market on a feed of Pyth, somebody long and somebody short, and everything that reads a price there.

use zerosum_engine::{params::Params, units::Rate};
use zerosum_svm::{Instruction, Keypair, Pubkey, Signer};
use zerosum_tests::{
    Addresses, Setup, Stage, Trader, buy,
    pyth::{Feed, Update},
};

/// A market without fees and with bounds that a crash by a fifth a print leaves.
pub fn plain() -> Params {
    Params { jump: Rate(100_000), ..zerosum_tests::plain() }
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
}

impl Scene {
    /// Puts an update somewhere and returns where.
    pub fn put(&mut self, update: &Update) -> Pubkey {
        let address = Pubkey::new_unique();
        update.write(&mut self.stage.svm, &address, Feed::SOL.receiver);
        address
    }

    /// Everything that reads a price, from the account that `at` names. The request of the short to the vault is theirs.
    pub fn readers(&self, at: &Addresses) -> Vec<Reader> {
        let keys = &self.short.keys;
        let (key, seat) = (keys.pubkey(), self.short.seat);
        let by_nobody = [
            ("liquidate", at.liquidate(16, None)),
            ("deleverage", at.deleverage(16, None)),
            ("unwind_vault", at.unwind_vault()),
            ("accrue_funding", at.accrue_funding()),
            ("rebase", at.rebase()),
            ("settle", at.settle()),
            ("execute_request", at.execute_request(&key, None)),
        ];
        let by_short = [
            ("place_order", at.place_order(&key, seat, &buy(10, 90_000))),
            ("withdraw", at.withdraw(&key, seat, &self.short.tokens, 1_000)),
        ];
        let by_nobody = by_nobody.into_iter().map(|(name, instruction)| Reader { name, instruction, signer: None });
        let by_short = by_short.into_iter().map(|(name, instruction)| Reader {
            name,
            instruction,
            signer: Some(keys.insecure_clone()),
        });
        by_nobody.chain(by_short).collect()
    }
}
