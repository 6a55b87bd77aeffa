//! The engine `command` with a real program, and with programs that misbehave.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dalaba::model::{Clip, Selection, Setting};
use dalaba::speech::engine::{self, CommandFault, Engine, EngineFault};
use dalaba::station::clock;

use crate::engine::mandarin;
use crate::poll;
use crate::studio::{self, SEAT_BELT, home, program};

fn engine(words: &[&str], limit: Duration) -> Arc<dyn Engine> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let options = BTreeMap::from([
        ("command".to_owned(), Setting::Texts(words)),
        ("time_limit".to_owned(), Setting::Length(limit)),
    ]);
    engine::open(&Selection { kind: "command".to_owned(), options }, &home(&program())).unwrap()
}

async fn spoken(words: &[&str]) -> Result<Clip, EngineFault> {
    engine(words, Duration::from_secs(20)).speak(&mandarin(SEAT_BELT)).await
}

/// What a program that is a shell script gives.
async fn scripted(body: &str) -> Result<Clip, EngineFault> {
    spoken(&["/bin/sh", "-c", body]).await
}

async fn refused(body: &str) -> CommandFault {
    match scripted(body).await {
        Err(EngineFault::Command(fault)) => fault,
        other => panic!("{body}: {other:?}"),
    }
}

const ESPEAK: [&str; 6] = ["espeak-ng", "--stdin", "--stdout", "-v", "cmn-latn-pinyin", "-b1"];

#[tokio::test]
async fn a_real_program_speaks_what_it_gets_on_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["-v", "cmn-latn-pinyin", "-b1", "-w", "judge.wav", SEAT_BELT];
    studio::tool("espeak-ng", &words, folder.path());
    let mut judge = hound::WavReader::open(folder.path().join("judge.wav")).unwrap();
    let judge: Vec<f32> =
        judge.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect();
    let clip = spoken(&ESPEAK).await.unwrap();
    assert_eq!(clip.rate, 22_050);
    let close = clip.samples.iter().zip(&judge).all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(close && clip.samples.len() >= judge.len(), "{} {}", clip.samples.len(), judge.len());
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_named() {
    let fault = spoken(&["/nowhere/piper"]).await.unwrap_err();
    assert!(matches!(fault, EngineFault::Command(CommandFault::Start { .. })), "{fault:?}");
    let words = fault.words();
    assert!(words.zh.contains("启动不了 /nowhere/piper") && words.en.contains("/nowhere/piper cannot be"));
}

#[tokio::test]
async fn a_program_that_fails_is_quoted_with_its_last_line() {
    let fault = refused("echo first >&2; echo 'no such model' >&2; echo >&2; exit 3").await;
    let CommandFault::Failed { status, said, .. } = &fault else { panic!("{fault:?}") };
    assert_eq!((status.as_str(), said.as_str()), ("exit status: 3", "no such model"));
    assert!(fault.words().zh.contains("出错（exit status: 3）。no such model"), "{:?}", fault.words());
}

#[tokio::test]
async fn what_came_before_a_failure_is_not_aired() {
    let espeak = ESPEAK.join(" ");
    let fault = refused(&format!("{espeak}; exit 4")).await;
    assert!(matches!(fault, CommandFault::Failed { .. }), "{fault:?}");
}

#[tokio::test]
async fn what_is_no_wav_is_refused() {
    for body in ["cat", "true", "printf RIFF", "head -c 100000 /dev/urandom", "exec >&-"] {
        let fault = refused(body).await;
        assert!(matches!(fault, CommandFault::NoWav { .. }), "{body}: {fault:?}");
    }
}

#[tokio::test]
async fn a_wav_that_cannot_be_decoded_is_refused() {
    let espeak = format!("{} | head -c 40", ESPEAK.join(" "));
    for body in ["printf 'RIFF....WAVE'; head -c 5000 /dev/urandom", "printf 'RIFF....WAVEdata'", &espeak] {
        let fault = refused(body).await;
        assert!(matches!(fault, CommandFault::Decode(_)), "{body}: {fault:?}");
        assert!(!fault.words().zh.is_empty());
    }
}

#[tokio::test]
async fn a_wav_that_is_cut_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    studio::tool("espeak-ng", &["-v", "cmn-latn-pinyin", "-w", "whole.wav", SEAT_BELT], folder.path());
    let fault = refused(&format!("head -c 30000 {}/whole.wav", folder.path().display())).await;
    assert!(fault.to_string().contains("truncated"), "{fault}");
}

#[tokio::test]
async fn silence_is_a_fault() {
    let body = "sox -n -r 16000 -b 16 -t wav - trim 0 1";
    assert!(matches!(scripted(body).await, Err(EngineFault::Silent(_))));
}

#[tokio::test]
async fn a_program_that_ignores_its_input_is_heard_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    studio::tool("espeak-ng", &["-v", "cmn-latn-pinyin", "-w", "whole.wav", SEAT_BELT], folder.path());
    let body = format!("exec <&-; cat {}/whole.wav", folder.path().display());
    assert!(scripted(&body).await.is_ok());
}

#[tokio::test]
async fn endless_output_is_stopped() {
    for body in ["cat /dev/zero", "printf 'RIFF....WAVE'; yes"] {
        let fault = refused(body).await;
        assert!(matches!(fault, CommandFault::TooMuch(_)), "{body}: {fault:?}");
    }
}

#[tokio::test]
async fn endless_complaints_are_stopped_and_never_kept() {
    let engine = engine(&["/bin/sh", "-c", "yes complaint >&2"], Duration::from_secs(1));
    let fault = engine.speak(&mandarin(SEAT_BELT)).await.unwrap_err();
    assert!(matches!(fault, EngineFault::Command(CommandFault::TimedOut { .. })), "{fault:?}");
}

/// Whether a process still runs that has `word` in its command line.
fn runs(word: &str) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else { return false };
    let lines = entries.flatten().filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let own = std::fs::read("/proc/self/cmdline").unwrap();
    lines.into_iter().any(|line| line != own && String::from_utf8_lossy(&line).contains(word))
}

fn is_gone(word: &str) {
    poll::until(&format!("the end of {word}"), Duration::from_secs(5), || (!runs(word)).then_some(()));
}

#[tokio::test]
async fn a_program_that_sleeps_for_ever_is_killed_with_its_whole_family() {
    let engine = engine(&["/bin/sh", "-c", "sleep 86399.25 & sleep 86399.25"], Duration::from_secs(1));
    let before = clock::steady();
    let fault = engine.speak(&mandarin(SEAT_BELT)).await.unwrap_err();
    assert!(clock::steady() < before + Duration::from_secs(5));
    assert!(matches!(fault, EngineFault::Command(CommandFault::TimedOut { .. })), "{fault:?}");
    assert!(fault.words().zh.contains("超过 1 秒"));
    is_gone("86399.25");
}

#[tokio::test]
async fn a_helper_that_a_program_leaves_behind_costs_no_time_and_does_not_stay() {
    let body = format!("sleep 86398.5 & {}", ESPEAK.join(" "));
    let before = clock::steady();
    scripted(&body).await.unwrap();
    assert!(clock::steady() < before + Duration::from_secs(10));
    is_gone("86398.5");
}

#[tokio::test]
async fn a_program_dies_when_nobody_waits_for_it_any_more() {
    let engine = engine(&["/bin/sh", "-c", "sleep 86397.75 & sleep 86397.75"], Duration::from_mins(1));
    let run = mandarin(SEAT_BELT);
    let waited = tokio::time::timeout(Duration::from_millis(500), engine.speak(&run)).await;
    assert!(waited.is_err());
    is_gone("86397.75");
}

#[tokio::test]
async fn a_program_sees_none_of_our_variables_and_runs_behind_us() {
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    let body = format!("{{ env; nice; pwd; cat; }} > {}; exit 1", told.display());
    // The place behind us is given just after the start.
    let _ = refused(&format!("sleep 0.2; {body}")).await;
    let told = std::fs::read_to_string(told).unwrap();
    assert!(told.ends_with(&format!("10\n/\n{SEAT_BELT}\n")), "{told}");
    let names: Vec<&str> =
        told.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let expected = ["PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"];
    assert!(names.iter().all(|name| expected.contains(name)), "{names:?}");
}

#[test]
fn the_record_names_the_program_and_the_clip_is_kept_by_the_whole_command() {
    let limit = Duration::from_secs(20);
    let (one, other) = (engine(&["/opt/piper/piper", "--model", "a"], limit), engine(&["piper"], limit));
    assert_eq!(one.voice(&mandarin(SEAT_BELT)), "command piper");
    assert_ne!(one.identity(), other.identity());
}
