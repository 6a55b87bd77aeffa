//! Turns raw sound into a finished reading: trimmed, at [`RATE`], faded at its edges, under the peak limit.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::{RATE, clarity};
use crate::model::{Clip, Profile, Shaping};

/// Highest peak: -1 dB of full scale, room for what a converter makes between samples.
const PEAK: f32 = 0.891;

/// Sound under this is taken for silence at the edges: -50 dB of full scale.
const THRESHOLD: f32 = 0.003_16;

/// Silence kept before the first sound, milliseconds.
const LEAD: usize = 40;

/// Silence kept after the last sound, milliseconds: the pause between two runs.
const TRAIL: usize = 160;

/// Fade at either edge, milliseconds.
const FADE: usize = 5;

/// Input frames that are resampled at a time.
const PIECE: usize = 1024;

/// Says why sound could not be shaped: its rate is one that cannot be converted.
#[derive(Debug, thiserror::Error)]
#[error("sound at {rate} Hz cannot be brought to {RATE} Hz: {why}")]
pub(super) struct ShapeFault {
    rate: u32,
    why: String,
}

/// Joins `runs` of raw sound into one reading, as 16-bit samples at [`RATE`].
pub(super) fn finish(runs: &[Clip], shaping: Shaping) -> Result<Vec<i16>, ShapeFault> {
    let mut joined = Vec::new();
    for run in runs {
        let mut piece = resample(trimmed(run), run.rate)?;
        if shaping.profile == Profile::Horn {
            piece = clarity::horn(&piece);
        }
        fade(&mut piece);
        joined.append(&mut piece);
    }
    let peak = joined.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let gain = if peak > PEAK { PEAK / peak } else { 1.0 };
    Ok(joined.iter().map(|sample| quantise(sample * gain)).collect())
}

#[expect(clippy::cast_possible_truncation, reason = "the product is within ±32 767")]
fn quantise(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16
}

fn milliseconds(count: usize, rate: u32) -> usize {
    count * rate as usize / 1000
}

/// Cuts long silence at the ends and keeps a short one.
fn trimmed(clip: &Clip) -> &[f32] {
    let sounds = |sample: &f32| sample.abs() > THRESHOLD;
    let samples = &clip.samples;
    let (Some(first), Some(last)) = (samples.iter().position(sounds), samples.iter().rposition(sounds))
    else {
        return samples;
    };
    let from = first.saturating_sub(milliseconds(LEAD, clip.rate));
    let until = (last + 1 + milliseconds(TRAIL, clip.rate)).min(samples.len());
    &samples[from..until]
}

fn resample(samples: &[f32], rate: u32) -> Result<Vec<f32>, ShapeFault> {
    if rate == RATE || samples.is_empty() {
        return Ok(samples.to_vec());
    }
    let fault = |why: String| ShapeFault { rate, why };
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
mod tests {
    use super::*;
    use crate::model::Lufs;

    /// What is tested here has nothing to do with horns.
    const PLAIN: Shaping = Shaping { loudness: Lufs::USUAL, profile: Profile::Off };

    #[expect(clippy::cast_precision_loss, reason = "a test tone")]
    fn tone(rate: u32, hertz: f32, seconds: f32, level: f32) -> Vec<f32> {
        let count = (rate as f32 * seconds).round();
        let wave = |index: f32| (index * hertz * std::f32::consts::TAU / rate as f32).sin() * level;
        std::iter::successors(Some(0.0), |index| Some(index + 1.0))
            .take_while(|i| *i < count)
            .map(wave)
            .collect()
    }

    fn peak(samples: &[i16]) -> f32 {
        samples.iter().map(|sample| f32::from(*sample).abs() / 32_767.0).fold(0.0, f32::max)
    }

    #[test]
    fn resampling_keeps_length_and_level_from_every_usual_rate() {
        for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 44_101] {
            let clip = Clip { rate, samples: tone(rate, 440.0, 1.0, 0.5) };
            let finished = finish(&[clip], PLAIN).unwrap();
            assert!(finished.len().abs_diff(48_000) <= 120, "{rate} Hz gave {} samples", finished.len());
            assert!((peak(&finished) - 0.5).abs() < 0.02, "{rate} Hz peaks at {}", peak(&finished));
        }
    }

    #[test]
    fn no_sample_passes_the_peak_limit_and_quiet_sound_is_left_as_it_is() {
        let loud = Clip { rate: 22_050, samples: tone(22_050, 300.0, 0.5, 1.4) };
        assert!(peak(&finish(&[loud], PLAIN).unwrap()) <= 0.8915);
        let quiet = Clip { rate: 48_000, samples: tone(48_000, 300.0, 0.5, 0.1) };
        assert!((peak(&finish(&[quiet], PLAIN).unwrap()) - 0.1).abs() < 0.001);
    }

    #[test]
    fn off_leaves_every_sample_as_it_is_and_horn_does_not() {
        // Between the fades; at a level that needs no limit.
        let samples: Vec<f32> = tone(48_000, 300.0, 0.5, 0.5);
        let exact: Vec<i16> = samples.iter().map(|sample| quantise(*sample)).collect();
        let within = 300..20_000;
        let off = finish(&[Clip { rate: RATE, samples: samples.clone() }], PLAIN).unwrap();
        assert_eq!(off[within.clone()], exact[within.clone()]);
        let horn = Shaping { profile: Profile::Horn, ..PLAIN };
        let made = finish(&[Clip { rate: RATE, samples }], horn).unwrap();
        assert_ne!(made[within.clone()], exact[within]);
        assert_eq!(made.len(), off.len());
    }

    #[test]
    fn long_silence_at_the_ends_is_cut_to_a_short_one() {
        let mut samples = vec![0.0; 96_000];
        samples.extend(tone(48_000, 500.0, 1.0, 0.5));
        samples.extend(vec![0.0; 96_000]);
        let finished = finish(&[Clip { rate: 48_000, samples }], PLAIN).unwrap();
        let expected = 48_000 + milliseconds(LEAD + TRAIL, RATE);
        assert!(finished.len().abs_diff(expected) < 50, "{} samples", finished.len());
        assert_eq!((finished[0], finished[finished.len() - 1]), (0, 0));
    }
}
