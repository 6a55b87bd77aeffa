//! The last while of what a microphone hears, between the device's thread and whoever asks.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rodio::cpal::{self, ErrorKind};

use crate::model::{Clip, Words};

/// How much is remembered: the longest stretch that is judged, with room before and after it.
const REMEMBERED: u64 = 100;

/// Errors in a row, without a sample between them, after which the device's thread is slowed down; see [`super::feed`].
const PATIENCE: u32 = 20;
const HOLD: Duration = Duration::from_millis(50);
const HOLDS: u32 = 10;

/// Samples come at least so often, or the device has stopped.
const STILL: Duration = Duration::from_secs(1);

/// What was heard between two instants.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The sound; where nothing was recorded, silence.
    pub clip: Clip,
    /// How much of it was not recorded.
    pub missing: Duration,
    /// How much of that lies at the beginning: the device was not open yet.
    pub late: Duration,
}

/// Remembers what came in. Held by the device's thread and by the one that asks.
pub(super) struct Tape {
    state: Mutex<State>,
    changed: Condvar,
    clock: fn() -> Duration,
    rate: u32,
}

#[derive(Default)]
struct State {
    samples: VecDeque<i16>,
    /// Samples that ever came in.
    taken: u64,
    /// When the last one did, by the steady clock.
    at: Duration,
    /// How many had come in when the device last said that it lost some.
    torn: Option<u64>,
    errors: u32,
    gone: Option<String>,
    closed: bool,
}

impl Tape {
    pub(super) fn new(clock: fn() -> Duration, rate: u32) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), clock, rate }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock; if it did, counts are still counts.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the device's thread brings.
    pub(super) fn take(&self, samples: impl Iterator<Item = i16>) {
        let now = (self.clock)();
        let most = usize::try_from(REMEMBERED * u64::from(self.rate)).unwrap_or(usize::MAX);
        let mut state = self.state();
        let before = state.samples.len();
        state.samples.extend(samples);
        state.taken += (state.samples.len() - before) as u64;
        let old = state.samples.len().saturating_sub(most);
        state.samples.drain(..old);
        (state.at, state.errors) = (now, 0);
    }

    /// Takes an error of the device's thread, which may report a million a second.
    pub(super) fn error(&self, error: &cpal::Error) {
        let mut state = self.state();
        state.errors = state.errors.saturating_add(1);
        state.torn = Some(state.taken);
        let final_word = matches!(
            error.kind(),
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable
        );
        if final_word || state.errors > PATIENCE + HOLDS {
            state.gone.get_or_insert_with(|| error.to_string());
        }
        if state.errors > PATIENCE && !state.closed {
            let _held = self.changed.wait_timeout_while(state, HOLD, |state| !state.closed);
        }
    }

    /// Notes that the device is gone.
    pub(super) fn lose(&self, detail: &str) {
        self.state().gone.get_or_insert_with(|| detail.to_owned());
    }

    /// Lets the device's thread go.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Says why nothing comes in any more; none while something does, or may yet.
    pub(super) fn fault(&self) -> Option<Words> {
        let now = (self.clock)();
        let state = self.state();
        let still = state.taken > 0 && now.saturating_sub(state.at) > STILL;
        match &state.gone {
            Some(detail) => Some(Words::new(
                format!("监听设备断开：{detail}"),
                format!("the microphone went away: {detail}"),
            )),
            None => still
                .then(|| Words::new("监听设备没有声音送来", "nothing comes from the microphone any more")),
        }
    }

    /// Returns what came in from `from` to `until`, by the steady clock.
    pub(super) fn between(&self, from: Duration, until: Duration) -> Stretch {
        let state = self.state();
        let wanted = self.samples(until.saturating_sub(from));
        // How far the wanted stretch begins before the newest sample, and the oldest that is remembered.
        let back = self.samples(state.at.saturating_sub(from));
        let held = state.samples.len() as u64;
        let lead = back.saturating_sub(held).min(wanted);
        let first = held.saturating_sub(back);
        let first = usize::try_from(if state.at < from { held } else { first }).unwrap_or(usize::MAX);
        let most = usize::try_from(wanted - lead).unwrap_or(usize::MAX);
        let silence = usize::try_from(lead).unwrap_or(usize::MAX);
        let mut samples = vec![0.0; silence];
        samples
            .extend(state.samples.iter().skip(first).take(most).map(|sample| f32::from(*sample) / 32_768.0));
        let recorded = (samples.len() - silence) as u64;
        let begins = state.taken.saturating_sub(back);
        let torn = state.torn.is_some_and(|torn| torn > begins && torn <= begins + wanted);
        let missing = if torn { wanted } else { wanted - recorded };
        samples.resize(usize::try_from(wanted).unwrap_or(usize::MAX), 0.0);
        let rate = u64::from(self.rate);
        Stretch {
            clip: Clip { rate: self.rate, samples },
            missing: Duration::from_millis(missing * 1000 / rate),
            late: Duration::from_millis(lead * 1000 / rate),
        }
    }

    /// Counts samples; no stretch is longer than what is remembered.
    fn samples(&self, length: Duration) -> u64 {
        let length = length.min(Duration::from_secs(10 * REMEMBERED));
        u64::try_from(length.as_micros()).unwrap_or(u64::MAX) * u64::from(self.rate) / 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tape of 1,000 samples a second whose newest one came in after 10 s.
    fn tape(samples: i16) -> Tape {
        let tape = Tape::new(|| Duration::from_secs(10), 1000);
        tape.take((1..=samples).map(|n| n.wrapping_mul(8)));
        tape
    }

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_stretch_is_cut_by_the_clock() {
        let stretch = tape(4000).between(seconds(7.0), seconds(8.0));
        assert_eq!((stretch.clip.samples.len(), stretch.missing), (1000, Duration::ZERO));
        assert!((stretch.clip.samples[0] * 32_768.0 - 1001.0 * 8.0).abs() < 0.5);
    }

    #[test]
    fn what_was_not_recorded_is_silence_and_is_counted() {
        let early = tape(4000).between(seconds(5.0), seconds(7.0));
        assert_eq!((early.clip.samples.len(), early.missing), (2000, Duration::from_secs(1)));
        assert_eq!(early.late, Duration::from_secs(1));
        assert_eq!((early.clip.samples[999], early.clip.samples[1000] > 0.0), (0.0, true));
        let late = tape(4000).between(seconds(9.5), seconds(11.5));
        assert_eq!((late.clip.samples.len(), late.missing), (2000, Duration::from_millis(1500)));
        assert_eq!(late.late, Duration::ZERO);
        let never = tape(0).between(seconds(12.0), seconds(13.0));
        assert_eq!((never.clip.samples.len(), never.missing), (1000, Duration::from_secs(1)));
    }

    #[test]
    fn a_stretch_in_which_the_device_lost_samples_is_of_no_use() {
        let tape = tape(2000);
        tape.error(&cpal::Error::new(ErrorKind::BackendError));
        tape.take((0..2000).map(|_| 1));
        assert_eq!(tape.between(seconds(7.0), seconds(9.0)).missing, Duration::from_secs(2));
        assert_eq!(tape.between(seconds(8.5), seconds(9.5)).missing, Duration::ZERO);
    }

    #[test]
    fn no_more_than_a_hundred_seconds_are_remembered() {
        let tape = tape(0);
        for _ in 0..40 {
            tape.take((0..5000).map(|_| 1));
        }
        assert_eq!(tape.state().samples.len(), 100_000);
    }
}
