//! A sound device that is not there: takes samples at exactly their rate. The only file that sleeps.

use std::collections::VecDeque;
use std::time::Duration;

use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::{Output, OutputFault, fade};
use crate::clip::RATE;
use crate::model::length_of;

/// Most samples that wait for their turn: 200 ms, as [`Output::write`] promises.
const WAITING: usize = RATE as usize / 5;

/// Takes what was heard.
pub(super) trait Ear {
    /// Takes the samples whose turn has just gone by, in order.
    fn hear(&mut self, samples: &[f32]) -> Result<(), OutputFault>;

    /// Makes sure that what was heard is kept; called when nothing waits any more.
    fn settle(&mut self) -> Result<(), OutputFault>;
}

/// Plays to an [`Ear`] in real time.
///
/// Deadlines are absolute and counted in samples from the start of each unbroken run of sound, so that nothing drifts.
pub(super) struct Paced<E: Ear> {
    ear: E,
    queue: VecDeque<f32>,
    /// When the run of sound that is going on began, and how many samples had been heard by then.
    run: (Duration, u64),
    /// Samples given to the ear since the output was opened.
    heard: u64,
    /// When the next run is to begin; at once if none.
    start: Option<Duration>,
    /// When the last run that was placed began, or will.
    placed: Option<Duration>,
}

impl<E: Ear> Paced<E> {
    pub(super) fn new(ear: E) -> Self {
        Self {
            ear,
            queue: VecDeque::with_capacity(2 * WAITING),
            run: (now(), 0),
            heard: 0,
            start: None,
            placed: None,
        }
    }

    /// Begins a run of sound: now, or at the instant that was asked for.
    fn begin(&mut self) {
        let now = now();
        let start = self.start.take().map(|start| start.max(now));
        self.placed = start.or(self.placed);
        self.run = (start.unwrap_or(now), self.heard);
    }

    /// Returns how many samples have had their turn by now.
    fn due(&self) -> u64 {
        let elapsed = now().saturating_sub(self.run.0);
        let samples = elapsed.as_nanos() * u128::from(RATE) / 1_000_000_000;
        let end = self.heard + self.queue.len() as u64;
        end.min(self.run.1.saturating_add(u64::try_from(samples).unwrap_or(u64::MAX)))
    }

    /// Gives the ear everything whose turn has gone by.
    fn pass(&mut self) -> Result<(), OutputFault> {
        let ready = usize::try_from(self.due().saturating_sub(self.heard)).unwrap_or(usize::MAX);
        let samples: Vec<f32> = self.queue.drain(..ready.min(self.queue.len())).collect();
        self.heard += samples.len() as u64;
        self.ear.hear(&samples)
    }

    /// Sleeps until no more than `most` samples wait.
    fn wait_for(&mut self, most: usize) -> Result<(), OutputFault> {
        let excess = self.queue.len().saturating_sub(most) as u64;
        let until = self.heard + excess - self.run.1;
        sleep_until(self.run.0 + length_of(until, RATE) + Duration::from_nanos(1));
        self.pass()
    }
}

impl<E: Ear> Output for Paced<E> {
    fn rate(&self) -> u32 {
        RATE
    }

    fn write(&mut self, block: &[f32]) -> Result<(), OutputFault> {
        self.pass()?;
        if self.start.is_some() {
            self.drain()?;
        }
        if self.queue.is_empty() {
            self.begin();
        }
        self.queue.extend(block);
        while self.queue.len() > WAITING {
            self.wait_for(WAITING)?;
        }
        Ok(())
    }

    fn heard(&self) -> u64 {
        self.due()
    }

    fn place(&mut self, at: Duration) -> bool {
        self.start = Some(at);
        self.placed = None;
        true
    }

    fn latency(&self) -> Duration {
        length_of(self.heard + self.queue.len() as u64 - self.due(), RATE)
    }

    fn placed(&self) -> Option<Duration> {
        self.placed
    }

    fn drain(&mut self) -> Result<(), OutputFault> {
        while !self.queue.is_empty() {
            self.wait_for(0)?;
        }
        self.ear.settle()
    }

    fn cut(&mut self) {
        self.start = None;
        if now() < self.run.0 {
            self.queue.clear();
            return;
        }
        // What has had its turn was heard, even if nobody has passed it on yet.
        let heard = usize::try_from(self.due().saturating_sub(self.heard)).unwrap_or_default();
        let mut rest = self.queue.split_off(heard.min(self.queue.len()));
        fade::fade_out(&mut rest, RATE);
        self.queue.append(&mut rest);
    }
}

fn now() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    // The kernel counts from 0 and keeps nanoseconds under a second, so neither conversion can fail.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn sleep_until(deadline: Duration) {
    let seconds = i64::try_from(deadline.as_secs()).unwrap_or(i64::MAX);
    let deadline = Timespec { tv_sec: seconds, tv_nsec: deadline.subsec_nanos().into() };
    // A signal may end the sleep early; every caller looks at the clock again.
    let _ = clock_nanosleep_absolute(ClockId::Boottime, &deadline);
}
