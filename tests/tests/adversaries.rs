//! What those who hold a key, run a crank, create a market or trade in one can do to the others, and where it ends.
//! `docs/POWERS.md` names a test for each line of it.

mod adversaries {
    mod creator;
    mod keeper;
    mod price_key;
    mod trader;
}
