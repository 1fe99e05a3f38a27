//! The program runs: accounts, token transfers, the clock, events and return data.

use anchor_lang::{InstructionData, ToAccountMetas};
use zerosum::{accounts, instruction};
use zerosum_svm::{
    Build, GENESIS_TIME, Instruction, Keypair, Pubkey, Signer, Svm,
    token::{Mint, TOKEN, TOKEN_2022},
};

fn moves_tokens(build: Build, program: Pubkey) {
    let mut svm = Svm::start(build);
    let owner = svm.funded(1_000_000_000);
    let friend = Keypair::new();
    let mint = Mint::create(&mut svm, program, 6);
    let from = mint.mint_to(&mut svm, &owner.pubkey(), 1_000);
    let to = mint.mint_to(&mut svm, &friend.pubkey(), 0);
    let key = owner.pubkey();
    let seeds = [b"record".as_slice(), key.as_ref()];
    let record = Pubkey::find_program_address(&seeds, &zerosum::ID).0;

    let create = Instruction::new_with_bytes(
        zerosum::ID,
        &instruction::CreateRecord {}.data(),
        accounts::CreateRecord {
            payer: owner.pubkey(),
            record,
            system_program: Pubkey::default(),
        }
        .to_account_metas(None),
    );
    svm.send(&[create], &[&owner]).unwrap();

    svm.set_time(GENESIS_TIME + 77);
    let smoke = |amount| {
        Instruction::new_with_bytes(
            zerosum::ID,
            &instruction::Smoke { amount }.data(),
            accounts::Smoke {
                owner: owner.pubkey(),
                record,
                mint: mint.address,
                from,
                to,
                token_program: mint.program,
            }
            .to_account_metas(None),
        )
    };
    svm.simulate(&[smoke(10)], &[&owner]).unwrap();
    svm.send(&[smoke(10)], &[&owner]).unwrap();
    let receipt = svm.send(&[smoke(10)], &[&owner]).unwrap();
    println!("{receipt:#?}");
    assert_eq!(receipt.return_data, Some(2u64.to_le_bytes().to_vec()));
    assert!(
        receipt
            .logs
            .iter()
            .any(|line| line.starts_with("Program data: "))
    );
    assert_eq!(mint.balance_of(&mut svm, &friend.pubkey()), 20);
    let data = svm.account(&record).unwrap().data;
    assert_eq!(data[24..32], (GENESIS_TIME + 77).to_le_bytes());

    let failure = svm.send(&[smoke(0)], &[&owner]).unwrap_err();
    assert_eq!(failure.custom_code(), Some(6_000), "{failure}");
    svm.send(&[smoke(10)], &[]).unwrap_err();
}

#[test]
fn moves_tokens_of_both_programs() {
    moves_tokens(Build::available(), TOKEN);
    moves_tokens(Build::available(), TOKEN_2022);
}

#[test]
#[ignore = "a measurement"]
fn throughput() {
    let mut svm = Svm::start(Build::available());
    let owner = svm.funded(1_000_000_000);
    let mint = Mint::create(&mut svm, TOKEN, 6);
    let from = mint.mint_to(&mut svm, &owner.pubkey(), 1_000_000);
    let to = mint.mint_to(&mut svm, &Pubkey::new_unique(), 0);
    let key = owner.pubkey();
    let seeds = [b"record".as_slice(), key.as_ref()];
    let record = Pubkey::find_program_address(&seeds, &zerosum::ID).0;
    let create = Instruction::new_with_bytes(
        zerosum::ID,
        &instruction::CreateRecord {}.data(),
        accounts::CreateRecord {
            payer: owner.pubkey(),
            record,
            system_program: Pubkey::default(),
        }
        .to_account_metas(None),
    );
    svm.send(&[create], &[&owner]).unwrap();
    let smoke = Instruction::new_with_bytes(
        zerosum::ID,
        &instruction::Smoke { amount: 1 }.data(),
        accounts::Smoke {
            owner: owner.pubkey(),
            record,
            mint: mint.address,
            from,
            to,
            token_program: mint.program,
        }
        .to_account_metas(None),
    );
    let start = std::time::Instant::now();
    for i in 0..10_000 {
        if i % 100 == 0 {
            svm.set_time(GENESIS_TIME + i);
        }
        svm.send(std::slice::from_ref(&smoke), &[&owner]).unwrap();
    }
    println!(
        "{:?}: {:.0} tx/s",
        Build::available(),
        10_000.0 / start.elapsed().as_secs_f64()
    );
    let start = std::time::Instant::now();
    for i in 0..1_000 {
        svm.set_time(GENESIS_TIME + i);
    }
    println!("set_time {:?}", start.elapsed() / 1000);
    let start = std::time::Instant::now();
    for _ in 0..10 {
        Svm::start(Build::available());
    }
    println!("start {:?}", start.elapsed() / 10);
}
