//! The outputs that stand for a device in real time: `file` and `null`, played by the player.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::clip::RATE;
use dalaba::model::{AiringId, Clip, Selection, Setting, StationId};
use dalaba::output::{self, OpenContext, OutputFault};
use dalaba::station::clock;
use dalaba::station::player::{How, Player, PlayerEvent, Setup};

use crate::support::correlate::{correlation, peak, samples_in};
use crate::support::{noise, poll};

const SOON: Duration = Duration::from_secs(6);

fn selection(kind: &str, options: &[(&str, &str)]) -> Selection {
    let options: BTreeMap<_, _> =
        options.iter().map(|(key, value)| ((*key).to_owned(), Setting::Text((*value).to_owned()))).collect();
    Selection { kind: kind.to_owned(), options }
}

fn into_file(path: &Path) -> Selection {
    selection("file", &[("path", path.to_str().unwrap())])
}

fn player(selection: Selection, volume: u8) -> (Player, mpsc::Receiver<PlayerEvent>) {
    let (send, events) = mpsc::channel();
    let setup = Setup {
        station: StationId::new("赵家庄").unwrap(),
        open: Box::new(move || output::open(&selection, OpenContext { clock: clock::steady })),
        probe: None,
        amplifier: None,
        volume,
    };
    let player = Player::start(setup, Box::new(move |event| send.send(event).unwrap_or_default())).unwrap();
    assert_eq!(events.recv_timeout(SOON), Ok(PlayerEvent::Up));
    (player, events)
}

fn play(player: &Player, name: &str, clip: &Clip) {
    player.play(AiringId::from_record(name), Arc::new(clip.clone()));
}

fn recorded(path: &Path) -> Vec<f32> {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!(
        (reader.spec().channels, reader.spec().sample_rate, reader.spec().bits_per_sample),
        (1, RATE, 16)
    );
    reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32768.0).collect()
}

#[test]
fn a_file_is_played_in_real_time_and_holds_one_airing_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("还没有的目录").join("赵家庄.wav");
    let (player, events) = player(into_file(&path), 100);
    let clips = [noise::clip(1, 900), noise::clip(2, 600)];
    for clip in &clips {
        let begun = clock::wall();
        play(&player, "airing", clip);
        let Ok(PlayerEvent::Started { at, .. }) = events.recv_timeout(SOON) else { panic!("no start") };
        let Ok(PlayerEvent::Ended { started, ended, heard, how, .. }) = events.recv_timeout(SOON) else {
            panic!("no end")
        };
        assert_eq!((started, how, heard), (Some(at), How::Drained, clip.length()));
        assert!(at - begun < TimeDelta::milliseconds(100), "{}", at - begun);
        let off = (ended - at - TimeDelta::from_std(clip.length()).unwrap()).abs();
        assert!(off < TimeDelta::milliseconds(100), "{off}");
    }
    let sound = recorded(&path);
    assert_eq!(sound.len(), clips[0].samples.len() + clips[1].samples.len());
    let (first, second) = sound.split_at(clips[0].samples.len());
    assert!(correlation(first, &clips[0].samples) > 0.999 && correlation(second, &clips[1].samples) > 0.999);
}

#[test]
fn a_recording_can_be_opened_while_it_is_written_and_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("赵家庄.wav");
    let (first, events) = player(into_file(&path), 100);
    play(&first, "long", &noise::clip(1, 5_000));
    poll::until("a second of sound in the file", SOON, || (recorded(&path).len() >= 48_000).then_some(()));
    first.quit();
    let before = events.into_iter().find_map(|event| match event {
        PlayerEvent::Ended { how, heard, .. } => Some((how, heard)),
        _ => None,
    });
    let (how, heard) = before.unwrap();
    let kept = recorded(&path).len();
    assert_eq!((how, heard.as_millis()), (How::Stopped, (kept * 1000 / RATE as usize) as u128));
    let (second, events) = player(into_file(&path), 100);
    play(&second, "short", &noise::clip(2, 300));
    events.iter().find(|event| matches!(event, PlayerEvent::Ended { .. })).unwrap();
    assert_eq!(recorded(&path).len(), kept + 14_400);
}

#[test]
fn silence_is_played_in_real_time_too_and_its_progress_can_be_followed() {
    let (player, events) = player(selection("null", &[]), 100);
    let clip = noise::clip(1, 1_000);
    play(&player, "airing", &clip);
    events.recv_timeout(SOON).unwrap();
    let half = poll::until("half of the clip", SOON, || {
        Some(player.progress()).filter(|progress| progress.heard >= Duration::from_millis(500))
    });
    assert_eq!(half.of, clip.length());
    assert!(half.heard < clip.length());
    let Ok(PlayerEvent::Ended { started: Some(started), ended, .. }) = events.recv_timeout(SOON) else {
        panic!("no end")
    };
    let off = (ended - started - TimeDelta::seconds(1)).abs();
    assert!(off < TimeDelta::milliseconds(100), "{off}");
}

#[test]
fn a_stop_fades_what_sounds_and_a_new_clip_cuts_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("赵家庄.wav");
    let (player, events) = player(into_file(&path), 100);
    play(&player, "old", &noise::clip(1, 5_000));
    events.recv_timeout(SOON).unwrap();
    let new = noise::clip(2, 500);
    play(&player, "new", &new);
    let Ok(PlayerEvent::Ended { airing, how, heard, .. }) = events.recv_timeout(SOON) else {
        panic!("no end")
    };
    assert_eq!((airing.as_str(), how), ("old", How::Stopped));
    assert!(heard < Duration::from_millis(400), "{heard:?}");
    player.stop();
    player.stop();
    let ended: Vec<_> =
        [events.recv_timeout(SOON), events.recv_timeout(SOON)].into_iter().flatten().collect();
    assert!(
        ended.iter().any(|event| matches!(event, PlayerEvent::Ended { how: How::Stopped, .. })),
        "{ended:?}"
    );
    let sound = recorded(&path);
    let last = &sound[sound.len() - 8..];
    assert!(peak(last) < 0.02, "it ends with a click: {last:?}");
}

#[test]
fn half_the_volume_is_10_db_less_and_it_changes_amid_a_clip_without_a_jump() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("赵家庄.wav");
    let (player, events) = player(into_file(&path), 50);
    let clip = Clip { rate: RATE, samples: vec![0.8; 72_000] };
    play(&player, "airing", &clip);
    events.recv_timeout(SOON).unwrap();
    player.volume(25);
    events.recv_timeout(SOON).unwrap();
    let sound = recorded(&path);
    assert!((sound[0] - 0.253).abs() < 0.001 && (sound[71_999] - 0.08).abs() < 0.001);
    let steepest = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.001, "it jumps by {steepest}");
}

#[test]
fn an_emergency_is_loud_from_its_first_sample_and_what_it_cuts_is_not_made_louder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("赵家庄.wav");
    let (player, events) = player(into_file(&path), 50);
    let clip = Clip { rate: RATE, samples: vec![0.8; 48_000] };
    play(&player, "routine", &clip);
    events.recv_timeout(SOON).unwrap();
    player.volume_of_next(100);
    play(&player, "emergency", &clip);
    let Ok(PlayerEvent::Ended { heard, .. }) = events.recv_timeout(SOON) else { panic!("no end") };
    events.iter().find(|event| matches!(event, PlayerEvent::Ended { .. })).unwrap();
    let sound = recorded(&path);
    let cut = samples_in(heard);
    assert!(sound[..cut].iter().all(|sample| *sample < 0.254), "the old one was made louder");
    assert_eq!(sound.len(), cut + clip.samples.len());
    assert!(sound[cut..].iter().all(|sample| (sample - 0.8).abs() < 0.001), "the new one begins softer");
}

#[test]
fn a_device_is_never_taken_by_number_because_hdmi_may_have_that_number_after_a_restart() {
    for name in ["hw:0", "plughw:1,0", "hw:CARD=0", "0"] {
        let fault =
            output::open(&selection("device", &[("device", name)]), OpenContext { clock: clock::steady });
        let Err(fault @ OutputFault::Numbered { .. }) = fault else { panic!("{name} was taken") };
        assert!(fault.words().zh.contains("hw:CARD=") && fault.words().en.contains("hw:CARD="));
    }
}
