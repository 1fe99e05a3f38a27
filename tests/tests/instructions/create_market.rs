use zerosum_client::{Powers, decode_feed, events::MarketCreated};
use zerosum_engine::{
    error::ErrorCode,
    layout::VAULT,
    state::header::RankRule,
    state::params::Params,
    state::price::Print,
    units::{Price, Rate},
};
use zerosum_svm::{
    Instruction, InstructionError, Pubkey, Signer,
    token::{Mint, TOKEN, TOKEN_2022},
};
use zerosum_tests::{Addresses, Event, Refusal, Setup, Stage};

use zerosum_tests::tampering::{
    ALREADY_IN_USE, Anchor, Fails, anchor, atoms, lamports, number, reason, send, swapped, unsigned,
};

/// The market `id` of the stage's creator, and the instruction that creates it.
fn new_market(stage: &Stage, id: u64, params: &Params) -> (Addresses, Instruction) {
    let creator = stage.creator.pubkey();
    let at = Addresses::new(&creator, id, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(None, stage.price_signer.pubkey());
    (at, at.create_market(&creator, id, RankRule::ProfitLeverage, params, &powers))
}

/// The accounts that a creation makes.
fn made(at: &Addresses) -> [Pubkey; 4] {
    [at.market, at.book, at.oracle, at.pool]
}

fn assert_not_made(stage: &mut Stage, at: &Addresses) {
    for address in made(at) {
        assert!(stage.svm.account(&address).is_none(), "a refused creation leaves nothing");
    }
}

#[test]
fn a_market_begins_empty_and_as_it_was_asked_for() {
    let params = Params { taker_fee: Rate(700), min_order: 3, ..Params::standard() };
    let mut stage = Setup { params, rule: RankRule::ProfitLeverage, price: None, ..Setup::default() }.start();
    let (at, creator) = (stage.at, stage.creator.pubkey());
    let head = *stage.market().head();
    assert_eq!((head.id, head.rank_rule, head.decimals), (1, RankRule::ProfitLeverage as u8, 6));
    assert_eq!((head.creator, head.authority), (creator.to_bytes(), creator.to_bytes()));
    assert_eq!(head.price_signer, stage.price_signer.pubkey().to_bytes());
    assert_eq!(head.params, params);
    assert_eq!(Addresses::of(&zerosum_client::ID, &at.market, &head), at);
    assert_eq!(stage.market().book_head().market, at.market.to_bytes());
    assert_eq!((head.pool_cash.0, head.open_interest.0, head.price.accepted.0), (0, 0, 0));
    assert_eq!((stage.market().seats().len(), stage.market().orders().len()), (1, 64));
    let vault = stage.market().seat(VAULT).expect("the vault has its seat");
    assert_eq!((vault.owner, vault.delegate), ([0; 32], [0; 32]));

    let pool = stage.svm.account(&at.pool).unwrap();
    assert_eq!((pool.owner, pool.data.len()), (TOKEN, 165));
    assert_eq!(&pool.data[..32], at.mint.as_ref());
    assert_eq!(&pool.data[32..64], at.pool_authority.as_ref());
    assert_eq!(atoms(&mut stage, &at.pool), 0);
    // No delegate, no close authority: nobody but the program moves it.
    assert_eq!(&pool.data[72..76], [0; 4]);
    assert_eq!(&pool.data[129..133], [0; 4]);
    let feed = decode_feed(&stage.svm.account(&at.oracle).unwrap().data).unwrap();
    assert_eq!(feed.market, at.market.to_bytes());
    assert_eq!(feed.print(), Print { price: Price(0), published: 0 });
    assert!(stage.svm.account(&at.pool_authority).is_none());
    for address in made(&at) {
        let account = stage.svm.account(&address).unwrap();
        assert_eq!(account.lamports, stage.svm.rent(account.data.len()));
    }
}

#[test]
fn the_creator_pays_the_rent_and_the_log_names_the_market() {
    let mut stage = Stage::new();
    let (at, create) = new_market(&stage, 2, &Params::standard());
    let creator = stage.creator.insecure_clone();
    let before = lamports(&mut stage, &creator.pubkey());
    let sent = stage.send(&[create], &[&creator]).unwrap();
    let created = MarketCreated { market: at.market, creator: creator.pubkey(), mint: at.mint };
    assert_eq!(sent.events, [Event::MarketCreated(created)]);
    let rent: u64 = made(&at).iter().map(|address| lamports(&mut stage, address)).sum();
    assert_eq!(before - lamports(&mut stage, &creator.pubkey()), rent);
}

#[test]
fn lamports_sent_ahead_cannot_prevent_a_market() {
    let mut stage = Stage::new();
    let (at, create) = new_market(&stage, 2, &Params::standard());
    let creator = stage.creator.insecure_clone();
    for (address, gift) in made(&at).into_iter().zip([1, 5_000_000, 900_000, 50_000_000_000]) {
        stage.svm.airdrop(&address, gift);
    }
    stage.svm.airdrop(&at.pool_authority, 7);
    let before = lamports(&mut stage, &creator.pubkey());
    stage.send(&[create], &[&creator]).unwrap();
    let mut missing = 0;
    for (address, gift) in made(&at).into_iter().zip([1, 5_000_000, 900_000, 50_000_000_000]) {
        let account = stage.svm.account(&address).unwrap();
        let rent = stage.svm.rent(account.data.len());
        assert_eq!(account.lamports, rent.max(gift));
        missing += rent.saturating_sub(gift);
    }
    assert_eq!(before - lamports(&mut stage, &creator.pubkey()), missing, "only what is missing is paid");
    // It is a market like any other.
    let alice = stage.trader(30_000_000);
    let open = at.open_seat(&alice.key(), &alice.key(), &alice.tokens, 20_000_000);
    stage.send(&[open], &[&alice.keys]).unwrap();
    assert_eq!(atoms(&mut stage, &at.pool), 20_000_000);
}

#[test]
fn a_market_is_not_created_twice() {
    let mut stage = Stage::new();
    let alice = stage.trader(30_000_000);
    let creator = stage.creator.insecure_clone();
    let (_, again) = new_market(&stage, 1, &Params::standard());
    assert_eq!(stage.send(&[again], &[&creator]).fails(), ALREADY_IN_USE);
    assert_eq!(stage.seat(&alice).position.cash.0, 30_000_000);
    // Nor over another's: the addresses are the creator's own.
    let mallory = stage.svm.funded(100_000_000_000);
    let (at, create) = new_market(&stage, 2, &Params::standard());
    let squat = swapped(&create, &creator.pubkey(), &mallory.pubkey());
    assert_eq!(send(&mut stage, squat, &[&mallory]).fails(), anchor(Anchor::ConstraintSeeds));
    assert_not_made(&mut stage, &at);
}

#[test]
fn parameters_beyond_their_bounds_make_no_market() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let standard = Params::standard();
    let bad = [
        Params { maintenance: Rate(1_999), ..standard },
        Params { target: standard.maintenance, ..standard },
        Params { initial: Rate(1_000_001), ..standard },
        Params { maker_fee: Rate(501), ..standard },
        Params { vault_loss_budget: Rate(u32::MAX), ..standard },
        Params { min_order: 0, ..standard },
        Params { min_collateral: -1, ..standard },
        Params { deleverage_pay_cap: -1, ..standard },
        Params { staleness: 61, ..standard },
        Params { jump: Rate(standard.initial.0 + 1), ..standard },
        Params { vault_spread: Rate(standard.band.0 + 1), ..standard },
        Params { seasoning: 59, ..standard },
        Params { budget_window: 599, ..standard },
        Params { oracle_silence: 3_599, ..standard },
        Params { oracle_silence: 7 * 86_400 + 1, ..standard },
        Params { oracle_grace: 86_399, ..standard },
        Params { evict_lock: i64::MAX, ..standard },
    ];
    for params in bad {
        let (at, create) = new_market(&stage, 2, &params);
        assert_eq!(stage.send(&[create], &[&creator]).refused(), ErrorCode::BadParameter, "{params:?}");
        assert_not_made(&mut stage, &at);
    }
    let (_, mut create) = new_market(&stage, 2, &standard);
    create.data[16] = 2; // the rule, behind the discriminator and the id
    assert_eq!(stage.send(&[create], &[&creator]).refused(), ErrorCode::BadParameter);
}

#[test]
fn a_market_is_made_of_its_own_addresses_and_a_real_mint() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let (at, create) = new_market(&stage, 2, &Params::standard());
    let (other, _) = new_market(&stage, 3, &Params::standard());
    let (_, tokens) = stage.newcomer(5);
    let no_signature = unsigned(&create, &creator.pubkey());
    assert_eq!(send(&mut stage, no_signature, &[&creator]).fails(), anchor(Anchor::AccountNotSigner));
    let seeds = anchor(Anchor::ConstraintSeeds);
    let existing = stage.at;
    let swaps = [
        (at.market, other.market, seeds),
        (at.market, existing.market, seeds),
        (at.book, other.book, seeds),
        (at.book, at.market, seeds),
        (at.pool, other.pool, seeds),
        (at.pool, tokens, seeds),
        (at.oracle, other.oracle, number(ErrorCode::WrongOracle)),
        (at.pool_authority, creator.pubkey(), seeds),
        (at.pool_authority, other.pool_authority, seeds),
        (at.token_program, zerosum_client::ID, anchor(Anchor::InvalidProgramId)),
        (at.mint, creator.pubkey(), anchor(Anchor::AccountOwnedByWrongProgram)),
        (at.mint, existing.market, anchor(Anchor::AccountOwnedByWrongProgram)),
        (zerosum_client::SYSTEM, TOKEN, anchor(Anchor::InvalidProgramId)),
    ];
    for (from, to, expected) in swaps {
        let result = send(&mut stage, swapped(&create, &from, &to), &[&creator]);
        assert_eq!(result.fails(), expected, "{to} for {from}");
    }
    // The mint is not one of the token program that is to hold the pool.
    let no_token = send(&mut stage, swapped(&create, &at.token_program, &TOKEN_2022), &[&creator]);
    assert_eq!(reason(no_token), InstructionError::IncorrectProgramId);
    // A token account is no mint, though the token program owns both.
    let no_mint = send(&mut stage, swapped(&create, &at.mint, &tokens), &[&creator]);
    assert_eq!(reason(no_mint), InstructionError::InvalidAccountData);
    assert_not_made(&mut stage, &at);
    let wide = Mint::create(&mut stage.svm, TOKEN, 9).address;
    send(&mut stage, swapped(&create, &at.mint, &wide), &[&creator]).unwrap();
    let market = stage.svm.account(&at.market).unwrap();
    let book = stage.svm.account(&at.book).unwrap();
    let market = zerosum_tests::MarketSnapshot::decode(&market.data, &book.data).unwrap();
    assert_eq!((market.head().decimals, market.head().mint), (9, wide.to_bytes()));
    assert_eq!(market.head().authority, [0; 32], "nobody holds powers over it");
}
