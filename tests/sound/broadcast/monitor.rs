//! A microphone by the horn: what it says is compared with what was done to the sound. Dead air does not look healthy.

use std::fs;
use std::time::Duration;

use dalaba::model::{Audible, Doubt, Outcome};
use dalaba::station::journal::{Entry, HeardVerdict};
use serde_json::Value;

use crate::support::county::County;
use crate::support::poll;
use crate::support::pulse::Pulse;

/// Long enough to be told from anything else.
const TEXT: &str = "请大家骑车戴好安全头盔，过马路一停二看三通过。";

/// Gives each station its microphone.
fn wire(county: &County, microphones: &[(&str, &str)]) {
    let file = county.path("config/station.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    for (station, source) in microphones {
        let id = format!("id = \"{station}\"\n");
        let monitor = format!("monitor = {{ device = \"{source}\", keep = \"all\", fault_after = 1 }}\n");
        text = text.replace(&id, &format!("{id}{monitor}"));
    }
    fs::write(&file, text).unwrap();
}

/// Says the text everywhere, and waits until the microphone of each station has judged it.
fn said(county: &County, stations: &[&str]) -> Vec<HeardVerdict> {
    let judged =
        || -> Vec<Entry> { county.entries().into_iter().filter(|entry| entry.verdict.is_some()).collect() };
    let before = judged().len();
    county.done(&["say", TEXT, "--station", "*"]);
    let all = poll::until("the verdicts", Duration::from_mins(1), || {
        Some(judged()).filter(|judged| judged.len() >= before + stations.len())
    });
    let verdict = |station: &&str| {
        let entry = all.iter().rfind(|entry| entry.station == **station).unwrap();
        assert_eq!(entry.close.as_ref().unwrap().outcome, Outcome::Completed, "{entry:?}");
        println!("{station}: {:?}", entry.verdict);
        entry.verdict.clone().unwrap()
    };
    stations.iter().map(verdict).collect()
}

fn status(county: &County) -> Value {
    serde_json::from_slice(&county.dalaba(&["status", "--format", "json"]).stdout).unwrap()
}

fn ready(county: &County) {
    poll::until("the daemon", Duration::from_secs(30), || {
        county.dalaba(&["status", "--format", "json"]).stdout.starts_with(b"{").then_some(())
    });
}

#[test]
fn azuracast_8533_and_libretime_1486_silence_is_not_taken_for_sound_whatever_the_output_says() {
    let stations = ["赵家庄", "李家村"];
    let pulse = Pulse::start(&["east", "west"]);
    let mut county = County::new(&[(stations[0], "pulse:east"), (stations[1], "west")]);
    wire(&county, &[(stations[0], "pulse:east.monitor"), (stations[1], "pulse:yard.monitor")]);
    county.start(&pulse);
    ready(&county);

    let verdicts = said(&county, &stations);
    assert_eq!((verdicts[0].heard, verdicts[0].missed), (Audible::Yes, 0));
    assert_eq!((verdicts[1].heard, verdicts[1].doubt), (Audible::Unknown, Some(Doubt::DeviceAbsent)));
    let report = status(&county);
    assert_eq!(report["stations"][0]["monitor"]["state"], "heard");
    assert_eq!(report["stations"][1]["monitor"]["state"], "absent");

    // Somebody turns the amplifier down; and a microphone is plugged in where nothing sounds.
    pulse.control(&["set-sink-mute", "east", "1"]).unwrap();
    pulse.control(&["load-module", "module-null-sink", "sink_name=yard", "rate=48000"]).unwrap();
    let verdicts = said(&county, &stations);
    assert_eq!((verdicts[0].heard, verdicts[0].missed), (Audible::No, 1));
    assert_ne!(verdicts[1].doubt, Some(Doubt::DeviceAbsent), "it is found again");
    let kept = verdicts[0].kept.as_ref().expect("it is kept");
    let recording = hound::WavReader::open(county.path("state/heard").join(kept)).unwrap();
    assert!(recording.duration() > 5 * recording.spec().sample_rate);
    let output = county.dalaba(&["status"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && shown.contains("赵家庄：监听连续 1 次没听到声音"), "{shown}");
    let log = county.done(&["log"]);
    assert!(log.contains("监听：没听到") && log.contains(kept), "{log}");

    // A cut of the power costs no record, and the fault outlives it.
    county.kill();
    county.start(&pulse);
    ready(&county);
    assert_eq!(status(&county)["stations"][0]["monitor"]["state"], "fault");
    pulse.control(&["set-sink-mute", "east", "0"]).unwrap();
    let verdicts = said(&county, &stations);
    assert_eq!((verdicts[0].heard, verdicts[0].missed), (Audible::Yes, 0));
    assert_eq!(verdicts[1].heard, Audible::No);
    assert_eq!(status(&county)["stations"][0]["monitor"]["state"], "heard");
    // What was heard ends the row: the next one that is not is the first again.
    pulse.control(&["set-sink-mute", "east", "1"]).unwrap();
    assert_eq!(said(&county, &stations)[0].missed, 1);
    county.done(&["log", "verify"]);
}

/// A village is switched off after its last message of the day, or amid it.
#[test]
fn a_daemon_that_is_ended_after_a_message_or_amid_it_still_records_what_was_heard_of_it() {
    let pulse = Pulse::start(&["east"]);
    let mut county = County::new(&[("赵家庄", "pulse:east")]);
    wire(&county, &[("赵家庄", "pulse:east.monitor")]);
    for (readings, outcome) in [("1", Outcome::Completed), ("3", Outcome::Partial)] {
        county.start(&pulse);
        ready(&county);
        let before = county.entries().len();
        county.done(&["say", TEXT, "--station", "*", "--repeat", readings]);
        poll::until("its end, or most of a reading", Duration::from_mins(1), || {
            let closed = county.entries().get(before).is_some_and(|entry| entry.close.is_some());
            let heard = || status(&county)["stations"][0]["on_air"]["heard_ms"].as_u64() > Some(4_000);
            (closed || readings != "1" && heard()).then_some(())
        });
        let (ended, took) = county.terminate();
        assert!(ended.success() && took < Duration::from_secs(5), "{took:?}");
        let entry = county.entries().pop().unwrap();
        assert_eq!(entry.close.as_ref().unwrap().outcome, outcome, "{entry:?}");
        assert_eq!(entry.verdict.expect("it was listened to").heard, Audible::Yes, "after {took:?}");
    }
    county.done(&["log", "verify"]);
}
