//! No instruction takes an account for another, an unsigned key for a signature, or a read-only account for a writable
//! one.

use zerosum_engine::{error::ErrorCode, state::price::Print, units::Price};
use zerosum_svm::{
    Instruction, Keypair, Pubkey, Signer,
    token::{Mint, TOKEN, TOKEN_2022},
};
use zerosum_tests::{Stage, buy};

use zerosum_tests::tampering::{
    Anchor, Fails, anchor, copy_for, number, other_tokens, read_only, second_market, send, swapped, unsigned,
};

/// An account, what is named in its place, and the error that this must be.
type Swap = (Pubkey, Pubkey, u32);

/// Sends every tampered version of an instruction, which must fail, and then the instruction itself, which must not.
fn resists(stage: &mut Stage, name: &str, instruction: &Instruction, signers: &[&Keypair], swaps: &[Swap]) {
    let names = |key: &Pubkey| instruction.accounts.iter().any(|account| account.pubkey == *key);
    let mut tried = 0;
    for (from, to, expected) in swaps.iter().filter(|(from, ..)| names(from)) {
        let result = send(stage, swapped(instruction, from, to), signers);
        assert_eq!(result.fails(), *expected, "{name}: {to} for {from}");
        tried += 1;
    }
    assert!(tried > 0, "{name}: nothing was swapped");
    for account in &instruction.accounts {
        if account.is_signer {
            let result = send(stage, unsigned(instruction, &account.pubkey), signers);
            assert_eq!(result.fails(), anchor(Anchor::AccountNotSigner), "{name}: without {}", account.pubkey);
        }
        if account.is_writable {
            let result = send(stage, read_only(instruction, &account.pubkey), signers);
            assert_eq!(result.fails(), anchor(Anchor::ConstraintMut), "{name}: {} read-only", account.pubkey);
        }
    }
    if let Err(failure) = send(stage, instruction.clone(), signers) {
        panic!("{name}, as it should be: {failure}");
    }
}

#[test]
fn no_instruction_takes_an_account_for_another() {
    let mut stage = Stage::new();
    let at = stage.at;
    let trader = stage.trader(50_000_000);
    // The same owner has the same seat in a market of the same collateral, at another address.
    let other = second_market(&mut stage);
    let payer = stage.svm.funded(10_000_000_000);
    let open = other.open_seat(&trader.key(), &payer.pubkey(), &trader.tokens, 20_000_000);
    stage.send(&[open], &[&trader.keys, &payer]).unwrap();
    let (market_copy, book_copy) =
        (copy_for(&mut stage, &at.market, TOKEN), copy_for(&mut stage, &at.book, Pubkey::new_unique()));
    let other_mint = Mint::create(&mut stage.svm, TOKEN, 6).address;
    let own_pool = other_tokens(&mut stage, &at.mint, &trader.key());

    let (wrong, kind) = (number(ErrorCode::WrongAccount), anchor(Anchor::AccountDiscriminatorMismatch));
    let (owner, program) = (anchor(Anchor::AccountOwnedByWrongProgram), anchor(Anchor::InvalidProgramId));
    let common = [
        (at.market, market_copy, owner),
        (at.market, trader.key(), owner),
        (at.market, at.book, kind),
        (at.market, at.oracle, kind),
        (at.book, other.book, wrong),
        (at.book, book_copy, owner),
        (at.book, at.market, kind),
        (at.book, at.oracle, kind),
        (at.pool, other.pool, wrong),
        (at.pool, own_pool, wrong),
        (at.pool, trader.tokens, wrong),
        (at.mint, other_mint, wrong),
        (at.token_program, TOKEN_2022, wrong),
        (zerosum_client::SYSTEM, TOKEN, program),
    ];
    let feed_copy = copy_for(&mut stage, &at.oracle, zerosum_client::ID);
    let oracle = [other.oracle, feed_copy, at.market, trader.key()];
    let oracle = oracle.map(|forged| (at.oracle, forged, number(ErrorCode::WrongOracle)));
    let other_market = |error| (at.market, other.market, number(error));
    let with = |more: &[Swap]| [common.as_slice(), more].concat();
    let wrong_market = with(&[other_market(ErrorCode::WrongAccount)]);
    let wrong_market_or_oracle = [wrong_market.as_slice(), &oracle].concat();

    let (key, keys) = (trader.key(), &trader.keys);
    let mut order = buy(10, 99_000);
    order.client_id = 5;
    let place = at.place_order(&key, 1, &order);
    resists(&mut stage, "place_order", &place, &[keys], &wrong_market_or_oracle);
    let withdraw = at.withdraw(&key, 1, &trader.tokens, 1_000);
    resists(&mut stage, "withdraw", &withdraw, &[keys], &wrong_market_or_oracle);
    let deposit = at.deposit(&key, 1, &trader.tokens, 1_000);
    resists(&mut stage, "deposit", &deposit, &[keys], &wrong_market);
    let open = at.open_seat(&key, &payer.pubkey(), &trader.tokens, 10_000_000);
    resists(&mut stage, "open_seat", &open, &[keys, &payer], &wrong_market);
    // The same owner has that seat in the other market too: there this would be an instruction of its own.
    let delegate = at.set_delegate(&key, 1, Some(payer.pubkey()));
    resists(&mut stage, "set_delegate", &delegate, &[keys], &common);
    let cancel = at.cancel_order(&key, 1, 5);
    resists(&mut stage, "cancel_order", &cancel, &[keys], &wrong_market);
    let cancel = at.cancel_all(&key, 1, None);
    resists(&mut stage, "cancel_all", &cancel, &[keys], &wrong_market);
    let grow = at.grow_book(&payer.pubkey());
    resists(&mut stage, "grow_book", &grow, &[&payer], &wrong_market);
    stage.gift(&at.pool, 1_000);
    let sweep = at.sweep_excess();
    resists(&mut stage, "sweep_excess", &sweep, &[], &wrong_market);
    let close = at.close_seat(&key, 1, Some(&trader.tokens), &key);
    resists(&mut stage, "close_seat", &close, &[keys], &wrong_market);

    stage.wait(1);
    let print = Print { price: Price(100_000), published: stage.svm.now() };
    let post = at.post_price(&stage.price_signer.pubkey(), print);
    let feed_for_others = copy_for(&mut stage, &at.oracle, TOKEN);
    // The other market has the same price signer, so only the feeds tell them apart.
    let feeds = [
        other_market(ErrorCode::WrongOracle),
        (at.oracle, other.oracle, number(ErrorCode::WrongOracle)),
        (at.oracle, feed_copy, number(ErrorCode::WrongOracle)),
        (at.oracle, feed_for_others, owner),
        (at.oracle, at.market, kind),
        (at.oracle, at.book, kind),
    ];
    let signer = stage.price_signer.insecure_clone();
    resists(&mut stage, "post_price", &post, &[&signer], &with(&feeds));
}

#[test]
fn an_account_of_another_version_or_cut_short_is_refused() {
    let mut stage = Stage::new();
    let trader = stage.trader(50_000_000);
    let cancel = stage.at.cancel_all(&trader.key(), trader.seat, None);
    let (market, book) = (stage.at.market, stage.at.book);
    let version = number(ErrorCode::WrongVersion);
    let small = number(ErrorCode::AccountTooSmall);
    let no_header = anchor(Anchor::AccountDidNotDeserialize);
    for address in [market, book] {
        let original = stage.svm.account(&address).unwrap();
        let mut newer = original.clone();
        newer.data[8] = zerosum_engine::layout::VERSION + 1;
        stage.svm.set_account(&address, newer);
        assert_eq!(send(&mut stage, cancel.clone(), &[&trader.keys]).fails(), version);
        let mut short = original.clone();
        short.data.truncate(100);
        stage.svm.set_account(&address, short);
        let short = send(&mut stage, cancel.clone(), &[&trader.keys]).fails();
        assert_eq!(short, if address == market { no_header } else { small });
        stage.svm.set_account(&address, original);
    }
    // One record less than the header names.
    let mut short = stage.svm.account(&market).unwrap();
    short.data.truncate(short.data.len() - 1);
    stage.svm.set_account(&market, short);
    assert_eq!(send(&mut stage, cancel, &[&trader.keys]).fails(), small);
}
