//! What the tests of speech and recordings share: the real program, a voice, messages, deadlines.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dalaba::clip::recording::Folders;
use dalaba::clip::{CEILING, Loudness, Workshop};
use dalaba::model::{Clip, Message, MessageId, Repeat, Selection, Setting};
use dalaba::speech::engine::Home;
use dalaba::speech::text::Reader;
use dalaba::speech::text::normalize::Options;
use dalaba::station::clock;

pub(crate) const SEAT_BELT: &str = "安全带就是生命带!";
pub(crate) const HELMET: &str = "骑乘电动车请佩戴安全头盔!";

/// The program under test.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_dalaba"))
}

/// Where an engine lives whose program is this; it has no voice pack.
pub(crate) fn home(program: &Path) -> Home {
    Home { program: program.to_owned(), voices: PathBuf::from("/nowhere") }
}

pub(crate) fn voice() -> Selection {
    let options = [("words_per_minute", 160), ("pitch", 50)];
    let options = options.map(|(key, value)| (key.to_owned(), Setting::Integer(value)));
    Selection { kind: "espeak".to_owned(), options: BTreeMap::from(options) }
}

/// A workshop in `folder`: recordings in `audio/`, clips in `clips/`.
pub(crate) fn workshop(folder: &Path) -> Workshop {
    workshop_with(folder, &program())
}

pub(crate) fn workshop_with(folder: &Path, program: &Path) -> Workshop {
    fs::create_dir_all(folder.join("audio")).unwrap();
    Workshop::new(
        &voice(),
        Reader::new(&[], Options::default()),
        Folders { own: folder.join("audio"), campaigns: folder.join("campaigns") },
        folder.join("clips"),
        home(program),
    )
    .unwrap()
}

pub(crate) fn message(text: Option<&str>, audio: Option<&str>) -> Message {
    Message {
        id: MessageId::new("测试").unwrap(),
        text: text.map(str::to_owned),
        audio: audio.map(PathBuf::from),
        language: "zh".to_owned(),
        voice: None,
        repeat: Repeat { times: 1, gap: Duration::from_secs(2) },
        volume: None,
    }
}

/// Writes a program that stands in for ours.
pub(crate) fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Runs a tool that the test needs.
pub(crate) fn tool(name: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(name).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Looks until `found` finds something, for 20 s at most.
pub(crate) fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = clock::steady() + Duration::from_secs(20);
    while clock::steady() < deadline {
        if let Some(thing) = found() {
            return thing;
        }
        std::thread::yield_now();
    }
    panic!("waited in vain for {what}")
}

/// Whether a process runs no more; one that nobody has collected yet counts as gone.
pub(crate) fn is_gone(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.contains("State:") || status.contains("State:\tZ")
}

/// Asserts that a clip is as loud as a station gets it that wishes nothing, and nowhere above the ceiling.
pub(crate) fn assert_usual_loudness(clip: &Clip, what: &str) {
    let found = Loudness::of(&clip.samples, clip.rate).unwrap();
    assert!((found.integrated + 16.0).abs() <= 0.5, "{what}: {found:?}");
    assert!(found.true_peak <= CEILING, "{what}: {found:?}");
}

pub(crate) fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}
