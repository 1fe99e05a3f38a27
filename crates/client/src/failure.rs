//! Why an instruction failed.

use zerosum::error::OFFSET;
use zerosum_engine::error::{Error, ErrorCode};

/// The error a custom error number of the program stands for.
pub fn decode_error(number: u32) -> Option<ErrorCode> {
    let index = number.checked_sub(OFFSET)?;
    ErrorCode::ALL.get(index as usize).copied()
}

/// The error with what was expected and found, as the log of a failed transaction tells it.
pub fn explain<'a>(logs: impl IntoIterator<Item = &'a (impl AsRef<str> + 'a)>) -> Option<Error> {
    logs.into_iter().find_map(|line| explain_line(line.as_ref()))
}

/// Reads `NAME: message (expected X, actual Y)`.
fn explain_line(line: &str) -> Option<Error> {
    let (name, text) = line.strip_prefix("Program log: ")?.split_once(": ")?;
    let code = ErrorCode::ALL.iter().find(|code| code.name() == name)?;
    let values = text.strip_prefix(code.message())?.strip_prefix(" (expected ")?.strip_suffix(')')?;
    let (expected, actual) = values.split_once(", actual ")?;
    Some(Error::with(*code, expected.parse().ok()?, actual.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_log_lines_name_the_error() {
        for code in ErrorCode::ALL {
            assert_eq!(decode_error(OFFSET + *code as u32), Some(*code));
            let error = Error::with(*code, i64::MIN, 7);
            let logs = ["Program log: hello".to_string(), format!("Program log: {}: {error}", code.name())];
            assert_eq!(explain(&logs), Some(error));
        }
        assert_eq!(decode_error(OFFSET - 1), None);
        assert_eq!(decode_error(OFFSET + ErrorCode::ALL.len() as u32), None);
    }
}
