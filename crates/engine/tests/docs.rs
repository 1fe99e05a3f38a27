//! The documents name the tests that hold their rules. A name that no test has is an error here, and so is a rule of
//! `docs/MECHANISM.md` that names none.
//!
//! A name stands in backticks as `cargo test` takes it: `module::test`, where the module is a file of `src/tests`, or
//! `path::tests::test` for the tests beside the code.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("docs/MECHANISM.md")];
    let decisions = fs::read_dir(root().join("docs/decisions")).unwrap();
    found.extend(
        decisions.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "md")),
    );
    found
}

/// The names of tests in a text: what stands in backticks and has the form of a path of lower-case words.
fn names(text: &str) -> Vec<&str> {
    let word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(|span| span.contains("::") && span.split("::").all(word)).collect()
}

/// The source files that the module of a test may be in: those whose path ends with it.
fn sources(modules: &[&str]) -> Vec<PathBuf> {
    let beside: &[&str] = if let [beside @ .., "tests"] = modules { beside } else { &[] };
    let ends_with = |path: &Path, modules: &[&str]| {
        !modules.is_empty() && path.with_extension("").ends_with(modules.iter().collect::<PathBuf>())
    };
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&src, &mut found);
    found.retain(|path| ends_with(path, modules) || (ends_with(path, beside) && !path.starts_with(src.join("tests"))));
    found
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Whether a source has a function of this name that is a test, of `proptest!` or not.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let start = format!("fn {name}(");
    lines.iter().enumerate().any(|(at, line)| {
        let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        line.starts_with(&start) && attributes.into_iter().any(|line| *line == "#[test]")
    })
}

fn is_test(name: &str) -> bool {
    let path: Vec<&str> = name.split("::").collect();
    let Some((test, modules)) = path.split_last() else { return false };
    sources(modules).iter().any(|file| has_test(&read(file), test))
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
fn the_check_knows_a_test_from_what_is_none() {
    assert!(is_test("price_filter::tests::a_crash_is_followed_step_by_step"));
    assert!(is_test("proof::force_completes_and_never_bankrupts_a_winner"), "of a proptest");
    assert!(!is_test("price_filter::tests::follow"), "a helper");
    assert!(!is_test("price_filter::tests::a_crash"), "half a name");
    assert!(!is_test("trading::tests::price_comes_first_and_then_time"), "the wrong module");
    assert_eq!(names("`a::b_1`, `Params::standard`, `x`, c::d"), ["a::b_1"]);
}
