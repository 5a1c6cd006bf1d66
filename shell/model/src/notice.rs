//! Notices: a line about what the shell has done, shown for a few seconds.

use std::time::{Duration, Instant};

/// Time for which a notice is shown: the minimum, and that for each of its letters.
const STAYS: (Duration, Duration) = (Duration::from_secs(6), Duration::from_millis(80));
/// Maximum number of notices shown together.
const MOST: usize = 4;

/// A notice, and when it goes.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) until: Instant,
}

impl Notice {
    /// A notice that includes the one still shown, so that neither is missed.
    pub(super) fn new(text: String, now: Instant, before: Option<Self>) -> Self {
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let until = now + STAYS.0.max(STAYS.1.saturating_mul(letters));
        match before {
            Some(before) if before.text != text && before.text.lines().count() < MOST => Self {
                text: format!("{}\n{text}", before.text),
                until: before.until.max(until),
            },
            _ => Self { text, until },
        }
    }
}
