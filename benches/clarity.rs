//! What `profile = "horn"` costs, as a share of the time that the clip lasts.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use dalaba::clip::{RATE, clarity};
use dalaba::station::clock;

/// A message with its repeats, s.
const SECONDS: u32 = 30;

/// Times that it is done for the figure in the last line.
const TIMES: u32 = 10;

fn main_bench(criterion: &mut Criterion) {
    let clip = clip();
    let mut group = criterion.benchmark_group("clarity");
    group.sample_size(10);
    group.bench_function("30 s for a horn", |bencher| bencher.iter(|| clarity::horn(&clip)));
    group.finish();
    let mut times: Vec<Duration> = (0..TIMES).map(|_| timed(&clip)).collect();
    times.sort();
    let median = times[times.len() / 2];
    let times_real_time = f64::from(SECONDS) / median.as_secs_f64();
    println!("{SECONDS} s of sound for a horn in {median:?}: {times_real_time:.0} x real time on one core");
}

fn timed(clip: &[f32]) -> Duration {
    let before = clock::steady();
    assert_eq!(clarity::horn(clip).len(), clip.len());
    clock::steady().saturating_sub(before)
}

/// A buzz that swells four times a second; what it costs does not depend on what it is.
#[expect(clippy::cast_possible_truncation, reason = "f32 is what sound is made of")]
fn clip() -> Vec<f32> {
    let sample = |index: u32| {
        let time = f64::from(index) / f64::from(RATE);
        ((time * 140.0).fract() - 0.5) * (time * 4.0).fract()
    };
    (0..SECONDS * RATE).map(|index| sample(index) as f32).collect()
}

criterion_group!(benches, main_bench);
criterion_main!(benches);
