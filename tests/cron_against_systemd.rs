//! `systemd-analyze calendar` as the judge of cron expressions that both can say.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::process::Command;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use dalaba::calendar::{Almanac, cron, occurrences};
use dalaba::model::{Days, MessageId, Order, Schedule, Start, When};

/// How many firings are compared for each expression.
const ITERATIONS: usize = 20;

/// The same schedule in both tongues: cron, and systemd.time(7).
const PAIRS: &[(&str, &str)] = &[
    ("30 6 * * *", "*-*-* 06:30:00"),
    ("0 30 6,12,18 * * *", "*-*-* 06,12,18:30:00"),
    ("*/15 * * * *", "*-*-* *:00/15:00"),
    ("5/20 8 * * *", "*-*-* 08:05/20:00"),
    ("*/10 * * * * *", "*-*-* *:*:00/10"),
    ("0 8-10 * * *", "*-*-* 08..10:00:00"),
    ("0 8-18/5 * * *", "*-*-* 08..18/5:00:00"),
    ("30 6 * * mon", "Mon *-*-* 06:30:00"),
    ("30 6 * * mon-fri", "Mon..Fri *-*-* 06:30:00"),
    ("30 6 * * sat-sun", "Sat..Sun *-*-* 06:30:00"),
    ("30 6 * * fri-sun", "Fri..Sun *-*-* 06:30:00"),
    ("30 6 * * sun,wed", "Sun,Wed *-*-* 06:30:00"),
    ("0 8 1,15 * *", "*-*-01,15 08:00:00"),
    ("0 8 31 * *", "*-*-31 08:00:00"),
    ("0 8 29 feb *", "*-02-29 08:00:00"),
    ("0 8 1 1,7 *", "*-01,07-01 08:00:00"),
    ("0 8 1-7 * mon", "Mon *-*-01..07 08:00:00"),
    ("59 59 23 31 12 *", "*-12-31 23:59:59"),
    ("0 0 * * *", "*-*-* 00:00:00"),
];

fn ours(text: &str, zone: Tz, from: DateTime<Utc>) -> Vec<String> {
    let line = cron::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let schedule = Schedule {
        when: When::Cron(Box::new(line.schedule)),
        days: Days::Every,
        calendar: None,
        messages: vec![MessageId::new("头盔").unwrap()],
        order: Order::Listed,
        start: Start::Soft,
        grace: std::time::Duration::ZERO,
        gap: std::time::Duration::ZERO,
        chime: None,
    };
    let until = from + TimeDelta::days(366 * 75);
    let almanac = Almanac::default();
    // systemd looks strictly after the base time.
    let found = occurrences(&schedule, &almanac, zone, from + TimeDelta::seconds(1), until);
    found.take(ITERATIONS).map(|due| due.naive_utc().to_string()).collect()
}

fn systemds(expression: &str, zone: Tz, from: DateTime<Utc>) -> Vec<String> {
    let output = Command::new("systemd-analyze")
        .env("TZ", zone.name())
        .env("LC_ALL", "C.UTF-8")
        .arg("calendar")
        .arg(format!("--base-time=@{}", from.timestamp()))
        .arg(format!("--iterations={ITERATIONS}"))
        .arg(expression)
        .output()
        .expect("systemd-analyze is the judge of this test: install the package `systemd`");
    assert!(output.status.success(), "{expression}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(in_utc).collect()
}

/// Takes the instant from `(in UTC): Mon 2026-11-23 22:30:00 UTC`, or from the line before it when the zone is UTC.
fn in_utc(line: &str) -> Option<String> {
    let stamp = line.trim().strip_prefix("(in UTC):")?.trim();
    let stamp = stamp.split_once(' ')?.1.strip_suffix(" UTC")?;
    Some(NaiveDateTime::parse_from_str(stamp, "%Y-%m-%d %H:%M:%S").unwrap().to_string())
}

/// Compares every pair from `from` on, as far as the twentieth firing or `until`, whichever comes first.
fn compare(zone: Tz, from: &str, until: &str) {
    let from = from.parse().unwrap();
    let until = until.parse::<DateTime<Utc>>().unwrap().naive_utc().to_string();
    let before = |found: Vec<String>| found.into_iter().filter(|at| *at < until).collect::<Vec<_>>();
    for (cron, calendar) in PAIRS {
        let all = systemds(calendar, zone, from);
        assert!(!all.is_empty(), "systemd finds nothing for {calendar}");
        assert_eq!(
            before(ours(cron, zone, from)),
            before(all),
            "{cron} against {calendar} in {zone} from {from}"
        );
    }
}

/// The `cron` crate goes no further than 2100.
const LAST: &str = "2100-01-01T00:00:00Z";

#[test]
fn systemd_agrees_in_shanghai_over_the_new_year() {
    compare(Tz::Asia__Shanghai, "2026-12-29T22:30:00+08:00", LAST);
}

#[test]
fn systemd_agrees_in_shanghai_over_a_leap_day() {
    compare(Tz::Asia__Shanghai, "2028-02-25T00:00:00+08:00", LAST);
}

/// Days on which the clock is changed are left out: there we have rules of our own, and systemd has others.
#[test]
fn systemd_agrees_in_new_york_in_summer() {
    compare(Tz::America__New_York, "2026-06-01T00:00:00-04:00", "2026-10-30T00:00:00-04:00");
}
