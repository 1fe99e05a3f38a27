//! Shares in the vault.

pub mod execute_request;
pub mod request_mint;
pub mod request_redeem;

pub use execute_request::*;
pub use request_mint::*;
pub use request_redeem::*;
