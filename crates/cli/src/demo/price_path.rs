//! The price of the story: the published shape of 10 October 2025, 122,000 to 102,000 and back to 113,000.

use zerosum_engine::units::Price;

use crate::demo::{market::price_of_usd, random::Random};

/// When the story begins: 20:50 UTC on 10 October 2025.
pub const BEGINS: i64 = 1_760_129_400;

/// What the crowd does at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Makers quote in depth, traders trade both ways.
    Calm,
    /// Makers quote less, some longs give up.
    Fear,
    /// Makers hardly quote, longs give up, the winners take profit.
    Panic,
    /// Makers come back, buyers lift what is offered.
    Relief,
}

/// A price of the oracle, which it prints twice: the market looks twice before its vault buys.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// When the first print is published and posted; the second follows after [`AGAIN`] seconds.
    pub time: i64,
    /// The oracle's price.
    pub price: Price,
    /// What the crowd does at it.
    pub mood: Mood,
    /// A headline, where the step has one.
    pub note: &'static str,
}

/// Seconds from one price to the next. Whatever somebody bought at one price is seasoned at the next: the demo's market has
/// the least seasoning time that a market may have, a minute.
pub const STEP: i64 = 70;
/// Seconds from the first print of a price to the second. It is dated later than the clock, and those that run ahead of it,
/// showed when the first was accepted, so nobody who acted at the first can have known the second.
pub const AGAIN: i64 = 4;

const SHAPE: &[(i64, Mood, &str)] = {
    use Mood::{Calm, Fear, Panic, Relief};
    &[
        (122_000, Calm, "a calm evening"),
        (122_150, Calm, ""),
        (121_900, Calm, ""),
        (121_500, Calm, ""),
        (120_900, Fear, "the slide begins"),
        (120_300, Fear, ""),
        (119_400, Fear, ""),
        (118_600, Fear, "the highest leverage falls first, into the book"),
        (117_900, Fear, ""),
        (118_500, Fear, ""),
        (117_600, Fear, ""),
        (112_500, Panic, "the first gap: the price outruns the book"),
        (113_300, Relief, ""),
        (114_400, Relief, ""),
        (113_000, Panic, ""),
        (111_900, Panic, ""),
        (105_900, Panic, "the second gap: beyond the jump bound, so it waits for a second print"),
        (105_400, Panic, "confirmed"),
        (106_900, Relief, ""),
        (106_000, Panic, ""),
        (104_300, Panic, ""),
        (103_000, Panic, ""),
        (102_000, Panic, "the low"),
        (103_200, Relief, "the rebound"),
        (105_000, Relief, ""),
        (107_100, Relief, ""),
        (106_300, Relief, ""),
        (108_400, Relief, ""),
        (110_200, Relief, ""),
        (109_500, Relief, ""),
        (111_300, Relief, ""),
        (112_600, Relief, ""),
        (112_100, Relief, ""),
        (113_000, Relief, "back at 113,000"),
        (113_000, Relief, ""),
    ]
};

/// The prices of the story. The turning points are always the same; the rest wobbles with the dice.
pub fn path(random: &mut Random) -> Vec<Tick> {
    let mut time = BEGINS;
    let tick = |(usd, mood, note): &(i64, Mood, &'static str)| {
        let wobble = if note.is_empty() { random.between(-60, 60) } else { 0 };
        time += STEP;
        Tick { time, price: price_of_usd(usd + wobble), mood: *mood, note }
    };
    SHAPE.iter().map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::market;

    #[test]
    fn what_is_traded_after_a_second_print_is_seasoned_at_the_next_first() {
        let params = market::params(0, 0, price_of_usd(122_000));
        assert_eq!(params.validate(), Ok(()));
        assert!(AGAIN > params.ahead() && STEP - AGAIN >= params.seasoning);
    }

    #[test]
    fn the_shape_is_that_of_the_day_whatever_the_dice() {
        for seed in 0..50 {
            let path = path(&mut Random::new(seed, 2));
            let low = path.iter().map(|tick| tick.price).min();
            assert_eq!((path[0].price, low), (price_of_usd(122_000), Some(price_of_usd(102_000))));
            let jump = path.windows(2).map(|pair| pair[0].price.0 * 100 / pair[1].price.0 - 100).max();
            assert_eq!(jump, Some(5), "one print is beyond the jump bound");
            assert!(path.windows(2).all(|pair| pair[1].time - pair[0].time == STEP));
        }
    }
}
