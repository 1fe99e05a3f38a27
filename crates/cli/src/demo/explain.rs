//! The end of the story in words: where the money is, and why one whale was deleveraged.

use zerosum_engine::{
    state::receipt::Receipt,
    units::{Atoms, Lots},
};

use crate::demo::{
    Options,
    report::Report,
    story::{Step, Story},
    traders::{self, Role},
    words::{btc, clock, exact_tokens, name, paragraph, percent, thousands, tokens, usd},
};

/// Where every token is.
pub fn account(story: &mut Story, report: &Report) -> Vec<String> {
    let (seats, waiting) = story.chain.view(|exchange| {
        let head = &exchange.market.head;
        let records = &exchange.market.seats[..head.seat_count as usize];
        let seats: i128 = records.iter().map(|seat| seat.position.cash.0 as i128).sum();
        (seats, head.pending_mints.0 as i128)
    });
    let fees = report.sum_cash - seats - waiting;
    let mut lines = vec![
        line("tokens in the pool", exact_tokens(report.tokens.into()), ""),
        line(
            "sum of all claims",
            exact_tokens(report.sum_cash),
            &format!("seats {} + fees {}", exact_tokens(seats), exact_tokens(fees)),
        ),
        line(
            "sizes sum to",
            report.sum_size.to_string(),
            &format!("{} BTC long, as much short", btc(Lots(report.open_interest))),
        ),
        line("left bankrupt", report.bankrupt_left.to_string(), ""),
        String::new(),
        line("into the book", thousands(report.fills.book.into()), "liquidations that bids and asks took"),
        line("to the vault", thousands(report.fills.vault.into()), "at a discount, or out of its loss budget"),
        line(
            "deleveraged",
            thousands(report.fills.adl.into()),
            &format!("forced fills, {} BTC", btc(Lots(report.deleveraged_lots as i64))),
        ),
        line("winners gave up", exact_tokens(report.taken.into()), "against the oracle price"),
        line("losers needed", exact_tokens(report.needed.into()), &excess(report)),
        String::new(),
    ];
    lines.extend(vault(story, report));
    lines.push(keepers(story));
    lines.push(line(
        "checked",
        thousands(story.chain.transactions().into()),
        "transactions, with all invariants after every one",
    ));
    lines
}

fn excess(report: &Report) -> String {
    let atoms = report.taken - report.needed;
    format!(
        "{} atoms of rounding for {} lots, less than one a lot",
        thousands(atoms.into()),
        thousands(report.deleveraged_lots.into())
    )
}

fn vault(story: &Story, report: &Report) -> Vec<String> {
    let Some(low) = story.steps.iter().min_by_key(|step| step.vault_equity) else { return Vec::new() };
    let (equity, deposited) = (Atoms(report.vault.equity), Atoms(report.vault.deposited));
    let since = |worth: Atoms| {
        let change = equity.0 - worth.0;
        format!("{}{}", if change < 0 { "" } else { "+" }, tokens(Atoms(change)))
    };
    vec![
        line("vault deposited", tokens(deposited), ""),
        line(
            "vault at its low",
            tokens(low.vault_equity),
            &format!("at {}, holding {} BTC", clock(low.tick.time), btc(low.vault_size)),
        ),
        line(
            "vault at the end",
            tokens(equity),
            &format!("{} on the rebound, {} since the deposit", since(low.vault_equity), since(deposited)),
        ),
    ]
}

fn keepers(story: &mut Story) -> String {
    let keepers = story.people.iter().filter(|person| person.role == Role::Keeper);
    let (mut earned, mut count) = (0, 0);
    for keeper in keepers {
        let cash = story.chain.view(|exchange| exchange.market.seats[keeper.seat as usize].position.cash.0);
        earned += cash - keeper.deposit.0;
        count += 1;
    }
    line(
        "keepers earned",
        tokens(Atoms(earned)),
        &format!("{count} of them, for {} cranks", thousands(story.chain.cranks().into())),
    )
}

fn line(what: &str, amount: String, note: &str) -> String {
    format!("  {what:<18}{amount:>20}   {note}")
}

/// The receipt of the whale that was deleveraged most, in plain words.
pub fn whale(story: &mut Story, options: &Options) -> Option<(String, Vec<String>)> {
    let is_whale = |seat: u32| story.people.iter().any(|person| person.seat == seat && person.role == Role::Whale);
    let receipt =
        *story.ledger.forced().filter(|receipt| is_whale(receipt.winner)).max_by_key(|receipt| receipt.lots)?;
    let holds = |step: &&Step| step.tick.time == receipt.time;
    let step = story.steps.iter().find(holds)?;
    let (winner, loser) = (name(&story.people, receipt.winner), name(&story.people, receipt.loser));
    let (had, owed) = (story.size_before(step, receipt.winner), story.size_before(step, receipt.loser));
    let title = format!("Receipt {}: why {winner} was deleveraged at {}", receipt.number, clock(receipt.time));
    let vault = match options.vault {
        0 => "and there is no vault.",
        _ => "and the vault had used up its loss budget, its size cap or its margin.",
    };
    let waited = match step.again && options.vault > 0 {
        true => {
            " It was so since the first print of this price. Force had to wait for the second, at which the vault buys."
        }
        false => "",
    };
    let gap = (receipt.price.0 - receipt.oracle_price.0).abs();
    let lines = [
        paragraph(
            "Who was bankrupt",
            &format!(
                "{loser}, {} {} BTC. Its cash lasted to a price of {}, and the market was at {}. The book had no order \
                 left within that price, {vault}{waited}",
                if had.0 < 0 { "long" } else { "short" },
                btc(owed),
                usd(receipt.price),
                usd(receipt.oracle_price),
            ),
        ),
        paragraph(&format!("Why {winner}"), &why(story, options, &receipt, had)),
        paragraph(
            "At what price",
            &format!(
                "{} instead of {}, {} worse for it: where the loser is worth nothing.",
                usd(receipt.price),
                usd(receipt.oracle_price),
                percent(gap, receipt.oracle_price.0),
            ),
        ),
        paragraph(
            "What it cost",
            &format!(
                "{} tokens against the oracle price for {} BTC; {} of that were needed to cover the loser.",
                exact_tokens(receipt.taken.0.into()),
                btc(receipt.lots),
                exact_tokens(receipt.needed.0.into()),
            ),
        ),
        paragraph("What it kept", &kept(story, &receipt, had)),
    ];
    Some((title, lines.concat()))
}

fn why(story: &Story, options: &Options, receipt: &Receipt, had: Lots) -> String {
    let side = if had.0 < 0 { "shorts" } else { "longs" };
    let place = match receipt.rank {
        1 => "first".to_string(),
        rank => format!("number {rank}"),
    };
    // While it is used up its size shrinks and its score with it: what counts is the score its turn came with.
    let same_turn = |other: &&Receipt| other.winner == receipt.winner && other.time == receipt.time;
    let first = story.ledger.forced().find(same_turn).unwrap_or(receipt);
    let stays = match story.ledger.forced().filter(same_turn).count() {
        1 => String::new(),
        fills => format!(" It stayed first until it was used up: this is the largest of {fills} fills."),
    };
    format!(
        "It was {place} of the {side} by {}, with {} BTC. Its score was {}, the next one's {}.{stays}",
        options.rank_rule.factors(),
        btc(had),
        score(first.score),
        score(first.next_score),
    )
}

/// The number that a score in profit stands for, profit over ranking equity times the factor of the seat: its code is a
/// lead of 30 bits and a power of 2^15 (see `zerosum_engine::ranking`).
fn score(score: u64) -> String {
    match score.checked_sub(1 << 63) {
        Some(code) => {
            let lead = (code % (1 << 30)) as f64;
            let number = lead * 2f64.powi(15 * ((code >> 30) as i32 - 16));
            let digits = (5 - number.abs().max(1e-12).log10().floor() as i32).clamp(0, 12) as usize;
            format!("{number:.digits$}")
        }
        None => "that of a seat not in profit".to_string(),
    }
}

fn kept(story: &mut Story, receipt: &Receipt, had: Lots) -> String {
    let seat = receipt.winner;
    let Some(person) = story.people.iter().find(|person| person.seat == seat) else { return String::new() };
    let (deposit, entry) = (person.deposit, traders::entry_price(person));
    let won = (receipt.price.0 - entry.0) * had.0.signum() * receipt.lots.0;
    let (equity, size) = story.chain.view(|exchange| {
        let market = &exchange.market;
        let position = market.seats[seat as usize].position;
        (position.equity(market.adjusted_price()).unwrap_or_default(), position.size)
    });
    let now = match story.paid_out(seat) {
        Some(paid) => format!("has withdrawn {}, out of the same pool", exact_tokens(paid.0.into())),
        None => format!("is worth {} now, with {} BTC left", tokens(equity), btc(size)),
    };
    format!(
        "It had entered at {}, so these lots still won it {} tokens. It put in {} and {now}.",
        usd(entry),
        tokens(Atoms(won)),
        tokens(deposit),
    )
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn a_score_is_shown_as_the_number_it_stands_for() {
        // The first of the published vectors: profit 10 m over equity 20 m, times 1,000^2 lots over an entry of 100 m.
        assert_eq!(score(9_223_372_051_892_530_053), "0.00500000");
        assert_eq!(score(9_223_372_050_989_341_380), "0.00000500000");
    }
}
