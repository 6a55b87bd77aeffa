//! Turns raw sound into a finished reading: trimmed, at [`RATE`], faded at its edges, as loud as its station wishes, and nowhere
//! above [`super::loudness::CEILING`].

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::loudness::{Goal, bring};
use super::{RATE, clarity};
use crate::model::{Clip, Profile, Shaping};

/// Sound under this is taken for silence at the edges: -50 dB of full scale.
const THRESHOLD: f32 = 0.003_16;

/// In a quiet recording, what lies this far below its peak: -40 dB. Its words must not be taken for silence.
const BELOW_PEAK: f32 = 0.01;

/// Silence kept before the first sound, milliseconds.
const LEAD: usize = 40;

/// Silence kept after the last sound, milliseconds: the pause between two runs.
const TRAIL: usize = 160;

/// Fade at either edge, milliseconds.
const FADE: usize = 5;

/// Input frames that are resampled at a time.
const PIECE: usize = 1024;

/// Says why sound could not be shaped.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShapeFault {
    /// Its rate is one that cannot be converted.
    #[error("sound at {rate} Hz cannot be brought to {RATE} Hz: {why}")]
    Rate {
        /// Samples a second.
        rate: u32,
        /// What the resampler says.
        why: String,
    },
    /// The meter failed.
    #[error("its loudness cannot be measured")]
    Meter(#[from] ebur128::Error),
}

/// What a sound is for, and so how loud it is beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A message, spoken or recorded: as loud as the station wishes.
    Message,
    /// A chime: see [`super::chime::goal`].
    Chime,
}

/// Turns raw sound into 16-bit samples at [`RATE`], as loud as `shaping` wishes sound in that `role`.
///
/// The sound is resampled here, once, if it has another rate; nothing before or after us does.
pub(super) fn finish(clip: &Clip, shaping: Shaping, role: Role) -> Result<Vec<i16>, ShapeFault> {
    let mut samples = resample(trimmed(clip, LEAD, TRAIL), clip.rate)?;
    // What makes speech clear would spoil a bell.
    if role == Role::Message && shaping.profile == Profile::Horn {
        samples = clarity::horn(&samples);
    }
    fade(&mut samples);
    let goal = match role {
        Role::Message => Goal::Integrated(shaping.loudness.lufs()),
        Role::Chime => super::chime::goal("", shaping),
    };
    bring(&mut samples, goal)?;
    Ok(samples.into_iter().map(quantise).collect())
}

/// The inverse of [`super::parts::full_scale`]: 16 bits come back as they were.
#[expect(clippy::cast_possible_truncation, reason = "clamped to 16 bits")]
fn quantise(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

fn milliseconds(count: usize, rate: u32) -> usize {
    count * rate as usize / 1000
}

/// Returns the level under which a recording with that peak is silent.
pub(super) fn silence_below(peak: f32) -> f32 {
    THRESHOLD.min(peak * BELOW_PEAK)
}

/// Cuts long silence at the ends and keeps a short one: so many milliseconds at the beginning and at the end.
pub(super) fn trimmed(clip: &Clip, lead: usize, trail: usize) -> &[f32] {
    let samples = &clip.samples;
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let threshold = silence_below(peak);
    let sounds = |sample: &f32| sample.abs() > threshold;
    let (Some(first), Some(last)) = (samples.iter().position(sounds), samples.iter().rposition(sounds))
    else {
        return samples;
    };
    let from = first.saturating_sub(milliseconds(lead, clip.rate));
    let until = (last + 1 + milliseconds(trail, clip.rate)).min(samples.len());
    &samples[from..until]
}

fn resample(samples: &[f32], rate: u32) -> Result<Vec<f32>, ShapeFault> {
    if rate == RATE || samples.is_empty() {
        return Ok(samples.to_vec());
    }
    let fault = |why: String| ShapeFault::Rate { rate, why };
    let mut resampler = Fft::<f32>::new(rate as usize, RATE as usize, PIECE, 1, FixedSync::Input)
        .map_err(|error| fault(error.to_string()))?;
    let input = InterleavedSlice::new(samples, 1, samples.len()).map_err(|error| fault(error.to_string()))?;
    let output =
        resampler.process_all(&input, samples.len(), None).map_err(|error| fault(error.to_string()))?;
    Ok(output.take_data())
}

/// Draws both edges to silence.
#[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
fn fade(samples: &mut [f32]) {
    let length = milliseconds(FADE, RATE).min(samples.len() / 2);
    let count = samples.len();
    for step in 0..length {
        let gain = step as f32 / length as f32;
        samples[step] *= gain;
        samples[count - 1 - step] *= gain;
    }
}

#[cfg(test)]
mod tests;
