//! The compute table: what each instruction costs, in its ordinary case and at its limits.

mod cases;
mod hostile;
mod others;
mod scene;
mod table;

use std::{collections::BTreeMap, path::PathBuf};

use zerosum_svm::{Build, bytecode_path, newer_source};

/// How much a case may grow before `--check` fails, in per cent.
const TOLERANCE: u64 = 2;

#[derive(clap::Args)]
pub struct Options {
    /// Also write the figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write nothing, and fail where a case costs over 2 % more than docs/CU.md says, or where a hostile one
    /// is over its bound.
    #[arg(long)]
    check: bool,
    /// Measure only the cases whose names contain this, and print them.
    #[arg(long, value_name = "PART")]
    only: Option<String>,
}

/// The figures of one run.
pub struct Figures {
    /// Units by case.
    pub cases: BTreeMap<&'static str, u64>,
    /// The size of the program.
    pub program_bytes: u64,
}

pub fn run(options: &Options) -> Result<(), String> {
    let program = bytecode_path();
    let program_bytes = std::fs::metadata(&program)
        .map_err(|_| format!("no bytecode at {}: build it first with `anchor build`", program.display()))?
        .len();
    if let Some(source) = newer_source() {
        return Err(format!("{} is older than {}: build it again", program.display(), source.display()));
    }
    let cases = cases::measure(Build::Bytecode, options.only.as_deref());
    let figures = Figures { cases, program_bytes };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/CU.md");
    let before = table::read(&std::fs::read_to_string(&path).unwrap_or_default());
    print!("{}", table::render(&figures, &before));
    if let Some(json) = &options.json {
        let text = serde_json::json!({ "cases": figures.cases, "program_bytes": figures.program_bytes });
        std::fs::write(json, format!("{text:#}\n")).map_err(|error| format!("{}: {error}", json.display()))?;
    }
    if options.only.is_some() {
        return Ok(());
    }
    if options.check {
        return check(&figures, &before);
    }
    std::fs::write(&path, table::document(&figures, &before))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    listed("over their bounds", over(&figures))
}

/// The hostile cases that cost more than one call may. The target of any other case is a goal that the table shows.
fn over(figures: &Figures) -> Vec<String> {
    let over = |(name, units): (&&str, &u64)| {
        let bound = hostile::ABOUT.iter().find(|about| about.0 == *name)?.1;
        (*units > bound).then(|| format!("{name}: {units} where {bound} is the bound"))
    };
    figures.cases.iter().filter_map(over).collect()
}

/// Fails where a hostile case is over its bound, where one grew, where one is new to the table, and where one of the table was not
/// measured.
fn check(figures: &Figures, before: &BTreeMap<String, u64>) -> Result<(), String> {
    let mut wrong = over(figures);
    let sizes = [("program_bytes", figures.program_bytes)];
    for (name, now) in figures.cases.iter().map(|(name, units)| (*name, *units)).chain(sizes) {
        match before.get(name) {
            Some(was) if now * 100 > was * (100 + TOLERANCE) => wrong.push(format!("{name}: {was} -> {now}")),
            Some(_) => {}
            None => wrong.push(format!("{name}: not in the table")),
        }
    }
    let measured = |name: &str| name == "program_bytes" || figures.cases.contains_key(name);
    wrong.extend(before.keys().filter(|name| !measured(name)).map(|name| format!("{name}: not measured any more")));
    listed("not as the compute table has them; where that is meant, run `cargo xtask cu` and commit it", wrong)
}

/// Fails with a list of what is wrong, if anything is.
fn listed(what: &str, wrong: Vec<String>) -> Result<(), String> {
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("cases are {what}:\n  {}", wrong.join("\n  "))),
    }
}
