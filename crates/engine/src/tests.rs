//! The exchange as a whole, one behaviour a file. Every operation of every test ends with the whole audit.

mod closing;
mod deleveraging;
mod fixture;
mod proof;
mod liquidating;
mod shares;
mod trading;
