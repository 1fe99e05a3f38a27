//! The end of a market, through transactions: from the announcement to the last lamport, and what an adversary would try
//! on the way.

mod wind_down {
    mod again;
    mod closing;
    mod early;
    mod ending;
    mod paid;
    mod tickets;
    mod whole;
}
