//! What the program writes into the log. Amounts are atoms of the collateral, prices atoms per lot, sizes base lots,
//! times unix seconds.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use zerosum_engine::state::receipt::Receipt;

/// A market was created.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketCreated {
    /// The market account.
    pub market: Pubkey,
    /// Who created it.
    pub creator: Pubkey,
    /// The collateral.
    pub mint: Pubkey,
}

/// A seat was opened with a first deposit.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatOpened {
    /// The market.
    pub market: Pubkey,
    /// The seat's index.
    pub seat: u32,
    /// Its owner.
    pub owner: Pubkey,
    /// Atoms deposited.
    pub amount: i64,
}

/// A seat was closed and its cash paid out.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatClosed {
    /// The market.
    pub market: Pubkey,
    /// The seat's index, which may be another's from now on.
    pub seat: u32,
    /// Whose it was.
    pub owner: Pubkey,
    /// Atoms paid out.
    pub amount: i64,
}

/// Cash came into a seat.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposited {
    /// The market.
    pub market: Pubkey,
    /// The seat's index.
    pub seat: u32,
    /// Atoms credited: what arrived in the pool.
    pub amount: i64,
}

/// Cash left a seat.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The market.
    pub market: Pubkey,
    /// The seat's index.
    pub seat: u32,
    /// Atoms paid out.
    pub amount: i64,
}

/// An order was filled, wholly or in part, when it was placed.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traded {
    /// The market.
    pub market: Pubkey,
    /// The taker's seat.
    pub seat: u32,
    /// What the taker did: 0 bought, 1 sold.
    pub side: u8,
    /// The taker's number for the order.
    pub client_id: u64,
    /// Lots filled.
    pub lots: i64,
    /// Atoms of notional at the makers' prices.
    pub quote: i64,
    /// Atoms of taker fee.
    pub fee: i64,
    /// Lots of the order that rest now.
    pub rested: i64,
}

/// The price that the market goes by changed.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceChanged {
    /// The market.
    pub market: Pubkey,
    /// Atoms per lot.
    pub price: i64,
    /// When the oracle published it, in unix seconds.
    pub published: i64,
}

/// Somebody asked for shares of the vault or for the cash of shares.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultRequested {
    /// The market.
    pub market: Pubkey,
    /// Whose ticket.
    pub owner: Pubkey,
    /// Atoms to be minted; 0 for a redemption.
    pub minting: i64,
    /// Shares to be redeemed; 0 for a mint.
    pub redeeming: u64,
    /// When it may be executed, at a price published after that, in unix seconds.
    pub matures_at: i64,
}

/// A request to the vault was executed, or undone because it had lapsed.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultExecuted {
    /// The market.
    pub market: Pubkey,
    /// Whose ticket.
    pub owner: Pubkey,
    /// Whether it had lapsed and was undone.
    pub lapsed: bool,
    /// Shares minted; 0 for a redemption.
    pub minted: u64,
    /// Atoms paid out: redeemed, or given back.
    pub paid: i64,
    /// Atoms that the seat named for it earned.
    pub pay: i64,
}

/// The authority changed the parameters.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamsChanged {
    /// The market.
    pub market: Pubkey,
    /// Whether they are in force; else they wait for their time lock.
    pub at_once: bool,
    /// From when on, in unix seconds.
    pub from: i64,
}

/// The market has another authority.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorityChanged {
    /// The market.
    pub market: Pubkey,
    /// The new one; zeroes when it was burned.
    pub authority: Pubkey,
}

/// The authority took its part of the fee cash.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeesTaken {
    /// The market.
    pub market: Pubkey,
    /// How many atoms.
    pub amount: i64,
}

/// The authority set or took back the date of a delisting.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delisted {
    /// The market.
    pub market: Pubkey,
    /// From when on nothing matches, in unix seconds; 0 where it was taken back.
    pub at: i64,
}

/// The oracle was announced dead.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OracleDead {
    /// The market.
    pub market: Pubkey,
    /// Since when, in unix seconds.
    pub since: i64,
}

/// The market was settled for good.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketSettled {
    /// The market.
    pub market: Pubkey,
    /// At how many atoms per lot.
    pub price: i64,
    /// When, in unix seconds.
    pub at: i64,
}

/// Everybody has left the market and its accounts are given up.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketClosed {
    /// The market.
    pub market: Pubkey,
    /// Who got what nobody owned.
    pub heir: Pubkey,
    /// How many atoms.
    pub amount: i64,
}

/// Tokens that strangers had sent to the pool became fee cash.
#[event]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcessSwept {
    /// The market.
    pub market: Pubkey,
    /// How many atoms.
    pub amount: i64,
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

/// A step of the waterfall: a seat was reduced into the book, by the vault or by force. A copy of the receipt in
/// the market account.
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize))]
#[derive(AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
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

/// Written at once. The fields lie in memory as Borsh writes them one by one, which costs hundreds of units a receipt: a call may
/// make 32 of them after it has ranked every seat of a market.
#[cfg(not(feature = "idl-build"))]
impl AnchorSerialize for Reduced {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(bytemuck::bytes_of(self))
    }
}

impl Reduced {
    /// The steps that receipts tell of, which the market hands out in two parts.
    pub fn steps(receipts: [&[Receipt]; 2]) -> Vec<Self> {
        receipts.map(bytemuck::cast_slice).concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read here field by field, as clients do, was written at once.
    #[test]
    fn a_step_is_its_receipt_field_by_field() {
        use zerosum_engine::units::{Atoms, Lots, Price};
        let receipt = Receipt {
            number: 1,
            time: 2,
            round: 3,
            kind: 4,
            side: 5,
            padding: [0; 2],
            loser: 6,
            winner: 7,
            rank: 8,
            score: 9,
            next_score: 10,
            lots: Lots(11),
            price: Price(12),
            oracle_price: Price(13),
            needed: Atoms(14),
            taken: Atoms(-15),
        };
        let event = Reductions { market: Pubkey::default(), steps: Reduced::steps([&[receipt], &[receipt]]) };
        let read = Reductions::try_from_slice(&borsh::to_vec(&event).unwrap()).unwrap();
        assert_eq!((read.market, read.steps.len()), (event.market, 2));
        for step in read.steps {
            assert_eq!((step.number, step.time, step.round, step.kind, step.side), (1, 2, 3, 4, 5));
            assert_eq!((step.padding, step.loser, step.winner, step.rank), ([0; 2], 6, 7, 8));
            assert_eq!((step.score, step.next_score, step.lots, step.price), (9, 10, 11, 12));
            assert_eq!((step.oracle_price, step.needed, step.taken), (13, 14, -15));
        }
    }
}
