//! The errors of the program: those of the engine, by the same names, 6000 above their numbers.

use anchor_lang::{
    error::{AnchorError, ERROR_CODE_OFFSET},
    prelude::*,
};
use zerosum_engine::error as engine;

use crate::log::explain;

/// Added to the number of an engine error: where Anchor leaves programs their own.
pub const OFFSET: u32 = ERROR_CODE_OFFSET;

/// An engine result that ends the instruction where it is an error.
pub trait OrFail<T> {
    /// The value; or the error as one of Anchor's, whose message says what was expected and found.
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

#[cold]
#[inline(never)]
fn fail(error: engine::Error) -> Error {
    Error::from(explain(AnchorError {
        error_name: error.code.name().to_string(),
        error_code_number: OFFSET + error.code as u32,
        error_msg: error.to_string(),
        error_origin: None,
        compared_values: None,
    }))
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

    /// The variants of the enum above, in their order, with their messages.
    fn listed() -> Vec<(String, String)> {
        let source = include_str!("error.rs");
        let (_, source) = source.split_once("pub enum ZerosumError {").unwrap();
        let (body, _) = source.split_once("\n}").unwrap();
        let mut listed = Vec::new();
        for variant in body.split("#[msg(").skip(1) {
            let (message, name) = variant.rsplit_once("\")").or_else(|| variant.rsplit_once("\"\n    )")).unwrap();
            let message = message.trim_start().trim_start_matches('"').to_string();
            listed.push((name.trim_start_matches(']').trim().trim_end_matches(',').to_string(), message));
        }
        listed
    }

    #[test]
    fn the_listed_errors_are_those_of_the_engine() {
        let engines = engine::ErrorCode::ALL.iter().map(|code| (code.name().to_string(), code.message().to_string()));
        assert_eq!(listed(), engines.collect::<Vec<_>>());
        // Anchor numbers the variants in the order in which they are listed.
        let (first, last) = (ZerosumError::Overflow, ZerosumError::ChangeLapsed);
        assert_eq!((first.name(), u32::from(first)), ("Overflow".to_string(), OFFSET));
        assert_eq!(listed().last().map(|(name, _)| name.clone()), Some(last.name()), "ChangeLapsed is the last");
        assert_eq!(u32::from(last) as usize, OFFSET as usize + listed().len() - 1);
    }

    #[test]
    fn an_error_of_the_engine_is_one_of_the_program_with_its_values() {
        let error = engine::Error::with(engine::ErrorCode::TooEarly, 7, -3);
        let Error::AnchorError(error) = Err::<(), _>(error).or_fail().unwrap_err() else { panic!("one of Anchor's") };
        assert_eq!((error.error_name.as_str(), error.error_code_number), ("TooEarly", ZerosumError::TooEarly.into()));
        assert!(error.error_msg.ends_with("(expected 7, actual -3)"), "{}", error.error_msg);
    }
}
