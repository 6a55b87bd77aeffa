//! `dalaba speak` and `dalaba listen` as people type them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::studio::{SEAT_BELT, program};

/// Runs a command in a folder of its own, where `config/station.toml` may be and the state lies.
fn dalaba(folder: &Path, lang: &str, words: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.current_dir(folder).args(words).args(["--lang", lang, "--state", "state"]);
    command.env_remove("DALABA_CONFIG").env_remove("STATE_DIRECTORY").output().unwrap()
}

/// What a command that worked wrote on standard output and on standard error.
pub(crate) fn done(folder: &Path, lang: &str, words: &[&str]) -> (String, String) {
    let output = dalaba(folder, lang, words);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (said, noted) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{words:?}: {said}{noted}");
    (said, noted)
}

/// What a command that did not work said, in both languages.
pub(crate) fn refused(folder: &Path, words: &[&str]) -> (String, String) {
    let said = |lang| {
        let output = dalaba(folder, lang, words);
        assert!(!output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    (said("zh"), said("en"))
}

/// Seconds of a finished clip: one channel of 16 bits at 48 kHz, in which something sounds.
pub(crate) fn seconds(file: &Path) -> f64 {
    let mut wav = hound::WavReader::open(file).unwrap();
    let spec = wav.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 48_000, 16));
    assert!(wav.samples::<i16>().any(|sample| sample.unwrap().abs() > 3_000), "{}", file.display());
    f64::from(wav.duration()) / 48_000.0
}

#[test]
fn speak_writes_a_finished_clip_and_says_how_long_it_is_and_who_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let (said, noted) = done(folder.path(), "zh", &["speak", "-o", "a.wav", SEAT_BELT]);
    let length = seconds(&folder.path().join("a.wav"));
    assert_eq!(said, format!("a.wav：{length:.1} 秒，espeak cmn-latn-pinyin\n"));
    assert_eq!(noted, "");
    let (said, _) = done(folder.path(), "en", &["speak", "-o", "b.wav", SEAT_BELT, SEAT_BELT]);
    assert!(said.ends_with(" s, espeak cmn-latn-pinyin\n"), "{said}");
    assert!(seconds(&folder.path().join("b.wav")) > 1.9 * length, "several texts are spoken in a row");
}

#[test]
fn the_rate_of_speak_makes_it_slower_or_faster() {
    let folder = tempfile::tempdir().unwrap();
    let length = |rate: &str| {
        done(folder.path(), "zh", &["speak", "--rate", rate, "-o", "a.wav", SEAT_BELT]);
        seconds(&folder.path().join("a.wav"))
    };
    let (slow, usual, fast) = (length("110"), length("145"), length("250"));
    assert!(slow > 1.15 * usual && usual > 1.15 * fast, "{slow} {usual} {fast}");
    let output = dalaba(folder.path(), "zh", &["speak", "--rate", "20", SEAT_BELT]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn speak_names_the_engines_and_voices_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    for (voice, zh, en) in [
        ("piper", "没有语音引擎“piper”；现有：espeak、kokoro", "there is no engine piper"),
        (
            "kokoro:zf_nobody",
            "kokoro 没有声音“zf_nobody”；现有：zf_xiaoxiao、",
            "kokoro has no voice zf_nobody",
        ),
        ("espeak:cmn", "不能在这里选声音", "has no voices to choose here"),
    ] {
        let told = refused(folder.path(), &["speak", "--voice", voice, "-o", "a.wav", SEAT_BELT]);
        assert!(told.0.contains(zh) && told.1.contains(en), "{told:?}");
    }
    let told =
        refused(folder.path(), &["speak", "--voice", "command", "--rate", "100", "-o", "a.wav", SEAT_BELT]);
    assert!(told.0.contains("不能在这里定语速") && told.1.contains("leave --rate out"), "{told:?}");
    assert!(!folder.path().join("a.wav").exists());
}

#[test]
fn a_text_without_a_sound_is_refused_in_words_and_no_file_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "  ", "……", "😀"] {
        for more in [&["-o", "a.wav"][..], &["--explain", "-o", "a.wav"]] {
            let told = refused(folder.path(), &[&["speak", text], more].concat());
            assert!(!told.0.is_empty() && !told.1.is_empty());
        }
    }
    assert!(!folder.path().join("a.wav").exists());
    let output = dalaba(folder.path(), "zh", &["speak"]);
    assert_eq!(output.status.code(), Some(2), "a text has to be given");
}

#[test]
fn explain_shows_every_step_and_makes_no_sound_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let text = "重{chong2}复一遍，拨打12123";
    let (zh, _) = done(folder.path(), "zh", &["speak", "--explain", text]);
    let lines: Vec<&str> = zh.lines().collect();
    assert_eq!(lines[0], format!("写的：{text}"));
    assert_eq!(lines[1], "念作：重复一遍，拨打幺二幺二三");
    assert!(
        lines[2].starts_with("分词：重复 ") && lines[3].starts_with("拼音：chong2 fu4 yi2 bian4 ，"),
        "{zh}"
    );
    assert!(zh.contains("重 chong2  文字里用花括号写明"), "{zh}");
    let (en, _) = done(folder.path(), "en", &["speak", "--explain", "-o", "a.wav", text]);
    assert!(en.contains("said:    重复一遍，拨打幺二幺二三") && en.contains("written in braces"), "{en}");
    assert!(seconds(&folder.path().join("a.wav")) > 1.0, "with -o it sounds too");
}

#[test]
fn when_the_chosen_voice_fails_people_are_told_who_speaks_instead_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["speak", "--voice", "kokoro:zm_yunxi", "-o", "a.wav", SEAT_BELT];
    let (said, noted) = done(folder.path(), "zh", &words);
    assert!(said.ends_with("espeak cmn-latn-pinyin\n"), "{said}");
    assert!(noted.starts_with("注意：选的语音念不了，这次由 espeak cmn-latn-pinyin 念。原因："), "{noted}");
    assert!(noted.contains("没有装语音包 kokoro，请运行 dalaba voices install kokoro"), "{noted}");
    let (_, noted) = done(folder.path(), "en", &words);
    assert!(
        noted.starts_with("note: the chosen voice cannot speak, so espeak cmn-latn-pinyin does; "),
        "{noted}"
    );
    assert_eq!(noted.lines().count(), 1, "{noted}");
    assert!(seconds(&folder.path().join("a.wav")) > 1.0);
}

/// A playlist in which the second message has a voice of its own, and the third one that fails.
const PLAYLIST: &str = "title = \"试\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"甲\"\ntext = \"安全带就是生命带!\"\n\
    [[message]]\nid = \"乙\"\ntext = \"安全带就是生命带!\"\n\
    voice = { engine = \"espeak\", words_per_minute = 100 }\n\
    [[message]]\nid = \"丙\"\ntext = \"安全带就是生命带!\"\n\
    voice = { engine = \"command\", command = [\"/nowhere/piper\"] }\n\
    [[schedule]]\ncron = \"0 0 8 * * *\"\nmessages = [\"甲\"]\nchime = \"bell\"\n";

#[test]
fn listen_writes_each_message_in_its_own_voice_with_its_chime() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("broadcasts")).unwrap();
    fs::write(folder.path().join("broadcasts/日常.toml"), PLAYLIST).unwrap();
    let (said, noted) = done(folder.path(), "zh", &["listen", "日常", "-o", "out/here"]);
    let ids: Vec<&str> = said.lines().filter_map(|line| line.split('：').next()).collect();
    assert_eq!(ids, ["甲", "乙", "丙"], "{said}");
    assert!(
        noted.contains("这次由 espeak cmn-latn-pinyin 念") && noted.contains("/nowhere/piper"),
        "{noted}"
    );
    let length = |id: &str| seconds(&folder.path().join(format!("out/here/{id}.wav")));
    assert!(length("甲") > length("丙") + 2.0, "a chime goes before it");
    assert!(length("乙") > 1.2 * length("丙"), "it is spoken slowly");
}

#[test]
fn listen_takes_one_message_and_a_playlist_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("我的.toml"), PLAYLIST).unwrap();
    let (said, noted) = done(folder.path(), "zh", &["listen", "我的.toml", "乙", "-o", "."]);
    assert!(said.starts_with("乙：") && said.lines().count() == 1 && noted.is_empty(), "{said}{noted}");
    assert!(!folder.path().join("甲.wav").exists());
    let told = refused(folder.path(), &["listen", "我的.toml", "丁", "-o", "."]);
    assert!(
        told.0.contains("没有播报条“丁”；现有：甲、乙、丙") && told.1.contains("no message 丁"),
        "{told:?}"
    );
    let told = refused(folder.path(), &["listen", "没有的", "-o", "."]);
    assert!(told.0.contains("没有的"), "{told:?}");
}
