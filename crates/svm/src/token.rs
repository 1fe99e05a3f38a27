//! Tokens for tests and demos, made by the real token programs.
//!
//! The few instructions are encoded here: they never change, and the crates that offer them
//! would be compiled for nothing else.

use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;

use crate::Svm;

/// The first token program.
pub const TOKEN: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// The token program with extensions.
pub const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
/// The program that gives each owner one account a mint.
pub const ASSOCIATED_TOKEN: Pubkey = Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

const SYSTEM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");

const MINT_SIZE: usize = 82;

/// A mint that the chain's payer may mint from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mint {
    /// The mint account.
    pub address: Pubkey,
    /// The token program that owns it.
    pub program: Pubkey,
}

impl Mint {
    /// Creates a mint without extensions under [`TOKEN`] or [`TOKEN_2022`].
    pub fn create(svm: &mut Svm, program: Pubkey, decimals: u8) -> Self {
        Self::create_at(svm, &Keypair::new(), program, decimals)
    }

    /// As [`Mint::create`], at the address of `mint`: for runs that must repeat to the byte.
    pub fn create_at(svm: &mut Svm, mint: &Keypair, program: Pubkey, decimals: u8) -> Self {
        let payer = svm.payer().pubkey();
        let rent = svm.rent(MINT_SIZE);
        let mut data = vec![20, decimals]; // InitializeMint2
        data.extend_from_slice(payer.as_ref());
        data.push(0); // no freeze authority
        let instructions = [
            create_account(&payer, &mint.pubkey(), rent, MINT_SIZE as u64, &program),
            Instruction::new_with_bytes(program, &data, vec![AccountMeta::new(mint.pubkey(), false)]),
        ];
        svm.send(&instructions, &[mint]).expect("the token program creates a mint");
        Self { address: mint.pubkey(), program }
    }

    /// The address of the associated token account of `owner`, whether it exists or not.
    pub fn account_of(&self, owner: &Pubkey) -> Pubkey {
        let seeds = [owner.as_ref(), self.program.as_ref(), self.address.as_ref()];
        Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN).0
    }

    /// The instruction that creates the associated token account of `owner`, unless it exists.
    pub fn create_account(&self, payer: &Pubkey, owner: &Pubkey) -> Instruction {
        let accounts = vec![
            AccountMeta::new(*payer, true),
            AccountMeta::new(self.account_of(owner), false),
            AccountMeta::new_readonly(*owner, false),
            AccountMeta::new_readonly(self.address, false),
            AccountMeta::new_readonly(SYSTEM, false),
            AccountMeta::new_readonly(self.program, false),
        ];
        Instruction::new_with_bytes(ASSOCIATED_TOKEN, &[1], accounts) // CreateIdempotent
    }

    /// Mints `amount` atoms to the associated token account of `owner`, creating it if need be.
    pub fn mint_to(&self, svm: &mut Svm, owner: &Pubkey, amount: u64) -> Pubkey {
        let payer = svm.payer().pubkey();
        let account = self.account_of(owner);
        let mut data = vec![7]; // MintTo
        data.extend_from_slice(&amount.to_le_bytes());
        let mint = Instruction::new_with_bytes(
            self.program,
            &data,
            vec![
                AccountMeta::new(self.address, false),
                AccountMeta::new(account, false),
                AccountMeta::new_readonly(payer, true),
            ],
        );
        svm.send(&[self.create_account(&payer, owner), mint], &[]).expect("the payer may mint");
        account
    }

    /// The atoms in the associated token account of `owner`, 0 where there is none.
    pub fn balance_of(&self, svm: &mut Svm, owner: &Pubkey) -> u64 {
        balance(svm, &self.account_of(owner))
    }
}

/// The atoms in a token account, 0 where there is none.
pub fn balance(svm: &mut Svm, account: &Pubkey) -> u64 {
    let amount = |data: &[u8]| Some(u64::from_le_bytes(data.get(64..72)?.try_into().ok()?));
    svm.account(account).and_then(|account| amount(&account.data)).unwrap_or(0)
}
