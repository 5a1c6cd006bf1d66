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
