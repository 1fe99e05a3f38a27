//! The course of a play, second by second.

use super::colluders::Colluders;
use super::deeds::Print;
use super::honest::Honest;
use super::ledger::{Ledger, Stage};
use super::moves::TACTICS;
use super::walk;
use super::world::World;

const START: i64 = 1_000_000;

/// The settings of a play.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub seed: u64,
    pub seconds: i64,
    /// The age at which the fastest honest pusher brings a print, in seconds.
    pub delay: i64,
    /// Whether the colluders take a wick for a lasting move: then the newest print is the fair price.
    pub blind: bool,
}

/// The results of a play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    pub ledger: Ledger,
    /// How often the colluders used each tactic, and the sum of the gains they expected of it.
    pub used: [u64; TACTICS],
    pub expected: [i64; TACTICS],
}

/// Plays. In every second a print is published and the colluders act on it at once. Then the pusher brings the print that
/// is `delay` seconds old, and the honest players act on the accepted price.
pub fn play(setting: &Setting) -> Played {
    let seconds = walk::prices(setting.seed, setting.seconds);
    let print = |(second, published): (&walk::Second, i64)| Print { price: second.print, published };
    let prints: Vec<Print> = seconds.iter().zip(START..).map(print).collect();
    let world = World::new(prints[0]);
    let mut colluders = Colluders::new(&world);
    let mut honest = Honest::new(setting.seed);
    let mut stage = Stage::new(world, prints[0].price);
    for second in 1..prints.len() {
        let fair = if setting.blind { prints[second].price } else { seconds[second].lasting };
        stage.advance(prints[second].published, fair);
        colluders.act(&mut stage, &prints[..=second]);
        if let Some(brought) = second.checked_sub(setting.delay as usize) {
            Honest::push(&mut stage, prints[brought]);
        }
        honest.act(&mut stage);
    }
    Played { ledger: stage.ledger, used: colluders.used, expected: colluders.expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::ledger::Channel;
    use crate::play::world::Party;

    #[test]
    fn a_seed_gives_the_same_play_again_and_every_gain_is_somebodys_loss() {
        let setting = Setting { seed: 4, seconds: 1_800, delay: 3, blind: false };
        let played = play(&setting);
        assert_eq!(played, play(&setting));
        for channel in Channel::ALL {
            let sum: i64 = Party::ALL.into_iter().map(|party| played.ledger.of(channel, party)).sum();
            assert_eq!(sum, 0, "{}", channel.name());
        }
        assert!(played.ledger.deeds > 5_000, "everybody plays: {}", played.ledger.deeds);
        assert!(played.used.iter().sum::<u64>() > 0, "and the colluders find something: {:?}", played.used);
    }
}
