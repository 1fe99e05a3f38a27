//! One module an instruction.

pub mod create_record;
pub mod smoke;

pub use create_record::*;
pub use smoke::*;
