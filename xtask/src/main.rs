//! Chores of the workspace: `cargo xtask cu` measures compute units on bytecode.

mod cu;

use clap::Parser;

#[derive(Parser)]
#[command(name = "xtask", about = "Chores of the workspace")]
enum Task {
    /// Measures every case of the compute table on bytecode and writes docs/CU.md.
    Cu(cu::Options),
}

fn main() -> std::process::ExitCode {
    let Task::Cu(options) = Task::parse();
    match cu::run(&options) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            std::process::ExitCode::FAILURE
        }
    }
}
