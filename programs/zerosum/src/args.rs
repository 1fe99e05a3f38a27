//! The arguments and answers of instructions: what the engine computes with, in the encoding of the interface.

use anchor_lang::prelude::*;
use zerosum_engine::{
    error::{Error as EngineError, ErrorCode},
    ops::orders::{Kind, OrderRequest},
    state::params::Params,
    units::{Lots, Price, Rate, Side},
    view,
};

use crate::error::OrFail;

/// Of the instruction's argument `found`: the nearest value that exists.
fn refuse<T>(most: u8, found: u8) -> Result<T> {
    Err(EngineError::with(ErrorCode::BadParameter, most.into(), found.into())).or_fail()
}

/// The side a byte names.
pub fn side(byte: u8) -> Result<Side> {
    match byte {
        0 => Ok(Side::Long),
        1 => Ok(Side::Short),
        other => refuse(1, other),
    }
}

fn kind(byte: u8) -> Result<Kind> {
    match byte {
        0 => Ok(Kind::Limit),
        1 => Ok(Kind::PostOnly),
        2 => Ok(Kind::ImmediateOrCancel),
        3 => Ok(Kind::FillOrKill),
        other => refuse(3, other),
    }
}

/// What a trader asks for.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderArgs {
    /// 0 buy, 1 sell.
    pub side: u8,
    /// The worst acceptable price, in atoms per lot.
    pub price: i64,
    /// How many lots.
    pub lots: i64,
    /// 0 limit, 1 post-only, 2 immediate-or-cancel, 3 fill-or-kill.
    pub kind: u8,
    /// Whether it may only reduce the position.
    pub reduce_only: bool,
    /// The trader's own number for it.
    pub client_id: u64,
    /// When it stops counting, in unix seconds; 0 for never.
    pub expires: i64,
    /// How many resting orders it may fill or cancel.
    pub max_matches: u8,
}

impl OrderArgs {
    /// The engine's request.
    pub fn request(&self) -> Result<OrderRequest> {
        Ok(OrderRequest {
            side: side(self.side)?,
            price: Price(self.price),
            lots: Lots(self.lots),
            kind: kind(self.kind)?,
            reduce_only: self.reduce_only,
            client_id: self.client_id,
            expires: self.expires,
            max_matches: self.max_matches.into(),
        })
    }
}

impl From<&OrderRequest> for OrderArgs {
    fn from(request: &OrderRequest) -> Self {
        Self {
            side: request.side as u8,
            price: request.price.0,
            lots: request.lots.0,
            kind: request.kind as u8,
            reduce_only: request.reduce_only,
            client_id: request.client_id,
            expires: request.expires,
            max_matches: request.max_matches.min(u8::MAX.into()) as u8,
        }
    }
}

macro_rules! params {
    (rates { $($(#[$rate_doc:meta])* $rate:ident)* } numbers { $($(#[$number_doc:meta])* $number:ident)* }) => {
        /// What a market is run by. Rates are millionths, times seconds, money atoms of the collateral.
        #[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
        pub struct MarketParams {
            $($(#[$rate_doc])* pub $rate: u32,)*
            $($(#[$number_doc])* pub $number: i64,)*
        }

        impl From<&MarketParams> for Params {
            #[inline(never)]
            fn from(params: &MarketParams) -> Self {
                Self { $($rate: Rate(params.$rate),)* $($number: params.$number,)* padding: 0, reserved: [0; 8] }
            }
        }

        impl From<&Params> for MarketParams {
            fn from(params: &Params) -> Self {
                Self { $($rate: params.$rate.0,)* $($number: params.$number,)* }
            }
        }
    };
}

params! {
    rates {
        /// Below this share of its notional in equity a seat is liquidated.
        maintenance
        /// What a liquidation brings a seat back to, between maintenance and initial.
        target
        /// What opening a position needs; withdrawing from one needs a jump of it more.
        initial
        /// What a taker pays of the notional.
        taker_fee
        /// What a maker pays of the notional.
        maker_fee
        /// The vault's part of trading fees.
        vault_fee_share
        /// How far from the oracle price a fill in the book may be, either way.
        band
        /// What the caller of `liquidate` earns of the notional closed.
        caller_share
        /// How far from the oracle price the vault buys or sells from a liquidated seat.
        vault_discount
        /// What the vault earns of any liquidated notional.
        vault_fee
        /// The least edge at which the vault takes a position without using its loss budget.
        vault_min_edge
        /// The share of its equity that the vault may spend in a window below the minimum edge.
        vault_loss_budget
        /// How far behind the oracle price the vault offers its inventory.
        vault_spread
        /// A print further than this from the accepted price waits for a second one. At most the initial margin.
        jump
        /// The caller's pay for a forced fill, of its notional.
        deleverage_pay
        /// The most that funding moves from one side to the other in a funding period.
        funding_cap
        /// The widest confidence interval of an oracle whose price is taken, of that price.
        confidence
    }
    numbers {
        /// The most pay for a forced fill, in atoms.
        deleverage_pay_cap
        /// The smallest order, in lots.
        min_order
        /// What a seat keeps while it is open, in atoms.
        min_collateral
        /// The largest position of the vault, in lots.
        vault_size_cap
        /// How long a print must stand before a second one may confirm a jump, in seconds.
        confirmation
        /// How old the accepted price may be, in seconds: at most 60.
        staleness
        /// How long an order that evicted another cannot be cancelled, in seconds, at most: less if a later price is accepted
        /// before.
        evict_lock
        /// How long a deposit made while holding a position stays out of the ranking, and how long a seat must not have been
        /// weakened before the vault overpays for its position, in seconds.
        seasoning
        /// The length of the vault's loss budget window, in seconds.
        budget_window
        /// How long a request to mint or redeem waits, in seconds.
        vault_cooldown
        /// What longs pay shorts in a funding period besides the premium, in millionths, signed.
        interest
        /// How long a premium takes to be paid in full, in seconds.
        funding_period
        /// The notional whose average price in the book is its impact price, in atoms.
        impact_notional
        /// How long an oracle may be silent before anyone may announce it dead, in seconds.
        oracle_silence
        /// How long after that announcement a print still proves the oracle alive, in seconds.
        oracle_grace
    }
}

/// Where the prices of a market come from, for good.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OracleArgs {
    /// 0 a posted price, 1 a feed of the Pyth network.
    pub kind: u8,
    /// The key that signs the posted price, or the id of the feed.
    pub source: Pubkey,
    /// A lot is 10 to this power of the asset's units: what a price of Pyth is converted by, and how sizes are shown.
    pub lot_exponent: i8,
    /// The shard of the push oracle that the account of the feed is of. It means nothing where the price is posted.
    pub shard: u16,
}

/// One line of a page of a queue.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLine {
    /// The seat's index.
    pub seat: u32,
    /// Its signed position, in lots.
    pub size: i64,
    /// Its ranking score; in the liquidation queue its bankruptcy price times 2^16, signed.
    pub score: u64,
}

impl From<view::QueueLine> for QueueLine {
    fn from(line: view::QueueLine) -> Self {
        Self { seat: line.seat, size: line.size.0, score: line.score }
    }
}

/// A place in the deleveraging queue: what a page goes on behind.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// The last line's seat.
    pub seat: u32,
    /// The last line's score.
    pub score: u64,
}

impl From<After> for view::QueueLine {
    fn from(after: After) -> Self {
        Self { seat: after.seat, score: after.score, ..Self::default() }
    }
}

/// A seat's place in the deleveraging queue of its side.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// From 1, the first to be deleveraged.
    pub rank: u32,
    /// Seats in the queue.
    pub of: u32,
    /// 5 in the first fifth of the queue, 1 in the last.
    pub lights: u8,
    /// The ranking score.
    pub score: u64,
    /// Lots that closing the head of the other side by force would take from this seat now.
    pub would_close: i64,
    /// Atoms that would cost it at most against the oracle price; below zero where it would gain. Exact for the first in
    /// the queue; the rounding of the fills before its own may leave another less.
    pub would_take: i64,
}

/// A seat, explained at the accepted price.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatView {
    /// Signed collateral, in atoms.
    pub cash: i64,
    /// Signed position, in lots.
    pub size: i64,
    /// What the seat is worth, in atoms.
    pub equity: i64,
    /// Unrealised profit, funding included, in atoms.
    pub profit: i64,
    /// Equity over notional in millionths; `None` when flat.
    pub margin_ratio: Option<i64>,
    /// The price nearest to now at which the seat would be below maintenance, in atoms per lot.
    pub liquidation_price: Option<i64>,
    /// The price at which the seat is worth nothing, in atoms per lot; `None` when flat.
    pub bankruptcy_price: Option<i64>,
    /// Its place in the queue; `None` when flat.
    pub queue: Option<QueuePlace>,
}

impl From<view::SeatView> for SeatView {
    fn from(seat: view::SeatView) -> Self {
        Self {
            cash: seat.cash.0,
            size: seat.size.0,
            equity: seat.equity.0,
            profit: seat.profit.0,
            margin_ratio: seat.margin_ratio,
            liquidation_price: seat.liquidation_price.map(|price| price.0),
            bankruptcy_price: seat.bankruptcy_price.map(|price| price.0),
            queue: seat.queue.map(|place| QueuePlace {
                rank: place.rank,
                of: place.of,
                lights: place.lights,
                score: place.score,
                would_close: place.would_close.0,
                would_take: place.would_take.0,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_the_encoding() {
        let params = Params::standard();
        let mut bytes = Vec::new();
        MarketParams::from(&params).serialize(&mut bytes).unwrap();
        let decoded = MarketParams::try_from_slice(&bytes).unwrap();
        assert_eq!(Params::from(&decoded), params);
    }

    #[test]
    fn sides_and_kinds_that_do_not_exist_are_refused() {
        assert!(side(2).is_err());
        assert!(kind(4).is_err());
        for byte in 0..4 {
            assert_eq!(kind(byte).unwrap() as u8, byte);
        }
    }
}
