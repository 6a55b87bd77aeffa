//! Starts on their instant. The limits here let a busy machine pass and a start that is late by design fail;
//! `benches/start` measures.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::clip::RATE;
use dalaba::station::clock;

use crate::support::correlate::peak;
use crate::support::loudspeaker::{Event, Loudspeaker};
use crate::support::noise;
use crate::support::pulse::Pulse;

const SOON: Duration = Duration::from_secs(8);

/// What the tape may be off: it hears blocks of 10 ms early, and a machine at its limits wakes late.
const SLACK: TimeDelta = TimeDelta::milliseconds(40);

fn soon() -> DateTime<Utc> {
    clock::wall() + TimeDelta::milliseconds(3_000)
}

fn ended(speaker: &Loudspeaker) -> (Option<DateTime<Utc>>, DateTime<Utc>, Duration, String) {
    match speaker.wait_for("the end", SOON, |event| matches!(event, Event::Ended { .. })) {
        Event::Ended { started, ended, heard, how, .. } => (started, ended, heard, how),
        _ => unreachable!(),
    }
}

fn up(pulse: &Pulse, words: &[&str]) -> Loudspeaker {
    let speaker = Loudspeaker::start(pulse, words);
    speaker.wait_for("up", SOON, |event| *event == Event::Up);
    speaker
}

#[test]
fn two_horns_by_two_roads_start_together_on_their_instant_and_say_so() {
    let pulse = Pulse::start(&["east", "west"]);
    let tapes = ["east", "west"].map(|sink| pulse.record(sink));
    let folder = tempfile::tempdir().unwrap();
    let clip = noise::clip(31, 600);
    let file = noise::write(&clip, &folder.path().join("clip.wav"));
    let mut speakers = ["device=pulse:east", "device=west"].map(|device| up(&pulse, &["device", device]));
    let due = soon();
    for speaker in &mut speakers {
        speaker.play_at("airing", &file, due);
    }
    let mut heard_at = Vec::new();
    for (speaker, tape) in speakers.iter().zip(tapes) {
        let (started, ended, heard, how) = ended(speaker);
        assert_eq!((how.as_str(), heard), ("drained", Duration::from_millis(600)));
        let heard = tape.finish_at(ended + TimeDelta::milliseconds(300));
        let at = heard.time_of(heard.find_near(&clip.samples, due).at);
        println!("heard {} us after the instant, told {:?}", (at - due).num_microseconds().unwrap(), started);
        assert!((at - due).abs() < SLACK, "{}", at - due);
        assert!(started.unwrap() >= due && started.unwrap() - due < SLACK, "{started:?} and not {due}");
        heard_at.push(at);
    }
    assert!((heard_at[0] - heard_at[1]).abs() < SLACK, "{heard_at:?}");
}

#[test]
fn a_start_that_is_taken_back_before_its_instant_makes_no_sound() {
    let pulse = Pulse::start(&["horn"]);
    let tape = pulse.record("horn");
    let folder = tempfile::tempdir().unwrap();
    let file = noise::write(&noise::clip(32, 2_000), &folder.path().join("clip.wav"));
    let mut speaker = up(&pulse, &["device", "device=pulse:horn"]);
    for before in [1_500, 250] {
        let due = soon();
        speaker.play_at("airing", &file, due);
        let wait = (due - clock::wall()).to_std().unwrap().saturating_sub(Duration::from_millis(before));
        crate::support::poll::pass(wait);
        // A machine that slept over the instant proves nothing.
        if clock::wall() < due - TimeDelta::milliseconds(150) {
            speaker.order("stop");
            let (started, _, heard, how) = ended(&speaker);
            assert_eq!((started, heard, how.as_str()), (None, Duration::ZERO, "stopped"));
        } else {
            ended(&speaker);
            return;
        }
    }
    let heard = tape.finish_at(clock::wall() + TimeDelta::milliseconds(800));
    assert!(peak(&heard.samples) < 0.001, "something sounded");
}

#[test]
fn a_file_holds_nothing_of_the_silence_before_a_start_and_the_start_is_exact() {
    let folder = tempfile::tempdir().unwrap();
    let pulse = Pulse::absent(&[]);
    let clip = noise::clip(33, 500);
    let file = noise::write(&clip, &folder.path().join("clip.wav"));
    let path = folder.path().join("赵家庄.wav");
    let mut speaker = up(&pulse, &["file", &format!("path={}", path.display())]);
    let due = DateTime::from_timestamp_micros(soon().timestamp_micros()).unwrap();
    speaker.play_at("airing", &file, due);
    let (started, ended, _, how) = ended(&speaker);
    assert_eq!(how, "drained");
    let off = started.unwrap() - due;
    assert!(off >= TimeDelta::zero() && off < TimeDelta::milliseconds(1), "{off}");
    assert!(ended >= due + TimeDelta::milliseconds(500), "it ended before its samples had their time");
    assert_eq!(hound::WavReader::open(&path).unwrap().len(), RATE / 2);
}
