//! Speech made clear on a horn, over an engine: limited to what a horn carries, shaped and compressed, at the same energy.
//!
//! After SSDRC (T.-C. Zorilă, V. Kandia, Y. Stylianou, "Speech-in-noise intelligibility improvement based on spectral
//! shaping and dynamic range compression", Interspeech 2012): energy goes from where it only makes loud, the vowels and
//! the low voice, to where words are told apart. What was taken over and what is ours is in `docs/clarity.md`.

mod dynamics;
mod spectrum;

use std::borrow::Cow;

/// Most by which the energy that was lost to the band limit is made good, as a gain: 12 dB. A hum that a horn cannot carry
/// does not come back as noise.
const MOST_MADE_GOOD: f64 = 4.0;

/// Peak under which sound counts as none, -140 dB of full scale: less than half a step of 24 bits.
const NOTHING: f32 = 1e-7;

/// Returns `samples` (mono, at [`super::RATE`]) as a horn should get them: as many, nothing delayed, with the same energy
/// unless a horn could not carry it. The louder the input, the louder the output, and nothing else changes with it. The
/// same samples give the same samples.
///
/// Peaks are not limited here: that is for what makes the clip as loud as the station wants. Takes any numbers: what is
/// none (NaN, infinity) counts as 0.
pub fn horn(samples: &[f32]) -> Vec<f32> {
    let samples = numbers(samples);
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak < NOTHING {
        return vec![0.0; samples.len()];
    }
    // Work is done at a peak of 1, where no square overflows or vanishes.
    let mut shaped = spectrum::shape(&samples, peak);
    dynamics::compress(&mut shaped);
    let gain = made_good(energy(&samples, peak), energy(&shaped, 1.0)) * f64::from(peak);
    for sample in &mut shaped {
        *sample = product(*sample, gain);
    }
    shaped
}

/// Returns the gain that brings energy `now` back to `before`.
fn made_good(before: f64, now: f64) -> f64 {
    if now > 0.0 { (before / now).sqrt().min(MOST_MADE_GOOD) } else { 1.0 }
}

fn energy(samples: &[f32], peak: f32) -> f64 {
    samples.iter().map(|sample| f64::from(sample / peak).powi(2)).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is what sound is made of")]
fn product(sample: f32, gain: f64) -> f32 {
    (f64::from(sample) * gain).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
}

/// Takes what is no number for silence; copies only if there is such a thing.
fn numbers(samples: &[f32]) -> Cow<'_, [f32]> {
    if samples.iter().all(|sample| sample.is_finite()) {
        return Cow::Borrowed(samples);
    }
    let finite = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
    Cow::Owned(samples.iter().map(finite).collect())
}

/// Returns the square root of the mean of `squares`; 0 if there are none.
#[expect(clippy::cast_possible_truncation, reason = "f32 is what sound is made of")]
fn root_of_mean(squares: impl Iterator<Item = f32>) -> f32 {
    // Half an hour of samples does not add up in f32.
    let (count, sum) =
        squares.fold((0.0_f64, 0.0), |(count, sum), square| (count + 1.0, sum + f64::from(square)));
    (sum / count.max(1.0)).sqrt() as f32
}

/// Counts that are small enough to be exact.
#[expect(clippy::cast_precision_loss, reason = "numbers of bins and samples within a frame")]
fn float(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests;
