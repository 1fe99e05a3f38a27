//! The tables of the document, as text.

use zerosum_engine::error::ErrorCode;

const DOCUMENT: &str = include_str!("../../../docs/ORACLE.md");

/// A table: its rows, the heading first, without the line below it.
pub type Table = Vec<Vec<String>>;

/// Every table of the document whose first cell is `corner`.
pub fn tables(corner: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut inside = false;
    for line in DOCUMENT.lines() {
        let cells = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
        let Some(cells) = cells else {
            inside = false;
            continue;
        };
        let cells: Vec<_> = cells.split('|').map(|cell| cell.trim().trim_matches('`').to_string()).collect();
        match tables.last_mut() {
            Some(table) if inside => table.push(cells),
            _ => tables.push(vec![cells]),
        }
        inside = true;
    }
    for table in &mut tables {
        table.remove(1);
        assert!(table.iter().all(|row| row.len() == table[0].len()), "{table:?}");
    }
    tables.into_iter().filter(|table| table[0][0] == corner).collect()
}

#[test]
fn every_refusal_in_the_document_is_an_error_of_the_exchange() {
    let refusals = tables("what is wrong").pop().expect("the table of refusals");
    assert!(refusals.len() > 10);
    for row in &refusals[1..] {
        for cell in row[1..].iter().filter(|cell| *cell != "-") {
            assert!(ErrorCode::ALL.iter().any(|code| code.name() == cell), "{cell}");
        }
    }
}
