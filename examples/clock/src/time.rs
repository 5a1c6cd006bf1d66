//! Local time, and counting down.

use portico_sdk::clock::DateTime;

/// A moment so many seconds later, or earlier, by less than 28 days.
pub(crate) fn shifted(moment: &DateTime, by: i32) -> DateTime {
    const DAY: i32 = 86_400;
    // In a leap second the clock stands at the second before.
    let second = i32::from(moment.second.min(59));
    let all = (i32::from(moment.hour) * 60 + i32::from(moment.minute)) * 60 + second + by;
    let (days, rest) = (all.div_euclid(DAY), all.rem_euclid(DAY));
    let mut shifted = *moment;
    (shifted.hour, shifted.minute, shifted.second) = ((rest / 3600) as u8, (rest / 60 % 60) as u8, (rest % 60) as u8);
    shifted.weekday = (i32::from(moment.weekday) - 1 + days).rem_euclid(7) as u8 + 1;
    let mut day = i32::from(moment.day) + days;
    if day < 1 {
        (shifted.year, shifted.month) = if moment.month == 1 {
            (moment.year.wrapping_sub(1), 12)
        } else {
            (moment.year, moment.month - 1)
        };
        day += length(shifted.year, shifted.month);
    } else if day > length(moment.year, moment.month) {
        day -= length(moment.year, moment.month);
        (shifted.year, shifted.month) = if moment.month == 12 {
            (moment.year.wrapping_add(1), 1)
        } else {
            (moment.year, moment.month + 1)
        };
    }
    shifted.day = day as u8;
    shifted
}

/// Days of a month.
fn length(year: u16, month: u8) -> i32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A time of day, as it is read.
pub(crate) fn read(moment: &DateTime, twelve: bool, seconds: bool) -> String {
    let hour = if twelve {
        (moment.hour + 11) % 12 + 1
    } else {
        moment.hour
    };
    let mut text = if twelve {
        format!("{hour}:{:02}", moment.minute)
    } else {
        format!("{hour:02}:{:02}", moment.minute)
    };
    if seconds {
        text += &format!(":{:02}", moment.second);
    }
    if twelve {
        text += if moment.hour < 12 { " am" } else { " pm" };
    }
    text
}

/// How far a zone is from UTC, as it is read.
pub(crate) fn offset(seconds: i32) -> String {
    let (sign, minutes) = (if seconds < 0 { '\u{2212}' } else { '+' }, seconds.abs() / 60);
    if minutes % 60 == 0 {
        format!("UTC{sign}{}", minutes / 60)
    } else {
        format!("UTC{sign}{}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A timer that counts down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Countdown {
    /// Seconds that it was set to.
    pub(crate) all: u32,
    /// Seconds that are left.
    pub(crate) left: u32,
    /// Whether they go by.
    pub(crate) runs: bool,
}

impl Countdown {
    /// Longest time, in seconds.
    const MOST: u32 = 100 * 3600 - 1;

    /// Begins anew.
    pub(crate) fn of(seconds: u32) -> Self {
        let seconds = seconds.min(Self::MOST);
        Self {
            all: seconds,
            left: seconds,
            runs: seconds > 0,
        }
    }

    /// More time; one that had ended goes on.
    pub(crate) fn more(self, seconds: u32) -> Self {
        let left = (self.left + seconds).min(Self::MOST);
        Self {
            all: self.all.max(left),
            left,
            runs: self.runs || self.left == 0,
        }
    }

    /// So many seconds have gone by. Says whether it has come to its end now.
    pub(crate) fn tick(&mut self, seconds: u32) -> bool {
        if !self.runs {
            return false;
        }
        self.left = self.left.saturating_sub(seconds);
        self.runs = self.left > 0;
        !self.runs
    }

    /// It was set, and nothing is left of it.
    pub(crate) fn is_up(&self) -> bool {
        self.all > 0 && self.left == 0
    }

    /// What is left, as it is read.
    pub(crate) fn read(&self) -> String {
        let (hours, minutes, seconds) = (self.left / 3600, self.left / 60 % 60, self.left % 60);
        if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{minutes:02}:{seconds:02}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(year: u16, month: u8, day: u8, weekday: u8, hour: u8, minute: u8) -> DateTime {
        DateTime {
            year,
            month,
            day,
            weekday,
            hour,
            minute,
            ..DateTime::default()
        }
    }

    #[test]
    fn local_time_may_be_another_day_month_or_year() {
        assert_eq!(
            shifted(&moment(2026, 12, 31, 4, 23, 30), 3600),
            moment(2027, 1, 1, 5, 0, 30)
        );
        assert_eq!(
            shifted(&moment(2028, 3, 1, 3, 0, 15), -1800),
            moment(2028, 2, 29, 2, 23, 45)
        );
        assert_eq!(
            shifted(&moment(2027, 1, 1, 5, 4, 0), -5 * 3600),
            moment(2026, 12, 31, 4, 23, 0)
        );
        assert_eq!(
            shifted(&moment(2026, 6, 15, 1, 12, 0), 20_700),
            moment(2026, 6, 15, 1, 17, 45)
        );
    }

    #[test]
    fn times_are_read_as_the_user_does() {
        let of = |hour, minute| moment(2026, 1, 1, 4, hour, minute);
        assert_eq!(read(&of(0, 5), true, false), "12:05 am");
        assert_eq!(read(&of(13, 5), true, true), "1:05:00 pm");
        assert_eq!(read(&of(9, 5), false, false), "09:05");
        assert_eq!(
            (offset(-18_000).as_str(), offset(20_700).as_str()),
            ("UTC\u{2212}5", "UTC+5:45")
        );
    }

    #[test]
    fn a_countdown_ends_once() {
        let mut countdown = Countdown::of(2);
        assert!(!countdown.tick(1) && countdown.runs);
        assert!(countdown.tick(5) && countdown.is_up() && !countdown.runs);
        assert!(!countdown.tick(1));
        assert_eq!(
            countdown.more(60),
            Countdown {
                all: 60,
                left: 60,
                runs: true
            }
        );
        assert!(!Countdown::of(0).is_up() && !Countdown::of(0).runs);
        assert_eq!(Countdown::of(3725).read(), "1:02:05");
    }
}
