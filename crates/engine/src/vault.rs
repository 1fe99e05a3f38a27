//! Shares in the vault: requests to mint and to redeem, and their execution at a price nobody knew when asking.

use crate::error::{require, ErrorCode, Result};
use crate::exchange::{Candidate, Exchange};
use crate::heap::next_in_walk;
use crate::margin::Standing;
use crate::market::{Market, VAULT, VERSION};
use crate::params::Params;
use crate::seat::Key;
use crate::units::{Atoms, Lots, Side};
use bytemuck::{Pod, Zeroable};

/// How long a matured request may still be executed.
pub const LAPSE: i64 = 86_400;
/// A flat vault with less than this has been wiped out: the next deposit begins a new epoch of shares.
pub const DUST: i64 = 1_000;
/// Shares that nobody owns, set against one atom that nobody put in: the first depositor cannot make a share so dear that
/// the next one's deposit rounds to none.
const VIRTUAL_SHARES: u128 = 1_000;
const VIRTUAL_ATOMS: u128 = 1;
/// Seats below maintenance looked at, on each side, to see whether a liquidation waits.
const LOOK: usize = 32;
/// The most shares of an epoch; as few as fit an `i64`, so that a client can show them as any other amount.
const MAX_SHARES: u64 = i64::MAX as u64;

/// One depositor's stake in a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Ticket {
    /// [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market of the vault.
    pub market: Key,
    /// Whose stake it is, and who gets what is redeemed.
    pub owner: Key,
    /// Who paid for the space and gets the rent back.
    pub rent_payer: Key,
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
    /// Zero; for later versions.
    pub reserved: [u64; 4],
}

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<Ticket>() == 176);
    assert!(offset_of!(Ticket, market) == 8);
    assert!(offset_of!(Ticket, shares) == 104);
    assert!(offset_of!(Ticket, minting) == 120);
    assert!(offset_of!(Ticket, requested_at) == 136);
    assert!(offset_of!(Ticket, reserved) == 144);
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

impl Market<'_> {
    /// Asks for shares for cash that is already in the pool. The vault is not touched before the request is executed.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::PoolFull`], [`ErrorCode::MarketSettled`].
    pub fn request_mint(&mut self, ticket: &mut Ticket, amount: Atoms, now: i64) -> Result<()> {
        self.head.require_unsettled()?;
        ticket.require_idle()?;
        // At the first share price, the least a share can cost: what could never be minted is not taken in.
        let most = (MAX_SHARES - self.head.shares) / VIRTUAL_SHARES as u64;
        require(amount.0 <= most as i64, ErrorCode::PoolFull, most as i64, amount.0)?;
        self.receive(amount)?;
        self.head.pending_mints = self.head.pending_mints.plus(amount)?;
        ticket.minting = amount;
        ticket.requested_at = now;
        self.require_sound()
    }

    /// Asks for the cash of shares.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`], [`ErrorCode::ZeroAmount`], [`ErrorCode::InsufficientShares`],
    /// [`ErrorCode::MarketSettled`].
    pub fn request_redeem(&mut self, ticket: &mut Ticket, shares: u64, now: i64) -> Result<()> {
        self.head.require_unsettled()?;
        ticket.require_idle()?;
        ticket.enter_epoch(self.head.share_epoch);
        require(shares > 0, ErrorCode::ZeroAmount, 1, 0)?;
        require(shares <= ticket.shares, ErrorCode::InsufficientShares, ticket.shares as i64, shares as i64)?;
        ticket.shares -= shares;
        ticket.redeeming = shares;
        ticket.requested_at = now;
        self.require_sound()
    }

    /// `amount` of cash in shares at an equity of the vault, rounded down.
    fn shares_for(&self, amount: Atoms, equity: Atoms) -> Result<u64> {
        let supply = self.head.shares as u128 + VIRTUAL_SHARES;
        let worth = equity.0 as u128 + VIRTUAL_ATOMS;
        let shares = amount.0 as u128 * supply / worth;
        let total = shares + self.head.shares as u128;
        require(total <= MAX_SHARES as u128, ErrorCode::Overflow, i64::MAX, amount.0)?;
        require(shares > 0, ErrorCode::ZeroSharesMinted, 1, 0)?;
        Ok(shares as u64)
    }

    /// What shares are worth at an equity of the vault, rounded down.
    pub fn cash_for(&self, shares: u64, equity: Atoms) -> Atoms {
        let supply = self.head.shares as u128 + VIRTUAL_SHARES;
        let worth = equity.0.max(0) as u128 + VIRTUAL_ATOMS;
        // At most the equity: shares never exceed the supply, and the product fits 128 bits.
        Atoms((shares as u128 * worth / supply).min(equity.0.max(0) as u128) as i64)
    }
}

impl Exchange<'_> {
    /// Executes a ticket's request, once it has cooled down and a price was published after that; a request a day past
    /// that is undone instead. Anyone may call it. Once the market has been settled it needs no request and pays out all
    /// that the ticket holds, a mint that waited included.
    ///
    /// # Errors
    /// [`ErrorCode::BankruptSeat`] in a settled market, [`ErrorCode::NoRequest`], [`ErrorCode::RequestNotMature`], [`ErrorCode::VaultBusy`],
    /// [`ErrorCode::VaultUnderwater`], [`ErrorCode::VaultBelowMargin`], and those of a price that cannot be acted on.
    pub fn execute_request(&mut self, ticket: &mut Ticket, now: i64) -> Result<Executed> {
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
            let head = &*self.market.head;
            head.price.require_live(&head.params, now)?;
            let published = head.price.accepted_at;
            require(published > mature, ErrorCode::RequestNotMature, mature, published)?;
            self.require_no_liquidation_waits(now)?;
            self.market.settle_vault_fees()?;
            self.market.open_budget_slice(now)?;
            if ticket.minting.0 > 0 {
                self.mint(ticket)?
            } else {
                self.redeem(ticket)?
            }
        };
        ticket.minting = Atoms::ZERO;
        ticket.redeeming = 0;
        ticket.requested_at = 0;
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

    fn mint(&mut self, ticket: &mut Ticket) -> Result<Executed> {
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
        ticket.enter_epoch(market.head.share_epoch);
        let shares = market.shares_for(ticket.minting, equity)?;
        market.head.pending_mints = market.head.pending_mints.minus(ticket.minting)?;
        market.credit(VAULT, ticket.minting)?;
        market.head.shares += shares;
        ticket.shares += shares;
        Ok(Executed::Minted(shares))
    }

    fn redeem(&mut self, ticket: &mut Ticket) -> Result<Executed> {
        let market = &mut self.market;
        if ticket.epoch != market.head.share_epoch {
            ticket.enter_epoch(market.head.share_epoch);
            return Ok(Executed::Redeemed(Atoms::ZERO));
        }
        let (mark, adjusted) = (market.mark(), market.adjusted());
        let equity = market.vault_equity()?;
        let cash = market.cash_for(ticket.redeeming, equity);
        market.head.shares -= ticket.redeeming;
        market.head.pool_cash = market.head.pool_cash.minus(cash)?;
        market.credit(VAULT, Atoms(-cash.0))?;
        let after = Standing::of(&market.seats[VAULT as usize], adjusted)?;
        after.require_initial_margin(market.head.params.initial, mark).map_err(|mut error| {
            error.code = ErrorCode::VaultBelowMargin;
            error
        })?;
        Ok(Executed::Redeemed(cash))
    }

    /// Fails while a seat is bankrupt or there is one that `liquidate` would act on now: what that costs or brings is
    /// still the old holders'. Looks at the top of each queue; where more seats than that are below maintenance, it fails
    /// too.
    fn require_no_liquidation_waits(&mut self, now: i64) -> Result<()> {
        if let Some(loser) = self.market.bankrupt_side().and_then(|side| self.market.first_to_fall(side)) {
            require(false, ErrorCode::VaultBusy, 0, loser.index as i64)?;
        }
        for side in [Side::Long, Side::Short] {
            let reach = self.market.reach(side);
            let len = self.market.queue_len(side);
            let mut slot = Some(0);
            let mut looked = 0;
            while let Some(entry) = slot.and_then(|slot| self.market.queue_entry(side, slot)) {
                let inside = entry.key > reach;
                if inside && self.is_liquidatable(entry.index)? {
                    looked += 1;
                    let waits = looked > LOOK || self.would_be_relieved(entry.index, side, now)?;
                    require(!waits, ErrorCode::VaultBusy, 0, entry.index as i64)?;
                }
                slot = slot.and_then(|slot| next_in_walk(len, slot, inside));
            }
        }
        Ok(())
    }

    fn would_be_relieved(&mut self, index: u32, side: Side, now: i64) -> Result<bool> {
        let Some(zero) = self.market.zero_price(index) else { return Ok(false) };
        let limit = self.liquidation_limit(side, zero);
        if !matches!(self.candidate(side.opposite(), limit, index, now), Candidate::None) {
            return Ok(true);
        }
        Ok(index != VAULT && self.vault_bid(index, true, now)?.is_some())
    }
}
