//! Chores of the workspace: `cargo xtask cu` measures compute units on bytecode, `cargo xtask play` plays days of trading
//! with colluders on the engine.

mod cu;
mod play;

use clap::Parser;

#[derive(Parser)]
#[command(name = "xtask", about = "Chores of the workspace")]
enum Task {
    /// Measures every case of the compute table on bytecode and writes docs/CU.md.
    Cu(cu::Options),
    /// Plays days of trading with two colluding seats on the engine, and prints their gain at the others' cost.
    Play(play::Options),
}

fn main() -> std::process::ExitCode {
    let done = match Task::parse() {
        Task::Cu(options) => cu::run(&options),
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
