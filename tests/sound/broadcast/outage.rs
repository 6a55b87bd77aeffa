//! Sound servers that go and come.

use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;

use super::{LONG, ROUTINE, SHORT, amid_a_message, assert_sounded};
use crate::support::county::{County, in_seconds, once};
use crate::support::pulse::Pulse;
use crate::support::recording::Recording;
use crate::support::{noise, poll};

const STATIONS: [(&str, &str); 2] = [("赵家庄", "pulse:east"), ("李家村", "west")];

#[test]
fn a_sound_server_that_dies_amid_a_message_costs_that_message_and_no_other() {
    let mut amid = amid_a_message(&STATIONS, &["east", "west"], |_| ());
    poll::pass(Duration::from_millis(1_500));
    let ticks = amid.county.ticks();
    amid.pulse.kill();
    let tapes: Vec<_> = std::mem::take(&mut amid.recordings).into_iter().map(Recording::cut_off).collect();
    for ((station, _), heard) in STATIONS.iter().zip(&tapes) {
        let close = amid.county.closed(station, ROUTINE, Some(LONG));
        assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::OutputFailed)));
        amid.assert_heard_in_part(heard, heard.end(), &close);
    }
    poll::pass(Duration::from_secs(3));
    let spent = amid.county.ticks() - ticks;
    println!("{spent} ticks of 10 ms in 3 s without a sound server");
    assert!(spent < 100, "{spent}");
    amid.pulse.restart();
    let tapes = ["east", "west"].map(|sink| amid.pulse.record(sink));
    assert!(clock::wall() < amid.due + TimeDelta::seconds(15), "too slow a machine");
    let clip = amid.county.programme(ROUTINE, SHORT, None);
    for ((station, _), tape) in STATIONS.iter().zip(tapes) {
        let close = amid.county.closed(station, ROUTINE, Some(SHORT));
        assert_eq!((close.outcome, close.reason), (Outcome::Completed, None));
        let ended = close.ended.unwrap();
        let heard = tape.finish_at(ended + TimeDelta::milliseconds(300));
        assert_sounded(&heard, &clip, close.started.unwrap(), ended);
    }
    amid.county.done(&["log", "verify"]);
}

#[test]
fn a_message_waits_for_a_sound_server_that_is_not_there_yet_as_long_as_its_grace_lasts() {
    let mut pulse = Pulse::absent(&["east"]);
    let mut county = County::new(&[("赵家庄", "pulse:east")]);
    county.recording("short.wav", &noise::clip(23, 1_500));
    let message = |id| format!("\n[[message]]\nid = \"{id}\"\naudio = \"short.wav\"\n");
    let due = in_seconds(6);
    county.playlist("急", &format!("{}{}", message("不等"), once(due, "grace = \"2s\"")));
    county.playlist("缓", &format!("{}{}", message("能等"), once(due, "grace = \"2m\"")));
    let clip = county.programme("缓", "能等", None);
    county.start(&pulse);
    let close = county.closed("赵家庄", "急", Some("不等"));
    assert_eq!((close.outcome, close.reason), (Outcome::Failed, Some(Reason::OutputAbsent)));
    assert_eq!((close.started, close.heard), (None, Some(Duration::ZERO)));
    // An airing that begins within five seconds is on time.
    let late = due + TimeDelta::seconds(5);
    poll::until("being late", Duration::from_secs(20), || (clock::wall() > late).then_some(()));
    pulse.restart();
    let back = clock::wall();
    let tape = pulse.record("east");
    let close = county.closed("赵家庄", "缓", Some("能等"));
    assert_eq!((close.outcome, close.reason), (Outcome::CompletedLate, Some(Reason::OutputAbsent)));
    let (started, ended) = (close.started.unwrap(), close.ended.unwrap());
    println!("sounded {} ms after the sound server was back", (started - back).num_milliseconds());
    let heard = tape.finish_at(ended + TimeDelta::milliseconds(300));
    assert_sounded(&heard, &clip, started, ended);
}
