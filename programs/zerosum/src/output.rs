//! What the program hands back to its caller besides the accounts.
//!
//! Anchor's own `emit!` and return values do the same on-chain, and nothing off-chain, where
//! they would be lost to the tests that run the program natively.

use anchor_lang::AnchorSerialize;

/// Writes a line to the transaction's log.
pub fn log(line: &str) {
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::log::sol_log(line);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_log(line);
}

/// A line for the log. Formatting with the standard library would be 15 KB of padding, alignment and growing strings.
pub(crate) struct Line(String);

impl Line {
    /// An empty line, with room for the longest.
    #[inline(never)]
    pub fn new() -> Self {
        Self(String::with_capacity(256))
    }

    #[inline(never)]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    #[inline(never)]
    pub fn number(&mut self, number: i64) -> &mut Self {
        if number < 0 {
            self.text("-");
        }
        self.digits(number.unsigned_abs());
        self
    }

    fn digits(&mut self, number: u64) {
        let mut place = 1;
        while number / place > 9 {
            place *= 10;
        }
        while place > 0 {
            self.0.push(char::from(b'0' + (number / place % 10) as u8));
            place /= 10;
        }
    }

    pub fn log(&self) {
        log(&self.0);
    }
}

/// Writes bytes to the transaction's log.
pub fn log_data(data: &[u8]) {
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::log::sol_log_data(&[data]);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_log_data(&[data]);
}

/// What an instruction returns: at most 1,024 bytes.
pub fn returned<T: AnchorSerialize>(value: T) -> T {
    let mut data = Vec::with_capacity(RETURNED);
    let written = value.serialize(&mut data);
    debug_assert!(written.is_ok(), "a vector takes everything");
    #[cfg(target_os = "solana")]
    anchor_lang::solana_program::program::set_return_data(&data);
    #[cfg(not(target_os = "solana"))]
    solana_sysvar_3::program_stubs::sol_set_return_data(&data);
    value
}

/// What most answers have room in.
const RETURNED: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_formatting_would_make_of_it() {
        for number in [0, 9, 10, -10, 1_234_567_890, i64::MAX, i64::MIN] {
            let mut line = Line::new();
            line.text("a ").number(number).text(" b");
            assert_eq!(line.0, format!("a {number} b"));
        }
    }
}
