//! The system calls of a native program.
//!
//! Off-chain, system calls go to process-wide stubs, which `solana-program-test` fills in. It
//! fills in those of one generation of `solana-sysvar`, and Anchor calls those of the one
//! before; without this bridge the program finds no clock and its calls to other programs do
//! nothing. What the stubs do depends on the thread that runs the program, so one bridge serves
//! any number of chains at once.

use std::sync::{Arc, Once};

use solana_account_info::AccountInfo;
use solana_instruction::Instruction;
use solana_program_error::ProgramResult;
use solana_pubkey::Pubkey;
use solana_sysvar::program_stubs as current;
use solana_sysvar_3::program_stubs as previous;

/// Marks a log line that carries an event: the runtime's stubs take log lines only.
const EVENT: &str = "\u{1}";

/// Makes Anchor's generation of the stubs forward to the runtime's. To be called after the first
/// `ProgramTest` has started, which sets the latter once and for all.
pub(crate) fn bridge() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The only way to reach the installed stubs is to replace them.
        let runtime = current::set_syscall_stubs(Box::new(Absent));
        let runtime: Arc<dyn current::SyscallStubs> = Arc::from(runtime);
        current::set_syscall_stubs(Box::new(Forward(Arc::clone(&runtime))));
        previous::set_syscall_stubs(Box::new(Forward(runtime)));
    });
}

/// Turns a log line that carried an event into the line that a cluster writes for it.
pub(crate) fn restore_event(line: String) -> String {
    match line.strip_prefix("Program log: ").and_then(|l| l.strip_prefix(EVENT)) {
        Some(data) => format!("Program data: {data}"),
        None => line,
    }
}

struct Absent;

impl current::SyscallStubs for Absent {}

struct Forward(Arc<dyn current::SyscallStubs>);

/// Both generations declare the same methods, so one list implements either.
macro_rules! forward {
    ($generation:ident: $($method:ident($($name:ident: $kind:ty),*) $(-> $result:ty)?;)*) => {
        impl $generation::SyscallStubs for Forward {
            $(fn $method(&self, $($name: $kind),*) $(-> $result)? {
                self.0.$method($($name),*)
            })*

            fn sol_log_data(&self, fields: &[&[u8]]) {
                use base64::{Engine, prelude::BASE64_STANDARD};
                let encoded: Vec<_> = fields.iter().map(|f| BASE64_STANDARD.encode(f)).collect();
                self.0.sol_log(&format!("{EVENT}{}", encoded.join(" ")));
            }
        }
    };
    ($($generation:ident)*) => {
        $(forward! { $generation:
            sol_log(message: &str);
            sol_log_compute_units();
            sol_remaining_compute_units() -> u64;
            sol_invoke_signed(
                instruction: &Instruction,
                account_infos: &[AccountInfo],
                signers_seeds: &[&[&[u8]]]
            ) -> ProgramResult;
            sol_get_sysvar(id: *const u8, to: *mut u8, offset: u64, length: u64) -> u64;
            sol_get_clock_sysvar(to: *mut u8) -> u64;
            sol_get_epoch_schedule_sysvar(to: *mut u8) -> u64;
            sol_get_fees_sysvar(to: *mut u8) -> u64;
            sol_get_rent_sysvar(to: *mut u8) -> u64;
            sol_get_epoch_rewards_sysvar(to: *mut u8) -> u64;
            sol_get_last_restart_slot(to: *mut u8) -> u64;
            sol_get_epoch_stake(vote_address: *const u8) -> u64;
            sol_get_return_data() -> Option<(Pubkey, Vec<u8>)>;
            sol_set_return_data(data: &[u8]);
            sol_get_processed_sibling_instruction(index: usize) -> Option<Instruction>;
            sol_get_stack_height() -> u64;
        })*
    };
}

forward! { current previous }
