//! One module an instruction, grouped by who calls it.

pub mod admin;
pub mod keeper;
pub mod trader;
pub mod vault;
pub mod view;

pub use admin::*;
pub use keeper::*;
pub use trader::*;
pub use vault::*;
pub use view::*;
