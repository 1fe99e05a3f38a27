//! The errors of the program: those of the engine, by the same names, 6000 above their numbers.

use anchor_lang::prelude::*;
use zerosum_engine::error as engine;

use crate::output::Line;

/// Added to the number of an engine error: where Anchor leaves programs their own.
pub const OFFSET: u32 = 6_000;

/// An engine result that ends the instruction where it is an error.
pub trait OrFail<T> {
    /// The value; or the error as one that a client can decode, with what was expected and found in the log.
    fn or_fail(self) -> Result<T>;
}

impl<T> OrFail<T> for engine::Result<T> {
    #[inline(always)]
    fn or_fail(self) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(fail(error)),
        }
    }
}

/// Logs an engine error and turns it into the program's.
#[cold]
#[inline(never)]
pub fn fail(error: engine::Error) -> Error {
    let mut line = Line::new();
    line.text(error.code.name()).text(": ").text(error.code.message());
    line.text(" (expected ").number(error.expected).text(", actual ").number(error.actual).text(")").log();
    ProgramError::Custom(OFFSET + error.code as u32).into()
}

/// The error of something that was called: a system variable, a borrow, another program.
#[cold]
#[inline(never)]
pub fn pass(error: ProgramError) -> Error {
    error.into()
}

impl<T> OrFail<T> for core::result::Result<T, ProgramError> {
    #[inline(always)]
    fn or_fail(self) -> Result<T> {
        self.map_err(pass)
    }
}

/// One of Anchor's own errors.
#[cold]
#[inline(never)]
pub fn refuse(code: ErrorCode) -> Error {
    let mut line = Line::new();
    line.text("AnchorError occurred");
    refuse_because(line, code)
}

/// One of Anchor's own errors, because of an account of the instruction.
#[cold]
#[inline(never)]
pub fn refuse_account(code: ErrorCode, index: usize) -> Error {
    let mut line = Line::new();
    line.text("AnchorError caused by account: ").number(index as i64);
    refuse_because(line, code)
}

/// Logs the line that Anchor's clients look for.
fn refuse_because(mut line: Line, code: ErrorCode) -> Error {
    let number = u32::from(code);
    let listed = REFUSALS.iter().find(|(of, ..)| u32::from(*of) == number);
    let (name, message) = listed.map_or(("", ""), |(_, name, message)| (*name, *message));
    line.text(". Error Code: ").text(name).text(". Error Number: ").number(number.into());
    line.text(". Error Message: ").text(message).text(".").log();
    ProgramError::Custom(number).into()
}

/// The errors of Anchor that the program returns. Anchor's own table of names and messages is a twentieth of the program.
const REFUSALS: [(ErrorCode, &str, &str); 11] = [
    (ErrorCode::InstructionFallbackNotFound, "InstructionFallbackNotFound", "Fallback functions are not supported"),
    (
        ErrorCode::InstructionDidNotDeserialize,
        "InstructionDidNotDeserialize",
        "The program could not deserialize the given instruction",
    ),
    (ErrorCode::ConstraintMut, "ConstraintMut", "A mut constraint was violated"),
    (ErrorCode::ConstraintSeeds, "ConstraintSeeds", "A seeds constraint was violated"),
    (
        ErrorCode::ConstraintMintTokenProgram,
        "ConstraintMintTokenProgram",
        "A mint token program constraint was violated",
    ),
    (
        ErrorCode::AccountDiscriminatorMismatch,
        "AccountDiscriminatorMismatch",
        "Account discriminator did not match what was expected",
    ),
    (ErrorCode::AccountNotEnoughKeys, "AccountNotEnoughKeys", "Not enough account keys given to the instruction"),
    (
        ErrorCode::AccountOwnedByWrongProgram,
        "AccountOwnedByWrongProgram",
        "The given account is owned by a different program than expected",
    ),
    (ErrorCode::InvalidProgramId, "InvalidProgramId", "Program ID was not as expected"),
    (ErrorCode::AccountNotSigner, "AccountNotSigner", "The given account did not sign"),
    (
        ErrorCode::DeclaredProgramIdMismatch,
        "DeclaredProgramIdMismatch",
        "The declared program id does not match the actual program id",
    ),
];

/// Fails with `code` unless the condition holds.
#[inline(always)]
pub fn require(condition: bool, code: engine::ErrorCode) -> Result<()> {
    if condition { Ok(()) } else { Err(fail(code.into())) }
}

/// Every way in which the program refuses an instruction: the engine's [`ErrorCode`](engine::ErrorCode), listed once
/// more so that the interface description names them. Numbers never change.
#[error_code]
pub enum ZerosumError {
    #[msg("an amount of money left the range of 64 bits; use a smaller one")]
    Overflow,
    #[msg("an account holds fewer bytes than its header names")]
    AccountTooSmall,
    #[msg("the account was written by another version of the program")]
    WrongVersion,
    #[msg("the account does not belong to this market")]
    WrongAccount,
    #[msg("a market parameter is outside its hard-coded bounds; the expected value is the nearest bound")]
    BadParameter,
    #[msg("a lot must cost at least this many atoms when the market is created; choose a larger lot")]
    LotPriceTooLow,
    #[msg("there is no open seat with this index")]
    NoSuchSeat,
    #[msg("the signer neither owns this seat nor is its delegate")]
    NotSeatOwner,
    #[msg("only the owner of the seat may do this, not its delegate")]
    OwnerOnly,
    #[msg("every seat of this market is taken; wait for one to be closed or use another market")]
    MarketFull,
    #[msg("a seat keeps at least this many atoms while it is open")]
    BelowMinimumCollateral,
    #[msg("the seat still has a position or open orders; close and cancel them first")]
    SeatNotEmpty,
    #[msg("only its owner may close this seat: it is neither below the minimum collateral nor idle in a full market")]
    SeatNotAbandoned,
    #[msg("seat 0 belongs to the vault and is only moved by its own instructions")]
    VaultSeat,
    #[msg("the seat does not hold this many atoms free")]
    InsufficientCash,
    #[msg("this would leave the seat with less equity than its initial margin needs; use fewer lots or deposit")]
    BelowInitialMargin,
    #[msg("a reduction must not leave the seat with a worse margin ratio; use a better price")]
    WorseMargin,
    #[msg("this would leave the seat worth less than nothing")]
    Insolvent,
    #[msg(
        "this would leave no price at which every seat is solvent: the highest bankruptcy price of the longs would pass the lowest of the shorts"
    )]
    WouldCross,
    #[msg("the pool of this market cannot take this much cash")]
    PoolFull,
    #[msg("the amount must be above zero")]
    ZeroAmount,
    #[msg("a price must be at least 1 atom a lot and below 2^31")]
    PriceOutOfRange,
    #[msg("the number of lots is outside what the market allows")]
    LotsOutOfRange,
    #[msg("an order must be of at least this many lots")]
    BelowMinimumOrder,
    #[msg("a seat may have at most this many open orders; cancel one first")]
    TooManyOrders,
    #[msg("this side of the book is full and the order is no better than its worst; use a better price")]
    BookFull,
    #[msg("there is no such open order of this seat")]
    NoSuchOrder,
    #[msg("an order that evicted another cannot be cancelled before this time")]
    OrderLocked,
    #[msg("the order's expiry has passed")]
    OrderExpired,
    #[msg("a post-only order must not cross the best opposite price; use a price behind it")]
    PostOnlyCrosses,
    #[msg("a fill-or-kill order could not be filled completely; the actual value is what could be had")]
    NotFilled,
    #[msg("reduce-only orders together may not exceed the position; the expected value is what is left")]
    ReduceOnlyExceeds,
    #[msg(
        "a seat is bankrupt, so nothing matches until the cranks have cleared it; call deleverage first or rest a limit order"
    )]
    BankruptSeat,
    #[msg("a price jump waits for its confirmation; nothing happens at the old price until a newer print decides it")]
    PricePending,
    #[msg("the accepted price is older than this market allows; post a newer print")]
    StalePrice,
    #[msg("the print is dated after the cluster's clock")]
    FuturePrice,
    #[msg("the print is older than the last one")]
    OldPrice,
    #[msg("the oracle's price is not above zero and below 2^31 atoms a lot")]
    BadPrice,
    #[msg("the oracle account is not the one this market names")]
    WrongOracle,
    #[msg("the authority has paused opening; closing, withdrawing and the cranks still work")]
    OpeningPaused,
    #[msg("the vault neither mints nor redeems while a seat waits to be liquidated; crank liquidate first")]
    VaultBusy,
    #[msg("the vault is worth nothing and cannot take deposits until it is flat")]
    VaultUnderwater,
    #[msg("this redemption would leave the vault under its initial margin; redeem less or wait")]
    VaultBelowMargin,
    #[msg("the request executes only at a price published after this time")]
    RequestNotMature,
    #[msg("the ticket already has a request; execute it first")]
    RequestPending,
    #[msg("the ticket has no pending request")]
    NoRequest,
    #[msg("the ticket does not hold this many shares free")]
    InsufficientShares,
    #[msg("this side of the book has numbered 2^32 orders; it starts again once it is empty")]
    BookSequenceExhausted,
    #[msg("an instruction acts on at most this many")]
    TooManyRequested,
    #[msg("the market has no accepted price yet; post one first")]
    NoPrice,
    #[msg("the signer is not the key this market names for this")]
    NotAuthority,
    #[msg("the book has reached its largest size")]
    BookAtFullSize,
    #[msg("the amount is too small to be worth a share")]
    ZeroSharesMinted,
    #[msg(
        "the collateral's mint has an extension that could move or change what the pool holds; the actual value is its number"
    )]
    UnsupportedMint,
    #[msg("a payout goes to the owner's associated token account; only the owner may name another of their accounts")]
    WrongDestination,
    #[msg(
        "the seat that is paid must have neither a position nor orders, so that pay never changes a rank; name another"
    )]
    PayeeNotIdle,
    #[msg("the price account is of another feed than the one this market names; pass an update of that feed")]
    WrongFeed,
    #[msg("the price was not verified by the oracle's full set of signers; post one with full verification")]
    NotVerified,
    #[msg("the oracle is less sure of its price than this market allows; wait for a better print")]
    WideConfidence,
    #[msg("the oracle's price and exponent do not convert into 1 to 2^31 - 1 atoms per lot; wait for another print")]
    PriceNotConvertible,
    #[msg("the market has been settled for good; cancel orders, close seats and redeem shares")]
    MarketSettled,
    #[msg("this is for a market that has been settled; settle it first, once it is delisted or its oracle dead")]
    NotSettled,
    #[msg("the oracle is not dead: it has published after the expected time")]
    OracleAlive,
    #[msg("this may be done from the expected time on")]
    TooEarly,
    #[msg("there is nothing of the kind pending; propose, announce or delist first")]
    NothingPending,
    #[msg("the market is past its delisting date: nothing matches any more; settle it")]
    MarketDelisted,
    #[msg("the fee cash keeps what pays a round of forced fills; the expected value is what may be taken")]
    FeesReserved,
    #[msg("seats, shares or cash are left in the market; close, redeem and take them out first")]
    MarketNotEmpty,
    #[msg("the account still holds something; take it out first")]
    AccountNotEmpty,
    #[msg("cumulative funding is zero, so there is nothing to rebase")]
    FundingAtRest,
    #[msg(
        "an order that may rest must not be further from the oracle price than the band on its own bad side; use the expected price or a better one"
    )]
    OutsideBand,
    #[msg("the pending change was not applied in time and is no longer binding; propose it again")]
    ChangeLapsed,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last of the list: what is appended to the engine's is appended here.
    const LAST: ZerosumError = ZerosumError::ChangeLapsed;

    #[test]
    fn the_refusals_are_anchors() {
        for (code, name, message) in REFUSALS {
            assert_eq!((code.name().as_str(), code.to_string().as_str()), (name, message));
        }
    }

    #[test]
    fn the_listed_errors_are_those_of_the_engine() {
        let all = engine::ErrorCode::ALL;
        assert_eq!(all.len(), LAST as usize + 1, "an error of the engine is not listed");
        for code in all {
            // SAFETY: the enum has no fields and numbers its variants 0 to LAST, which this does not exceed.
            let listed = unsafe { core::mem::transmute::<u32, ZerosumError>(*code as u32) };
            assert_eq!(listed.name(), code.name());
            assert_eq!(listed.to_string(), code.message());
            assert_eq!(u32::from(listed), OFFSET + *code as u32);
        }
    }
}
