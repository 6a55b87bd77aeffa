//! What a short text costs from the first letter to the finished clip, child included, beside the limit, and beside
//! `espeak-ng -w` on the same text in the same run.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use dalaba::clip::Workshop;
use dalaba::clip::recording::Folders;
use dalaba::model::{Message, MessageId, Repeat, Selection};
use dalaba::speech::engine::{FALLBACK, Home};
use dalaba::speech::text::normalize::Options;
use dalaba::speech::text::{MANDARIN, Reader};
use dalaba::station::clock;
use tokio::runtime::Runtime;

const TEXT: &str = "安全带就是生命带!";

/// What a short text may take.
const LIMIT: Duration = Duration::from_millis(40);

/// Times that each is done for the figures in the last line.
const TIMES: u32 = 40;

fn main_bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder to write in");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let reader = Reader::new(&[], Options::default());
    let made = Cell::new(0_u32);
    let ours = || {
        made.set(made.get() + 1);
        clip(&runtime, &reader, &folder.path().join(made.get().to_string()));
    };
    let judge = || espeak(folder.path());
    // The first reading loads the tables, once a process.
    ours();
    let mut group = criterion.benchmark_group("voice");
    group.sample_size(20);
    group.bench_function("text to finished clip", |bencher| bencher.iter(ours));
    if judge() {
        group.bench_function("espeak-ng -w", |bencher| bencher.iter(judge));
    }
    group.finish();
    report(ours, judge);
}

/// Prints both, done in turns so that both meet the same machine.
fn report(ours: impl Fn(), judge: impl Fn() -> bool) {
    let (mut mine, mut others): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    let mut judged = true;
    for _ in 0..TIMES {
        mine.push(timed(&ours));
        others.push(timed(|| judged &= judge()));
    }
    let (mine, others) = (median(mine), median(others));
    let (time, limit) = (mine.as_secs_f64(), LIMIT.as_secs_f64());
    println!("{TEXT} to a finished clip {mine:?}, {:.2} of the limit of {LIMIT:?}", time / limit);
    if judged {
        println!("espeak-ng -w {others:?}, we take {:.2} of that", time / others.as_secs_f64());
    } else {
        println!("espeak-ng is not installed, nothing to compare with");
    }
}

fn timed(mut work: impl FnMut()) -> Duration {
    let before = clock::steady();
    work();
    clock::steady().saturating_sub(before)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Makes the clip in a workshop that has kept nothing.
fn clip(runtime: &Runtime, reader: &Reader, clips: &Path) {
    let voice = Selection { kind: FALLBACK.to_owned(), options: BTreeMap::new() };
    let program = PathBuf::from(env!("CARGO_BIN_EXE_dalaba"));
    let home = Home { program, voices: PathBuf::from("/nowhere") };
    let folders = Folders { own: PathBuf::from("audio"), campaigns: PathBuf::from("campaigns") };
    let shop = Workshop::new(&voice, reader.clone(), folders, clips.to_owned(), home);
    let message = Message {
        id: MessageId::new("安全带").expect("a valid id"),
        text: Some(TEXT.to_owned()),
        audio: None,
        language: MANDARIN.to_owned(),
        voice: None,
        repeat: Repeat::default(),
        volume: None,
    };
    let programme = runtime.block_on(shop.expect("espeak is always there").programme(&message, None, None));
    assert!(!programme.expect("the text is spoken").0.samples.is_empty());
}

/// Has `espeak-ng` write the same text to a file; false if it cannot.
fn espeak(folder: &Path) -> bool {
    let mut command = Command::new("espeak-ng");
    command.args(["-v", "cmn-latn-pinyin", "-w"]).arg(folder.join("judge.wav")).arg(TEXT);
    command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

criterion_group!(benches, main_bench);
criterion_main!(benches);
