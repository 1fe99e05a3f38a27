//! The authority passes itself on in two steps, or ends.

use std::slice::from_ref;

use zerosum_client::events::AuthorityChanged;
use zerosum_engine::{
    error::ErrorCode, ops::admin::TIME_LOCK, ops::settlement::DELIST_NOTICE, state::header::Header,
    state::params::Params, units::Rate,
};
use zerosum_svm::{Pubkey, Signer};
use zerosum_tests::{Event, Refusal, Stage, buy};

#[test]
fn the_powers_pass_when_the_offer_is_accepted() {
    let mut stage = Stage::new();
    let at = stage.at;
    let (creator, heir) = (stage.creator.insecure_clone(), stage.svm.funded(1_000_000_000));
    let stranger = stage.svm.funded(1_000_000_000);
    let propose = |to| at.propose_authority(&creator.pubkey(), to);
    let accept = at.accept_authority(&heir.pubkey());
    assert_eq!(stage.send(from_ref(&accept), &[&heir]).refused(), ErrorCode::NothingPending);
    let sent = stage.send(&[propose(Some(heir.pubkey()))], &[&creator]).unwrap();
    assert_eq!(sent.events, [], "an offer is nothing yet");
    let head = stage.market().head();
    assert_eq!((head.authority, head.pending_authority), (creator.pubkey().to_bytes(), heir.pubkey().to_bytes()));
    for thief in [&stranger, &creator] {
        let steal = at.accept_authority(&thief.pubkey());
        assert_eq!(stage.send(&[steal], &[thief]).refused(), ErrorCode::NotAuthority);
    }
    // Taken back, made to another, made again.
    stage.send(&[propose(None)], &[&creator]).unwrap();
    assert_eq!(stage.send(from_ref(&accept), &[&heir]).refused(), ErrorCode::NothingPending);
    stage.send(&[propose(Some(stranger.pubkey()))], &[&creator]).unwrap();
    assert_eq!(stage.send(from_ref(&accept), &[&heir]).refused(), ErrorCode::NotAuthority);
    stage.send(&[propose(Some(heir.pubkey()))], &[&creator]).unwrap();
    let sent = stage.send(&[accept], &[&heir]).unwrap();
    let changed = AuthorityChanged { market: at.market, authority: heir.pubkey() };
    assert_eq!(sent.events, [Event::AuthorityChanged(changed)]);
    let head = stage.market().head();
    assert_eq!((head.authority, head.pending_authority), (heir.pubkey().to_bytes(), [0; 32]));
    assert_eq!(head.creator, creator.pubkey().to_bytes(), "who created it stays, and is paid its rent");
}

#[test]
fn what_waits_ends_with_a_burned_authority() {
    let mut stage = Stage::new();
    let at = stage.at;
    let (creator, heir) = (stage.creator.insecure_clone(), stage.svm.funded(1_000_000_000));
    let key = creator.pubkey();
    let date = stage.svm.now() + DELIST_NOTICE;
    let looser = Params { maintenance: Rate(20_000), ..stage.market().head().params };
    let all = [
        at.change_params(&key, &looser),
        at.propose_authority(&key, Some(heir.pubkey())),
        at.pause_opening(&key, true),
        at.delist(&key, date),
    ];
    for power in all {
        stage.send(&[power], &[&creator]).unwrap();
    }
    let before = *stage.market().head();
    let sent = stage.send(&[at.burn_authority(&key)], &[&creator]).unwrap();
    let changed = AuthorityChanged { market: at.market, authority: Pubkey::default() };
    assert_eq!(sent.events, [Event::AuthorityChanged(changed)]);
    let expected = Header {
        authority: [0; 32],
        pending_authority: [0; 32],
        pending_params: Params::default(),
        pending_params_at: 0,
        opening_paused: 0,
        delist_at: 0,
        revision: stage.market().head().revision,
        ..before
    };
    assert!(expected.revision > before.revision);
    let is = bytemuck::bytes_of(stage.market().head()) == bytemuck::bytes_of(&expected);
    assert!(is, "and nothing else");
    stage.wait(TIME_LOCK);
    assert_eq!(stage.crank(at.apply_params()).refused(), ErrorCode::NothingPending);
    // It goes on without anybody.
    stage.price(100_000);
    let alice = stage.trader(50_000_000);
    stage.place(&alice, buy(10, 99_000)).unwrap();
}

#[test]
fn a_delisting_that_has_come_outlives_the_authority() {
    let mut stage = Stage::new();
    let creator = stage.creator.insecure_clone();
    let alice = stage.trader(50_000_000);
    let date = stage.svm.now() + DELIST_NOTICE;
    stage.send(&[stage.at.delist(&creator.pubkey(), date)], &[&creator]).unwrap();
    stage.wait(DELIST_NOTICE);
    stage.send(&[stage.at.burn_authority(&creator.pubkey())], &[&creator]).unwrap();
    assert_eq!(stage.market().head().delist_at, date);
    stage.wait(2);
    stage.post(100_000);
    assert_eq!(stage.place(&alice, buy(10, 99_000)).refused(), ErrorCode::MarketDelisted);
    stage.crank(stage.at.settle()).unwrap();
}
