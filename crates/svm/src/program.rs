//! Which build of the program runs, and the chain it starts on.

use std::{
    env, fs,
    path::{Path, PathBuf},
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
    /// The bytecode where it has been built, else the native program.
    ///
    /// `ZEROSUM_BUILD=native` or `=bytecode` decides instead.
    pub fn available() -> Self {
        match env::var("ZEROSUM_BUILD").as_deref() {
            Ok("native") => Self::Native,
            Ok("bytecode") => Self::Bytecode,
            Ok(other) => panic!("ZEROSUM_BUILD is {other:?}: expected native or bytecode"),
            Err(_) if bytecode_path().exists() => Self::Bytecode,
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
