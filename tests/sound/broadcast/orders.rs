//! What people order while a message is on the air.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;

use super::{Amid, LONG, ROUTINE, amid_a_message, assert_sounded, spoken};
use crate::support::county::County;
use crate::support::poll;
use crate::support::recording::Heard;

const ALARM: &str = "前方路口发生事故,请绕行!";
const STATION: [(&str, &str); 1] = [("赵家庄", "pulse:horn")];

fn amid(ready: impl FnOnce(&County)) -> Amid {
    let amid = amid_a_message(&STATION, &["horn"], ready);
    poll::pass(Duration::from_secs(1));
    amid
}

fn tape_until(amid: &mut Amid, instant: DateTime<Utc>) -> Heard {
    amid.recordings.remove(0).finish_at(instant)
}

/// Says an emergency amid a routine message; returns how long after the order was typed the message was silent, and
/// the emergency heard.
fn emergency(ready: impl FnOnce(&County)) -> (TimeDelta, TimeDelta) {
    let mut amid = amid(ready);
    let typed = clock::wall();
    amid.county.done(&["say", ALARM, "--station", "赵家庄", "--priority", "emergency"]);
    let said = amid.county.closed("赵家庄", "say", None);
    assert_eq!((said.outcome, said.reason), (Outcome::Completed, None));
    let cut = amid.county.closed("赵家庄", ROUTINE, Some(LONG));
    assert_eq!((cut.outcome, cut.reason), (Outcome::Preempted, Some(Reason::HigherPriority)));
    let (started, ended) = (said.started.unwrap(), said.ended.unwrap());
    let heard = tape_until(&mut amid, ended + TimeDelta::milliseconds(500));
    let clip = amid.county.render(&spoken(ALARM), None);
    let span = assert_sounded(&heard, &clip, started, ended);
    let silent = heard.last_sound_before(span.from - TimeDelta::milliseconds(1)).unwrap();
    amid.assert_heard_in_part(&heard, silent, &cut);
    (silent - typed, span.from - typed)
}

#[test]
fn an_emergency_cuts_a_routine_message_within_a_second() {
    let (silent, heard) = emergency(|county| county.render_ahead(&spoken(ALARM)));
    println!(
        "silent {} ms after the order, heard after {} ms",
        silent.num_milliseconds(),
        heard.num_milliseconds()
    );
    assert!(heard < TimeDelta::seconds(1), "{heard}");
}

#[test]
fn an_emergency_that_has_to_be_spoken_first_cuts_a_routine_message_as_soon_as_it_is() {
    let (silent, heard) = emergency(|_| ());
    println!(
        "silent {} ms after the order, heard after {} ms",
        silent.num_milliseconds(),
        heard.num_milliseconds()
    );
    assert!(heard < TimeDelta::seconds(2), "{heard}");
    assert!(heard - silent < TimeDelta::milliseconds(500), "a hole of {}", heard - silent);
}

#[test]
fn a_stop_silences_the_village_within_half_a_second() {
    let mut amid = amid(|_| ());
    let typed = clock::wall();
    amid.county.done(&["stop"]);
    let close = amid.county.closed("赵家庄", ROUTINE, Some(LONG));
    assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::OperatorStop)));
    let heard = tape_until(&mut amid, typed + TimeDelta::seconds(2));
    let silent = heard.last_sound_before(heard.end()).unwrap();
    println!("silent {} ms after the order", (silent - typed).num_milliseconds());
    assert!(silent - typed < TimeDelta::milliseconds(500), "{}", silent - typed);
    amid.assert_heard_in_part(&heard, silent, &close);
}

#[test]
fn a_daemon_that_is_ended_amid_a_message_leaves_in_two_seconds_and_leaves_no_record_open() {
    let mut amid = amid(|_| ());
    let asked = clock::wall();
    let (status, took) = amid.county.terminate();
    println!("left after {} ms", took.as_millis());
    assert!(status.success() && took < Duration::from_secs(2), "{status}, {took:?}");
    let close = amid.county.closed("赵家庄", ROUTINE, Some(LONG));
    assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::Shutdown)));
    let open: Vec<_> = amid.county.entries().into_iter().filter(|entry| entry.close.is_none()).collect();
    assert_eq!(open, []);
    println!("{}", amid.county.done(&["log", "verify"]));
    let heard = tape_until(&mut amid, asked + TimeDelta::seconds(3));
    let silent = heard.last_sound_before(heard.end()).unwrap();
    assert!(silent - asked < TimeDelta::seconds(1), "sound went on for {}", silent - asked);
    amid.assert_heard_in_part(&heard, silent, &close);
}
