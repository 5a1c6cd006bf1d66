//! Moments as the history writes them, and as people read them.

use portico_sdk::clock::DateTime;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment as RFC 3339 has it.
pub(crate) fn write(at: &DateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.millisecond
    )
}

/// The same for people, where local time is so many seconds ahead of UTC: `Nov 21, 18:04`. What is no moment stays as it is.
pub(crate) fn read(text: &str, offset: i32) -> String {
    let Some(seconds) = seconds(text) else {
        return text.to_owned();
    };
    let minutes = (seconds + i64::from(offset)).div_euclid(60);
    let (days, minute) = (minutes.div_euclid(24 * 60), minutes.rem_euclid(24 * 60));
    let (month, day) = date(days);
    format!("{} {day}, {:02}:{:02}", MONTHS[month], minute / 60, minute % 60)
}

/// Seconds since 1970.
fn seconds(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            digits.parse().ok()
        } else {
            None
        }
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let rest = text
        .get(19..)?
        .trim_start_matches(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let ahead = match rest.as_bytes() {
        [] | [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let part = |from: usize| rest.get(from..from + 2)?.parse::<i64>().ok();
            let minutes = 60 * part(1)? + part(4)?;
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    if !(1..=12).contains(&month) {
        return None;
    }
    Some(((days(year, month, day) * 24 + hour) * 60 + minute - ahead) * 60 + second)
}

/// Days since 1970 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// Month, from 0, and day of the month.
fn date(since_1970: i64) -> (usize, i64) {
    let from_march = (since_1970 + 719_468).rem_euclid(146_097);
    let year = (from_march - from_march / 1460 + from_march / 36_524 - from_march / 146_096) / 365;
    let day = from_march - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    (((month + 2) % 12) as usize, day - (153 * month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let at = DateTime {
            year: 2028,
            month: 2,
            day: 29,
            hour: 23,
            minute: 7,
            second: 9,
            millisecond: 40,
            ..Default::default()
        };
        assert_eq!(write(&at), "2028-02-29T23:07:09.040Z");
        assert_eq!(read(&write(&at), 0), "Feb 29, 23:07");
        assert_eq!(read(&write(&at), 3600), "Mar 1, 00:07");
        assert_eq!(read("1969-12-31T23:59:59", -3600), "Dec 31, 22:59");
        assert_eq!(read("2026-03-01T12:00:01.5+02:00", 0), "Mar 1, 10:00");
        assert_eq!(read("2026-01-01T00:00:00-00:30", 0), "Jan 1, 00:30");
        assert_eq!(seconds("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(seconds("2000-03-01T00:00:00Z"), Some(951_868_800));
    }

    #[test]
    fn what_is_no_moment_stays() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00Q",
            "2026-01-01",
            "ĉ".repeat(20).as_str(),
        ] {
            assert_eq!(read(text, 0), text);
        }
    }
}
