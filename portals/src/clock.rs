//! Time: UTC (command 5), the time zone (6), timers (46).

mod system_zone;
mod timer;
mod zone;

pub use system_zone::system_zone;

use crate::Host;
use jiff::{Timestamp, civil, tz::Offset};
use portico_abi::{Date, DateTime, Time, which};
use portico_kernel::{Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent};
use std::time::{Duration, Instant};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "clock",
    summary: "Read the clock and set timers",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::UTC,
            name: "UTC date and time",
            single: false,
            open: Some(|| Box::new(Utc { at: 0, delivered: None })),
        },
        CommandEntry {
            number: which::TIME_ZONE,
            name: "time zone",
            single: false,
            open: Some(zone::open),
        },
        CommandEntry {
            number: which::TIMER,
            name: "timer",
            single: false,
            open: Some(timer::open),
        },
    ],
};

/// UTC: no thread; the process itself sleeps until the next second starts.
struct Utc {
    at: u32,
    /// The last second that was delivered.
    delivered: Option<i64>,
}

impl Channel<Host> for Utc {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<DateTime>(at, "DateTime")?;
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        Ok(if self.delivered.is_none() {
            Sent::Ready
        } else {
            Sent::Waiting
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let now = Timestamp::now();
        let into_second = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        cx.ready_at(after(
            Duration::from_secs(1).saturating_sub(Duration::new(0, into_second)),
        ));
        // The system's clock may run a little slower than the one that wakes us.
        if self.delivered.replace(now.as_second()) == Some(now.as_second()) {
            return Ok(Received::Nothing);
        }
        cx.memory.deliver(self.at, &date_time(Offset::UTC.to_datetime(now)));
        Ok(Received::Delivered)
    }
}

fn after(wait: Duration) -> Option<Instant> {
    Instant::now().checked_add(wait)
}

/// A moment as the ABI writes it; years count modulo 65,536.
fn date_time(moment: civil::DateTime) -> DateTime {
    let small = |number: i8| u8::try_from(number).unwrap_or(0);
    let weekday = small(moment.weekday().to_monday_one_offset());
    let millis = u16::from(small(moment.second())) * 1000 + u16::try_from(moment.millisecond()).unwrap_or(0);
    DateTime {
        date: Date::new(
            moment.year().cast_unsigned(),
            small(moment.month()),
            weekday,
            small(moment.day()),
        ),
        time: Time::new(small(moment.hour()), small(moment.minute()), millis),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_count_from_the_minute() {
        let moment = date_time(civil::date(2026, 11, 21).at(5, 30, 59, 999_900_000));
        assert_eq!(
            moment,
            DateTime {
                date: Date::new(2026, 11, 6, 21),
                time: Time::new(5, 30, 59_999)
            }
        );
    }
}
