//! Whether a program answers: it may not, from its very start on.

use super::{Effect, Now, WindowModel};
use std::time::{Duration, Instant};

/// How long a program may leave input unanswered before the veil comes.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How often to look, while the veil is there, whether it answers after all.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The program was started or sent input, and has not called since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watchdog {
    /// Its calls until then.
    calls: u64,
    /// When to look at it.
    pub(super) look: Instant,
}

impl WindowModel {
    /// Looks whether a program that owes an answer has given one.
    pub(super) fn check_watchdog(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(waiting) = &mut self.watchdog else { return };
        let due = now.time >= waiting.look;
        // Waiting in `ar()` just after the input means only that it has not woken up yet.
        let answered = now.progress.calls != waiting.calls || (now.progress.parked && due);
        if answered {
            self.watchdog = None;
            if std::mem::take(&mut self.unresponsive) {
                out.push(Effect::Repaint);
            }
        } else if due {
            waiting.look = now.time + LOOK_EVERY;
            if !std::mem::replace(&mut self.unresponsive, true) {
                out.push(Effect::Repaint);
            }
        }
    }

    /// Input was sent, or it was started: the program owes an answer from now on, unless it did already.
    pub(super) fn start_watchdog(&mut self, now: Now) {
        if self.is_running() && self.watchdog.is_none() {
            self.watchdog = Some(Watchdog {
                calls: now.progress.calls,
                look: now.time + ANSWER_WITHIN,
            });
        }
    }
}
