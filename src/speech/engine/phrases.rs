//! Joins spoken phrases with silences of exactly the wanted length: an engine's own pauses are too long in one place and
//! missing in another.

use std::time::Duration;

/// Peak under which sound counts as silence: -50 dB of full scale.
const SILENCE: f32 = 0.003;

/// Kept of an engine's silence before a phrase, so that a soft onset is not cut.
const LEAD: Duration = Duration::from_millis(10);

/// Kept of the silence after it: a voice dies away.
const TRAIL: Duration = Duration::from_millis(30);

/// Puts phrases of one rate together.
#[derive(Debug)]
pub struct Phrases {
    rate: u32,
    samples: Vec<f32>,
    /// Silence that the next phrase has before it; none after the last.
    pause: usize,
}

impl Phrases {
    /// Begins with nothing, at `rate` samples a second.
    pub fn new(rate: u32) -> Self {
        Self { rate, samples: Vec::new(), pause: 0 }
    }

    /// Adds one phrase without the silence at its ends. One that is silent altogether adds nothing.
    pub fn push(&mut self, phrase: &[f32]) {
        let loud = |sample: &f32| sample.abs() >= SILENCE;
        let Some(first) = phrase.iter().position(loud) else { return };
        let last = phrase.iter().rposition(loud).unwrap_or(first);
        let begin = first.saturating_sub(self.count(LEAD));
        let end = (last + 1).saturating_add(self.count(TRAIL)).min(phrase.len());
        if !self.samples.is_empty() {
            self.samples.resize(self.samples.len() + self.pause, 0.0);
        }
        self.pause = 0;
        self.samples.extend_from_slice(phrase.get(begin..end).unwrap_or_default());
    }

    /// Asks for at least this much silence before the next phrase.
    pub fn pause(&mut self, length: Duration) {
        self.pause = self.pause.max(self.count(length));
    }

    /// Returns how many samples there are so far.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Tells whether nothing has sounded yet.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns everything, from the first sound to the last.
    pub fn join(self) -> Vec<f32> {
        self.samples
    }

    fn count(&self, length: Duration) -> usize {
        usize::try_from(length.as_micros() * u128::from(self.rate) / 1_000_000).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silence_between_two_phrases_is_the_wanted_one_whatever_the_engine_added() {
        let mut phrases = Phrases::new(1_000);
        let mut phrase = vec![0.0; 500];
        phrase.extend([0.5; 100]);
        phrase.extend([0.0; 500]);
        phrases.pause(Duration::from_secs(1));
        phrases.push(&phrase);
        phrases.pause(Duration::from_millis(200));
        phrases.pause(Duration::from_millis(300));
        phrases.push(&[0.0; 50]);
        phrases.push(&phrase);
        phrases.pause(Duration::from_secs(1));
        let joined = phrases.join();
        // Lead, sound, trail; pause; the same again.
        assert_eq!(joined.len(), 140 + 300 + 140);
        assert!(joined[110..450].iter().all(|sample| *sample == 0.0));
    }
}
