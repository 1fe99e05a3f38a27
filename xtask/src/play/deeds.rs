//! What players do, in the terms of a play: the engine's own are known to `venue.rs` alone.

pub use zerosum_engine::units::Side;

/// A publication of the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    pub price: i64,
    pub published: i64,
}

/// The kind of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Fills at once as far as it can, and rests with the remainder.
    Limit,
    /// Rests, or fails if it would trade.
    Post,
    /// Fills at once as far as it can; the remainder is dropped.
    Take,
}

/// One instruction. Seats and tickets are given by their index, money in atoms.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Bring(Print),
    Deposit { seat: u32, amount: i64 },
    Withdraw { seat: u32, amount: i64 },
    Order { seat: u32, side: Side, lots: i64, price: i64, style: Style, reduces: bool, expires: i64 },
    Cancel { seat: u32 },
    Liquidate { payee: Option<u32> },
    Deleverage { payee: Option<u32> },
    OfferInventory,
    AskMint { ticket: usize, amount: i64 },
    AskRedeem { ticket: usize, shares: u64 },
    Execute { ticket: usize },
}

/// The result of a deed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Atoms paid out of the pool.
    pub paid: i64,
    /// Lots that an order filled at once.
    pub filled: i64,
    /// The notional of those lots at the makers' prices.
    pub quote: i64,
}

/// A step of the waterfall that closed a part of a loser's position.
#[derive(Clone, Copy, Debug)]
pub struct Closed {
    /// True for a forced fill, false for a purchase of the vault.
    pub forced: bool,
    pub loser: u32,
    /// The seat that took the other side; the vault's if the vault bought.
    pub winner: u32,
    /// The loser's side.
    pub side: Side,
    pub lots: i64,
    pub price: i64,
}

/// The contents of a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Stake {
    /// Free shares.
    pub shares: u64,
    /// Shares in a pending request to redeem.
    pub redeeming: u64,
    /// Cash in a pending request to mint.
    pub minting: i64,
    /// When the pending request matures; `None` if there is no request.
    pub matures: Option<i64>,
}
