//! A crash anyone can watch: the story of one evening, played through the real program on an embedded chain.

pub mod chain;
mod crowd;
mod explain;
pub mod keeper;
pub mod ledger;
mod market;
pub mod narrate;
pub mod options;
mod price_path;
mod random;
pub mod report;
pub mod story;
mod traders;
mod words;

use std::fmt;

pub use options::Options;
use report::Report;
use story::{Step, Story};

/// Why the story could not be told to its end.
#[derive(Debug)]
pub struct Failed(String);

impl Failed {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Who watches.
pub trait Audience {
    /// The market is being set up.
    fn setting_up(&mut self, _done: u64, _total: u64, _what: &'static str) {}
    /// It is set up, and the first print is about to come.
    fn opens(&mut self, _story: &mut Story, _options: &Options) {}
    /// A print and all it led to.
    fn step(&mut self, _step: &Step, _story: &Story) {}
    /// It is over.
    fn ends(&mut self, _story: &mut Story, _report: &Report, _options: &Options) {}
}

/// Nobody watches.
pub struct Nobody;

impl Audience for Nobody {}

/// How the story ended.
pub struct Outcome {
    /// In numbers.
    pub report: Report,
    /// The bytes of the market account.
    pub market: Vec<u8>,
    /// The bytes of the book account.
    pub book: Vec<u8>,
}

/// Plays the story to its end.
pub fn run(options: &Options) -> Result<Outcome, Failed> {
    perform(options, &mut Nobody)
}

/// Plays the story to its end before an audience.
pub fn perform(options: &Options, audience: &mut dyn Audience) -> Result<Outcome, Failed> {
    let mut story = Story::set_up(options, audience)?;
    audience.opens(&mut story, options);
    story.play(options, audience)?;
    let report = Report::of(&mut story)?;
    audience.ends(&mut story, &report, options);
    let (market, book) = story.chain.into_bytes()?;
    Ok(Outcome { report, market, book })
}
