//! The story on a terminal: a progress bar while it is set up, a line a price (and one for its second print if something
//! happened at it), and the account at the end.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use zerosum_engine::{
    state::receipt::Kind,
    units::{Atoms, Lots, Side},
    view::QueueLine,
};

use crate::demo::{
    Audience, Options, explain,
    ledger::Fills,
    report::Report,
    story::{Step, Story},
    traders::Role,
    words::{btc, clock, name, percent, tokens, usd},
};

const PLAIN: Style = Style::new();
const FAINT: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const FALLING: Style = AnsiColor::Red.on_default();
const RISING: Style = AnsiColor::Green.on_default();
const ABSORBED: Style = AnsiColor::Yellow.on_default();
const FORCED: Style = AnsiColor::Magenta.on_default().bold();

/// Tells the story on standard output, without colour where nobody would see it.
pub struct Narrator {
    out: AutoStream<std::io::Stdout>,
    progress: ProgressBar,
    last: Option<i64>,
}

impl Narrator {
    /// A narrator who has said nothing yet.
    pub fn new() -> Self {
        // Hidden where standard error is no terminal.
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let progress = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg:20} {bar:40} {pos}/{len}") {
            progress.set_style(style);
        }
        Self { out: anstream::stdout(), progress, last: None }
    }

    /// Whoever stopped listening misses the rest: a closed pipe is not a failure of the story.
    fn say(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.out, "{}", line.as_ref().trim_end());
    }

    fn heading(&mut self, text: &str) {
        self.say(format!("\n{BOLD}{text}{BOLD:#}"));
    }

    fn headline(&mut self, step: &Step) {
        if step.tick.note.is_empty() {
            return;
        }
        self.say(format!("{:9}{BOLD}{}{BOLD:#}", "", step.tick.note));
    }

    /// Who was deleveraged in a step, for whom and at what cost.
    fn forced(&mut self, step: &Step, story: &Story) {
        let mut winners: BTreeMap<u32, (u32, Lots, i64)> = BTreeMap::new();
        for receipt in &story.ledger.all()[step.receipts.clone()] {
            if Kind::from_byte(receipt.kind) == Kind::Forced {
                let (first, lots, taken) = winners.entry(receipt.winner).or_insert((u32::MAX, Lots::ZERO, 0));
                *first = (*first).min(receipt.number as u32);
                *lots = *lots + receipt.lots;
                *taken += receipt.taken.0;
            }
        }
        let mut winners: Vec<_> = winners.into_iter().collect();
        winners.sort_by_key(|(_, (first, ..))| *first);
        for (winner, (_, lots, taken)) in winners {
            let before = story.size_before(step, winner);
            self.say(format!(
                "{:9}{FORCED}deleveraged{FORCED:#} {}: {} of {} BTC {}, which cost it {} tokens",
                "",
                name(&story.people, winner),
                btc(lots),
                btc(before),
                side(before),
                tokens(Atoms(taken)),
            ));
        }
    }
}

impl Default for Narrator {
    fn default() -> Self {
        Self::new()
    }
}

impl Audience for Narrator {
    fn setting_up(&mut self, done: u64, total: u64, what: &'static str) {
        self.progress.set_length(total);
        self.progress.set_message(what);
        self.progress.set_position(done);
    }

    fn opens(&mut self, story: &mut Story, options: &Options) {
        self.progress.finish_and_clear();
        let count = |role: Role, side: Option<Side>| {
            let of = |person: &&crate::demo::traders::Person| person.role == role && person.lots.side() == side;
            story.people.iter().filter(of).count()
        };
        let (makers, bidders) = (count(Role::Maker, None), count(Role::Patient, None));
        let longs = [Role::Whale, Role::Trader].map(|role| count(role, Some(Side::Long)));
        let shorts = [Role::Whale, Role::Trader].map(|role| count(role, Some(Side::Short)));
        let (interest, cap, bids, asks) = story.chain.view(|exchange| {
            let head = &exchange.market.head;
            let [bids, asks] = [Side::Long, Side::Short].map(|side| exchange.book.side_len(side));
            (head.open_interest, Lots(head.params.vault_size_cap), bids, asks)
        });
        let pool = story.chain.pool_tokens();
        let build = format!("{:?}", options.build()).to_lowercase();
        self.say(format!(
            "{BOLD}zerosum{BOLD:#}  BTC-USD perpetual, evening of 10 October 2025 (UTC), seed {}, {build} program",
            options.seed
        ));
        self.say("");
        self.say(format!(
            "  {} traders: {} long and {} short, {} + {} of them whales; {makers} makers, {bidders} who bid far below",
            story.traders(),
            longs[0] + longs[1],
            shorts[0] + shorts[1],
            longs[0],
            shorts[0],
        ));
        self.say(format!(
            "  open interest {} BTC, {bids} bids and {asks} asks in the book, {} tokens in the pool",
            btc(interest),
            tokens(Atoms(pool as i64)),
        ));
        self.say(match options.vault {
            0 => "  the vault: empty but for the fees it earns, and it may hold nothing".to_string(),
            _ => format!(
                "  the vault: {} tokens, holds up to {} BTC, may lose {} % in an hour on the bankrupt",
                tokens(story.chain.vault_deposited()),
                btc(cap),
                options.loss_budget,
            ),
        });
        self.say(format!("  the queue of winners: {}", options.rank_rule.factors()));
        self.heading(
            "time       oracle   market     into the book     to the vault      deleveraged   vault worth   holds  next in line",
        );
    }

    fn step(&mut self, step: &Step, story: &Story) {
        // A second print at which nothing happens is not worth a line.
        if step.again && step.receipts.is_empty() {
            return;
        }
        self.headline(step);
        let price = step.tick.price.0;
        let colour = match self.last.replace(price) {
            Some(last) if price < last => FALLING,
            Some(last) if price > last => RISING,
            _ => PLAIN,
        };
        let place = |line: &QueueLine| format!("{} {}", name(&story.people, line.seat), btc(line.size));
        let next = step.queue.first().map(place).unwrap_or_default();
        self.say(format!(
            "{}  {}  {}  {}  {}  {}  {:>11}  {:>6}  {FAINT}{next}{FAINT:#}",
            clock(step.tick.time),
            paint(colour, format!("{:>8}", usd(step.tick.price))),
            paint(if step.pending.is_some() { FALLING } else { PLAIN }, format!("{:>7}", usd(step.accepted))),
            fills(PLAIN, &step.fills.book),
            fills(ABSORBED, &step.fills.vault),
            fills(FORCED, &step.fills.forced),
            tokens(step.vault_equity),
            btc(step.vault_size),
        ));
        if let Some(pending) = step.pending {
            let jump = percent((pending.0 - step.accepted.0).abs(), step.accepted.0);
            let rest = format!("{} is {jump} away, so nothing moves until a later print confirms it", usd(pending));
            self.say(format!("{:9}{FALLING}waits{FALLING:#} {rest}", ""));
        }
        if step.bankrupt > 0 && !step.again {
            self.say(format!("{:9}{FALLING}bankrupt{FALLING:#} at this price: {} seats", "", step.bankrupt));
        }
        if step.left_bankrupt > 0 {
            let rest = "the vault may buy them when a second print says the same, and force comes after the vault";
            self.say(format!("{:9}{FALLING}waiting{FALLING:#} {} of them: {rest}", "", step.left_bankrupt));
        }
        self.forced(step, story);
    }

    fn ends(&mut self, story: &mut Story, report: &Report, options: &Options) {
        self.heading("The account");
        for line in explain::account(story, report) {
            self.say(line);
        }
        let Some((title, lines)) = explain::whale(story, options) else {
            return self.heading("No whale was deleveraged.");
        };
        self.heading(&title);
        for line in lines {
            self.say(line);
        }
    }
}

fn paint(style: Style, text: String) -> String {
    format!("{style}{text}{style:#}")
}

/// "12 fills, 3.40 BTC" in a column; faint dots where there is nothing.
fn fills(style: Style, fills: &Fills) -> String {
    if fills.count == 0 {
        return paint(FAINT, format!("{:>15}", "·"));
    }
    paint(style, format!("{:>3} {:>7} BTC", fills.count, btc(fills.lots)))
}

fn side(lots: Lots) -> &'static str {
    if lots.0 < 0 { "short" } else { "long" }
}
