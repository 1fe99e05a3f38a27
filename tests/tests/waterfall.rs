//! What happens to those who lose more than they have, through transactions: liquidation, the vault, deleveraging, the
//! shares of the vault, and the views that explain all of it.

mod waterfall {
    mod accounts;
    mod book;
    mod collapse;
    mod cuts;
    mod force;
    mod lapse;
    mod liquidate;
    mod pay;
    mod prices;
    mod queue;
    mod requests;
    mod shares;
    mod unwind;
    mod vault;
    mod views;
}
