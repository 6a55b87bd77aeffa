//! By a wrong clock, or while the power was off.

use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Outcome, Playlist, Reason};
use dalaba::playout::Recovered;

use super::village::{Village, instant, playlist, time};

fn morning() -> Vec<Playlist> {
    let schedule = "[[schedule]]\nat = [\"06:20\", \"06:30\", \"06:40\"]\ngrace = \"5m\"\n";
    vec![playlist("早上", "routine", &["9秒"], schedule)]
}

fn after_a_power_cut() -> Recovered {
    Recovered { down: Some(Reason::PowerOff), ..Recovered::default() }
}

/// raspberrypi/userland #654: a box without RTC boots in the past; its jobs ran 10-25 minutes late because the delay was
/// computed before the clock was set.
#[test]
fn userland_654_a_box_that_boots_in_1970_airs_when_the_clock_is_set_and_is_not_late_by_the_wait() {
    // It boots at 06:24 and calls it 1970; NTP comes seven and a half minutes later.
    let boot = instant("1970-01-01T00:00:30Z");
    let past = (time("06:10:00"), after_a_power_cut());
    let mut village = Village::after_a_stop(boot, past, false, "", morning());
    village.live_until(boot + TimeDelta::seconds(450));
    assert!(village.heard.is_empty() && village.ends().is_empty(), "{:?}", village.ends());
    village.synchronise(time("06:31:30"));
    village.live_until(time("06:45:00"));
    let at = |due: &str| village.end_of("9秒", due);
    assert_eq!(at("06:20:00"), Some((Outcome::Missed, Some(Reason::PowerOff))));
    assert_eq!(at("06:30:00"), Some((Outcome::CompletedLate, Some(Reason::ClockUntrusted))));
    assert_eq!(at("06:40:00"), Some((Outcome::Completed, None)));
    let starts: Vec<&str> = village.heard.iter().map(|(_, at)| at.as_str()).collect();
    assert_eq!(
        starts,
        ["06:31:30", "06:40:00"],
        "at once when it is known what time it is, then on the second"
    );
}

/// The same, when the clock comes too late.
#[test]
fn userland_654_what_waited_beyond_its_grace_for_the_clock_is_recorded_and_not_aired() {
    let boot = instant("1970-01-01T00:00:30Z");
    let past = (time("06:25:00"), after_a_power_cut());
    let mut village = Village::after_a_stop(boot, past, false, "", morning());
    village.freeze(Duration::from_mins(11));
    village.synchronise(time("06:37:00"));
    let missed = Some((Outcome::Missed, Some(Reason::ClockUntrusted)));
    assert_eq!(village.end_of("9秒", "06:30:00"), missed);
    assert!(village.heard.is_empty());
}

/// librefang #3906: fires missed during power-off were dropped with no word.
#[test]
fn librefang_3906_what_fell_due_while_the_power_was_off_is_recorded_and_aired_if_its_grace_allows() {
    let last_week = instant("2026-11-16T12:00:00+08:00");
    let past = (last_week, after_a_power_cut());
    let mut village = Village::after_a_stop(time("06:42:00"), past, true, "", morning());
    village.live_until(time("07:00:00"));
    let missed = village.ends_with(Outcome::Missed, Reason::PowerOff);
    // Three a day on six whole days, and two this morning.
    assert_eq!(missed, 20);
    let late = Some((Outcome::CompletedLate, Some(Reason::PowerOff)));
    assert_eq!(village.end_of("9秒", "06:40:00"), late);
    assert_eq!(village.heard, [("9秒".to_owned(), "06:42:00".to_owned())]);
}

/// The same after an orderly end: the record does not call it a power cut.
#[test]
fn librefang_3906_what_fell_due_after_a_shutdown_is_recorded_as_such() {
    let past = (time("06:10:00"), Recovered { down: Some(Reason::Shutdown), ..Recovered::default() });
    let village = Village::after_a_stop(time("06:50:00"), past, true, "", morning());
    assert_eq!(village.ends_with(Outcome::Missed, Reason::Shutdown), 3);
    assert!(village.heard.is_empty());
}
