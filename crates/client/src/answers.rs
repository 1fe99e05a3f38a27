//! What instructions return.

use borsh::BorshDeserialize;

pub use zerosum::args::{QueueLine, QueuePlace, SeatView};

/// The index of the seat that `open_seat` opened.
pub fn opened_seat(returned: &[u8]) -> Option<u32> {
    read(returned)
}

/// The page that `view_adl_queue` or `view_liquidation_queue` found.
pub fn queue(returned: &[u8]) -> Option<Vec<QueueLine>> {
    read(returned)
}

/// What `view_seat` says.
pub fn seat(returned: &[u8]) -> Option<SeatView> {
    read(returned)
}

/// The runtime cuts trailing zeroes of what a program returns, so a value may end before its type does.
fn read<T: BorshDeserialize>(returned: &[u8]) -> Option<T> {
    let mut padded = returned.to_vec();
    padded.resize(returned.len() + ROOM, 0);
    T::deserialize(&mut padded.as_slice()).ok()
}

/// More zeroes than any answer ends with.
const ROOM: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_the_loss_of_its_trailing_zeroes() {
        assert_eq!(opened_seat(&[]), Some(0));
        assert_eq!(opened_seat(&[5]), Some(5));
        let lines = vec![QueueLine { seat: 3, size: -4, score: 0 }];
        let bytes = borsh::to_vec(&lines).unwrap();
        let cut = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        assert_eq!(queue(&bytes[..cut]), Some(lines));
    }
}
