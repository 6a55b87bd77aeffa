//! The volume by a control of ALSA: PulseAudio's own, as no sound card is in a test machine.

use std::time::Duration;

use dalaba::model::Clip;

use crate::support::correlate::peak;
use crate::support::loudspeaker::{Event, Loudspeaker};
use crate::support::pulse::Pulse;
use crate::support::{noise, poll};

const SOON: Duration = Duration::from_secs(10);

/// Plays a steady sound at 50 % and returns its peak.
fn played(pulse: &Pulse, orders: &[&str]) -> f32 {
    let recording = pulse.record("horn");
    let folder = tempfile::tempdir().unwrap();
    let file =
        noise::write(&Clip { rate: 48_000, samples: vec![0.5; 24_000] }, &folder.path().join("clip.wav"));
    let mut speaker = Loudspeaker::start(pulse, &["device", "device=pulse:horn"]);
    speaker.wait_for("up", SOON, |event| *event == Event::Up);
    for order in orders {
        speaker.order(order);
    }
    speaker.play("airing", &file);
    let end = speaker.wait_for("the end", SOON, |event| matches!(event, Event::Ended { .. }));
    let Event::Ended { ended, .. } = end else { unreachable!() };
    peak(&recording.finish_at(ended).samples)
}

fn sink_volume(pulse: &Pulse) -> String {
    pulse.control(&["get-sink-volume", "horn"]).unwrap()
}

#[test]
fn a_control_is_set_in_place_of_our_own_gain_and_without_it_ours_does_it() {
    let pulse = Pulse::start(&["horn"]);
    let ours = played(&pulse, &["next 50"]);
    assert!((ours - 0.158).abs() < 0.01, "{ours}");
    let without = played(&pulse, &["mixer nowhere Master", "next 50"]);
    assert!((without - 0.158).abs() < 0.01, "{without}");
    assert!(sink_volume(&pulse).contains("100%"), "{}", sink_volume(&pulse));
    played(&pulse, &["mixer horn Master", "next 50"]);
    poll::until("the control at 50 %", SOON, || sink_volume(&pulse).contains("50%").then_some(()));
    // What we send is as it was: the control alone makes it softer, in steps of its own.
    played(&pulse, &["mixer horn Master", "next 100"]);
    assert!(sink_volume(&pulse).contains("100%"), "{}", sink_volume(&pulse));
    assert!(played(&pulse, &["mixer horn Master", "next 0"]) < 0.000_1);
}
