//! Every state and every action of the document.

use zerosum_tests::{Event, Sent, pyth::Feed, refusal};

use super::{
    document::{Table, tables},
    states::Scene,
};

/// What must be seen of an action that went through, beyond that it did.
fn assert_done(action: &str, sent: &Sent) {
    let told = |is: fn(&Event) -> bool| sent.events.iter().any(is);
    let done = match action {
        "open" | "reduce" => told(|event| matches!(event, Event::Traded(traded) if traded.lots == 10)),
        "rest to open" | "rest to reduce" => !told(|event| matches!(event, Event::Traded(_))),
        "withdraw with" | "withdraw without" => told(|event| matches!(event, Event::Withdrawn(_))),
        "close a seat with" | "close a seat without" => told(|event| matches!(event, Event::SeatClosed(_))),
        "execute mint" => told(|event| match event {
            Event::VaultExecuted(executed) => !executed.lapsed && (executed.minted > 0 || executed.paid > 0),
            _ => false,
        }),
        "execute redeem" => {
            told(|event| matches!(event, Event::VaultExecuted(executed) if !executed.lapsed && executed.paid > 0))
        }
        "settle" => told(|event| matches!(event, Event::MarketSettled(_))),
        _ => true,
    };
    assert!(done, "{action}: {:?}", sent.events);
}

/// What the program says to an action in a state, as the document writes it.
fn answer(scene: &mut Scene, action: &str) -> String {
    let Some((instruction, signer)) = scene.action(action) else { return "-".into() };
    let signers: Vec<_> = signer.iter().collect();
    match scene.stage.attempt(&[instruction], &signers) {
        Ok((sent, _)) => {
            assert_done(action, &sent);
            "yes".into()
        }
        Err(failure) => refusal(&failure).code.name().into(),
    }
}

fn states(table: &Table) -> Vec<String> {
    table[1..].iter().map(|row| row[0].clone()).collect()
}

/// Compares every cell of the document with what the program does, on prices of one source.
fn compare(feed: Option<Feed>) {
    let tables = tables("state");
    assert_eq!(tables.len(), 4);
    let mut cells = 0;
    let mut wrong = Vec::new();
    for state in states(&tables[0]) {
        let mut scene = Scene::build(&state, feed);
        for table in &tables {
            assert_eq!(states(table), states(&tables[0]));
            let row = table.iter().find(|row| row[0] == state).unwrap();
            for (action, written) in table[0].iter().zip(row).skip(1) {
                let answered = answer(&mut scene, action);
                if answered != *written {
                    wrong.push(format!("{state}, {action}: the document says {written}, the program {answered}"));
                }
                cells += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(cells, 10 * 20);
}

#[test]
fn the_document_says_what_the_program_does_on_posted_prices() {
    compare(None);
}

#[test]
fn the_document_says_what_the_program_does_on_prices_of_pyth() {
    compare(Some(Feed::SOL));
}
