//! What the program wrote into the log of a transaction.

use anchor_lang::Discriminator;
use base64::{Engine, prelude::BASE64_STANDARD};
use borsh::BorshDeserialize;
use zerosum::ID;

pub use zerosum::events::{
    AuthorityChanged, Delisted, Deposited, ExcessSwept, FeesTaken, MarketClosed, MarketCreated, MarketSettled,
    OracleDead, ParamsChanged, PriceChanged, Reduced, Reductions, SeatClosed, SeatOpened, Traded, VaultExecuted,
    VaultRequested, Withdrawn,
};

macro_rules! events {
    ($($name:ident)*) => {
        /// Any event of the program.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            /// See [`Reduced`]: one of the steps of [`Reductions`].
            Reduced(Reduced),
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name),)*
        }

        $(impl From<$name> for Event {
            fn from(event: $name) -> Self {
                Self::$name(event)
            }
        })*

        impl Event {
            /// The events in the bytes of a log line: one, or each step of the waterfall that it tells of.
            pub fn decode(data: &[u8]) -> Vec<Self> {
                if let Some(mut fields) = data.strip_prefix(Reductions::DISCRIMINATOR) {
                    let told = Reductions::deserialize(&mut fields).ok().filter(|_| fields.is_empty());
                    return told.into_iter().flat_map(|told| told.steps).map(Self::Reduced).collect();
                }
                Self::decode_one(data).into_iter().collect()
            }

            fn decode_one(data: &[u8]) -> Option<Self> {
                $(if let Some(mut fields) = data.strip_prefix($name::DISCRIMINATOR) {
                    return $name::deserialize(&mut fields).ok().filter(|_| fields.is_empty()).map(Self::$name);
                })*
                None
            }
        }
    };
}

events! {
    AuthorityChanged Delisted Deposited ExcessSwept FeesTaken MarketClosed MarketCreated MarketSettled OracleDead
    ParamsChanged PriceChanged SeatClosed SeatOpened Traded VaultExecuted VaultRequested Withdrawn
}

/// The events of a transaction's log, in order. Lines that other programs wrote are left out, whatever they pretend.
pub fn read<'a>(logs: impl IntoIterator<Item = &'a (impl AsRef<str> + 'a)>) -> Vec<Event> {
    let id = ID.to_string();
    let mut running: Vec<bool> = Vec::new();
    let mut events = Vec::new();
    for line in logs {
        let Some(rest) = line.as_ref().strip_prefix("Program ") else { continue };
        if let Some(data) = rest.strip_prefix("data: ") {
            if running.last() == Some(&true) {
                events.extend(BASE64_STANDARD.decode(data).ok().into_iter().flat_map(|data| Event::decode(&data)));
            }
            continue;
        }
        match rest.split_once(' ') {
            Some((program, verb)) if verb.starts_with("invoke [") => running.push(program == id),
            // Not "log: ...", which is the program's own text.
            Some((program, verb)) if !program.ends_with(':') && (verb == "success" || verb.starts_with("failed")) => {
                running.pop();
            }
            _ => {}
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchor_lang::Event as _;

    fn deposited() -> Deposited {
        Deposited { market: ID, seat: 5, amount: 77 }
    }

    fn data_line() -> String {
        format!("Program data: {}", BASE64_STANDARD.encode(deposited().data()))
    }

    #[test]
    fn events_are_read_while_the_program_runs() {
        let token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
        let logs = [
            format!("Program {ID} invoke [1]"),
            format!("Program {token} invoke [2]"),
            format!("Program {token} consumed 100 of 200 compute units"),
            format!("Program {token} success"),
            data_line(),
            "Program log: done success".to_string(),
            format!("Program {ID} success"),
        ];
        assert_eq!(read(&logs), [Event::Deposited(deposited())]);
    }

    #[test]
    fn what_other_programs_write_is_not_an_event() {
        let logs = [
            format!("Program {ID} invoke [1]"),
            format!("Program {} invoke [2]", crate::TOKEN),
            data_line(),
            format!("Program {} success", crate::TOKEN),
            format!("Program {ID} success"),
            data_line(),
        ];
        assert_eq!(read(&logs), []);
    }

    #[test]
    fn an_event_with_a_byte_too_many_is_none() {
        let mut data = deposited().data();
        assert_eq!(Event::decode(&data).len(), 1);
        data.push(0);
        assert!(Event::decode(&data).is_empty());
    }
}
