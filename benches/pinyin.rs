//! What the pinyin of 1,000 characters costs, beside the limit, and beside pypinyin and g2pM on the same text in the
//! same run where python3 has them; what the tables cost at the start.

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use dalaba::speech::text::normalize::{Options, normalize};
use dalaba::speech::text::pinyin::{lexicon::Lexicon, read};
use dalaba::station::clock;

/// What 1,000 characters may take.
const LIMIT: Duration = Duration::from_millis(10);

/// Reads the text on standard input with each package, and prints the seconds that it took once loaded.
const PYTHON: &str = "
import sys, time
text = sys.stdin.read()
def timed(name, read):
    read('行人')
    before = time.perf_counter()
    for _ in range(3): read(text)
    print(name, (time.perf_counter() - before) / 3)
try:
    from pypinyin import pinyin
    timed('pypinyin', pinyin)
except ImportError: pass
try:
    from g2pM import G2pM
    timed('g2pM', G2pM())
except ImportError: pass
";

fn main_bench(criterion: &mut Criterion) {
    let text = text();
    let resident = resident();
    let before = clock::steady();
    pinyin("行人");
    let first = clock::steady().saturating_sub(before);
    println!("first reading, tables and all: {first:?}, {} KiB more in memory", self::resident() - resident);
    let mut group = criterion.benchmark_group("pinyin");
    group.sample_size(20);
    group.bench_function("1,000 characters", |bencher| bencher.iter(|| pinyin(black_box(&text))));
    group.finish();
    let mean = mean(&text);
    println!(
        "1,000 characters {mean:?}, {:.2} of the limit of {LIMIT:?}",
        mean.as_secs_f64() / LIMIT.as_secs_f64()
    );
    for (name, seconds) in others(&text) {
        println!("{name} {seconds:.4} s, we take {:.4} of that", mean.as_secs_f64() / seconds);
    }
}

fn pinyin(text: &str) {
    black_box(read(&normalize(text, &Options::default()), &Lexicon::shipped()));
}

fn mean(text: &str) -> Duration {
    let before = clock::steady();
    (0..20).for_each(|_| pinyin(text));
    clock::steady().saturating_sub(before) / 20
}

/// Takes 1,000 characters of the annotated sentences.
fn text() -> String {
    let sentences = include_str!("../tests/data/polyphones/dev.sent");
    let apart = sentences.lines().step_by(97).collect::<String>().replace('▁', "");
    apart.chars().take(1000).collect()
}

/// Returns the memory that this process has in use, in KiB.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// Measures the packages that python3 has.
fn others(text: &str) -> Vec<(String, f64)> {
    let folder = tempfile::tempdir().expect("a folder to write in");
    let path = folder.path().join("text");
    fs::write(&path, text).expect("the text is written");
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let input = fs::File::open(&path).expect("it was just written");
    let Ok(output) = Command::new(python).args(["-c", PYTHON]).stdin(input).output() else {
        return Vec::new();
    };
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |line: &str| {
        line.split_once(' ').and_then(|(name, time)| Some((name.to_owned(), time.parse().ok()?)))
    };
    printed.lines().filter_map(line).collect()
}

criterion_group!(benches, main_bench);
criterion_main!(benches);
