//! Days of play on the engine: two colluding seats against honest traders, and the colluders' gain at the others' cost.

mod colluders;
mod day;
mod deeds;
mod honest;
mod ledger;
mod moves;
mod report;
mod tactics;
mod venue;
mod walk;
mod world;

use day::{Setting, play};

#[derive(clap::Args)]
pub struct Options {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds are played, one after the other.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The length of each play in days.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=365))]
    days: i64,
    /// The age in seconds at which the fastest honest pusher brings a print.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i64).range(0..=60))]
    delay: i64,
    /// The colluders cannot tell a wick from a lasting move, and everything is valued at the newest print.
    #[arg(long)]
    blind: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> Result<(), String> {
    let seeds = options.seed..options.seed.saturating_add(options.seeds);
    let Options { days, delay, blind, .. } = *options;
    let settings = seeds.map(|seed| Setting { seed, seconds: days * 86_400, delay, blind });
    let plays: Vec<_> = settings.map(|setting| (setting, play(&setting))).collect();
    if options.json {
        println!("{:#}", report::json(&plays));
        return Ok(());
    }
    if let [(_, played)] = plays.as_slice() {
        println!("{}", report::details(played));
    }
    print!("{}", report::table(&plays));
    Ok(())
}
