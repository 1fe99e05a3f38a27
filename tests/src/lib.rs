//! What the tests share: a market on a chain of its own, and people who trade in it.
//!
//! A test gets a [`Stage`], lets [`Trader`]s act on it, and looks at the [`MarketSnapshot`] it left. After every
//! transaction, failed or not, the stage checks everything that must always hold.
//!
//! ```no_run
//! use zerosum_tests::{Stage, buy, sell};
//!
//! let mut stage = Stage::new();
//! let (alice, bob) = (stage.trader(100_000_000), stage.trader(100_000_000));
//! stage.place(&alice, sell(500, 100_000)).unwrap();
//! stage.place(&bob, buy(500, 100_000)).unwrap();
//! assert_eq!(stage.seat(&bob).position.size.0, 500);
//! ```

mod checks;
pub mod documents;
mod orders;
pub mod pyth;
mod refusal;
pub mod scene;
mod stage;
pub mod tampering;

pub use orders::{buy, order, sell};
pub use refusal::{Refusal, refusal};
pub use stage::{GRACE, SILENCE, Sent, Setup, Stage, Trader, plain};
pub use zerosum_client::{Addresses, MarketSnapshot, events::Event};
pub use zerosum_engine as engine;
pub use zerosum_svm as svm;
