//! A market on a feed of Pyth, from its creation to the last withdrawal, and whatever else is offered to it as a price.

mod oracle {
    mod attacks;
    mod bytes;
    mod dead;
    mod life;
    mod pinned;
    mod scene;
}
