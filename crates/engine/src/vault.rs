//! Shares in the vault: requests to mint and to redeem, and their execution at a price nobody knew when asking.

use crate::error::{require, ErrorCode, Result};
use crate::exchange::Exchange;
use crate::margin::Standing;
use crate::market::{Market, VAULT, VERSION};
use crate::params::{Params, HOUR};
use crate::seat::{Key, Pubkey};
use crate::units::{Atoms, Lots, Rate, Round, Side};
use bytemuck::{Pod, Zeroable};

/// How long a matured request may still be executed, in seconds.
pub const LAPSE: i64 = HOUR;
/// What whoever executes a request is paid of its amount.
pub const EXECUTION_PAY: Rate = Rate(100);
/// A flat vault with less than this has been wiped out: the next deposit begins a new epoch of shares.
pub const DUST: i64 = 1_000;
/// Shares that nobody owns, set against one atom that nobody put in: the first depositor cannot make a share so dear that
/// the next one's deposit rounds to none.
const VIRTUAL_SHARES: u128 = 1_000;
const VIRTUAL_ATOMS: u128 = 1;
/// The most shares of an epoch; as few as fit an `i64`, so that a client can show them as any other amount.
const MAX_SHARES: u64 = i64::MAX as u64;

/// One depositor's stake in a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Ticket {
    /// [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market of the vault.
    pub market: Pubkey,
    /// Whose stake it is, and who gets what is redeemed.
    pub owner: Pubkey,
    /// Who paid for the space and gets the rent back.
    pub rent_payer: Pubkey,
    /// Shares, those that wait to be redeemed left out.
    pub shares: u64,
    /// The epoch they are of; shares of an earlier one are worth nothing.
    pub epoch: u64,
    /// Cash that waits to be minted.
    pub minting: Atoms,
    /// Shares that wait to be redeemed.
    pub redeeming: u64,
    /// When the request was made, in unix seconds; 0 when there is none.
    pub requested_at: i64,
    /// What the vault was worth then, fees that waited for it included.
    pub equity_then: Atoms,
    /// How many shares there were then, of the ticket's epoch.
    pub shares_then: u64,
    /// Zero; for later versions.
    pub reserved: [u64; 2],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<Ticket>() == 176);
    assert!(offset_of!(Ticket, market) == 8);
    assert!(offset_of!(Ticket, shares) == 104);
    assert!(offset_of!(Ticket, minting) == 120);
    assert!(offset_of!(Ticket, requested_at) == 136);
    assert!(offset_of!(Ticket, equity_then) == 144);
    assert!(offset_of!(Ticket, reserved) == 160);
};

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// Cash became this many shares.
    Minted(u64),
    /// Shares became this much cash, to be paid to the ticket's owner. Of a settled market all that the ticket held, cash
    /// that waited to be minted included.
    Redeemed(Atoms),
    /// The request to mint lapsed: this much cash is to be paid back.
    Refunded(Atoms),
    /// The request to redeem lapsed: the shares are back in the ticket.
    Lapsed,
}

impl Ticket {
    /// A depositor's empty ticket.
    pub fn new(market: Key, owner: Key, rent_payer: Key) -> Self {
        Self { version: VERSION, market, owner, rent_payer, ..Self::zeroed() }
    }

    /// When the request may be executed.
    pub const fn matures_at(&self, params: &Params) -> i64 {
        self.requested_at.saturating_add(params.vault_cooldown)
    }

    /// Whether the request was left alone for so long that it is undone, whatever the price.
    pub const fn has_lapsed(&self, params: &Params, now: i64) -> bool {
        self.requested_at != 0 && now > self.matures_at(params).saturating_add(LAPSE)
    }

    /// What the ticket holds, in one number that is 0 where it is nothing: cash that waits, and shares of `epoch`.
    pub const fn held(&self, epoch: u64) -> u64 {
        let shares = if self.epoch == epoch { self.shares | self.redeeming } else { 0 };
        shares | self.minting.0 as u64
    }

    pub(crate) fn end_request(&mut self) {
        self.minting = Atoms::ZERO;
        self.redeeming = 0;
        self.requested_at = 0;
        self.equity_then = Atoms::ZERO;
        self.shares_then = 0;
    }

    fn require_idle(&self) -> Result<()> {
        require(self.requested_at == 0, ErrorCode::RequestPending, 0, self.requested_at)
    }

    /// Shares of an epoch that is over are gone.
    pub(crate) fn enter_epoch(&mut self, epoch: u64) {
        if self.epoch != epoch {
            self.shares = 0;
            self.redeeming = 0;
            self.epoch = epoch;
        }
    }
}

impl Exchange<'_> {
    /// Asks for shares for cash that is already in the pool. The vault is not touched before the request is executed.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`], and
    /// those of a price that cannot be acted on.
    pub fn request_mint(&mut self, ticket: &mut Ticket, amount: Atoms, now: i64) -> Result<()> {
        self.accrue(now);
        self.market.require_askable(ticket, now)?;
        let market = &mut self.market;
        // At the first share price, the least a share can cost: what could never be minted is not taken in.
        let most = (MAX_SHARES - market.head.shares) / VIRTUAL_SHARES as u64;
        require(amount.0 <= most as i64, ErrorCode::PoolFull, most as i64, amount.0)?;
        market.receive(amount)?;
        market.head.pending_mints = market.head.pending_mints.plus(amount)?;
        market.note_request(ticket, now)?;
        ticket.minting = amount;
        self.require_sound()
    }

    /// Asks for the cash of shares.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::InsufficientShares`],
    /// [`ErrorCode::VaultUnderwater`], [`ErrorCode::MarketSettled`], and those of a price that cannot be acted on.
    pub fn request_redeem(&mut self, ticket: &mut Ticket, shares: u64, now: i64) -> Result<()> {
        self.accrue(now);
        self.market.require_askable(ticket, now)?;
        ticket.enter_epoch(self.market.head.share_epoch);
        require(shares > 0, ErrorCode::ZeroAmount, 1, 0)?;
        require(shares <= ticket.shares, ErrorCode::InsufficientShares, ticket.shares as i64, shares as i64)?;
        let equity = self.market.vault_equity()?;
        require(equity.0 > 0, ErrorCode::VaultUnderwater, 1, equity.0)?;
        self.market.note_request(ticket, now)?;
        ticket.shares -= shares;
        ticket.redeeming = shares;
        self.require_sound()
    }
}

impl Market<'_> {
    fn require_askable(&self, ticket: &Ticket, now: i64) -> Result<()> {
        self.head.require_unsettled()?;
        ticket.require_idle()?;
        self.require_live(now)
    }

    /// Begins a request: what the vault is worth now bounds what it will bring.
    fn note_request(&self, ticket: &mut Ticket, now: i64) -> Result<()> {
        ticket.enter_epoch(self.head.share_epoch);
        ticket.requested_at = now;
        ticket.equity_then = self.vault_equity()?;
        ticket.shares_then = self.head.shares;
        Ok(())
    }

    /// `amount` of cash in new shares, at the worse of the vault as it is worth `equity` now and as it was when the ticket
    /// asked. What it was in another epoch, or without equity, binds nobody.
    fn shares_for(&self, amount: Atoms, equity: Atoms, ticket: &Ticket, epoch_then: u64) -> Result<u64> {
        let mut shares = quote_shares(amount, self.head.shares, equity);
        if epoch_then == self.head.share_epoch && ticket.equity_then.0 > 0 {
            shares = shares.min(quote_shares(amount, ticket.shares_then, ticket.equity_then));
        }
        let total = shares + self.head.shares as u128;
        require(total <= MAX_SHARES as u128, ErrorCode::Overflow, i64::MAX, amount.0)?;
        require(shares > 0, ErrorCode::ZeroSharesMinted, 1, 0)?;
        Ok(shares as u64)
    }

    /// What shares are worth at an equity of the vault, rounded down.
    pub fn cash_for(&self, shares: u64, equity: Atoms) -> Atoms {
        quote_cash(shares, self.head.shares, equity)
    }
}

/// What an amount buys in a vault of so many shares and so much equity, rounded down.
fn quote_shares(amount: Atoms, shares: u64, equity: Atoms) -> u128 {
    let supply = shares as u128 + VIRTUAL_SHARES;
    let worth = equity.0.max(0) as u128 + VIRTUAL_ATOMS;
    amount.0.max(0) as u128 * supply / worth
}

/// What `redeemed` of so many shares bring, rounded down. At most the equity, and the product fits 128 bits.
fn quote_cash(redeemed: u64, shares: u64, equity: Atoms) -> Atoms {
    let supply = shares as u128 + VIRTUAL_SHARES;
    let equity = equity.0.max(0) as u128;
    Atoms((redeemed as u128 * (equity + VIRTUAL_ATOMS) / supply).min(equity) as i64)
}

impl Exchange<'_> {
    /// Executes a ticket's request, once it has cooled down and a price was published after that; a request [`LAPSE`] past
    /// that is undone instead. Anyone may call it, and [`EXECUTION_PAY`] of the amount goes to the seat `payee`, if one is
    /// named, where something is minted or redeemed. Once the market has been settled it needs no request and pays out all
    /// that the ticket holds, a mint that waited included, without pay.
    ///
    /// # Errors
    /// [`ErrorCode::BankruptSeat`] in a settled market, [`ErrorCode::NoRequest`], [`ErrorCode::RequestNotMature`],
    /// [`ErrorCode::VaultBusy`], [`ErrorCode::VaultUnderwater`], [`ErrorCode::VaultBelowMargin`],
    /// [`ErrorCode::PayeeNotIdle`], and those of a price that cannot be acted on.
    pub fn execute_request(&mut self, ticket: &mut Ticket, payee: Option<u32>, now: i64) -> Result<Executed> {
        if self.market.head.is_settled() {
            return self.settle_ticket(ticket);
        }
        require(ticket.requested_at != 0, ErrorCode::NoRequest, 1, 0)?;
        self.accrue(now);
        let mature = ticket.matures_at(&self.market.head.params);
        let executed = if ticket.has_lapsed(&self.market.head.params, now) {
            self.undo_request(ticket)?
        } else {
            require(now >= mature, ErrorCode::RequestNotMature, mature, now)?;
            self.market.require_payee(payee)?;
            self.market.require_live(now)?;
            let head = &*self.market.head;
            let after = head.price.is_published_after(mature, &head.params);
            require(after, ErrorCode::RequestNotMature, mature, head.price.accepted_at)?;
            self.require_no_liquidation_waits(now)?;
            self.market.settle_vault_fees()?;
            self.market.open_budget_slice(now)?;
            if ticket.minting.0 > 0 {
                self.mint(ticket, payee)?
            } else {
                self.redeem(ticket, payee)?
            }
        };
        ticket.end_request();
        self.require_sound()?;
        Ok(executed)
    }

    fn undo_request(&mut self, ticket: &mut Ticket) -> Result<Executed> {
        if ticket.minting.0 == 0 {
            ticket.enter_epoch(self.market.head.share_epoch);
            ticket.shares += ticket.redeeming;
            return Ok(Executed::Lapsed);
        }
        let head = &mut *self.market.head;
        head.pending_mints = head.pending_mints.minus(ticket.minting)?;
        head.pool_cash = head.pool_cash.minus(ticket.minting)?;
        Ok(Executed::Refunded(ticket.minting))
    }

    fn mint(&mut self, ticket: &mut Ticket, payee: Option<u32>) -> Result<Executed> {
        let market = &mut self.market;
        let position = market.seats[VAULT as usize].position;
        let wiped_out = position.size == Lots::ZERO && position.cash.0 < DUST;
        if wiped_out && market.head.shares > 0 {
            market.head.share_epoch += 1;
            market.head.shares = 0;
            // What the old epoch left is nobody's and too little to share out.
            market.head.fee_cash = market.head.fee_cash.plus(position.cash)?;
            market.credit(VAULT, Atoms(-position.cash.0))?;
        }
        let equity = market.vault_equity()?;
        require(equity.0 > 0 || wiped_out, ErrorCode::VaultUnderwater, 1, equity.0)?;
        let epoch_then = ticket.epoch;
        ticket.enter_epoch(market.head.share_epoch);
        let pay = execution_pay(ticket.minting, payee);
        let amount = ticket.minting.minus(pay)?;
        let shares = market.shares_for(amount, equity, ticket, epoch_then)?;
        market.head.pending_mints = market.head.pending_mints.minus(ticket.minting)?;
        market.credit(VAULT, amount)?;
        market.pay(payee, pay)?;
        market.head.shares += shares;
        ticket.shares += shares;
        Ok(Executed::Minted(shares))
    }

    fn redeem(&mut self, ticket: &mut Ticket, payee: Option<u32>) -> Result<Executed> {
        let market = &mut self.market;
        if ticket.epoch != market.head.share_epoch {
            ticket.enter_epoch(market.head.share_epoch);
            return Ok(Executed::Redeemed(Atoms::ZERO));
        }
        let (mark, adjusted) = (market.mark(), market.adjusted());
        let now_worth = market.cash_for(ticket.redeeming, market.vault_equity()?);
        let cash = now_worth.min(quote_cash(ticket.redeeming, ticket.shares_then, ticket.equity_then));
        let pay = execution_pay(cash, payee);
        market.head.shares -= ticket.redeeming;
        market.credit(VAULT, Atoms(-cash.0))?;
        market.pay(payee, pay)?;
        let cash = cash.minus(pay)?;
        market.head.pool_cash = market.head.pool_cash.minus(cash)?;
        let after = Standing::of(&market.seats[VAULT as usize], adjusted)?;
        after.require_initial_margin(market.head.params.initial, mark).map_err(|mut error| {
            error.code = ErrorCode::VaultBelowMargin;
            error
        })?;
        Ok(Executed::Redeemed(cash))
    }

    /// Fails while the seat that falls first on either side is bankrupt, or the vault would take it over now or at the next
    /// price: what that costs or brings is still the old holders'. Of a caller that asks for no pay the vault takes more.
    fn require_no_liquidation_waits(&self, now: i64) -> Result<()> {
        for side in [Side::Long, Side::Short] {
            let Some(head) = self.market.first_to_fall(side).map(|head| head.index) else { continue };
            let waits = self.market.is_bankrupt(head)?
                || (self.market.is_unmaintained(head)? && self.vault_bid(head, false, now)?.is_some());
            require(!waits, ErrorCode::VaultBusy, 0, head as i64)?;
        }
        Ok(())
    }
}

/// What whoever executes a request is paid.
fn execution_pay(amount: Atoms, payee: Option<u32>) -> Atoms {
    match payee {
        Some(_) => EXECUTION_PAY.of_atoms(amount, Round::Down),
        None => Atoms::ZERO,
    }
}
