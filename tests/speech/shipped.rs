//! Every message that we ship, spoken by espeak through the workshop and measured.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use dalaba::clip::RATE;
use dalaba::config::parse_playlist;
use dalaba::model::{Message, Repeat, Selection};
use dalaba::speech::engine::FALLBACK;
use dalaba::station::kinds::kinds;
use dalaba::station::sources;

use crate::studio::{assert_usual_loudness, workshop};

/// A span of sound over which its level is taken: long enough for a period of the lowest voice.
const WINDOW: usize = RATE as usize / 100;

/// Level under which a window is silent: -50 dB of full scale.
const SILENCE: f32 = 0.003_16;

/// Longest silence inside a message.
const LONGEST: Duration = Duration::from_millis(800);

/// The voice of a house that has chosen none.
fn espeak() -> Selection {
    Selection { kind: FALLBACK.to_owned(), options: BTreeMap::new() }
}

fn messages() -> Vec<Message> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("broadcasts");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let playlists = files.filter(|file| file.extension().is_some_and(|extension| extension == "toml"));
    let mut messages: Vec<Message> = playlists
        .flat_map(|file| {
            let playlist = parse_playlist(&sources::read(&file).unwrap(), &kinds()).value.unwrap();
            playlist.messages.into_iter().map(|message| Message::clone(&message)).collect::<Vec<_>>()
        })
        .filter(|message| message.text.is_some())
        .map(|message| {
            let repeat = Repeat { times: 1, ..message.repeat };
            Message { repeat, audio: None, voice: Some(espeak()), ..message }
        })
        .collect();
    messages.sort_by(|one, other| one.text.cmp(&other.text));
    messages.dedup_by(|one, other| one.text == other.text);
    messages
}

/// Returns the longest row of silent windows between the first and the last that sound.
fn longest_silence(samples: &[f32]) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
    let level = |window: &[f32]| (window.iter().map(|s| s * s).sum::<f32>() / window.len() as f32).sqrt();
    let loud: Vec<usize> = samples
        .chunks(WINDOW)
        .enumerate()
        .filter(|(_, window)| level(window) > SILENCE)
        .map(|(at, _)| at)
        .collect();
    let windows = loud.windows(2).map(|pair| pair[1] - pair[0] - 1).max().unwrap();
    Duration::from_millis(10 * u64::try_from(windows).unwrap())
}

#[tokio::test]
async fn every_shipped_message_sounds_as_planned_unclipped_unbroken_and_the_same_every_time() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (workshop(one.path()), workshop(other.path()));
    let messages = messages();
    assert!(messages.len() >= 30, "{}", messages.len());
    for message in messages {
        let id = &message.id;
        let planned = first.prepare(&message, None).await.unwrap();
        let (clip, length) = first.programme(&message, None, Some(&planned.voice)).await.unwrap();
        assert_eq!(length, planned, "{id}");
        assert_eq!(clip.length(), planned.message, "{id}");
        assert_usual_loudness(&clip, id.as_str());
        let silence = longest_silence(&clip.samples);
        assert!(silence <= LONGEST, "{id} is silent for {silence:?}");
        let (again, _) = second.programme(&message, None, None).await.unwrap();
        assert!(again == clip, "{id} sounds otherwise when it is made again");
    }
}
