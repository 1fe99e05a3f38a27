//! Instructions that were tampered with, accounts that are not what they claim, and failures by number.

use zerosum_engine::error::ErrorCode;
use zerosum_svm::{Account, Failure, Instruction, InstructionError, Keypair, Pubkey, Signer, TransactionError, token};

use crate::{Addresses, Sent, Stage};

/// What Anchor refuses before the program is asked.
pub use anchor_lang::error::ErrorCode as Anchor;

/// The token programs' errors by number.
pub const INSUFFICIENT_FUNDS: u32 = 1;
pub const MINT_MISMATCH: u32 = 3;
pub const OWNER_MISMATCH: u32 = 4;
/// The system program's: the account exists already.
pub const ALREADY_IN_USE: u32 = 0;

/// The number on the wire of one of the exchange's errors.
pub fn number(code: ErrorCode) -> u32 {
    zerosum::error::OFFSET + code as u32
}

/// The number on the wire of one of Anchor's errors.
pub fn anchor(code: Anchor) -> u32 {
    code.into()
}

/// Outcomes that were meant to fail, by number.
pub trait Fails {
    /// The number of the error, whoever's it is.
    ///
    /// # Panics
    /// Where it succeeded or failed with an error that has no number.
    fn fails(self) -> u32;
}

impl Fails for Result<Sent, Failure> {
    #[track_caller]
    fn fails(self) -> u32 {
        match self {
            Ok(_) => panic!("this should have failed"),
            Err(failure) => failure.custom_code().unwrap_or_else(|| panic!("an error without number: {failure}")),
        }
    }
}

/// Why the program or the runtime failed, where that is an error without a number.
#[track_caller]
pub fn reason(result: Result<Sent, Failure>) -> InstructionError {
    match result.map_err(|failure| failure.error) {
        Err(TransactionError::InstructionError(_, error)) => error,
        other => panic!("this should have failed in an instruction: {other:?}"),
    }
}

/// The instruction with `to` wherever it named `from`.
pub fn swapped(instruction: &Instruction, from: &Pubkey, to: &Pubkey) -> Instruction {
    let mut instruction = instruction.clone();
    let mut named = 0;
    for account in instruction.accounts.iter_mut().filter(|account| account.pubkey == *from) {
        account.pubkey = *to;
        named += 1;
    }
    assert!(named > 0, "the instruction does not name the account");
    instruction
}

/// The instruction without the signature of `key`.
pub fn unsigned(instruction: &Instruction, key: &Pubkey) -> Instruction {
    let mut instruction = instruction.clone();
    for account in instruction.accounts.iter_mut().filter(|account| account.pubkey == *key) {
        account.is_signer = false;
    }
    instruction
}

/// The instruction with `key` only to be read.
pub fn read_only(instruction: &Instruction, key: &Pubkey) -> Instruction {
    let mut instruction = instruction.clone();
    for account in instruction.accounts.iter_mut().filter(|account| account.pubkey == *key) {
        account.is_writable = false;
    }
    instruction
}

/// Sends one instruction with those of the signers that it asks for.
#[track_caller]
pub fn send(stage: &mut Stage, instruction: Instruction, signers: &[&Keypair]) -> Result<Sent, Failure> {
    let asked = |key: &&&Keypair| {
        instruction.accounts.iter().any(|account| account.is_signer && account.pubkey == key.pubkey())
    };
    let signers: Vec<_> = signers.iter().filter(asked).copied().collect();
    stage.send(&[instruction], &signers)
}

/// Another market of the same creator, collateral and price signer.
pub fn second_market(stage: &mut Stage) -> Addresses {
    let (creator, price_signer) = (stage.creator.insecure_clone(), stage.price_signer.pubkey());
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = zerosum_client::Powers::posted(None, price_signer);
    let head = stage.market().head();
    let (params, rule) = (head.params, zerosum_engine::state::header::RankRule::ProfitLeverage);
    let create = at.create_market(&creator.pubkey(), 2, rule, &params, &powers);
    stage.send(&[create], &[&creator]).unwrap();
    at
}

/// A copy of an account at a new address, owned by `owner`.
pub fn copy_for(stage: &mut Stage, original: &Pubkey, owner: Pubkey) -> Pubkey {
    let account = stage.svm.account(original).expect("the original exists");
    let address = Pubkey::new_unique();
    stage.svm.set_account(&address, Account { owner, ..account });
    address
}

/// An empty token account of `owner` that is not the associated one.
pub fn other_tokens(stage: &mut Stage, mint: &Pubkey, owner: &Pubkey) -> Pubkey {
    let program = stage.svm.account(mint).expect("the mint exists").owner;
    let mut data = vec![0; 165];
    data[..32].copy_from_slice(mint.as_ref());
    data[32..64].copy_from_slice(owner.as_ref());
    data[108] = 1; // initialized
    let address = Pubkey::new_unique();
    let lamports = stage.svm.rent(data.len());
    stage.svm.set_account(&address, Account { lamports, data, owner: program, ..Account::default() });
    address
}

/// The lamports at an address.
pub fn lamports(stage: &mut Stage, address: &Pubkey) -> u64 {
    stage.svm.account(address).map_or(0, |account| account.lamports)
}

/// The atoms in a token account.
pub fn atoms(stage: &mut Stage, account: &Pubkey) -> u64 {
    token::balance(&mut stage.svm, account)
}
