//! A clip: finished sound.

use std::time::Duration;

/// Mono sound: samples from -1 to 1 at `rate` samples a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Samples a second, Hz.
    pub rate: u32,
    /// The samples, full scale is 1.
    pub samples: Vec<f32>,
}

impl Clip {
    /// Returns how long the clip sounds.
    pub fn length(&self) -> Duration {
        length_of(self.samples.len() as u64, self.rate)
    }
}

/// What playout has to know of a clip that is ready: how long it is, and what spoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipLength {
    /// The message with its repeats and the gaps between them, without the chime.
    pub message: Duration,
    /// One reading of the message, to count repeats heard.
    pub reading: Duration,
    /// The chime; zero without one.
    pub chime: Duration,
    /// What sounds: an engine and its voice, or `recording`.
    pub voice: String,
}

/// Converts a number of samples at `rate` into time, to the nanosecond below.
pub(crate) fn length_of(samples: u64, rate: u32) -> Duration {
    if rate == 0 {
        return Duration::ZERO;
    }
    let rate = u64::from(rate);
    let nanos = (samples % rate) * 1_000_000_000 / rate;
    Duration::from_secs(samples / rate) + Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_samples_over_rate() {
        let clip = Clip { rate: 48_000, samples: vec![0.0; 72_000] };
        assert_eq!(clip.length(), Duration::from_millis(1500));
    }
}
