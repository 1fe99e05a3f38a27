//! docs/CU.md: written and read back.

use std::{collections::BTreeMap, fmt::Write};

use super::{Figures, cases};

/// What one slot offers a writable account, in units.
const SLOT: u64 = 12_000_000;

/// The figures in a table: every row that begins with a code span and a number.
pub fn read(document: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split('|');
        let name = cells.next()?.trim().trim_end_matches('`').to_string();
        let units = cells.next()?.trim().replace(',', "").parse().ok()?;
        Some((name, units))
    };
    document.lines().filter_map(row).collect()
}

/// The table alone, with what changed.
pub fn render(figures: &Figures, before: &BTreeMap<String, u64>) -> String {
    let mut text = String::from("| case | units | target | change | what |\n|---|---:|---:|---:|---|\n");
    let sizes = [("program_bytes", figures.program_bytes)];
    for (name, units) in figures.cases.iter().map(|(name, units)| (*name, *units)).chain(sizes) {
        let change = match before.get(name) {
            Some(was) if *was == units => "=".to_string(),
            Some(was) => format!("{:+}", units as i64 - *was as i64),
            None => "new".to_string(),
        };
        let (target, what) = cases::about(name);
        let target =
            target.map_or(String::new(), |target| thousands(target) + if units > target { " (over)" } else { "" });
        let _ = writeln!(text, "| `{name}` | {} | {target} | {change} | {what} |", thousands(units));
    }
    text
}

/// The whole document.
pub fn document(figures: &Figures, before: &BTreeMap<String, u64>) -> String {
    let case = |name| figures.cases.get(name).copied().unwrap_or(u64::MAX).max(1);
    let mut text = String::from(
        "# Compute units\n\n\
        Measured by `cargo xtask cu` on sBPF v3 bytecode in an in-process SVM, with the SPL Token program that mainnet runs\n\
        (p-token 1.0.0). Units are those of the program alone, as the runtime's log tells them. They depend on the compiler:\n\
        these are of rustc 1.96 with LLVM 22, not of Solana's own toolchain, so compare them with each other. `change` is\n\
        against the table that was committed before; `cargo xtask cu --check` fails where a case costs over 2 % more,\n\
        and where one call of `liquidate` or `deleverage` costs more than its bound in a state that a stranger can bring\n\
        about. Other targets are goals: `(over)` marks those that are missed, and decision 28 says where the units go.\n\n\
        Markets hold 8,192 seats, all with positions, and 1,024 orders a side, unless the case says otherwise.\n\n",
    );
    text += &render(figures, before);
    let per_slot = |units: u64| thousands(SLOT / units);
    let _ = write!(
        text,
        "\n## What fits a slot\n\n\
        One writable account may take {} units of a slot, so one market can at most do, a slot:\n\n\
        | what | how many |\n|---|---:|\n\
        | taker orders that fill one maker | {} |\n\
        | further fills | {} |\n\
        | liquidations absorbed by the vault | {} |\n\
        | winners deleveraged, past the ranking pass | {} |\n",
        thousands(SLOT),
        per_slot(case("place_take_1")),
        per_slot(case("place_take_per_extra_fill")),
        per_slot(case("liquidate_vault")),
        per_slot(case("deleverage_per_extra_winner")),
    );
    text += OTHERS;
    text
}

/// Published programs, built with the same compiler and run in the same way in November 2026.
const OTHERS: &str = "\n## Beside others\n\n\
    Other exchanges on Solana, compiled with the same compiler and measured in the same way in November 2026: LiteSVM 0.16,\n\
    p-token, units of the top-level call. Spot books compute no margin, no funding and no oracle price. Commits: Manifest\n\
    (Bonasa-Tech) bad2e6b, phoenix-v1 dac82fe, percolator-prog 36fa587 (slab) and c1387fc (v16). A Percolator slab holds\n\
    4,096 accounts, Phoenix 8,321 seats, and Manifest grows in blocks.\n\n\
    | what | Manifest 3.1.0 (spot) | Phoenix v1 (spot) | Percolator v12.20 slab (isolated perps) | Percolator v16 (cross perps) |\n\
    |---|---:|---:|---:|---:|\n\
    | deposit | 4,016 to 4,352 | 13,494 to 14,040 | 10,966 to 12,064 | 31,409 to 40,679 |\n\
    | withdraw | 4,334 to 4,670 | 10,707 to 10,893 | 54,956 | 32,048 to 35,176, none with a position |\n\
    | rest at the top of 1,024 | 3,696 | 12,625 | no book | no book |\n\
    | cancel one by id | 2,499 to 2,674; 237,631 without a hint | 7,802 to 8,083 | | |\n\
    | take one maker whole | 3,903 | 12,259 | 69,836 (bilateral) | 89,542 (bilateral) |\n\
    | each further maker | 1,627 | 1,260 | | |\n\
    | take 64 makers | 106,764 | 97,515 | | |\n\
    | liquidate one | | | 23,000 to 26,000 | 62,785 + 168,534 |\n\
    | idle crank | | | 56,055 to 363,155 | 25,599 |\n\
    | deleverage | | | pro rata, no queue | pro rata, no queue |\n\
    | program bytes | 425,288 | 1,330,328 | 482,136 | 1,010,856 |\n";

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
