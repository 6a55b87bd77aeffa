//! Messages that cannot be spoken or played.

use std::fs;

use dalaba::model::{Outcome, Reason};

use super::daemon::{House, heard, playlist};

/// Makes the built-in voice overflow and die.
fn unspeakable() -> String {
    "s'".repeat(220)
}

#[test]
fn a_text_that_kills_the_voice_costs_only_its_own_airing() {
    let house = House::of(&["赵家庄"]);
    let second = "[[message]]\nid = \"乙\"\ntext = \"停水\"\n";
    house.write("broadcasts/坏.toml", &(playlist(&unspeakable(), "*/5 * * * * *", "1m") + second));
    let running = house.start();
    let bad = house.wait_for("the end of the bad one", |e| e.message == "甲").close.unwrap();
    assert_eq!((bad.outcome, bad.reason), (Outcome::Failed, Some(Reason::RenderFailed)), "{}", bad.detail);
    assert!(!bad.detail.is_empty() && bad.started.is_none());
    let good = house.wait_for("the end of the good one", |e| e.message == "乙").close.unwrap();
    assert!(matches!(good.outcome, Outcome::Completed | Outcome::CompletedLate), "{good:?}");
    assert!(running.end("TERM").0.success());
    house.verified();
}

#[test]
fn a_recording_that_was_taken_away_is_replaced_by_its_text_and_without_one_fails() {
    let house = House::of(&["赵家庄"]);
    let helmet = concat!(env!("CARGO_MANIFEST_DIR"), "/audio/helmet.mp3");
    fs::copy(helmet, house.path("audio/甲.mp3")).unwrap();
    let with_text = playlist("停水", "*/20 * * * * *", "1m").replace("text =", "audio = \"甲.mp3\"\ntext =");
    let without = "[[message]]\nid = \"乙\"\naudio = \"甲.mp3\"\n";
    let broken_text = format!("[[message]]\nid = \"丙\"\naudio = \"甲.mp3\"\ntext = \"{}\"\n", unspeakable());
    house.write("broadcasts/录音.toml", &(with_text + without + &broken_text));
    let checked = house.dalaba(&["check"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    fs::remove_file(house.path("audio/甲.mp3")).unwrap();
    let running = house.start();
    let spoken = house.wait_for("the text instead", |e| e.message == "甲");
    assert!(heard(&spoken), "{spoken:?}");
    assert_ne!(spoken.voice, "recording");
    for message in ["乙", "丙"] {
        let gone = house.wait_for("an honest failure", |e| e.message == message).close.unwrap();
        assert_eq!(gone.outcome, Outcome::Failed);
        assert!(matches!(gone.reason, Some(Reason::FileMissing | Reason::RenderFailed)), "{gone:?}");
        println!("{message}: {:?}: {}", gone.reason, gone.detail);
    }
    running.end("TERM");
    house.verified();
}

#[test]
fn a_folder_of_clips_that_cannot_be_used_silences_nothing_or_says_so() {
    let house = House::of(&["赵家庄"]);
    house.playlist("日常", "停水", "*/3 * * * * *", "10s");
    fs::create_dir(house.state()).unwrap();
    fs::write(house.path("state/clips"), "in the way").unwrap();
    let running = house.start();
    let close = house.wait_for("an end", |_| true).close.unwrap();
    println!("{} {:?} {}", close.outcome, close.reason, close.detail);
    let honest = close.outcome == Outcome::Failed && close.reason == Some(Reason::RenderFailed);
    let sounded = matches!(close.outcome, Outcome::Completed | Outcome::CompletedLate);
    assert!(sounded || honest && !close.detail.is_empty(), "{close:?}");
    running.end("TERM");
    house.verified();
}
