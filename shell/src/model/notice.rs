//! A line that tells what the shell has done, and goes by itself.

use std::time::{Duration, Instant};

/// How long a notice stays: at least so long, and so long for each of its letters.
const STAYS: (Duration, Duration) = (Duration::from_secs(6), Duration::from_millis(80));
/// How many are shown together.
const MOST: usize = 4;

/// What is told, and until when.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) until: Instant,
}

impl Notice {
    /// Tells this now, together with what is still being told: neither is to be missed.
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
