//! What the views share: one account, which they only read.

use anchor_lang::prelude::*;

use crate::{entrypoint::accounts, state::Market};

accounts! {
    pub struct Ask<'info> {
        pub market: AccountLoader<'info, Market>,
    }
}
