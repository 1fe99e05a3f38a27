//! A market as it was when its accounts were fetched.

use anchor_lang::Discriminator;
use solana_pubkey::Pubkey;
use zerosum::state::{self, BODY};
use zerosum_engine::{
    audit::{self, Violation},
    error::Error,
    exchange::Exchange,
    layout::RING,
    state::book::{BookHeader, Order},
    state::header::Header,
    state::price::PriceFeed,
    state::receipt::Receipt,
    state::seat::Seat,
    state::ticket::Ticket,
    units::Side,
};

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The discriminator is that of another kind of account, or missing.
    OtherAccount,
    /// The engine refuses the bytes: too few, or of another version.
    Engine(Error),
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherAccount => f.write_str("this is another kind of account"),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A market and its book, owned.
///
/// Everything the engine can do on-chain it can do to a snapshot, so a client knows what an instruction would lead to by
/// doing it to a clone.
#[derive(Clone, Debug)]
pub struct MarketSnapshot {
    market: Vec<u64>,
    book: Vec<u64>,
}

impl MarketSnapshot {
    /// Decodes the data of the two accounts.
    ///
    /// # Errors
    /// [`DecodeError`] where they are not the accounts of a market.
    pub fn decode(market: &[u8], book: &[u8]) -> Result<Self, DecodeError> {
        let market = aligned(market, state::Market::DISCRIMINATOR)?;
        let book = aligned(book, state::Book::DISCRIMINATOR)?;
        let mut snapshot = Self { market, book };
        let (market, book) = (&mut snapshot.market, &mut snapshot.book);
        Exchange::load(bytemuck::cast_slice_mut(market), bytemuck::cast_slice_mut(book))
            .map_err(DecodeError::Engine)?;
        Ok(snapshot)
    }

    /// The engine's view, with everything it can do.
    pub fn exchange(&mut self) -> Exchange<'_> {
        let (market, book) = (&mut self.market, &mut self.book);
        Exchange::load(bytemuck::cast_slice_mut(market), bytemuck::cast_slice_mut(book))
            .unwrap_or_else(|error| unreachable!("a decoded snapshot loads: {error}"))
    }

    /// What the accounts hold behind their discriminators, market and book.
    pub fn bodies(&self) -> (&[u8], &[u8]) {
        (bytemuck::cast_slice(&self.market), bytemuck::cast_slice(&self.book))
    }

    /// The header of the market.
    pub fn head(&self) -> &Header {
        bytemuck::from_bytes(&bytemuck::cast_slice(&self.market)[..size_of::<Header>()])
    }

    /// The header of the book.
    pub fn book_head(&self) -> &BookHeader {
        bytemuck::from_bytes(&bytemuck::cast_slice(&self.book)[..size_of::<BookHeader>()])
    }

    /// All seat records, open or free. The first is the vault's.
    pub fn seats(&self) -> &[Seat] {
        let records = records(&self.market, size_of::<Header>());
        &records[..self.head().seat_count as usize]
    }

    /// An open seat.
    pub fn seat(&self, index: u32) -> Option<&Seat> {
        self.seats().get(index as usize).filter(|seat| seat.open == 1)
    }

    /// The open seats of an owner, with their indices.
    pub fn seats_of(&self, owner: &Pubkey) -> impl Iterator<Item = (u32, &Seat)> {
        let owner = owner.to_bytes();
        let open = |(_, seat): &(u32, &Seat)| seat.open == 1;
        (0..).zip(self.seats()).filter(open).filter(move |(_, seat)| seat.owner == owner)
    }

    /// All order records, whether they rest or not, and the space behind them.
    pub fn orders(&self) -> &[Order] {
        records(&self.book, size_of::<BookHeader>())
    }

    /// The resting orders of a side, the best first.
    pub fn resting(&self, side: Side) -> Vec<&Order> {
        let rests = |order: &&Order| order.live == 1 && order.side() == side;
        let mut orders: Vec<_> = self.orders().iter().filter(rests).collect();
        orders.sort_by_key(|order| std::cmp::Reverse(order.key()));
        orders
    }

    /// The resting orders of a seat.
    pub fn orders_of(&self, seat: u32) -> impl Iterator<Item = &Order> {
        self.orders().iter().filter(move |order| order.live == 1 && order.seat == seat)
    }

    /// The receipts made after the first `seen` ones, oldest first, as far as the ring still holds them.
    pub fn receipts_since(&self, seen: u64) -> impl Iterator<Item = &Receipt> {
        let head = self.head();
        let oldest = head.receipt_count.saturating_sub(RING as u64).max(seen);
        (oldest..head.receipt_count).map(|number| &head.receipts[(number % RING as u64) as usize])
    }

    /// The receipts that the ring holds, oldest first.
    pub fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        self.receipts_since(0)
    }

    /// Checks everything that must always hold.
    ///
    /// # Errors
    /// The first [`Violation`] found.
    pub fn audit(&self) -> Result<(), Violation> {
        audit::check(&self.clone().exchange())
    }
}

/// Decodes a depositor's ticket.
///
/// # Errors
/// [`DecodeError::OtherAccount`].
pub fn decode_ticket(data: &[u8]) -> Result<Ticket, DecodeError> {
    decode(data, state::VaultTicket::DISCRIMINATOR)
}

/// Decodes a posted price.
///
/// # Errors
/// [`DecodeError::OtherAccount`].
pub fn decode_feed(data: &[u8]) -> Result<PriceFeed, DecodeError> {
    decode(data, state::PostedPrice::DISCRIMINATOR)
}

fn decode<T: bytemuck::AnyBitPattern>(data: &[u8], discriminator: &[u8]) -> Result<T, DecodeError> {
    let body = data.strip_prefix(discriminator).ok_or(DecodeError::OtherAccount)?;
    let body = body.get(..size_of::<T>()).ok_or(DecodeError::OtherAccount)?;
    Ok(bytemuck::pod_read_unaligned(body))
}

/// The body of an account in words, so that the engine's structs lie where they must.
fn aligned(data: &[u8], discriminator: &[u8]) -> Result<Vec<u64>, DecodeError> {
    let body = data.get(BODY..).filter(|_| data.starts_with(discriminator)).ok_or(DecodeError::OtherAccount)?;
    let mut words = vec![0u64; body.len() / 8];
    let whole = words.len() * 8;
    bytemuck::cast_slice_mut(&mut words).copy_from_slice(&body[..whole]);
    Ok(words)
}

/// The records behind a header, the space behind them included.
fn records<T: bytemuck::AnyBitPattern>(words: &[u64], header: usize) -> &[T] {
    let bytes = &bytemuck::cast_slice::<u64, u8>(words)[header..];
    bytemuck::cast_slice(&bytes[..bytes.len() - bytes.len() % size_of::<T>()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use zerosum_engine::{ops::create::Creation, state::header::RankRule, state::params::Params, units::Atoms};

    fn accounts() -> (Vec<u8>, Vec<u8>) {
        let mut market = vec![0u64; (size_of::<Header>() + 3 * size_of::<Seat>()) / 8];
        let mut book = vec![0u64; (size_of::<BookHeader>() + 4 * size_of::<Order>()) / 8];
        let creation = Creation {
            id: 1,
            rule: RankRule::ProfitLeverage,
            params: Params::standard(),
            creator: [1; 32],
            authority: [2; 32],
            market: [3; 32],
            book: [4; 32],
            pool: [5; 32],
            mint: [6; 32],
            token_program: [7; 32],
            oracle: [8; 32],
            feed: [0; 32],
            oracle_kind: zerosum_engine::oracle::OracleKind::Posted,
            lot_exponent: 0,
            name: [0; 16],
            price_signer: [9; 32],
            created_at: 1,
            decimals: 6,
            bump: 255,
            pool_bump: 254,
        };
        let (market_bytes, book_bytes) = (bytemuck::cast_slice_mut(&mut market), bytemuck::cast_slice_mut(&mut book));
        creation.write(market_bytes, book_bytes).unwrap();
        let mut exchange = Exchange::load(market_bytes, book_bytes).unwrap();
        exchange.market.open_seat([77; 32], [1; 32], Atoms(20_000_000), 5).unwrap();
        let with = |discriminator: &[u8], body: &[u8]| [discriminator, body].concat();
        (with(state::Market::DISCRIMINATOR, market_bytes), with(state::Book::DISCRIMINATOR, book_bytes))
    }

    #[test]
    fn a_snapshot_is_what_the_engine_wrote() {
        let (market, book) = accounts();
        // Fetched bytes begin anywhere.
        for offset in 0..8 {
            let shifted = [vec![0; offset], market.clone()].concat();
            let mut snapshot = MarketSnapshot::decode(&shifted[offset..], &book).unwrap();
            assert_eq!(snapshot.head().id, 1);
            assert_eq!(snapshot.seats().len(), 2);
            assert_eq!(snapshot.book_head().market, [3; 32]);
            assert_eq!(snapshot.orders().len(), 4);
            let own: Vec<_> = snapshot.seats_of(&Pubkey::new_from_array([77; 32])).map(|(index, _)| index).collect();
            assert_eq!(own, [1]);
            assert_eq!(snapshot.seat(1).unwrap().position.cash, Atoms(20_000_000));
            assert!(snapshot.seat(2).is_none());
            assert_eq!(snapshot.audit(), Ok(()));
            assert_eq!(snapshot.exchange().market.head.open_seats, 2);
        }
    }

    #[test]
    fn other_accounts_are_not_taken_for_a_market() {
        let (market, book) = accounts();
        let other = Err(DecodeError::OtherAccount);
        assert_eq!(MarketSnapshot::decode(&book, &market).map(drop), other);
        assert_eq!(MarketSnapshot::decode(&[], &book).map(drop), other);
        let short = MarketSnapshot::decode(&market[..1_000], &book);
        assert!(matches!(short, Err(DecodeError::Engine(_))));
        assert!(decode_ticket(&market).is_err());
        assert!(decode_feed(&book).is_err());
    }
}
