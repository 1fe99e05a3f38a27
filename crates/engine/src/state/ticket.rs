//! A ticket: one depositor's stake in a vault.

use crate::error::{require, ErrorCode, Result};
use crate::layout::{Key, Pubkey, HOUR, VERSION};
use crate::state::params::Params;
use crate::units::Atoms;
use bytemuck::{Pod, Zeroable};

/// How long a matured request may still be executed, in seconds.
pub const LAPSE: i64 = HOUR;
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

    /// Forgets the request.
    pub(crate) fn end_request(&mut self) {
        self.minting = Atoms::ZERO;
        self.redeeming = 0;
        self.requested_at = 0;
        self.equity_then = Atoms::ZERO;
        self.shares_then = 0;
    }

    /// Fails while a request waits.
    ///
    /// # Errors
    /// [`ErrorCode::RequestPending`].
    pub(crate) fn require_idle(&self) -> Result<()> {
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
