//! From a transaction to a handler of [`zerosum`](crate::zerosum): which instruction it is, whether its accounts are what
//! they are listed as, and its arguments.
//!
//! Anchor generates all of this as well, once for each instruction and each of its accounts, which took a third of the
//! program. Here the accounts of an instruction are a row of [`Rule`]s that one function goes through. Errors, and the
//! order in which they are found, are Anchor's. What it generates for clients and for the interface description is used
//! as it is.

use anchor_lang::{
    Bumps, Discriminator, ZeroCopy,
    error::ErrorCode as Refusal,
    prelude::*,
    solana_program::{entrypoint::ProgramResult, system_program},
};

use crate::{
    ID,
    error::{refuse, refuse_account},
    instruction,
    instructions::*,
};

/// What the transaction must say of an account, or the account of itself: a set of bits.
pub type Rule = u8;

/// The account signed.
pub const SIGNER: Rule = 1;
/// The account is writable.
pub const WRITABLE: Rule = 2;
/// The account is the system program.
pub const SYSTEM: Rule = 4;

/// The accounts of an instruction, declared by [`accounts!`].
pub trait Listed<'info>: Bumps + Sized {
    /// The rules of each, in their order.
    const RULES: &'static [Rule];

    /// The accounts of a transaction as those of the instruction. More than are listed may be given.
    fn of(infos: &'info [AccountInfo<'info>]) -> Result<Self>;
}

/// Declares the accounts of an instruction, in Anchor's syntax.
///
/// It derives Anchor's `Accounts`, for the interface description and for programs that call this one, and a list of what
/// is checked here: `signer`, `mut`, and as `address` only that of the system program. Nothing else is checked by being
/// written there: `seeds` tell clients how an address is derived, and the handler compares it.
macro_rules! accounts {
    ($(#[instruction($($args:tt)*)])? pub struct $name:ident<'info> {
        $($(#[doc = $doc:literal])* $(#[account($($rule:tt)*)])? pub $field:ident: $type:ident<'info $(, $of:ident)?>,)*
    }) => {
        #[derive(anchor_lang::Accounts)]
        $(#[instruction($($args)*)])?
        pub struct $name<'info> {
            $($(#[doc = $doc])* $(#[account($($rule)*)])? pub $field: $type<'info $(, $of)?>,)*
        }

        impl<'info> $crate::entrypoint::Listed<'info> for $name<'info> {
            const RULES: &'static [$crate::entrypoint::Rule] = &[$($crate::entrypoint::rule!($($($rule)*)?)),*];

            #[inline(always)]
            fn of(infos: &'info [AccountInfo<'info>]) -> Result<Self> {
                let [$($field,)* ..] = $crate::entrypoint::checked(infos, Self::RULES)? else {
                    return Err($crate::error::refuse(anchor_lang::error::ErrorCode::AccountNotEnoughKeys));
                };
                Ok(Self { $($field: $crate::entrypoint::Unchecked::unchecked($field),)* })
            }
        }
    };
}
pub(crate) use accounts;

/// The rule in an `#[account]` of [`accounts!`].
macro_rules! rule {
    () => {
        0
    };
    (signer) => {
        $crate::entrypoint::SIGNER
    };
    (mut $(, seeds = $seeds:tt, bump)?) => {
        $crate::entrypoint::WRITABLE
    };
    (signer, mut) => {
        $crate::entrypoint::SIGNER | $crate::entrypoint::WRITABLE
    };
    (seeds = $seeds:tt, bump) => {
        0
    };
    (address = system_program::ID) => {
        $crate::entrypoint::SYSTEM
    };
}
pub(crate) use rule;

/// An account type of Anchor's that can be had without its check.
pub trait Unchecked<'info> {
    fn unchecked(info: &'info AccountInfo<'info>) -> Self;
}

impl<'info> Unchecked<'info> for UncheckedAccount<'info> {
    #[inline(always)]
    fn unchecked(info: &'info AccountInfo<'info>) -> Self {
        Self::try_from(info)
    }
}

/// What a loader holds is checked where it is borrowed.
impl<'info, T: ZeroCopy + Owner> Unchecked<'info> for AccountLoader<'info, T> {
    #[inline(always)]
    fn unchecked(info: &'info AccountInfo<'info>) -> Self {
        Self::new_unchecked(info)
    }
}

/// The accounts, if each keeps its rule.
#[inline(never)]
pub fn checked<'info>(infos: &'info [AccountInfo<'info>], rules: &[Rule]) -> Result<&'info [AccountInfo<'info>]> {
    let kept = |(info, rule): (&AccountInfo, &Rule)| broken(info, *rule) == 0;
    if infos.len() >= rules.len() && infos.iter().zip(rules).all(kept) { Ok(infos) } else { Err(refusal(infos, rules)) }
}

/// The bits of a rule that an account does not keep.
#[inline(always)]
fn broken(info: &AccountInfo, rule: Rule) -> Rule {
    let kept = (Rule::from(info.is_signer) * SIGNER) | (Rule::from(info.is_writable) * WRITABLE);
    if rule & SYSTEM != 0 && *info.key == system_program::ID { rule & !(kept | SYSTEM) } else { rule & !kept }
}

/// The first reason to refuse the accounts, in Anchor's order: writability comes after everything else.
#[cold]
#[inline(never)]
fn refusal(infos: &[AccountInfo], rules: &[Rule]) -> Error {
    for (index, rule) in rules.iter().enumerate() {
        match infos.get(index).map(|info| broken(info, *rule)) {
            None => return refuse_account(Refusal::AccountNotEnoughKeys, index),
            Some(broken) if broken & SIGNER != 0 => return refuse_account(Refusal::AccountNotSigner, index),
            Some(broken) if broken & SYSTEM != 0 => return refuse_account(Refusal::InvalidProgramId, index),
            Some(_) => {}
        }
    }
    let index = infos.iter().zip(rules).position(|(info, rule)| broken(info, *rule) != 0);
    refuse_account(Refusal::ConstraintMut, index.unwrap_or_default())
}

/// Something that an instruction is given in its data, as Borsh encodes it.
///
/// Borsh's own decoding says in words what is wrong with the data, and Anchor throws the words away: they and what prints
/// them would be 15 KB. What follows the arguments is ignored, as Anchor does.
pub trait Argument: Sized {
    /// The value at the front of the data, which loses it; `None` where it is not there.
    fn read(data: &mut &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl Argument for $number {
            #[inline(always)]
            fn read(data: &mut &[u8]) -> Option<Self> {
                let (bytes, rest) = data.split_first_chunk()?;
                *data = rest;
                Some(Self::from_le_bytes(*bytes))
            }
        })*
    };
}
numbers!(u8 i8 u16 u32 u64 i64);

impl Argument for Pubkey {
    #[inline(always)]
    fn read(data: &mut &[u8]) -> Option<Self> {
        let (bytes, rest) = data.split_first_chunk()?;
        *data = rest;
        Some(Self::new_from_array(*bytes))
    }
}

impl Argument for bool {
    #[inline(always)]
    fn read(data: &mut &[u8]) -> Option<Self> {
        match u8::read(data)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Argument> Argument for Option<T> {
    #[inline(always)]
    fn read(data: &mut &[u8]) -> Option<Self> {
        if bool::read(data)? { T::read(data).map(Some) } else { Some(None) }
    }
}

#[cold]
fn undecodable() -> Error {
    refuse(Refusal::InstructionDidNotDeserialize)
}

/// The first eight bytes of an instruction or of an account, by which it is known.
pub const fn tag_of(discriminator: &[u8]) -> u64 {
    match discriminator.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => panic!("a discriminator has eight bytes"),
    }
}

macro_rules! dispatch {
    ($($name:ident($accounts:ident) $handler:ident($($argument:ident),*))*) => {
        $(
            // Not inlined: each has a stack frame of its own.
            #[inline(never)]
            #[allow(unused, reason = "an instruction without arguments does not touch its data")]
            fn $handler<'info>(infos: &'info [AccountInfo<'info>], mut data: &[u8]) -> Result<()> {
                $(let Some($argument) = Argument::read(&mut data) else { return Err(undecodable()) };)*
                let mut accounts = $accounts::of(infos)?;
                let bumps = Default::default();
                let context = Context { program_id: &ID, accounts: &mut accounts, remaining_accounts: &[], bumps };
                crate::zerosum::$handler(context, $($argument),*)?;
                Ok(())
            }
        )*

        /// Every handler that a call can reach.
        #[cfg(test)]
        const HANDLERS: &[&str] = &[$(stringify!($handler)),*];

        fn dispatch<'info>(infos: &'info [AccountInfo<'info>], data: &[u8]) -> Result<()> {
            let Some((first, data)) = data.split_first_chunk() else {
                return Err(refuse(Refusal::InstructionFallbackNotFound));
            };
            let tag = u64::from_le_bytes(*first);
            $(if tag == const { tag_of(instruction::$name::DISCRIMINATOR) } {
                return $handler(infos, data);
            })*
            Err(refuse(Refusal::InstructionFallbackNotFound))
        }
    };
}

dispatch! {
    CreateMarket(CreateMarket) create_market(id, rank_rule, params, authority, oracle)
    GrowBook(GrowBook) grow_book()
    OpenSeat(OpenSeat) open_seat(amount)
    CloseSeat(CloseSeat) close_seat(seat)
    SetDelegate(SetDelegate) set_delegate(seat, delegate)
    Deposit(Deposit) deposit(seat, amount)
    Withdraw(Withdraw) withdraw(seat, amount)
    PlaceOrder(PlaceOrder) place_order(seat, order)
    CancelOrder(CancelOrder) cancel_order(seat, client_id)
    CancelAll(CancelAll) cancel_all(seat, side)
    PostPrice(PostPrice) post_price(price, published)
    Liquidate(Crank) liquidate(most, payee)
    Deleverage(Crank) deleverage(most, payee)
    UnwindVault(Crank) unwind_vault()
    SweepExcess(SweepExcess) sweep_excess()
    AccrueFunding(Crank) accrue_funding()
    Rebase(Crank) rebase()
    RequestMint(RequestMint) request_mint(amount)
    RequestRedeem(RequestRedeem) request_redeem(shares)
    ExecuteRequest(ExecuteRequest) execute_request(payee)
    CloseTicket(CloseTicket) close_ticket()
    PauseOpening(Power) pause_opening(paused)
    ChangeParams(ChangeParams) change_params(params)
    ApplyParams(ApplyParams) apply_params()
    DropParams(ChangeParams) drop_params()
    TakeFees(TakeFees) take_fees(amount)
    ProposeAuthority(Power) propose_authority(to)
    AcceptAuthority(Power) accept_authority()
    BurnAuthority(ChangeParams) burn_authority()
    Delist(Power) delist(at)
    AnnounceDead(Crank) announce_dead()
    Settle(Crank) settle()
    CloseMarket(CloseMarket) close_market()
    ViewAdlQueue(Ask) view_adl_queue(side, after)
    ViewLiquidationQueue(Ask) view_liquidation_queue(side, slot)
    ViewSeat(Ask) view_seat(seat)
}

/// Where every call of the program begins.
pub fn process(program_id: &Pubkey, infos: &[AccountInfo], data: &[u8]) -> ProgramResult {
    if *program_id != ID {
        return Err(refuse(Refusal::DeclaredProgramIdMismatch).into());
    }
    // SAFETY: only a lifetime changes, to that of this call. `AccountInfo` is invariant in its lifetime, so the compiler
    // cannot shorten it; that would be unsound if a reference of the program's own were left in an account, and the
    // program keeps nothing past its return.
    let infos = unsafe { core::mem::transmute::<&[AccountInfo<'_>], &[AccountInfo<'_>]>(infos) };
    Ok(dispatch(infos, data)?)
}

// The accounts lie on the stack and not on the heap, which saves 200 units a call. There is room for 64 of them, and no
// instruction has more than eleven.
#[cfg(all(target_os = "solana", feature = "entrypoint", not(feature = "cpi")))]
solana_program_entrypoint::entrypoint_no_alloc!(process);

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of the accounts of `OpenSeat` when they are given as `change` makes them.
    fn open_seat(change: impl FnOnce(&mut Vec<AccountInfo>)) -> core::result::Result<(), ProgramError> {
        let (key, system) = (Pubkey::new_from_array([7; 32]), system_program::ID);
        let mut lamports = [0; 8];
        let mut infos: Vec<_> = lamports
            .iter_mut()
            .zip(OpenSeat::RULES)
            .map(|(lamports, rule)| {
                let key = if rule & SYSTEM == 0 { &key } else { &system };
                let (signer, writable) = (rule & SIGNER != 0, rule & WRITABLE != 0);
                AccountInfo::new(key, signer, writable, lamports, &mut [], key, false)
            })
            .collect();
        change(&mut infos);
        checked(&infos, OpenSeat::RULES).map(|_| ()).map_err(ProgramError::from)
    }

    #[test]
    fn every_instruction_that_clients_see_is_answered() {
        let declared = include_str!("lib.rs").lines().filter_map(|line| line.strip_prefix("    pub fn "));
        let declared: Vec<_> = declared.map(|line| line.split('(').next().unwrap_or_default()).collect();
        assert_eq!(declared, HANDLERS);
    }

    #[test]
    fn accounts_that_keep_their_rules_are_taken() {
        assert_eq!(open_seat(|_| ()), Ok(()));
        assert_eq!(open_seat(|infos| infos.push(infos[0].clone())), Ok(()));
        assert_eq!(open_seat(|infos| infos[2].is_signer = true), Ok(()));
    }

    #[test]
    fn accounts_are_refused_as_anchor_would() {
        let refused = |code| Err(ProgramError::Custom(u32::from(code)));
        let missing = |infos: &mut Vec<AccountInfo>| drop(infos.pop());
        assert_eq!(open_seat(missing), refused(Refusal::AccountNotEnoughKeys));
        assert_eq!(open_seat(|infos| infos[1].is_signer = false), refused(Refusal::AccountNotSigner));
        assert_eq!(open_seat(|infos| infos[3].is_writable = false), refused(Refusal::ConstraintMut));
        assert_eq!(open_seat(|infos| infos[7].key = infos[0].key), refused(Refusal::InvalidProgramId));
        let two = |infos: &mut Vec<AccountInfo>| {
            infos[1].is_writable = false;
            infos.pop();
        };
        assert_eq!(open_seat(two), refused(Refusal::AccountNotEnoughKeys), "writability is looked at last");
    }
}
