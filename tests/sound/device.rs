//! The output `device` on a real PulseAudio, through its own protocol and through ALSA.

use std::time::Duration;

use chrono::TimeDelta;
use dalaba::station::clock;

use crate::support::correlate::peak;
use crate::support::loudspeaker::{Event, Loudspeaker};
use crate::support::pulse::Pulse;
use crate::support::recording::{Heard, RATE};
use crate::support::{noise, poll};

const SOON: Duration = Duration::from_secs(6);

fn up(speaker: &Loudspeaker) {
    speaker.wait_for("up", SOON, |event| *event == Event::Up);
}

fn ended(speaker: &Loudspeaker) -> Event {
    speaker.wait_for("the end", SOON, |event| matches!(event, Event::Ended { .. }))
}

/// Plays a clip on `device` and returns what was recorded at the sink with the event of the end.
fn played_on(device: &str, millis: usize) -> (Vec<f32>, Heard, Event) {
    let pulse = Pulse::start(&["horn", "other"]);
    let recording = pulse.record("horn");
    let clip = noise::clip(millis as u64, millis);
    let folder = tempfile::tempdir().unwrap();
    let file = noise::write(&clip, &folder.path().join("clip.wav"));
    let mut speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
    up(&speaker);
    let ordered = clock::wall();
    speaker.play("airing", &file);
    let end = ended(&speaker);
    let Event::Ended { started, ended, .. } = &end else { unreachable!() };
    println!("order to sound {} ms", (started.unwrap() - ordered).num_milliseconds());
    // The program is ended at once: that must not cut the tail either.
    let ended = *ended;
    speaker.finish();
    let heard = recording.finish_at(ended + TimeDelta::milliseconds(500));
    (clip.samples, heard, end)
}

fn assert_heard_whole(clip: &[f32], heard: &Heard, end: &Event) {
    let found = heard.find(clip).unwrap();
    assert!(found.correlation >= 0.95, "{found:?}");
    let Event::Ended { started: Some(started), ended, heard: length, how, .. } = end else {
        panic!("{end:?}")
    };
    assert_eq!(how, "drained");
    let off = *started - heard.time_of(found.at);
    println!("correlation {:.4}, start off by {} ms", found.correlation, off.num_milliseconds());
    assert!(off.abs() < TimeDelta::milliseconds(200), "{off}");
    let off = *ended - heard.time_of(found.at + clip.len());
    println!("end off by {} ms", off.num_milliseconds());
    assert!(off > TimeDelta::milliseconds(-20) && off < TimeDelta::milliseconds(300), "{off}");
    assert_eq!(length.as_micros() as usize, clip.len() * 1_000_000 / RATE);
}

/// Our clips are at the rate of the device, and what plays them resamples nothing: not one sample comes out as another.
#[test]
fn every_sample_of_a_clip_reaches_the_device_as_it_is() {
    for device in ["pulse:horn", "horn"] {
        let (clip, heard, _) = played_on(device, 1_000);
        let at = heard.find(&clip).unwrap().at;
        let off = clip.iter().zip(&heard.samples[at..]).map(|(sent, came)| (sent - came).abs());
        let worst = off.fold(0.0, f32::max);
        // The file that was played rounds to 16 bits, and so does the tape.
        assert!(worst < 3.0 / 32_768.0, "{device}: off by {worst}");
    }
}

#[test]
fn a_clip_is_heard_whole_on_a_sink_named_in_pulseaudio() {
    let (clip, heard, end) = played_on("pulse:horn", 2_000);
    assert_heard_whole(&clip, &heard, &end);
}

#[test]
fn a_clip_is_heard_whole_on_a_pcm_of_alsa() {
    let (clip, heard, end) = played_on("horn", 2_000);
    assert_heard_whole(&clip, &heard, &end);
}

#[test]
fn two_devices_sound_at_once_each_with_its_own_clip() {
    let pulse = Pulse::start(&["east", "west"]);
    let folder = tempfile::tempdir().unwrap();
    let mut stations: Vec<_> = ["pulse:east", "west"]
        .into_iter()
        .zip(1..)
        .map(|(device, seed)| {
            let recording = pulse.record(device.trim_start_matches("pulse:"));
            let clip = noise::clip(seed, 1_500);
            let file = noise::write(&clip, &folder.path().join(format!("{seed}.wav")));
            let speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
            (speaker, recording, clip, file)
        })
        .collect();
    for (speaker, _, _, file) in &mut stations {
        up(speaker);
        speaker.play("airing", file);
    }
    let mut spans = Vec::new();
    for (speaker, recording, clip, _) in stations {
        let end = ended(&speaker);
        let Event::Ended { started: Some(started), ended, .. } = end else { panic!("{end:?}") };
        let heard = recording.finish_at(ended + TimeDelta::milliseconds(300));
        assert_heard_whole(&clip.samples, &heard, &end);
        spans.push((started, ended));
    }
    assert!(spans[0].0 < spans[1].1 && spans[1].0 < spans[0].1, "not at once: {spans:?}");
}

#[test]
fn a_stop_is_silent_within_250_ms_and_counts_what_was_heard() {
    for device in ["pulse:horn", "horn"] {
        let pulse = Pulse::start(&["horn"]);
        let recording = pulse.record("horn");
        let clip = noise::clip(3, 8_000);
        let folder = tempfile::tempdir().unwrap();
        let file = noise::write(&clip, &folder.path().join("clip.wav"));
        let mut speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
        up(&speaker);
        speaker.play("airing", &file);
        speaker.wait_for("the start", SOON, |event| matches!(event, Event::Started { .. }));
        poll::pass(Duration::from_millis(700));
        let ordered = clock::wall();
        speaker.order("stop");
        let Event::Ended { ended, heard: length, how, .. } = ended(&speaker) else { unreachable!() };
        assert_eq!(how, "stopped");
        let heard = recording.finish_at(ended + TimeDelta::milliseconds(700));
        let silent = ordered + TimeDelta::milliseconds(250);
        assert!(peak(heard.between(silent, ended + TimeDelta::milliseconds(700))) < 0.001, "{device}");
        let found = heard.find(&clip.samples[..24_000]).unwrap();
        let sounded = heard.sounded(found);
        println!("{device}: sounded {sounded:?}, counted {length:?}");
        assert!(sounded.abs_diff(length) < Duration::from_millis(100));
    }
}

/// Plays, does `harm` to the server amid the clip, and checks that the loss is told honestly and costs no processor.
fn lost_and_found(device: &str, harm: impl FnOnce(&mut Pulse), heal: impl FnOnce(&mut Pulse)) -> String {
    let mut pulse = Pulse::start(&["horn"]);
    let recording = pulse.record("horn");
    let folder = tempfile::tempdir().unwrap();
    let long = noise::write(&noise::clip(4, 9_000), &folder.path().join("long.wav"));
    let short = noise::clip(5, 1_000);
    let short_file = noise::write(&short, &folder.path().join("short.wav"));
    let mut speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
    up(&speaker);
    speaker.play("long", &long);
    speaker.wait_for("the start", SOON, |event| matches!(event, Event::Started { .. }));
    poll::pass(Duration::from_millis(800));
    drop(recording);
    let (harmed, ticks) = (clock::wall(), speaker.ticks());
    harm(&mut pulse);
    let Event::Ended { started: Some(started), ended: at, heard, how, .. } = ended(&speaker) else {
        panic!("lost before it was heard")
    };
    assert_eq!(how, "lost");
    let seen = clock::wall() - harmed;
    println!("{device}: seen after {} ms", seen.num_milliseconds());
    assert!(seen < TimeDelta::seconds(2), "{seen}");
    let sounded = (harmed - started).to_std().unwrap();
    println!("{device}: sounded {sounded:?}, counted {heard:?}");
    assert!(heard.abs_diff(sounded) < Duration::from_millis(200), "{heard:?} {sounded:?}");
    let late = at - harmed;
    assert!(late.abs() < TimeDelta::milliseconds(200), "the end is told {late} too late");
    speaker.wait_for("down", SOON, |event| matches!(event, Event::Down(_)));
    poll::pass(Duration::from_secs(1));
    let spent = speaker.ticks() - ticks;
    println!("{device}: spent {spent} ticks");
    assert!(spent < 60, "{spent} ticks of 10 ms in {:?}", clock::wall() - harmed);
    heal(&mut pulse);
    up(&speaker);
    let recording = pulse.record("horn");
    speaker.play("short", &short_file);
    let end = ended(&speaker);
    let Event::Ended { ended, .. } = &end else { unreachable!() };
    let heard = recording.finish_at(*ended + TimeDelta::milliseconds(300));
    assert_heard_whole(&short.samples, &heard, &end);
    speaker.finish()
}

#[test]
fn mpd_1139_a_server_that_dies_amid_a_clip_is_seen_in_2_s_costs_no_processor_and_is_found_again() {
    for device in ["pulse:horn", "horn"] {
        let noise = lost_and_found(device, Pulse::kill, Pulse::restart);
        assert_eq!(noise, "", "standard error goes to the journal, where it would fill the disk");
    }
}

#[test]
fn mpd_423_a_device_that_hangs_when_switched_off_does_not_hang_the_player() {
    for device in ["pulse:horn", "horn"] {
        lost_and_found(device, |pulse| pulse.signal("STOP"), |pulse| pulse.signal("CONT"));
    }
}

#[test]
fn a_message_never_moves_to_another_loudspeaker_when_its_own_goes_away() {
    let pulse = Pulse::start(&["horn", "other"]);
    let recordings = [pulse.record("horn"), pulse.record("other")];
    let folder = tempfile::tempdir().unwrap();
    let file = noise::write(&noise::clip(6, 6_000), &folder.path().join("clip.wav"));
    let mut speaker = Loudspeaker::start(&pulse, &["device", "device=pulse:horn"]);
    up(&speaker);
    speaker.play("airing", &file);
    speaker.wait_for("the start", SOON, |event| matches!(event, Event::Started { .. }));
    poll::pass(Duration::from_millis(500));
    let removed = clock::wall();
    pulse.remove("horn");
    let Event::Ended { ended, how, .. } = ended(&speaker) else { unreachable!() };
    assert_eq!(how, "lost");
    let [_, other] = recordings;
    let other = other.finish_at(ended + TimeDelta::milliseconds(500));
    let strayed = other.samples.iter().filter(|sample| sample.abs() > 0.001).count();
    println!("seen after {} ms, {strayed} samples strayed", (ended - removed).num_milliseconds());
    // PulseAudio moves what it holds already before it tells us.
    assert!(strayed < RATE / 10, "{strayed} samples on the wrong loudspeaker");
}

#[test]
fn squeezelite_99_a_device_that_is_absent_at_the_start_is_found_without_a_restart() {
    for device in ["pulse:horn", "default"] {
        let mut pulse = Pulse::absent(&["horn"]);
        let mut speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
        speaker.wait_for("down", SOON, |event| matches!(event, Event::Down(_)));
        pulse.restart();
        up(&speaker);
        let recording = pulse.record("horn");
        let clip = noise::clip(7, 800);
        let folder = tempfile::tempdir().unwrap();
        speaker.play("airing", &noise::write(&clip, &folder.path().join("clip.wav")));
        let end = ended(&speaker);
        let Event::Ended { ended, .. } = &end else { unreachable!() };
        let heard = recording.finish_at(*ended + TimeDelta::milliseconds(300));
        assert_heard_whole(&clip.samples, &heard, &end);
    }
}

#[test]
fn spotifyd_154_an_absent_device_panics_nobody_and_is_told_with_the_names_that_are_there() {
    let pulse = Pulse::start(&["horn"]);
    let folder = tempfile::tempdir().unwrap();
    let file = noise::write(&noise::clip(8, 500), &folder.path().join("clip.wav"));
    for (device, present) in [("pulse:村口", "pulse:horn"), ("村口", "horn")] {
        let mut speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
        let down = speaker.wait_for("down", SOON, |event| matches!(event, Event::Down(_)));
        let Event::Down(words) = down else { unreachable!() };
        assert!(words.contains(present) && words.contains("村口"), "{words}");
        speaker.play("airing", &file);
        let Event::Ended { started: None, heard: Duration::ZERO, how, .. } = ended(&speaker) else {
            panic!("something was heard")
        };
        assert_eq!(how, "absent");
        assert!(!speaker.finish().contains("panicked"));
    }
}

#[test]
fn an_idle_device_is_closed_and_wakes_nobody() {
    let pulse = Pulse::start(&["horn"]);
    let speaker = Loudspeaker::start(&pulse, &["device", "device=pulse:horn"]);
    up(&speaker);
    let streams = || pulse.control(&["list", "short", "sink-inputs"]).unwrap();
    assert!(!streams().is_empty());
    speaker.wait_for("the closing", Duration::from_secs(12), |event| *event == Event::Closed);
    poll::until("the end of the stream", SOON, || streams().is_empty().then_some(()));
    let before = (speaker.sleeps(), speaker.ticks());
    poll::pass(Duration::from_secs(2));
    let after = (speaker.sleeps(), speaker.ticks());
    // The daemon's goal is one wake-up a second.
    assert!(after.0 - before.0 <= 2 && after.1 - before.1 <= 2, "{before:?} {after:?}");
}

#[test]
fn a_sink_that_takes_two_seconds_to_begin_is_waited_for() {
    for device in ["pulse:horn", "horn"] {
        let pulse = Pulse::start(&["horn"]);
        let folder = tempfile::tempdir().unwrap();
        let clip = noise::clip(9, 500);
        let file = noise::write(&clip, &folder.path().join("clip.wav"));
        // Nobody listens: the sink has swallowed two seconds of silence ahead and wants nothing before they are over.
        poll::pass(Duration::from_secs(2));
        let mut speaker = Loudspeaker::start(&pulse, &["device", &format!("device={device}")]);
        speaker.play("airing", &file);
        let Event::Ended { heard, how, .. } = ended(&speaker) else { unreachable!() };
        assert_eq!((how.as_str(), heard), ("drained", clip.length()), "{device}");
    }
}
