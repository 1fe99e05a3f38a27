use zerosum_engine::layout::VAULT;
use zerosum_svm::Pubkey;
use zerosum_tests::Stage;

#[test]
fn a_delegate_is_written_into_its_seat_only() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.trader(50_000_000), stage.trader(50_000_000));
    let (first, second) = (Pubkey::new_unique(), Pubkey::new_unique());
    let opened = stage.seat(&alice).active_at;
    stage.wait(50);
    for delegate in [first, second] {
        let appoint = stage.at.set_delegate(&alice.key(), alice.seat, Some(delegate));
        stage.send(&[appoint], &[&alice.keys]).unwrap();
        assert_eq!(stage.seat(&alice).delegate, delegate.to_bytes());
    }
    assert_eq!(stage.seat(&alice).active_at, opened, "naming somebody keeps no seat");
    assert_eq!(stage.seat(&bob).delegate, [0; 32]);
    assert_eq!(stage.market().seat(VAULT).unwrap().delegate, [0; 32]);
    let dismiss = stage.at.set_delegate(&alice.key(), alice.seat, None);
    stage.send(&[dismiss], &[&alice.keys]).unwrap();
    assert_eq!(stage.seat(&alice).delegate, [0; 32]);
}
