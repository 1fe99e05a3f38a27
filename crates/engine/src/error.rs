//! Everything that can go wrong. Each error has a name, a number that never changes and a sentence that says what to
//! do.

/// The result of an engine operation.
pub type Result<T> = core::result::Result<T, Error>;

/// An error with the expected and the actual value, in the unit that the message of its code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What went wrong.
    pub code: ErrorCode,
    /// The bound or the state that the operation needed.
    pub expected: i64,
    /// The value or the state that it found.
    pub actual: i64,
}

impl Error {
    /// An error with both values.
    pub const fn with(code: ErrorCode, expected: i64, actual: i64) -> Self {
        Self { code, expected, actual }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::with(code, 0, 0)
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} (expected {}, actual {})", self.code.message(), self.expected, self.actual)
    }
}

/// `Ok` if the condition holds, else the error with both values.
#[inline(always)]
pub fn require(condition: bool, code: ErrorCode, expected: i64, actual: i64) -> Result<()> {
    if condition {
        Ok(())
    } else {
        Err(Error::with(code, expected, actual))
    }
}

macro_rules! error_codes {
    ($($number:literal $name:ident $message:literal)*) => {
        /// The engine's errors. Numbers are only ever appended. The program adds 6000 to them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum ErrorCode {
            $(#[doc = $message] $name = $number,)*
        }

        impl ErrorCode {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name, as in the source.
            pub const fn name(self) -> &'static str {
                // A table, because the program's compiler turns a match into a chain of comparisons.
                const NAMES: &[&str] = &[$(stringify!($name)),*];
                NAMES[self as usize]
            }

            /// One sentence that says what happened and what to do.
            pub const fn message(self) -> &'static str {
                const MESSAGES: &[&str] = &[$($message),*];
                MESSAGES[self as usize]
            }
        }
    };
}

error_codes! {
    0 Overflow "an amount of money left the range of 64 bits; use a smaller one"
    1 AccountTooSmall "an account holds fewer bytes than its header names"
    2 WrongVersion "the account was written by another version of the program"
    3 WrongAccount "the account does not belong to this market"
    4 BadParameter "a market parameter is outside its hard-coded bounds; the expected value is the nearest bound"
    5 LotPriceTooLow "a lot must cost at least this many atoms when the market is created; choose a larger lot"
    6 NoSuchSeat "there is no open seat with this index"
    7 NotSeatOwner "the signer neither owns this seat nor is its delegate"
    8 OwnerOnly "only the owner of the seat may do this, not its delegate"
    9 MarketFull "every seat of this market is taken; wait for one to be closed or use another market"
    10 BelowMinimumCollateral "a seat keeps at least this many atoms while it is open"
    11 SeatNotEmpty "the seat still has a position or open orders; close and cancel them first"
    12 SeatNotAbandoned "only its owner may close this seat: it is neither below the minimum collateral nor idle in a full market"
    13 VaultSeat "seat 0 belongs to the vault and is only moved by its own instructions"
    14 InsufficientCash "the seat does not hold this many atoms free"
    15 BelowInitialMargin "this would leave the seat with less equity than its initial margin needs; use fewer lots or deposit"
    16 WorseMargin "a reduction must not leave the seat with a worse margin ratio; use a better price"
    17 Insolvent "this would leave the seat worth less than nothing"
    18 WouldCross "this would leave no price at which every seat is solvent: the highest bankruptcy price of the longs would pass the lowest of the shorts"
    19 PoolFull "the pool of this market cannot take this much cash"
    20 ZeroAmount "the amount must be above zero"
    21 PriceOutOfRange "a price must be at least 1 atom a lot and below 2^31"
    22 LotsOutOfRange "the number of lots is outside what the market allows"
    23 BelowMinimumOrder "an order must be of at least this many lots"
    24 TooManyOrders "a seat may have at most this many open orders; cancel one first"
    25 BookFull "this side of the book is full and the order is no better than its worst; use a better price"
    26 NoSuchOrder "there is no such open order of this seat"
    27 OrderLocked "an order that evicted another cannot be cancelled before this time"
    28 OrderExpired "the order's expiry has passed"
    29 PostOnlyCrosses "a post-only order must not cross the best opposite price; use a price behind it"
    30 NotFilled "a fill-or-kill order could not be filled completely; the actual value is what could be had"
    31 ReduceOnlyExceeds "reduce-only orders together may not exceed the position; the expected value is what is left"
    32 BankruptSeat "a seat is bankrupt, so nothing matches until the cranks have cleared it; call deleverage first or rest a limit order"
    33 PricePending "a price jump waits for its confirmation; nothing happens at the old price until a newer print decides it"
    34 StalePrice "the accepted price is older than this market allows; post a newer print"
    35 FuturePrice "the print is dated after the cluster's clock"
    36 OldPrice "the print is older than the last one"
    37 BadPrice "the oracle's price is not above zero and below 2^31 atoms a lot"
    38 WrongOracle "the oracle account is not the one this market names"
    39 OpeningPaused "the authority has paused opening; closing, withdrawing and the cranks still work"
    40 VaultBusy "the vault neither mints nor redeems while a seat waits to be liquidated; crank liquidate first"
    41 VaultUnderwater "the vault is worth nothing and cannot take deposits until it is flat"
    42 VaultBelowMargin "this redemption would leave the vault under its initial margin; redeem less or wait"
    43 RequestNotMature "the request executes only at a price published after this time"
    44 RequestPending "the ticket already has a request; execute it first"
    45 NoRequest "the ticket has no pending request"
    46 InsufficientShares "the ticket does not hold this many shares free"
    47 BookSequenceExhausted "this side of the book has numbered 2^32 orders; it starts again once it is empty"
    48 TooManyRequested "an instruction acts on at most this many"
    49 NoPrice "the market has no accepted price yet; post one first"
    50 NotAuthority "the signer is not the key this market names for this"
    51 BookAtFullSize "the book has reached its largest size"
    52 ZeroSharesMinted "the amount is too small to be worth a share"
    53 UnsupportedMint "the collateral's mint has an extension that could move or change what the pool holds; the actual value is its number"
    54 WrongDestination "a payout goes to the owner's associated token account; only the owner may name another of their accounts"
    55 PayeeNotIdle "the seat that is paid must have neither a position nor orders, so that pay never changes a rank; name another"
    56 WrongFeed "the price account is of another feed than the one this market names; pass an update of that feed"
    57 NotVerified "the price was not verified by the oracle's full set of signers; post one with full verification"
    58 WideConfidence "the oracle is less sure of its price than this market allows; wait for a better print"
    59 PriceNotConvertible "the oracle's price and exponent do not convert into 1 to 2^31 - 1 atoms per lot; wait for another print"
    60 MarketSettled "the market has been settled for good; cancel orders, close seats and redeem shares"
    61 NotSettled "this is for a market that has been settled; settle it first, once it is delisted or its oracle dead"
    62 OracleAlive "the oracle is not dead: it has published after the expected time"
    63 TooEarly "this may be done from the expected time on"
    64 NothingPending "there is nothing of the kind pending; propose, announce or delist first"
    65 MarketDelisted "the market is past its delisting date: nothing matches any more; settle it"
    66 FeesReserved "the fee cash keeps what pays a round of forced fills; the expected value is what may be taken"
    67 MarketNotEmpty "seats, shares or cash are left in the market; close, redeem and take them out first"
    68 AccountNotEmpty "the account still holds something; take it out first"
    69 FundingAtRest "cumulative funding is zero, so there is nothing to rebase"
    70 OutsideBand "an order that may rest must not be further from the oracle price than the band on its own bad side; use the expected price or a better one"
    71 ChangeLapsed "the pending change was not applied in time and is no longer binding; propose it again"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_and_in_order() {
        for (number, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(*code as usize, number, "{}", code.name());
        }
    }
}
