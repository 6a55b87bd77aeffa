//! Finds how high the wave rises around each sample, also between samples.

use std::f64::consts::PI;

/// Points between two samples, and the sample itself: the oversampling that ITU-R BS.1770-4, annex 2, asks for at 48 kHz.
const FACTOR: usize = 4;

/// Samples on either side that a point between two is made of. BS.1770-4 has 6; 12 read what lies above 15 kHz well too.
const REACH: usize = 12;

/// Weights of the samples around a point, for each point between two samples.
type Weights = [[f32; 2 * REACH]; FACTOR - 1];

/// Walks over `samples` and tells of each how high the wave is until halfway to its neighbours, and a little further.
pub(super) struct Peaks<'a> {
    samples: &'a [f32],
    weights: Weights,
    /// No point can lie above `ceiling` while no sample around it lies above this.
    harmless: f32,
    at: usize,
    before: f32,
    /// Where the last sample that is not harmless lies, as far as was looked.
    last_high: Option<usize>,
    looked: usize,
}

impl<'a> Peaks<'a> {
    /// Looks for what lies above `ceiling`; what is lower may be told as the sample alone.
    pub(super) fn of(samples: &'a [f32], ceiling: f32) -> Self {
        let weights = weights();
        let most = weights.iter().map(|row| row.iter().map(|weight| weight.abs()).sum::<f32>());
        let harmless = ceiling / most.fold(1.0, f32::max);
        Self { samples, weights, harmless, at: 0, before: 0.0, last_high: None, looked: 0 }
    }

    /// Returns the highest point between the sample `at` and the next.
    fn between(&mut self, at: usize) -> f32 {
        let until = (at + REACH + 1).min(self.samples.len());
        while self.looked < until {
            if self.samples[self.looked].abs() > self.harmless {
                self.last_high = Some(self.looked);
            }
            self.looked += 1;
        }
        // Speech is quiet nearly everywhere: there nothing is computed.
        let from = (at + 1).saturating_sub(REACH);
        if self.last_high.is_none_or(|high| high < from) {
            return 0.0;
        }
        let around = &self.samples[from..until];
        let skipped = (REACH - 1).saturating_sub(at);
        let point = |row: &[f32; 2 * REACH]| {
            row[skipped..].iter().zip(around).map(|(weight, sample)| weight * sample).sum::<f32>().abs()
        };
        self.weights.iter().map(point).fold(0.0, f32::max)
    }
}

impl Iterator for Peaks<'_> {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let sample = self.samples.get(self.at)?.abs();
        let after = self.between(self.at);
        let peak = sample.max(after).max(self.before);
        self.before = after;
        self.at += 1;
        Some(peak)
    }
}

/// A sinc under a Hann window, for the points a quarter, a half and three quarters of the way to the next sample.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "small whole numbers; f32 is what sound is made of"
)]
fn weights() -> Weights {
    let mut weights = [[0.0; 2 * REACH]; FACTOR - 1];
    for (point, row) in weights.iter_mut().enumerate() {
        let way = (point + 1) as f64 / FACTOR as f64;
        for (place, weight) in row.iter_mut().enumerate() {
            // From the point to the sample, in samples; never 0.
            let distance = place as f64 - (REACH - 1) as f64 - way;
            let window = 0.5 + 0.5 * (PI * distance / REACH as f64).cos();
            *weight = ((PI * distance).sin() / (PI * distance) * window) as f32;
        }
    }
    weights
}
