//! Every power asks who signs.

use std::slice::from_ref;

use zerosum_client::{Addresses, Powers};
use zerosum_engine::{
    error::ErrorCode, ops::settlement::DELIST_NOTICE, state::header::RankRule, state::params::Params, units::Rate,
};
use zerosum_svm::{Instruction, Keypair, Pubkey, Signer};
use zerosum_tests::{Refusal, Setup, Stage};

use zerosum_tests::scene::plain;
use zerosum_tests::tampering::{Anchor, Fails, anchor, send, unsigned};

/// Parameters of which none is applied at once, and that leave all fee cash to be taken.
pub fn waiting() -> Params {
    Params { deleverage_pay_cap: 0, initial: Rate(60_000), ..plain() }
}

/// A market in which every power would do something: there are fees, and parameters that wait.
pub fn stage() -> (Stage, Pubkey) {
    let mut stage = Setup { params: Params { deleverage_pay_cap: 0, ..plain() }, ..Setup::default() }.start();
    let pool = stage.at.pool;
    stage.gift(&pool, 1_000);
    stage.crank(stage.at.sweep_excess()).unwrap();
    let creator = stage.creator.insecure_clone();
    let tokens = stage.mint.mint_to(&mut stage.svm, &creator.pubkey(), 0);
    let change = stage.at.change_params(&creator.pubkey(), &waiting());
    stage.send(&[change], &[&creator]).unwrap();
    (stage, tokens)
}

/// All that an authority can do, as `who` would ask for it, what ends it last.
pub fn all(stage: &mut Stage, at: &Addresses, who: &Pubkey, tokens: &Pubkey) -> Vec<(&'static str, Instruction)> {
    let date = stage.svm.now() + DELIST_NOTICE + 100;
    vec![
        ("pause_opening", at.pause_opening(who, true)),
        ("change_params", at.change_params(who, &Params { jump: Rate(40_000), ..waiting() })),
        ("drop_params", at.drop_params(who)),
        ("take_fees", at.take_fees(who, tokens, 10)),
        ("propose_authority", at.propose_authority(who, Some(*who))),
        ("delist", at.delist(who, date)),
        ("burn_authority", at.burn_authority(who)),
    ]
}

#[track_caller]
fn none(stage: &mut Stage, who: &Keypair, tokens: &Pubkey) {
    let at = stage.at;
    for (name, power) in all(stage, &at, &who.pubkey(), tokens) {
        assert_eq!(send(stage, power, &[who]).refused(), ErrorCode::NotAuthority, "{name}");
    }
}

#[track_caller]
fn every(stage: &mut Stage, who: &Keypair, tokens: &Pubkey) {
    let at = stage.at;
    for (name, power) in all(stage, &at, &who.pubkey(), tokens) {
        send(stage, power, &[who]).unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}

/// Offers the powers to somebody new; returns who that is.
fn offer(stage: &mut Stage) -> Keypair {
    let (creator, heir) = (stage.creator.insecure_clone(), stage.svm.funded(1_000_000_000));
    let propose = stage.at.propose_authority(&creator.pubkey(), Some(heir.pubkey()));
    stage.send(&[propose], &[&creator]).unwrap();
    heir
}

#[test]
fn nobody_but_the_authority_has_any_power() {
    let (mut stage, tokens) = stage();
    let trader = stage.trader(50_000_000);
    let price_signer = stage.price_signer.insecure_clone();
    for who in [&trader.keys, &price_signer] {
        none(&mut stage, who, &tokens);
        let accept = stage.at.accept_authority(&who.pubkey());
        assert_eq!(send(&mut stage, accept, &[who]).refused(), ErrorCode::NothingPending);
    }
    let creator = stage.creator.insecure_clone();
    every(&mut stage, &creator, &tokens);
}

#[test]
fn an_offer_alone_moves_no_power() {
    let (mut stage, tokens) = stage();
    let heir = offer(&mut stage);
    none(&mut stage, &heir, &tokens);
    let creator = stage.creator.insecure_clone();
    every(&mut stage, &creator, &tokens);
}

#[test]
fn an_authority_that_handed_over_has_no_power_left() {
    let (mut stage, tokens) = stage();
    let (creator, heir) = (stage.creator.insecure_clone(), offer(&mut stage));
    let accept = stage.at.accept_authority(&heir.pubkey());
    stage.send(from_ref(&accept), &[&heir]).unwrap();
    none(&mut stage, &creator, &tokens);
    assert_eq!(send(&mut stage, accept, &[&heir]).refused(), ErrorCode::NothingPending, "once");
    every(&mut stage, &heir, &tokens);
}

/// The zero key is the address of the system program: it can be named, and nobody signs for it.
#[test]
fn over_a_burned_market_nobody_has_any_power() {
    let (mut stage, tokens) = stage();
    let (creator, heir) = (stage.creator.insecure_clone(), offer(&mut stage));
    let burn = stage.at.burn_authority(&creator.pubkey());
    stage.send(&[burn], &[&creator]).unwrap();
    for who in [&creator, &heir] {
        none(&mut stage, who, &tokens);
        let accept = stage.at.accept_authority(&who.pubkey());
        assert_eq!(send(&mut stage, accept, &[who]).refused(), ErrorCode::NothingPending);
    }
    let zero = Pubkey::default();
    let at = stage.at;
    for (name, power) in all(&mut stage, &at, &zero, &tokens) {
        let result = send(&mut stage, unsigned(&power, &zero), &[]);
        assert_eq!(result.fails(), anchor(Anchor::AccountNotSigner), "{name}");
        send(&mut stage, power, &[]).unwrap_err();
    }
}

#[test]
fn a_market_created_without_an_authority_never_gets_one() {
    let (mut stage, tokens) = stage();
    let creator = stage.creator.insecure_clone();
    let at = Addresses::new(&creator.pubkey(), 2, &stage.mint.address, &stage.mint.program);
    let powers = Powers::posted(None, creator.pubkey());
    let create = at.create_market(&creator.pubkey(), 2, RankRule::ProfitLeverage, &plain(), &powers);
    stage.send(&[create], &[&creator]).unwrap();
    for (name, power) in all(&mut stage, &at, &creator.pubkey(), &tokens) {
        assert_eq!(send(&mut stage, power, &[&creator]).refused(), ErrorCode::NotAuthority, "{name}");
    }
    let accept = at.accept_authority(&creator.pubkey());
    assert_eq!(send(&mut stage, accept, &[&creator]).refused(), ErrorCode::NothingPending);
}
