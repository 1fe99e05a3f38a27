//! Where prices come from.

/// The source of a market's prices, fixed when it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OracleKind {
    /// An account of the market that a named key writes to.
    Posted = 0,
    /// A feed of the Pyth network.
    Pyth = 1,
}

impl OracleKind {
    /// The kind a stored byte means.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Posted),
            1 => Some(Self::Pyth),
            _ => None,
        }
    }
}
