//! Numbers in floating form, which is all that the score is computed with.
//!
//! A number is `lead * 2^(15 * place)`. A whole number below 2^30 is its own lead; of a larger one the lead has 16 to 30 bits,
//! so what is cut off is less than 2^-15 of it. The lead of a quotient is from 2^15 to 2^30 - 1, whatever its size. Place and
//! lead in one `u64`, the place above, are then the number's *code*: codes compare as the numbers do.
//!
//! To the base 2 a number would have to be shifted by any of 64 distances, and the machine does not count leading zeros; to
//! the base 2^15 a comparison says that most need no shift. What is compared with fits into an instruction.

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

/// `lead * 2^(15 * place)`, the place with its bias.
#[derive(Clone, Copy)]
pub(crate) struct Rounded {
    lead: u64,
    place: u64,
}

impl Rounded {
    /// A whole number above zero, cut to its lead.
    #[inline(always)]
    pub(crate) const fn of(number: u64) -> Self {
        Self { lead: number, place: BIAS }.cut()
    }

    #[inline(always)]
    const fn cut(mut self) -> Self {
        while self.lead > MOST {
            self.lead >>= PLACE;
            self.place = self.place.wrapping_add(1);
        }
        self
    }

    /// The product with a whole number up to 2^30, cut.
    #[inline(always)]
    pub(crate) const fn times(self, number: u64) -> Self {
        Self { lead: self.lead.wrapping_mul(number), place: self.place }.cut()
    }

    /// The code of a number.
    #[inline(always)]
    pub(crate) const fn code(self) -> u64 {
        (self.place << LEAD).wrapping_add(self.lead)
    }

    /// The number of a code.
    #[inline(always)]
    pub(super) const fn decoded(code: u64) -> Self {
        Self { lead: code & MOST, place: code >> LEAD & (2 * BIAS - 1) }
    }

    /// The code of `self * times / over` for whole numbers above zero, which are cut before.
    #[inline(always)]
    pub(crate) const fn ratio(self, mut times: u64, mut over: u64) -> u64 {
        let Self { lead, mut place } = self;
        // As long as both are beyond a lead their places cancel.
        while over > MOST && times > MOST {
            over >>= PLACE;
            times >>= PLACE;
        }
        while over > MOST {
            over >>= PLACE;
            place = place.wrapping_sub(1);
        }
        while times > MOST {
            times >>= PLACE;
            place = place.wrapping_add(1);
        }
        quotient(lead.wrapping_mul(times), over, place)
    }

    /// The code of `one * other / n` for whole numbers above zero, which are cut before, where this is the inverse of `n`: its
    /// lead, and its place negated.
    #[inline(always)]
    pub(super) const fn divides(self, mut one: u64, mut other: u64) -> u64 {
        let Self { lead, mut place } = self;
        while one > MOST {
            one >>= PLACE;
            place = place.wrapping_add(1);
        }
        while other > MOST {
            other >>= PLACE;
            place = place.wrapping_add(1);
        }
        quotient(one.wrapping_mul(other), lead, place)
    }

    /// The lead, and the place negated.
    #[inline(always)]
    pub(crate) const fn inverse(self) -> Self {
        Self { lead: self.lead, place: (2 * BIAS).wrapping_sub(self.place) }
    }
}

/// The code of a product of two leads over a lead.
#[inline(always)]
const fn quotient(mut product: u64, over: u64, mut place: u64) -> u64 {
    let Some(mut lead) = product.checked_div(over) else { return 0 };
    while lead < LEAST {
        // The product is below 2^15 times a lead, so 2^45. It is not 0, but for a code that is none.
        if product == 0 {
            return 0;
        }
        product <<= PLACE;
        place = place.wrapping_sub(1);
        lead = product / over;
    }
    while lead > MOST {
        lead >>= PLACE;
        place = place.wrapping_add(1);
    }
    (place << LEAD).wrapping_add(lead)
}
