//! Amounts in words a person reads.

use zerosum_engine::{
    layout::VAULT,
    units::{Atoms, Lots, Price},
};

use crate::demo::{
    market::{LOTS_PER_BTC, TOKEN, usd_of_price},
    price_path::BEGINS,
    traders::{Person, Role},
};

/// A whole number with its thousands apart.
pub fn thousands(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut words = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// Whole tokens, rounded to the nearest.
pub fn tokens(atoms: Atoms) -> String {
    let half = TOKEN / 2 * atoms.0.signum();
    thousands(((atoms.0 + half) / TOKEN) as i128)
}

/// Tokens to the last atom.
pub fn exact_tokens(atoms: i128) -> String {
    let sign = if atoms < 0 { "-" } else { "" };
    let (whole, part) = (atoms.abs() / TOKEN as i128, atoms.abs() % TOKEN as i128);
    format!("{sign}{}.{part:06}", thousands(whole))
}

/// Bitcoins with two places, without the sign.
pub fn btc(lots: Lots) -> String {
    let hundredths = (lots.abs().0 * 100 + LOTS_PER_BTC / 2) / LOTS_PER_BTC;
    format!("{}.{:02}", thousands((hundredths / 100) as i128), hundredths % 100)
}

/// Dollars a bitcoin.
pub fn usd(price: Price) -> String {
    thousands(usd_of_price(price) as i128)
}

/// Per cent with one place, from `part` of `whole`.
pub fn percent(part: i64, whole: i64) -> String {
    let tenths = part as i128 * 1_000 / whole.max(1) as i128;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{} %", tenths.abs() / 10, tenths.abs() % 10)
}

/// The time of that evening.
pub fn clock(time: i64) -> String {
    let second = 20 * 3_600 + 50 * 60 + time - BEGINS;
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// Who has a seat.
pub fn name(people: &[Person], seat: u32) -> String {
    let role = people.iter().find(|person| person.seat == seat).map(|person| person.role);
    let what = match role {
        _ if seat == VAULT => return "the vault".into(),
        Some(Role::Maker) => "maker",
        Some(Role::Whale) => "whale",
        Some(Role::Patient) => "bidder",
        Some(Role::Keeper) => "keeper",
        Some(Role::Trader) | None => "trader",
    };
    format!("{what} #{seat}")
}

/// A label and what there is to say about it, in lines that fit a terminal.
pub fn paragraph(label: &str, text: &str) -> Vec<String> {
    const WIDTH: usize = 88;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < WIDTH);
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(word.into()),
        }
    }
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    lines.into_iter().zip(labels).map(|(line, label)| format!("  {label:<18}{line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!(thousands(-1_234_567), "-1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(tokens(Atoms(1_999_500_000)), "2,000");
        assert_eq!(tokens(Atoms(-1_499_999)), "-1");
        assert_eq!(exact_tokens(-1_000_001), "-1.000001");
        assert_eq!(btc(Lots(-12_345)), "1.23");
        assert_eq!(percent(-15, 1_000), "-1.5 %");
        let lines = paragraph("Why", &"words ".repeat(20));
        assert!(lines.len() == 2 && lines[0].starts_with("  Why               words words"));
        assert_eq!(lines[1].find("words"), Some(20));
        assert_eq!(clock(BEGINS + 3_599), "21:49:59");
    }
}
