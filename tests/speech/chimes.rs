//! `dalaba chimes` as people type it.

use std::fs;

use crate::commands::{done, refused, seconds};
use crate::studio::tool;

#[test]
fn chimes_lists_every_sound_with_its_use_and_length_in_both_languages_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let (zh, _) = done(folder.path(), "zh", &["chimes"]);
    let (en, _) = done(folder.path(), "en", &["chimes"]);
    for name in ["four-rising", "four-falling", "bell", "alarm", "drill", "test"] {
        assert!(zh.lines().any(|line| line.starts_with(name) && line.contains(" 秒")), "{zh}");
        assert!(en.lines().any(|line| line.starts_with(name) && line.contains(" s ")), "{en}");
    }
    assert!(zh.contains("只用在应急播报之前") && en.contains("only before emergencies"));
    let (lines, _) = done(folder.path(), "zh", &["chimes", "--format", "json"]);
    let listed: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.len(), 6);
    let alarm = listed.iter().find(|sound| sound["name"] == "alarm").unwrap();
    assert_eq!((&alarm["in_playlists"], &alarm["seconds"]), (&false.into(), &4.0.into()));
}

#[test]
fn chimes_writes_a_sound_of_ours_or_a_recording_as_it_would_be_aired() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("audio")).unwrap();
    tool(
        "sox",
        &["-n", "-r", "44100", "audio/ding.wav", "synth", "1.5", "sine", "880", "gain", "-3"],
        folder.path(),
    );
    for (name, length) in [("bell", 3.0), ("alarm", 4.0), ("ding.wav", 1.5)] {
        let (said, noted) = done(folder.path(), "zh", &["chimes", name, "-o", "a.wav"]);
        assert_eq!((said, noted), (format!("a.wav：{length:.1} 秒，{name}\n"), String::new()));
        // On air a chime has a rest behind it.
        let heard = seconds(&folder.path().join("a.wav"));
        assert!((length + 0.3..length + 0.6).contains(&heard), "{name} lasts {heard} s");
    }
}

#[test]
fn chimes_does_not_sound_the_alarm_unless_it_is_meant_and_says_what_cannot_be_a_chime() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("audio")).unwrap();
    tool(
        "sox",
        &["-n", "-r", "8000", "audio/long.wav", "synth", "31", "sine", "880", "gain", "-3"],
        folder.path(),
    );
    for (words, zh, en) in [
        (&["chimes", "alarm"][..], "一定要放，写 --play", "add --play"),
        (
            &["chimes", "siren", "-o", "a.wav"],
            "“siren”不是自带的提示音（four-rising、",
            "siren is no chime of ours",
        ),
        (&["chimes", "long.wav", "-o", "a.wav"], "最长 30 秒", "at most 30 s"),
    ] {
        let said = refused(folder.path(), words);
        assert!(said.0.contains(zh) && said.1.contains(en), "{said:?}");
    }
    assert!(!folder.path().join("a.wav").exists());
}
