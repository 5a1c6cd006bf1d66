//! Whose wish a window's size is: the program's, the shell's, or the user's, which is remembered.

use crate::state::Size;
use std::time::{Duration, Instant};

/// How long a size has to stay before it counts: a drag passes through many.
const SETTLED: Duration = Duration::from_millis(700);

/// What is known of the sizes of one window. They are in points, which stay when the display's scale changes.
#[derive(Debug)]
pub(super) struct Sizing {
    /// What was asked for last; another size is the user's wish, once it has settled.
    asked: Size,
    by_user: bool,
    /// The other size that the window has, and since when, until that has been taken.
    changed: Option<(Size, Instant)>,
}

impl Sizing {
    /// A window that was asked to be so large, `by_user` if that is the size that the user gave it before.
    pub(super) fn new(asked: Size, by_user: bool) -> Self {
        Self { asked, by_user, changed: None }
    }

    /// The window is asked to be so large.
    pub(super) fn ask(&mut self, size: Size) {
        self.asked = size;
    }

    /// The window on the screen is so large now.
    pub(super) fn note(&mut self, size: Size, now: Instant) {
        if near(self.asked, size) {
            // A new window on a display with a scale, or one that is tiled first, has another size only for a moment.
            self.changed = None;
        } else if self.changed.is_none_or(|(last, _)| !near(last, size)) {
            self.changed = Some((size, now));
        }
    }

    /// The size that the user gave the window before has become known: it is asked for from here on.
    pub(super) fn restore(&mut self, size: Size) {
        self.asked = size;
        self.by_user = true;
    }

    /// Whether the user has given the window its size, now or at an earlier time. One that has not settled is nobody's yet.
    pub(super) fn is_by_user(&self) -> bool {
        self.by_user
    }

    /// When the size counts, if the user has changed it.
    pub(super) fn settled_at(&self) -> Option<Instant> {
        self.changed.map(|(_, since)| since + SETTLED)
    }

    /// Whether there is a size to remember that has stayed by `now`; once. `None` does not wait for that.
    pub(super) fn take(&mut self, now: Option<Instant>) -> bool {
        let Some((size, since)) = self.changed else { return false };
        let due = now.is_none_or(|now| now >= since + SETTLED);
        if due {
            self.restore(size);
            self.changed = None;
        }
        due
    }
}

/// Whether two sizes are the same: window systems round.
fn near(a: Size, b: Size) -> bool {
    (a.0 - b.0).abs() < 1.0 && (a.1 - b.1).abs() < 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_nobody_asked_for_is_the_users() {
        let now = Instant::now();
        let mut sizing = Sizing::new((640.0, 440.0), false);
        sizing.note((640.0, 440.4), now);
        assert!(!sizing.is_by_user() && sizing.settled_at().is_none());
        sizing.ask((320.0, 240.0));
        sizing.note((320.0, 240.0), now);
        assert!(!sizing.is_by_user());
        sizing.note((321.0, 240.0), now);
        assert!(!sizing.take(Some(now)), "a drag may still go on");
        sizing.note((350.0, 240.0), now + SETTLED / 2);
        sizing.note((350.4, 240.0), now + SETTLED);
        assert!(!sizing.take(Some(now + SETTLED)) && !sizing.is_by_user());
        assert!(sizing.take(Some(now + SETTLED * 3 / 2)) && sizing.is_by_user());
        assert!(!sizing.take(None), "once");
        sizing.note((360.0, 240.0), now);
        assert!(sizing.take(None), "a window that closes does not wait");
    }

    #[test]
    fn a_size_of_a_moment_is_nobodys() {
        let now = Instant::now();
        let mut sizing = Sizing::new((640.0, 440.0), false);
        sizing.note((320.0, 220.0), now);
        sizing.note((640.0, 440.0), now + SETTLED / 2);
        assert!(!sizing.take(Some(now + SETTLED * 2)) && !sizing.is_by_user());
    }

    #[test]
    fn a_size_that_is_restored_is_the_users_but_no_news() {
        let size = (700.0, 500.0);
        let mut sizing = Sizing::new((640.0, 440.0), false);
        sizing.restore(size);
        sizing.note(size, Instant::now());
        assert!(sizing.is_by_user() && !sizing.take(None));
    }
}
