//! `docs/ORACLE.md` says what goes on in each state of a market, and how a crash is followed. Here every state is built and
//! every action tried on the program, and the tables of the document are what must come out.

mod table {
    mod conditions;
    mod document;
    mod sequences;
    mod states;
}
