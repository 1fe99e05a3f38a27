//! What the waterfall did to whom, kept in a ring of the market account for anyone to read.

use crate::units::{Atoms, Lots, Price};
use bytemuck::{Pod, Zeroable};

/// What a receipt is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing yet: an unused place in the ring.
    None = 0,
    /// A seat below maintenance was reduced into the book.
    Book = 1,
    /// The vault took over a part of a seat's position.
    Vault = 2,
    /// A winner was deleveraged.
    Forced = 3,
}

impl Kind {
    /// The kind a stored byte means.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Book,
            2 => Self::Vault,
            3 => Self::Forced,
            _ => Self::None,
        }
    }
}

/// One step of the waterfall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Receipt {
    /// Counts the market's receipts from 1.
    pub number: u64,
    /// When it happened, in unix seconds.
    pub time: i64,
    /// Which `deleverage` that forced somebody this belongs to, from 1; 0 where nobody was forced.
    pub round: u64,
    /// What happened: a [`Kind`].
    pub kind: u8,
    /// The side of the loser: 0 long, 1 short.
    pub side: u8,
    /// Always zero.
    pub padding: [u8; 2],
    /// The seat that was liquidated.
    pub loser: u32,
    /// The seat that was deleveraged or the vault's; 0 for the book, which may be many.
    pub winner: u32,
    /// The winner's place in the queue of its side, from 1; 0 where nobody was ranked.
    pub rank: u32,
    /// The winner's ranking score.
    pub score: u64,
    /// The next seat's score, so that anyone can verify that nobody higher was skipped.
    pub next_score: u64,
    /// Lots closed.
    pub lots: Lots,
    /// At which price: the average, rounded down, for the book.
    pub price: Price,
    /// The accepted oracle price.
    pub oracle_price: Price,
    /// Of what was taken, what covered the loser's deficit.
    pub needed: Atoms,
    /// What the winner, or the vault, gave up against the oracle price; below zero where it gained.
    pub taken: Atoms,
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<Receipt>() == 96);
    assert!(offset_of!(Receipt, kind) == 24);
    assert!(offset_of!(Receipt, loser) == 28);
    assert!(offset_of!(Receipt, score) == 40);
    assert!(offset_of!(Receipt, lots) == 56);
    assert!(offset_of!(Receipt, taken) == 88);
};
