//! What the virtual machine allows a program, read off the bytecode itself: every path, not only those that tests take.
//!
//! The heap is not here. Every test of these folders runs with the 32 KiB of a transaction that asks for nothing, and an
//! allocation beyond that ends it.

use std::collections::{BTreeMap, BTreeSet};

use zerosum_svm::{Build, bytecode_path};

/// Bytes of a stack frame.
const FRAME: i32 = 4_096;
/// Frames of a stack.
const DEPTH: usize = 64;

/// The register that points to the end of the frame.
const FRAME_POINTER: u8 = 10;
const CALL: u8 = 0x85;
const CALL_REGISTER: u8 = 0x8d;
const MOVE: u8 = 0xbf;
const ADD_IMMEDIATE: u8 = 0x07;
const LOAD_WIDE: u8 = 0x18;
const EXIT: u8 = 0x95;

/// One instruction of eight bytes.
#[derive(Clone, Copy)]
struct Op {
    code: u8,
    destination: u8,
    source: u8,
    offset: i16,
    immediate: i32,
}

impl Op {
    fn decode(bytes: &[u8]) -> Self {
        Self {
            code: bytes[0],
            destination: bytes[1] & 15,
            source: bytes[1] >> 4,
            offset: i16::from_le_bytes([bytes[2], bytes[3]]),
            immediate: i32::from_le_bytes(bytes[4..8].try_into().unwrap()),
        }
    }

    /// How far behind the end of the frame it reads or writes.
    fn reach(&self) -> i32 {
        let through = match self.code & 7 {
            1 => self.source,
            2 | 3 => self.destination,
            _ => return 0,
        };
        if through == FRAME_POINTER { -i32::from(self.offset) } else { 0 }
    }
}

struct Program {
    ops: Vec<Op>,
    /// The first that runs, and those whose addresses stand in the data.
    starts: BTreeSet<usize>,
    entry: usize,
}

/// The program as it would be deployed; `None` where no bytecode was built.
fn bytecode() -> Option<Program> {
    if Build::available() == Build::Native {
        return None;
    }
    let elf = std::fs::read(bytecode_path()).unwrap();
    let word = |at: usize| u64::from_le_bytes(elf[at..at + 8].try_into().unwrap()) as usize;
    let half = |at: usize| u16::from_le_bytes(elf[at..at + 2].try_into().unwrap()) as usize;
    let (entry, headers, size, count) = (word(24), word(32), half(54), half(56));
    let executable = (0..count).map(|n| headers + n * size).find(|at| elf[at + 4] & 1 == 1).unwrap();
    let (from, address, length) = (word(executable + 8), word(executable + 16), word(executable + 32));
    let ops: Vec<Op> = elf[from..from + length].chunks_exact(8).map(Op::decode).collect();
    let wide = ops.windows(2).filter(|pair| pair[0].code == LOAD_WIDE);
    let wide = wide.map(|pair| (pair[1].immediate as u32 as usize) << 32 | pair[0].immediate as u32 as usize);
    let pointers = elf[..from].chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()) as usize);
    let inside = |pointer: &usize| (address..address + length).contains(pointer) && pointer.is_multiple_of(8);
    let starts = wide.chain(pointers).filter(inside).map(|pointer| (pointer - address) / 8).collect();
    Some(Program { ops, starts, entry: (entry - address) / 8 })
}

#[test]
fn no_stack_frame_is_larger_than_the_virtual_machine_allows() {
    let Some(Program { ops, .. }) = bytecode() else { return };
    let deepest = ops.iter().map(Op::reach).max().unwrap();
    assert!(deepest > 0 && deepest <= FRAME, "{deepest} bytes");
    // Addresses that are computed: a copy of the frame pointer, then a distance.
    let copies = ops.windows(2).filter(|pair| pair[0].code == MOVE && pair[0].source == FRAME_POINTER);
    let distances = copies.filter(|pair| pair[1].code == ADD_IMMEDIATE && pair[1].destination == pair[0].destination);
    let deepest = distances.map(|pair| -pair[1].immediate).max().unwrap();
    assert!(deepest > 0 && deepest <= FRAME, "{deepest} bytes");
}

#[test]
fn calls_nest_less_deeply_than_the_virtual_machine_allows() {
    let Some(Program { ops, mut starts, entry }) = bytecode() else { return };
    let callee = |at: usize| (at as i64 + 1 + i64::from(ops[at].immediate)) as usize;
    let direct = |at: &usize| ops[*at].code == CALL && ops[*at].source == 1;
    starts.extend((0..ops.len()).filter(direct).map(callee).chain([entry]));
    // Whom each calls. A function ends where the next begins; one without an exit ends the program, and does not count.
    let bounds: Vec<usize> = starts.iter().copied().chain([ops.len()]).collect();
    let returning = |function: &&[usize]| ops[function[0]..function[1]].iter().any(|op| op.code == EXIT);
    let mut calls: BTreeMap<usize, BTreeSet<usize>> = bounds
        .windows(2)
        .filter(returning)
        .map(|function| (function[0], (function[0]..function[1]).filter(direct).map(callee).collect()))
        .collect();
    let functions: BTreeSet<usize> = calls.keys().copied().collect();
    calls.values_mut().for_each(|callees| callees.retain(|callee| functions.contains(callee)));
    let mut depths = BTreeMap::new();
    let deepest = depth(entry, &calls, &mut depths, &mut Vec::new());
    // What is called through a register is the formatting of values and the allocator, a few levels of leaves.
    let through_registers = ops.iter().filter(|op| op.code == CALL_REGISTER).count();
    assert!(deepest > 3, "the calls were read");
    assert!(deepest + 16 <= DEPTH, "{deepest} levels, and {through_registers} calls through registers");
}

/// The levels below and including a function.
fn depth(
    function: usize,
    calls: &BTreeMap<usize, BTreeSet<usize>>,
    known: &mut BTreeMap<usize, usize>,
    path: &mut Vec<usize>,
) -> usize {
    if let Some(depth) = known.get(&function) {
        return *depth;
    }
    assert!(!path.contains(&function), "a function that calls itself, at instruction {function}");
    path.push(function);
    let below = calls[&function].iter().map(|callee| depth(*callee, calls, known, path)).max().unwrap_or(0);
    path.pop();
    known.insert(function, below + 1);
    below + 1
}
