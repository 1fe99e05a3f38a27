//! Which build of the program runs, and the chain it starts on.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use solana_account::Account;
use solana_program_test::ProgramTest;
use solana_pubkey::Pubkey;

use crate::native;

/// The loader of programs that cannot be upgraded.
const LOADER: Pubkey = Pubkey::from_str_const("BPFLoader2111111111111111111111111111111111");

/// How the program is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Compiled into this process.
    Native,
    /// The bytecode that would be deployed, under the runtime's virtual machine.
    Bytecode,
}

impl Build {
    /// The bytecode if it has been built, else the native program.
    ///
    /// `ZEROSUM_BUILD=native` or `=bytecode` decides instead.
    ///
    /// # Panics
    /// If the bytecode is older than the sources and `ZEROSUM_BUILD` does not ask for it: what is tested or shown would not
    /// be what the sources say.
    pub fn available() -> Self {
        match env::var("ZEROSUM_BUILD").as_deref() {
            Ok("native") => Self::Native,
            Ok("bytecode") => Self::Bytecode,
            Ok(other) => panic!("ZEROSUM_BUILD is {other:?}: expected native or bytecode"),
            Err(_) if bytecode_path().exists() => {
                if let Some(source) = newer_source() {
                    panic!(
                        "{} is older than {}: build it again with `anchor build`, remove it, or set ZEROSUM_BUILD to \
                         native or bytecode",
                        bytecode_path().display(),
                        source.display()
                    );
                }
                Self::Bytecode
            }
            Err(_) => Self::Native,
        }
    }
}

/// Where `anchor build` leaves the program.
pub fn bytecode_path() -> PathBuf {
    let folder = env::var_os("SBF_OUT_DIR")
        .or_else(|| env::var_os("BPF_OUT_DIR"))
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy"));
    folder.join("zerosum.so")
}

/// A source of the program that was changed after its bytecode was built, if there is one.
pub fn newer_source() -> Option<PathBuf> {
    let built = fs::metadata(bytecode_path()).and_then(|file| file.modified()).ok()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources = ["programs/zerosum/src", "crates/engine/src", "Cargo.toml", "Cargo.lock"];
    sources.iter().find_map(|source| newer_than(&root.join(source), built))
}

fn newer_than(path: &Path, time: SystemTime) -> Option<PathBuf> {
    // What only tests read is not in the program.
    if path.file_stem().is_some_and(|name| name == "tests") {
        return None;
    }
    if let Ok(entries) = fs::read_dir(path) {
        return entries.flatten().find_map(|entry| newer_than(&entry.path(), time));
    }
    let changed = fs::metadata(path).and_then(|file| file.modified()).ok()?;
    (changed > time).then(|| path.to_path_buf())
}

/// A chain at its first slot with the program on it.
pub(crate) fn genesis(build: Build) -> ProgramTest {
    let mut genesis = ProgramTest::default();
    // The line above sets up a logger that repeats every program log on stderr.
    if env::var_os("ZEROSUM_LOGS").is_none() {
        log::set_max_level(log::LevelFilter::Off);
    }
    match build {
        Build::Native => native::deploy(&mut genesis),
        Build::Bytecode => {
            let path = bytecode_path();
            let data =
                fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `anchor build` first", path.display()));
            genesis.add_account(
                zerosum::ID,
                Account { lamports: 1_000_000_000_000, data, owner: LOADER, executable: true, rent_epoch: 0 },
            );
        }
    }
    genesis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_was_changed_later_is_found() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs/zerosum/src");
        assert!(newer_than(&sources, SystemTime::UNIX_EPOCH).is_some_and(|path| path.is_file()));
        assert_eq!(newer_than(&sources, SystemTime::now()), None);
        assert_eq!(newer_than(&sources.join("tests"), SystemTime::UNIX_EPOCH), None);
        assert_eq!(newer_than(&sources.join("nowhere.rs"), SystemTime::UNIX_EPOCH), None);
    }
}
