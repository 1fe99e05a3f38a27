//! Chores of the workspace: `cargo xtask cu` measures compute units on bytecode, `cargo xtask idl` writes the interface
//! description, `cargo xtask play` plays days of trading with colluders on the engine.

mod cu;
mod idl;
mod play;

use clap::Parser;

#[derive(Parser)]
#[command(name = "xtask", about = "Chores of the workspace")]
enum Task {
    /// Measures every case of the compute table on bytecode and writes docs/CU.md.
    Cu(cu::Options),
    /// Builds the interface description of the program and writes idl/zerosum.json.
    Idl(idl::Options),
    /// Plays days of trading with two colluding seats on the engine, and prints their gain at the others' cost.
    Play(play::Options),
}

fn main() -> std::process::ExitCode {
    let done = match Task::parse() {
        Task::Cu(options) => cu::run(&options),
        Task::Idl(options) => idl::run(&options),
        Task::Play(options) => play::run(&options),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            std::process::ExitCode::FAILURE
        }
    }
}
