//! The collateral: what comes into the pool, what leaves it, and which mints are taken at all.

use anchor_lang::{error::ErrorCode as Refusal, prelude::*};
use anchor_spl::{associated_token::get_associated_token_address_with_program_id, token, token_2022};
use zerosum_engine::{
    error::{Error as EngineError, ErrorCode},
    layout::Key,
    state::header::Header,
    units::Atoms,
};

use crate::{
    calls::{Passed, call},
    error::{OrFail, fail, refuse, require},
    guards::is,
    seeds,
};

/// Where a token account keeps its owner and its amount, in both token programs.
const OWNER: usize = 32;
const AMOUNT: usize = 64;

// The token programs' instructions, written by hand: their client crates bring the packing of every other one.
const TRANSFER_CHECKED: u8 = 12;
const INITIALIZE_ACCOUNT_3: u8 = 18;
const CLOSE_ACCOUNT: u8 = 9;

/// What moves tokens of a market: its pool, its mint and the token program, each compared with the market's own.
pub struct Pool<'a, 'info> {
    /// The token account of all the cash.
    pub pool: &'a AccountInfo<'info>,
    /// The collateral.
    pub mint: &'a AccountInfo<'info>,
    /// Its program.
    pub token_program: &'a AccountInfo<'info>,
    decimals: u8,
    bump: u8,
}

impl<'a, 'info> Pool<'a, 'info> {
    /// The three accounts, checked.
    #[inline(never)]
    pub fn of(
        head: &Header,
        pool: &'a AccountInfo<'info>,
        mint: &'a AccountInfo<'info>,
        token_program: &'a AccountInfo<'info>,
    ) -> Result<Self> {
        is(&head.pool, pool.key, ErrorCode::WrongAccount)?;
        is(&head.mint, mint.key, ErrorCode::WrongAccount)?;
        is(&head.token_program, token_program.key, ErrorCode::WrongAccount)?;
        Ok(Self { pool, mint, token_program, decimals: head.decimals, bump: head.pool_bump })
    }

    /// Moves `amount` into the pool and returns what arrived there.
    #[inline(never)]
    pub fn collect(&self, from: &AccountInfo<'info>, authority: &AccountInfo<'info>, amount: u64) -> Result<Atoms> {
        let before = balance(self.pool)?;
        self.transfer(from, self.pool, authority, amount, &[])?;
        let arrived = balance(self.pool)?.saturating_sub(before);
        i64::try_from(arrived).map(Atoms).map_err(|_| fail(ErrorCode::PoolFull.into()))
    }

    /// Pays `amount` out of the pool.
    #[inline(never)]
    pub fn pay(
        &self,
        to: &AccountInfo<'info>,
        market: &Pubkey,
        authority: &AccountInfo<'info>,
        amount: Atoms,
    ) -> Result<()> {
        // The engine never pays a negative amount; a cast that wrapped would be refused by the token program.
        require(to.key != self.pool.key, ErrorCode::WrongDestination)?;
        let signer: &[&[u8]] = &[seeds::AUTHORITY, market.as_ref(), &[self.bump]];
        self.transfer(self.pool, to, authority, amount.0 as u64, &[signer])
    }

    /// Gives the empty pool up; its rent goes to `to`.
    pub fn close(&self, to: &AccountInfo<'info>, market: &Pubkey, authority: &AccountInfo<'info>) -> Result<()> {
        let signer: &[&[u8]] = &[seeds::AUTHORITY, market.as_ref(), &[self.bump]];
        let passed = [Passed::writable(self.pool), Passed::writable(to), Passed::readable(authority).signing()];
        call(self.token_program.key, &[CLOSE_ACCOUNT], &passed, &[signer])
    }

    #[inline(never)]
    fn transfer(
        &self,
        from: &AccountInfo<'info>,
        to: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
        amount: u64,
        signer: &[&[&[u8]]],
    ) -> Result<()> {
        let [a0, a1, a2, a3, a4, a5, a6, a7] = amount.to_le_bytes();
        let data = [TRANSFER_CHECKED, a0, a1, a2, a3, a4, a5, a6, a7, self.decimals];
        let passed = [
            Passed::writable(from),
            Passed::readable(self.mint),
            Passed::writable(to),
            Passed::readable(authority).signing(),
        ];
        call(self.token_program.key, &data, &passed, signer)
    }

    /// Fails unless `to` may receive what is `owner`'s: their associated token account where somebody else asks, any
    /// token account that is theirs where they ask themselves.
    pub fn require_payable(&self, to: &AccountInfo, owner: &Key, by_owner: bool) -> Result<()> {
        let data = to.try_borrow_data().or_fail()?;
        require(data.get(OWNER..OWNER + 32) == Some(owner), ErrorCode::WrongDestination)?;
        if by_owner {
            return Ok(());
        }
        let owner = Pubkey::new_from_array(*owner);
        let (mint, program) = (self.mint.key, self.token_program.key);
        let associated = get_associated_token_address_with_program_id(&owner, mint, program);
        require(*to.key == associated, ErrorCode::WrongDestination)
    }
}

/// Makes `account`, which has the space and belongs to `token_program`, a token account of `owner`.
pub fn initialize<'info>(
    account: &AccountInfo<'info>,
    mint: &AccountInfo<'info>,
    token_program: &Pubkey,
    owner: &Pubkey,
) -> Result<()> {
    let mut data = [INITIALIZE_ACCOUNT_3; 33];
    data[1..].copy_from_slice(owner.as_array());
    call(token_program, &data, &[Passed::writable(account), Passed::readable(mint)], &[])
}

/// The atoms in a token account.
#[inline(always)]
pub fn balance(account: &AccountInfo) -> Result<u64> {
    let data = account.try_borrow_data().or_fail()?;
    match data.get(AMOUNT..AMOUNT + 8) {
        Some(bytes) => Ok(u64::from_le_bytes(bytes.try_into().unwrap_or_default())),
        None => Err(fail(ErrorCode::WrongAccount.into())),
    }
}

/// The decimals of the collateral, if `mint` is a mint of the token program and one that is taken.
///
/// Both token programs keep a mint in the same 82 bytes. One with extensions is longer than a token account and says
/// behind the room of one what it is, so that neither passes for the other.
pub fn decimals(mint: &AccountInfo, token_program: &Pubkey) -> Result<u8> {
    let programs = [token::ID, token_2022::ID];
    if !programs.contains(token_program) {
        return Err(refuse(Refusal::InvalidProgramId));
    }
    if !programs.contains(mint.owner) {
        return Err(refuse(Refusal::AccountOwnedByWrongProgram));
    }
    if mint.owner != token_program {
        return Err(refuse(Refusal::ConstraintMintTokenProgram));
    }
    let data = mint.try_borrow_data().or_fail()?;
    let is_mint = data.len() == MINT || data.len() != MULTISIG && data.get(EXTENSIONS - 1) == Some(&MINT_TYPE);
    match data.get(DECIMALS..DECIMALS + 2) {
        Some(&[decimals, INITIALIZED]) if is_mint => require_supported(&data).map(|()| decimals),
        _ => Err(ProgramError::InvalidAccountData.into()),
    }
}

/// The sizes of a mint without extensions and of the one account of a token program that is like nothing else.
const MINT: usize = 82;
const MULTISIG: usize = 355;
/// Where a mint keeps its decimals, and behind them whether it is one yet.
const DECIMALS: usize = 44;
const INITIALIZED: u8 = 1;
const MINT_TYPE: u8 = 1;

/// Where the extensions of a Token-2022 mint begin: behind the room of a token account and the account's type.
const EXTENSIONS: usize = 166;

/// The extensions that cannot touch what the pool holds: metadata and groups, and the pointers to them. Everything
/// else is refused, what is invented later included: fees, hooks, permanent delegates, pausing, closing and reopening a
/// mint, displays that differ from amounts, secrecy.
const HARMLESS: [u16; 6] = [18, 19, 20, 21, 22, 23];

/// Fails unless every extension of the mint is harmless.
///
/// # Errors
/// [`ErrorCode::UnsupportedMint`] with the number of the extension.
fn require_supported(mint: &[u8]) -> Result<()> {
    let mut rest = mint.get(EXTENSIONS..).unwrap_or_default();
    // Type and length, two bytes each, then the content. Type 0 is where the list ends.
    while let [t0, t1, l0, l1, content @ ..] = rest {
        let kind = u16::from_le_bytes([*t0, *t1]);
        if kind == 0 {
            break;
        }
        if !HARMLESS.contains(&kind) {
            return Err(EngineError::with(ErrorCode::UnsupportedMint, 0, kind as i64)).or_fail();
        }
        let length = u16::from_le_bytes([*l0, *l1]) as usize;
        rest = content.get(length..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;

    fn mint_with(extensions: &[u16]) -> Vec<u8> {
        let mut data = vec![0; EXTENSIONS];
        for kind in extensions {
            data.extend_from_slice(&kind.to_le_bytes());
            data.extend_from_slice(&5u16.to_le_bytes());
            data.extend_from_slice(&[9; 5]);
        }
        data
    }

    #[test]
    fn metadata_and_groups_are_harmless() {
        let named = [
            ExtensionType::MetadataPointer,
            ExtensionType::TokenMetadata,
            ExtensionType::GroupPointer,
            ExtensionType::TokenGroup,
            ExtensionType::GroupMemberPointer,
            ExtensionType::TokenGroupMember,
        ];
        assert_eq!(named.map(|kind| kind as u16), HARMLESS);
        require_supported(&[0; 82]).unwrap();
        require_supported(&mint_with(&HARMLESS)).unwrap();
        require_supported(&[mint_with(&HARMLESS), vec![0; 7]].concat()).unwrap();
    }

    #[test]
    fn every_other_extension_is_refused_wherever_it_stands() {
        for kind in (1..=1_000).chain([u16::MAX]).filter(|kind| !HARMLESS.contains(kind)) {
            assert!(require_supported(&mint_with(&[kind])).is_err(), "{kind}");
            assert!(require_supported(&mint_with(&[18, 19, kind])).is_err(), "{kind} behind others");
        }
    }
}
