//! The market of the story: its units and its parameters.

use zerosum_engine::{
    state::params::Params,
    units::{Atoms, Lots, MAX_LOTS, Price, Rate},
};

/// Decimals of the collateral token, worth a dollar.
pub const DECIMALS: u8 = 6;
/// Atoms of one token.
pub const TOKEN: i64 = 1_000_000;
/// Lots of one bitcoin.
pub const LOTS_PER_BTC: i64 = 10_000;
/// Atoms a lot for each dollar of a bitcoin's price.
const ATOMS_PER_USD: i64 = TOKEN / LOTS_PER_BTC;

/// How much the vault may hold for each token in it: a cap that keeps it far from its own liquidation.
const VAULT_LEVERAGE: i64 = 3;

/// A price of a bitcoin in dollars, as the market counts it.
pub const fn price_of_usd(usd: i64) -> Price {
    Price(usd * ATOMS_PER_USD)
}

/// Whole dollars a bitcoin.
pub const fn usd_of_price(price: Price) -> i64 {
    price.0 / ATOMS_PER_USD
}

/// The parameters: the engine's standard market, with a vault as large as `vault` tokens make it.
pub fn params(vault: u64, loss_budget: u32, opening: Price) -> Params {
    let cap = (vault as i128 * TOKEN as i128 * VAULT_LEVERAGE as i128 / opening.0 as i128).min(MAX_LOTS as i128);
    Params {
        vault_size_cap: cap as i64,
        vault_loss_budget: Rate(loss_budget * 10_000),
        seasoning: 60,
        ..Params::standard()
    }
}

/// `tokens` in atoms.
pub const fn atoms(tokens: i64) -> Atoms {
    Atoms(tokens * TOKEN)
}

/// Thousandths of a bitcoin in lots.
pub const fn milli_btc(milli: i64) -> Lots {
    Lots(milli * LOTS_PER_BTC / 1_000)
}
