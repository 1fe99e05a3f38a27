//! The exchange as a whole, one behaviour a file. Every operation of every test ends with the whole audit.

mod attacks;
mod capacity;
mod closing;
mod corners;
mod deleveraging;
mod fixture;
mod frontier;
mod funding;
mod liquidating;
mod powers;
mod proof;
mod queue;
mod rebasing;
mod receipts;
mod revisions;
mod settling;
mod shares;
mod trading;
mod waiting;
mod winding_down;
mod worked_example;
