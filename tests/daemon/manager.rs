//! The daemon and the service manager: every word, and a quick end.

use std::time::Duration;

use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;
use dalaba::station::journal::Entry;

use super::daemon::{House, SOON, since};
use super::poll;

#[test]
fn the_watchdog_is_fed_and_a_process_that_stands_still_feeds_it_no_more() {
    let house = House::of(&["赵家庄", "李家村"]);
    house.playlist("日常", "停水", "*/2 * * * * *", "10s");
    let running = house.start_watched(2_000_000);
    let (began, mut longest, mut last) = (clock::steady(), Duration::ZERO, clock::steady());
    while since(began) < Duration::from_secs(8) {
        running.hear("WATCHDOG=1");
        longest = longest.max(since(last));
        last = clock::steady();
    }
    println!("longest time without a feed {longest:?}, of 2 s");
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    running.signal("STOP");
    poll::pass(Duration::from_millis(200));
    running.deaf_until_now();
    poll::pass(Duration::from_secs(2));
    assert_eq!(running.deaf_until_now(), 0, "no feed while it stands still");
    running.signal("CONT");
    running.hear("WATCHDOG=1");
    assert!(running.end("TERM").0.success());
}

#[test]
fn without_a_watchdog_nothing_is_fed() {
    let house = House::of(&["赵家庄"]);
    house.playlist("日常", "停水", "*/2 * * * * *", "10s");
    let running = house.start();
    house.wait_for("an airing", |_| true);
    assert_eq!(running.deaf_until_now(), 0);
    running.end("TERM");
}

/// Ends the daemon by `signal` while something sounds and something waits.
fn ends_well(signal: &str) {
    let house = House::of(&["赵家庄", "李家村", "王家沟"]);
    let running = house.start();
    let long = "防火防盗人人有责。".repeat(20);
    for _ in 0..2 {
        assert!(house.dalaba(&["say", &long, "-s", "*"]).status.success());
    }
    let sounds =
        || house.status().1.stations.iter().all(|s| s.on_air.as_ref().is_some_and(|on| on.heard_ms > 0));
    poll::until("sound everywhere", SOON, || sounds().then_some(()));
    running.signal(signal);
    running.hear("STOPPING=1");
    let (status, took) = running.end(signal);
    println!("{signal}: gone after {took:?}");
    assert!(status.success() && took < Duration::from_secs(2), "{status} after {took:?}");
    house.verified();
    let entries = house.entries();
    let cut: Vec<_> = entries.iter().filter(|e| e.on_air.is_some()).collect();
    assert_eq!(cut.len(), 3);
    for entry in cut {
        let close = entry.close.as_ref().unwrap();
        assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::Shutdown)));
        assert!(close.heard.unwrap() > Duration::ZERO && close.started.is_some());
    }
    let waiting = entries.iter().filter(|e| e.on_air.is_none()).count();
    assert_eq!(waiting, 3, "what a person ordered and nobody heard is on record");
    let cancelled = |e: &Entry| e.close.as_ref().is_some_and(|close| close.outcome == Outcome::Cancelled);
    assert!(entries.iter().filter(|e| e.on_air.is_none()).all(cancelled));
}

#[test]
fn sigterm_closes_what_sounds_and_is_obeyed_within_two_seconds() {
    ends_well("TERM");
}

#[test]
fn ctrl_c_is_as_good_as_sigterm() {
    ends_well("INT");
}

#[test]
fn the_status_line_tells_how_many_stations_there_are() {
    let house = House::of(&["赵家庄", "李家村"]);
    let running = house.start();
    running.deaf_until_now();
    running.signal("HUP");
    let line = running.hear("READY=1");
    assert!(line.contains("STATUS=2 个站点") && line.contains("2 stations"), "{line}");
    running.end("TERM");
}
