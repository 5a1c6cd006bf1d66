//! The time zone.

use super::{after, date_time, system_zone};
use crate::Host;
use jiff::tz::{Dst, Offset, TimeZone as Zone};
use jiff::{SignedDuration, Timestamp, civil};
use portico_abi::{LeapSecond, TimeAdjustment, TimeZone as Message};
use portico_kernel::{Buffer, Channel, Cx, Failure, Fault, Reading, Received, Sent};
use std::mem::offset_of;
use std::time::Duration;
use zerocopy::IntoBytes;

/// Leap seconds that were inserted at the end of June, and of December.
const JUNE: [i16; 11] = [1972, 1981, 1982, 1983, 1985, 1992, 1993, 1994, 1997, 2012, 2015];
const DECEMBER: [i16; 16] = [
    1972, 1973, 1974, 1975, 1976, 1977, 1978, 1979, 1987, 1989, 1990, 1995, 1998, 2005, 2008, 2016,
];

pub(super) fn open() -> Box<dyn Channel<Host>> {
    Box::new(ZoneChannel {
        at: 0,
        deltas: Buffer::default(),
        leap_seconds: Buffer::default(),
        delivered: None,
    })
}

/// A change of the zone shows at its next transition. When the user chooses another zone, it shows then too: looking for that
/// all the time would keep an idle program awake.
struct ZoneChannel {
    at: u32,
    deltas: Buffer,
    leap_seconds: Buffer,
    delivered: Option<Described>,
}

impl Channel<Host> for ZoneChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "TimeZone")?;
        let field = |offset: usize| at.wrapping_add(offset as u32);
        self.deltas = cx
            .memory
            .buffer::<TimeAdjustment>(field(offset_of!(Message, deltas)), "deltas")?;
        self.leap_seconds = cx
            .memory
            .buffer::<LeapSecond>(field(offset_of!(Message, leap_seconds)), "leap_seconds")?;
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
        let zone = system_zone();
        let described = describe(&zone, now);
        let next = zone
            .following(now)
            .next()
            .map(|next| next.timestamp().duration_since(now));
        cx.ready_at(next.and_then(|wait| Duration::try_from(wait).ok()).and_then(after));
        if self.delivered.as_ref() == Some(&described) {
            return Ok(Received::Nothing);
        }
        let leap_seconds = leap_seconds();
        let (deltas, leaps) = (described.deltas.as_bytes(), leap_seconds.as_bytes());
        if !cx.memory.fill(&[(self.deltas, deltas), (self.leap_seconds, leaps)]) {
            return Ok(Received::TooSmall);
        }
        let leap = leap_seconds.iter().map(|leap| i16::from(leap.delta)).sum::<i16>();
        let field = |offset: usize| self.at.wrapping_add(offset as u32);
        cx.memory
            .deliver(field(offset_of!(Message, designation)), &described.designation);
        cx.memory.deliver(field(offset_of!(Message, offset)), &described.offset);
        cx.memory.deliver(field(offset_of!(Message, leap)), &leap.to_le_bytes());
        cx.memory
            .deliver(field(offset_of!(Message, is_dst)), &[u8::from(described.is_dst), 0]);
        self.delivered = Some(described);
        Ok(Received::Delivered)
    }
}

/// Description of a zone at a moment, as the ABI has it.
#[derive(Debug, PartialEq)]
struct Described {
    designation: [u8; 4],
    offset: portico_abi::DateTime,
    is_dst: bool,
    deltas: Vec<TimeAdjustment>,
}

fn describe(zone: &Zone, now: Timestamp) -> Described {
    let info = zone.to_offset_info(now);
    let (offset, is_dst) = (info.offset(), info.dst() == Dst::Yes);
    let mut designation = [0; 4];
    if !(zone.is_unknown() || offset == Offset::UTC && matches!(info.abbreviation(), "UTC" | "UCT")) {
        for (to, from) in designation.iter_mut().zip(info.abbreviation().bytes()) {
            *to = from;
        }
    }
    let zero = civil::date(0, 1, 1).at(0, 0, 0, 0);
    let offset = zero.saturating_add(SignedDuration::from_secs(offset.seconds().into()));
    Described {
        designation,
        offset: date_time(offset),
        is_dst,
        deltas: deltas(zone, now),
    }
}

/// Changes of standard time since 1970. One that comes during daylight saving counts from the end of it.
fn deltas(zone: &Zone, now: Timestamp) -> Vec<TimeAdjustment> {
    let start = zone.to_offset_info(Timestamp::UNIX_EPOCH);
    let mut standard = match start.dst() {
        Dst::No => start.offset(),
        Dst::Yes => zone
            .preceding(Timestamp::UNIX_EPOCH)
            .find(|before| before.dst() == Dst::No)
            .map_or(start.offset(), |before| before.offset()),
    };
    let mut deltas = Vec::new();
    for change in zone
        .following(Timestamp::UNIX_EPOCH)
        .take_while(|change| change.timestamp() <= now)
    {
        if change.dst() == Dst::No && change.offset() != standard {
            deltas.push(TimeAdjustment {
                when: date_time(standard.to_datetime(change.timestamp())),
                new: date_time(change.offset().to_datetime(change.timestamp())),
            });
            standard = change.offset();
        }
    }
    deltas
}

fn leap_seconds() -> Vec<LeapSecond> {
    let at = |month| {
        move |year: &i16| LeapSecond {
            year: (*year).into(),
            month,
            delta: 1,
        }
    };
    let mut all: Vec<_> = JUNE.iter().map(at(6)).chain(DECEMBER.iter().map(at(12))).collect();
    all.sort_by_key(|leap| (leap.year.get(), leap.month));
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use portico_abi::{Date, DateTime, Time};

    fn at(zone: &str, moment: &str) -> Described {
        describe(&Zone::get(zone).unwrap(), moment.parse().unwrap())
    }

    fn moment(date: (u16, u8, u8, u8), hour: u8, minute: u8, millis: u16) -> DateTime {
        DateTime {
            date: Date::new(date.0, date.1, date.2, date.3),
            time: Time::new(hour, minute, millis),
        }
    }

    #[test]
    fn east_of_greenwich() {
        let summer = at("Europe/Berlin", "2026-07-01T00:00:00Z");
        assert_eq!((&summer.designation, summer.is_dst), (b"CEST", true));
        assert_eq!(summer.offset, moment((0, 1, 6, 1), 2, 0, 0));
        let winter = at("Europe/Berlin", "2026-12-01T00:00:00Z");
        assert_eq!((&winter.designation, winter.is_dst), (b"CET\0", false));
        assert_eq!(winter.offset, moment((0, 1, 6, 1), 1, 0, 0));
        assert_eq!(winter.deltas, []);
        let kolkata = at("Asia/Kolkata", "2026-12-01T00:00:00Z");
        assert_eq!(
            (&kolkata.designation, kolkata.offset),
            (b"IST\0", moment((0, 1, 6, 1), 5, 30, 0))
        );
        assert_eq!(kolkata.deltas, []);
    }

    #[test]
    fn west_of_greenwich_counts_back_from_year_zero() {
        let york = at("America/New_York", "2026-12-01T00:00:00Z");
        assert_eq!((&york.designation, york.is_dst), (b"EST\0", false));
        assert_eq!(york.offset, moment((65_535, 12, 5, 31), 19, 0, 0));
        assert_eq!(york.deltas, []);
    }

    #[test]
    fn a_change_of_standard_time_goes_from_wall_clock_to_wall_clock() {
        // Liberia left −0:44:30 for Greenwich on Friday 1972-01-07.
        let monrovia = at("Africa/Monrovia", "2026-12-01T00:00:00Z");
        let change = TimeAdjustment {
            when: moment((1972, 1, 5, 7), 0, 0, 0),
            new: moment((1972, 1, 5, 7), 0, 44, 30_000),
        };
        assert_eq!(monrovia.deltas, [change]);
        assert_eq!(at("Africa/Monrovia", "1971-06-01T00:00:00Z").deltas, []);
    }

    #[test]
    fn utc_has_no_name() {
        let utc = at("Etc/UTC", "2026-12-01T00:00:00Z");
        assert_eq!((utc.designation, utc.offset), ([0; 4], moment((0, 1, 6, 1), 0, 0, 0)));
    }

    #[test]
    fn there_were_27_leap_seconds() {
        let all = leap_seconds();
        assert_eq!(all.len(), 27);
        assert_eq!(all.iter().map(|leap| i16::from(leap.delta)).sum::<i16>(), 27);
        let first = (all[0].year.get(), all[0].month, all[1].year.get(), all[1].month);
        assert_eq!(first, (1972, 6, 1972, 12));
        assert_eq!((all[26].year.get(), all[26].month), (2016, 12));
    }
}
