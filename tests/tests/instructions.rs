//! Every instruction of traders and of those who run a market: what it does, who may not call it, what it refuses, and
//! what an adversary would try with it.

mod instructions {
    mod attacks;
    mod cancelling;
    mod close_seat;
    mod collateral;
    mod create_market;
    mod deposit;
    mod full_market;
    mod grow_book;
    mod impostors;
    mod open_seat;
    mod permission;
    mod place_order;
    mod post_price;
    mod price_checks;
    mod set_delegate;
    mod sweep_excess;
    mod withdraw;
}
