//! The results of plays, as tables in Markdown and as JSON. Money is in tokens.

use std::fmt::Write;

use super::day::{Played, Setting};
use super::ledger::Channel;
use super::moves::Tactic;
use super::world::{Party, TOKEN};

/// One row a seed: the colluders' gain in total and by channel.
pub fn table(plays: &[(Setting, Played)]) -> String {
    let channels = || Channel::ALL.into_iter().filter(|channel| channel.is_extra());
    let mut text = String::from("| seed | gain | without book |");
    channels().for_each(|channel| text += &format!(" {} |", channel.name()));
    text += " fees | price |\n|---|";
    text += &"---:|".repeat(channels().count() + 4);
    text.push('\n');
    let mut rows: Vec<(String, Vec<i64>)> = Vec::new();
    for (setting, played) in plays {
        let ledger = &played.ledger;
        let gain = ledger.extra(Party::Colluders);
        let mut row = vec![gain, gain - ledger.of(Channel::Book, Party::Colluders)];
        row.extend(channels().map(|channel| ledger.of(channel, Party::Colluders)));
        row.extend([ledger.fees, ledger.of(Channel::Price, Party::Colluders)]);
        rows.push((setting.seed.to_string(), row));
    }
    if rows.len() > 1 {
        let column = |at: usize| rows.iter().map(|(_, row)| row[at]).sum::<i64>() / rows.len() as i64;
        let mean = (0..rows[0].1.len()).map(column).collect();
        rows.push(("mean".to_string(), mean));
    }
    for (name, row) in rows {
        let _ = write!(text, "| {name} |");
        row.into_iter().for_each(|atoms| text += &format!(" {} |", tokens(atoms)));
        text.push('\n');
    }
    text
}

/// Every channel and every party of one play, and the tactics.
pub fn details(played: &Played) -> String {
    let mut text = String::from("| channel |");
    Party::ALL.iter().for_each(|party| text += &format!(" {} |", party.name()));
    text += "\n|---|";
    text += &"---:|".repeat(Party::ALL.len());
    text.push('\n');
    for channel in Channel::ALL {
        let _ = write!(text, "| {} |", channel.name());
        for party in Party::ALL {
            let _ = write!(text, " {} |", tokens(played.ledger.of(channel, party)));
        }
        text.push('\n');
    }
    text += "\n| tactic | used | expected gain |\n|---|---:|---:|\n";
    for tactic in Tactic::ALL {
        let (used, expected) = (played.used[tactic as usize], played.expected[tactic as usize]);
        let _ = writeln!(text, "| {} | {used} | {} |", tactic.name(), tokens(expected));
    }
    text
}

/// All figures of all plays, in atoms.
pub fn json(plays: &[(Setting, Played)]) -> serde_json::Value {
    let one = |(setting, played): &(Setting, Played)| {
        let row = |channel: Channel| {
            let parties = Party::ALL.into_iter().map(|party| (party.name(), played.ledger.of(channel, party)));
            (channel.name(), parties.collect::<std::collections::BTreeMap<_, _>>())
        };
        let tactic = |tactic: Tactic| {
            let (used, expected) = (played.used[tactic as usize], played.expected[tactic as usize]);
            (tactic.name(), serde_json::json!({ "used": used, "expected": expected }))
        };
        serde_json::json!({
            "seed": setting.seed,
            "seconds": setting.seconds,
            "delay": setting.delay,
            "blind": setting.blind,
            "deeds": played.ledger.deeds,
            "gain": played.ledger.extra(Party::Colluders),
            "fees": played.ledger.fees,
            "channels": Channel::ALL.into_iter().map(row).collect::<std::collections::BTreeMap<_, _>>(),
            "tactics": Tactic::ALL.into_iter().map(tactic).collect::<std::collections::BTreeMap<_, _>>(),
        })
    };
    plays.iter().map(one).collect()
}

/// Atoms in tokens, rounded to the nearest.
fn tokens(atoms: i64) -> String {
    let whole = (atoms + TOKEN / 2).div_euclid(TOKEN);
    let digits = whole.unsigned_abs().to_string();
    let mut text = if whole < 0 { "−".to_string() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
