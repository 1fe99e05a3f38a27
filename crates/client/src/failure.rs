//! Why an instruction failed.

use zerosum::error::OFFSET;
use zerosum_engine::error::{Error, ErrorCode};

/// The error a custom error number of the program stands for.
pub fn decode_error(number: u32) -> Option<ErrorCode> {
    let index = number.checked_sub(OFFSET)?;
    ErrorCode::ALL.get(index as usize).copied()
}

/// The error with what was expected and found, as the log of a failed transaction tells it. Where the program compared
/// keys, both values are 0: the log has the keys in its next lines.
pub fn explain<'a>(logs: impl IntoIterator<Item = &'a (impl AsRef<str> + 'a)>) -> Option<Error> {
    logs.into_iter().find_map(|line| explain_line(line.as_ref()))
}

/// Reads Anchor's `AnchorError ... Error Code: NAME. Error Number: N. Error Message: MESSAGE.`, in which the message may
/// end in ` (expected X, actual Y)`.
fn explain_line(line: &str) -> Option<Error> {
    let (_, text) = line.strip_prefix("Program log: AnchorError")?.split_once(" Error Code: ")?;
    let (name, text) = text.split_once(". Error Number: ")?;
    let (number, text) = text.split_once(". Error Message: ")?;
    let code = decode_error(number.parse().ok()?).filter(|code| code.name() == name)?;
    match text.strip_prefix(code.message())?.strip_suffix('.')? {
        "" => Some(code.into()),
        values => {
            let values = values.strip_prefix(" (expected ")?.strip_suffix(')')?;
            let (expected, actual) = values.split_once(", actual ")?;
            Some(Error::with(code, expected.parse().ok()?, actual.parse().ok()?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_log_lines_name_the_error() {
        for code in ErrorCode::ALL {
            let (name, number) = (code.name(), OFFSET + *code as u32);
            assert_eq!(decode_error(number), Some(*code));
            let error = Error::with(*code, i64::MIN, 7);
            let logs = [
                "Program log: hello".to_string(),
                format!(
                    "Program log: AnchorError occurred. Error Code: {name}. Error Number: {number}. Error Message: {error}."
                ),
            ];
            assert_eq!(explain(&logs), Some(error));
        }
        assert_eq!(decode_error(OFFSET - 1), None);
        assert_eq!(decode_error(OFFSET + ErrorCode::ALL.len() as u32), None);
    }

    #[test]
    fn a_constraint_names_its_account_and_the_same_error() {
        let (code, number) = (ErrorCode::WrongAccount, OFFSET + ErrorCode::WrongAccount as u32);
        let (name, message) = (code.name(), code.message());
        let line = |number| {
            let error = format!("Error Code: {name}. Error Number: {number}. Error Message: {message}.");
            [format!("Program log: AnchorError caused by account: book. {error}")]
        };
        assert_eq!(explain(&line(number)), Some(code.into()));
        assert_eq!(explain(&line(number + 1)), None, "name and number disagree");
    }
}
