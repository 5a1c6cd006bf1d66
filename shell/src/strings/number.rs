//! Numbers as the language writes them.

use super::{Language, language};

/// Something that stands in a text.
pub(super) trait Value {
    /// Adds it to a text.
    fn put(self, out: &mut String);
}

impl Value for &str {
    fn put(self, out: &mut String) {
        out.push_str(self);
    }
}

impl Value for u64 {
    fn put(self, out: &mut String) {
        let digits = self.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(match language() {
                    Language::English => ',',
                    // A narrow space that no line ends at.
                    Language::Esperanto => '\u{202f}',
                });
            }
            out.push(digit);
        }
    }
}

/// A number with so many digits after the decimal mark.
pub fn decimal(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    match language() {
        Language::English => text,
        Language::Esperanto => text.replace('.', ","),
    }
}

/// A number of bytes, in the unit that suits it.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let (mut shown, mut unit) = (number as f64 / 1e3, 0);
    while shown >= 999.5 && unit + 1 < UNITS.len() {
        (shown, unit) = (shown / 1e3, unit + 1);
    }
    format!("{} {}", decimal(shown, if shown < 9.95 { 1 } else { 0 }), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_suits_them() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_960, "10 kB"),
            (999_600, "1.0 MB"),
            (65_536 * 17, "1.1 MB"),
            (1_500_000_000, "1.5 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }
}
