//! Who may act for a seat.

use zerosum_engine::{error::ErrorCode, layout::VAULT};
use zerosum_svm::{Instruction, Keypair, Pubkey, Signer};
use zerosum_tests::{Refusal, Stage, buy};

use zerosum_tests::tampering::{Fails, OWNER_MISMATCH, number, send};

/// Everything that is done with an open seat but closing it, as asked for by `who`.
fn actions(stage: &Stage, who: &Pubkey, tokens: &Pubkey, seat: u32) -> [(&'static str, Instruction); 6] {
    let at = &stage.at;
    [
        ("set_delegate", at.set_delegate(who, seat, Some(*who))),
        ("withdraw", at.withdraw(who, seat, tokens, 1_000)),
        ("deposit", at.deposit(who, seat, tokens, 1_000)),
        ("place_order", at.place_order(who, seat, &buy(1, 99_000))),
        ("cancel_order", at.cancel_order(who, seat, 0)),
        ("cancel_all", at.cancel_all(who, seat, None)),
    ]
}

fn all_refused(stage: &mut Stage, who: &Keypair, tokens: &Pubkey, seat: u32, code: ErrorCode) {
    for (name, action) in actions(stage, &who.pubkey(), tokens, seat) {
        assert_eq!(send(stage, action, &[who]).fails(), number(code), "{name} of seat {seat}");
    }
}

#[test]
fn a_stranger_can_do_nothing_with_a_seat() {
    let mut stage = Stage::new();
    let (alice, mallory) = (stage.trader(50_000_000), stage.trader(50_000_000));
    all_refused(&mut stage, &mallory.keys, &mallory.tokens, alice.seat, ErrorCode::NotSeatOwner);
    let close = stage.at.close_seat(&mallory.key(), alice.seat, Some(&mallory.tokens), &alice.key());
    assert_eq!(send(&mut stage, close, &[&mallory.keys]).refused(), ErrorCode::SeatNotAbandoned);
}

#[test]
fn nobody_has_the_seat_of_the_vault() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    all_refused(&mut stage, &alice.keys, &alice.tokens, VAULT, ErrorCode::VaultSeat);
    let creator = stage.creator.insecure_clone();
    all_refused(&mut stage, &creator, &alice.tokens, VAULT, ErrorCode::VaultSeat);
    let close = stage.at.close_seat(&creator.pubkey(), VAULT, Some(&alice.tokens), &creator.pubkey());
    assert_eq!(send(&mut stage, close, &[&creator]).refused(), ErrorCode::VaultSeat);
}

#[test]
fn a_seat_that_is_not_open_is_no_seat() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    stage.close(&alice).unwrap();
    for seat in [alice.seat, bob.seat + 1, u32::MAX] {
        all_refused(&mut stage, &alice.keys, &alice.tokens, seat, ErrorCode::NoSuchSeat);
        let close = stage.at.close_seat(&alice.key(), seat, Some(&alice.tokens), &alice.key());
        assert_eq!(send(&mut stage, close, &[&alice.keys]).refused(), ErrorCode::NoSuchSeat);
    }
}

#[test]
fn a_delegate_trades_and_deposits_and_nothing_else() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    let (bot, tokens) = stage.newcomer(1_000_000);
    all_refused(&mut stage, &bot, &tokens, alice.seat, ErrorCode::NotSeatOwner);
    let appoint = stage.at.set_delegate(&alice.key(), alice.seat, Some(bot.pubkey()));
    stage.send(&[appoint], &[&alice.keys]).unwrap();

    let owners_only = ["set_delegate", "withdraw"];
    let (refused, allowed): (Vec<_>, Vec<_>) = actions(&stage, &bot.pubkey(), &tokens, alice.seat)
        .into_iter()
        .partition(|(name, _)| owners_only.contains(name));
    assert_eq!((refused.len(), allowed.len()), (2, 4));
    for (name, action) in refused {
        assert_eq!(send(&mut stage, action, &[&bot]).refused(), ErrorCode::OwnerOnly, "{name}");
    }
    for (name, action) in allowed {
        send(&mut stage, action, &[&bot]).unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
    let close = stage.at.close_seat(&bot.pubkey(), alice.seat, Some(&tokens), &alice.key());
    assert_eq!(send(&mut stage, close, &[&bot]).refused(), ErrorCode::SeatNotAbandoned);
    // The tokens it deposits are its own: it does not get at the owner's.
    let deposit = stage.at.deposit(&bot.pubkey(), alice.seat, &alice.tokens, 1_000);
    assert_eq!(send(&mut stage, deposit, &[&bot]).fails(), OWNER_MISMATCH);

    let dismiss = stage.at.set_delegate(&alice.key(), alice.seat, None);
    stage.send(&[dismiss], &[&alice.keys]).unwrap();
    all_refused(&mut stage, &bot, &tokens, alice.seat, ErrorCode::NotSeatOwner);
}

#[test]
fn the_next_owner_of_a_seat_owes_nothing_to_the_last() {
    let mut stage = Stage::new();
    let (alice, _last) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let (bot, tokens) = stage.newcomer(1_000_000);
    let appoint = stage.at.set_delegate(&alice.key(), alice.seat, Some(bot.pubkey()));
    stage.send(&[appoint], &[&alice.keys]).unwrap();
    stage.close(&alice).unwrap();
    let carol = stage.trader(50_000_000);
    assert_eq!(carol.seat, alice.seat);
    all_refused(&mut stage, &alice.keys, &alice.tokens, carol.seat, ErrorCode::NotSeatOwner);
    all_refused(&mut stage, &bot, &tokens, carol.seat, ErrorCode::NotSeatOwner);
}
