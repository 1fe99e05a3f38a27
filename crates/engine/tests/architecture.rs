//! The layers of the engine, as its imports have them: see the crate's documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the ground up. A file may import what is in its own layer or below.
const LAYERS: [(&str, &[&str]); 6] = [
    ("ground", &["units", "error", "layout", "heap", "float"]),
    ("state", &["state"]),
    ("rules", &["rules"]),
    ("oracle", &["oracle"]),
    ("ops", &["ops"]),
    ("top", &["exchange", "view", "audit"]),
];

/// What an operation may import of other operations: what all share, and the next step of the waterfall.
const SHARED: [&str; 2] = ["ops::matching", "ops::crank"];
const STEPS: [(&str, &str); 3] =
    [("ops::session", "ops::funding"), ("ops::deleverage", "ops::liquidate"), ("ops::liquidate", "ops::backstop")];

/// A source file without its tests.
struct Source {
    /// Its module path, as `state::ledger`.
    module: String,
    text: String,
    /// The modules it imports.
    imports: BTreeSet<String>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let modules: BTreeSet<String> = files.iter().map(|file| module_of(&root, file)).collect();
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap().to_string();
        let module = module_of(&root, file);
        let imports = imports(&text, &modules).into_iter().filter(|import| *import != module).collect();
        Source { module, text, imports }
    };
    files.iter().map(read).filter(|source| source.module != "lib").collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name == "tests" {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn module_of(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap().with_extension("");
    relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("::")
}

/// The modules that a text names as `crate::...`, outside of its comments.
fn imports(text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        for path in paths(&code[at + "crate::".len()..]) {
            // The longest part of the path that is a module.
            let parts: Vec<&str> = path.split("::").collect();
            let module = (1..=parts.len()).rev().map(|end| parts[..end].join("::")).find(|name| modules.contains(name));
            found.extend(module);
        }
    }
    found
}

/// The paths of a use tree, which begins the text: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let end = tree.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':'));
    let (head, rest) = tree.split_at(end.unwrap_or(tree.len()));
    let Some(inner) = rest.strip_prefix('{').filter(|_| head.ends_with("::")) else { return vec![head.to_string()] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let part = inner[start..at].trim();
                found.extend(paths(part).into_iter().map(|path| format!("{head}{path}")));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

fn layer_of(module: &str) -> usize {
    let first = module.split("::").next().unwrap();
    LAYERS.iter().position(|(_, modules)| modules.contains(&first)).unwrap_or_else(|| panic!("{module} is in no layer"))
}

#[test]
fn no_layer_imports_a_higher_one() {
    let mut wrong = Vec::new();
    for Source { module, imports, .. } in sources() {
        let layer = layer_of(&module);
        let higher = imports.iter().filter(|import| layer_of(import) > layer);
        wrong.extend(higher.map(|import| format!("{module} ({}) imports {import}", LAYERS[layer].0)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_files_import_each_other_however_far_round() {
    let graph: BTreeMap<String, BTreeSet<String>> =
        sources().into_iter().map(|source| (source.module, source.imports)).collect();
    let reached = |from: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.to_string()]);
        while let Some(module) = next.pop() {
            for import in &graph[&module] {
                // A module and the files below it are one.
                let own = import.starts_with(&format!("{from}::")) || from.starts_with(&format!("{import}::"));
                if !own && seen.insert(import.clone()) {
                    next.push(import.clone());
                }
            }
        }
        seen
    };
    let circles: Vec<&String> = graph.keys().filter(|module| reached(module).contains(*module)).collect();
    assert!(circles.is_empty(), "in a circle: {circles:?}");
}

#[test]
fn operations_do_not_know_each_other() {
    let mut wrong = Vec::new();
    for Source { module, imports, .. } in sources() {
        if !module.starts_with("ops::") {
            continue;
        }
        for import in imports.iter().filter(|import| import.starts_with("ops::")) {
            let step = STEPS.contains(&(module.as_str(), import.as_str()));
            if !step && !SHARED.contains(&import.as_str()) {
                wrong.push(format!("{module} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_change_nothing() {
    let changes = ["&mut Market", "&mut Exchange", "&mut Header", "&mut Book", "&mut Seat", "&mut Ticket"];
    let mut wrong = Vec::new();
    for Source { module, text, .. } in sources() {
        if module.starts_with("rules") {
            wrong.extend(
                changes.iter().filter(|change| text.contains(**change)).map(|change| format!("{module}: {change}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_ledger_writes_cash() {
    // A position's own functions are called by the ledger, and by rules on copies.
    let writers = ["state::ledger", "state::position"];
    let fields = ["cash", "fee_cash", "vault_fees", "pool_cash", "pending_mints"];
    let mut wrong = Vec::new();
    for Source { module, text, .. } in sources() {
        if writers.contains(&module.as_str()) {
            continue;
        }
        for line in text.lines().map(|line| line.split("//").next().unwrap()) {
            for field in fields {
                let end = format!(".{field}");
                let written = line.match_indices(&end).any(|(at, _)| {
                    let rest = line[at + end.len()..].trim_start();
                    let rest = rest.strip_prefix(".0").unwrap_or(rest).trim_start();
                    let assigned = rest.starts_with('=') && !rest.starts_with("==");
                    assigned || ["+=", "-=", "*="].iter().any(|change| rest.starts_with(change))
                });
                let lent = line.contains("&mut") && line.split("&mut").skip(1).any(|part| part.contains(&end));
                if written || lent {
                    wrong.push(format!("{module}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn state_is_extended_by_its_own_layer_and_by_the_top_only() {
    let mut wrong = Vec::new();
    for Source { module, text, .. } in sources() {
        let methods = text
            .lines()
            .any(|line| line.starts_with("impl") && (line.contains("Market<") || line.contains("Exchange<")));
        if methods && (layer_of(&module) != 1 && layer_of(&module) != 5) {
            wrong.push(module);
        }
    }
    assert!(wrong.is_empty(), "methods of the state in {wrong:?}");
}
