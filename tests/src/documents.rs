//! What a document names: tests, in backticks, as `cargo test` takes them (the modules, and the test), or code.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the tests of the workspace are.
const SOURCES: [&str; 6] = [
    "tests/tests",
    "crates/engine/src",
    "programs/zerosum/src",
    "crates/client/src",
    "crates/cli/src",
    "crates/svm/src",
];

/// A file of the repository, by its path from the root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file.
pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands in backticks.
pub fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The names of tests in a text: spans of lower-case words with `::` between them.
pub fn names(text: &str) -> Vec<&str> {
    let letter = |letter: char| letter == '_' || letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let word = |word: &str| !word.is_empty() && word.chars().all(letter);
    spans(text).into_iter().filter(|span| span.contains("::") && span.split("::").all(word)).collect()
}

/// Whether a source has a function of this name that is a test and is run, of `proptest!` or not.
pub fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let start = format!("fn {name}(");
    lines.iter().enumerate().filter(|(_, line)| line.starts_with(&start)).any(|(at, _)| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        let attributes: Vec<&&str> = above.collect();
        attributes.contains(&&"#[test]") && !attributes.iter().any(|line| line.starts_with("#[ignore"))
    })
}

/// Whether a test of this name exists: in a file whose path ends with its modules, or beside the code of its module.
pub fn is_test(name: &str) -> bool {
    let path: Vec<&str> = name.split("::").collect();
    let Some((test, modules)) = path.split_last() else { return false };
    files(modules).iter().any(|file| has_test(&read(file), test))
}

fn files(modules: &[&str]) -> Vec<PathBuf> {
    let beside: &[&str] = if let [beside @ .., "tests"] = modules { beside } else { &[] };
    let ends_with = |path: &Path, modules: &[&str]| {
        !modules.is_empty() && path.with_extension("").ends_with(modules.iter().collect::<PathBuf>())
    };
    // What is among the tests stands beside no code.
    let is_beside = |path: &Path| ends_with(path, beside) && !path.iter().any(|part| part == "tests");
    let mut found = Vec::new();
    for source in SOURCES {
        collect(Path::new(source), &mut found);
    }
    found.retain(|path| ends_with(path, modules) || is_beside(path));
    found.iter().map(|path| root().join(path)).collect()
}

/// Adds the files below a folder, by their paths from the root.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root().join(folder)).expect("a folder of the repository") {
        let entry = entry.expect("it can be read");
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
