//! Whoever creates a market chooses what it is, once.

use zerosum_client::Powers;
use zerosum_engine::{error::ErrorCode, state::header::RankRule, state::params::Params};
use zerosum_svm::{
    AccountMeta, Instruction, Keypair, Pubkey, Signer,
    token::{Mint, TOKEN},
};
use zerosum_tests::{Addresses, Refusal, Stage};

use zerosum_tests::scene::plain;
use zerosum_tests::tampering::{Anchor, Fails, anchor, atoms, lamports, send, swapped};

/// The token programs' error for an account that is frozen.
const FROZEN: u32 = 17;

/// A mint that the chain's payer may mint from and whose accounts it may freeze.
fn freezable(stage: &mut Stage) -> Mint {
    let (keys, payer) = (Keypair::new(), stage.svm.payer().pubkey());
    let rent = stage.svm.rent(82);
    let data = [[0; 4].as_slice(), &rent.to_le_bytes(), &82u64.to_le_bytes(), TOKEN.as_ref()].concat();
    let accounts = vec![AccountMeta::new(payer, true), AccountMeta::new(keys.pubkey(), true)];
    let create = Instruction::new_with_bytes(zerosum_client::SYSTEM, &data, accounts);
    let data = [[20, 6].as_slice(), payer.as_ref(), &[1], payer.as_ref()].concat(); // InitializeMint2
    let finish = Instruction::new_with_bytes(TOKEN, &data, vec![AccountMeta::new(keys.pubkey(), false)]);
    stage.svm.send(&[create, finish], &[&keys]).unwrap_or_else(|failure| panic!("{failure}"));
    Mint { address: keys.pubkey(), program: TOKEN }
}

/// What a creator can do: take a token whose issuer may freeze accounts, the pool among them. Many have such an issuer.
#[test]
fn whoever_may_freeze_the_collateral_can_freeze_the_pool() {
    let mut stage = Stage::new();
    let mint = freezable(&mut stage);
    let creator = stage.creator.insecure_clone();
    let at = Addresses::new(&creator.pubkey(), 2, &mint.address, &mint.program);
    let powers = Powers::posted(None, creator.pubkey());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &plain(), &powers);
    stage.send(&[create], &[&creator]).unwrap();
    let alice = stage.svm.funded(10_000_000_000);
    let key = alice.pubkey();
    let tokens = mint.mint_to(&mut stage.svm, &key, 1_000_000);
    stage.send(&[at.open_seat(&key, &key, &tokens, 1_000_000)], &[&alice]).unwrap();
    let issuer = stage.svm.payer().pubkey();
    let accounts = vec![
        AccountMeta::new(at.pool, false),
        AccountMeta::new_readonly(mint.address, false),
        AccountMeta::new_readonly(issuer, true),
    ];
    let freeze = |instruction: u8| Instruction::new_with_bytes(TOKEN, &[instruction], accounts.clone());
    stage.send(&[freeze(10)], &[]).unwrap();
    let withdraw = at.withdraw(&key, 1, &tokens, 1_000_000);
    assert_eq!(send(&mut stage, withdraw.clone(), &[&alice]).fails(), FROZEN);
    stage.send(&[freeze(11)], &[]).unwrap();
    send(&mut stage, withdraw, &[&alice]).unwrap();
    assert_eq!(atoms(&mut stage, &tokens), 1_000_000);
}

#[test]
fn nobody_is_first_at_an_address_that_is_anothers() {
    let mut stage = Stage::new();
    let (creator, thief) = (stage.creator.insecure_clone(), stage.svm.funded(100_000_000_000));
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(Some(thief.pubkey()), thief.pubkey());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &plain(), &powers);
    // What the creator sent is public before it is in a block. It is the creator's signature that makes the address.
    let stolen = swapped(&create, &creator.pubkey(), &thief.pubkey());
    assert_eq!(send(&mut stage, stolen, &[&thief]).fails(), anchor(Anchor::ConstraintSeeds));
    let before = lamports(&mut stage, &thief.pubkey());
    // Nor does it help to take the number: it is the creator's own.
    let own = Addresses::new(&thief.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let first = own.create_market(&thief.pubkey(), 2, RankRule::ProfitLeverage, &plain(), &powers);
    stage.send(&[first], &[&thief]).unwrap();
    assert!(lamports(&mut stage, &thief.pubkey()) < before);
    assert_ne!(own.market, at.market);
    stage.send(&[create], &[&creator]).unwrap();
}

#[test]
fn whatever_program_a_creator_names_tokens_are_those_of_the_two_token_programs() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(None, creator.pubkey());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &plain(), &powers);
    // A program of the creator's own, with a mint that looks like one.
    let fake = Pubkey::new_unique();
    let mut mint = stage.svm.account(&at.mint).unwrap();
    mint.owner = fake;
    let fake_mint = Pubkey::new_unique();
    stage.svm.set_account(&fake_mint, mint);
    let program = swapped(&create, &at.token_program, &fake);
    let both = swapped(&program, &at.mint, &fake_mint);
    // Accounts are looked at in their order, so of two that are wrong the mint is named.
    for (forged, error) in [(program, Anchor::InvalidProgramId), (both, Anchor::AccountOwnedByWrongProgram)] {
        assert_eq!(send(&mut stage, forged, &[&creator]).fails(), anchor(error));
    }
    let mint_alone = swapped(&create, &at.mint, &fake_mint);
    assert_eq!(send(&mut stage, mint_alone, &[&creator]).fails(), anchor(Anchor::AccountOwnedByWrongProgram));
}

/// The rule of the queue, the price's key and parameters at their bounds are the creator's to choose: they can be read
/// before anybody comes, and the first two never change.
#[test]
fn what_a_creator_chose_can_be_read_and_a_silly_market_takes_nobodys_cash() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let silly = Params {
        min_collateral: 1_000,
        confirmation: 3_600,
        staleness: 1,
        jump: zerosum_engine::units::Rate(1_000),
        vault_cooldown: 7 * 86_400,
        ..plain()
    };
    let powers = Powers::posted(None, Pubkey::default());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &silly, &powers);
    stage.send(&[create], &[&creator]).unwrap();
    let (market, book) = (stage.svm.account(&at.market).unwrap(), stage.svm.account(&at.book).unwrap());
    let market = zerosum_tests::MarketSnapshot::decode(&market.data, &book.data).unwrap();
    let head = market.head();
    assert_eq!((head.params, head.rank_rule), (silly, RankRule::ProfitLeverage as u8));
    assert_eq!((head.authority, head.price_signer), ([0; 32], [0; 32]));
    // Nobody signs its price, so nothing ever trades, and it has none to end at. Whoever came leaves.
    let alice = stage.trader(10_000_000);
    let open = at.open_seat(&alice.key(), &alice.key(), &alice.tokens, 10_000);
    stage.send(&[open], &[&alice.keys]).unwrap();
    let order = at.place_order(&alice.key(), 1, &zerosum_tests::buy(1, 100_000));
    assert_eq!(send(&mut stage, order, &[&alice.keys]).refused(), ErrorCode::NoPrice);
    stage.wait(1_000_000);
    assert_eq!(stage.crank(at.announce_dead()).refused(), ErrorCode::NoPrice);
    let close = at.close_seat(&alice.key(), 1, Some(&alice.tokens), &alice.key());
    send(&mut stage, close, &[&alice.keys]).unwrap();
    assert_eq!(atoms(&mut stage, &alice.tokens), 10_000_000);
}
