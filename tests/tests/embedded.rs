//! The embedded chain itself: what the other tests rely on without saying so.

use std::thread;

use zerosum_svm::{
    AccountMeta, Build, GENESIS_TIME, Instruction, Pubkey, Signer, Svm, TransactionError,
    token::{Mint, TOKEN},
};

fn transfer(svm: &Svm, to: &Pubkey, lamports: u64) -> Instruction {
    let mut data = vec![2, 0, 0, 0];
    data.extend_from_slice(&lamports.to_le_bytes());
    Instruction::new_with_bytes(
        Pubkey::default(),
        &data,
        vec![AccountMeta::new(svm.payer().pubkey(), true), AccountMeta::new(*to, false)],
    )
}

#[test]
fn the_clock_stands_still_until_it_is_moved() {
    let mut svm = Svm::start(Build::Native);
    assert_eq!(svm.now(), GENESIS_TIME);
    svm.set_time(GENESIS_TIME + 1_000);
    let to = svm.funded(1_000_000_000).pubkey();
    // Longer than the life of a blockhash, and over many ticks of the chain.
    let start = std::time::Instant::now();
    while start.elapsed().as_millis() < 1_500 {
        svm.send(&[transfer(&svm, &to, 1)], &[]).unwrap();
    }
    assert_eq!(svm.now(), GENESIS_TIME + 1_000);
}

#[test]
fn the_same_instruction_is_sent_any_number_of_times() {
    let mut svm = Svm::start(Build::Native);
    let to = svm.funded(1_000_000_000).pubkey();
    for _ in 0..100 {
        svm.send(&[transfer(&svm, &to, 5)], &[]).unwrap();
    }
    assert_eq!(svm.account(&to).unwrap().lamports, 1_000_000_500);
}

#[test]
fn a_simulation_changes_nothing() {
    let mut svm = Svm::start(Build::Native);
    let to = svm.funded(1_000_000_000).pubkey();
    svm.simulate(&[transfer(&svm, &to, 5)], &[]).unwrap();
    assert_eq!(svm.account(&to).unwrap().lamports, 1_000_000_000);
}

#[test]
fn transactions_that_no_cluster_carries_are_refused() {
    let mut svm = Svm::start(Build::Native);
    let to = svm.funded(1_000_000_000);
    let many = vec![transfer(&svm, &to.pubkey(), 5); 80];
    let failure = svm.send(&many, &[]).unwrap_err();
    assert_eq!(failure.error, TransactionError::SanitizeFailure);
    let mut unsigned = transfer(&svm, &to.pubkey(), 5);
    unsigned.accounts[1].is_signer = true;
    svm.send(std::slice::from_ref(&unsigned), &[]).unwrap_err();
    svm.send(&[unsigned], &[&to]).unwrap();
}

#[test]
fn chains_run_side_by_side() {
    let chain = |atoms| {
        let mut svm = Svm::start(Build::available());
        svm.set_time(GENESIS_TIME + atoms as i64);
        let mint = Mint::create(&mut svm, TOKEN, 6);
        let owner = Pubkey::new_unique();
        for _ in 0..50 {
            mint.mint_to(&mut svm, &owner, atoms);
        }
        assert_eq!(mint.balance_of(&mut svm, &owner), 50 * atoms);
        assert_eq!(svm.now(), GENESIS_TIME + atoms as i64);
    };
    thread::scope(|scope| {
        for atoms in 1..=4 {
            scope.spawn(move || chain(atoms));
        }
    });
}
