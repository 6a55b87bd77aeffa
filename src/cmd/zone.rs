//! The civil time in which the log is read and asked.

use std::fs;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Context, Failure};
use crate::calendar::civil;

/// Returns the station file's time zone, and 北京时间 when there is none to be had.
///
/// Only that one key is looked at: the log has to be readable with a station file full of mistakes, and without one.
pub(super) fn zone(context: &Context) -> Tz {
    let read = || {
        let text = fs::read_to_string(&context.config).ok()?;
        text.parse::<toml::Table>().ok()?.get("time_zone")?.as_str()?.parse().ok()
    };
    read().unwrap_or(Tz::Asia__Shanghai)
}

/// Reads a point in time as people type it: `2026-11-23T06:30:00+08:00`, `2026-11-23 06:30`, `2026-11-23`, or a time
/// of today, `06:30`.
pub(super) fn instant(typed: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let typed = typed.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(typed) {
        return Ok(instant.to_utc());
    }
    let today = now.with_timezone(&zone).date_naive();
    let time =
        |text: &str| ["%H:%M:%S", "%H:%M"].iter().find_map(|f| NaiveTime::parse_from_str(text, f).ok());
    let civil = match typed.split_once(['T', ' ']) {
        Some((date, clock)) => {
            date.parse::<NaiveDate>().ok().zip(time(clock.trim())).map(|(d, t)| d.and_time(t))
        }
        None => typed.parse::<NaiveDate>().map(midnight).ok().or_else(|| Some(today.and_time(time(typed)?))),
    };
    match civil {
        Some(civil) => Ok(civil::place(civil, zone).to_utc()),
        None => Err(Failure::new(
            format!("看不懂时间“{typed}”；请写成 2026-11-23、“2026-11-23 06:30”或 06:30"),
            format!("{typed:?} is no time; write 2026-11-23, \"2026-11-23 06:30\" or 06:30"),
        )),
    }
}

/// Reads a day as people type it, and returns its first instant and the first of the next.
pub(super) fn day(
    typed: &str,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let today = now.with_timezone(&zone).date_naive();
    let date = match typed.trim() {
        "today" | "今天" => Some(today),
        "yesterday" | "昨天" => today.pred_opt(),
        date => date.parse().ok(),
    };
    let next = date.and_then(|date| date.checked_add_signed(TimeDelta::days(1)));
    match date.zip(next) {
        Some((date, next)) => {
            let start = |date| civil::place(midnight(date), zone).to_utc();
            Ok((start(date), start(next)))
        }
        None => Err(Failure::new(
            format!("看不懂日期“{typed}”；请写成 2026-11-23、今天或昨天"),
            format!("{typed:?} is no day; write 2026-11-23, today or yesterday"),
        )),
    }
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> String {
        // In the village it is the 24th already.
        let now = "2026-11-23T20:00:00Z".parse().unwrap();
        instant(typed, Tz::Asia__Shanghai, now)
            .map_or_else(|_| "?".to_owned(), |instant| instant.to_rfc3339())
    }

    #[test]
    fn a_time_is_read_in_the_zone_of_the_village() {
        assert_eq!(read("2026-11-23T06:30:00+08:00"), "2026-11-22T22:30:00+00:00");
        assert_eq!(read("2026-11-23 06:30"), "2026-11-22T22:30:00+00:00");
        assert_eq!(read("2026-11-23T06:30:15"), "2026-11-22T22:30:15+00:00");
        assert_eq!(read("2026-11-23"), "2026-11-22T16:00:00+00:00");
        assert_eq!(read("06:30"), "2026-11-23T22:30:00+00:00");
        for wrong in ["", "6点半", "2026-02-30", "25:00", "23.11.2026"] {
            assert_eq!(read(wrong), "?", "{wrong}");
        }
    }

    #[test]
    fn a_day_runs_from_midnight_to_midnight_of_the_village() {
        let now = "2026-11-23T20:00:00Z".parse().unwrap();
        let span = |typed: &str| day(typed, Tz::Asia__Shanghai, now).unwrap().0.to_rfc3339();
        assert_eq!(span("今天"), "2026-11-23T16:00:00+00:00");
        assert_eq!(span("yesterday"), "2026-11-22T16:00:00+00:00");
        assert_eq!(span("2026-11-24"), "2026-11-23T16:00:00+00:00");
    }
}
