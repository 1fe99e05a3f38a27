//! The bytes of the accounts, and the functions that keep them consistent.
//!
//! Each function here changes one thing together with what depends on it: a seat and its place in a queue ([`queues`]),
//! an order and the lists it is in ([`open_orders`]), cash and its counterpart ([`ledger`]). No rule of the exchange is
//! here.

pub mod book;
pub(crate) mod budget;
pub mod exchange;
pub mod header;
pub(crate) mod ledger;
pub mod market;
pub(crate) mod open_orders;
pub mod params;
pub mod position;
pub mod price;
pub(crate) mod queues;
pub mod receipt;
pub mod seat;
pub mod ticket;
