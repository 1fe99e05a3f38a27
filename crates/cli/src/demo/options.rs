//! What can be chosen about the story.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use zerosum_engine::state::header::RankRule;
use zerosum_svm::Build;

/// The most tokens whose shares a vault can count.
const MOST_VAULT: u64 = 9_000_000_000;

/// The crash of 10 October 2025 on an embedded chain.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Throws the dice: the same seed tells the same story to the last byte
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// How many traders, makers and whales included
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(200..=2_000))]
    pub seats: u32,

    /// Tokens in the vault; it may hold three times their worth, and with 0 there is no vault
    #[arg(long, value_name = "TOKENS", default_value_t = 1_000_000,
        value_parser = clap::value_parser!(u64).range(..=MOST_VAULT))]
    pub vault: u64,

    /// How much of itself the vault may lose in an hour on seats that are bankrupt, in per cent
    #[arg(long, value_name = "PERCENT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(..=100))]
    pub loss_budget: u32,

    /// What the queue of winners is ordered by
    #[arg(long, value_enum, default_value_t = Ranking::ProfitLeverageSize)]
    pub rank_rule: Ranking,

    /// How the program runs: as bytecode or compiled into this process [default: bytecode where it has been built]
    #[arg(long, value_enum, env = "ZEROSUM_BUILD")]
    pub build: Option<Run>,

    /// Also write what happened to this file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Print nothing
    #[arg(long, short)]
    pub quiet: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            seats: 200,
            vault: 1_000_000,
            loss_budget: 1,
            rank_rule: Ranking::ProfitLeverageSize,
            build: None,
            json: None,
            quiet: true,
        }
    }
}

impl Options {
    /// How the program will run.
    pub fn build(&self) -> Build {
        match self.build {
            Some(Run::Native) => Build::Native,
            Some(Run::Bytecode) => Build::Bytecode,
            None => Build::available(),
        }
    }
}

/// A ranking rule, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ranking {
    /// Profit, leverage and size: the biggest, most profitable, most leveraged go first
    ProfitLeverageSize,
    /// Profit and leverage: splitting a position changes nothing
    ProfitLeverage,
}

impl Ranking {
    /// The engine's rule.
    pub const fn rule(self) -> RankRule {
        match self {
            Self::ProfitLeverageSize => RankRule::ProfitLeverageSize,
            Self::ProfitLeverage => RankRule::ProfitLeverage,
        }
    }

    /// The factors, in words.
    pub const fn factors(self) -> &'static str {
        match self {
            Self::ProfitLeverageSize => "profit x leverage x size",
            Self::ProfitLeverage => "profit x leverage",
        }
    }
}

/// A way to run the program, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Run {
    /// Compiled into this process
    Native,
    /// The bytecode in target/deploy
    Bytecode,
}
