use zerosum_engine::{
    error::ErrorCode,
    layout::MAX_ORDERS,
    state::book::{BookHeader, Order},
    units::Side,
};
use zerosum_svm::Signer;
use zerosum_tests::{Refusal, Stage, sell};

use zerosum_tests::tampering::lamports;

#[test]
fn whoever_grows_a_book_pays_for_exactly_its_space() {
    let mut stage = Stage::new();
    let alice = stage.trader(50_000_000);
    stage.place(&alice, sell(7, 101_000)).unwrap();
    let payer = stage.svm.funded(10_000_000_000);
    let book = stage.at.book;
    let before = (stage.market().orders().len(), lamports(&mut stage, &book));
    let grow = stage.at.grow_book(&payer.pubkey());
    stage.send(&[grow], &[&payer]).unwrap();
    let account = stage.svm.account(&book).unwrap();
    assert_eq!(stage.market().orders().len(), before.0 + 67, "as many as an instruction can add");
    assert_eq!(account.lamports, stage.svm.rent(account.data.len()));
    let paid = 10_000_000_000 - lamports(&mut stage, &payer.pubkey());
    assert_eq!(paid, account.lamports - before.1);
    // What rested rests, and new room can be traded in.
    assert_eq!(stage.market().resting(Side::Short)[0].lots.0, 7);
    stage.place(&alice, sell(1, 100_500)).unwrap();
    assert_eq!(stage.market().resting(Side::Short).len(), 2);
}

#[test]
fn a_book_stops_growing_at_its_full_size() {
    let mut stage = Stage::new();
    let payer = stage.svm.funded(100_000_000_000);
    let grow = stage.at.grow_book(&payer.pubkey());
    let full = 8 + size_of::<BookHeader>() + MAX_ORDERS * size_of::<Order>();
    let mut book = stage.svm.account(&stage.at.book).unwrap();
    book.data.resize(full - 3 * size_of::<Order>(), 0);
    book.lamports = stage.svm.rent(book.data.len());
    stage.svm.set_account(&stage.at.book, book);
    stage.send(std::slice::from_ref(&grow), &[&payer]).unwrap();
    assert_eq!(stage.svm.account(&stage.at.book).unwrap().data.len(), full, "the last step is a short one");
    assert_eq!(stage.send(&[grow], &[&payer]).refused(), ErrorCode::BookAtFullSize);
}
