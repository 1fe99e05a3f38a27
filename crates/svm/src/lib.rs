//! An embedded Solana runtime that runs the exchange without a validator.
//!
//! The tests, the demo and the benchmarks all drive the program through [`Svm`]: a blocking
//! front for `solana-program-test` with a funded payer, a clock that stands still until it is
//! moved, and transactions of the size and limits of a real cluster.
//!
//! The program runs either as real bytecode or compiled into this process ([`Build`]). Native
//! runs need no Solana toolchain and step into a debugger, but their compute units mean nothing.
//!
//! ```no_run
//! use zerosum_svm::{Build, Svm};
//!
//! let mut svm = Svm::start(Build::available());
//! let in_an_hour = svm.now() + 3_600;
//! svm.set_time(in_an_hour);
//! ```

mod native;
mod program;
mod receipt;
mod stubs;
pub mod token;

pub use program::{Build, bytecode_path, newer_source};
pub use receipt::{Failure, Receipt};
pub use solana_account::Account;
pub use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
pub use solana_keypair::Keypair;
pub use solana_pubkey::Pubkey;
pub use solana_signer::Signer;
pub use solana_transaction_error::TransactionError;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use solana_account::AccountSharedData;
use solana_clock::Clock;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_message::Hash;
use solana_program_test::{BanksClient, ProgramTestContext};
use solana_transaction::Transaction;

use receipt::Execution;

/// The time at which every embedded chain starts, 1 January 2026: runs repeat to the second.
pub const GENESIS_TIME: i64 = 1_767_225_600;

/// Compute units that every transaction asks for: the most a transaction may use.
pub const COMPUTE_LIMIT: u32 = 1_400_000;

/// The largest transaction that a cluster's network layer carries.
const PACKET_SIZE: u64 = 1_232;

/// The largest amount of account data that a transaction may load, and the default.
const LOADED_DATA_LIMIT: u32 = 64 * 1_024 * 1_024;

/// Compute units of the two instructions that [`Svm`] puts in front.
const PRELUDE_UNITS: u64 = 2 * 150;

/// A blockhash expires after 150 of the runtime's ticks of 6.4 ms; this stays well inside.
const BLOCKHASH_AGE: Duration = Duration::from_millis(200);

/// A running chain. Dropping it ends it.
pub struct Svm {
    context: ProgramTestContext,
    banks: BanksClient,
    blockhash: (Hash, Instant),
    sent: u32,
    build: Build,
    // Last, so that the tasks of the context still have their reactor when they are dropped.
    runtime: tokio::runtime::Runtime,
}

impl Svm {
    /// Starts a chain with the exchange deployed at its declared address.
    pub fn start(build: Build) -> Self {
        Self::start_with(build, [])
    }

    /// Starts a chain that also holds `accounts`.
    pub fn start_with(build: Build, accounts: impl IntoIterator<Item = (Pubkey, Account)>) -> Self {
        // One thread: the program runs on the thread that sends, where a test's output and a
        // debugger's breakpoints are looked for, and nothing is handed from thread to thread.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime of one thread needs no resources");
        let mut genesis = program::genesis(build);
        for (address, account) in accounts {
            genesis.add_account(address, account);
        }
        let context = runtime.block_on(genesis.start_with_context());
        stubs::bridge();
        let mut svm = Self {
            banks: context.banks_client.clone(),
            blockhash: (context.last_blockhash, Instant::now()),
            sent: 0,
            build,
            context,
            runtime,
        };
        svm.set_time(GENESIS_TIME);
        svm
    }

    /// How the program runs here.
    pub fn build(&self) -> Build {
        self.build
    }

    /// The account that pays the fees of every transaction. It never runs dry.
    pub fn payer(&self) -> &Keypair {
        &self.context.payer
    }

    /// Executes one transaction, signed by the payer and `signers`.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let transaction = self.transaction(instructions, signers)?;
        let outcome = wait(&self.runtime, self.banks.process_transaction_with_metadata(transaction));
        let execution = outcome.metadata.map(|metadata| Execution {
            logs: metadata.log_messages,
            compute_units: metadata.compute_units_consumed,
            return_data: metadata.return_data.map(|returned| returned.data),
        });
        execution.unwrap_or_default().conclude(outcome.result)
    }

    /// Executes one transaction and forgets what it changed. Views are read this way.
    pub fn simulate(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Receipt, Failure> {
        let transaction = self.transaction(instructions, signers)?;
        let outcome = wait(&self.runtime, self.banks.simulate_transaction(transaction));
        let execution = outcome.simulation_details.map(|details| Execution {
            logs: details.logs,
            compute_units: details.units_consumed,
            return_data: details.return_data.map(|returned| returned.data),
        });
        execution.unwrap_or_default().conclude(outcome.result.unwrap_or(Ok(())))
    }

    /// The account at `address`, if it has lamports.
    pub fn account(&mut self, address: &Pubkey) -> Option<Account> {
        wait(&self.runtime, self.banks.get_account(*address))
    }

    /// Overwrites an account, past every rule of the runtime.
    pub fn set_account(&mut self, address: &Pubkey, account: Account) {
        self.context.set_account(address, &AccountSharedData::from(account));
    }

    /// Adds `lamports` to the account at `address`.
    pub fn airdrop(&mut self, address: &Pubkey, lamports: u64) {
        let mut account = self.account(address).unwrap_or_default();
        account.lamports += lamports;
        self.set_account(address, account);
    }

    /// A new account of the system program with `lamports` in it.
    pub fn funded(&mut self, lamports: u64) -> Keypair {
        let keypair = Keypair::new();
        self.airdrop(&keypair.pubkey(), lamports);
        keypair
    }

    /// The lamports that keep an account of `bytes` alive.
    pub fn rent(&mut self, bytes: usize) -> u64 {
        wait(&self.runtime, self.banks.get_rent()).minimum_balance(bytes)
    }

    /// The time that the program reads.
    pub fn now(&mut self) -> i64 {
        self.clock().unix_timestamp
    }

    /// Moves the clock; it stays there until it is moved again.
    pub fn set_time(&mut self, unix_timestamp: i64) {
        let clock = Clock { unix_timestamp, ..self.clock() };
        self.context.set_sysvar(&clock);
    }

    fn clock(&mut self) -> Clock {
        wait(&self.runtime, self.banks.get_sysvar::<Clock>())
    }

    /// Signs a transaction that a cluster would carry.
    fn transaction(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Transaction, Failure> {
        // The runtime refuses a transaction it has seen. Two that do the same under one
        // blockhash differ by how much account data they ask for, which costs nothing.
        self.sent = (self.sent + 1) % (LOADED_DATA_LIMIT / 4);
        let mut all = vec![
            ComputeBudgetInstruction::set_compute_unit_limit(COMPUTE_LIMIT),
            ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(LOADED_DATA_LIMIT - self.sent),
        ];
        all.extend_from_slice(instructions);
        let mut transaction = Transaction::new_with_payer(&all, Some(&self.payer().pubkey()));
        let blockhash = self.latest_blockhash();
        let mut keypairs = vec![self.payer()];
        keypairs.extend_from_slice(signers);
        transaction
            .try_partial_sign(&keypairs, blockhash)
            .map_err(|_| Failure::refused("a key signs that no account asks for"))?;
        if !transaction.is_signed() {
            return Err(Failure::refused("a signature is missing"));
        }
        match bincode::serialized_size(&transaction) {
            Ok(size) if size <= PACKET_SIZE => Ok(transaction),
            Ok(size) => {
                Err(Failure::refused(format!("the transaction has {size} bytes and a cluster carries {PACKET_SIZE}")))
            }
            Err(error) => Err(Failure::refused(error.to_string())),
        }
    }

    fn latest_blockhash(&mut self) -> Hash {
        if self.blockhash.1.elapsed() > BLOCKHASH_AGE {
            let hash = wait(&self.runtime, self.banks.get_latest_blockhash());
            self.blockhash = (hash, Instant::now());
        }
        self.blockhash.0
    }
}

/// Runs a request to its end. The embedded bank answers every request, so an error is a defect
/// of the runtime and not an outcome that a caller could handle.
fn wait<T, E: std::fmt::Display>(runtime: &tokio::runtime::Runtime, request: impl Future<Output = Result<T, E>>) -> T {
    runtime.block_on(request).unwrap_or_else(|error| panic!("the embedded bank does not answer: {error}"))
}
