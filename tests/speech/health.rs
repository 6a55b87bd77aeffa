//! Recordings with everything that goes wrong at a microphone, made by espeak-ng, sox and ffmpeg while the test runs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dalaba::clip::recording::{Flaw, Health, RecordingFault, decode, examine};
use dalaba::model::Shaping;

use crate::studio::{program, tool};

/// Makes `good.wav`: a sentence at an ordinary level.
fn source(folder: &Path) {
    let words =
        ["-v", "cmn-latn-pinyin", "-s", "145", "-w", "good.wav", "qing3 pei4 dai4 an1 qvan2 tou2 kui1"];
    tool("espeak-ng", &words, folder);
    tool("sox", &["good.wav", "level.wav", "norm", "-4"], folder);
    fs::rename(folder.join("level.wav"), folder.join("good.wav")).unwrap();
}

fn found(folder: &Path, file: &str) -> Result<Health, RecordingFault> {
    examine(&program(), folder, Path::new(file))
}

fn flaws(folder: &Path, file: &str) -> Vec<Flaw> {
    let health = found(folder, file).unwrap();
    println!("{file}: {health:?}");
    health.flaws(Shaping::default())
}

/// Makes a file of `good.wav` with sox and returns what is wrong with it.
fn spoilt(folder: &Path, file: &str, effects: &str) -> Vec<Flaw> {
    let words: Vec<&str> = ["-R", "good.wav", file].into_iter().chain(effects.split(' ')).collect();
    tool("sox", &words, folder);
    flaws(folder, file)
}

fn mp3(folder: &Path, from: &str, to: &str) -> Vec<Flaw> {
    tool("ffmpeg", &["-loglevel", "error", "-y", "-i", from, "-b:a", "64k", to], folder);
    flaws(folder, to)
}

#[test]
fn nothing_is_wrong_with_a_good_recording_of_any_kind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    source(folder);
    assert_eq!(flaws(folder, "good.wav"), []);
    assert_eq!(mp3(folder, "good.wav", "good.mp3"), []);
    for (file, effects) in [
        ("narrow.wav", "rate 8000"),
        ("stereo.wav", "remix 1v1 1v0.7"),
        ("loud.wav", "norm -0.1"),
        ("soft.wav", "norm -20"),
        ("breath.wav", "pad 0.9 0.8"),
    ] {
        assert_eq!(spoilt(folder, file, effects), [], "{file}");
    }
    tool("sox", &["-n", "-r", "48000", "tone.wav", "synth", "3", "sine", "440", "norm", "-1"], folder);
    assert_eq!(flaws(folder, "tone.wav"), [], "a tone is flat at its top by nature");
    assert_eq!(mp3(folder, "tone.wav", "tone.mp3"), []);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio");
    assert_eq!(flaws(&shipped, "helmet.mp3"), []);
}

#[test]
fn what_is_too_quiet_to_raise_is_told() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    let found = spoilt(folder.path(), "quiet.wav", "norm -44");
    assert!(matches!(found[..], [Flaw::TooQuiet(missing)] if missing > 10.0 && missing < 30.0), "{found:?}");
}

#[test]
fn what_was_recorded_too_loud_is_told_also_when_it_was_turned_down_or_smeared_later() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    source(folder);
    let is_clipped = |found: &[Flaw]| matches!(found, [Flaw::Clipped(at)] if *at < Duration::from_secs(1));
    for (file, effects) in [("clipped.wav", "gain 16"), ("turned-down.wav", "gain 16 vol 0.3")] {
        let found = spoilt(folder, file, effects);
        assert!(is_clipped(&found), "{file}: {found:?}");
    }
    let found = mp3(folder, "clipped.wav", "clipped.mp3");
    assert!(is_clipped(&found), "{found:?}");
}

#[test]
fn long_silence_at_either_end_is_told_with_its_length() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    for (file, effects, expected) in
        [("begin.wav", "pad 3 0", (3.0, 0.0)), ("end.wav", "pad 0 2.5", (0.0, 2.5))]
    {
        let found = spoilt(folder.path(), file, effects);
        let [Flaw::SilentEnds(before, after)] = found[..] else { panic!("{file}: {found:?}") };
        let off = [before.as_secs_f64() - expected.0, after.as_secs_f64() - expected.1];
        assert!(off.iter().all(|off| (-0.05..0.5).contains(off)), "{file}: {found:?}");
    }
}

#[test]
fn a_dead_channel_and_channels_out_of_phase_are_told() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    assert_eq!(spoilt(folder.path(), "left.wav", "remix 1 0"), [Flaw::DeadChannel(2)]);
    assert_eq!(spoilt(folder.path(), "right.wav", "remix 0 1"), [Flaw::DeadChannel(1)]);
    assert_eq!(spoilt(folder.path(), "phase.wav", "remix 1v1 1v-0.6"), [Flaw::OutOfPhase]);
    tool("sox", &["good.wav", "gone.wav", "remix", "1v1", "1v-1"], folder.path());
    assert_eq!(found(folder.path(), "gone.wav"), Err(RecordingFault::Cancelled));
}

#[test]
fn sound_that_a_horn_does_not_carry_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (hertz, below) in [("90", true), ("9000", false)] {
        tool(
            "sox",
            &["-n", "-r", "44100", "hum.wav", "synth", "4", "sine", hertz, "norm", "-12"],
            folder.path(),
        );
        let found = flaws(folder.path(), "hum.wav");
        let right = match found[..] {
            [Flaw::BelowHorn(part)] => below && part > 0.95,
            [Flaw::AboveHorn(part)] => !below && part > 0.95,
            _ => false,
        };
        assert!(right, "{hertz} Hz: {found:?}");
    }
}

#[test]
fn soft_and_loud_parts_far_apart_are_told() {
    let folder = tempfile::tempdir().unwrap();
    source(folder.path());
    tool("sox", &["good.wav", "soft.wav", "repeat", "5", "gain", "-22"], folder.path());
    tool("sox", &["good.wav", "long.wav", "repeat", "5"], folder.path());
    tool("sox", &["long.wav", "soft.wav", "uneven.wav"], folder.path());
    let found = flaws(folder.path(), "uneven.wav");
    assert!(matches!(found[..], [Flaw::Uneven(range)] if range > 15.0), "{found:?}");
}

/// A village whose one message is a recording.
fn village(folder: &Path, audio: &str) {
    for name in ["config", "broadcasts", "audio"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let station = "[[station]]\nid = \"赵家庄\"\noutput = { kind = \"null\" }\n";
    fs::write(folder.join("config/station.toml"), station).unwrap();
    let playlist = format!(
        "title = \"录音\"\nstations = [\"*\"]\n\n[[message]]\nid = \"头盔\"\naudio = \"{audio}\"\n\n[[schedule]]\n\
         at = [\"08:00\"]\n"
    );
    fs::write(folder.join("broadcasts/录音.toml"), playlist).unwrap();
}

fn checked(folder: &Path, words: &[&str], locale: &str) -> String {
    let config = folder.join("config/station.toml");
    let output = Command::new(program())
        .current_dir(folder)
        .env("LC_ALL", locale)
        .args(["check", "--config"])
        .arg(config)
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_check_names_the_line_and_the_fix_and_trims_into_a_copy_that_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    village(folder, "长.wav");
    let audio = folder.join("audio");
    source(&audio);
    tool("sox", &["good.wav", "长.wav", "pad", "4", "3"], &audio);
    let original = fs::read(audio.join("长.wav")).unwrap();
    let told = checked(folder, &[], "zh_CN.UTF-8");
    for part in ["录音.toml:6:9", "开头有 4.", "结尾有 3.", "dalaba check --trim", "0 处错误，1 处警告"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    let told = checked(folder, &[], "en_US.UTF-8");
    assert!(told.contains("is silent for 4.") && told.contains("dalaba check --trim"), "{told}");
    assert_eq!(fs::read_dir(&audio).unwrap().count(), 2, "nothing is written unasked");

    let told = checked(folder, &["--trim"], "zh_CN.UTF-8");
    assert!(told.contains("剪好了 `长.trimmed.flac`"), "{told}");
    assert_eq!(fs::read(audio.join("长.wav")).unwrap(), original, "the original is as it was");
    assert_eq!(flaws(&audio, "长.trimmed.flac"), []);
    let copy = fs::read(audio.join("长.trimmed.flac")).unwrap();
    let length = decode(std::io::Cursor::new(copy.clone()), &mut |_, _| ()).unwrap();
    let speech = found(&audio, "good.wav").unwrap().length;
    assert!(length.abs_diff(speech) < Duration::from_millis(700), "{length:?} of {speech:?}");

    let told = checked(folder, &["--trim"], "en_US.UTF-8");
    assert!(told.contains("is there already and was left as it is"), "{told}");
    assert_eq!(fs::read(audio.join("长.trimmed.flac")).unwrap(), copy);
}
