use super::*;
use crate::state::params::MIN_FIRST_PRICE;
use bytemuck::bytes_of;
use proptest::prelude::*;
use std::string::String;
use std::vec::Vec;

/// Accounts as the SDK of the receiver serialises them; how they are made is described beside them.
const FIXTURES: &str = include_str!("../../../fixtures/pyth/updates.txt");

/// A line of the fixtures that begins with `kind`, as its other words.
fn lines(kind: &str) -> Vec<Vec<&str>> {
    let lines = FIXTURES.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.filter(|words| words[0] == kind).map(|words| words[1..].to_vec()).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The bytes of the update of this name.
fn account(name: &str) -> Vec<u8> {
    unhex(lines("update").iter().find(|words| words[0] == name).unwrap()[7])
}

fn feed(name: &str) -> Key {
    let id = lines("update").iter().find(|words| words[0] == name).unwrap()[2];
    unhex(id).try_into().unwrap()
}

/// An update of a feed whose price of a unit in millionths is that of a lot in atoms, to a collateral of six decimals.
pub fn update(feed: &Key, price: i64, published: i64) -> Vec<u8> {
    let mut update: PriceUpdate = *PriceUpdate::of(&account("sol")).unwrap();
    update.feed = *feed;
    update.price = price.to_le_bytes();
    update.confidence = [0; 8];
    update.exponent = (-6i32).to_le_bytes();
    update.published = published.to_le_bytes();
    bytes_of(&update).to_vec()
}

fn read(source: &Pyth, owner: &Key, data: &[u8]) -> Result<Print> {
    source.read(&PriceAccount { key: &[3; 32], owner, data })
}

/// Lots of 10 to this power of a unit, to a collateral of six decimals, at most a per cent of confidence.
fn source(feed: &Key, lot_exponent: i8) -> Pyth<'_> {
    Pyth { feed, confidence: Rate(10_000), lot_exponent, decimals: 6 }
}

fn base58(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<usize> = Vec::new();
    for byte in bytes {
        let mut carry = *byte as usize;
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeroes = bytes.iter().take_while(|byte| **byte == 0).map(|_| '1');
    zeroes.chain(digits.iter().rev().map(|digit| DIGITS[*digit] as char)).collect()
}

#[test]
fn the_receivers_are_both_generations() {
    let addresses = RECEIVERS.map(|key| base58(&key));
    let known = ["rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ", "rec2HHDDnjLfj4kE7VyEtFA1HPGQLK33259532cRyHp"];
    assert_eq!(addresses, known);
    assert_eq!(base58(&[0, 0, 1, 0]), "115R", "the encoding");
    let programs = lines("program");
    assert_eq!(programs.len(), 2);
    for words in programs {
        let at = known.iter().position(|address| *address == words[0]).unwrap();
        assert_eq!(RECEIVERS[at].to_vec(), unhex(words[1]));
    }
}

#[test]
fn the_push_oracles_are_both_generations() {
    let known = ["pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT", "pyt2F414BA6dPttK6RddPZUdHfapoBN24GL5wbrPCou"];
    assert_eq!(PUSH_ORACLES.map(|key| base58(&key)), known);
}

#[test]
fn the_layout_is_the_sdks() {
    assert_eq!(unhex(lines("discriminator")[0][1]), PriceUpdate::DISCRIMINATOR);
    let space: usize = lines("space")[0][1].parse().unwrap();
    assert_eq!(space, size_of::<PriceUpdate>() + 1, "room for the number of signatures");
    let full: Vec<_> = lines("update").into_iter().filter(|words| words[1] == "full").collect();
    assert_eq!(full.len(), 7);
    for words in full {
        let mut bytes = unhex(words[7]);
        assert_eq!(bytes.len(), size_of::<PriceUpdate>());
        // As the chain has it: what is left behind the update means nothing.
        bytes.push(0xEE);
        let update = PriceUpdate::of(&bytes).unwrap();
        let (price, confidence): (i64, u64) = (words[3].parse().unwrap(), words[4].parse().unwrap());
        let (exponent, published): (i32, i64) = (words[5].parse().unwrap(), words[6].parse().unwrap());
        assert_eq!(update.write_authority, [0xA7; 32]);
        assert_eq!(update.feed.to_vec(), unhex(words[2]));
        assert_eq!(i64::from_le_bytes(update.price), price);
        assert_eq!(u64::from_le_bytes(update.confidence), confidence);
        assert_eq!(i32::from_le_bytes(update.exponent), exponent);
        assert_eq!(i64::from_le_bytes(update.published), published);
        assert_eq!(i64::from_le_bytes(update.previously_published), published.wrapping_sub(1));
        assert_eq!(i64::from_le_bytes(update.average_price), price.wrapping_add(11));
        assert_eq!(u64::from_le_bytes(update.average_confidence), confidence.wrapping_add(13));
        assert_eq!(u64::from_le_bytes(update.posted_slot), 371_234_567);
    }
}

#[test]
fn a_verified_update_of_the_feed_is_a_print_in_atoms_a_lot() {
    // 150.12345678 a unit in lots of a tenth; 102,345.67890123 in hundredths; 4,123.45678901 in hundredths.
    for (name, lot_exponent, price, published) in [
        ("sol", -1, 15_012_345, 1_760_000_000),
        ("btc", -2, 1_023_456_789, 1_760_000_001),
        ("eth", -2, 41_234_567, 1_760_000_002),
        ("whole_units", 0, 150_000_000, 1_760_000_003),
        ("twelve_places", -3, 4_123_456, 1_760_000_004),
    ] {
        let feed = feed(name);
        for owner in &RECEIVERS {
            let print = read(&source(&feed, lot_exponent), owner, &account(name));
            assert_eq!(print, Ok(Print { price: Price(price), published }), "{name}");
        }
    }
}

#[test]
fn an_account_of_another_program_is_refused() {
    let (feed, data) = (feed("sol"), account("sol"));
    for owner in [[0; 32], feed, [0xA7; 32]] {
        assert_eq!(read(&source(&feed, -1), &owner, &data), Err(ErrorCode::WrongOracle.into()));
    }
    for owner in RECEIVERS {
        for byte in 0..32 {
            let mut near = owner;
            near[byte] ^= 1;
            assert_eq!(read(&source(&feed, -1), &near, &data), Err(ErrorCode::WrongOracle.into()));
        }
    }
}

#[test]
fn less_than_full_verification_is_refused() {
    for name in ["one_signature", "twelve_signatures"] {
        let error = Error::with(ErrorCode::NotVerified, 1, 0);
        assert_eq!(read(&source(&feed(name), -1), &RECEIVERS[0], &account(name)), Err(error));
    }
}

#[test]
fn each_byte_of_an_update_has_an_error_of_its_own_or_means_nothing() {
    let (feed, data) = (feed("sol"), account("sol"));
    // Lots of ten units: the highest that fits, so that a change of the lowest byte shows.
    let source = source(&feed, 1);
    let code = |data: &[u8]| read(&source, &RECEIVERS[0], data).map_err(|error| error.code);
    let print = code(&data).unwrap();
    for byte in 0..data.len() {
        let mut flipped = data.clone();
        flipped[byte] ^= 0x80;
        let found = code(&flipped);
        let error = match byte {
            0..8 => Err(ErrorCode::WrongOracle),
            40 => Err(ErrorCode::NotVerified),
            41..73 => Err(ErrorCode::WrongFeed),
            // The byte of the sign. Those before it make it another price.
            80 => Err(ErrorCode::BadPrice),
            // 0.05 % becomes more than 1 % with the fourth byte.
            84..89 => Err(ErrorCode::WideConfidence),
            89..93 => Err(ErrorCode::PriceNotConvertible),
            93..101 => Ok(Print { published: print.published ^ (0x80 << (8 * (byte - 93))), ..print }),
            73..80 => {
                assert_ne!(found, Ok(print));
                continue;
            }
            _ => Ok(print),
        };
        assert_eq!(found, error, "byte {byte}");
    }
}

#[test]
fn an_update_cut_short_is_refused_at_every_length() {
    let (feed, data) = (feed("sol"), account("sol"));
    for length in 0..data.len() {
        let error = Error::with(ErrorCode::WrongOracle, 133, length as i64);
        assert_eq!(read(&source(&feed, -1), &RECEIVERS[0], &data[..length]), Err(error));
    }
}

#[test]
fn a_price_that_is_not_above_zero_is_refused() {
    let feed = feed("negative");
    let error = Error::with(ErrorCode::BadPrice, 1, -3_763_000_000);
    assert_eq!(read(&source(&feed, 0), &RECEIVERS[0], &account("negative")), Err(error));
    for price in [0, -1, i64::MIN] {
        let error = Error::with(ErrorCode::BadPrice, 1, price);
        assert_eq!(read(&source(&feed, 0), &RECEIVERS[0], &update(&feed, price, 1)), Err(error));
    }
}

#[test]
fn a_confidence_interval_is_at_most_the_markets_share_of_the_price() {
    let feed = feed("sol");
    let with = |price: i64, confidence: u64, rate: u32| {
        let mut data = update(&feed, price, 1);
        data[81..89].copy_from_slice(&confidence.to_le_bytes());
        read(&Pyth { confidence: Rate(rate), ..source(&feed, 0) }, &RECEIVERS[0], &data).map(|print| print.price.0)
    };
    assert_eq!(with(1_000_000, 10_000, 10_000), Ok(1_000_000));
    assert_eq!(with(1_000_000, 10_001, 10_000), Err(Error::with(ErrorCode::WideConfidence, 10_000, 10_001)));
    assert_eq!(with(1_000_099, 10_000, 10_000), Ok(1_000_099));
    assert_eq!(with(1_000_099, 10_001, 10_000), Err(Error::with(ErrorCode::WideConfidence, 10_000, 10_001)));
    assert_eq!(with(99, 1, 10_000), Err(Error::with(ErrorCode::WideConfidence, 0, 1)));
    let widest = i64::MAX / 10;
    for confidence in [i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        let error = Error::with(ErrorCode::WideConfidence, widest, i64::MAX);
        assert_eq!(with(i64::MAX, confidence, 100_000), Err(error), "beyond 63 bits too");
    }
}

fn ten(power: u32) -> Option<u128> {
    10u128.checked_pow(power)
}

/// `number * 10^power` for a power not below 0; `None` where it is beyond anything it is compared with.
fn scaled(number: i64, power: i32) -> Option<u128> {
    ten(power.max(0) as u32)?.checked_mul(number as u128)
}

/// Whether `atoms` is at most `price * 10^power`, as whole numbers without a division.
fn reaches(price: i64, power: i32, atoms: i64) -> bool {
    match (scaled(price, power), scaled(atoms, -power)) {
        (Some(exact), Some(atoms)) => atoms <= exact,
        // One side of the two is scaled: the one that does not fit is the greater.
        (exact, _) => exact.is_none(),
    }
}

/// Holds the conversion against the exact number: the largest whole number of atoms not above it, where there is one
/// within the bounds.
fn check(price: i64, exponent: i32, lot_exponent: i8, decimals: u8) {
    let case = (price, exponent, lot_exponent, decimals);
    let power = exponent + lot_exponent as i32 + decimals as i32;
    match atoms_per_lot(price, exponent, lot_exponent, decimals) {
        Ok(Price(atoms)) => {
            assert!((1..=MAX_PRICE).contains(&atoms), "{case:?}");
            assert!(reaches(price, power, atoms) && !reaches(price, power, atoms + 1), "{case:?}: {atoms}");
            assert!(power < 0 || scaled(price, power) == Some(atoms as u128), "{case:?}: a product is exact");
        }
        Err(error) => {
            assert_eq!(error.code, ErrorCode::PriceNotConvertible);
            let (low, high) = (!reaches(price, power, 1), reaches(price, power, MAX_PRICE + 1));
            assert!(low || high, "{case:?}: {error}");
            assert_eq!(error.expected, if low { 1 } else { MAX_PRICE }, "{case:?}");
            assert_eq!(error.actual, if low { 0 } else { error.actual.max(MAX_PRICE + 1) }, "{case:?}");
        }
    }
}

#[test]
fn a_price_converts_to_the_exact_number_of_atoms_rounded_down() {
    let mut prices: Vec<i64> = (0..19).flat_map(|n| [10i64.pow(n) - 1, 10i64.pow(n), 3 * 10i64.pow(n) + 7]).collect();
    prices.extend([15_012_345_678, 10_234_567_890_123, MAX_PRICE, MAX_PRICE + 1, i64::MAX - 1, i64::MAX]);
    for decimals in [5, 6, 8, 9] {
        for exponent in MIN_EXPONENT..=0 {
            for lot_exponent in -18..=18 {
                for price in prices.iter().filter(|price| **price >= 1) {
                    check(*price, exponent, lot_exponent, decimals);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_price_converts_to_the_exact_number_of_atoms_rounded_down(
        price in 1..=i64::MAX,
        shift in 0u32..62,
        exponent in MIN_EXPONENT..=0,
        lot_exponent in any::<i8>(),
        decimals in any::<u8>(),
    ) {
        let price = (price >> shift).max(1);
        check(price, exponent, lot_exponent, decimals);
        check(price, exponent, lot_exponent % 6, 5 + decimals % 5);
    }
}

proptest! {
    #[test]
    fn whatever_a_verified_update_says_it_is_a_price_in_bounds_or_an_error(
        price in any::<i64>(),
        shift in 0u32..64,
        confidence in any::<u64>(),
        exponent in any::<i32>(),
        sane in any::<bool>(),
        published in any::<i64>(),
        rate in 0u32..=1_000_000,
        lot_exponent in any::<i8>(),
        decimals in any::<u8>(),
        behind in 0usize..64,
    ) {
        let feed = [8; 32];
        let price = price >> shift;
        let exponent = if sane { exponent % 16 } else { exponent };
        let confidence = if sane { confidence % 1_000 } else { confidence };
        let mut data = update(&feed, price, published);
        data[81..89].copy_from_slice(&confidence.to_le_bytes());
        data[89..93].copy_from_slice(&exponent.to_le_bytes());
        data.resize(data.len() + behind, 0xFF);
        let source = Pyth { feed: &feed, confidence: Rate(rate), lot_exponent, decimals };
        let sure = confidence as u128 * 1_000_000 <= price.max(0) as u128 * rate as u128;
        match read(&source, &RECEIVERS[1], &data).map_err(|error| error.code) {
            Ok(print) => {
                prop_assert!(price >= 1 && sure && (MIN_EXPONENT..=0).contains(&exponent));
                prop_assert_eq!(Ok(print.price), atoms_per_lot(price, exponent, lot_exponent, decimals));
                prop_assert_eq!(print.published, published);
            }
            Err(ErrorCode::BadPrice) => prop_assert!(price < 1),
            Err(ErrorCode::WideConfidence) => prop_assert!(price >= 1 && !sure),
            Err(code) => prop_assert!(code == ErrorCode::PriceNotConvertible && price >= 1 && sure),
        }
    }
}

#[test]
fn an_exponent_out_of_range_does_not_convert() {
    for (exponent, bound) in [(1, 0), (18, 0), (i32::MAX, 0), (-13, -12), (i32::MIN, -12)] {
        let error = Error::with(ErrorCode::PriceNotConvertible, bound, exponent as i64);
        assert_eq!(atoms_per_lot(1_000_000, exponent, 0, 6), Err(error));
    }
    let feed = feed("extremes");
    assert_eq!(read(&source(&feed, 0), &RECEIVERS[0], &account("extremes")).unwrap_err().code, ErrorCode::BadPrice);
}

/// The numbers of the decision to round.
#[test]
fn hardly_a_print_divides_and_what_is_lost_is_below_a_basis_point() {
    // Prints that follow each other, 150 a unit at eight places, in lots of a tenth to a collateral of six decimals.
    let prints = 15_000_000_000i64..15_000_001_000;
    let whole = prints.clone().filter(|price| atoms_per_lot(*price, -8, -1, 6).unwrap().0 * 1_000 == *price);
    assert_eq!(whole.count(), 1, "of 1,000");
    // At the least a lot may cost when a market begins, with the largest fraction that can be lost.
    let price = MIN_FIRST_PRICE * 1_000 + 999;
    assert_eq!(atoms_per_lot(price, -8, -1, 6), Ok(Price(MIN_FIRST_PRICE)));
    assert!(999 * 10_000 < price, "the fraction of an atom is less than a basis point of the price");
    // 100,000 a unit at eight places divides in lots of 100 units, and then does not fit.
    assert_eq!(atoms_per_lot(10_000_000_000_001, -8, 2, 6).unwrap_err().expected, MAX_PRICE);
    assert_eq!(atoms_per_lot(10_000_000_000_001, -8, -2, 6), Ok(Price(1_000_000_000)));
}
