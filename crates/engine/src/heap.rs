//! The one priority queue of the exchange: an intrusive 4-ary heap, used four times.
//!
//! Two heaps hold the longs and the shorts by bankruptcy price (the liquidation queues), two the bids and the asks by
//! price and time (the book). The k-th entry of a heap is stored in the k-th record of the account, so a heap needs no
//! space of its own. Each record knows the slot of its entry, so any record can be removed or moved in O(log n). The
//! entry includes the key, so a comparison reads no record.

use bytemuck::{Pod, Zeroable};

/// Number of children of an entry. A heap of four is half as deep as one of two, and keys in the slots make compares
/// cheap.
pub const ARITY: u32 = 4;

/// One slot of a heap: the key and index of a record. The greatest key is first; of equal keys, the lower index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[repr(C)]
pub struct Entry {
    /// The key that entries are ordered by. A greater key is nearer to the head.
    pub key: i64,
    /// Index of the record.
    pub index: u32,
    /// Always zero.
    pub padding: u32,
}

impl Entry {
    /// An entry for the record at `index`.
    pub const fn new(key: i64, index: u32) -> Self {
        Self { key, index, padding: 0 }
    }

    /// Whether this entry is nearer to the head than the other.
    #[inline(always)]
    pub const fn before(self, other: Self) -> bool {
        self.key > other.key || (self.key == other.key && self.index < other.index)
    }
}

/// Storage of a heap's entries.
pub trait Slots {
    /// The entry in `slot`.
    fn entry(&self, slot: u32) -> Entry;

    /// The entry nearest to the head in the slots from `from` up to `to`, at least one, and its slot.
    fn nearest(&self, from: u32, to: u32) -> (u32, Entry);

    /// Puts `entry` into `slot`, and stores the slot in the entry's record.
    fn place(&mut self, slot: u32, entry: Entry);
}

/// Defines a heap whose k-th entry is in the field `$entry` of the k-th record, and whose records store their slot.
macro_rules! slots {
    ($heap:ident, $record:ty, $entry:ident) => {
        struct $heap<'a>(&'a mut [$record]);

        impl crate::heap::Slots for $heap<'_> {
            fn entry(&self, slot: u32) -> crate::heap::Entry {
                self.0[slot as usize].$entry
            }

            fn nearest(&self, from: u32, to: u32) -> (u32, crate::heap::Entry) {
                // Slicing checks the bounds once for all of them.
                crate::heap::nearest(self.0[from as usize..to as usize].iter().map(|record| record.$entry), from)
            }

            fn place(&mut self, slot: u32, entry: crate::heap::Entry) {
                self.0[slot as usize].$entry = entry;
                self.0[entry.index as usize].heap_slot = slot;
            }
        }
    };
}
pub(crate) use slots;

/// Adds an entry to a heap of length `len`.
pub fn push(slots: &mut impl Slots, len: &mut u32, entry: Entry) {
    let slot = *len;
    *len = len.wrapping_add(1);
    rise(slots, slot, entry);
}

/// Removes the entry in `slot` from a heap of length `len`.
pub fn remove(slots: &mut impl Slots, len: &mut u32, slot: u32) {
    let last = len.wrapping_sub(1);
    *len = last;
    if slot != last {
        let moved = slots.entry(last);
        settle(slots, last, slot, moved);
    }
}

/// Changes the key of the entry in `slot` of a heap of length `len`.
pub fn change(slots: &mut impl Slots, len: u32, slot: u32, key: i64) {
    let entry = slots.entry(slot);
    settle(slots, len, slot, Entry::new(key, entry.index));
}

/// Moves an entry to its place, starting at a slot whose own entry is gone.
fn settle(slots: &mut impl Slots, len: u32, slot: u32, entry: Entry) {
    if slot > 0 && entry.before(slots.entry(parent(slot))) {
        rise(slots, slot, entry);
    } else {
        sink(slots, len, slot, entry);
    }
}

fn rise(slots: &mut impl Slots, mut slot: u32, entry: Entry) {
    while slot > 0 {
        let above = parent(slot);
        let other = slots.entry(above);
        if !entry.before(other) {
            break;
        }
        slots.place(slot, other);
        slot = above;
    }
    slots.place(slot, entry);
}

fn sink(slots: &mut impl Slots, len: u32, mut slot: u32, entry: Entry) {
    loop {
        let first = first_child(slot);
        if first >= len {
            break;
        }
        let (best_slot, best) = slots.nearest(first, first.wrapping_add(ARITY).min(len));
        if !best.before(entry) {
            break;
        }
        slots.place(slot, best);
        slot = best_slot;
    }
    slots.place(slot, entry);
}

/// The entry nearest to the head among consecutive slots from `from` on, and its slot.
#[inline(always)]
pub(crate) fn nearest(entries: impl Iterator<Item = Entry>, from: u32) -> (u32, Entry) {
    let (mut slot, mut nearest) = (from, (from, Entry::new(i64::MIN, u32::MAX)));
    for entry in entries {
        if entry.before(nearest.1) {
            nearest = (slot, entry);
        }
        slot = slot.wrapping_add(1);
    }
    nearest
}

/// The slot above `slot`, which must not be the root.
pub const fn parent(slot: u32) -> u32 {
    slot.wrapping_sub(1) / ARITY
}

/// The first slot directly below `slot`.
pub const fn first_child(slot: u32) -> u32 {
    slot.wrapping_mul(ARITY).wrapping_add(1)
}

/// The slot that a depth-first walk visits after `slot`; `None` at the end. Without `descend` the walk skips everything
/// below `slot`. A caller may do that if the entry is out of its range: nothing below it is nearer to the head.
pub const fn next_in_walk(len: u32, slot: u32, descend: bool) -> Option<u32> {
    if descend && first_child(slot) < len {
        return Some(first_child(slot));
    }
    let mut slot = slot;
    while slot > 0 {
        let last_sibling = slot.is_multiple_of(ARITY);
        if !last_sibling && slot.wrapping_add(1) < len {
            return Some(slot.wrapping_add(1));
        }
        slot = parent(slot);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    #[derive(Default)]
    struct Records {
        entries: Vec<Entry>,
        slot_of: Vec<u32>,
    }

    impl Slots for Records {
        fn entry(&self, slot: u32) -> Entry {
            self.entries[slot as usize]
        }
        fn nearest(&self, from: u32, to: u32) -> (u32, Entry) {
            nearest(self.entries[from as usize..to as usize].iter().copied(), from)
        }
        fn place(&mut self, slot: u32, entry: Entry) {
            self.entries[slot as usize] = entry;
            self.slot_of[entry.index as usize] = slot;
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(i64),
        Remove(usize),
        Change(usize, i64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let key = prop_oneof![-3i64..3, any::<i64>()];
        proptest::collection::vec(
            prop_oneof![
                3 => key.clone().prop_map(Step::Push),
                1 => any::<usize>().prop_map(Step::Remove),
                2 => (any::<usize>(), key).prop_map(|(i, k)| Step::Change(i, k)),
            ],
            0..300,
        )
    }

    proptest! {
        #[test]
        fn a_btreemap_agrees_with_the_heap(steps in steps()) {
            let mut records = Records { entries: std::vec![Entry::default(); 300], slot_of: std::vec![0; 300] };
            let (mut len, mut keys, mut model) = (0u32, BTreeMap::new(), BTreeMap::new());
            for (step, index) in steps.into_iter().zip(0u32..) {
                match step {
                    Step::Push(key) => {
                        push(&mut records, &mut len, Entry::new(key, index));
                        keys.insert(index, key);
                        model.insert((core::cmp::Reverse(key), index), ());
                    }
                    Step::Remove(pick) if !keys.is_empty() => {
                        let (&index, &key) = keys.iter().nth(pick % keys.len()).unwrap();
                        let slot = records.slot_of[index as usize];
                        remove(&mut records, &mut len, slot);
                        keys.remove(&index);
                        model.remove(&(core::cmp::Reverse(key), index));
                    }
                    Step::Change(pick, to) if !keys.is_empty() => {
                        let (&index, &key) = keys.iter().nth(pick % keys.len()).unwrap();
                        let slot = records.slot_of[index as usize];
                        change(&mut records, len, slot, to);
                        keys.insert(index, to);
                        model.remove(&(core::cmp::Reverse(key), index));
                        model.insert((core::cmp::Reverse(to), index), ());
                    }
                    _ => {}
                }
                prop_assert_eq!(len as usize, model.len());
                if let Some(((core::cmp::Reverse(key), index), ())) = model.first_key_value() {
                    prop_assert_eq!((records.entry(0).key, records.entry(0).index), (*key, *index));
                }
                for slot in 0..len {
                    prop_assert_eq!(records.slot_of[records.entry(slot).index as usize], slot);
                    prop_assert!(slot == 0 || records.entry(parent(slot)).before(records.entry(slot)));
                }
            }
        }

        #[test]
        fn a_walk_visits_every_slot_once(len in 1u32..200) {
            let mut seen = Vec::new();
            let mut at = Some(0);
            while let Some(slot) = at {
                seen.push(slot);
                at = next_in_walk(len, slot, true);
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..len).collect::<Vec<_>>());
        }

        #[test]
        fn a_pruned_walk_visits_every_entry_in_range(keys in proptest::collection::vec(-50i64..50, 1..200), from in -50i64..50) {
            let mut records = Records { entries: std::vec![Entry::default(); 200], slot_of: std::vec![0; 200] };
            let mut len = 0;
            for (key, index) in keys.iter().zip(0u32..) {
                push(&mut records, &mut len, Entry::new(*key, index));
            }
            let (mut seen, mut visited, mut at) = (0, 0, Some(0));
            while let Some(slot) = at {
                let inside = records.entry(slot).key >= from;
                seen += inside as usize;
                visited += 1;
                at = next_in_walk(len, slot, inside);
            }
            let inside = keys.iter().filter(|key| **key >= from).count();
            prop_assert_eq!(seen, inside);
            prop_assert!(visited <= inside * ARITY as usize + 1, "a walk reads the range and its rim only");
        }
    }
}
