//! One builder an instruction, on top of what the program itself declares.

use anchor_lang::{InstructionData, ToAccountMetas};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use zerosum::{
    accounts,
    args::{After, OracleArgs, OrderArgs},
    instruction,
};
use zerosum_engine::{
    ops::orders::OrderRequest, oracle::OracleKind, state::header::RankRule, state::params::Params, state::price::Print,
    units::Side,
};

use crate::{Addresses, SYSTEM};

/// The powers over a new market: who holds them, and who says its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Powers {
    /// Holds the powers over the market; `None` for nobody.
    pub authority: Option<Pubkey>,
    /// Where prices come from.
    pub prices: Prices,
    /// The market's name, for display: printable ASCII, zeroes behind it.
    pub name: [u8; 16],
}

impl Powers {
    /// A market without a name whose prices `signer` posts.
    pub const fn posted(authority: Option<Pubkey>, signer: Pubkey) -> Self {
        Self { authority, prices: Prices::Posted { signer, lot_exponent: 0 }, name: [0; 16] }
    }
}

/// Where the prices of a market come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prices {
    /// An account of the market that a key writes to.
    Posted {
        /// The key.
        signer: Pubkey,
        /// A lot is 10 to this power of the asset's units; for display.
        lot_exponent: i8,
    },
    /// A feed of the Pyth network.
    Pyth {
        /// The id of the feed.
        feed: [u8; 32],
        /// The shard of the push oracle that keeps it.
        shard: u16,
        /// A lot is 10 to this power of the asset's units.
        lot_exponent: i8,
    },
}

impl From<&Prices> for OracleArgs {
    fn from(prices: &Prices) -> Self {
        match *prices {
            Prices::Posted { signer, lot_exponent } => {
                Self { kind: OracleKind::Posted as u8, source: signer, lot_exponent, shard: 0 }
            }
            Prices::Pyth { feed, shard, lot_exponent } => {
                Self { kind: OracleKind::Pyth as u8, source: feed.into(), lot_exponent, shard }
            }
        }
    }
}

impl Addresses {
    fn build(&self, accounts: impl ToAccountMetas, data: impl InstructionData) -> Instruction {
        Instruction::new_with_bytes(self.program, &data.data(), accounts.to_account_metas(None))
    }

    /// Creates the market. The addresses must be those of `creator` and `id`, and read the feed that `powers` name, if they
    /// name one: see [`Self::reading`].
    pub fn create_market(
        &self,
        creator: &Pubkey,
        id: u64,
        rule: RankRule,
        params: &Params,
        powers: &Powers,
    ) -> Instruction {
        let accounts = accounts::CreateMarket {
            creator: *creator,
            market: self.market,
            book: self.book,
            pool_authority: self.pool_authority,
            pool: self.pool,
            oracle: self.oracle,
            mint: self.mint,
            token_program: self.token_program,
            system_program: SYSTEM,
        };
        let data = instruction::CreateMarket {
            id,
            name: powers.name,
            rank_rule: rule as u8,
            params: params.into(),
            authority: powers.authority.unwrap_or_default(),
            oracle: (&powers.prices).into(),
        };
        self.build(accounts, data)
    }

    /// Adds as many orders to the book as one instruction can.
    pub fn grow_book(&self, payer: &Pubkey) -> Instruction {
        let accounts =
            accounts::GrowBook { payer: *payer, market: self.market, book: self.book, system_program: SYSTEM };
        self.build(accounts, instruction::GrowBook {})
    }

    /// Opens a seat for `owner` with a first deposit out of `from`. Returns the index.
    pub fn open_seat(&self, owner: &Pubkey, payer: &Pubkey, from: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::OpenSeat {
            owner: *owner,
            payer: *payer,
            market: self.market,
            pool: self.pool,
            from: *from,
            mint: self.mint,
            token_program: self.token_program,
            system_program: SYSTEM,
        };
        self.build(accounts, instruction::OpenSeat { amount })
    }

    /// Closes a seat and pays its cash to `to`, which an empty seat does not need. `rent_payer` is the one in the seat's
    /// record.
    pub fn close_seat(&self, caller: &Pubkey, seat: u32, to: Option<&Pubkey>, rent_payer: &Pubkey) -> Instruction {
        let accounts = accounts::CloseSeat {
            caller: *caller,
            market: self.market,
            book: self.book,
            pool: self.pool,
            pool_authority: self.pool_authority,
            to: to.copied(),
            rent_payer: *rent_payer,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.build(accounts, instruction::CloseSeat { seat })
    }

    /// Names another key that may trade and deposit for a seat; `None` for nobody.
    pub fn set_delegate(&self, owner: &Pubkey, seat: u32, delegate: Option<Pubkey>) -> Instruction {
        let accounts = accounts::SetDelegate { owner: *owner, market: self.market };
        self.build(accounts, instruction::SetDelegate { seat, delegate: delegate.unwrap_or_default() })
    }

    /// Moves `amount` out of `from` into a seat.
    pub fn deposit(&self, trader: &Pubkey, seat: u32, from: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::Deposit {
            trader: *trader,
            market: self.market,
            book: self.book,
            pool: self.pool,
            from: *from,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.build(accounts, instruction::Deposit { seat, amount })
    }

    /// Moves `amount` out of a seat to `to`.
    pub fn withdraw(&self, owner: &Pubkey, seat: u32, to: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::Withdraw {
            owner: *owner,
            market: self.market,
            book: self.book,
            oracle: self.oracle,
            pool: self.pool,
            pool_authority: self.pool_authority,
            to: *to,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.build(accounts, instruction::Withdraw { seat, amount })
    }

    /// Places an order.
    pub fn place_order(&self, trader: &Pubkey, seat: u32, order: &OrderRequest) -> Instruction {
        let accounts =
            accounts::PlaceOrder { trader: *trader, market: self.market, book: self.book, oracle: self.oracle };
        self.build(accounts, instruction::PlaceOrder { seat, order: OrderArgs::from(order) })
    }

    /// Cancels the newest order with a client id.
    pub fn cancel_order(&self, trader: &Pubkey, seat: u32, client_id: u64) -> Instruction {
        let accounts = accounts::CancelOrder { trader: *trader, market: self.market, book: self.book };
        self.build(accounts, instruction::CancelOrder { seat, client_id })
    }

    /// Cancels all orders of a seat, or those of one side.
    pub fn cancel_all(&self, trader: &Pubkey, seat: u32, side: Option<Side>) -> Instruction {
        let accounts = accounts::CancelAll { trader: *trader, market: self.market, book: self.book };
        self.build(accounts, instruction::CancelAll { seat, side: side.map(|side| side as u8) })
    }

    /// Publishes a price.
    pub fn post_price(&self, signer: &Pubkey, print: Print) -> Instruction {
        let accounts = accounts::PostPrice { signer: *signer, market: self.market, oracle: self.oracle };
        self.build(accounts, instruction::PostPrice { price: print.price.0, published: print.published })
    }

    /// Liquidates up to `most` seats, for the caller's share to the seat `payee`.
    pub fn liquidate(&self, most: u8, payee: Option<u32>) -> Instruction {
        self.build(self.crank(), instruction::Liquidate { most, payee })
    }

    /// Takes bankrupt seats through the waterfall with up to `most` forced fills, each paid to the seat `payee`.
    pub fn deleverage(&self, most: u8, payee: Option<u32>) -> Instruction {
        self.build(self.crank(), instruction::Deleverage { most, payee })
    }

    /// Offers the vault's inventory.
    pub fn unwind_vault(&self) -> Instruction {
        self.build(self.crank(), instruction::UnwindVault {})
    }

    fn crank(&self) -> accounts::Crank {
        accounts::Crank { market: self.market, book: self.book, oracle: self.oracle }
    }

    /// Books tokens that strangers sent to the pool as fees.
    pub fn sweep_excess(&self) -> Instruction {
        let accounts = accounts::SweepExcess { market: self.market, pool: self.pool };
        self.build(accounts, instruction::SweepExcess {})
    }

    /// Brings funding up to now.
    pub fn accrue_funding(&self) -> Instruction {
        self.build(self.crank(), instruction::AccrueFunding {})
    }

    /// Counts funding from 0 again.
    pub fn rebase(&self) -> Instruction {
        self.build(self.crank(), instruction::Rebase {})
    }

    /// Asks for shares of the vault for `amount` out of `from`.
    pub fn request_mint(&self, owner: &Pubkey, payer: &Pubkey, from: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::RequestMint {
            owner: *owner,
            payer: *payer,
            market: self.market,
            book: self.book,
            oracle: self.oracle,
            ticket: self.ticket(owner),
            pool: self.pool,
            from: *from,
            mint: self.mint,
            token_program: self.token_program,
            system_program: SYSTEM,
        };
        self.build(accounts, instruction::RequestMint { amount })
    }

    /// Asks for the cash of shares.
    pub fn request_redeem(&self, owner: &Pubkey, shares: u64) -> Instruction {
        let accounts = accounts::RequestRedeem {
            owner: *owner,
            market: self.market,
            book: self.book,
            oracle: self.oracle,
            ticket: self.ticket(owner),
        };
        self.build(accounts, instruction::RequestRedeem { shares })
    }

    /// Executes the request of `owner`, whose associated token account gets what there is to pay; the seat `payee` is paid
    /// for it.
    pub fn execute_request(&self, owner: &Pubkey, payee: Option<u32>) -> Instruction {
        self.execute_request_to(owner, Some(self.associated_token(owner)), payee)
    }

    /// The same for an owner without a token account, whose request pays nothing: one to mint that has not lapsed.
    pub fn execute_request_unpaid(&self, owner: &Pubkey, payee: Option<u32>) -> Instruction {
        self.execute_request_to(owner, None, payee)
    }

    fn execute_request_to(&self, owner: &Pubkey, to: Option<Pubkey>, payee: Option<u32>) -> Instruction {
        let accounts = accounts::ExecuteRequest {
            market: self.market,
            book: self.book,
            oracle: self.oracle,
            ticket: self.ticket(owner),
            pool: self.pool,
            pool_authority: self.pool_authority,
            to,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.build(accounts, instruction::ExecuteRequest { payee })
    }

    /// Gives up the empty ticket of `owner`; its rent goes to `rent_payer`, the one that it names.
    pub fn close_ticket(&self, owner: &Pubkey, rent_payer: &Pubkey) -> Instruction {
        let accounts =
            accounts::CloseTicket { market: self.market, ticket: self.ticket(owner), rent_payer: *rent_payer };
        self.build(accounts, instruction::CloseTicket {})
    }

    /// Pauses opening, or lets it go on.
    pub fn pause_opening(&self, authority: &Pubkey, paused: bool) -> Instruction {
        self.build(self.power(authority), instruction::PauseOpening { paused })
    }

    /// Changes the parameters, at once or after the time lock.
    pub fn change_params(&self, authority: &Pubkey, params: &Params) -> Instruction {
        self.build(self.change(authority), instruction::ChangeParams { params: params.into() })
    }

    /// Applies the parameters whose time lock is over.
    pub fn apply_params(&self) -> Instruction {
        let accounts = accounts::ApplyParams { market: self.market, book: self.book };
        self.build(accounts, instruction::ApplyParams {})
    }

    /// Takes back the parameters that wait.
    pub fn drop_params(&self, authority: &Pubkey) -> Instruction {
        self.build(self.change(authority), instruction::DropParams {})
    }

    /// Pays `amount` of the fee cash out to `to`.
    pub fn take_fees(&self, authority: &Pubkey, to: &Pubkey, amount: u64) -> Instruction {
        let accounts = accounts::TakeFees {
            authority: *authority,
            market: self.market,
            pool: self.pool,
            pool_authority: self.pool_authority,
            to: *to,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.build(accounts, instruction::TakeFees { amount })
    }

    /// Offers the authority to a key; `None` takes an offer back.
    pub fn propose_authority(&self, authority: &Pubkey, to: Option<Pubkey>) -> Instruction {
        self.build(self.power(authority), instruction::ProposeAuthority { to: to.unwrap_or_default() })
    }

    /// Takes over the authority that was offered to `to`.
    pub fn accept_authority(&self, to: &Pubkey) -> Instruction {
        self.build(accounts::AcceptAuthority { heir: *to, market: self.market }, instruction::AcceptAuthority {})
    }

    /// Gives the authority up for good.
    pub fn burn_authority(&self, authority: &Pubkey) -> Instruction {
        self.build(self.change(authority), instruction::BurnAuthority {})
    }

    /// Sets the date of a delisting; 0 takes it back.
    pub fn delist(&self, authority: &Pubkey, at: i64) -> Instruction {
        self.build(self.power(authority), instruction::Delist { at })
    }

    fn change(&self, authority: &Pubkey) -> accounts::ChangeParams {
        accounts::ChangeParams { authority: *authority, market: self.market, book: self.book }
    }

    fn power(&self, authority: &Pubkey) -> accounts::Power {
        accounts::Power { authority: *authority, market: self.market }
    }

    /// Announces that the oracle is dead.
    pub fn announce_dead(&self) -> Instruction {
        self.build(self.crank(), instruction::AnnounceDead {})
    }

    /// Settles the market for good.
    pub fn settle(&self) -> Instruction {
        self.build(self.crank(), instruction::Settle {})
    }

    /// Gives up the accounts of a settled market that everybody has left. `heir` gets the tokens that are left in the pool:
    /// `None` if it is empty.
    pub fn close_market(&self, creator: &Pubkey, heir: Option<&Pubkey>) -> Instruction {
        let accounts = accounts::CloseMarket {
            market: self.market,
            book: self.book,
            oracle: self.posts_its_price().then_some(self.oracle),
            pool: self.pool,
            pool_authority: self.pool_authority,
            to: heir.map(|heir| self.associated_token(heir)),
            creator: *creator,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.build(accounts, instruction::CloseMarket {})
    }

    /// Asks for a page of the deleveraging queue, behind the seat and score of a line.
    pub fn view_adl_queue(&self, side: Side, after: Option<(u32, u64)>) -> Instruction {
        let after = after.map(|(seat, score)| After { seat, score });
        self.build(self.ask(), instruction::ViewAdlQueue { side: side as u8, after })
    }

    /// Asks for a page of the liquidation queue, from a heap slot on.
    pub fn view_liquidation_queue(&self, side: Side, slot: u32) -> Instruction {
        self.build(self.ask(), instruction::ViewLiquidationQueue { side: side as u8, slot })
    }

    /// Asks for a seat, explained.
    pub fn view_seat(&self, seat: u32) -> Instruction {
        self.build(self.ask(), instruction::ViewSeat { seat })
    }

    fn ask(&self) -> accounts::Ask {
        accounts::Ask { market: self.market }
    }
}
