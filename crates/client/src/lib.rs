//! Instructions, addresses and account decoding for everything that talks to the exchange.
//!
//! Nothing here does I/O: [`Addresses`] knows every account of a market and builds every instruction, [`MarketSnapshot`]
//! turns fetched bytes into the engine's own view of them, [`events`] and [`answers`] read what a transaction left, and
//! [`failure`] what it failed with.
//!
//! ```
//! use zerosum_client::{Addresses, Pubkey, TOKEN};
//!
//! let (creator, mint) = (Pubkey::new_unique(), Pubkey::new_unique());
//! let market = Addresses::new(&creator, 1, &mint, &TOKEN);
//! let from = market.associated_token(&creator);
//! let instruction = market.deposit(&creator, 5, &from, 1_000_000);
//! assert_eq!(instruction.program_id, zerosum_client::ID);
//! ```

mod addresses;
pub mod answers;
pub mod events;
pub mod failure;
mod instructions;
mod snapshot;

pub use addresses::{
    ASSOCIATED_TOKEN, Addresses, PUSH_ORACLE, SECOND_PUSH_ORACLE, SYSTEM, TOKEN, TOKEN_2022, feed_account,
};
pub use instructions::{Powers, Prices};
pub use snapshot::{DecodeError, MarketSnapshot, decode_feed, decode_ticket};
pub use solana_instruction::Instruction;
pub use solana_pubkey::Pubkey;
pub use zerosum::ID;
pub use zerosum_engine as engine;
