//! The powers of a market's authority, through transactions: what each does, who may not use it, and what it does not
//! reach.

mod powers {
    mod accounts;
    mod delisting;
    mod fees;
    mod params;
    mod pausing;
    mod signers;
    mod succession;
}
