//! Where the accounts of a market are.

use solana_pubkey::Pubkey;
use zerosum::{ID, seeds};
use zerosum_engine::{layout::Key, oracle::PUSH_ORACLES, state::header::Header};

/// The first token program.
pub const TOKEN: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// The token program with extensions.
pub const TOKEN_2022: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
/// The program that gives each owner one account a mint.
pub const ASSOCIATED_TOKEN: Pubkey = Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
/// The system program.
pub const SYSTEM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");

/// The push oracle of Pyth, in its first generation.
pub const PUSH_ORACLE: Pubkey = Pubkey::new_from_array(PUSH_ORACLES[0]);
/// The push oracle of Pyth, in its second generation.
pub const SECOND_PUSH_ORACLE: Pubkey = Pubkey::new_from_array(PUSH_ORACLES[1]);

/// Where a push oracle keeps a feed: into this account anyone may bring a newer price that the network signed.
pub fn feed_account(push_oracle: &Pubkey, shard: u16, feed: &Key) -> Pubkey {
    Pubkey::find_program_address(&[&shard.to_le_bytes(), feed], push_oracle).0
}

/// Every account of a market. What an instruction for it names is built from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The exchange.
    pub program: Pubkey,
    /// The market account.
    pub market: Pubkey,
    /// Its book.
    pub book: Pubkey,
    /// What signs for the pool.
    pub pool_authority: Pubkey,
    /// The token account of all its cash.
    pub pool: Pubkey,
    /// The account its price is read from: that of the posted price, or that of its Pyth feed.
    pub oracle: Pubkey,
    /// Its collateral.
    pub mint: Pubkey,
    /// The token program of the collateral.
    pub token_program: Pubkey,
}

impl Addresses {
    /// The accounts of the market that `creator` numbered `id`, of the program at its declared address.
    pub fn new(creator: &Pubkey, id: u64, mint: &Pubkey, token_program: &Pubkey) -> Self {
        Self::of_program(&ID, creator, id, mint, token_program)
    }

    /// The same of a program that was deployed at an address of its own.
    pub fn of_program(program: &Pubkey, creator: &Pubkey, id: u64, mint: &Pubkey, token_program: &Pubkey) -> Self {
        let derive = |seeds: &[&[u8]]| Pubkey::find_program_address(seeds, program).0;
        let market = derive(&[seeds::MARKET, creator.as_ref(), &id.to_le_bytes()]);
        let of = |seed: &[u8]| derive(&[seed, market.as_ref()]);
        Self {
            program: *program,
            market,
            book: of(seeds::BOOK),
            pool_authority: of(seeds::AUTHORITY),
            pool: of(seeds::POOL),
            oracle: of(seeds::PRICE),
            mint: *mint,
            token_program: *token_program,
        }
    }

    /// The same, reading the price from `account`: of a market with a Pyth feed [`feed_account`].
    pub const fn reading(self, account: Pubkey) -> Self {
        Self { oracle: account, ..self }
    }

    /// The accounts that the header of a market names, which `program` owns.
    pub fn of(program: &Pubkey, market: &Pubkey, head: &Header) -> Self {
        Self {
            program: *program,
            market: *market,
            book: head.book.into(),
            pool_authority: Pubkey::find_program_address(&[seeds::AUTHORITY, market.as_ref()], program).0,
            pool: head.pool.into(),
            oracle: head.oracle.into(),
            mint: head.mint.into(),
            token_program: head.token_program.into(),
        }
    }

    /// Whether the market's price is posted, to an account of its own.
    pub fn posts_its_price(&self) -> bool {
        self.oracle == self.derive(&[seeds::PRICE, self.market.as_ref()])
    }

    /// The stake of `owner` in the market's vault.
    pub fn ticket(&self, owner: &Pubkey) -> Pubkey {
        self.derive(&[seeds::TICKET, self.market.as_ref(), owner.as_ref()])
    }

    /// The account of `owner` for the collateral: where payouts go that others ask for.
    pub fn associated_token(&self, owner: &Pubkey) -> Pubkey {
        let seeds = [owner.as_ref(), self.token_program.as_ref(), self.mint.as_ref()];
        Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN).0
    }

    fn derive(&self, seeds: &[&[u8]]) -> Pubkey {
        Pubkey::find_program_address(seeds, &self.program).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The addresses that Pyth lists for its sponsored feed of SOL in dollars, and its programs.
    #[test]
    fn a_feed_is_where_pyth_keeps_it() {
        assert_eq!(PUSH_ORACLE.to_string(), "pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");
        assert_eq!(SECOND_PUSH_ORACLE.to_string(), "pyt2F414BA6dPttK6RddPZUdHfapoBN24GL5wbrPCou");
        let sol = [
            0xef, 0x0d, 0x8b, 0x6f, 0xda, 0x2c, 0xeb, 0xa4, 0x1d, 0xa1, 0x5d, 0x40, 0x95, 0xd1, 0xda, 0x39, 0x2a, 0x0d,
            0x2f, 0x8e, 0xd0, 0xc6, 0xc7, 0xbc, 0x0f, 0x4c, 0xfa, 0xc8, 0xc2, 0x80, 0xb5, 0x6d,
        ];
        let sponsored = feed_account(&PUSH_ORACLE, 0, &sol);
        assert_eq!(sponsored.to_string(), "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE");
        assert_ne!(feed_account(&PUSH_ORACLE, 1, &sol), sponsored);
        assert_ne!(feed_account(&SECOND_PUSH_ORACLE, 0, &sol), sponsored);
    }

    #[test]
    fn a_program_at_another_address_has_other_markets() {
        let (creator, mint, program) = (Pubkey::new_unique(), Pubkey::new_unique(), Pubkey::new_unique());
        let declared = Addresses::new(&creator, 7, &mint, &TOKEN);
        let own = Addresses::of_program(&program, &creator, 7, &mint, &TOKEN);
        assert_eq!((declared.program, own.program), (ID, program));
        assert_ne!(declared.market, own.market);
        assert!(own.posts_its_price() && own.ticket(&creator) != declared.ticket(&creator));
        assert_eq!(declared, Addresses::of_program(&ID, &creator, 7, &mint, &TOKEN));
    }

    #[test]
    fn a_header_names_what_the_seeds_derive() {
        let (creator, mint) = (Pubkey::new_unique(), Pubkey::new_unique());
        let derived = Addresses::new(&creator, 7, &mint, &TOKEN);
        let mut head: Header = bytemuck::Zeroable::zeroed();
        head.book = derived.book.to_bytes();
        head.pool = derived.pool.to_bytes();
        head.oracle = derived.oracle.to_bytes();
        head.mint = mint.to_bytes();
        head.token_program = TOKEN.to_bytes();
        assert_eq!(Addresses::of(&ID, &derived.market, &head), derived);
        assert!(derived.posts_its_price());
        assert!(!derived.reading(feed_account(&PUSH_ORACLE, 0, &[7; 32])).posts_its_price());
        assert_ne!(Addresses::new(&creator, 8, &mint, &TOKEN).market, derived.market);
    }
}
