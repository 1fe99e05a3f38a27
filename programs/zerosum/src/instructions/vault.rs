//! Shares in the vault.

pub mod close_ticket;
pub mod execute_request;
pub mod request_mint;
pub mod request_redeem;

pub use close_ticket::*;
pub use execute_request::*;
pub use request_mint::*;
pub use request_redeem::*;
