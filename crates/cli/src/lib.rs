//! What the `zerosum` command line does, for its binary and for tests.

pub mod demo;
