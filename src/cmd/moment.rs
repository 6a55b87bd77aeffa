//! Times as people type them on a command line, read in the site's zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::Failure;
use crate::calendar::civil::place;

/// What somebody typed: an instant, or a whole day.
enum Typed {
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

/// Reads a time from which on something is wanted; a day means its beginning.
pub(super) fn start(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    Ok(match read(text, now, zone)? {
        Typed::Instant(instant) => instant,
        Typed::Day(day) => place(day.and_time(NaiveTime::MIN), zone).to_utc(),
    })
}

/// Reads a time until which something is wanted; a day means its end, as in `valid_until`.
pub(super) fn end(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    Ok(match read(text, now, zone)? {
        Typed::Instant(instant) => instant,
        Typed::Day(day) => {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
            place(next.and_time(NaiveTime::MIN), zone).to_utc()
        }
    })
}

/// Accepts `2026-11-23`, `2026-11-23T06:30`, `06:30` (today) and RFC 3339; a blank does for the `T`.
fn read(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<Typed, Failure> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(Typed::Instant(instant.to_utc()));
    }
    if let Ok(day) = text.parse() {
        return Ok(Typed::Day(day));
    }
    let civil =
        civil(text).or_else(|| time(text).map(|time| now.with_timezone(&zone).date_naive().and_time(time)));
    civil.map(|civil| Typed::Instant(place(civil, zone).to_utc())).ok_or_else(|| unreadable(text))
}

fn civil(text: &str) -> Option<NaiveDateTime> {
    let (day, time_of_day) = text.split_once(['T', 't', ' '])?;
    Some(day.parse::<NaiveDate>().ok()?.and_time(time(time_of_day)?))
}

fn time(text: &str) -> Option<NaiveTime> {
    let formats = ["%H:%M", "%H:%M:%S"];
    formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

fn unreadable(text: &str) -> Failure {
    Failure::new(
        format!("看不懂时间“{text}”；可写 2026-11-23、2026-11-23T06:30 或 06:30"),
        format!("{text:?} is not a time; write 2026-11-23, 2026-11-23T06:30 or 06:30"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::Asia__Shanghai;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_way_to_write_a_time_is_read_in_the_sites_zone() {
        let now = at("2026-11-23T23:30:00+08:00");
        for text in
            ["2026-11-23T06:30", "2026-11-23 06:30", "06:30", "6:30", "06:30:00", "2026-11-22T22:30:00Z"]
        {
            assert_eq!(start(text, now, ZONE).unwrap(), at("2026-11-23T06:30:00+08:00"), "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_and_ends_at_the_next() {
        let now = at("2026-11-23T12:00:00+08:00");
        assert_eq!(start("2026-11-24", now, ZONE).unwrap(), at("2026-11-24T00:00:00+08:00"));
        assert_eq!(end("2026-11-24", now, ZONE).unwrap(), at("2026-11-25T00:00:00+08:00"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "tomorrow", "25:00", "2026-02-30", "2026-11-23T", "6"] {
            assert!(start(text, at("2026-11-23T12:00:00+08:00"), ZONE).is_err(), "{text}");
        }
    }
}
