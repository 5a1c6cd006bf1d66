//! When a window's pictures reach the screen: at most one in each interval of the display, the newest one, as soon as possible.
//!
//! Pure: moments come in, decisions go out. A picture that comes in an interval without one is presented at once, by
//! whoever made it. One that comes in the same interval is staged, replaces what is staged, and is presented when the next
//! interval begins. Between pictures there is nothing to wait for, so an idle window never wakes anybody.
//!
//! ```text
//!           a picture: present it             a picture: keep it
//! +------+ ----------------------> +-------+ -------------------> +--------+ --+  a picture:
//! | free |                         | taken |                      | staged |   |  it replaces
//! +------+ <---------------------- +-------+ <------------------- +--------+ <-+  the one kept
//!             the next interval               the next interval:
//!                                             present what is kept
//! ```
//!
//! What begins an interval: on a grid, its next line; else the compositor's callback, or [`HIDDEN`] after the last present. A
//! window that nobody sees has intervals of that length on either clock. A picture of a new size ([`Pacing::force`]) is presented
//! in any state, and its interval is taken then.

use std::time::{Duration, Instant};

/// Interval between pictures of a hidden window.
pub(super) const HIDDEN: Duration = Duration::from_millis(250);

/// What tells that the next interval of the display has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A grid of this period.
    Grid(Duration),
    /// [`Pacing::called_back`]; after [`HIDDEN`] without one the window is taken to be hidden.
    Callback,
}

/// What to do with a picture that has just been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Put it on the screen now.
    Present,
    /// Keep it: [`Pacing::due`] says when its turn is.
    Stage,
}

/// The pacing of one window.
#[derive(Debug)]
pub(super) struct Pacing {
    clock: Clock,
    hidden: bool,
    /// Where the grid begins.
    anchor: Instant,
    /// No picture before this moment.
    free: Instant,
    /// A picture was presented and its callback has not come.
    awaiting: bool,
    /// A picture waits for its turn.
    staged: bool,
}

impl Pacing {
    /// A window without a picture, so that the first one is presented at once.
    pub(super) fn new(clock: Clock, now: Instant) -> Self {
        Self {
            clock,
            hidden: false,
            anchor: now,
            free: now,
            awaiting: false,
            staged: false,
        }
    }

    /// A picture has been made at `now`.
    pub(super) fn picture(&mut self, now: Instant) -> Step {
        if now >= self.free {
            self.present(now);
            Step::Present
        } else {
            self.staged = true;
            Step::Stage
        }
    }

    /// The picture made at `now` must be on the screen at once: the window has a new size.
    pub(super) fn force(&mut self, now: Instant) {
        self.present(now);
    }

    /// The compositor wants the next picture. Says whether the staged one is to be presented now.
    #[must_use]
    pub(super) fn called_back(&mut self, now: Instant) -> bool {
        self.awaiting = false;
        if self.clock == Clock::Callback && !self.hidden {
            self.free = now;
        }
        self.turn(now)
    }

    /// [`Pacing::due`] may have come. Says whether the staged picture is to be presented now.
    #[must_use]
    pub(super) fn turn(&mut self, now: Instant) -> bool {
        if now < self.free {
            return false;
        }
        self.awaiting = false;
        let staged = self.staged;
        if staged {
            self.present(now);
        }
        staged
    }

    /// When the window has to be looked at again: a picture is staged, or a callback is awaited. `None`: never by itself.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.staged || self.awaiting).then_some(self.free)
    }

    /// When the newest picture is on the screen; `None` when a callback will tell.
    pub(super) fn shown(&self) -> Option<Instant> {
        match (self.clock, self.staged) {
            (Clock::Callback, _) => None,
            (Clock::Grid(_), false) => Some(self.free),
            (Clock::Grid(_), true) => Some(self.free + self.period()),
        }
    }

    /// The display's clock is another one from `now` on.
    pub(super) fn set_clock(&mut self, clock: Clock, now: Instant) {
        if self.clock != clock {
            self.clock = clock;
            self.anchor = now;
            self.sooner(now);
        }
    }

    /// Whether anybody sees the window, from `now` on.
    pub(super) fn set_hidden(&mut self, hidden: bool, now: Instant) {
        if self.hidden != hidden {
            self.hidden = hidden;
            self.sooner(now);
        }
    }

    /// After a change of the period, nobody waits longer than the new one asks.
    fn sooner(&mut self, now: Instant) {
        self.free = self.free.min(self.next(now));
    }

    fn present(&mut self, now: Instant) {
        self.staged = false;
        self.awaiting = self.clock == Clock::Callback;
        self.free = self.next(now);
    }

    fn period(&self) -> Duration {
        match self.clock {
            Clock::Grid(period) if !self.hidden => period,
            _ => HIDDEN,
        }
    }

    /// The beginning of the interval after the one that `now` is in.
    fn next(&self, now: Instant) -> Instant {
        if self.clock == Clock::Callback {
            return now + HIDDEN;
        }
        let period = self.period().as_nanos().max(1);
        let into = now.saturating_duration_since(self.anchor).as_nanos() % period;
        // Less than a period, and a period is far below 2^64 nanoseconds.
        now + Duration::from_nanos(u64::try_from(period - into).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    const PERIOD: Duration = Duration::from_nanos(16_666_667);

    #[derive(Clone, Debug)]
    enum Act {
        Picture,
        Wait(u64),
        CallBack,
        Hidden(bool),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            4 => Just(Act::Picture),
            4 => (0u64..40_000).prop_map(Act::Wait),
            1 => (0u64..600_000).prop_map(Act::Wait),
            2 => Just(Act::CallBack),
            1 => any::<bool>().prop_map(Act::Hidden),
        ];
        proptest::collection::vec(act, 1..200)
    }

    /// Plays `acts` as the presenter would, waking up whenever something is due; returns the moments of presents with the
    /// number of the newest picture in each, and how many pictures were made.
    fn play(clock: Clock, acts: &[Act], start: Instant) -> (Vec<(Instant, u32)>, u32) {
        let mut pacing = Pacing::new(clock, start);
        let (mut now, mut made, mut presents) = (start, 0, Vec::new());
        let wait = |pacing: &mut Pacing, now: &mut Instant, until: Instant, made: u32, presents: &mut Vec<_>| {
            while let Some(due) = pacing.due().filter(|due| *due <= until) {
                *now = (*now).max(due);
                if pacing.turn(*now) {
                    presents.push((*now, made));
                }
                assert!(
                    pacing.due().is_none_or(|next| next > *now),
                    "a wake-up leads to no other in the same moment"
                );
            }
            *now = until;
        };
        for act in acts {
            match act {
                Act::Picture => {
                    made += 1;
                    if pacing.picture(now) == Step::Present {
                        presents.push((now, made));
                    }
                    assert!(pacing.staged || presents.last().unwrap().1 == made);
                }
                Act::Wait(micros) => {
                    let until = now + Duration::from_micros(*micros);
                    wait(&mut pacing, &mut now, until, made, &mut presents);
                }
                Act::CallBack => {
                    if clock == Clock::Callback && pacing.called_back(now) {
                        presents.push((now, made));
                    }
                }
                Act::Hidden(hidden) => pacing.set_hidden(*hidden, now),
            }
            if let Some(shown) = pacing.shown() {
                assert!(
                    shown <= now.max(pacing.free) + HIDDEN,
                    "a program waits two intervals at most"
                );
            }
        }
        let until = now + HIDDEN * 3;
        wait(&mut pacing, &mut now, until, made, &mut presents);
        assert_eq!(pacing.due(), None, "idle");
        (presents, made)
    }

    proptest! {
        #[test]
        fn one_present_an_interval_and_the_newest_picture_always_arrives(acts in acts()) {
            let acts: Vec<_> = acts.into_iter().filter(|act| !matches!(act, Act::Hidden(_))).collect();
            let start = Instant::now();
            let (presents, made) = play(Clock::Grid(PERIOD), &acts, start);
            let interval = |moment: Instant| (moment - start).as_nanos() / PERIOD.as_nanos();
            prop_assert!(presents.windows(2).all(|pair| interval(pair[0].0) < interval(pair[1].0)));
            prop_assert!(presents.windows(2).all(|pair| pair[0].1 < pair[1].1), "no picture twice");
            prop_assert_eq!(presents.last().map_or(0, |last| last.1), made);
        }

        #[test]
        fn hiding_and_callbacks_lose_nothing(acts in acts(), callback: bool) {
            let clock = if callback { Clock::Callback } else { Clock::Grid(PERIOD) };
            let (presents, made) = play(clock, &acts, Instant::now());
            prop_assert_eq!(presents.last().map_or(0, |last| last.1), made);
        }
    }

    #[test]
    fn a_lone_picture_goes_out_at_once_and_is_shown_at_the_next_tick() {
        let start = Instant::now();
        let mut pacing = Pacing::new(Clock::Grid(PERIOD), start);
        assert_eq!(pacing.picture(start + PERIOD * 5 / 2), Step::Present);
        assert_eq!(pacing.shown(), Some(start + PERIOD * 3));
        assert_eq!(pacing.due(), None, "nothing wakes up for a picture that is out");
    }

    #[test]
    fn a_second_picture_waits_for_the_tick() {
        let start = Instant::now();
        let mut pacing = Pacing::new(Clock::Grid(PERIOD), start);
        assert_eq!(pacing.picture(start), Step::Present);
        assert_eq!(pacing.picture(start + PERIOD / 2), Step::Stage);
        assert_eq!(pacing.due(), Some(start + PERIOD));
        assert_eq!(pacing.shown(), Some(start + PERIOD * 2));
        assert!(!pacing.turn(start + PERIOD / 2));
        assert!(pacing.turn(start + PERIOD));
        assert_eq!(pacing.due(), None);
    }

    #[test]
    fn hidden_windows_take_four_a_second_and_come_back_at_once() {
        let start = Instant::now();
        let mut pacing = Pacing::new(Clock::Grid(PERIOD), start);
        pacing.set_hidden(true, start);
        let mut shown = 0;
        let mut now = start;
        while now < start + Duration::from_secs(2) {
            shown += u32::from(pacing.picture(now) == Step::Present);
            now = pacing.shown().unwrap();
        }
        assert_eq!(shown, 8);
        assert_eq!(pacing.picture(now + Duration::from_millis(1)), Step::Present);
        assert_eq!(pacing.picture(now + Duration::from_millis(2)), Step::Stage);
        pacing.set_hidden(false, now + Duration::from_millis(3));
        assert!(pacing.due().unwrap() <= now + Duration::from_millis(3) + PERIOD);
    }

    #[test]
    fn a_compositor_that_does_not_call_back_hides_the_window() {
        let start = Instant::now();
        let mut pacing = Pacing::new(Clock::Callback, start);
        assert_eq!(pacing.picture(start), Step::Present);
        assert_eq!(pacing.shown(), None);
        assert_eq!(pacing.due(), Some(start + HIDDEN));
        assert_eq!(pacing.picture(start + PERIOD), Step::Stage);
        assert!(pacing.called_back(start + PERIOD * 2));
        assert!(!pacing.called_back(start + PERIOD * 3));
        assert_eq!(pacing.due(), None);
    }
}
