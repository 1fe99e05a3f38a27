//! The rules of the exchange: what may happen, to whom, and at what price.
//!
//! Everything here reads the state and changes nothing. [`crate::ops`] carries out what a rule decides.

pub mod adl_ranking;
pub(crate) mod fees;
pub mod funding_rate;
pub(crate) mod makers;
pub mod margin;
pub mod param_changes;
pub mod phase;
pub mod price_filter;
pub mod share_price;
pub(crate) mod vault_limits;
