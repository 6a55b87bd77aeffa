//! When a schedule fires: a table of cases, the clock's traps by name, and properties that hold for any schedule.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::time::Duration;

use chrono::{DateTime, Days as Span, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use dalaba::calendar::{Almanac, CivilSlot, Rotation, cron, occurrences, slots};
use dalaba::model::{CalendarId, Days, MessageId, Order, Schedule, Start, UserCalendar, When};
use proptest::prelude::*;

const SHANGHAI: Tz = Tz::Asia__Shanghai;
const NEW_YORK: Tz = Tz::America__New_York;

fn schedule(when: When) -> Schedule {
    Schedule {
        when,
        days: Days::Every,
        calendar: None,
        messages: vec![MessageId::new("头盔").unwrap()],
        order: Order::Listed,
        start: Start::Soft,
        grace: Duration::from_mins(10),
        gap: Duration::from_secs(2),
        chime: None,
    }
}

fn by_cron(text: &str) -> Schedule {
    let line = cron::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    schedule(When::Cron(Box::new(line.schedule)))
}

fn by_times(times: &[&str]) -> Schedule {
    schedule(When::At(times.iter().map(|time| format!("{time}:00").parse().unwrap()).collect()))
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn almanac() -> Almanac {
    let market = UserCalendar {
        id: CalendarId::new("赶集").unwrap(),
        lunar_days: vec![2, 7, 12, 17, 22, 27],
        lunar: Vec::new(),
        dates: Vec::new(),
        weekdays: chrono::WeekdaySet::EMPTY,
        except: Vec::new(),
    };
    Almanac::new(Almanac::builtin_years(), vec![market])
}

fn fired(schedule: &Schedule, zone: Tz, from: &str, until: &str) -> Vec<String> {
    let almanac = almanac();
    occurrences(schedule, &almanac, zone, instant(from), instant(until)).map(|due| due.to_rfc3339()).collect()
}

#[test]
fn a_table_of_schedules_fires_when_a_person_would_say() {
    let week = ("2026-11-23T00:00:00+08:00", "2026-11-30T00:00:00+08:00");
    let holiday = ("2026-02-13T00:00:00+08:00", "2026-02-25T00:00:00+08:00");
    let with_days = |days| Schedule { days, ..by_times(&["06:30"]) };
    let cases: [(Schedule, (&str, &str), &[&str]); 8] = [
        (by_cron("30 6,18 * * mon"), week, &["2026-11-23T06:30:00+08:00", "2026-11-23T18:30:00+08:00"]),
        (by_cron("30 6 * * sat-sun"), week, &["2026-11-28T06:30:00+08:00", "2026-11-29T06:30:00+08:00"]),
        (by_cron("0 8 24,25 11 wed"), week, &["2026-11-25T08:00:00+08:00"]),
        (by_cron("0 8 30 2 *"), week, &[]),
        (
            Schedule {
                days: Days::Weekdays([Weekday::Fri].into_iter().collect()),
                ..by_times(&["06:30", "18:00"])
            },
            week,
            &["2026-11-27T06:30:00+08:00", "2026-11-27T18:00:00+08:00"],
        ),
        (
            with_days(Days::Workdays),
            holiday,
            &["2026-02-13T06:30:00+08:00", "2026-02-14T06:30:00+08:00", "2026-02-24T06:30:00+08:00"],
        ),
        (
            Schedule { days: Days::Restdays, ..by_cron("30 6 15,16 * *") },
            holiday,
            &["2026-02-15T06:30:00+08:00", "2026-02-16T06:30:00+08:00"],
        ),
        (
            Schedule { calendar: Some(CalendarId::new("赶集").unwrap()), ..by_times(&["06:30"]) },
            holiday,
            &["2026-02-14T06:30:00+08:00", "2026-02-18T06:30:00+08:00", "2026-02-23T06:30:00+08:00"],
        ),
    ];
    for (schedule, (from, until), expected) in cases {
        assert_eq!(fired(&schedule, SHANGHAI, from, until), expected, "{:?}", schedule.when);
    }
}

#[test]
fn a_window_holds_its_first_instant_and_not_its_last() {
    let every_hour = by_cron("0 * * * *");
    assert_eq!(
        fired(&every_hour, SHANGHAI, "2026-11-23T06:00:00+08:00", "2026-11-23T07:00:00+08:00"),
        ["2026-11-23T06:00:00+08:00"]
    );
    assert!(
        fired(&every_hour, SHANGHAI, "2026-11-23T06:00:00+08:00", "2026-11-23T06:00:00+08:00").is_empty()
    );
}

/// `LibreTime` #3236: a schedule stayed an hour off after the spring change.
#[test]
fn libretime_3236_a_schedule_keeps_its_civil_time_over_the_spring_change() {
    let breakfast = by_times(&["06:30"]);
    assert_eq!(
        fired(&breakfast, NEW_YORK, "2026-03-07T00:00:00-05:00", "2026-03-10T00:00:00-04:00"),
        ["2026-03-07T06:30:00-05:00", "2026-03-08T06:30:00-04:00", "2026-03-09T06:30:00-04:00"]
    );
}

/// eas-station #2146: the UTC weekday was compared with a local schedule, and it fired hours early.
#[test]
fn eas_station_2146_a_weekday_is_the_civil_one() {
    let monday = ["2026-11-23T06:30:00+08:00"];
    let window = ("2026-11-21T00:00:00+08:00", "2026-11-28T00:00:00+08:00");
    let named =
        Schedule { days: Days::Weekdays([Weekday::Mon].into_iter().collect()), ..by_times(&["06:30"]) };
    assert_eq!(fired(&named, SHANGHAI, window.0, window.1), monday);
    assert_eq!(fired(&by_cron("30 6 * * mon"), SHANGHAI, window.0, window.1), monday);
    assert_eq!(
        fired(&by_cron("0 23 * * mon"), NEW_YORK, "2026-11-22T00:00:00-05:00", "2026-11-25T00:00:00-05:00"),
        ["2026-11-23T23:00:00-05:00"],
        "Tuesday in UTC"
    );
}

/// robfig/cron #541: a job in the missing hour was skipped.
#[test]
fn robfig_cron_541_a_time_in_the_missing_hour_fires_right_after_it() {
    let night = ("2026-03-08T00:00:00-05:00", "2026-03-08T06:00:00-04:00");
    let expected = ["2026-03-08T03:00:00-04:00"];
    assert_eq!(fired(&by_cron("30 2 * * *"), NEW_YORK, night.0, night.1), expected);
    assert_eq!(fired(&by_times(&["02:30"]), NEW_YORK, night.0, night.1), expected);
    assert_eq!(
        fired(&by_cron("*/20 2,3 * * *"), NEW_YORK, night.0, night.1),
        ["2026-03-08T03:00:00-04:00", "2026-03-08T03:20:00-04:00", "2026-03-08T03:40:00-04:00"],
        "four times name the same instant, which fires once"
    );
}

/// node-cron #563: a job in the repeated hour fired twice.
#[test]
fn node_cron_563_a_time_in_the_repeated_hour_fires_the_first_time_only() {
    let night = ("2026-11-01T00:00:00-04:00", "2026-11-01T06:00:00-05:00");
    let expected = ["2026-11-01T01:30:00-04:00"];
    assert_eq!(fired(&by_cron("30 1 * * *"), NEW_YORK, night.0, night.1), expected);
    assert_eq!(fired(&by_times(&["01:30"]), NEW_YORK, night.0, night.1), expected);
    assert_eq!(
        fired(&by_cron("*/30 1,2 * * *"), NEW_YORK, night.0, night.1),
        [
            "2026-11-01T01:00:00-04:00",
            "2026-11-01T01:30:00-04:00",
            "2026-11-01T02:00:00-05:00",
            "2026-11-01T02:30:00-05:00"
        ]
    );
}

#[test]
fn a_second_by_second_year_is_not_made_before_it_is_asked_for() {
    let flood = by_cron("* * * * * *");
    let almanac = almanac();
    let from = instant("2026-01-01T00:00:00+08:00");
    let first: Vec<_> =
        occurrences(&flood, &almanac, SHANGHAI, from, from + Span::new(365)).take(3).collect();
    assert_eq!(first.len(), 3);
}

#[test]
fn windows_at_the_ends_of_time_are_empty_and_do_no_harm() {
    let flood = by_cron("* * * * * *");
    let almanac = almanac();
    let after = DateTime::<Utc>::MAX_UTC - TimeDelta::days(400);
    assert_eq!(occurrences(&flood, &almanac, NEW_YORK, after, DateTime::<Utc>::MAX_UTC).count(), 0);
    let none = occurrences(
        &by_times(&["06:30"]),
        &almanac,
        NEW_YORK,
        DateTime::<Utc>::MIN_UTC,
        DateTime::<Utc>::UNIX_EPOCH,
    )
    .count();
    assert_eq!(none, 0, "1970 begins in New York's evening of 1969");
}

fn numbered(schedule: &Schedule, zone: Tz, from: &str, until: &str) -> Vec<u64> {
    let almanac = almanac();
    let mut rotation = Rotation::new(schedule, &almanac);
    let found: Vec<CivilSlot> = slots(schedule, &almanac, zone, instant(from), instant(until)).collect();
    found.iter().map(|slot| rotation.index(slot.civil)).collect()
}

fn assert_counts_on(numbers: &[u64]) {
    assert!(numbers.len() > 1, "{numbers:?}");
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

#[test]
fn rotation_takes_the_next_number_each_time_whatever_the_rhythm() {
    let window = ("2025-12-20T00:00:00+08:00", "2026-03-10T00:00:00+08:00");
    for schedule in [
        by_cron("0 30 6,12,18 * * *"),
        by_cron("30 6 * * mon"),
        by_cron("*/7 5-8 1,15 * *"),
        by_times(&["06:30", "12:00", "18:45"]),
        Schedule { days: Days::Workdays, ..by_times(&["06:30", "18:00"]) },
        Schedule { calendar: Some(CalendarId::new("赶集").unwrap()), ..by_times(&["06:30"]) },
    ] {
        assert_counts_on(&numbered(&schedule, SHANGHAI, window.0, window.1));
    }
}

#[test]
fn rotation_takes_the_next_number_from_year_to_year() {
    let once_a_year = by_cron("0 8 1 10 *");
    assert_counts_on(&numbered(
        &once_a_year,
        SHANGHAI,
        "2024-01-01T00:00:00+08:00",
        "2030-01-01T00:00:00+08:00",
    ));
}

#[test]
fn rotation_is_the_same_after_a_restart() {
    let schedule = by_cron("0 30 6,12,18 * * *");
    let whole = numbered(&schedule, SHANGHAI, "2026-11-01T00:00:00+08:00", "2026-11-30T00:00:00+08:00");
    let again = numbered(&schedule, SHANGHAI, "2026-11-23T12:30:00+08:00", "2026-11-30T00:00:00+08:00");
    assert!(whole.ends_with(&again), "{whole:?} {again:?}");
}

fn any_cron() -> impl Strategy<Value = String> {
    let minute =
        prop_oneof![Just("*/13".to_owned()), Just("0,30".to_owned()), (0u32..60).prop_map(|m| m.to_string())];
    let hour =
        prop_oneof![Just("*".to_owned()), Just("1-3".to_owned()), (0u32..24).prop_map(|h| h.to_string())];
    let day =
        prop_oneof![Just("*".to_owned()), Just("1-10".to_owned()), (1u32..32).prop_map(|d| d.to_string())];
    let weekday = prop_oneof![Just("*"), Just("mon-fri"), Just("sat-sun"), Just("wed")];
    (minute, hour, day, weekday).prop_map(|(m, h, d, w)| format!("{m} {h} {d} * {w}"))
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let time = (0u32..1440).prop_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap());
    let at = prop::collection::btree_set(time, 1..5).prop_map(|times| When::At(times.into_iter().collect()));
    let when = prop_oneof![any_cron().prop_map(|text| by_cron(&text).when), at];
    let days = prop_oneof![Just(Days::Every), Just(Days::Workdays), Just(Days::Restdays)];
    (when, days).prop_map(|(when, days)| Schedule { days, ..schedule(when) })
}

/// Windows of up to 40 days that begin anywhere in four years, to the second.
fn any_window() -> impl Strategy<Value = (DateTime<Utc>, DateTime<Utc>)> {
    let start = instant("2024-01-01T00:00:00Z").timestamp();
    (0i64..4 * 365 * 86_400, 0i64..40 * 86_400).prop_map(move |(offset, length)| {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        (at(start + offset), at(start + offset + length))
    })
}

fn any_zone() -> impl Strategy<Value = Tz> {
    prop_oneof![
        Just(SHANGHAI),
        Just(NEW_YORK),
        Just(Tz::Australia__Lord_Howe),
        Just(Tz::America__Asuncion),
        Just(Tz::UTC)
    ]
}

proptest! {
    #[test]
    fn occurrences_are_sorted_unique_and_within_the_window(
        schedule in any_schedule(), (from, until) in any_window(), zone in any_zone()
    ) {
        let almanac = almanac();
        let found: Vec<_> = occurrences(&schedule, &almanac, zone, from, until).collect();
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(found.iter().all(|due| from <= *due && *due < until));
    }

    #[test]
    fn a_window_split_in_two_gives_the_same_occurrences(
        schedule in any_schedule(), (from, until) in any_window(), zone in any_zone(), part in 0.0f64..1.0
    ) {
        let almanac = almanac();
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant within will do")]
        let middle = from + TimeDelta::seconds(((until - from).num_seconds() as f64 * part) as i64);
        let slots_in = |from, until| slots(&schedule, &almanac, zone, from, until).collect::<Vec<_>>();
        let mut parts = slots_in(from, middle);
        parts.extend(slots_in(middle, until));
        prop_assert_eq!(slots_in(from, until), parts);
    }

    #[test]
    fn every_slot_shows_its_own_civil_time_unless_the_hour_was_skipped(
        schedule in any_schedule(), (from, until) in any_window()
    ) {
        let almanac = almanac();
        for slot in slots(&schedule, &almanac, SHANGHAI, from, until) {
            prop_assert_eq!(slot.civil, slot.due.naive_local());
        }
    }
}
