//! `docs/POWERS.md` says what everybody can do and cannot, and names the tests that show it. A line without a test is an
//! error here, and so are a test that is not there and a power of the authority that is not mentioned.
//!
//! A name stands in backticks as `cargo test` takes it: the modules, and the test.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the tests of the workspace are, in the order in which names are looked for.
const SOURCES: [&str; 7] = [
    "tests/tests",
    "crates/engine/src",
    "crates/engine/src/tests",
    "programs/zerosum/src",
    "crates/client/src",
    "crates/cli/src",
    "crates/svm/src",
];

/// The sections of the document: everybody who could mean harm.
const VILLAINS: [&str; 5] =
    ["The authority", "The price", "A keeper", "The creator of a market", "A trader with two seats"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn document() -> String {
    read(&root().join("docs/POWERS.md"))
}

/// What stands in backticks.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The names of tests in a text: spans of lower-case words with `::` between them.
fn names(text: &str) -> Vec<&str> {
    let letter = |letter: char| letter == '_' || letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let word = |word: &str| !word.is_empty() && word.chars().all(letter);
    spans(text).into_iter().filter(|span| span.contains("::") && span.split("::").all(word)).collect()
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

/// The files that the module of a test may be in: its own, or the one of the code beside which it stands.
fn files(modules: &[&str]) -> Vec<PathBuf> {
    let places = |modules: &[&str]| -> Vec<PathBuf> {
        let file = Path::new(&modules.join("/")).with_extension("rs");
        SOURCES.iter().map(|source| root().join(source).join(&file)).collect()
    };
    let mut all = places(modules);
    if let [beside @ .., "tests"] = modules {
        all.extend(places(beside));
    }
    all.into_iter().filter(|path| path.is_file()).collect()
}

/// Whether a source has a function of this name that is a test and is run.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let start = format!("fn {name}(");
    lines.iter().enumerate().filter(|(_, line)| line.starts_with(&start)).any(|(at, _)| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        let attributes: Vec<&&str> = above.collect();
        attributes.contains(&&"#[test]") && !attributes.iter().any(|line| line.starts_with("#[ignore"))
    })
}

fn is_test(name: &str) -> bool {
    let path: Vec<&str> = name.split("::").collect();
    let Some((test, modules)) = path.split_last() else { return false };
    files(modules).iter().any(|file| has_test(&read(file), test))
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
