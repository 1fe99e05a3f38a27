//! Orders in few words.

use zerosum_engine::{
    layout::MAX_MATCHES,
    ops::orders::{Kind, OrderRequest},
    units::{Lots, Price, Side},
};

/// A limit order to buy. Another kind is `OrderRequest { kind: Kind::PostOnly, ..buy(5, 100_000) }`.
pub fn buy(lots: i64, price: i64) -> OrderRequest {
    order(Side::Long, lots, price)
}

/// A limit order to sell.
pub fn sell(lots: i64, price: i64) -> OrderRequest {
    order(Side::Short, lots, price)
}

/// A limit order.
pub fn order(side: Side, lots: i64, price: i64) -> OrderRequest {
    OrderRequest {
        side,
        price: Price(price),
        lots: Lots(lots),
        kind: Kind::Limit,
        reduce_only: false,
        client_id: 0,
        expires: 0,
        max_matches: MAX_MATCHES,
    }
}
