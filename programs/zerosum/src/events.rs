//! What the program writes into the log. Amounts are atoms of the collateral, prices atoms per lot, sizes base lots,
//! times unix seconds.

use anchor_lang::prelude::*;
use zerosum_engine::state::receipt::Receipt;

use crate::output;

/// A value in an event, as Borsh encodes it.
trait Field: Copy {
    fn put(self, space: &mut [u8]);
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl Field for $number {
            #[inline(always)]
            fn put(self, space: &mut [u8]) {
                space.copy_from_slice(&self.to_le_bytes());
            }
        })*
    };
}
numbers!(u8 u32 u64 i64);

impl Field for bool {
    #[inline(always)]
    fn put(self, space: &mut [u8]) {
        u8::from(self).put(space);
    }
}

impl Field for Pubkey {
    #[inline(always)]
    fn put(self, space: &mut [u8]) {
        space.copy_from_slice(self.as_array());
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[event]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $type,)*
            }

            impl $name {
                const SPACE: usize = 8 $(+ size_of::<$type>())*;

                /// What Borsh would write. Every field has its place in an array, where a general serialiser asks for
                /// room field by field.
                #[inline(always)]
                fn bytes(&self) -> [u8; Self::SPACE] {
                    let mut data = [0; Self::SPACE];
                    let (discriminator, rest) = data.split_at_mut(8);
                    discriminator.copy_from_slice(Self::DISCRIMINATOR);
                    $(let (space, rest) = rest.split_at_mut(size_of::<$type>());
                    self.$field.put(space);)*
                    debug_assert!(rest.is_empty());
                    data
                }

                /// Writes it into the transaction's log.
                pub fn log(&self) {
                    output::log_data(&self.bytes());
                }
            }
        )*
    };
}

events! {
    /// A market was created.
    MarketCreated {
        /// The market account.
        market: Pubkey,
        /// Who created it.
        creator: Pubkey,
        /// The collateral.
        mint: Pubkey,
    }

    /// A seat was opened with a first deposit.
    SeatOpened {
        /// The market.
        market: Pubkey,
        /// The seat's index.
        seat: u32,
        /// Its owner.
        owner: Pubkey,
        /// Atoms deposited.
        amount: i64,
    }

    /// A seat was closed and its cash paid out.
    SeatClosed {
        /// The market.
        market: Pubkey,
        /// The seat's index, which may be another's from now on.
        seat: u32,
        /// Whose it was.
        owner: Pubkey,
        /// Atoms paid out.
        amount: i64,
    }

    /// Cash came into a seat.
    Deposited {
        /// The market.
        market: Pubkey,
        /// The seat's index.
        seat: u32,
        /// Atoms credited: what arrived in the pool.
        amount: i64,
    }

    /// Cash left a seat.
    Withdrawn {
        /// The market.
        market: Pubkey,
        /// The seat's index.
        seat: u32,
        /// Atoms paid out.
        amount: i64,
    }

    /// An order was filled, wholly or in part, when it was placed.
    Traded {
        /// The market.
        market: Pubkey,
        /// The taker's seat.
        seat: u32,
        /// What the taker did: 0 bought, 1 sold.
        side: u8,
        /// The taker's number for the order.
        client_id: u64,
        /// Lots filled.
        lots: i64,
        /// Atoms of notional at the makers' prices.
        quote: i64,
        /// Atoms of taker fee.
        fee: i64,
        /// Lots of the order that rest now.
        rested: i64,
    }

    /// The price that the market goes by changed.
    PriceChanged {
        /// The market.
        market: Pubkey,
        /// Atoms per lot.
        price: i64,
        /// When the oracle published it, in unix seconds.
        published: i64,
    }

    /// Somebody asked for shares of the vault or for the cash of shares.
    VaultRequested {
        /// The market.
        market: Pubkey,
        /// Whose ticket.
        owner: Pubkey,
        /// Atoms to be minted; 0 for a redemption.
        minting: i64,
        /// Shares to be redeemed; 0 for a mint.
        redeeming: u64,
        /// When it may be executed, at a price published after that, in unix seconds.
        matures_at: i64,
    }

    /// A request to the vault was executed, or undone because it had lapsed.
    VaultExecuted {
        /// The market.
        market: Pubkey,
        /// Whose ticket.
        owner: Pubkey,
        /// Whether it had lapsed and was undone.
        lapsed: bool,
        /// Shares minted; 0 for a redemption.
        minted: u64,
        /// Atoms paid out: redeemed, or given back.
        paid: i64,
        /// Atoms that the seat named for it earned.
        pay: i64,
    }

    /// The authority changed the parameters.
    ParamsChanged {
        /// The market.
        market: Pubkey,
        /// Whether they are in force; else they wait for their time lock.
        at_once: bool,
        /// From when on, in unix seconds.
        from: i64,
    }

    /// The market has another authority.
    AuthorityChanged {
        /// The market.
        market: Pubkey,
        /// The new one; zeroes when it was burned.
        authority: Pubkey,
    }

    /// The authority took its part of the fee cash.
    FeesTaken {
        /// The market.
        market: Pubkey,
        /// How many atoms.
        amount: i64,
    }

    /// The authority set or took back the date of a delisting.
    Delisted {
        /// The market.
        market: Pubkey,
        /// From when on nothing matches, in unix seconds; 0 where it was taken back.
        at: i64,
    }

    /// The oracle was announced dead.
    OracleDead {
        /// The market.
        market: Pubkey,
        /// Since when, in unix seconds.
        since: i64,
    }

    /// The market was settled for good.
    MarketSettled {
        /// The market.
        market: Pubkey,
        /// At how many atoms per lot.
        price: i64,
        /// When, in unix seconds.
        at: i64,
    }

    /// Everybody has left the market and its accounts are given up.
    MarketClosed {
        /// The market.
        market: Pubkey,
        /// Who got what nobody owned.
        heir: Pubkey,
        /// How many atoms.
        amount: i64,
    }

    /// Tokens that strangers had sent to the pool became fee cash.
    ExcessSwept {
        /// The market.
        market: Pubkey,
        /// How many atoms.
        amount: i64,
    }
}

/// The steps of the waterfall that an instruction took, in their order: the receipts that it left in the market account.
#[event]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// The market.
    pub market: Pubkey,
    /// The receipts.
    pub steps: Vec<Reduced>,
}

/// A step of the waterfall: a seat was reduced into the book, by the vault or by force. Byte for byte the receipt in the
/// market account.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduced {
    /// Counts the market's receipts from 1.
    pub number: u64,
    /// When, in unix seconds.
    pub time: i64,
    /// Which deleveraging this belongs to, from 1; 0 where nobody was forced.
    pub round: u64,
    /// 1 into the book, 2 by the vault, 3 by force.
    pub kind: u8,
    /// The side of the loser: 0 long, 1 short.
    pub side: u8,
    /// Always zero.
    pub padding: [u8; 2],
    /// The seat that was liquidated.
    pub loser: u32,
    /// The seat that was deleveraged, or the vault's; 0 for the book, which may be many.
    pub winner: u32,
    /// The winner's place in the queue of its side, from 1; 0 where nobody was ranked.
    pub rank: u32,
    /// The winner's ranking score.
    pub score: u64,
    /// The next seat's score.
    pub next_score: u64,
    /// Lots closed.
    pub lots: i64,
    /// Atoms per lot it was closed at.
    pub price: i64,
    /// The accepted oracle price, in atoms per lot.
    pub oracle_price: i64,
    /// Atoms of what was taken that covered the loser's deficit.
    pub needed: i64,
    /// Atoms that the winner gave up against the oracle price; below zero where it gained.
    pub taken: i64,
}

impl Reductions {
    /// Writes receipts into the transaction's log. They lie in the account as Borsh would write them, so they are copied and
    /// not encoded, all in one event.
    #[inline(never)]
    pub fn log(market: &Pubkey, receipts: [&[Receipt]; 2]) {
        let [older, newer] = receipts;
        let count = older.len() + newer.len();
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(Self::DISCRIMINATOR);
        head[8..40].copy_from_slice(market.as_array());
        head[40..].copy_from_slice(&(count as u32).to_le_bytes());
        output::log_data(&[head.as_slice(), bytemuck::cast_slice(older), bytemuck::cast_slice(newer)].concat());
    }
}

/// The bytes of the event before its receipts.
const HEAD: usize = 8 + 32 + 4;

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::Event;

    #[test]
    fn an_event_is_logged_as_borsh_would() {
        let event = VaultExecuted {
            market: Pubkey::new_from_array([3; 32]),
            owner: Pubkey::new_from_array([5; 32]),
            lapsed: true,
            minted: u64::MAX - 1,
            paid: -7,
            pay: 9,
        };
        assert_eq!(event.bytes().as_slice(), event.data());
    }

    #[test]
    fn receipts_are_logged_as_borsh_would() {
        let receipt = Receipt {
            number: 1,
            time: 2,
            round: 3,
            kind: 4,
            side: 5,
            loser: 6,
            winner: 7,
            rank: 8,
            score: 9,
            next_score: 10,
            lots: zerosum_engine::units::Lots(11),
            price: zerosum_engine::units::Price(12),
            oracle_price: zerosum_engine::units::Price(13),
            needed: zerosum_engine::units::Atoms(14),
            taken: zerosum_engine::units::Atoms(-15),
            ..Receipt::default()
        };
        let step = Reduced::try_from_slice(bytemuck::bytes_of(&receipt)).unwrap();
        assert_eq!((step.number, step.time, step.round, step.kind, step.side), (1, 2, 3, 4, 5));
        assert_eq!((step.loser, step.winner, step.rank, step.score, step.next_score), (6, 7, 8, 9, 10));
        assert_eq!((step.lots, step.price, step.oracle_price, step.needed, step.taken), (11, 12, 13, 14, -15));
        let mut encoded = Vec::new();
        step.serialize(&mut encoded).unwrap();
        assert_eq!(encoded, bytemuck::bytes_of(&receipt));
    }
}
