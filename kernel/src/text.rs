//! Words of a program where a user or a terminal reads them.

use std::fmt::Write as _;

/// Appends a text with its control characters escaped, so that it can't move a terminal's cursor or forge a line.
pub fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        if character.is_control() {
            // Writing to a String can't fail.
            let _ = write!(out, "{}", character.escape_default());
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let mut out = String::new();
        escape(&mut out, "ĉu\t\u{1b}[2J\r\u{7f}\u{9b}");
        assert_eq!(out, "ĉu\\t\\u{1b}[2J\\r\\u{7f}\\u{9b}");
    }
}
