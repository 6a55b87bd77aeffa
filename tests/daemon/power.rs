//! What fell due while the daemon did not run.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;
use dalaba::station::journal::Entry;

use super::daemon::{House, Running, SOON};
use super::poll;

/// Stops the daemon by `stop` for fourteen seconds; all that fell due then must be closed for `reason`.
fn after_a_gap(stop: impl FnOnce(Running), reason: Reason) {
    let house = House::of(&["赵家庄"]);
    house.playlist("不等", "停水", "*/3 * * * * *", "1s");
    house.playlist("可等", "防火", "1/3 * * * * *", "1m");
    let running = house.start();
    house.wait_for("a completed airing of each", |e| e.playlist == "可等" && e.on_air.is_some());
    stop(running);
    let off = clock::wall();
    poll::pass(Duration::from_secs(14));
    let running = house.start();
    let on = running.ready;
    // A second and a half before its instant an airing counts as begun: what it came to in the dark nobody knows.
    let dark = |due| due > off + TimeDelta::seconds(2) && due < on - TimeDelta::seconds(6);
    poll::until("the close of all that fell due in the gap", SOON, || {
        let late = house.entries().into_iter().filter(|e| e.playlist == "可等" && dark(e.due.to_utc()));
        (late.filter(|e| e.close.is_some()).count() >= 1).then_some(())
    });
    running.end("TERM");
    house.verified();
    let (mut missed, mut late) = (0, 0);
    for entry in house.entries().into_iter().filter(|e| dark(e.due.to_utc())) {
        let close = entry.close.unwrap();
        let expected = if entry.playlist == "不等" { Outcome::Missed } else { Outcome::CompletedLate };
        if close.reason == Some(Reason::Shutdown) && close.outcome == Outcome::Partial {
            continue;
        }
        assert_eq!((close.outcome, close.reason), (expected, Some(reason)), "{}", entry.airing);
        if expected == Outcome::Missed { missed += 1 } else { late += 1 }
    }
    println!("{reason}: {missed} missed, {late} aired late");
    assert!(missed >= 1 && late >= 1);
}

#[test]
fn what_fell_due_while_the_power_was_off_is_aired_late_within_its_grace_or_recorded_as_missed() {
    after_a_gap(Running::kill, Reason::PowerOff);
}

#[test]
fn an_order_that_was_accepted_is_in_the_log_although_the_power_went_before_it_sounded() {
    let house = House::of(&["赵家庄"]);
    let running = house.start();
    for text in ["停水", "停电"] {
        assert!(house.dalaba(&["say", text, "-s", "赵家庄", "--repeat", "9"]).status.success());
    }
    // Which record is the later one depends on how soon the first clip was there.
    let states = || house.entries().iter().map(Entry::state).collect::<BTreeSet<_>>();
    let both = BTreeSet::from(["on_air", "ordered"]);
    poll::until("the first on air, the second waiting", SOON, || (states() == both).then_some(()));
    running.kill();
    let running = house.start();
    let ends = house.entries().into_iter().map(|entry| {
        let close = entry.close.expect("closed at the start");
        (entry.text.unwrap_or_default(), close.outcome, close.reason, close.heard)
    });
    let power_off = Some(Reason::PowerOff);
    let mut ends: Vec<_> = ends.collect();
    ends.sort_by(|one, other| other.0.cmp(&one.0));
    assert_eq!(
        ends,
        [
            ("停电".to_owned(), Outcome::Missed, power_off, Some(Duration::ZERO)),
            ("停水".to_owned(), Outcome::Partial, power_off, None),
        ]
    );
    running.end("TERM");
    house.verified();
}

#[test]
fn what_fell_due_after_an_orderly_end_is_put_down_to_that() {
    let stop = |running: Running| assert!(running.end("TERM").0.success());
    after_a_gap(stop, Reason::Shutdown);
}
