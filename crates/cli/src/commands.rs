//! The subcommands.

use std::{
    error::Error,
    fs::File,
    io::{self, Write},
    path::Path,
};

use zerosum_cli::demo::{self, Nobody, Options, narrate::Narrator, report::Report};

/// `zerosum demo`
pub fn demo(options: &Options) -> Result<(), Box<dyn Error>> {
    // A file that cannot be written is better known before the story than after it.
    let file = match &options.json {
        Some(path) => Some((path, File::create(path).map_err(|error| unwritable(path, &error))?)),
        None => None,
    };
    let outcome = match options.quiet {
        true => demo::perform(options, &mut Nobody),
        false => demo::perform(options, &mut Narrator::new()),
    }?;
    match file {
        Some((path, file)) => write(file, path, &outcome.report),
        None => Ok(()),
    }
}

fn write(mut file: File, path: &Path, report: &Report) -> Result<(), Box<dyn Error>> {
    let json = serde_json::to_string_pretty(report)?;
    writeln!(file, "{json}").map_err(|error| unwritable(path, &error).into())
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}; name a file in a folder that exists and may be written to", path.display())
}
