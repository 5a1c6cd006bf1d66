//! Date, time and time zone: commands 5 and 6.

use crate::buffer::Buffer;
use crate::channel::{Fixed, Value, Watch};
use crate::host;
use crate::runtime::{Message, Next};
use portico_abi::{LeapSecond, TimeAdjustment, which};

/// A moment of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Monday 1 to Sunday 7.
    pub weekday: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 60.
    pub second: u8,
    /// Millisecond, 0 to 999.
    pub millisecond: u16,
}

impl From<portico_abi::DateTime> for DateTime {
    fn from(value: portico_abi::DateTime) -> Self {
        let millis = value.time.millis.get();
        Self {
            year: value.date.year.get(),
            month: value.date.month,
            day: value.date.day_of_month(),
            weekday: value.date.weekday(),
            hour: value.time.hour,
            minute: value.time.minute,
            second: (millis / 1000) as u8,
            millisecond: millis % 1000,
        }
    }
}

/// The time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeZone {
    /// Abbreviation in force, its first four bytes; empty for UTC.
    pub designation: String,
    /// Changes of standard time since 1970: old wall clock and new wall clock.
    pub changes: Vec<(DateTime, DateTime)>,
    /// Local time minus UTC now, in seconds.
    pub offset: i32,
    /// Whether daylight saving is in force.
    pub daylight_saving: bool,
    /// Leap seconds so far: year, month at whose end, and 1 or -1.
    pub leap_seconds: Vec<(i16, u8, i8)>,
}

/// The date and time, UTC, at first and at the start of every second.
pub fn utc() -> Watch<DateTime> {
    Watch::open(which::UTC, Fixed(portico_abi::DateTime::default()))
}

impl Value<DateTime> for Fixed<portico_abi::DateTime> {
    fn value(&self) -> DateTime {
        self.0.into()
    }
}

/// The time zone.
pub fn zone() -> Watch<TimeZone> {
    let message = Zone {
        message: portico_abi::TimeZone::default(),
        changes: Buffer::new(64),
        leap_seconds: Buffer::new(32),
        value: TimeZone::default(),
    };
    Watch::open(which::TIME_ZONE, message)
}

struct Zone {
    message: portico_abi::TimeZone,
    changes: Buffer<TimeAdjustment>,
    leap_seconds: Buffer<LeapSecond>,
    value: TimeZone,
}

impl Message for Zone {
    fn prepare(&mut self) -> u32 {
        self.message.deltas = self.changes.list();
        self.message.leap_seconds = self.leap_seconds.list();
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        let changes = self.changes.received(self.message.deltas);
        let leap_seconds = self.leap_seconds.received(self.message.leap_seconds);
        let (Some(changes), Some(leap_seconds)) = (changes, leap_seconds) else {
            return Next::Again;
        };
        let designation = self.message.designation.get().to_le_bytes();
        let end = designation
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(designation.len());
        self.value = TimeZone {
            designation: String::from_utf8_lossy(&designation[..end]).into_owned(),
            changes: changes
                .iter()
                .map(|change| (change.when.into(), change.new.into()))
                .collect(),
            offset: seconds(self.message.offset.into()),
            daylight_saving: self.message.is_dst != 0,
            leap_seconds: leap_seconds
                .iter()
                .map(|leap| (leap.year.get(), leap.month, leap.delta))
                .collect(),
        };
        Next::Ready
    }
}

impl Value<TimeZone> for Zone {
    fn value(&self) -> TimeZone {
        self.value.clone()
    }
}

/// An offset is the moment that replaces the start of year 0: one in year 65,535 is negative and counts back from there.
fn seconds(offset: DateTime) -> i32 {
    let days = if offset.year == 0 {
        i32::from(offset.day) - 1
    } else {
        i32::from(offset.day) - 32
    };
    let time = (i32::from(offset.hour) * 60 + i32::from(offset.minute)) * 60 + i32::from(offset.second);
    days * 86_400 + time
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use portico_abi::{Date, DateTime, Time};

    #[test]
    fn offsets_go_both_ways() {
        let offset = |year, month, day, hour, minute| {
            let date = Date::new(year, month, 1, day);
            seconds(
                DateTime {
                    date,
                    time: Time::new(hour, minute, 0),
                }
                .into(),
            )
        };
        assert_eq!(offset(0, 1, 1, 5, 45), 20_700);
        assert_eq!(offset(0, 1, 1, 0, 0), 0);
        assert_eq!(offset(65_535, 12, 31, 19, 0), -18_000);
    }
}
