//! Days on which nothing goes wrong, at least not here.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Chime, Outcome, Reason};
use serde_json::Value;

use super::{Span, assert_sounded};
use crate::support::correlate::peak;
use crate::support::county::{County, in_seconds, once};
use crate::support::pulse::Pulse;
use crate::support::recording::Heard;

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
