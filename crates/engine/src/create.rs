//! The first bytes of a market and its book.

use crate::book::Book;
use crate::error::{require, ErrorCode, Result};
use crate::market::{Header, Market, VERSION};
use crate::oracle::OracleKind;
use crate::params::Params;
use crate::ranking::RankRule;
use crate::seat::Key;
use bytemuck::Zeroable;

/// What a market is created with.
#[derive(Clone, Copy, Debug)]
pub struct Creation {
    /// Chosen by the creator; part of the market's address.
    pub id: u64,
    /// The ranking rule, for good.
    pub rule: RankRule,
    /// The parameters.
    pub params: Params,
    /// Who creates it and pays for its space.
    pub creator: Key,
    /// Who may use the powers over it.
    pub authority: Key,
    /// The market account itself.
    pub market: Key,
    /// The book account.
    pub book: Key,
    /// The token account of its cash.
    pub pool: Key,
    /// The collateral token.
    pub mint: Key,
    /// The program of the collateral token.
    pub token_program: Key,
    /// Where prices come from.
    pub oracle_kind: OracleKind,
    /// A lot is 10 to this power of the asset's units.
    pub lot_exponent: i8,
    /// The account of the posted price, or the id of the Pyth feed.
    pub oracle: Key,
    /// Who signs posted prices.
    pub price_signer: Key,
    /// The decimals of the collateral token.
    pub decimals: u8,
    /// The bump of the market's address.
    pub bump: u8,
    /// The bump of the pool authority's address.
    pub pool_bump: u8,
}

impl Creation {
    /// Writes a new market, the vault's seat in it, and its empty book.
    ///
    /// # Errors
    /// [`ErrorCode::BadParameter`], [`ErrorCode::AccountTooSmall`].
    pub fn write(&self, market: &mut [u8], book: &mut [u8]) -> Result<()> {
        self.params.validate()?;
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
            creator: self.creator,
            authority: self.authority,
            book: self.book,
            pool: self.pool,
            mint: self.mint,
            token_program: self.token_program,
            oracle: self.oracle,
            price_signer: self.price_signer,
            params: self.params,
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
}
