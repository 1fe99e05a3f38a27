//! Calls into the system and token programs, put together in one place.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::{AccountMeta, Instruction},
        program::invoke_signed,
    },
};

use crate::error::OrFail;

/// An account that is handed on.
pub struct Passed<'a, 'info> {
    info: &'a AccountInfo<'info>,
    is_signer: bool,
    is_writable: bool,
}

impl<'a, 'info> Passed<'a, 'info> {
    /// To be read.
    pub fn readable(info: &'a AccountInfo<'info>) -> Self {
        Self { info, is_signer: false, is_writable: false }
    }

    /// To be written.
    pub fn writable(info: &'a AccountInfo<'info>) -> Self {
        Self { info, is_signer: false, is_writable: true }
    }

    /// The same, signing.
    pub fn signing(self) -> Self {
        Self { is_signer: true, ..self }
    }
}

/// Calls `program`; `signer` are the seeds of what signs for the program itself.
#[inline(never)]
pub fn call(program: &Pubkey, data: &[u8], passed: &[Passed], signer: &[&[&[u8]]]) -> Result<()> {
    let meta = |passed: &Passed| AccountMeta {
        pubkey: *passed.info.key,
        is_signer: passed.is_signer,
        is_writable: passed.is_writable,
    };
    let accounts = passed.iter().map(meta).collect();
    let infos: Vec<_> = passed.iter().map(|passed| passed.info.clone()).collect();
    invoke_signed(&Instruction { program_id: *program, accounts, data: data.to_vec() }, &infos, signer).or_fail()
}
