//! Creates a market and its book by writing their first bytes.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, VERSION};
use crate::oracle::{OracleKind, MAX_LOT_EXPONENT};
use crate::state::book::Book;
use crate::state::header::{Header, RankRule};
use crate::state::market::Market;
use crate::state::params::Params;
use bytemuck::Zeroable;

/// What a market is created with.
#[derive(Clone, Copy, Debug)]
pub struct Creation {
    /// Number chosen by the creator; part of the market's address.
    pub id: u64,
    /// For display: printable ASCII, followed by zeroes.
    pub name: [u8; 16],
    /// The ranking rule. It cannot change.
    pub rule: RankRule,
    /// The parameters.
    pub params: Params,
    /// The account that creates the market and pays for its space.
    pub creator: Key,
    /// The key that may use the powers over the market.
    pub authority: Key,
    /// The market account itself.
    pub market: Key,
    /// The book account.
    pub book: Key,
    /// The token account that holds the market's cash.
    pub pool: Key,
    /// The mint of the collateral token.
    pub mint: Key,
    /// The token program of the collateral token.
    pub token_program: Key,
    /// The price source.
    pub oracle_kind: OracleKind,
    /// A lot is 10 to this power of the asset's units, within plus or minus [`MAX_LOT_EXPONENT`].
    pub lot_exponent: i8,
    /// The account that the price is read from.
    pub oracle: Key,
    /// Id of the Pyth feed; zero for a posted price.
    pub feed: Key,
    /// The key that signs posted prices; zero for a Pyth feed.
    pub price_signer: Key,
    /// Decimals of the collateral token.
    pub decimals: u8,
    /// When the market is created, in unix seconds.
    pub created_at: i64,
    /// Bump of the market's address.
    pub bump: u8,
    /// Bump of the pool authority's address.
    pub pool_bump: u8,
}

impl Creation {
    /// Writes a new market, the vault's seat in it, and its empty book.
    ///
    /// # Errors
    /// [`ErrorCode::BadParameter`], [`ErrorCode::AccountTooSmall`].
    pub fn write(&self, market: &mut [u8], book: &mut [u8]) -> Result<()> {
        self.params.validate()?;
        self.validate_oracle()?;
        self.validate_name()?;
        let mut market = Market::load_any_version(market)?;
        require(market.head.version == 0, ErrorCode::WrongVersion, 0, market.head.version as i64)?;
        *market.head = Header {
            version: VERSION,
            rank_rule: self.rule as u8,
            bump: self.bump,
            pool_bump: self.pool_bump,
            decimals: self.decimals,
            oracle_kind: self.oracle_kind as u8,
            lot_exponent: self.lot_exponent,
            id: self.id,
            name: self.name,
            creator: self.creator,
            authority: self.authority,
            book: self.book,
            pool: self.pool,
            mint: self.mint,
            token_program: self.token_program,
            oracle: self.oracle,
            feed: self.feed,
            price_signer: self.price_signer,
            params: self.params,
            share_epoch: self.first_epoch(),
            ..Header::zeroed()
        };
        market.open_vault_seat(self.creator)?;
        let book = Book::load_any_version(book)?;
        require(book.head.version == 0, ErrorCode::WrongVersion, 0, book.head.version as i64)?;
        book.head.version = VERSION;
        book.head.market = self.market;
        book.head.rent_payer = self.creator;
        Ok(())
    }

    /// The first epoch is above every epoch of a market that was closed at the same address, because old tickets of
    /// that market may still exist. Epochs count up from here, possibly many a second, so each second has room for 2^32
    /// of them.
    const fn first_epoch(&self) -> u64 {
        (self.created_at as u64) << 32
    }

    /// A name that a terminal or a page would take for something else is refused.
    fn validate_name(&self) -> Result<()> {
        let len = self.name.iter().position(|byte| *byte == 0).unwrap_or(self.name.len());
        for (at, byte) in self.name.iter().enumerate() {
            let fits = if at < len { matches!(*byte, b' '..=b'~') } else { *byte == 0 };
            require(fits, ErrorCode::BadParameter, at as i64, *byte as i64)?;
        }
        Ok(())
    }

    fn validate_oracle(&self) -> Result<()> {
        let (exponent, most) = (self.lot_exponent as i64, MAX_LOT_EXPONENT as i64);
        require(exponent >= -most, ErrorCode::BadParameter, -most, exponent)?;
        require(exponent <= most, ErrorCode::BadParameter, most, exponent)?;
        // If prices are not posted, readers could mistake such a key for the oracle.
        let signers = (self.price_signer != [0; 32]) as i64;
        require(self.oracle_kind == OracleKind::Posted || signers == 0, ErrorCode::BadParameter, 0, signers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::state::seat::Seat;
    use std::vec;

    fn creation(oracle_kind: OracleKind, lot_exponent: i8, price_signer: Key) -> Creation {
        let key = [4; 32];
        Creation {
            id: 1,
            rule: RankRule::ProfitLeverage,
            params: Params::standard(),
            creator: key,
            authority: key,
            market: key,
            book: key,
            pool: key,
            mint: key,
            token_program: key,
            oracle_kind,
            lot_exponent,
            name: *b"BTC perpetual\0\0\0",
            oracle: key,
            feed: [0; 32],
            price_signer,
            decimals: 6,
            created_at: 1,
            bump: 0,
            pool_bump: 0,
        }
    }

    /// Writes a market and gives back what its header says of the oracle.
    fn write(creation: Creation) -> Result<(u8, i8, Key)> {
        let mut market = vec![0u64; (size_of::<Header>() + size_of::<Seat>()) / 8];
        let mut book = vec![0u64; size_of::<crate::state::book::BookHeader>() / 8];
        let (market, book) = (bytemuck::cast_slice_mut(&mut market), bytemuck::cast_slice_mut(&mut book));
        let written = creation.write(market, book);
        let head = Market::load_any_version(market)?.head;
        assert_eq!(head.version, if written.is_ok() { VERSION } else { 0 }, "what is refused leaves nothing behind");
        written.map(|()| (head.oracle_kind, head.lot_exponent, head.price_signer))
    }

    #[test]
    fn the_size_of_a_lot_is_bounded() {
        for lot_exponent in i8::MIN..=i8::MAX {
            let written = write(creation(OracleKind::Posted, lot_exponent, [4; 32]));
            let bound = lot_exponent.clamp(-18, 18);
            let error = Error::with(ErrorCode::BadParameter, bound as i64, lot_exponent as i64);
            assert_eq!(written, if bound == lot_exponent { Ok((0, lot_exponent, [4; 32])) } else { Err(error) });
        }
    }

    #[test]
    fn a_name_is_printable_and_has_nothing_behind_its_end() {
        let named = |name: &[u8; 16]| write(Creation { name: *name, ..creation(OracleKind::Posted, 0, [4; 32]) });
        for good in [[0; 16], *b"SOL-PERP 2026-11"] {
            assert!(named(&good).is_ok());
        }
        for (bad, at) in
            [(*b"a\x1b[2J\0\0\0\0\0\0\0\0\0\0\0", 1), (*b"a\0b\0\0\0\0\0\0\0\0\0\0\0\0\0", 2), ([0xc3; 16], 0)]
        {
            let error = Error::with(ErrorCode::BadParameter, at, bad[at as usize] as i64);
            assert_eq!(named(&bad), Err(error));
        }
    }

    #[test]
    fn a_market_with_a_feed_names_no_key_that_posts() {
        assert_eq!(write(creation(OracleKind::Pyth, -2, [0; 32])), Ok((1, -2, [0; 32])));
        let error = Error::with(ErrorCode::BadParameter, 0, 1);
        assert_eq!(write(creation(OracleKind::Pyth, -2, [4; 32])), Err(error));
    }

    #[test]
    fn no_epoch_of_a_market_is_one_of_a_later_market_at_its_address() {
        let first_epoch =
            |created_at| Creation { created_at, ..creation(OracleKind::Posted, 0, [4; 32]) }.first_epoch();
        for created_at in [1, 1_767_225_600, u32::MAX as i64 - 1] {
            let wipes = first_epoch(created_at + 1) - first_epoch(created_at);
            assert_eq!(wipes, 1 << 32, "as many as it would take to reach the next");
        }
    }
}
