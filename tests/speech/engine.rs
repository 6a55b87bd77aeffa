//! Speech with the real libespeak-ng: the right voice, the same samples, and crashes that stay in the child.

use std::sync::Arc;

use dalaba::speech::engine::child::ChildFault;
use dalaba::speech::engine::{self, Engine, EngineFault};
use dalaba::speech::text::normalize::Options;
use dalaba::speech::text::script::{Script, Unit};
use dalaba::speech::text::{Reader, Speech};

use crate::studio::{self, HELMET, SEAT_BELT, home, peak, program, voice};

fn espeak() -> Arc<dyn Engine> {
    engine::open(&voice(), &home(&program())).unwrap()
}

/// `text` as one run of `language`, as it stands.
fn run(language: &str, text: &str) -> Speech {
    let unit = Unit::Foreign { language: language.to_owned(), text: text.to_owned() };
    Speech { language: language.to_owned(), said: text.to_owned(), script: Script { units: vec![unit] } }
}

pub(crate) fn mandarin(text: &str) -> Speech {
    run("zh", text)
}

fn english(text: &str) -> Speech {
    run("en", text)
}

/// Whether `samples` are what the judge said, but for the silence at its ends.
fn is_of(samples: &[f32], judged: &[f32]) -> bool {
    judged.windows(samples.len()).any(|window| window == samples)
}

/// What the command line tool of the same library says, as the outside judge.
fn judged(voice: &str, text: &str) -> Vec<f32> {
    let folder = tempfile::tempdir().unwrap();
    studio::tool(
        "espeak-ng",
        &["-v", voice, "-s", "160", "-p", "50", "-w", "judge.wav", text],
        folder.path(),
    );
    let mut wav = hound::WavReader::open(folder.path().join("judge.wav")).unwrap();
    wav.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
}

#[tokio::test]
async fn both_slogans_sound_sample_for_sample_as_the_pinyin_voice_says_them() {
    for text in [SEAT_BELT, HELMET] {
        let clip = espeak().speak(&mandarin(text)).await.unwrap();
        assert_eq!(clip.rate, 22_050);
        assert!(is_of(&clip.samples, &judged("cmn-latn-pinyin", text)), "{text} is not what espeak-ng says");
        let seconds = clip.length().as_secs_f64();
        assert!((2.0..6.0).contains(&seconds), "{text} lasts {seconds} s");
        assert!(peak(&clip.samples) > 0.5, "{text} peaks at {}", peak(&clip.samples));
    }
}

/// espeak-ng #1044, #1028, #1370.
#[tokio::test]
async fn mandarin_is_never_spoken_by_the_voice_that_reads_it_as_hao_two() {
    let clip = espeak().speak(&mandarin("你好")).await.unwrap();
    assert!(!is_of(&clip.samples, &judged("cmn", "你好")));
    assert!(is_of(&clip.samples, &judged("cmn-latn-pinyin", "你好")));
}

#[tokio::test]
async fn english_words_are_spoken_by_the_english_voice() {
    let clip = espeak().speak(&english("Wear your helmet")).await.unwrap();
    assert!(is_of(&clip.samples, &judged("en-us", "Wear your helmet")));
}

#[tokio::test]
async fn the_same_text_sounds_the_same_every_time() {
    let engine = espeak();
    let first = engine.speak(&mandarin(SEAT_BELT)).await.unwrap();
    engine.speak(&mandarin(HELMET)).await.unwrap();
    for _ in 0..3 {
        assert!(engine.speak(&mandarin(SEAT_BELT)).await.unwrap() == first);
    }
}

/// CVE-2023-49990 … 49994 and upstream #2495: crafted text overflows espeak-ng's buffers.
#[tokio::test]
async fn crafted_text_that_crashes_the_library_is_one_fault_and_the_next_text_sounds() {
    let engine = espeak();
    let fault = engine.speak(&english(&"s'".repeat(220))).await.unwrap_err();
    let EngineFault::Espeak(ChildFault::Died { status, said }) = &fault else { panic!("{fault:?}") };
    assert!(status.contains("SIGABRT"), "{status}");
    assert!(said.contains("overflow"), "{said}");
    assert!(fault.words().zh.contains("意外退出"));
    engine.speak(&mandarin(SEAT_BELT)).await.unwrap();
}

#[tokio::test]
async fn crafted_texts_end_in_sound_or_in_one_fault() {
    let engine = espeak();
    let crafted = [
        "a".repeat(2000),
        "1".repeat(2000),
        "!?".repeat(1000),
        "a.".repeat(1000),
        "[[".repeat(500) + "x]]",
        "<audio src=\"/etc/passwd\">安全".to_owned(),
        "<speak><voice xml:lang='en'>安全</voice></speak>".to_owned(),
        "ˈʌ".repeat(900) + "a",
        "e\u{301}".repeat(900),
        "安\u{fffd}\u{1f600}全\u{e000}".to_owned(),
        "I'".repeat(700),
        "x-".repeat(900),
    ];
    for text in crafted {
        // Refused by the text room is as good an end.
        let Ok(speech) = Reader::new(&[], Options::default()).prepare(&text, "zh") else { continue };
        if let Err(fault) = engine.speak(&speech).await {
            assert!(!fault.words().zh.is_empty());
        }
    }
    engine.speak(&mandarin(SEAT_BELT)).await.unwrap();
}

#[tokio::test]
async fn a_text_without_a_sound_is_a_fault_and_not_a_success() {
    let silent = mandarin("……");
    let fault = espeak().speak(&silent).await.unwrap_err();
    assert!(matches!(fault, EngineFault::Silent(_)), "{fault:?}");
}

/// A failed voice fell back to the wrong language (obplayer).
#[test]
fn a_voice_that_is_not_installed_is_refused_and_no_other_one_speaks() {
    for (voice, dictionary) in [
        ("zh", "cmn_dict"),
        ("en", "en_dict"),
        ("klingon", "cmn_dict"),
        ("cmn-latn-pinyin", "gone_dict"),
        ("en-us", "../espeak-ng-data/en_dict"),
    ] {
        let request = format!(
            r#"{{"words_per_minute":160,"pitch":50,"voices":[{{"name":"{voice}","dictionary":"{dictionary}"}}],
                "phrases":[{{"voice":0,"text":"你好","pause":0}}]}}"#
        );
        let answer = ask_child(&request);
        assert!(answer.starts_with(r#"{"fault":{"no_voice":"#), "{voice}: {answer}");
    }
}

#[test]
fn a_request_that_is_none_is_refused() {
    assert!(ask_child("安全").starts_with(r#"{"fault":{"request":"#));
}

fn ask_child(request: &str) -> String {
    let output = assert_cmd::Command::new(program()).args(["render", "speak"]).write_stdin(request).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_child_is_not_shown_to_people() {
    for lang in ["zh", "en"] {
        let output = assert_cmd::Command::new(program()).args(["--lang", lang, "--help"]).unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("render"));
    }
}
