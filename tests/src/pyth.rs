//! Price updates of the Pyth network, as its receivers leave them on the chain.
//!
//! The bytes are written here without a look at how the engine reads them. `oracle::bytes` holds them against accounts that
//! the receiver's SDK has written.

use zerosum_svm::{Account, Pubkey, Svm};

/// The receiver of the first generation.
pub const RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
/// The receiver of the second generation.
pub const SECOND_RECEIVER: Pubkey = Pubkey::from_str_const("rec2HHDDnjLfj4kE7VyEtFA1HPGQLK33259532cRyHp");

/// The push oracle of the first generation.
pub const PUSH_ORACLE: Pubkey = Pubkey::from_str_const("pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");
/// The push oracle of the second generation.
pub const SECOND_PUSH_ORACLE: Pubkey = Pubkey::from_str_const("pyt2F414BA6dPttK6RddPZUdHfapoBN24GL5wbrPCou");

/// Bytes that a receiver gives an update, however many it needs.
pub const SPACE: usize = 134;

/// How many of the network's signatures a receiver has checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// All that are needed.
    Full,
    /// These few.
    Partly(u8),
}

/// What an update says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// The signatures.
    pub verified: Verified,
    /// The id of the feed.
    pub feed: [u8; 32],
    /// A unit of the asset costs `price * 10^exponent`.
    pub price: i64,
    /// It may be off by this much either way.
    pub confidence: u64,
    /// The power of ten.
    pub exponent: i32,
    /// When it was published, in unix seconds.
    pub published: i64,
}

impl Update {
    /// The bytes of an account. What nobody reads is unlike what stands beside it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
        bytes.extend([0xa7; 32]); // who may overwrite it
        match self.verified {
            Verified::Full => bytes.push(1),
            Verified::Partly(signatures) => bytes.extend([0, signatures]),
        }
        bytes.extend(self.feed);
        bytes.extend(self.price.to_le_bytes());
        bytes.extend(self.confidence.to_le_bytes());
        bytes.extend(self.exponent.to_le_bytes());
        bytes.extend(self.published.to_le_bytes());
        bytes.extend(self.published.wrapping_sub(1).to_le_bytes()); // the publication before
        bytes.extend(self.price.wrapping_add(11).to_le_bytes()); // a moving average
        bytes.extend(self.confidence.wrapping_add(13).to_le_bytes()); // and its confidence
        bytes.extend(371_234_567u64.to_le_bytes()); // the slot
        bytes
    }

    /// Puts the update at `address`, as `receiver` would.
    pub fn write(&self, svm: &mut Svm, address: &Pubkey, receiver: Pubkey) {
        let mut data = self.bytes();
        data.resize(SPACE, 0);
        let lamports = svm.rent(data.len());
        svm.set_account(address, Account { lamports, data, owner: receiver, ..Account::default() });
    }
}

/// A feed, and a market whose lots are a tenth of its asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: [u8; 32],
    /// The program that the updates belong to.
    pub receiver: Pubkey,
}

impl Feed {
    /// SOL in dollars, written by the receiver of the first generation.
    pub const SOL: Self = Self {
        id: [
            0xef, 0x0d, 0x8b, 0x6f, 0xda, 0x2c, 0xeb, 0xa4, 0x1d, 0xa1, 0x5d, 0x40, 0x95, 0xd1, 0xda, 0x39, 0x2a, 0x0d,
            0x2f, 0x8e, 0xd0, 0xc6, 0xc7, 0xbc, 0x0f, 0x4c, 0xfa, 0xc8, 0xc2, 0x80, 0xb5, 0x6d,
        ],
        receiver: RECEIVER,
    };
    /// A lot is 10 to this power of a unit.
    pub const LOT_EXPONENT: i8 = -1;
    /// The shard whose account the market reads.
    pub const SHARD: u16 = 7;

    /// The account into which the push oracle of the receiver's generation writes the feed.
    pub fn account(&self) -> Pubkey {
        self.account_of(Self::SHARD)
    }

    /// The same, of another shard.
    pub fn account_of(&self, shard: u16) -> Pubkey {
        let push_oracle = if self.receiver == RECEIVER { PUSH_ORACLE } else { SECOND_PUSH_ORACLE };
        Pubkey::find_program_address(&[&shard.to_le_bytes(), &self.id], &push_oracle).0
    }

    /// An update in which a lot costs `atoms`, of a collateral of six decimals, and the part of an atom that rounding
    /// takes off.
    pub fn update(&self, atoms: i64, published: i64) -> Update {
        Update {
            verified: Verified::Full,
            feed: self.id,
            price: atoms * 1_000 + 999,
            confidence: 12_345,
            exponent: -8,
            published,
        }
    }
}
