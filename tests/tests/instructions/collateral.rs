//! Which mints are taken, and what a market does with one that turns out to be something else.

use anchor_spl::token_2022::spl_token_2022::{
    extension::{ExtensionType, metadata_pointer, transfer_fee, transfer_hook},
    instruction,
    state::Mint as State,
};
use zerosum_client::{Addresses, Powers, Prices};
use zerosum_engine::{error::ErrorCode, params::Params, ranking::RankRule};
use zerosum_svm::{
    Instruction, Keypair, Pubkey, Signer,
    token::{Mint, TOKEN_2022},
};
use zerosum_tests::{Setup, Stage, refusal};

use super::tampering::atoms;

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

/// A mint whose every transfer costs 1 %.
fn taxed(stage: &mut Stage) -> Mint {
    let nobody = Pubkey::new_unique();
    mint_with(stage, ExtensionType::TransferFeeConfig, |mint| {
        let (program, nobody) = (&TOKEN_2022, Some(&nobody));
        transfer_fee::instruction::initialize_transfer_fee_config(program, mint, nobody, nobody, 100, u64::MAX).unwrap()
    })
}

fn create(stage: &Stage, mint: &Mint) -> (Addresses, Instruction) {
    let creator = stage.creator.pubkey();
    let at = Addresses::new(&creator, 2, &mint.address, &mint.program);
    let powers = Powers { authority: None, prices: Prices::Posted(creator) };
    (at, at.create_market(&creator, 2, RankRule::ProfitLeverage, &Params::standard(), &powers))
}

#[test]
fn a_mint_that_could_touch_the_pool_is_refused() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let who = Pubkey::new_unique();
    let program = &TOKEN_2022;
    let mints = [
        (ExtensionType::TransferFeeConfig, taxed(&mut stage)),
        (
            ExtensionType::TransferHook,
            mint_with(&mut stage, ExtensionType::TransferHook, |mint| {
                transfer_hook::instruction::initialize(program, mint, Some(who), Some(who)).unwrap()
            }),
        ),
        (
            ExtensionType::PermanentDelegate,
            mint_with(&mut stage, ExtensionType::PermanentDelegate, |mint| {
                instruction::initialize_permanent_delegate(program, mint, &who).unwrap()
            }),
        ),
        (
            ExtensionType::MintCloseAuthority,
            mint_with(&mut stage, ExtensionType::MintCloseAuthority, |mint| {
                instruction::initialize_mint_close_authority(program, mint, Some(&who)).unwrap()
            }),
        ),
        (
            ExtensionType::NonTransferable,
            mint_with(&mut stage, ExtensionType::NonTransferable, |mint| {
                instruction::initialize_non_transferable_mint(program, mint).unwrap()
            }),
        ),
    ];
    for (extension, mint) in mints {
        let (at, create) = create(&stage, &mint);
        let error = refusal(&stage.send(&[create], &[&creator]).unwrap_err());
        assert_eq!((error.code, error.actual), (ErrorCode::UnsupportedMint, extension as i64), "{extension:?}");
        assert!(stage.svm.account(&at.market).is_none());
    }
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
    let close = at.close_seat(&key, 1, &tokens, &key);
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
    let taxed = taxed(&mut stage).address;
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
    assert_eq!(stage.market().head().pool_cash.0 as u64, stage.pool_tokens());
}
