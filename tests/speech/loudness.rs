//! Our meter beside ffmpeg's, on the same files, and everything that we ship at its loudness.

use std::path::Path;
use std::process::Command;

use dalaba::clip::{CEILING, CHIMES, Loudness, RATE};
use dalaba::model::{Chime, Clip};

use crate::studio::{HELMET, SEAT_BELT, assert_usual_loudness, message, workshop};

/// What `ffmpeg -af ebur128=peak=true` says of a file: integrated loudness, range, true peak.
fn judged(file: &Path) -> [f64; 3] {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i"])
        .arg(file)
        .args(["-af", "ebur128=peak=true", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let summary = said.rsplit("Summary:").next().unwrap();
    ["I:", "LRA:", "Peak:"].map(|name| {
        let value = summary.split(name).nth(1).and_then(|rest| rest.split_whitespace().next());
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {said}"))
    })
}

fn written(folder: &Path, samples: &[f32]) -> std::path::PathBuf {
    let path = folder.join("judged.wav");
    let sample_format = hound::SampleFormat::Float;
    let spec = hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 32, sample_format };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for sample in samples {
        writer.write_sample(*sample).unwrap();
    }
    writer.finalize().unwrap();
    path
}

/// ffmpeg rounds to 0.1, oversamples with another filter, and looks at the range ten times a second where we look once.
fn assert_agreed(folder: &Path, samples: &[f32], what: &str) -> Loudness {
    let ours = Loudness::of(samples, RATE).unwrap();
    let [integrated, range, peak] = judged(&written(folder, samples));
    println!("{what}: {ours:?}; ffmpeg {integrated} LUFS, {range} LU, {peak} dBTP");
    assert!((ours.integrated - integrated).abs() <= 0.15, "{what}: {ours:?}, but ffmpeg {integrated} LUFS");
    assert!((ours.true_peak - peak).abs() <= 0.4, "{what}: {ours:?}, but ffmpeg {peak} dBTP");
    if samples.len() > 5 * RATE as usize {
        assert!((ours.range - range).abs() <= 2.0, "{what}: {ours:?}, but ffmpeg {range} LU");
    }
    ours
}

async fn clip(text: Option<&str>, audio: Option<&str>, chime: Option<&str>) -> Clip {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio");
    for file in std::fs::read_dir(shipped).unwrap().flatten() {
        std::fs::copy(file.path(), folder.path().join("audio").join(file.file_name())).unwrap();
    }
    let chime = chime.map(|name| Chime::Named(name.to_owned()));
    workshop.programme(&message(text, audio), chime.as_ref(), None).await.unwrap().0
}

#[tokio::test]
async fn ffmpeg_reads_speech_a_recording_and_every_chime_as_we_do_and_under_the_ceiling() {
    let folder = tempfile::tempdir().unwrap();
    let mut clips = vec![("speech", clip(Some(HELMET), None, None).await)];
    clips.push(("the shipped recording", clip(None, Some("helmet.mp3"), None).await));
    for (what, clip) in &clips {
        assert_usual_loudness(clip, what);
    }
    for name in CHIMES {
        clips.push((name, clip(None, None, Some(name)).await));
    }
    for (what, clip) in clips {
        assert_agreed(folder.path(), &clip.samples, what);
        let [_, _, peak] = judged(&folder.path().join("judged.wav"));
        assert!(peak <= CEILING, "ffmpeg reads {what} at {peak} dBTP");
    }
}

/// In place of the real programmes of EBU Tech 3341, cases 7 and 8: speech that stays at a level, and speech that wanders.
#[tokio::test]
async fn ffmpeg_reads_programmes_of_a_narrow_and_of_a_wide_loudness_range_as_we_do() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(Some(SEAT_BELT), None, Some("bell")).await;
    for (what, levels) in [("narrow", [0.5, 0.6, 0.5, 0.4]), ("wide", [0.5, 0.12, 0.3, 0.1])] {
        let programme: Vec<f32> =
            levels.iter().flat_map(|level| clip.samples.iter().map(move |sample| sample * level)).collect();
        assert_agreed(folder.path(), &programme, what);
    }
}
