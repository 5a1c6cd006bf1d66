//! The watchdog: finds programs that do not answer, from their start on.

use super::{Effect, Now, WindowEffect, WindowModel};
use std::time::{Duration, Instant};

/// Time after which a program that leaves input unanswered counts as unresponsive.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Interval between checks of an unresponsive program.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Waits for an answer of a program that was started or sent input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watchdog {
    /// Its calls of `ar()` until then.
    calls: u64,
    /// When to check it.
    pub(super) look: Instant,
}

impl WindowModel {
    /// Checks whether a program has answered.
    pub(super) fn check_watchdog(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(waiting) = &mut self.watchdog else { return };
        let due = now.time >= waiting.look;
        // Waiting in `ar()` just after the input means only that it has not woken up yet.
        let answered = now.progress.calls != waiting.calls || (now.progress.parked && due);
        if answered {
            self.watchdog = None;
            if std::mem::take(&mut self.unresponsive) {
                out.push(Effect::Window(WindowEffect::Repaint));
            }
        } else if due {
            waiting.look = now.time + LOOK_EVERY;
            if !std::mem::replace(&mut self.unresponsive, true) {
                out.push(Effect::Window(WindowEffect::Repaint));
            }
        }
    }

    /// Expects an answer from now on, unless one is expected already.
    pub(super) fn start_watchdog(&mut self, now: Now) {
        if self.is_running() && self.watchdog.is_none() {
            self.watchdog = Some(Watchdog {
                calls: now.progress.calls,
                look: now.time + ANSWER_WITHIN,
            });
        }
    }
}
