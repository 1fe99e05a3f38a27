//! The collateral: what comes into the pool, what leaves it, and which mints are taken at all.
//!
//! Token accounts are declared `dup`, which spares Anchor's check that no two of an instruction are the same. The check is
//! for accounts that the program writes back when it ends; these are the token program's. The one pair that must differ,
//! the pool and whoever is paid, is compared in [`Pool::pay`].

use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::get_associated_token_address_with_program_id,
    token::accessor::amount,
    token_2022::spl_token_2022::{
        extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions},
        state::Mint as MintState,
    },
    token_interface::{
        CloseAccount, Mint, TokenAccount, TokenInterface, TransferChecked, close_account, transfer_checked,
    },
};
use zerosum_engine::{
    error::{Error as EngineError, ErrorCode},
    layout,
    units::Atoms,
};

use crate::{
    error::{OrFail, ZerosumError},
    seeds,
};

/// What moves tokens of a market: its pool, its mint and the token program, each compared with the market's own.
pub struct Pool<'a, 'info> {
    /// The token account of all the cash.
    pub account: &'a InterfaceAccount<'info, TokenAccount>,
    /// The collateral.
    pub mint: &'a InterfaceAccount<'info, Mint>,
    /// Its program.
    pub token_program: &'a Interface<'info, TokenInterface>,
}

/// What signs for a pool: the market's authority over it, by the seeds of its address.
#[derive(Clone, Copy)]
pub struct PoolSigner<'a, 'info> {
    /// The address.
    pub authority: &'a SystemAccount<'info>,
    /// The market it is derived from.
    pub market: &'a Pubkey,
    /// The bump of the address, as the market stores it.
    pub bump: u8,
}

impl<'info> Pool<'_, 'info> {
    /// Moves `asked` into the pool and returns what arrived there.
    #[inline(never)]
    pub fn collect(&self, from: AccountInfo<'info>, authority: &Signer<'info>, asked: u64) -> Result<Atoms> {
        let before = self.account.amount;
        let accounts = TransferChecked {
            from,
            mint: self.mint.to_account_info(),
            to: self.account.to_account_info(),
            authority: authority.to_account_info(),
        };
        transfer_checked(CpiContext::new(self.token_program.key(), accounts), asked, self.mint.decimals)?;
        let arrived = amount(self.account.as_ref())?.saturating_sub(before);
        i64::try_from(arrived).map(Atoms).map_err(|_| ZerosumError::PoolFull.into())
    }

    /// Pays `amount` out of the pool.
    #[inline(never)]
    pub fn pay(&self, to: AccountInfo<'info>, signer: PoolSigner<'_, 'info>, amount: Atoms) -> Result<()> {
        require_keys_neq!(to.key(), self.account.key(), ZerosumError::WrongDestination);
        let accounts = TransferChecked {
            from: self.account.to_account_info(),
            mint: self.mint.to_account_info(),
            to,
            authority: signer.authority.to_account_info(),
        };
        let seeds: &[&[u8]] = &[seeds::AUTHORITY, signer.market.as_ref(), &[signer.bump]];
        let signers = &[seeds];
        let context = CpiContext::new_with_signer(self.token_program.key(), accounts, signers);
        // The engine never pays a negative amount; a cast that wrapped would be refused by the token program.
        transfer_checked(context, amount.0 as u64, self.mint.decimals)
    }

    /// Closes the empty pool; its rent goes to `to`.
    pub fn close(&self, to: AccountInfo<'info>, signer: PoolSigner<'_, 'info>) -> Result<()> {
        let accounts = CloseAccount {
            account: self.account.to_account_info(),
            destination: to,
            authority: signer.authority.to_account_info(),
        };
        let seeds: &[&[u8]] = &[seeds::AUTHORITY, signer.market.as_ref(), &[signer.bump]];
        close_account(CpiContext::new_with_signer(self.token_program.key(), accounts, &[seeds]))
    }

    /// Fails unless `to` may receive what is `owner`'s: their associated token account if somebody else asks, any token
    /// account of theirs if they ask themselves.
    pub fn require_payable<'a>(
        &self,
        to: &'a Option<Box<InterfaceAccount<'info, TokenAccount>>>,
        owner: &layout::Key,
        by_owner: bool,
    ) -> Result<&'a InterfaceAccount<'info, TokenAccount>> {
        let to = to.as_ref().ok_or(ZerosumError::WrongDestination)?;
        let owner = Pubkey::from(*owner);
        require_keys_eq!(to.owner, owner, ZerosumError::WrongDestination);
        if !by_owner {
            let (mint, program) = (self.mint.key(), self.token_program.key());
            let associated = get_associated_token_address_with_program_id(&owner, &mint, &program);
            require_keys_eq!(to.key(), associated, ZerosumError::WrongDestination);
        }
        Ok(to)
    }
}

/// The extensions that cannot touch what the pool holds: metadata and groups, and the pointers to them. Everything
/// else is refused, what is invented later included: fees, hooks, permanent delegates, pausing, closing and reopening a
/// mint, displays that differ from amounts, secrecy.
const HARMLESS: [ExtensionType; 6] = [
    ExtensionType::MetadataPointer,
    ExtensionType::TokenMetadata,
    ExtensionType::GroupPointer,
    ExtensionType::TokenGroup,
    ExtensionType::GroupMemberPointer,
    ExtensionType::TokenGroupMember,
];

/// Fails unless every extension of the mint with these bytes is harmless.
///
/// # Errors
/// [`ErrorCode::UnsupportedMint`] with the number of the extension, 0 where this program does not know it.
pub fn require_supported(mint: &[u8]) -> Result<()> {
    let refused = |number| Err(EngineError::with(ErrorCode::UnsupportedMint, 0, number)).or_fail();
    let mint = StateWithExtensions::<MintState>::unpack(mint)?;
    let Ok(extensions) = mint.get_extension_types() else { return refused(0) };
    match extensions.into_iter().find(|kind| !HARMLESS.contains(kind)) {
        Some(kind) => refused(kind as i64),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::solana_program::program_pack::Pack;

    /// Where the extensions of a mint begin: behind the room of a token account and the account's type.
    const EXTENSIONS: usize = 166;

    fn plain() -> [u8; 82] {
        let mut data = [0; 82];
        MintState { is_initialized: true, ..MintState::default() }.pack_into_slice(&mut data);
        data
    }

    fn mint_with(extensions: &[u16]) -> Vec<u8> {
        let mut data = plain().to_vec();
        data.resize(EXTENSIONS, 0);
        data[EXTENSIONS - 1] = 1;
        for kind in extensions {
            data.extend_from_slice(&kind.to_le_bytes());
            data.extend_from_slice(&5u16.to_le_bytes());
            data.extend_from_slice(&[9; 5]);
        }
        data
    }

    #[test]
    fn metadata_and_groups_are_harmless() {
        let harmless = HARMLESS.map(|kind| kind as u16);
        assert_eq!(harmless, [18, 19, 20, 21, 22, 23]);
        require_supported(&plain()).unwrap();
        require_supported(&mint_with(&harmless)).unwrap();
        require_supported(&[mint_with(&harmless), vec![0; 7]].concat()).unwrap();
    }

    #[test]
    fn every_other_extension_is_refused_wherever_it_stands() {
        let refused = |mint: &[u8], kind: u16| {
            let Err(Error::AnchorError(error)) = require_supported(mint) else { panic!("{kind} is taken") };
            assert_eq!(error.error_name, "UnsupportedMint", "{kind}");
        };
        for kind in (1..=1_000).chain([u16::MAX]).filter(|kind| !(18..=23).contains(kind)) {
            refused(&mint_with(&[kind]), kind);
            refused(&mint_with(&[18, 19, kind]), kind);
        }
    }

    #[test]
    fn what_is_no_mint_is_refused() {
        for data in [vec![0; 82], vec![1; 165], mint_with(&[])[..EXTENSIONS - 1].to_vec()] {
            assert!(require_supported(&data).is_err());
        }
    }
}
