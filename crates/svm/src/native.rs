//! The program as a function of this process.
//!
//! A module of its own: `processor!` expands to code that names `Result` and must find the one
//! of the prelude.

use solana_program_test::{ProgramTest, processor};
use zerosum::entrypoint::process;

/// Registers the program with the runtime as one of its built-in programs.
pub(crate) fn deploy(genesis: &mut ProgramTest) {
    genesis.prefer_bpf(false);
    genesis.add_program("zerosum", zerosum::ID, processor!(process));
}
