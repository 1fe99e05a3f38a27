//! `idl/zerosum.json`, the interface description of the program, from which clients are generated.
//!
//! Anchor builds it by running tests that its macros put into the program. That takes minutes, so the file is committed,
//! and `--check` fails if it is no longer what the sources say.

mod plain;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anchor_lang_idl::build::IdlBuilder;

/// Anchor's builder installs the toolchain that this variable names, unless its own way of asking finds it, and then
/// ignores it. `cargo` sets the variable itself where it is run by `rustup`.
const TOOLCHAIN: &str = "RUSTUP_TOOLCHAIN";
/// Set for the child of [`run`], which has nothing more to prepare.
const PREPARED: &str = "ZEROSUM_IDL_PREPARED";

/// What to do with the description.
#[derive(clap::Args)]
pub struct Options {
    /// Write nothing; fail if the committed description is not that of the sources.
    #[arg(long)]
    check: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where the description is.
fn path() -> PathBuf {
    root().join("idl/zerosum.json")
}

/// Builds the description and writes or compares it, in a process of its own whose environment is clean.
pub fn run(options: &Options) -> Result<(), String> {
    if env::var_os(PREPARED).is_none() || env::var_os(TOOLCHAIN).is_some() {
        return in_clean_environment();
    }
    let text = build().map_err(|error| format!("the interface description was not built: {error}"))?;
    if options.check {
        match fs::read_to_string(path()) {
            Ok(committed) if committed == text => Ok(()),
            _ => Err("idl/zerosum.json is not what the sources say: run `cargo xtask idl` and commit it".into()),
        }
    } else {
        let written = fs::create_dir_all(root().join("idl")).and_then(|()| fs::write(path(), text));
        written.map_err(|error| error.to_string())
    }
}

/// Runs this command again, without the variable that makes Anchor's builder change the machine. The build has a folder
/// of its own, because it is compiled with other flags than everything else.
fn in_clean_environment() -> Result<(), String> {
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let mut again = Command::new(this);
    again.args(env::args_os().skip(1)).env_remove(TOOLCHAIN).env(PREPARED, "1");
    again.env("CARGO_TARGET_DIR", root().join("target/idl"));
    let status = again.status().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err("see above".into()) }
}

fn build() -> Result<String, Box<dyn Error>> {
    let program = fs::canonicalize(root().join("programs/zerosum"))?;
    let arguments = ["--lib", "--locked"].map(String::from).to_vec();
    let mut idl = serde_json::to_value(IdlBuilder::new().program_path(program).cargo_args(arguments).build()?)?;
    plain::inline_newtypes(&mut idl);
    plain::mark_bytes(&mut idl);
    Ok(serde_json::to_string_pretty(&idl)? + "\n")
}

#[cfg(test)]
mod tests;
