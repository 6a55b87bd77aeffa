//! Finds a clip in a recording.

use std::time::Duration;

/// Samples averaged into one for the first, coarse search: 2 kHz out of 48.
const COARSE: usize = 24;

/// Says where a clip was found in a recording.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Index of the clip's first sample in the recording.
    pub(crate) at: usize,
    /// Normalised correlation over the whole clip: 1 is the same sound at any loudness.
    pub(crate) correlation: f64,
}

/// Finds the place where `clip` fits best in `recording`; both at one rate. None if the recording is shorter.
pub(crate) fn find(clip: &[f32], recording: &[f32]) -> Option<Found> {
    let coarse = best(&thinned(clip), &thinned(recording), 0..usize::MAX)?;
    let around = coarse.at * COARSE;
    best(clip, recording, around.saturating_sub(2 * COARSE)..around + 2 * COARSE)
}

/// Correlates two pieces of sound of the same length.
pub(crate) fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let norm = (power(a) * power(b)).sqrt();
    if norm == 0.0 { 0.0 } else { product(a, b) / norm }
}

/// Returns how many samples at 48 kHz last as long as `heard`, a length that was a whole number of them.
pub(crate) fn samples_in(heard: Duration) -> usize {
    // Lengths are cut to whole nanoseconds; to cut them further would lose the last sample.
    usize::try_from((heard.as_nanos() * 48).div_ceil(1_000_000)).unwrap()
}

/// Returns the loudest sample.
pub(crate) fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

fn best(clip: &[f32], recording: &[f32], lags: std::ops::Range<usize>) -> Option<Found> {
    let last = recording.len().checked_sub(clip.len())?;
    (lags.start..lags.end.min(last + 1))
        .map(|at| Found { at, correlation: correlation(clip, &recording[at..at + clip.len()]) })
        .max_by(|a, b| a.correlation.total_cmp(&b.correlation))
}

fn thinned(samples: &[f32]) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "24")]
    samples.chunks_exact(COARSE).map(|chunk| chunk.iter().sum::<f32>() / COARSE as f32).collect()
}

fn product(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}

fn power(samples: &[f32]) -> f64 {
    product(samples, samples)
}
