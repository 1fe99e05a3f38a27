//! The prices of a play: one print a second, with jumps, wicks and slides. Integer arithmetic only, so that a seed gives
//! the same prices on every machine.

/// The splitmix64 generator.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// Each purpose of a seed has its own stream: a change in how traders draw does not change the prices.
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03));
        dice.next();
        dice
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    /// True once in `times` on average.
    pub fn once_in(&mut self, times: i64) -> bool {
        self.between(1, times) == 1
    }

    /// A draw with mean 0 and standard deviation 1,000, close to normal: the sum of twelve uniform draws.
    fn bell(&mut self) -> i64 {
        (0..12).map(|_| self.between(0, 1_000)).sum::<i64>() - 6_000
    }
}

/// The first price, in atoms a lot.
pub const FIRST: i64 = 100_000;
/// The walk keeps this many fractions of an atom, so that small steps are not lost to rounding.
const FINE: i128 = 1 << 32;
/// Moves are in millionths.
const ONE: i64 = 1_000_000;

const DAY: i64 = 86_400;
/// The standard deviation of a second, in millionths: 0.015 %, about 84 % a year.
const NOISE: i64 = 150;
/// Jumps a day, and their sizes: 1.5 % to 9 %. The new price stays.
const JUMPS: i64 = 48;
const JUMP: (i64, i64) = (15_000, 90_000);
/// Wicks a day, and their sizes: 1 % to 4 %, gone after 1 to 5 seconds.
const WICKS: i64 = 96;
const WICK: (i64, i64) = (10_000, 40_000);
const WICK_SECONDS: (i64, i64) = (1, 5);
/// Slides a day: 0.02 % to 0.1 % a second for 20 to 60 seconds.
const SLIDES: i64 = 16;
const SLIDE: (i64, i64) = (200, 1_000);
const SLIDE_SECONDS: (i64, i64) = (20, 60);

/// What is published in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// The price that the oracle prints.
    pub print: i64,
    /// The price without the wick: what the print returns to.
    pub lasting: i64,
}

/// The prices of a play, one a second from the first on.
pub fn prices(seed: u64, seconds: i64) -> Vec<Second> {
    let mut dice = Dice::new(seed, 1);
    let mut level = FIRST as i128 * FINE;
    let (mut wick, mut wick_left) = (0, 0);
    let (mut slide, mut slide_left) = (0, 0);
    let mut prices = vec![Second { print: FIRST, lasting: FIRST }];
    for _ in 1..=seconds {
        let mut step = dice.bell() * NOISE / 1_000;
        if dice.once_in(DAY / JUMPS) {
            step += direction(&mut dice, level) * dice.between(JUMP.0, JUMP.1);
        }
        if slide_left == 0 && dice.once_in(DAY / SLIDES) {
            slide = direction(&mut dice, level) * dice.between(SLIDE.0, SLIDE.1);
            slide_left = dice.between(SLIDE_SECONDS.0, SLIDE_SECONDS.1);
        }
        if slide_left > 0 {
            slide_left -= 1;
            step += slide;
        }
        level += level * step as i128 / ONE as i128;
        wick_left -= 1;
        if wick_left < 0 && dice.once_in(DAY / WICKS) {
            wick = if dice.once_in(2) { 1 } else { -1 } * dice.between(WICK.0, WICK.1);
            wick_left = dice.between(WICK_SECONDS.0, WICK_SECONDS.1);
        }
        let seen = if wick_left > 0 { level + level * wick as i128 / ONE as i128 } else { level };
        prices.push(Second { print: (seen / FINE) as i64, lasting: (level / FINE) as i64 });
    }
    prices
}

/// Up or down with equal chance within a factor of two of the first price, and back towards it outside.
fn direction(dice: &mut Dice, level: i128) -> i64 {
    let price = (level / FINE) as i64;
    let up = dice.once_in(2);
    if price < FIRST / 2 || (up && price < FIRST * 2) { 1 } else { -1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_jumps_and_comes_back_from_its_wicks() {
        let day = prices(1, DAY);
        assert_eq!(day.len() as i64, DAY + 1);
        assert_eq!(day, prices(1, DAY), "a seed gives the same day again");
        let far = day.windows(2).filter(|two| (two[1].print - two[0].print).abs() * 100 > two[0].print).count();
        assert!((100..300).contains(&far), "steps over 1 %: jumps, and wicks on their way out and back: {far}");
        assert!(day.iter().all(|second| (20_000..500_000).contains(&second.print)));
    }
}
