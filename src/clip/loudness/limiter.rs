//! Keeps the true peak under a ceiling without clipping: a gain that goes down before a peak comes and up again slowly after it.
//!
//! The gain is made as in P. Hämäläinen, "Smoothing of the control signal without clipped output in digital peak limiters"
//! (DAFx-02): the least of what each coming sample needs, held ahead, then averaged over just as long. An average of gains that
//! are all low enough is low enough, so the peak is met exactly and the gain has no corners. Between the two the gain recovers
//! exponentially, as in Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design" (JAES 60, 2012), so slowly that
//! speech does not pump.

use std::collections::VecDeque;

use super::peaks::Peaks;

/// How long before a peak the gain begins to go down, samples: 5 ms at 48 kHz, shorter than the ear tells from at once.
const AHEAD: usize = 240;

/// Samples in which the gain recovers by all but 1/e: 50 ms at 48 kHz. Shorter follows the pitch of a low voice, longer lowers the whole
/// syllable after a peak, which then has to be raised.
const RELEASE: f32 = 2_400.0;

/// Returns the gain of each sample, at most 1, under which `samples` times `gain` nowhere passes `ceiling`, between samples either.
pub(super) fn envelope(samples: &[f32], gain: f32, ceiling: f32) -> Vec<f32> {
    let needed = |peak: f32| if peak * gain > ceiling { ceiling / (peak * gain) } else { 1.0 };
    let mut envelope: Vec<f32> = Peaks::of(samples, ceiling / gain).map(needed).collect();
    if envelope.iter().any(|gain| *gain < 1.0) {
        hold_ahead(&mut envelope);
        recover(&mut envelope);
        // Two averages of half the length: a slope without corners.
        average(&mut envelope, AHEAD / 2);
        average(&mut envelope, AHEAD / 2);
    }
    envelope
}

/// Gives each sample the least gain of itself and the next [`AHEAD`].
fn hold_ahead(gains: &mut [f32]) {
    // The places of a rising row of gains: its first is the least of the window.
    let mut row: VecDeque<(usize, f32)> = VecDeque::new();
    for coming in 0..gains.len() + AHEAD {
        if let Some(gain) = gains.get(coming).copied() {
            while row.back().is_some_and(|(_, last)| *last >= gain) {
                row.pop_back();
            }
            row.push_back((coming, gain));
        }
        let Some(at) = coming.checked_sub(AHEAD) else { continue };
        while row.front().is_some_and(|(place, _)| *place < at) {
            row.pop_front();
        }
        gains[at] = row.front().map_or(1.0, |(_, least)| *least);
    }
}

/// Lets the gain fall at once and rise slowly.
fn recover(gains: &mut [f32]) {
    let keep = (-1.0 / RELEASE).exp();
    let mut held = 1.0_f32;
    for gain in gains {
        held = gain.min(*gain + (held - *gain) * keep);
        *gain = held;
    }
}

/// Averages each gain with the `back` before it; before the first there was none to lower.
#[expect(clippy::cast_precision_loss, reason = "a hundred samples")]
fn average(gains: &mut [f32], back: usize) {
    let mut window: VecDeque<f32> =
        std::iter::repeat_n(gains.first().copied().unwrap_or(1.0), back).collect();
    // In f64, and anew from the window's own values: nothing drifts over ten minutes.
    let mut sum: f64 = window.iter().copied().map(f64::from).sum();
    for gain in gains {
        window.push_back(*gain);
        sum += f64::from(*gain);
        #[expect(clippy::cast_possible_truncation, reason = "a gain of at most 1")]
        let mean = (sum / (back + 1) as f64) as f32;
        *gain = mean;
        sum -= f64::from(window.pop_front().unwrap_or_default());
    }
}
