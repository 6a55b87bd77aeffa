//! The queue between the player's thread and the sound device's thread, and the count of what was heard.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rodio::Source;
use rodio::cpal::{self, ErrorKind};

use super::open::PERIOD;
use super::timing::Timing;
use crate::clip::RATE;
use crate::model::length_of;
use crate::output::{OutputFault, fade};

/// Most samples that wait before the device: 200 ms, as [`crate::output::Output::write`] promises.
const WAITING: usize = RATE as usize / 5;

/// Samples that the device itself holds when it has just been fed: two periods.
const HELD: u64 = 2 * PERIOD as u64;

/// Samples of silence after which the last sound has certainly left: what the device holds, and half of that again for
/// the sound server behind it.
const DRAINED: u64 = 3 * PERIOD as u64;

/// Samples fetched at a time, 2.7 ms: few enough that counts are sharp, enough that the lock costs nothing.
const CHUNK: usize = 128;

/// How often progress is looked at while it is waited for.
const STEP: Duration = Duration::from_millis(250);

/// Steps without a sample taken after which a device that had begun is lost: 1.5 s. Sound servers that move a stream or
/// wake a card take up to 0.5 s; a loss is to be seen within 2 s.
const LOST: u32 = 6;

/// The same before it has begun: 3 s. A sink of PulseAudio may have swallowed two seconds of silence ahead.
const NEVER_BEGAN: u32 = 12;

/// Errors in a row, without a sample taken between them, after which the device's thread is slowed down. PulseAudio's
/// plugin reports a handful when it starts and works all the same; when its server dies it reports a million a second.
const PATIENCE: u32 = 20;

/// How long the device's thread is held at each error beyond that, and after how many holds the device is lost: 0.5 s.
const HOLD: Duration = Duration::from_millis(50);
const HOLDS: u32 = 10;

/// Stands between the two threads.
pub(super) struct Feed {
    state: Mutex<State>,
    /// Signals that the queue became shorter, that silence has passed, or that the device is gone.
    moved: Condvar,
    clock: fn() -> Duration,
}

#[derive(Default)]
struct State {
    queue: VecDeque<f32>,
    /// Samples that the device has taken, silence included.
    fed: u64,
    /// Written samples that the device has taken.
    given: u64,
    /// Samples of silence that the device has taken since the last written one.
    silence: u64,
    /// When the device last took samples.
    fed_at: Duration,
    /// The largest count of heard samples ever told.
    heard: u64,
    timing: Timing,
    /// When what waits is to be heard; what waits is held back until then.
    start: Option<Duration>,
    /// When the first sample of what was placed last is heard.
    placed: Option<Duration>,
    errors: u32,
    gone: Option<String>,
    closed: bool,
}

impl Feed {
    pub(super) fn new(clock: fn() -> Duration) -> Self {
        Self { state: Mutex::default(), moved: Condvar::new(), clock }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock; if it did, counts are still counts.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, block: &[f32]) -> Result<(), OutputFault> {
        let mut state = self.state();
        state.queue.extend(block);
        self.wait(state, |state| state.queue.len() <= WAITING)
    }

    pub(super) fn drain(&self) -> Result<(), OutputFault> {
        self.wait(self.state(), |state| {
            state.queue.is_empty() && (state.silence >= DRAINED || state.given == 0)
        })
    }

    /// Waits until `enough`, and fails when the device is gone or takes nothing any more.
    fn wait(&self, mut state: MutexGuard<'_, State>, enough: fn(&State) -> bool) -> Result<(), OutputFault> {
        let mut fed = state.fed;
        let mut still = 0;
        loop {
            if let Some(detail) = &state.gone {
                return Err(OutputFault::Gone { detail: detail.clone() });
            }
            if enough(&state) {
                return Ok(());
            }
            let (next, timeout) =
                self.moved.wait_timeout(state, STEP).unwrap_or_else(PoisonError::into_inner);
            state = next;
            still = if state.fed == fed { still + u32::from(timeout.timed_out()) } else { 0 };
            fed = state.fed;
            if still >= if state.has_begun() { LOST } else { NEVER_BEGAN } {
                return Err(OutputFault::Stalled);
            }
        }
    }

    /// Counts the written samples that have left the device, which holds up to two periods.
    pub(super) fn heard(&self) -> u64 {
        let now = (self.clock)();
        let mut state = self.state();
        if !state.has_begun() {
            return 0;
        }
        // Between two feedings the device plays on, one period at the most.
        let played = now.saturating_sub(state.fed_at).as_nanos() * u128::from(RATE) / 1_000_000_000;
        let played = u64::try_from(played).unwrap_or(u64::MAX).min(PERIOD.into());
        let held = HELD.saturating_sub(state.silence).saturating_sub(played);
        state.heard = state.heard.max(state.given.saturating_sub(held));
        state.heard
    }

    pub(super) fn cut(&self) {
        let mut state = self.state();
        match state.start.take() {
            Some(_) => state.queue.clear(),
            None => fade::fade_out(&mut state.queue, RATE),
        }
    }

    /// Holds what is written from now on until it can be heard at `at`.
    pub(super) fn place(&self, at: Duration) {
        let mut state = self.state();
        state.start = Some(at);
        state.placed = None;
    }

    pub(super) fn placed(&self) -> Option<Duration> {
        self.state().placed
    }

    /// Tells how long the next written sample takes to be heard.
    pub(super) fn latency(&self) -> Duration {
        let now = (self.clock)();
        let state = self.state();
        let next = state.fed + state.queue.len() as u64;
        state.timing.heard_at(next).map_or(length_of(HELD, RATE), |at| at.saturating_sub(now))
    }

    /// Takes the device's word that its sample number `sample` is heard after `latency`.
    pub(super) fn report(&self, sample: u64, latency: Duration) {
        let at = (self.clock)() + latency;
        self.state().timing.note(sample, at);
    }

    /// Lets the device's thread go.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.moved.notify_all();
    }

    /// Notes that the device is gone: it gets silence from now on, and the next write fails.
    pub(super) fn lose(&self, detail: &str) {
        self.state().gone.get_or_insert_with(|| detail.to_owned());
        self.moved.notify_all();
    }

    /// Takes an error of the device's thread, which may report a million a second: counts it, and holds the thread
    /// when they do not end.
    pub(super) fn error(&self, error: &cpal::Error) {
        let mut state = self.state();
        state.errors = state.errors.saturating_add(1);
        let final_word = matches!(
            error.kind(),
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable
        );
        if final_word || state.errors > PATIENCE + HOLDS {
            state.gone.get_or_insert_with(|| error.to_string());
            self.moved.notify_all();
        }
        if state.errors > PATIENCE && !state.closed {
            let _held = self.moved.wait_timeout_while(state, HOLD, |state| !state.closed);
        }
    }

    /// Fills `chunk` for the device: what waits, and silence after it.
    fn fill(&self, chunk: &mut [f32]) {
        let now = (self.clock)();
        let mut state = self.state();
        let before = state.silence_before(chunk.len(), now);
        let room = chunk.len() - before;
        let written = if state.gone.is_some() { 0 } else { state.queue.len().min(room) };
        chunk.fill(0.0);
        for (slot, sample) in chunk[before..].iter_mut().zip(state.queue.drain(..written)) {
            *slot = sample.clamp(-1.0, 1.0);
        }
        state.count(before as u64, written as u64, chunk.len() as u64);
        state.fed_at = now;
        if state.queue.len() <= WAITING {
            self.moved.notify_all();
        }
    }
}

impl State {
    /// Tells whether the device has played anything: it has filled itself, and has taken more since.
    fn has_begun(&self) -> bool {
        self.fed > HELD
    }

    /// Returns how many of the next `most` samples are silence before a start that is placed; the start is made when
    /// it is less than all of them.
    fn silence_before(&mut self, most: usize, now: Duration) -> usize {
        let Some(at) = self.start else { return 0 };
        if self.queue.is_empty() {
            return most;
        }
        let next = self.timing.heard_at(self.fed).unwrap_or(now + length_of(HELD, RATE));
        let silence = samples_in(at.saturating_sub(next)).min(most);
        if silence < most {
            self.start = None;
            self.placed = Some(next + length_of(silence as u64, RATE));
        }
        silence
    }

    /// Counts samples that the device took: `before` of silence, `written` ones, and silence again.
    fn count(&mut self, before: u64, written: u64, all: u64) {
        self.errors = 0;
        self.fed += all;
        self.given += written;
        let silence = all - written - if written > 0 { before } else { 0 };
        self.silence = if written > 0 { silence } else { self.silence.saturating_add(silence) };
    }
}

/// Returns how many samples begin within `time`.
fn samples_in(time: Duration) -> usize {
    usize::try_from((time.as_nanos() * u128::from(RATE)).div_ceil(1_000_000_000)).unwrap_or(usize::MAX)
}

/// What rodio plays: an endless source that takes from the feed.
pub(super) struct Tap {
    feed: Arc<Feed>,
    channels: NonZero<u16>,
    chunk: [f32; CHUNK],
    /// Values of the chunk that were played, each sample once a channel.
    played: usize,
}

impl Tap {
    pub(super) fn new(feed: Arc<Feed>, channels: NonZero<u16>) -> Self {
        Self { feed, channels, chunk: [0.0; CHUNK], played: CHUNK * usize::from(channels.get()) }
    }
}

impl Iterator for Tap {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let channels = usize::from(self.channels.get());
        if self.played >= CHUNK * channels {
            self.feed.fill(&mut self.chunk);
            self.played = 0;
        }
        let sample = self.chunk[self.played / channels];
        self.played += 1;
        Some(sample)
    }
}

impl Source for Tap {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> NonZero<u16> {
        self.channels
    }

    fn sample_rate(&self) -> NonZero<u32> {
        const { NonZero::new(RATE).expect("the rate of clips is not 0") }
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
