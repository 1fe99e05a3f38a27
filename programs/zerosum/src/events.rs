//! What the program writes into the log. Amounts are atoms of the collateral, prices atoms per lot, sizes base lots,
//! times unix seconds.

use anchor_lang::prelude::*;
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

impl From<&Receipt> for Reduced {
    fn from(receipt: &Receipt) -> Self {
        Self {
            number: receipt.number,
            time: receipt.time,
            round: receipt.round,
            kind: receipt.kind,
            side: receipt.side,
            padding: receipt.padding,
            loser: receipt.loser,
            winner: receipt.winner,
            rank: receipt.rank,
            score: receipt.score,
            next_score: receipt.next_score,
            lots: receipt.lots.0,
            price: receipt.price.0,
            oracle_price: receipt.oracle_price.0,
            needed: receipt.needed.0,
            taken: receipt.taken.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_encoded_like_its_receipt() {
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
        let mut encoded = Vec::new();
        Reduced::from(&receipt).serialize(&mut encoded).unwrap();
        assert_eq!(encoded, bytemuck::bytes_of(&receipt));
    }
}
