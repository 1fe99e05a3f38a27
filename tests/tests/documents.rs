//! The documents name the tests that hold what they say. A test that is not there is an error here, and so are a rule of
//! `docs/MECHANISM.md` or a line of `docs/POWERS.md` without one, and a power of the authority that is not mentioned.

use std::{fs, path::PathBuf};

use zerosum_tests::documents::{has_test, is_test, names, read, root, spans};

/// The sections of the document: everybody who could mean harm.
const VILLAINS: [&str; 5] =
    ["The authority", "The price", "A keeper", "The creator of a market", "A trader with two seats"];

fn document() -> String {
    read(&root().join("docs/POWERS.md"))
}

/// A line of the document, however many lines of text it takes.
struct Line<'a> {
    section: &'a str,
    text: String,
}

fn lines(document: &str) -> Vec<Line<'_>> {
    let mut section = "";
    let mut lines: Vec<Line> = Vec::new();
    let mut inside = false;
    for text in document.lines() {
        if let Some(title) = text.strip_prefix("## ") {
            section = title;
        }
        if text.starts_with("- ") {
            lines.push(Line { section, text: text.to_string() });
            inside = true;
        } else if inside && text.starts_with("  ") {
            let line = lines.last_mut().expect("it goes on with a line");
            line.text.push('\n');
            line.text.push_str(text);
        } else {
            inside = false;
        }
    }
    lines
}

/// The accounts of the instructions that an authority signs, or that act on what it left.
const OF_AUTHORITY: [&str; 5] = ["Power", "AcceptAuthority", "ChangeParams", "ApplyParams", "TakeFees"];

/// The instructions in the program's `lib.rs` that are an authority's by their accounts.
fn powers(source: &str) -> Vec<&str> {
    let functions = source.lines().filter_map(|line| line.trim().strip_prefix("pub fn ")?.split_once('('));
    let is_power = |arguments: &str| OF_AUTHORITY.iter().any(|of| arguments.contains(&format!("Context<{of}>")));
    functions.filter(|(_, arguments)| is_power(arguments)).map(|(name, _)| name).collect()
}

/// The structs of accounts in a source that have a field called `authority`.
fn signed_by_authority(source: &str) -> Vec<&str> {
    let structs = source.split("#[derive(Accounts)]").skip(1).filter_map(|text| text.split_once("pub struct "));
    let bodies = structs.filter_map(|(_, text)| Some((text.split_once('<')?.0, text.split_once("\n}")?.0)));
    bodies.filter(|(_, body)| body.contains("pub authority: Signer")).map(|(name, _)| name).collect()
}

/// The documents of the engine's rules.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("docs/MECHANISM.md")];
    let decisions = fs::read_dir(root().join("docs/decisions")).unwrap();
    found.extend(
        decisions.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "md")),
    );
    found
}

#[test]
fn every_test_that_the_documents_name_exists() {
    let missing: Vec<String> = documents()
        .iter()
        .flat_map(|file| {
            let text = read(file);
            let gone = names(&text).into_iter().filter(|name| !is_test(name));
            gone.map(|name| format!("{}: {name}", file.display())).collect::<Vec<_>>()
        })
        .collect();
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
}

#[test]
fn every_rule_of_the_mechanism_names_a_test() {
    let text = read(&root().join("docs/MECHANISM.md"));
    let mut rules: Vec<(&str, usize)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let rule = line.strip_prefix("- **").and_then(|rest| rest.split_once("**")).map(|(number, _)| number);
        if let Some(number) = rule.filter(|number| number.split('.').all(|part| part.parse::<u8>().is_ok())) {
            rules.push((number, 0));
            inside = true;
        } else if !line.starts_with(' ') {
            inside = false;
        }
        if let Some((_, count)) = rules.last_mut().filter(|_| inside) {
            // A name is never broken over two lines.
            *count += names(line).len();
        }
    }
    assert!(rules.len() > 50, "the rules are found by their form: {}", rules.len());
    let bare: Vec<&str> = rules.iter().filter(|(_, count)| *count == 0).map(|(number, _)| *number).collect();
    assert!(bare.is_empty(), "rules without a test: {bare:?}");
    let mut numbers: Vec<&str> = rules.iter().map(|(number, _)| *number).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), rules.len(), "each rule has a number of its own");
}

#[test]
fn every_line_says_can_or_cannot_and_names_a_test_that_exists() {
    let document = document();
    let lines = lines(&document);
    assert!(lines.len() > 60, "the lines are found by their form: {}", lines.len());
    for line in &lines {
        let text = &line.text;
        assert!(text.starts_with("- **Can**") || text.starts_with("- **Cannot**"), "neither can nor cannot: {text}");
        assert!(!names(text).is_empty(), "no test shows this: {text}");
        let missing: Vec<_> = names(text).into_iter().filter(|name| !is_test(name)).collect();
        assert!(missing.is_empty(), "no such tests: {missing:?} in {text}");
    }
    let named: usize = lines.iter().map(|line| names(&line.text).len()).sum();
    assert_eq!(named, names(&document).len(), "every name stands in a line");
    assert_eq!(document.lines().filter(|line| line.trim_start().starts_with("- ")).count(), lines.len());
}

#[test]
fn everybody_who_could_mean_harm_has_a_section_of_both() {
    let document = document();
    let lines = lines(&document);
    for villain in VILLAINS {
        for word in ["- **Can**", "- **Cannot**"] {
            let count = lines.iter().filter(|line| line.section == villain && line.text.starts_with(word)).count();
            assert!(count >= 4, "{villain}: {count} of {word}");
        }
    }
    assert!(lines.iter().all(|line| VILLAINS.contains(&line.section)));
}

#[test]
fn every_power_of_the_authority_is_mentioned() {
    let source = read(&root().join("programs/zerosum/src/lib.rs"));
    let powers = powers(&source);
    for known in ["pause_opening", "change_params", "apply_params", "accept_authority", "delist", "take_fees"] {
        assert!(powers.contains(&known), "the powers are found by their form: {powers:?}");
    }
    for file in fs::read_dir(root().join("programs/zerosum/src/instructions/admin")).expect("it is there") {
        let source = read(&file.expect("it is there").path());
        let unknown: Vec<_> =
            signed_by_authority(&source).into_iter().filter(|of| !OF_AUTHORITY.contains(of)).collect();
        assert!(unknown.is_empty(), "an authority signs these too: {unknown:?}");
    }
    let document = document();
    let lines = lines(&document);
    for power in powers {
        let mentioned = |line: &Line| line.section == VILLAINS[0] && spans(&line.text).contains(&power);
        assert!(lines.iter().any(mentioned), "no line of the authority mentions `{power}`");
    }
}

#[test]
fn the_check_knows_a_test_from_what_is_none() {
    assert!(is_test("powers::params::lower_fees_are_in_force_at_once"), "of this crate");
    assert!(is_test("powers::only_opening_can_be_paused"), "of the engine");
    assert!(is_test("proof::force_completes_and_never_bankrupts_a_winner"), "of a proptest");
    assert!(is_test("tokens::tests::metadata_and_groups_are_harmless"), "beside the program's code");
    assert!(is_test("price_filter::tests::a_crash_is_followed_step_by_step"), "beside the engine's code");
    assert!(!is_test("price_filter::tests::follow"), "a helper");
    assert!(!is_test("trading::tests::price_comes_first_and_then_time"), "nothing stands beside a test");
    assert!(!is_test("powers::params::lower_fees"), "half a name");
    assert!(!is_test("powers::params::change"), "a helper");
    assert!(!is_test("powers::fees::lower_fees_are_in_force_at_once"), "the wrong module");
    assert!(!has_test("#[test]\n#[ignore]\nfn slow() {}", "slow"), "one that is not run");
    assert_eq!(names("`a::b_1`, `Params::standard`, `x`, c::d"), ["a::b_1"]);
    let program =
        "/// Does.\npub fn does(ctx: Context<Power>, x: u8) {}\n\n/// Not.\npub fn not(ctx: Context<Other>) {}";
    assert_eq!(powers(program), ["does"]);
    let accounts = "#[derive(Accounts)]\npub struct A<'info> {\n    pub authority: Signer<'info>,\n}\n\
        #[derive(Accounts)]\npub struct B<'info> {\n    pub owner: Signer<'info>,\n}";
    assert_eq!(signed_by_authority(accounts), ["A"]);
    let two = lines("## A\n- **Can** x\n  → `a::b`\n\nprose\n  more\n- **Cannot** y\n");
    assert_eq!(
        two.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(),
        ["- **Can** x\n  → `a::b`", "- **Cannot** y"]
    );
}
