//! Recordings of every format, whole and cut off, made by ffmpeg and sox while the test runs.

use std::fs::{self, File};
use std::io::Cursor;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use dalaba::clip::recording::{RecordingFault, decode, measure};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::studio::{program, tool};

/// Three seconds of a tone that moves, so that coders have work, at 44.1 kHz in stereo.
fn source(folder: &Path) {
    tool(
        "sox",
        &["-n", "-r", "44100", "-c", "2", "source.wav", "synth", "3", "sine", "200-900", "vol", "0.5"],
        folder,
    );
}

fn encoded(folder: &Path, name: &str, options: &[&str]) {
    let mut arguments = vec!["-loglevel", "error", "-y", "-i", "source.wav"];
    arguments.extend(options);
    arguments.push(name);
    tool("ffmpeg", &arguments, folder);
}

/// Every format that is promised, in the flavours that people have.
const FORMATS: &[(&str, &[&str])] = &[
    ("pcm.wav", &[]),
    ("float.wav", &["-c:a", "pcm_f32le"]),
    ("a-law.wav", &["-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"]),
    ("constant.mp3", &["-b:a", "64k"]),
    ("variable.mp3", &["-q:a", "4"]),
    ("narrow.mp3", &["-ar", "16000", "-ac", "1", "-b:a", "24k"]),
    ("plain.flac", &[]),
    ("deep.flac", &["-sample_fmt", "s32", "-ar", "96000"]),
    ("vorbis.ogg", &["-c:a", "libvorbis"]),
    ("contents-last.m4a", &["-c:a", "aac"]),
    ("contents-first.m4a", &["-c:a", "aac", "-movflags", "+faststart"]),
];

fn measured(folder: &Path, file: &str) -> Result<Duration, RecordingFault> {
    measure(&program(), folder, Path::new(file))
}

#[test]
fn a_whole_recording_of_every_format_is_as_long_as_its_source() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    for (name, options) in FORMATS {
        encoded(folder.path(), name, options);
        let length = measured(folder.path(), name).unwrap().as_secs_f64();
        assert!((2.99..3.09).contains(&length), "{name} lasts {length} s");
    }
}

#[test]
fn a_recording_of_every_format_that_was_cut_off_anywhere_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    for (name, options) in FORMATS {
        encoded(folder.path(), name, options);
        let whole = fs::read(folder.path().join(name)).unwrap();
        for percent in [10, 35, 60, 85, 95] {
            let cut = format!("{percent}-{name}");
            fs::write(folder.path().join(&cut), &whole[..whole.len() * percent / 100]).unwrap();
            let answer = measured(folder.path(), &cut);
            let Err(fault @ RecordingFault::Truncated { .. }) = answer else { panic!("{cut}: {answer:?}") };
            assert!(fault.words().zh.contains("不完整"), "{}", fault.words().zh);
        }
    }
}

#[test]
fn a_truncated_recording_says_how_much_of_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    let whole = fs::read(folder.path().join("source.wav")).unwrap();
    fs::write(folder.path().join("half.wav"), &whole[..whole.len() / 2]).unwrap();
    let fault = measured(folder.path(), "half.wav").unwrap_err();
    let RecordingFault::Truncated { claimed, found } = &fault else { panic!("{fault:?}") };
    assert_eq!(*claimed, Some(Duration::from_secs(3)));
    assert!((1.4..1.6).contains(&found.as_secs_f64()), "{found:?}");
    assert_eq!(fault.words().zh, "文件不完整：应有 3.0 秒，实际只有 1.5 秒");
    assert_eq!(fault.words().en, "it is cut off: 1.5 s of 3.0 s are there");
}

/// A damaged block in the middle: the length is right, the sound is not what was recorded.
#[test]
fn a_flac_that_fails_its_own_checksum_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    encoded(folder.path(), "damaged.flac", &[]);
    let path = folder.path().join("damaged.flac");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    fs::write(&path, bytes).unwrap();
    let fault = measured(folder.path(), "damaged.flac").unwrap_err();
    assert!(matches!(fault, RecordingFault::Truncated { .. }), "{fault:?}");
}

/// What the sandbox is for should not happen in the first place.
#[test]
fn damaged_recordings_of_every_format_end_in_a_length_or_a_fault_and_never_in_a_panic() {
    const SEED: u64 = 20_261_123;
    println!("seed {SEED}");
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let folder = tempfile::tempdir().unwrap();
    tool("sox", &["-n", "-r", "16000", "source.wav", "synth", "0.5", "sine", "200-900"], folder.path());
    for (name, options) in FORMATS {
        encoded(folder.path(), name, options);
        let whole = fs::read(folder.path().join(name)).unwrap();
        for _ in 0..60 {
            let mut bytes = whole.clone();
            for _ in 0..chance.random_range(1..8) {
                // Headers lie at the front and are where the damage tells.
                let reach = if chance.random() { bytes.len() } else { bytes.len().min(200) };
                bytes[chance.random_range(0..reach)] = chance.random();
            }
            bytes.truncate(chance.random_range(bytes.len() / 2..=bytes.len()));
            let mut frames = 0;
            let answer = decode(Cursor::new(bytes), &mut |_, samples| frames += samples.len());
            assert!(answer.is_err() || frames > 0, "{name}: a length without sound");
        }
    }
}

#[test]
fn a_bare_mp3_that_claims_no_length_is_taken_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    encoded(folder.path(), "bare.mp3", &["-q:a", "6", "-write_xing", "0", "-id3v2_version", "0"]);
    let length = measured(folder.path(), "bare.mp3").unwrap().as_secs_f64();
    assert!((2.99..3.2).contains(&length), "{length} s");
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    let path = |name: &str| folder.path().join(name);
    fs::write(path("empty.mp3"), "").unwrap();
    fs::write(path("text.wav"), "安全带就是生命带!".repeat(500)).unwrap();
    encoded(folder.path(), "opus.ogg", &["-c:a", "libopus"]);
    tool("sox", &["-n", "-r", "8000", "silent.wav", "trim", "0", "2"], folder.path());
    tool("sox", &["-n", "-r", "8000", "none.wav", "trim", "0", "0"], folder.path());
    for name in ["empty.mp3", "text.wav", "opus.ogg", "silent.wav", "none.wav", "absent.wav"] {
        let fault = measured(folder.path(), name).unwrap_err();
        assert!(!fault.words().zh.is_empty(), "{name}");
    }
    assert!(matches!(measured(folder.path(), "opus.ogg"), Err(RecordingFault::Unsupported(_))));
    assert_eq!(measured(folder.path(), "silent.wav"), Err(RecordingFault::Silent));
    assert_eq!(measured(folder.path(), "none.wav"), Err(RecordingFault::Silent));
    assert_eq!(measured(folder.path(), "absent.wav"), Err(RecordingFault::Missing));
}

#[test]
fn a_recording_longer_than_ten_minutes_or_larger_than_200_mb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    tool("sox", &["-n", "-r", "8000", "-c", "1", "long.wav", "synth", "610", "sine", "400"], folder.path());
    assert_eq!(measured(folder.path(), "long.wav"), Err(RecordingFault::TooLong));
    File::create(folder.path().join("huge.wav")).unwrap().set_len(300_000_000).unwrap();
    assert_eq!(measured(folder.path(), "huge.wav"), Err(RecordingFault::TooLarge(300_000_000)));
}

#[test]
fn a_recording_lies_in_the_audio_folder_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    let audio = folder.path().join("audio");
    fs::create_dir_all(audio.join("彝语")).unwrap();
    fs::rename(folder.path().join("source.wav"), folder.path().join("outside.wav")).unwrap();
    fs::copy(folder.path().join("outside.wav"), audio.join("彝语/头盔.wav")).unwrap();
    symlink("../outside.wav", audio.join("escape.wav")).unwrap();
    symlink("彝语/头盔.wav", audio.join("link.wav")).unwrap();
    tool("mkfifo", &["audio/pipe.wav"], folder.path());
    let absolute = folder.path().join("outside.wav");

    assert!(measured(&audio, "彝语/头盔.wav").is_ok());
    assert!(measured(&audio, "link.wav").is_ok());
    for outside in ["../outside.wav", "彝语/../../outside.wav", "escape.wav", absolute.to_str().unwrap()] {
        assert_eq!(measured(&audio, outside), Err(RecordingFault::Outside), "{outside}");
    }
    assert_eq!(measured(&audio, "pipe.wav"), Err(RecordingFault::NotAFile));
    assert_eq!(measured(&audio, "彝语"), Err(RecordingFault::NotAFile));
    assert_eq!(measured(&audio.join("none"), "x.wav"), Err(RecordingFault::Missing));
}
