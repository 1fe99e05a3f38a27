//! The `zerosum` command line.

use clap::{Parser, Subcommand};
use zerosum_svm::{Build, Svm};

#[derive(Parser)]
#[command(name = "zerosum", about = "An on-chain perpetual-futures exchange")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the exchange in an embedded validator.
    Demo,
}

fn main() {
    match Cli::parse().command {
        Command::Demo => {
            let mut svm = Svm::start(Build::available());
            println!("the embedded chain is at {}", svm.now());
        }
    }
}
