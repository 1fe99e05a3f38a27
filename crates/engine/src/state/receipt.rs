//! Receipts: a record of what the waterfall did and to which seats, kept in a ring of the market account.

use crate::units::{Atoms, Lots, Price};
use bytemuck::{Pod, Zeroable};

/// The kind of step that a receipt records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// None: an unused place in the ring.
    None = 0,
    /// A seat below maintenance was reduced in the book.
    Book = 1,
    /// The vault took over part of a seat's position.
    Vault = 2,
    /// A winner was deleveraged.
    Forced = 3,
}

impl Kind {
    /// The kind that a stored byte means.
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
    /// Number of this receipt; the first of a market is 1.
    pub number: u64,
    /// When the step happened, in unix seconds.
    pub time: i64,
    /// The number of the `deleverage` call that made this forced fill, from 1; 0 if nothing was forced.
    pub round: u64,
    /// The kind of step: a [`Kind`].
    pub kind: u8,
    /// The side of the loser: 0 long, 1 short.
    pub side: u8,
    /// Always zero.
    pub padding: [u8; 2],
    /// Index of the liquidated seat.
    pub loser: u32,
    /// Index of the deleveraged seat, or of the vault's; 0 for the book, where it may be many.
    pub winner: u32,
    /// The winner's place in the ADL queue of its side, from 1; 0 if no seat was ranked.
    pub rank: u32,
    /// The winner's score; 0 if no seat was ranked.
    pub score: u64,
    /// Score of the next seat in the queue, so that anyone can verify that no higher one was skipped.
    pub next_score: u64,
    /// Number of lots closed.
    pub lots: Lots,
    /// Price of the fill, in atoms per lot; for the book the average, rounded down.
    pub price: Price,
    /// The oracle price, in atoms per lot.
    pub oracle_price: Price,
    /// The part of `taken` that covered the loser's shortfall, in atoms.
    pub needed: Atoms,
    /// What the winner or the vault gave up against the oracle price, in atoms; below zero if it gained.
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
