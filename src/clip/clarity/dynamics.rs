//! The compression: what is weaker than the loudest vowels comes nearer to them, what is background stays where it is.

use super::super::RATE;
use super::{float, root_of_mean};

/// Samples of a step: 1 ms. A gain is found for each, and drawn straight from one to the next.
const STEP: usize = RATE as usize / 1000;

/// Steps over which the level is averaged, half of them ahead: a period of the lowest voice, so that the gain follows
/// syllables and not the wave itself. Looking ahead, it rises with the sound and not after it.
const AVERAGED: usize = 8;

/// Share of the distance to the reference level that is left, dB for dB: a ratio of about 3 to 1.
const LEFT: f32 = 0.35;

/// Most that anything is raised, dB.
const MOST_RAISED: f32 = 20.0;

/// Levels under the reference, dB: down to the first all is raised, from there less and less, at the second not at all.
/// A pause stays a pause, and the hiss of a recording is not carried up to the speech.
const SPEECH_ENDS: f32 = 35.0;
const BACKGROUND: f32 = 50.0;

/// Compresses `samples` in place. Their scale does not matter.
pub(super) fn compress(samples: &mut [f32]) {
    let levels = levels(samples);
    let Some(reference) = reference(&levels) else { return };
    let gains: Vec<f32> = levels.iter().map(|level| gain(level / reference)).collect();
    for (at, step) in samples.chunks_mut(STEP).enumerate() {
        // A gain holds at the middle of its step.
        let here = gains[at];
        let before = at.checked_sub(1).map_or(here, |at| gains[at]);
        let after = gains.get(at + 1).copied().unwrap_or(here);
        for (index, sample) in step.iter_mut().enumerate() {
            let way = (float(index) + 0.5) / float(STEP) - 0.5;
            let towards = if way < 0.0 { before } else { after };
            *sample *= here + (towards - here) * way.abs();
        }
    }
}

/// Returns the root mean square around each step.
fn levels(samples: &[f32]) -> Vec<f32> {
    let powers: Vec<f32> = samples
        .chunks(STEP)
        .map(|step| step.iter().map(|sample| sample * sample).sum::<f32>() / float(step.len()))
        .collect();
    let around = |at: usize| {
        let near = &powers[at.saturating_sub(AVERAGED / 2)..(at + AVERAGED / 2 + 1).min(powers.len())];
        (near.iter().sum::<f32>() / float(near.len())).sqrt()
    };
    (0..powers.len()).map(around).collect()
}

/// Returns the level of what is loud: of the steps within 20 dB of the loudest. None if nothing sounds.
fn reference(levels: &[f32]) -> Option<f32> {
    let loudest = levels.iter().copied().fold(0.0, f32::max);
    let loud = levels.iter().filter(|level| **level > loudest / 10.0);
    let reference = root_of_mean(loud.map(|level| level * level));
    (reference > 0.0).then_some(reference)
}

/// Returns the gain at a level that is `relative` to the reference.
fn gain(relative: f32) -> f32 {
    // 120 dB down: nothing.
    let level = 20.0 * relative.max(1e-6).log10();
    let raised = (-level * (1.0 - LEFT)).min(MOST_RAISED);
    let kept = ((level + BACKGROUND) / (BACKGROUND - SPEECH_ENDS)).clamp(0.0, 1.0);
    10.0_f32.powf(raised * kept / 20.0)
}
