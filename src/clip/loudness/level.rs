//! Brings sound to a loudness: by one gain, and where that would lift a peak too high, by the limiter as well.

use super::limiter;
use super::meter::{Loudness, Meter, amplitude};
use crate::clip::RATE;

/// Highest true peak of anything that leaves this room, dBTP. EBU R 128 asks for −1.
pub const CEILING: f64 = -1.0;

/// Most that sound is raised by, dB. A recording that needs more holds more noise of its microphone than speech, and comes out as
/// far as this takes it; `dalaba check` says so.
pub const MOST_GAIN: f64 = 24.0;

/// What the limiter stays below the ceiling, dB: other meters interpolate otherwise than we do and read a little more.
const MARGIN: f64 = 0.2;

/// How near the goal is near enough, LU; EBU R 128 allows 0.5.
const NEAR: f64 = 0.2;

/// How often gain and limiter are tried; two or three times are enough for speech.
const TRIES: u32 = 8;

/// By what a goal is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::clip) enum Goal {
    /// The whole is to have this loudness, LUFS.
    Integrated(f64),
    /// Its loudest 400 ms are to have this loudness, LUFS: for what rings out, and would startle at its beginning otherwise.
    Momentary(f64),
}

impl Goal {
    /// Returns what is missing, dB.
    fn missing(self, found: &Loudness) -> f64 {
        match self {
            Self::Integrated(wanted) => wanted - found.integrated,
            Self::Momentary(wanted) => wanted - found.max_momentary,
        }
    }
}

/// Brings mono sound at [`RATE`] to `goal` with its true peak under [`CEILING`]. Silence stays silence.
///
/// Where no peak would pass the ceiling, every sample is multiplied by one number and nothing else.
pub(in crate::clip) fn bring(samples: &mut [f32], goal: Goal) -> Result<(), ebur128::Error> {
    let found = Loudness::of(samples, RATE)?;
    if !goal.missing(&found).is_finite() {
        // A click alone is no loudness, but a peak.
        scale(samples, (CEILING - found.true_peak).min(0.0));
        return Ok(());
    }
    let gain = goal.missing(&found).min(MOST_GAIN);
    if found.true_peak + gain <= CEILING {
        scale(samples, gain);
        return Ok(());
    }
    limited(samples, gain, goal)
}

/// Limiting takes loudness too, so that gain and limiter are tried until both are right.
fn limited(samples: &mut [f32], first: f64, goal: Goal) -> Result<(), ebur128::Error> {
    let (mut gain, mut ceiling) = (first, CEILING - MARGIN);
    let mut best: Option<(f64, f64, Vec<f32>)> = None;
    let mut last: Option<(f64, f64)> = None;
    for _ in 0..TRIES {
        let envelope = limiter::envelope(samples, single(amplitude(gain)), single(amplitude(ceiling)));
        let found = measure(samples, gain, &envelope)?;
        let (missing, over) = (goal.missing(&found), found.true_peak - CEILING);
        if over > 0.0 {
            ceiling -= over + MARGIN / 2.0;
        } else if best.as_ref().is_none_or(|(least, ..)| missing.abs() < *least) {
            best = Some((missing.abs(), gain, envelope));
        }
        if over <= 0.0 && missing.abs() <= NEAR {
            break;
        }
        let yields = last.map_or(1.0, |last| yields(last, (gain, missing)));
        last = Some((gain, missing));
        gain = (gain + missing / yields).min(MOST_GAIN);
    }
    match best {
        Some((_, gain, envelope)) => {
            scale(samples, gain);
            for (sample, limit) in samples.iter_mut().zip(envelope) {
                *sample *= limit;
            }
        }
        // No try kept the ceiling: then the loudness has to wait behind it.
        None => scale(samples, (CEILING - MARGIN - Loudness::of(samples, RATE)?.true_peak).min(first)),
    }
    Ok(())
}

/// Returns how much of one more dB of gain the limiter left, by the last two tries: their gains and what was missing.
fn yields((gain, missing): (f64, f64), (later, still): (f64, f64)) -> f64 {
    const LEAST: f64 = 0.3;
    let found = (missing - still) / (later - gain);
    if found.is_finite() { found.clamp(LEAST, 1.0) } else { 1.0 }
}

/// Measures what `gain` and `envelope` would make of the sound, piece by piece: ten minutes of it are not held twice.
fn measure(samples: &[f32], gain: f64, envelope: &[f32]) -> Result<Loudness, ebur128::Error> {
    const PIECE: usize = 4800;
    let gain = single(amplitude(gain));
    let mut meter = Meter::new(1, RATE)?;
    for (sound, limits) in samples.chunks(PIECE).zip(envelope.chunks(PIECE)) {
        let piece: Vec<f32> = sound.iter().zip(limits).map(|(sample, limit)| sample * gain * limit).collect();
        meter.take(&piece)?;
    }
    meter.read()
}

fn scale(samples: &mut [f32], decibels: f64) {
    let gain = single(amplitude(decibels));
    for sample in samples {
        *sample *= gain;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is what sound is made of")]
fn single(number: f64) -> f32 {
    number as f32
}
