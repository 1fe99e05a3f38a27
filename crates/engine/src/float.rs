//! Numbers in floating form, which is all that the score is computed with.
//!
//! A number is `lead * 2^(15 * place)`. A whole number below 2^30 is its own lead. A larger one is cut: its lead keeps 16 to 30
//! bits, so less than 2^-15 of it is lost. The lead of a quotient is from 2^15 to 2^30 - 1, whatever its size. So with place and
//! lead in one `u64`, the place above, the *codes* of two quotients compare as the numbers do.
//!
//! The base is 2^15 because the machine does not count leading zeros. To the base 2 there would be 64 distances to shift by; to
//! this base one comparison says that a number of the usual size needs no shift, and what it is compared with fits into the
//! instruction.

use core::hint::black_box;
use core::num::NonZeroU64;

/// Bits of a lead.
const LEAD: u32 = 30;
/// The largest lead, and its bits in a code.
const MOST: u64 = (1 << LEAD) - 1;
/// The least lead of a quotient.
const LEAST: u64 = 1 << PLACE;
/// Bits that one place shifts by.
const PLACE: u32 = 15;
/// What is added to a place in a code, so that none is below zero. Those that occur are within -11 and 9.
const BIAS: u64 = 16;

/// What one place divides by: 2^15, hidden from the compiler. If it knew, it would compare numbers before they are shifted,
/// with constants that do not fit into an instruction and occupy registers that the loops over all seats need, for 50,000 to
/// 80,000 units a pass over a full market.
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

    /// The product with a whole number up to 2^30, cut.
    #[inline(always)]
    pub(crate) fn product(self, one: Rounded, number: u64) -> Rounded {
        self.cut(one.lead.wrapping_mul(number), one.place)
    }

    /// The code of `one * times / over` for whole numbers, which are cut before, and `over` made at least 1.
    #[inline(always)]
    pub(crate) fn ratio(self, one: Rounded, mut times: u64, mut over: i64) -> u64 {
        const MOST_OVER: i64 = MOST as i64;
        let Rounded { lead, mut place } = one;
        // As long as both are beyond a lead their places cancel.
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

    /// The code of `one * other / n` for whole numbers, which are cut before, and `other` made at least 1, where `inverse` is
    /// that of `n`: its lead, and its place negated.
    #[inline(always)]
    pub(crate) fn products_ratio(self, one: u64, mut other: i64, inverse: Rounded) -> u64 {
        let Rounded { lead: one, mut place } = self.cut(one, inverse.place);
        while other > MOST as i64 {
            other = (other as u64 / self.0) as i64;
            place = place.wrapping_add(1);
        }
        self.quotient(one.wrapping_mul(other.max(1) as u64), inverse.lead, place)
    }

    /// The code of a product of two leads over a lead.
    #[inline(always)]
    fn quotient(self, mut product: u64, over: u64, mut place: u64) -> u64 {
        // A lead is not 0; a code that is none may have one that is.
        let over = NonZeroU64::new(over).unwrap_or(NonZeroU64::MIN);
        let mut lead = product / over;
        if lead < LEAST {
            // The product is below 2^15 times a lead, so 2^45.
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

/// `lead * 2^(15 * place)`, the place with its bias.
#[derive(Clone, Copy)]
pub(crate) struct Rounded {
    lead: u64,
    place: u64,
}

impl Rounded {
    /// The number of a code.
    #[inline(always)]
    pub(crate) const fn decoded(code: u64) -> Self {
        Self { lead: code & MOST, place: code >> LEAD }
    }

    /// The number of a code with a bit above it that is none of it.
    #[inline(always)]
    pub(crate) const fn flagged(code: u64) -> Self {
        Self { lead: code & MOST, place: code >> LEAD & (2 * BIAS - 1) }
    }

    /// The code of a number.
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
