//! Days on which nothing goes wrong, at least not here.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Chime, Outcome, Reason};
use serde_json::Value;

use super::{Span, assert_sounded};
use crate::support::correlate::peak;
use crate::support::county::{County, in_seconds, once};
use crate::support::noise;
use crate::support::pulse::Pulse;
use crate::support::recording::Heard;

/// What a start may be off: the tape hears blocks of 10 ms early, and a machine at its limits wakes late. `benches/start`
/// measures.
const SLACK: TimeDelta = TimeDelta::milliseconds(40);

const SLOGANS: &str = "
[[message]]
id = \"安全带\"
text = \"安全带就是生命带!\"

[[message]]
id = \"头盔\"
audio = \"helmet.mp3\"
text = \"骑乘电动车请佩戴安全头盔!\"
";

fn time(line: &Value, key: &str) -> DateTime<Utc> {
    line[key].as_str().unwrap().parse().unwrap()
}

/// Checks one station's lines of the log against its tape.
fn assert_aired(lines: &[&Value], clips: &[(&str, Vec<f32>)], due: DateTime<Utc>, heard: &Heard) {
    assert_eq!(lines.len(), clips.len(), "{lines:?}");
    let mut spans: Vec<Span> = Vec::new();
    for (line, (message, clip)) in lines.iter().zip(clips) {
        assert_eq!((line["message"].as_str(), line["outcome"].as_str()), (Some(*message), Some("completed")));
        let length = (clip.len() as u64) / 48;
        assert_eq!((line["heard_ms"].as_u64(), line["planned_ms"].as_u64()), (Some(length), Some(length)));
        spans.push(assert_sounded(heard, clip, time(line, "started"), time(line, "ended")));
    }
    let late = spans[0].from - due;
    println!("heard {} ms after it was due", late.num_milliseconds());
    assert!(late > TimeDelta::milliseconds(-20) && late < TimeDelta::seconds(1), "{late}");
    let quiet =
        [(heard.origin, spans[0].from), (spans[0].until, spans[1].from), (spans[1].until, heard.end())];
    for (from, until) in quiet {
        assert!(from < until, "out of order: {spans:?}");
        let edge = TimeDelta::milliseconds(5);
        assert!(peak(heard.between(from + edge, until - edge)) < 0.001, "something else sounded: {spans:?}");
    }
}

#[test]
fn libretime_1486_two_villages_hear_both_slogans_on_time_and_the_log_says_what_was_heard() {
    let pulse = Pulse::start(&["east", "west"]);
    let mut county = County::new(&[("赵家庄", "pulse:east"), ("李家村", "west")]);
    let tapes = ["east", "west"].map(|sink| pulse.record(sink));
    let due = in_seconds(8);
    county.playlist("春运", &format!("{SLOGANS}{}", once(due, "chime = \"four-rising\"")));
    county.start(&pulse);
    let ends =
        ["赵家庄", "李家村"].map(|station| county.closed(station, "春运", Some("头盔")).ended.unwrap());
    let chime = Chime::Named("four-rising".to_owned());
    let clips = [("安全带", Some(&chime)), ("头盔", None)]
        .map(|(message, chime)| (message, county.programme("春运", message, chime)));
    let log = county.done(&["log", "--format", "json"]);
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for ((station, tape), ended) in ["赵家庄", "李家村"].into_iter().zip(tapes).zip(ends) {
        println!("{station}:");
        let heard = tape.finish_at(ended + TimeDelta::seconds(1));
        let here: Vec<&Value> = lines.iter().filter(|line| line["station"] == station).collect();
        assert_aired(&here, &clips, due, &heard);
    }
}

#[test]
fn a_village_whose_device_is_absent_takes_nothing_from_the_other() {
    let pulse = Pulse::start(&["east"]);
    let mut county =
        County::new(&[("赵家庄", "pulse:east"), ("李家村", "pulse:拔掉了"), ("王家沟", "拔掉了")]);
    let tape = pulse.record("east");
    let due = in_seconds(8);
    county.playlist("春运", &format!("{SLOGANS}{}", once(due, "messages = [\"头盔\"]\ngrace = \"2s\"")));
    county.start(&pulse);
    for absent in ["李家村", "王家沟"] {
        let close = county.closed(absent, "春运", Some("头盔"));
        assert_eq!((close.outcome, close.reason), (Outcome::Failed, Some(Reason::OutputAbsent)));
        assert_eq!((close.started, close.heard), (None, Some(Duration::ZERO)));
    }
    let close = county.closed("赵家庄", "春运", Some("头盔"));
    assert_eq!((close.outcome, close.reason), (Outcome::Completed, None));
    let ended = close.ended.unwrap();
    let heard = tape.finish_at(ended + TimeDelta::milliseconds(300));
    let clip = county.programme("春运", "头盔", None);
    let span = assert_sounded(&heard, &clip, close.started.unwrap(), ended);
    assert!(span.from - due < TimeDelta::seconds(1), "{span:?}");
}

/// Two boxes on two poles, which know nothing of each other but that their clocks agree; a soft message sounds at one of them and is
/// cut.
#[test]
fn two_boxes_make_a_hard_start_in_step_also_when_one_of_them_has_to_cut_something() {
    let pulse = Pulse::start(&["east", "west"]);
    let due = in_seconds(10);
    let clip = noise::clip(41, 1_500);
    let mut counties = ["east", "west"].map(|sink| County::new(&[("村口", &format!("pulse:{sink}"))]));
    let tapes = ["east", "west"].map(|sink| pulse.record(sink));
    let recording = |name: &str| format!("\n[[message]]\nid = \"{name}\"\naudio = \"{name}.wav\"\n");
    for county in &counties {
        county.recording("准点.wav", &clip);
        county.playlist("准点", &(recording("准点") + &once(due, "start = \"hard\"")));
    }
    let before = due - TimeDelta::seconds(2);
    counties[0].recording("日常.wav", &noise::clip(42, 8_000));
    counties[0].playlist("日常", &(recording("日常") + &once(before, "grace = \"1s\"")));
    for county in &mut counties {
        county.start(&pulse);
    }
    let mut begun = Vec::new();
    for (county, tape) in counties.iter().zip(tapes) {
        let close = county.closed("村口", "准点", None);
        assert_eq!(close.outcome, Outcome::Completed);
        let heard = tape.finish_at(close.ended.unwrap() + TimeDelta::milliseconds(500));
        let sent = county.programme("准点", "准点", None);
        let found = heard.find_near(&sent, due);
        assert!(found.correlation > 0.95, "{found:?}");
        let at = heard.time_of(found.at);
        println!("{} us after the instant", (at - due).num_microseconds().unwrap());
        assert!((at - due).abs() < SLACK, "{}", at - due);
        // The record of the end of what was cut is on the disk by then, and it has been silent for a while.
        let gap = TimeDelta::milliseconds(100);
        assert!(
            peak(heard.between(at - gap, at - TimeDelta::milliseconds(5))) < 0.001,
            "it sounds to the start"
        );
        begun.push(at);
    }
    assert!((begun[0] - begun[1]).abs() < SLACK, "{begun:?}");
    let cut = counties[0].closed("村口", "日常", None);
    assert_eq!((cut.outcome, cut.reason), (Outcome::Preempted, Some(Reason::HigherPriority)));
    assert!(cut.heard.unwrap() > Duration::from_millis(800), "{cut:?}");
}
