//! Timers: no thread; the process itself sleeps until a tick is due.

use crate::Host;
use portico_abi::Timer as Message;
use portico_kernel::{Channel, Cx, Failure, Fault, Reading, Received, Sent};
use std::mem::offset_of;
use std::time::{Duration, Instant};
use zerocopy::little_endian::{U32, U64};

pub(super) fn open() -> Box<dyn Channel<Host>> {
    Box::new(Timer {
        at: 0,
        posted: (0, 0),
        ticks: Ticks { next: None, period: 0 },
    })
}

struct Timer {
    at: u32,
    /// `first` and `period` of the last message, in microseconds.
    posted: (u64, u64),
    ticks: Ticks,
}

impl Channel<Host> for Timer {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Timer")?;
        self.at = at;
        self.posted = (message.first.get(), message.period.get());
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let (first, period) = self.posted;
        self.ticks = Ticks::new(Instant::now(), first, period);
        cx.ready_at(self.ticks.next);
        Ok(if first == 0 { Sent::Ready } else { Sent::Waiting })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let due = self.ticks.due(Instant::now());
        cx.ready_at(self.ticks.next);
        if due == 0 {
            return Ok(Received::Nothing);
        }
        let micros = cx.micros();
        cx.memory
            .deliver(self.at.wrapping_add(offset_of!(Message, ticks) as u32), &U32::new(due));
        cx.memory.deliver(
            self.at.wrapping_add(offset_of!(Message, micros) as u32),
            &U64::new(micros),
        );
        Ok(Received::Delivered)
    }
}

/// When ticks are due.
struct Ticks {
    /// The first tick that has not been delivered; `None`: there is none.
    next: Option<Instant>,
    /// Microseconds; 0: there is only one.
    period: u64,
}

impl Ticks {
    fn new(now: Instant, first: u64, period: u64) -> Self {
        let next = if first == u64::MAX {
            None
        } else {
            now.checked_add(Duration::from_micros(first))
        };
        Self { next, period }
    }

    /// How many ticks are due, and moves on to the one after them.
    fn due(&mut self, now: Instant) -> u32 {
        let Some(late) = self.next.and_then(|next| now.checked_duration_since(next)) else {
            return 0;
        };
        if self.period == 0 {
            self.next = None;
            return 1;
        }
        let late = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        let ticks = (late / self.period).saturating_add(1);
        let step = Duration::from_micros(self.period.saturating_mul(ticks));
        self.next = self.next.and_then(|next| next.checked_add(step));
        u32::try_from(ticks).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_counted_and_keep_their_phase() {
        let start = Instant::now();
        let at = |micros| start + Duration::from_micros(micros);
        let mut ticks = Ticks::new(start, 100, 30);
        assert_eq!(ticks.due(at(99)), 0);
        assert_eq!(ticks.due(at(100)), 1);
        assert_eq!(ticks.due(at(129)), 0);
        // 130, 160 and 190 are due; the next is at 220, not 30 after now.
        assert_eq!(ticks.due(at(195)), 3);
        assert_eq!(ticks.next, Some(at(220)));
    }

    #[test]
    fn one_tick_and_none() {
        let start = Instant::now();
        let mut once = Ticks::new(start, 0, 0);
        assert_eq!((once.due(start), once.due(start + Duration::from_secs(9))), (1, 0));
        assert_eq!(Ticks::new(start, u64::MAX, 1).next, None);
        let mut rare = Ticks::new(start, 0, u64::MAX);
        assert_eq!((rare.due(start), rare.due(start + Duration::from_secs(9))), (1, 0));
    }
}
