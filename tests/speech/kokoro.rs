//! The voice pack `kokoro`: what is wrong with a pack is one fault; with the real one, that it speaks.
//!
//! Without it the tests that need it say so and pass.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dalaba::model::{Clip, Selection, Setting};
use dalaba::speech::engine::child::ChildFault;
use dalaba::speech::engine::{self, Engine, EngineFault, Home, KokoroFault};
use dalaba::speech::text::Speech;
use dalaba::speech::text::said::Pause;
use dalaba::speech::text::script::{Script, Spoken, Unit, Why};

use crate::pack::real;
use crate::studio::{peak, program};

fn kokoro(voices: &Path, options: &[(&str, Setting)]) -> Arc<dyn Engine> {
    let options = options.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
    let selection = Selection { kind: "kokoro".to_owned(), options: options.collect::<BTreeMap<_, _>>() };
    engine::open(&selection, &Home { program: program(), voices: voices.to_owned() }).unwrap()
}

/// Words apart, syllables joined by hyphens; `，` and `。` pause; capitals are English.
fn speech(written: &str) -> Speech {
    let mut units = Vec::new();
    for word in written.split_whitespace() {
        match word {
            "，" => units.push(Unit::Pause(Pause::Comma)),
            "。" => units.push(Unit::Pause(Pause::Full)),
            _ if word.starts_with(char::is_uppercase) => {
                units.push(Unit::Foreign { language: "en".to_owned(), text: word.to_owned() });
            }
            _ => units.extend(word.split('-').enumerate().map(|(at, pinyin)| syllable(pinyin, at == 0))),
        }
    }
    Speech { language: "zh".to_owned(), said: written.to_owned(), script: Script { units } }
}

fn syllable(pinyin: &str, begins_word: bool) -> Unit {
    let spoken = pinyin.parse().unwrap();
    let (character, source, erhua, silent) = ('安', None, false, false);
    Unit::Syllable(Spoken {
        character,
        source,
        citation: spoken,
        spoken,
        erhua,
        silent,
        figure: dalaba::speech::text::said::Figure::None,
        begins_word,
        why: Why::Only,
    })
}

const SEAT_BELT: &str = "an1-quan2-dai4 jiu4 shi4 sheng1-ming4 dai4 。";

async fn refused(voices: &Path, options: &[(&str, Setting)], written: &str) -> KokoroFault {
    match kokoro(voices, options).speak(&speech(written)).await {
        Err(EngineFault::Kokoro(ChildFault::Refused(fault))) => {
            let words = EngineFault::Kokoro(ChildFault::Refused(fault.clone())).words();
            assert!(!words.zh.is_empty() && !words.en.is_empty());
            fault
        }
        other => panic!("{other:?}"),
    }
}

/// A copy of the real pack that may be damaged. What is only linked must be replaced, not written to.
fn copy(voices: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for inner in ["", "voices"] {
        let (from, to) = (voices.join("kokoro").join(inner), folder.path().join("kokoro").join(inner));
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            let place = to.join(entry.file_name());
            fs::hard_link(entry.path(), &place)
                .or_else(|_| fs::copy(entry.path(), &place).map(drop))
                .unwrap();
        }
    }
    folder
}

/// What happens to the content of a file.
type Damage = fn(Vec<u8>) -> Vec<u8>;

/// Replaces a file of a copy.
fn replace(folder: &Path, file: &str, change: Damage) {
    let place = folder.join("kokoro").join(file);
    let content = fs::read(&place).unwrap();
    fs::remove_file(&place).unwrap();
    fs::write(&place, change(content)).unwrap();
}

#[tokio::test]
async fn a_pack_that_is_not_installed_is_one_fault_that_says_how_to_install_it() {
    let folder = tempfile::tempdir().unwrap();
    let fault = refused(folder.path(), &[], SEAT_BELT).await;
    assert!(matches!(fault, KokoroFault::NotInstalled(_)), "{fault:?}");
    assert!(fault.to_string().contains("dalaba voices install kokoro"));
}

#[tokio::test]
async fn a_pack_without_its_files_is_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("kokoro");
    fs::create_dir_all(pack.join("voices")).unwrap();
    let fault = refused(folder.path(), &[], SEAT_BELT).await;
    let is_missing = |file: &str| file == "voices/zf_xiaoxiao.bin";
    assert!(matches!(&fault, KokoroFault::File { file, .. } if is_missing(file)), "{fault:?}");
    let unknown = [("voice", Setting::Text("zf_nobody".to_owned()))];
    assert_eq!(
        refused(folder.path(), &unknown, SEAT_BELT).await,
        KokoroFault::NoVoice("zf_nobody".to_owned())
    );
    fs::write(pack.join("voices/zf_xiaoxiao.bin"), "no voice").unwrap();
    let fault = refused(folder.path(), &[], SEAT_BELT).await;
    assert_eq!(fault, KokoroFault::Damaged("voices/zf_xiaoxiao.bin".to_owned()));
}

#[tokio::test]
async fn a_text_without_a_sound_is_refused_because_the_model_would_make_a_noise() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("kokoro")).unwrap();
    for written in ["", "。 ，"] {
        assert_eq!(refused(folder.path(), &[], written).await, KokoroFault::Nothing);
    }
}

#[tokio::test]
async fn a_language_that_the_pack_does_not_speak_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("kokoro")).unwrap();
    let mut speech = speech("an1");
    speech.script.units = vec![Unit::Foreign { language: "ru".to_owned(), text: "нет".to_owned() }];
    let fault = kokoro(folder.path(), &[]).speak(&speech).await.unwrap_err();
    assert!(matches!(fault, EngineFault::Kokoro(ChildFault::Refused(KokoroFault::Language(_)))), "{fault:?}");
}

#[test]
fn the_record_names_the_voice_and_clips_are_kept_by_all_that_shapes_the_sound() {
    let engine = |options: &[(&str, Setting)]| kokoro(Path::new("/nowhere"), options);
    let yunxi = Setting::Text("zm_yunxi".to_owned());
    assert_eq!(engine(&[("voice", yunxi.clone())]).voice(&speech(SEAT_BELT)), "kokoro zm_yunxi");
    let usual = engine(&[]).identity();
    assert_ne!(engine(&[("voice", yunxi)]).identity(), usual);
    assert_ne!(engine(&[("speed", Setting::Integer(90))]).identity(), usual);
    assert_eq!(engine(&[("threads", Setting::Integer(1))]).identity(), usual);
    assert!(usual.contains("onnxruntime"), "{usual}");
    assert!(!engine(&[]).is_quick());
}

async fn spoken(voices: &Path, options: &[(&str, Setting)], written: &str) -> Clip {
    kokoro(voices, options).speak(&speech(written)).await.unwrap()
}

/// Seconds of near silence at the beginning, at the end, and the longest inside.
fn silences(clip: &Clip) -> (f64, f64, f64) {
    let loud: Vec<usize> = (0..clip.samples.len()).filter(|at| clip.samples[*at].abs() > 0.01).collect();
    let seconds =
        |samples: usize| Clip { samples: vec![0.0; samples], rate: clip.rate }.length().as_secs_f64();
    let inside = loud.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    (seconds(loud[0]), seconds(clip.samples.len() - loud[loud.len() - 1]), seconds(inside))
}

#[tokio::test]
async fn a_sentence_sounds_without_silence_at_its_ends_and_the_same_every_time() {
    let Some(voices) = real() else { return };
    let clip = spoken(&voices, &[], SEAT_BELT).await;
    assert_eq!(clip.rate, 24_000);
    assert!((1.2..2.5).contains(&clip.length().as_secs_f64()), "{:?}", clip.length());
    assert!(peak(&clip.samples) > 0.3);
    let (lead, trail, inside) = silences(&clip);
    assert!(lead < 0.1 && trail < 0.15 && inside < 0.3, "{lead} {trail} {inside}");
    let one = [("threads", Setting::Integer(1))];
    assert!(spoken(&voices, &one, SEAT_BELT).await == clip, "the number of threads changes the sound");
}

#[tokio::test]
async fn sentences_are_joined_with_the_pause_of_their_marks() {
    let Some(voices) = real() else { return };
    let one = spoken(&voices, &[], SEAT_BELT).await.length();
    let two = spoken(&voices, &[], &format!("{SEAT_BELT} {SEAT_BELT}")).await.length();
    assert_eq!(two, 2 * one + Duration::from_millis(600));
}

#[tokio::test]
async fn a_long_text_is_spoken_whole() {
    let Some(voices) = real() else { return };
    let sentence = "shang4 che1 xi4-hao3 an1-quan2-dai4 ， qi2 che1 dai4-hao3 tou2-kui1 ， ";
    let one = spoken(&voices, &[], sentence).await.length().as_secs_f64();
    let ten = spoken(&voices, &[], &sentence.repeat(10)).await.length().as_secs_f64();
    assert!((9.0..13.0).contains(&(ten / one)), "{ten} {one}");
}

#[tokio::test]
async fn letters_and_english_words_sound_between_the_chinese_ones() {
    let Some(voices) = real() else { return };
    let plain = spoken(&voices, &[], "ban4 ka3").await.length();
    for written in ["ban4 E T C ka3", "ban4 Wonderful ka3"] {
        let with = spoken(&voices, &[], written).await.length();
        assert!(with > plain + Duration::from_millis(300), "{written}: {with:?} {plain:?}");
    }
}

/// espeak-ng, which reads English words here, crashes on this one.
#[tokio::test]
async fn a_crash_of_the_child_is_one_fault() {
    let Some(voices) = real() else { return };
    let crafted = format!("ban4 S{} ka3", "s'".repeat(220));
    let fault = kokoro(&voices, &[]).speak(&speech(&crafted)).await;
    if let Err(fault) = fault {
        assert!(!fault.words().zh.is_empty());
    }
    spoken(&voices, &[], SEAT_BELT).await;
}

#[tokio::test]
async fn a_file_of_the_pack_that_is_damaged_cut_or_gone_is_one_fault_that_names_it() {
    let Some(voices) = real() else { return };
    let library = format!("libonnxruntime-{}.so", std::env::consts::ARCH);
    let flipped: Damage = |mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    let no_library: Damage = |_| b"#!/bin/sh\n".to_vec();
    let cut: Damage = |mut bytes| {
        bytes.truncate(bytes.len() / 2);
        bytes
    };
    for file in [library.as_str(), "model.onnx", "vocab.json", "voices/zf_xiaoxiao.bin"] {
        for damage in [flipped, no_library, cut] {
            let damaged = copy(&voices);
            replace(damaged.path(), file, damage);
            assert_eq!(refused(damaged.path(), &[], SEAT_BELT).await, KokoroFault::Damaged(file.to_owned()));
        }
        let damaged = copy(&voices);
        fs::remove_file(damaged.path().join("kokoro").join(file)).unwrap();
        let fault = refused(damaged.path(), &[], SEAT_BELT).await;
        assert!(
            fault.to_string().contains(file.trim_start_matches("voices/").trim_end_matches(".bin")),
            "{fault}"
        );
    }
}
