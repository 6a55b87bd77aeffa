//! Times as people type them on a command line, read in the site's zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::Failure;
use crate::calendar::civil::{midnight, place};

/// What somebody typed: an instant, or a whole day.
enum Typed {
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

/// Reads a time from which on something is wanted; a day means its beginning.
pub(super) fn start(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    match read(text, now, zone) {
        Some(Typed::Instant(instant)) => Ok(instant),
        Some(Typed::Day(day)) => Ok(midnight(day, zone)),
        None => Err(no_time(text)),
    }
}

/// Reads a time until which something is wanted; a day means its end, as in `valid_until`.
pub(super) fn end(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    match read(text, now, zone) {
        Some(Typed::Instant(instant)) => Ok(instant),
        Some(Typed::Day(day)) => Ok(midnight(after(day), zone)),
        None => Err(no_time(text)),
    }
}

/// Reads a day, and returns its first instant and the first of the next.
pub(super) fn day(
    text: &str,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    match read(text, now, zone) {
        Some(Typed::Day(day)) => Ok((midnight(day, zone), midnight(after(day), zone))),
        _ => Err(no_day(text)),
    }
}

/// Accepts `2026-11-23`, `today`, `2026-11-23T06:30`, `06:30` (today) and RFC 3339; a blank does for the `T`.
fn read(text: &str, now: DateTime<Utc>, zone: Tz) -> Option<Typed> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Typed::Instant(instant.to_utc()));
    }
    let today = now.with_timezone(&zone).date_naive();
    let day = match text {
        "today" | "今天" => Some(today),
        "yesterday" | "昨天" => today.pred_opt(),
        "tomorrow" | "明天" => today.succ_opt(),
        date => date.parse().ok(),
    };
    if let Some(day) = day {
        return Some(Typed::Day(day));
    }
    let civil = civil(text).or_else(|| Some(today.and_time(time(text)?)))?;
    Some(Typed::Instant(place(civil, zone).to_utc()))
}

fn civil(text: &str) -> Option<NaiveDateTime> {
    let (day, time_of_day) = text.split_once(['T', 't', ' '])?;
    Some(day.parse::<NaiveDate>().ok()?.and_time(time(time_of_day.trim())?))
}

fn time(text: &str) -> Option<NaiveTime> {
    let formats = ["%H:%M", "%H:%M:%S"];
    formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

fn after(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

fn no_time(text: &str) -> Failure {
    Failure::new(
        format!("看不懂时间“{text}”；可写 2026-11-23、“2026-11-23 06:30”、06:30 或今天"),
        format!("{text:?} is not a time; write 2026-11-23, \"2026-11-23 06:30\", 06:30 or today"),
    )
}

fn no_day(text: &str) -> Failure {
    Failure::new(
        format!("看不懂日期“{text}”；可写 2026-11-23、今天、昨天或明天"),
        format!("{text:?} is not a day; write 2026-11-23, today, yesterday or tomorrow"),
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
        // In the village it is the 23rd already.
        let now = at("2026-11-22T20:00:00Z");
        for text in [
            "2026-11-23T06:30",
            "2026-11-23 06:30",
            "2026-11-23  06:30:00",
            "06:30",
            "6:30",
            "06:30:00",
            "2026-11-22T22:30:00Z",
            "2026-11-23T06:30:00+08:00",
        ] {
            assert_eq!(start(text, now, ZONE).unwrap(), at("2026-11-23T06:30:00+08:00"), "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_village_and_ends_at_the_next() {
        let now = at("2026-11-22T20:00:00Z");
        let (first, next) = (at("2026-11-24T00:00:00+08:00"), at("2026-11-25T00:00:00+08:00"));
        for text in ["2026-11-24", "明天", "tomorrow"] {
            assert_eq!(start(text, now, ZONE).unwrap(), first, "{text}");
            assert_eq!(end(text, now, ZONE).unwrap(), next, "{text}");
            assert_eq!(day(text, now, ZONE).unwrap(), (first, next), "{text}");
        }
        assert_eq!(start("今天", now, ZONE).unwrap(), at("2026-11-23T00:00:00+08:00"));
        assert_eq!(start("yesterday", now, ZONE).unwrap(), at("2026-11-22T00:00:00+08:00"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let now = at("2026-11-23T12:00:00+08:00");
        for text in ["", "礼拜一", "6点半", "25:00", "2026-02-30", "23.11.2026", "2026-11-23T", "6"] {
            assert!(start(text, now, ZONE).is_err() && end(text, now, ZONE).is_err(), "{text}");
        }
        assert!(day("06:30", now, ZONE).is_err());
    }
}
