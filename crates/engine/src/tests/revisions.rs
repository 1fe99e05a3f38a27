use super::fixture::{plain, Long, Short, Venue};
use crate::units::{Atoms, Price};

/// The revisions that a market has, that it knows of its book, and that the book has.
fn revisions(v: &mut Venue) -> (u64, u64, u64) {
    v.peek(|x, _| (x.market.head.revision, x.market.head.book_revision, x.book.head.revision))
}

#[test]
fn every_operation_raises_the_markets_revision_and_a_changed_order_that_of_the_book() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let (one, other) = (v.seat(10_000_000), v.seat(10_000_000));
    type Operation = fn(&mut Venue, u32, u32);
    let operations: [(&str, bool, Operation); 9] = [
        ("a print", false, |v, _, _| v.print(100_001)),
        ("a deposit", false, |v, one, _| v.run(|x, now| x.deposit(one, Atoms(1), now))),
        ("a withdrawal", false, |v, one, _| v.run(|x, now| x.withdraw(one, Atoms(1), now))),
        ("an order that rests", true, |v, one, _| v.rest(one, Short, 10, 100_000)),
        ("a partial fill", true, |v, _, other| assert_eq!(v.take(other, Long, 4, 100_000).unwrap().filled.0, 4)),
        ("a whole one", true, |v, _, other| assert_eq!(v.take(other, Long, 6, 100_000).unwrap().filled.0, 6)),
        ("a cancelled order", true, |v, one, _| {
            v.rest(one, Long, 1, 99_000);
            v.run(|x, now| x.cancel_all(one, None, now));
        }),
        ("a pause", false, |v, _, _| v.run(|x, _| x.market.pause_opening(true))),
        ("a second", false, |v, _, _| {
            v.run(|x, now| {
                x.accrue(now);
                Ok(())
            })
        }),
    ];
    for (what, changes_book, operation) in operations {
        v.now += 1;
        let before = revisions(&mut v);
        operation(&mut v, one, other);
        let after = revisions(&mut v);
        assert!(after.0 > before.0, "{what}");
        assert_eq!(after.2 > before.2, changes_book, "{what}");
        assert_eq!(after.1, after.2, "{what}: read together they agree");
    }
}

#[test]
fn what_changes_nothing_raises_no_revision() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    v.seat(10_000_000);
    v.run(|x, now| {
        x.accrue(now);
        Ok(())
    });
    let before = v.clone();
    assert_eq!((v.liquidate(1).seats, v.deleverage(1).forced_fills), (0, 0));
    v.run(|x, now| x.unwind_vault(now));
    v.run(|x, now| {
        x.accrue(now);
        Ok(())
    });
    v.print(100_000);
    assert_eq!(v.bytes(), before.bytes());
}

#[test]
fn accounts_of_two_moments_do_not_agree() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let one = v.seat(10_000_000);
    v.rest(one, Short, 10, 100_000);
    let before = revisions(&mut v);
    v.rest(one, Long, 10, 99_000);
    let after = revisions(&mut v);
    assert_ne!(before.1, after.2, "an old market beside a new book");
    assert_ne!(after.1, before.2, "and the other way round");
}

#[test]
fn a_seat_knows_when_its_owner_opened_it() {
    let mut v = Venue::new(plain());
    v.price(100_000);
    let first = v.seat(10_000_000);
    let opened = |v: &mut Venue, seat: u32| v.peek(|x, _| x.market.seats[seat as usize].opened_at);
    let behind = v.seat(10_000_000);
    assert_eq!(opened(&mut v, first), v.now);
    v.run(|x, now| x.close_seat(first, true, now));
    assert_eq!(opened(&mut v, first), 0);
    v.now += 1_000;
    assert_eq!(v.seat(10_000_000), first, "the record is used again");
    assert_eq!((opened(&mut v, first), opened(&mut v, behind)), (v.now, v.now - 1_000));
    assert_eq!(v.peek(|x, _| x.market.oracle_price()), Price(100_000));
}
