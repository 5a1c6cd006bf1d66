//! Whose wish a window's size is: the program's, the shell's, or the user's, which is remembered.

use crate::state::Size;
use std::time::{Duration, Instant};

/// How long a size has to stay before it counts: a drag passes through many.
const SETTLED: Duration = Duration::from_millis(700);

/// What is known of the sizes of one window. They are in points, which stay when the display's scale changes.
#[derive(Debug)]
pub(super) struct Sizing {
    /// What was asked for last; another size is the user's wish.
    asked: Size,
    by_user: bool,
    /// When the user has changed it, until that has been taken.
    changed: Option<Instant>,
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
        // Window systems round.
        let near = |a: f64, b: f64| (a - b).abs() < 1.0;
        if !near(self.asked.0, size.0) || !near(self.asked.1, size.1) {
            self.asked = size;
            self.by_user = true;
            self.changed = Some(now);
        }
    }

    /// The size that the user gave the window before has become known: it is asked for from here on.
    pub(super) fn restore(&mut self, size: Size) {
        self.asked = size;
        self.by_user = true;
    }

    /// Whether the user has given the window its size, now or at an earlier time.
    pub(super) fn is_by_user(&self) -> bool {
        self.by_user
    }

    /// When the size counts, if the user has changed it.
    pub(super) fn settled_at(&self) -> Option<Instant> {
        self.changed.map(|at| at + SETTLED)
    }

    /// Whether there is a size to remember that has stayed by `now`; once. `None` does not wait for that.
    pub(super) fn take(&mut self, now: Option<Instant>) -> bool {
        let due = self.settled_at().is_some_and(|at| now.is_none_or(|now| now >= at));
        if due {
            self.changed = None;
        }
        due
    }
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
        assert!(sizing.is_by_user());
        assert!(!sizing.take(Some(now)), "a drag may still go on");
        sizing.note((350.0, 240.0), now + SETTLED / 2);
        assert!(!sizing.take(Some(now + SETTLED)));
        assert!(sizing.take(Some(now + SETTLED * 2)));
        assert!(!sizing.take(None), "once");
        sizing.note((360.0, 240.0), now);
        assert!(sizing.take(None), "a window that closes does not wait");
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
