//! A ticket: the stake of one depositor in a vault.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, Pubkey, HOUR, VERSION};
use crate::state::params::Params;
use crate::units::Atoms;
use bytemuck::{Pod, Zeroable};

/// How long a request may still be executed after it has matured, in seconds.
pub const LAPSE: i64 = HOUR;
/// The stake of one depositor in a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Ticket {
    /// Layout version: [`VERSION`].
    pub version: u8,
    /// Always zero.
    pub padding: [u8; 7],
    /// The market that the vault belongs to.
    pub market: Pubkey,
    /// The depositor, who gets what is redeemed.
    pub owner: Pubkey,
    /// The account that paid for the space. It gets the rent back.
    pub rent_payer: Pubkey,
    /// Shares held, without those that wait to be redeemed.
    pub shares: u64,
    /// The vault's epoch when the shares were minted. Shares of an earlier epoch are worth nothing.
    pub epoch: u64,
    /// Cash that waits to be minted into shares, in atoms; 0 if none.
    pub minting: Atoms,
    /// Shares that wait to be redeemed; 0 if none.
    pub redeeming: u64,
    /// When the request was made, in unix seconds; 0 if there is none.
    pub requested_at: i64,
    /// What the vault was worth at that time, in atoms, including fees not yet credited to it.
    pub equity_then: Atoms,
    /// How many shares of the ticket's epoch there were at that time.
    pub shares_then: u64,
    /// Always zero; reserved for later versions.
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

impl Ticket {
    /// An empty ticket of a depositor.
    pub fn new(market: Key, owner: Key, rent_payer: Key) -> Self {
        Self { version: VERSION, market, owner, rent_payer, ..Self::zeroed() }
    }

    /// When the request may be executed, in unix seconds.
    pub const fn matures_at(&self, params: &Params) -> i64 {
        self.requested_at.saturating_add(params.vault_cooldown)
    }

    /// Whether the request has waited for so long that it is undone, whatever the price.
    pub const fn has_lapsed(&self, params: &Params, now: i64) -> bool {
        self.requested_at != 0 && now > self.matures_at(params).saturating_add(LAPSE)
    }

    /// What the ticket holds, as one number that is 0 if it holds nothing: waiting cash, and shares of `epoch`.
    pub const fn held(&self, epoch: u64) -> u64 {
        let shares = if self.epoch == epoch { self.shares | self.redeeming } else { 0 };
        shares | self.minting.0 as u64
    }

    /// Removes the request.
    pub(crate) fn end_request(&mut self) {
        self.minting = Atoms::ZERO;
        self.redeeming = 0;
        self.requested_at = 0;
        self.equity_then = Atoms::ZERO;
        self.shares_then = 0;
    }

    /// Fails while a request is pending.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`].
    pub(crate) fn require_idle(&self) -> Result<()> {
        require(self.requested_at == 0, ErrorCode::RequestPending, 0, self.requested_at)
    }

    /// Removes the shares of an epoch that is over.
    pub(crate) fn enter_epoch(&mut self, epoch: u64) {
        if self.epoch != epoch {
            self.shares = 0;
            self.redeeming = 0;
            self.epoch = epoch;
        }
    }
}
