//! Funding through instructions: who accrues it, what it leads to, counting it from 0 again, and the same bytes on every
//! build.

mod funding {
    mod accruing;
    mod falling;
    mod rebasing;
    mod scene;
    mod twins;
}
