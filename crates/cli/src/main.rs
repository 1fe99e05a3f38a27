//! The `zerosum` command line.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use zerosum_cli::demo;

#[derive(Parser)]
#[command(name = "zerosum", version, about = "An on-chain perpetual-futures exchange")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Watch a crash: the evening of 10 October 2025, played through the program on an embedded chain
    Demo(demo::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(options) => commands::demo(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
