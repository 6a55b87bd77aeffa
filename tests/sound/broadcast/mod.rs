//! The whole daemon with real sound: what it put on record is compared with what was heard.

mod amplifier;
mod as_planned;
mod monitor;
mod orders;
mod outage;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::clip::RATE;
use dalaba::model::{Message, MessageId, Repeat};
use dalaba::station::journal::Close;

use crate::support::correlate::correlation;
use crate::support::county::{County, in_seconds, once};
use crate::support::noise;
use crate::support::pulse::Pulse;
use crate::support::recording::{Heard, Recording};

/// What has to sound right to the end: a tail that was cut shows here first.
const TAIL: usize = RATE as usize / 2;

/// When a clip was heard, by the tape.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// Finds a clip where the record says that it sounded, and checks that it sounded whole, and when it says.
fn assert_sounded(heard: &Heard, clip: &[f32], started: DateTime<Utc>, ended: DateTime<Utc>) -> Span {
    let found = heard.find_near(clip, started);
    let end = found.at + clip.len();
    let tail = correlation(&clip[clip.len() - TAIL..], &heard.samples[end - TAIL..end]);
    let span = Span { from: heard.time_of(found.at), until: heard.time_of(end) };
    let (early, late) = (started - span.from, ended - span.until);
    println!(
        "correlation {:.4}, of its tail {tail:.4}; start off by {} ms, end by {} ms",
        found.correlation,
        early.num_milliseconds(),
        late.num_milliseconds()
    );
    assert!(found.correlation >= 0.95 && tail >= 0.95, "{found:?}, tail {tail}");
    assert!(early.abs() < TimeDelta::milliseconds(200), "{early}");
    assert!(late > TimeDelta::milliseconds(-20) && late < TimeDelta::milliseconds(300), "{late}");
    span
}

/// A county with a long recording on the air, loud to its very end, so that any cut can be heard.
struct Amid {
    pulse: Pulse,
    county: County,
    recordings: Vec<Recording>,
    due: DateTime<Utc>,
}

/// The playlist of the long recording.
const ROUTINE: &str = "日常";
/// The long recording.
const LONG: &str = "长录音";
/// A short one, due 15 s later.
const SHORT: &str = "短录音";

/// Starts a county, and waits until the long recording is heard at each of its `sinks`.
fn amid_a_message(stations: &[(&str, &str)], sinks: &[&str], ready: impl FnOnce(&County)) -> Amid {
    let pulse = Pulse::start(sinks);
    let mut county = County::new(stations);
    county.recording("long.wav", &noise::clip(21, 12_000));
    county.recording("short.wav", &noise::clip(22, 1_500));
    ready(&county);
    let recordings: Vec<Recording> = sinks.iter().map(|sink| pulse.record(sink)).collect();
    let due = in_seconds(8);
    let messages = format!(
        "\n[[message]]\nid = \"{LONG}\"\naudio = \"long.wav\"\n\n[[message]]\nid = \"{SHORT}\"\naudio = \"short.wav\"\n"
    );
    let first = once(due, &format!("messages = [\"{LONG}\"]"));
    let second = once(due + TimeDelta::seconds(15), &format!("messages = [\"{SHORT}\"]"));
    county.playlist(ROUTINE, &format!("{messages}{first}{second}"));
    county.start(&pulse);
    for recording in &recordings {
        recording.sound_after(due - TimeDelta::seconds(1));
    }
    Amid { pulse, county, recordings, due }
}

impl Amid {
    /// Compares how much of the long recording was heard, by the tape and by the record.
    fn assert_heard_in_part(&self, heard: &Heard, silent: DateTime<Utc>, close: &Close) {
        let long = self.county.programme(ROUTINE, LONG, None);
        let found = heard.find_near(&long[..RATE as usize / 2], close.started.unwrap());
        assert!(found.correlation >= 0.95, "{found:?}");
        let sounded = (silent - heard.time_of(found.at)).to_std().unwrap();
        let counted = close.heard.unwrap();
        println!("sounded {sounded:?}, on record {counted:?}");
        assert!(sounded.abs_diff(counted) < Duration::from_millis(300), "{sounded:?}, {counted:?}");
        let late = close.ended.unwrap() - silent;
        assert!(late.abs() < TimeDelta::milliseconds(300), "the end is told {late} too late");
    }
}

/// A text to be said once.
fn spoken(text: &str) -> Message {
    Message {
        id: MessageId::new("喊话").unwrap(),
        text: Some(text.to_owned()),
        audio: None,
        language: "zh".to_owned(),
        voice: None,
        repeat: Repeat::default(),
        volume: None,
    }
}
