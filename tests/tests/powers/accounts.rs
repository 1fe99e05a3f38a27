//! No power takes an account for another, an unsigned key for a signature, or a read-only account for a writable one.

use zerosum_engine::{error::ErrorCode, ops::admin::TIME_LOCK};
use zerosum_svm::{
    Instruction, Keypair, Pubkey, Signer,
    token::{Mint, TOKEN, TOKEN_2022},
};
use zerosum_tests::Stage;

use super::signers::{all, stage};
use zerosum_tests::tampering::{
    Anchor, Fails, MINT_MISMATCH, anchor, copy_for, number, read_only, second_market, send, swapped, unsigned,
};

/// An account, what is named in its place, and the error that this must be.
type Swap = (Pubkey, Pubkey, u32);

/// Sends every tampered version of an instruction, which must fail, and then the instruction itself, which must not.
fn resists(stage: &mut Stage, name: &str, power: &Instruction, signers: &[&Keypair], swaps: &[Swap]) {
    let names = |key: &Pubkey| power.accounts.iter().any(|account| account.pubkey == *key);
    for (from, to, expected) in swaps.iter().filter(|(from, ..)| names(from)) {
        let result = send(stage, swapped(power, from, to), signers);
        assert_eq!(result.fails(), *expected, "{name}: {to} for {from}");
    }
    for account in &power.accounts {
        if account.is_signer {
            let result = send(stage, unsigned(power, &account.pubkey), signers);
            assert_eq!(result.fails(), anchor(Anchor::AccountNotSigner), "{name}: unsigned");
        }
        if account.is_writable {
            let result = send(stage, read_only(power, &account.pubkey), signers);
            assert_eq!(result.fails(), anchor(Anchor::ConstraintMut), "{name}: {} read-only", account.pubkey);
        }
    }
    send(stage, power.clone(), signers).unwrap_or_else(|failure| panic!("{name}, as it should be: {failure}"));
}

#[test]
fn no_power_takes_an_account_for_another() {
    let (mut stage, tokens) = stage();
    let at = stage.at;
    let creator = stage.creator.insecure_clone();
    // Of the same creator, collateral and price signer, and nobody's.
    let other = second_market(&mut stage);
    let book_copy = copy_for(&mut stage, &at.book, zerosum_client::ID);
    let (foreign_market, foreign_book) =
        (copy_for(&mut stage, &at.market, TOKEN), copy_for(&mut stage, &at.book, TOKEN));
    let other_mint = Mint::create(&mut stage.svm, TOKEN, 6);
    let coins = other_mint.mint_to(&mut stage.svm, &creator.pubkey(), 5);
    let (wrong, kind) = (number(ErrorCode::WrongAccount), anchor(Anchor::AccountDiscriminatorMismatch));
    let (owner, to_pool) = (anchor(Anchor::AccountOwnedByWrongProgram), number(ErrorCode::WrongDestination));
    let swaps = [
        (at.market, foreign_market, owner),
        (at.market, creator.pubkey(), owner),
        (at.market, at.oracle, kind),
        (at.book, other.book, wrong),
        (at.book, book_copy, wrong),
        (at.book, foreign_book, owner),
        (at.book, at.market, kind),
        (at.book, at.oracle, kind),
        (at.pool, other.pool, wrong),
        (at.pool, tokens, wrong),
        (at.mint, other_mint.address, wrong),
        (at.token_program, TOKEN_2022, wrong),
        (at.token_program, zerosum_client::ID, anchor(Anchor::InvalidProgramId)),
        (tokens, at.pool, to_pool),
        (tokens, coins, MINT_MISMATCH),
    ];
    // Before the powers that end it, those that anyone may use on what an authority left.
    stage.wait(TIME_LOCK);
    let apply = at.apply_params();
    resists(&mut stage, "apply_params", &apply, &[], &[swaps.as_slice(), &[(at.market, other.market, wrong)]].concat());
    let powers = all(&mut stage, &at, &creator.pubkey(), &tokens);
    for (name, power) in &powers {
        // The other market has no authority.
        let another = (at.market, other.market, number(ErrorCode::NotAuthority));
        let swaps = [swaps.as_slice(), &[another]].concat();
        if *name == "take_fees" {
            let unsigned = swapped(power, &at.pool_authority, &other.pool_authority);
            // The creator signs, but the pool is not its own either.
            let signed = swapped(power, &at.pool_authority, &creator.pubkey());
            for forged in [unsigned, signed] {
                let result = send(&mut stage, forged, &[&creator]);
                assert_eq!(result.fails(), anchor(Anchor::ConstraintTokenOwner));
            }
        }
        resists(&mut stage, name, power, &[&creator], &swaps);
    }
    assert_eq!(powers.len(), 7);
}

#[test]
fn an_offer_is_accepted_with_a_signature_and_in_its_own_market() {
    let (mut stage, _) = stage();
    let at = stage.at;
    let (creator, heir) = (stage.creator.insecure_clone(), stage.svm.funded(1_000_000_000));
    let other = second_market(&mut stage);
    let propose = at.propose_authority(&creator.pubkey(), Some(heir.pubkey()));
    stage.send(&[propose], &[&creator]).unwrap();
    let swaps = [
        (at.market, other.market, number(ErrorCode::NothingPending)),
        (at.market, at.book, anchor(Anchor::AccountDiscriminatorMismatch)),
        (heir.pubkey(), creator.pubkey(), number(ErrorCode::NotAuthority)),
    ];
    let accept = at.accept_authority(&heir.pubkey());
    resists(&mut stage, "accept_authority", &accept, &[&heir, &creator], &swaps);
}
