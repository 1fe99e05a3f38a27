//! Which mints are taken, and what a market does with one that turns out to be something else.

use anchor_spl::token_2022::spl_token_2022::{
    extension::{
        ExtensionType, default_account_state, interest_bearing_mint, metadata_pointer, pausable, scaled_ui_amount,
        transfer_fee, transfer_hook,
    },
    instruction,
    state::{AccountState, Mint as State},
};
use zerosum_client::{Addresses, Powers};
use zerosum_engine::{error::ErrorCode, state::header::RankRule, state::params::Params};
use zerosum_svm::{
    Instruction, Keypair, Pubkey, Signer,
    token::{Mint, TOKEN_2022},
};
use zerosum_tests::{Setup, Stage, refusal};

use zerosum_tests::tampering::atoms;

/// A mint with one extension, that the chain's payer may mint from.
fn mint_with(stage: &mut Stage, extension: ExtensionType, initialize: impl Fn(&Pubkey) -> Instruction) -> Mint {
    let keys = Keypair::new();
    let (mint, payer) = (keys.pubkey(), stage.svm.payer().pubkey());
    let space = ExtensionType::try_calculate_account_len::<State>(&[extension]).unwrap();
    let rent = stage.svm.rent(space);
    let mut data = vec![0, 0, 0, 0]; // CreateAccount
    data.extend_from_slice(&rent.to_le_bytes());
    data.extend_from_slice(&(space as u64).to_le_bytes());
    data.extend_from_slice(TOKEN_2022.as_ref());
    let create = Instruction::new_with_bytes(
        zerosum_client::SYSTEM,
        &data,
        vec![zerosum_svm::AccountMeta::new(payer, true), zerosum_svm::AccountMeta::new(mint, true)],
    );
    let finish = instruction::initialize_mint2(&TOKEN_2022, &mint, &payer, None, 6).unwrap();
    stage.svm.send(&[create, initialize(&mint), finish], &[&keys]).unwrap_or_else(|failure| panic!("{failure}"));
    Mint { address: mint, program: TOKEN_2022 }
}

/// Every transfer costs 1 %.
fn tax(mint: &Pubkey) -> Instruction {
    let who = Some(&SOMEBODY);
    transfer_fee::instruction::initialize_transfer_fee_config(&TOKEN_2022, mint, who, who, 100, u64::MAX).unwrap()
}

fn create(stage: &Stage, mint: &Mint) -> (Addresses, Instruction) {
    let creator = stage.creator.pubkey();
    let at = Addresses::new(&creator, 2, &mint.address, &mint.program);
    let powers = Powers::posted(None, creator);
    (at, at.create_market(&creator, 2, RankRule::ProfitLeverage, &Params::standard(), &powers))
}

/// Nobody makes a market of a mint with this extension, which the token program itself has made.
#[track_caller]
fn is_refused(extension: ExtensionType, initialize: impl Fn(&Pubkey) -> Instruction) {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let mint = mint_with(&mut stage, extension, initialize);
    let (at, create) = create(&stage, &mint);
    let error = refusal(&stage.send(&[create], &[&creator]).unwrap_err());
    assert_eq!((error.code, error.actual), (ErrorCode::UnsupportedMint, extension as i64));
    for address in [at.market, at.book, at.pool, at.oracle] {
        assert!(stage.svm.account(&address).is_none(), "a refused creation leaves nothing");
    }
}

const SOMEBODY: Pubkey = Pubkey::new_from_array([5; 32]);

#[test]
fn a_mint_that_taxes_transfers_is_refused() {
    is_refused(ExtensionType::TransferFeeConfig, tax);
}

/// A fee of nothing may be raised at any time.
#[test]
fn a_mint_that_may_tax_transfers_later_is_refused() {
    is_refused(ExtensionType::TransferFeeConfig, |mint| {
        let who = Some(&SOMEBODY);
        transfer_fee::instruction::initialize_transfer_fee_config(&TOKEN_2022, mint, who, None, 0, 0).unwrap()
    });
}

#[test]
fn a_mint_with_a_transfer_hook_is_refused() {
    is_refused(ExtensionType::TransferHook, |mint| {
        transfer_hook::instruction::initialize(&TOKEN_2022, mint, Some(SOMEBODY), Some(SOMEBODY)).unwrap()
    });
}

#[test]
fn a_mint_that_may_get_a_transfer_hook_later_is_refused() {
    is_refused(ExtensionType::TransferHook, |mint| {
        transfer_hook::instruction::initialize(&TOKEN_2022, mint, Some(SOMEBODY), None).unwrap()
    });
}

#[test]
fn a_mint_with_a_permanent_delegate_is_refused() {
    is_refused(ExtensionType::PermanentDelegate, |mint| {
        instruction::initialize_permanent_delegate(&TOKEN_2022, mint, &SOMEBODY).unwrap()
    });
}

#[test]
fn a_mint_that_can_be_paused_is_refused() {
    is_refused(ExtensionType::Pausable, |mint| {
        pausable::instruction::initialize(&TOKEN_2022, mint, &SOMEBODY).unwrap()
    });
}

#[test]
fn a_mint_that_can_be_closed_is_refused() {
    is_refused(ExtensionType::MintCloseAuthority, |mint| {
        instruction::initialize_mint_close_authority(&TOKEN_2022, mint, Some(&SOMEBODY)).unwrap()
    });
}

#[test]
fn a_mint_that_cannot_be_transferred_is_refused() {
    is_refused(ExtensionType::NonTransferable, |mint| {
        instruction::initialize_non_transferable_mint(&TOKEN_2022, mint).unwrap()
    });
}

#[test]
fn a_mint_whose_accounts_begin_frozen_is_refused() {
    is_refused(ExtensionType::DefaultAccountState, |mint| {
        let state = &AccountState::Initialized;
        default_account_state::instruction::initialize_default_account_state(&TOKEN_2022, mint, state).unwrap()
    });
}

#[test]
fn a_mint_that_is_shown_as_other_amounts_is_refused() {
    is_refused(ExtensionType::InterestBearingConfig, |mint| {
        interest_bearing_mint::instruction::initialize(&TOKEN_2022, mint, Some(SOMEBODY), 10).unwrap()
    });
    is_refused(ExtensionType::ScaledUiAmount, |mint| {
        scaled_ui_amount::instruction::initialize(&TOKEN_2022, mint, Some(SOMEBODY), 2.0).unwrap()
    });
}

#[test]
fn a_mint_with_nothing_but_metadata_is_collateral_like_any_other() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let who = Pubkey::new_unique();
    let mint = mint_with(&mut stage, ExtensionType::MetadataPointer, |mint| {
        metadata_pointer::instruction::initialize(&TOKEN_2022, mint, Some(who), Some(*mint)).unwrap()
    });
    let (at, create) = create(&stage, &mint);
    stage.send(&[create], &[&creator]).unwrap();
    let alice = stage.svm.funded(1_000_000_000);
    let key = alice.pubkey();
    let tokens = mint.mint_to(&mut stage.svm, &key, 30_000_000);
    let open = at.open_seat(&key, &key, &tokens, 20_000_000);
    let deposit = at.deposit(&key, 1, &tokens, 1_000);
    let withdraw = at.withdraw(&key, 1, &tokens, 500);
    let close = at.close_seat(&key, 1, Some(&tokens), &key);
    stage.send(&[open, deposit], &[&alice]).unwrap();
    assert_eq!((atoms(&mut stage, &tokens), atoms(&mut stage, &at.pool)), (9_999_000, 20_001_000));
    stage.send(&[withdraw, close], &[&alice]).unwrap();
    assert_eq!((atoms(&mut stage, &tokens), atoms(&mut stage, &at.pool)), (30_000_000, 0));
}

/// No mint can learn to take fees after it was made. Should one ever, cash is still what arrived.
#[test]
fn a_deposit_is_credited_by_what_arrives_in_the_pool() {
    let mut stage = Setup { token_program: TOKEN_2022, ..Setup::default() }.start();
    let (alice, mint, pool) = (stage.trader(20_000_000), stage.at.mint, stage.at.pool);
    let (carol, carols) = stage.newcomer(40_000_000);
    let taxed = mint_with(&mut stage, ExtensionType::TransferFeeConfig, tax).address;
    let mut fees = stage.svm.account(&taxed).unwrap();
    let plain = stage.svm.account(&mint).unwrap();
    fees.data[..82].copy_from_slice(&plain.data[..82]);
    stage.svm.set_account(&mint, fees);
    let mut account = stage.svm.account(&pool).unwrap();
    // A token account with room for withheld fees: kind 2, extension 2 of 8 bytes.
    account.data.extend_from_slice(&[2, 2, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    account.lamports = stage.svm.rent(account.data.len());
    stage.svm.set_account(&pool, account);

    stage.deposit(&alice, 1_000_000).unwrap();
    assert_eq!(stage.seat(&alice).position.cash.0, 20_990_000);
    let key = carol.pubkey();
    let open = stage.at.open_seat(&key, &key, &carols, 20_000_000);
    stage.send(&[open], &[&carol]).unwrap();
    assert_eq!(stage.market().seat(2).unwrap().position.cash.0, 19_800_000);
    // What asks for shares is measured the same way.
    let ask = stage.at.request_mint(&key, &key, &carols, 1_000_000);
    stage.send(&[ask], &[&carol]).unwrap();
    let head = stage.market().head();
    assert_eq!((head.pending_mints.0, head.pool_cash.0), (990_000, 20_990_000 + 19_800_000 + 990_000));
    assert_eq!(head.pool_cash.0 as u64, stage.pool_tokens());
}
