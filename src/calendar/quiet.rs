//! Quiet hours (静音时段): civil time of day, every day, past midnight too.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::model::{Limits, QuietHours};

use super::civil::every_place;

/// Tells whether the clock on the wall stands within a quiet part at `instant`. In a repeated hour both passes count:
/// people asleep do not care which one it is.
pub fn is_quiet(limits: &Limits, zone: Tz, instant: DateTime<Utc>) -> bool {
    let time = instant.with_timezone(&zone).time();
    limits.quiet_hours.iter().any(|part| covers(*part, time))
}

/// Returns when the next quiet part begins, strictly after an `instant` that is not quiet; none if there are no quiet
/// hours, or if it is quiet already.
pub fn next_quiet(limits: &Limits, zone: Tz, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let quiet_now = is_quiet(limits, zone, instant);
    if quiet_now { None } else { next_change(limits, zone, instant, true) }
}

/// Returns the first instant after a quiet `instant` that is not quiet; none if it is not quiet, or quiet for ever.
/// Parts that touch or overlap count as one.
pub fn quiet_until(limits: &Limits, zone: Tz, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if is_quiet(limits, zone, instant) { next_change(limits, zone, instant, false) } else { None }
}

fn covers(part: QuietHours, time: NaiveTime) -> bool {
    if part.from < part.until {
        part.from <= time && time < part.until
    } else {
        part.from <= time || time < part.until
    }
}

/// The first instant after `after` that is an edge of some part, or a step of the zone's offset, and is quiet or not
/// as asked. Nothing else can change the answer.
fn next_change(limits: &Limits, zone: Tz, after: DateTime<Utc>, quiet: bool) -> Option<DateTime<Utc>> {
    let yesterday = after.with_timezone(&zone).date_naive().checked_sub_days(Days::new(1))?;
    let horizon = after.checked_add_days(Days::new(3))?;
    let edges = yesterday.iter_days().take(5).flat_map(|date| edges(limits, zone, date));
    let candidates = edges.chain(offset_step(zone, after, horizon));
    candidates.filter(|at| *at > after && is_quiet(limits, zone, *at) == quiet).min()
}

fn edges(limits: &Limits, zone: Tz, date: NaiveDate) -> impl Iterator<Item = DateTime<Utc>> {
    let times = limits.quiet_hours.iter().flat_map(|part| [part.from, part.until]);
    times.flat_map(move |time| every_place(date.and_time(time), zone))
}

/// Finds the instant in `(from, until]` at which the zone's offset changes; zones do so months apart, so one is all
/// there is in a few days.
fn offset_step(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let (mut before, mut after) = (from.timestamp(), until.timestamp());
    let offset = local(from);
    if local(until) == offset {
        return None;
    }
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let unchanged = local(DateTime::from_timestamp(middle, 0)?) == offset;
        if unchanged { before = middle } else { after = middle }
    }
    DateTime::from_timestamp(after, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::Asia__Shanghai;
    const NEW_YORK: Tz = Tz::America__New_York;

    fn limits(parts: &[(&str, &str)]) -> Limits {
        let time = |text: &str| text.parse().unwrap();
        let quiet_hours =
            parts.iter().map(|(from, until)| QuietHours { from: time(from), until: time(until) }).collect();
        Limits { quiet_hours, ..Limits::default() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_part_past_midnight_is_quiet_on_both_sides_and_loud_at_its_end() {
        let night = limits(&[("21:30:00", "06:00:00")]);
        for (instant, quiet) in [
            ("2026-11-23T21:29:59+08:00", false),
            ("2026-11-23T21:30:00+08:00", true),
            ("2026-11-24T00:00:00+08:00", true),
            ("2026-11-24T05:59:59.999+08:00", true),
            ("2026-11-24T06:00:00+08:00", false),
        ] {
            assert_eq!(is_quiet(&night, ZONE, at(instant)), quiet, "{instant}");
        }
        assert_eq!(
            next_quiet(&night, ZONE, at("2026-11-24T06:00:00+08:00")),
            Some(at("2026-11-24T21:30:00+08:00"))
        );
        assert_eq!(
            quiet_until(&night, ZONE, at("2026-11-23T22:00:00+08:00")),
            Some(at("2026-11-24T06:00:00+08:00"))
        );
    }

    #[test]
    fn the_nearest_of_several_parts_comes_next_and_touching_parts_are_one() {
        let parts = limits(&[("21:30:00", "06:00:00"), ("12:30:00", "14:00:00"), ("14:00:00", "14:30:00")]);
        assert_eq!(
            next_quiet(&parts, ZONE, at("2026-11-24T06:00:00+08:00")),
            Some(at("2026-11-24T12:30:00+08:00"))
        );
        assert_eq!(
            quiet_until(&parts, ZONE, at("2026-11-24T13:00:00+08:00")),
            Some(at("2026-11-24T14:30:00+08:00"))
        );
    }

    #[test]
    fn a_part_that_ends_where_it_begins_is_the_whole_day() {
        let always = limits(&[("08:00:00", "08:00:00")]);
        assert!(is_quiet(&always, ZONE, at("2026-11-24T07:59:59+08:00")));
        assert_eq!(quiet_until(&always, ZONE, at("2026-11-24T07:59:59+08:00")), None);
    }

    #[test]
    fn without_quiet_hours_nothing_is_ever_quiet() {
        let none = Limits::default();
        assert!(!is_quiet(&none, ZONE, at("2026-11-24T03:00:00+08:00")));
        assert_eq!(next_quiet(&none, ZONE, at("2026-11-24T03:00:00+08:00")), None);
    }

    #[test]
    fn a_part_that_begins_in_a_skipped_hour_begins_after_it() {
        let part = limits(&[("02:30:00", "05:00:00")]);
        let before = at("2026-03-08T01:30:00-05:00");
        assert_eq!(next_quiet(&part, NEW_YORK, before), Some(at("2026-03-08T03:00:00-04:00")));
        let swallowed = limits(&[("02:15:00", "02:45:00")]);
        assert_eq!(next_quiet(&swallowed, NEW_YORK, before), Some(at("2026-03-09T02:15:00-04:00")));
    }

    #[test]
    fn a_part_within_a_repeated_hour_is_quiet_twice() {
        let part = limits(&[("00:30:00", "01:15:00")]);
        let first = at("2026-11-01T00:45:00-04:00");
        assert_eq!(quiet_until(&part, NEW_YORK, first), Some(at("2026-11-01T01:15:00-04:00")));
        let between = at("2026-11-01T01:30:00-04:00");
        assert!(!is_quiet(&part, NEW_YORK, between));
        assert_eq!(next_quiet(&part, NEW_YORK, between), Some(at("2026-11-01T01:00:00-05:00")));
        let second = at("2026-11-01T01:10:00-05:00");
        assert_eq!(quiet_until(&part, NEW_YORK, second), Some(at("2026-11-01T01:15:00-05:00")));
    }
}
