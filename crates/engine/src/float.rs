//! The floating-point numbers that scores are computed with, in integers.
//!
//! A number is `lead * 2^(15 * place)`. A whole number below 2^30 is its own lead. A larger one is cut: its lead keeps
//! 16 to 30 bits, so less than 2^-15 of it is lost. The lead of a quotient is from 2^15 to 2^30 - 1, whatever its size.
//! The *code* of a quotient is one `u64` with the place above the lead, so two codes compare as the numbers do.
//!
//! The base is 2^15 because the machine has no instruction that counts leading zeros. With base 2 there would be 64
//! distances to shift by. With this base one comparison shows that a number of the usual size needs no shift, and the
//! constant it is compared with fits into the instruction.

use core::hint::black_box;
use core::num::NonZeroU64;

/// Bits in a lead.
const LEAD: u32 = 30;
/// The largest lead, which is also the mask of its bits in a code.
const MOST: u64 = (1 << LEAD) - 1;
/// The smallest lead of a quotient.
const LEAST: u64 = 1 << PLACE;
/// Bits in one place.
const PLACE: u32 = 15;
/// Added to the place in a code, so that it is never negative. The places that occur are from -11 to 9.
const BIAS: u64 = 16;

/// The divisor of one place: 2^15, hidden from the compiler. If the compiler knew it, it would compare numbers before
/// they are shifted, with constants that do not fit into an instruction. These would occupy registers that the loops
/// over all seats need, which costs 50,000 to 80,000 units in a pass over a full market.
#[derive(Clone, Copy)]
pub(crate) struct Base(NonZeroU64);

impl Base {
    pub(crate) fn new() -> Self {
        Self(NonZeroU64::new(black_box(1 << PLACE)).unwrap_or(NonZeroU64::MAX))
    }

    /// A number above zero at a place, cut to a lead.
    #[inline(always)]
    fn cut(self, number: u64, place: u64) -> Rounded {
        let (mut lead, mut place) = (number, place);
        while lead > MOST {
            lead /= self.0;
            place = place.wrapping_add(1);
        }
        Rounded { lead, place }
    }

    /// A whole number above zero, cut to its lead.
    #[inline(always)]
    pub(crate) fn round(self, number: u64) -> Rounded {
        self.cut(number, BIAS)
    }

    /// The product of a number and a whole number up to 2^30, cut.
    #[inline(always)]
    pub(crate) fn product(self, one: Rounded, number: u64) -> Rounded {
        self.cut(one.lead.wrapping_mul(number), one.place)
    }

    /// The code of `one * times / over` for whole numbers. Both are cut first, and `over` is made at least 1.
    #[inline(always)]
    pub(crate) fn ratio(self, one: Rounded, mut times: u64, mut over: i64) -> u64 {
        const MOST_OVER: i64 = MOST as i64;
        let Rounded { lead, mut place } = one;
        // While both are longer than a lead, their places cancel.
        while over > MOST_OVER && times > MOST {
            over = (over as u64 / self.0) as i64;
            times /= self.0;
        }
        while over > MOST_OVER {
            over = (over as u64 / self.0) as i64;
            place = place.wrapping_sub(1);
        }
        while times > MOST {
            times /= self.0;
            place = place.wrapping_add(1);
        }
        self.quotient(lead.wrapping_mul(times), over.max(1) as u64, place)
    }

    /// The code of `one * other / n` for whole numbers. Both are cut first, and `other` is made at least 1. `inverse`
    /// is the inverse of `n`: its lead, and its place negated.
    #[inline(always)]
    pub(crate) fn products_ratio(self, one: u64, mut other: i64, inverse: Rounded) -> u64 {
        let Rounded { lead: one, mut place } = self.cut(one, inverse.place);
        while other > MOST as i64 {
            other = (other as u64 / self.0) as i64;
            place = place.wrapping_add(1);
        }
        self.quotient(one.wrapping_mul(other.max(1) as u64), inverse.lead, place)
    }

    /// The code of a product of two leads, divided by a lead.
    #[inline(always)]
    fn quotient(self, mut product: u64, over: u64, mut place: u64) -> u64 {
        // A lead is never 0. A `u64` that is no code may have a lead of 0.
        let over = NonZeroU64::new(over).unwrap_or(NonZeroU64::MIN);
        let mut lead = product / over;
        if lead < LEAST {
            // The product is below 2^15 times a lead, so below 2^45.
            product <<= PLACE;
            place = place.wrapping_sub(1);
            lead = product / over;
            while lead < LEAST && product > 0 {
                product <<= PLACE;
                place = place.wrapping_sub(1);
                lead = product / over;
            }
        }
        self.cut(lead, place).code()
    }
}

/// `lead * 2^(15 * place)`. The place includes its bias.
#[derive(Clone, Copy)]
pub(crate) struct Rounded {
    lead: u64,
    place: u64,
}

impl Rounded {
    /// The number that a code stands for.
    #[inline(always)]
    pub(crate) const fn decoded(code: u64) -> Self {
        Self { lead: code & MOST, place: code >> LEAD }
    }

    /// The number of a code that has an unrelated bit above it.
    #[inline(always)]
    pub(crate) const fn flagged(code: u64) -> Self {
        Self { lead: code & MOST, place: code >> LEAD & (2 * BIAS - 1) }
    }

    /// The code of the number.
    #[inline(always)]
    pub(crate) const fn code(self) -> u64 {
        (self.place << LEAD).wrapping_add(self.lead)
    }

    /// The lead, and the place negated.
    #[inline(always)]
    pub(crate) const fn inverse(self) -> Self {
        Self { lead: self.lead, place: (2 * BIAS).wrapping_sub(self.place) }
    }
}
