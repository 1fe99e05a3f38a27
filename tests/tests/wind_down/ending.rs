//! A market that ends with everything in it, and the steps of its end.

use zerosum_engine::{ops::settlement::DELIST_NOTICE, state::params::Params, state::receipt::Kind, units::Rate};
use zerosum_svm::{Failure, Keypair, Pubkey, Signer};
use zerosum_tests::{Event, GRACE, SILENCE, Sent, Setup, Stage, Trader, buy, sell};

use zerosum_tests::scene::{Duel, Investor, clear, invest, plain, steps, vault_size};

/// What everybody begins with.
pub const SOL: u64 = 10_000_000_000;
/// The price that the crowded market ends at.
pub const LAST: i64 = 91_000;

/// Who is in a market when it ends.
pub struct Cast {
    /// Everybody with a seat. Two are bankrupt at [`LAST`].
    pub traders: Vec<Trader>,
    /// Two with shares, and one whose mint waits.
    pub investors: Vec<Investor>,
    /// Who paid for the seat of the last trader.
    pub sponsor: Keypair,
    /// The creator's account of the collateral.
    pub creators: Pubkey,
}

/// A market with a vault that holds lots and offers them, positions on both sides, resting orders, fees, and a mint that
/// waits. Nobody is bankrupt yet.
pub fn crowded(token_program: Pubkey) -> (Stage, Cast) {
    let params = Params {
        taker_fee: Rate(500),
        maker_fee: Rate(100),
        vault_discount: Rate(10_000),
        deleverage_pay_cap: 1_000,
        ..plain()
    };
    let mut stage = Setup { token_program, params, ..Setup::default() }.start();
    let creator = stage.creator.insecure_clone();
    let grow = stage.at.grow_book(&creator.pubkey());
    stage.send(&[grow], &[&creator]).unwrap();
    let creators = stage.mint.mint_to(&mut stage.svm, &creator.pubkey(), 0);

    let mut investors = vec![invest(&mut stage, 60_000_000), invest(&mut stage, 30_000_000)];
    let d =
        Duel { loser: stage.trader(10_500_000), winner: stage.trader(100_000_000), bidder: stage.trader(100_000_000) };
    stage.trade(&d.loser, &d.winner, 2_000, 100_000);
    stage.crash(97_000);
    stage.liquidate().unwrap();
    assert!(vault_size(&stage) > 0);
    stage.crank(stage.at.unwind_vault()).unwrap();
    let (late, short) = (stage.trader(10_000_000), stage.trader(100_000_000));
    stage.trade(&late, &short, 2_000, 97_000);
    stage.trade(&d.bidder, &short, 100, 97_000);
    stage.place(&d.bidder, buy(20, 80_000)).unwrap();
    stage.place(&short, sell(20, 120_000)).unwrap();
    let (keys, tokens) = stage.newcomer(7_000_000);
    let sponsor = stage.svm.funded(SOL);
    let open = stage.at.open_seat(&keys.pubkey(), &sponsor.pubkey(), &tokens, 5_000_000);
    stage.send(&[open], &[&keys, &sponsor]).unwrap();
    let seat = stage.market().seats().len() as u32 - 1;
    let sponsored = Trader { keys, seat, tokens };
    stage.place(&sponsored, buy(3, 70_000)).unwrap();

    let shares = investors[1].ticket(&mut stage).shares;
    investors[1].ask_to_redeem(&mut stage, shares / 3).unwrap();
    let waiting = Investor::new(&mut stage, 1_000);
    waiting.ask_to_mint(&mut stage, 777).unwrap();
    investors.push(waiting);
    let pool = stage.at.pool;
    stage.gift(&pool, 50_000);
    stage.crank(stage.at.sweep_excess()).unwrap();
    let traders = vec![d.loser, d.winner, d.bidder, late, short, sponsored];
    (stage, Cast { traders, investors, sponsor, creators })
}

/// Lets the oracle fall silent, announces it dead and waits out the day of grace.
pub fn die(stage: &mut Stage) {
    stage.wait(SILENCE + 1);
    stage.crank(stage.at.announce_dead()).unwrap();
    stage.wait(GRACE);
}

/// Settles the market at `price` by the death of its oracle.
pub fn settle_dead(stage: &mut Stage, price: i64) -> Sent {
    stage.price(price);
    die(stage);
    stage.crank(stage.at.settle()).unwrap()
}

/// Settles the market at `price` by a delisting.
pub fn settle_delisted(stage: &mut Stage, price: i64) -> Sent {
    let creator = stage.creator.insecure_clone();
    let date = stage.svm.now() + DELIST_NOTICE;
    let delist = stage.at.delist(&creator.pubkey(), date);
    stage.send(&[delist], &[&creator]).unwrap();
    stage.wait(DELIST_NOTICE + stage.market().head().params.ahead());
    stage.price(price);
    stage.crank(stage.at.settle()).unwrap()
}

/// Clears the bankrupt, which in a settled market takes force alone.
pub fn clear_by_force(stage: &mut Stage) -> usize {
    let made = clear(stage, 2);
    assert!(made.iter().all(|step| step.kind == Kind::Forced as u8), "neither the book nor the vault is asked");
    assert!(steps(&stage.deleverage(32).unwrap()).is_empty());
    made.len()
}

/// Closes a seat for its owner; returns what was paid.
pub fn close_seat(stage: &mut Stage, trader: &Trader, caller: &Keypair) -> Result<i64, Failure> {
    let rent_payer = stage.seat(trader).rent_payer.into();
    let close = stage.at.close_seat(&caller.pubkey(), trader.seat, Some(&trader.tokens), &rent_payer);
    let sent = stage.send(&[close], &[caller])?;
    let [Event::SeatClosed(closed)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((closed.market, closed.seat, closed.owner), (stage.at.market, trader.seat, trader.key()));
    Ok(closed.amount)
}

/// Gives the free records at the end of the market up, each for the rent of who paid for it.
pub fn trim(stage: &mut Stage, caller: &Keypair) {
    while let Some(last) = stage.market().seats().last().filter(|seat| seat.open == 0) {
        let (seat, payer) = (stage.market().seats().len() as u32 - 1, last.rent_payer.into());
        let trim = stage.at.close_seat(&caller.pubkey(), seat, None, &payer);
        stage.send(&[trim], &[caller]).unwrap();
    }
}

/// Pays a ticket out; returns how much.
pub fn redeem(stage: &mut Stage, investor: &Investor) -> Result<i64, Failure> {
    let sent = investor.execute(stage)?;
    let [Event::VaultExecuted(executed)] = sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((executed.owner, executed.minted, executed.lapsed), (investor.key(), 0, false));
    Ok(executed.paid)
}

/// Gives the accounts of the market up, past the stage, which looks at them after every transaction.
pub fn close_market(stage: &mut Stage, heir: &Pubkey) -> Result<Vec<Event>, Failure> {
    let heir = (stage.pool_tokens() > 0).then_some(heir);
    let close = stage.at.close_market(&stage.creator.pubkey(), heir);
    let receipt = stage.svm.send(&[close], &[])?;
    Ok(zerosum_client::events::read(&receipt.logs))
}

/// A market that nobody ever had anything in, settled.
pub fn empty() -> Stage {
    let mut stage = Stage::new();
    settle_dead(&mut stage, 100_000);
    stage
}
