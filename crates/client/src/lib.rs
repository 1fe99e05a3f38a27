//! Instructions, addresses and account decoding for everything that talks to the exchange.
