//! From a message to its programme: repeats, chimes, fallbacks, and a cache that is never believed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dalaba::clip::{CHIMES, RATE};
use dalaba::model::{Chime, Message, Reason, Repeat};

use crate::studio::{
    HELMET, SEAT_BELT, assert_usual_loudness, message, program, script, tool, workshop, workshop_with,
};

fn recording(folder: &Path, name: &str) {
    fs::create_dir_all(folder.join("audio")).unwrap();
    let path = format!("audio/{name}");
    tool(
        "sox",
        &["-n", "-r", "44100", "-c", "2", &path, "synth", "1.5", "sine", "440", "vol", "0.4"],
        folder,
    );
}

fn clips(folder: &Path) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(folder.join("clips")) else { return Vec::new() };
    files.map(|file| file.unwrap().path()).collect()
}

#[tokio::test]
async fn both_slogans_are_ready_at_a_sane_length_and_level() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    for text in [SEAT_BELT, HELMET] {
        let (clip, length) = workshop.programme(&message(Some(text), None), None, None).await.unwrap();
        assert_eq!(clip.rate, RATE);
        assert_eq!(length.voice, "espeak cmn-latn-pinyin");
        assert_eq!(length.message, clip.length());
        assert!((1.5..6.0).contains(&clip.length().as_secs_f64()), "{text}: {:?}", clip.length());
        assert_usual_loudness(&clip, text);
    }
}

#[tokio::test]
async fn a_programme_is_the_chime_and_the_message_as_often_as_it_repeats_with_its_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    let chime = Chime::Named("four-rising".to_owned());
    let repeat = Repeat { times: 3, gap: Duration::from_millis(2500) };
    let thrice = Message { repeat, ..message(Some(SEAT_BELT), None) };
    let (clip, length) = workshop.programme(&thrice, Some(&chime), None).await.unwrap();
    assert_eq!(length.chime, Duration::from_millis(3400));
    assert_eq!(clip.length(), length.chime + length.message);
    let gaps = Duration::from_secs(5);
    assert!((3 * length.reading + gaps).abs_diff(length.message) < Duration::from_micros(1));
    assert_eq!(workshop.prepare(&thrice, Some(&chime)).await.unwrap(), length);

    // Half a sample is added, because whole nanoseconds are a little less than whole samples.
    let at = |time: Duration| {
        let samples = (time.as_nanos() * u128::from(RATE) + 500_000_000) / 1_000_000_000;
        usize::try_from(samples).unwrap()
    };
    let turn = |number: u32| {
        let start = at(length.chime + number * (length.reading + repeat.gap));
        &clip.samples[start..start + at(length.reading)]
    };
    assert!(turn(0) == turn(1) && turn(1) == turn(2), "each reading is the same");
    let gap = &clip.samples[at(length.chime + length.reading)..][..at(repeat.gap)];
    assert!(gap.iter().all(|sample| *sample == 0.0), "the gap is silent");
}

#[tokio::test]
async fn english_words_in_a_chinese_message_are_joined_in_their_own_voice() {
    let folder = tempfile::tempdir().unwrap();
    let mixed = message(Some("请说 hello,谢谢"), None);
    let length = workshop(folder.path()).prepare(&mixed, None).await.unwrap();
    assert_eq!(length.voice, "espeak cmn-latn-pinyin+en-us");
}

#[tokio::test]
async fn a_rendering_from_the_cache_is_the_fresh_one_sample_for_sample() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = workshop(folder.path()).programme(&message(Some(HELMET), None), None, None).await.unwrap();
    assert_eq!(clips(folder.path()).len(), 1);
    // A program that cannot speak proves that nothing is spoken again.
    let mute = workshop_with(folder.path(), Path::new("/nonexistent"));
    assert!(mute.programme(&message(Some(HELMET), None), None, None).await.unwrap() == fresh);
}

/// music-assistant #5035.
#[tokio::test]
async fn music_assistant_5035_a_broken_cached_rendering_is_made_again_and_not_replayed_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    let text = message(Some(SEAT_BELT), None);
    let before = workshop.programme(&text, None, None).await.unwrap();
    let [kept] = &clips(folder.path())[..] else { panic!("one clip") };
    let mut bytes = fs::read(kept).unwrap();
    bytes[60_000..].fill(0);
    fs::write(kept, &bytes).unwrap();
    assert!(workshop.programme(&text, None, None).await.unwrap() == before);
    assert!(fs::read(kept).unwrap() != bytes, "the clip on disk is whole again");
}

/// `LibreTime` #756.
#[tokio::test]
async fn libretime_756_a_cached_file_replaced_during_play_touches_nothing_that_plays() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    let text = message(Some(SEAT_BELT), None);
    let (playing, _) = workshop.programme(&text, None, None).await.unwrap();
    let held = playing.clone();
    for file in clips(folder.path()) {
        fs::write(&file, b"replaced").unwrap();
        fs::remove_file(&file).unwrap();
    }
    assert!(playing == held);
    assert!(workshop.programme(&text, None, None).await.unwrap().0 == playing);
}

#[tokio::test]
async fn a_recording_is_aired_and_its_text_is_not_spoken() {
    let folder = tempfile::tempdir().unwrap();
    recording(folder.path(), "helmet.wav");
    let both = message(Some(HELMET), Some("helmet.wav"));
    let (clip, length) = workshop(folder.path()).programme(&both, None, None).await.unwrap();
    assert_eq!(length.voice, "recording");
    assert!((1.4..1.6).contains(&clip.length().as_secs_f64()), "{:?}", clip.length());
    assert_usual_loudness(&clip, "mixed to mono");
}

#[tokio::test]
async fn a_recording_that_is_replaced_is_aired_in_its_new_form() {
    let folder = tempfile::tempdir().unwrap();
    recording(folder.path(), "helmet.wav");
    let workshop = workshop(folder.path());
    let recorded = message(None, Some("helmet.wav"));
    let (old, _) = workshop.programme(&recorded, None, None).await.unwrap();
    tool("sox", &["-n", "-r", "8000", "audio/helmet.wav", "synth", "0.7", "sine", "600"], folder.path());
    let (new, _) = workshop.programme(&recorded, None, None).await.unwrap();
    assert!(new.length() < old.length());
}

#[tokio::test]
async fn a_recording_that_cannot_be_used_is_replaced_by_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    recording(folder.path(), "cut.wav");
    let cut = folder.path().join("audio/cut.wav");
    fs::File::options().write(true).open(&cut).unwrap().set_len(20_000).unwrap();
    for file in ["absent.mp3", "cut.wav"] {
        let length = workshop.prepare(&message(Some(HELMET), Some(file)), None).await.unwrap();
        assert_eq!(length.voice, "espeak cmn-latn-pinyin");
    }
}

#[tokio::test]
async fn with_text_and_recording_both_gone_the_reason_says_so_and_the_next_message_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    let crash = "s'".repeat(220);
    let cases = [
        (message(None, Some("absent.mp3")), Reason::FileMissing),
        (message(Some(&crash), Some("absent.mp3")), Reason::FileMissing),
        (message(Some(&crash), None), Reason::RenderFailed),
        (message(Some("безопасность"), None), Reason::RenderFailed),
        (Message { language: "ug".to_owned(), ..message(Some("安全"), None) }, Reason::RenderFailed),
    ];
    for (message, reason) in cases {
        let fault = workshop.programme(&message, None, None).await.unwrap_err();
        assert_eq!(fault.reason, reason, "{fault}");
        assert!(!fault.detail.zh.is_empty() && !fault.detail.en.is_empty());
    }
    assert_eq!(clips(folder.path()), Vec::<PathBuf>::new(), "nothing that failed is kept");
    workshop.prepare(&message(Some(SEAT_BELT), None), None).await.unwrap();
}

#[tokio::test]
async fn a_chime_that_cannot_be_used_never_silences_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let workshop = workshop(folder.path());
    recording(folder.path(), "ding.wav");
    let text = message(Some(SEAT_BELT), None);
    for chime in [Chime::Named("no-such".to_owned()), Chime::File(PathBuf::from("absent.wav"))] {
        let length = workshop.prepare(&text, Some(&chime)).await.unwrap();
        assert_eq!(length.chime, Duration::ZERO);
    }
    let own = Chime::File(PathBuf::from("ding.wav"));
    assert!(workshop.prepare(&text, Some(&own)).await.unwrap().chime > Duration::from_millis(1800));
    for name in CHIMES {
        let named = Chime::Named((*name).to_owned());
        assert_eq!(workshop.prepare(&text, Some(&named)).await.unwrap().chime, Duration::from_millis(3400));
    }
}

#[tokio::test]
async fn a_programme_that_would_last_for_ever_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let repeat = Repeat { times: u32::MAX, gap: Duration::from_hours(1) };
    let endless = Message { repeat, ..message(Some(SEAT_BELT), None) };
    let fault = workshop(folder.path()).prepare(&endless, None).await.unwrap_err();
    assert_eq!(fault.reason, Reason::RenderFailed);
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_costs_no_message() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("clips"), "a file stands where the folder should be").unwrap();
    workshop(folder.path()).programme(&message(Some(SEAT_BELT), None), None, None).await.unwrap();
}

#[tokio::test]
async fn no_more_than_two_children_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let body = format!("echo + >> {0}; {1} \"$@\"; echo - >> {0}", log.display(), program().display());
    let workshop = workshop_with(folder.path(), &script(folder.path(), "counted", &body));
    let preparing: Vec<_> = (0..8)
        .map(|number| {
            let workshop = workshop.clone();
            let text = message(Some(&format!("第{number}条,注意安全")), None);
            tokio::spawn(async move { workshop.prepare(&text, None).await })
        })
        .collect();
    for task in preparing {
        task.await.unwrap().unwrap();
    }
    let log = fs::read_to_string(log).unwrap();
    assert_eq!(log.lines().filter(|line| *line == "+").count(), 8);
    let steps = log.lines().map(|line| if line == "+" { 1 } else { -1 });
    let running = steps.scan(0, |running, step| {
        *running += step;
        Some(*running)
    });
    assert_eq!(running.max(), Some(2), "{log}");
}
