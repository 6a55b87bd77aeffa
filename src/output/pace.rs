//! A sound device that is not there: takes samples at exactly their rate. The only file that sleeps.

use std::collections::VecDeque;
use std::time::Duration;

use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::{Output, OutputFault, fade};
use crate::clip::RATE;
use crate::model::{Priority, length_of};

/// Most samples that wait for their turn: 200 ms, as [`Output::write`] promises.
const WAITING: usize = RATE as usize / 5;

/// In what pieces an ear takes its sound, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    /// Samples in a piece.
    pub(super) piece: usize,
    /// Samples that an ear has to know beyond a piece before it can pass that piece on, as a filter does. With the
    /// piece they are fewer than those that wait.
    pub(super) lead: usize,
    /// Whether a piece is due with its first sample, as one is that travels to the listener, or with its last.
    pub(super) early: bool,
}

/// Takes what was heard.
pub(super) trait Ear {
    /// Says in what pieces it takes the sound; 20 ms once they had their turn, unless it says otherwise.
    fn beat(&self) -> Beat {
        Beat { piece: RATE as usize / 50, lead: 0, early: false }
    }

    /// Learns that a run of sound begins, whose first sample has its turn at `at` by the steady clock.
    fn begin(&mut self, at: Duration) {
        let _ = at;
    }

    /// Learns the priority of the run that begins next.
    fn rank(&mut self, priority: Priority) -> Result<(), OutputFault> {
        let _ = priority;
        Ok(())
    }

    /// Takes the next samples in order: a piece, with the lead before the first of a run; what is left at its end.
    fn hear(&mut self, samples: &[f32]) -> Result<(), OutputFault>;

    /// Makes sure that what was heard is kept; called when nothing waits any more.
    fn settle(&mut self) -> Result<(), OutputFault>;
}

/// An unbroken run of sound.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// When its first sample has its turn.
    start: Duration,
    /// Samples written before it since the output was opened.
    base: u64,
    /// Pieces given to the ear.
    pieces: u64,
}

/// Plays to an [`Ear`] in real time.
///
/// Deadlines are absolute and counted in samples from the start of each unbroken run of sound, so that nothing drifts.
pub(super) struct Paced<E: Ear> {
    ear: E,
    beat: Beat,
    /// What the ear has not got yet.
    queue: VecDeque<f32>,
    run: Run,
    /// When the next run is to begin; at once if none.
    start: Option<Duration>,
    /// When the last run that was placed began, or will.
    placed: Option<Duration>,
    /// Samples given to the ear since the output was opened.
    given: u64,
    /// Samples written since the output was opened, without those that were cut or lost.
    end: u64,
}

impl<E: Ear> Paced<E> {
    pub(super) fn new(ear: E) -> Self {
        let beat = ear.beat();
        let run = Run { start: now(), base: 0, pieces: 0 };
        let queue = VecDeque::with_capacity(2 * WAITING);
        Self { ear, beat, queue, run, start: None, placed: None, given: 0, end: 0 }
    }

    /// Begins a run of sound: now, or at the instant that was asked for.
    fn begin(&mut self) {
        let now = now();
        let start = self.start.take().map(|start| start.max(now));
        self.placed = start.or(self.placed);
        self.run = Run { start: start.unwrap_or(now), base: self.end, pieces: 0 };
        self.ear.begin(self.run.start);
    }

    /// Counts the samples of the run whose turn would have gone by, if there were so many; none before it begins.
    fn elapsed(&self) -> Option<u64> {
        let elapsed = now().checked_sub(self.run.start)?;
        Some(u64::try_from(elapsed.as_nanos() * u128::from(RATE) / 1_000_000_000).unwrap_or(u64::MAX))
    }

    /// Tells whether every sample of the run had its turn by `elapsed`.
    fn is_over(&self, elapsed: Option<u64>) -> bool {
        self.length() == 0 || elapsed.is_some_and(|elapsed| elapsed >= self.length())
    }

    /// Counts the samples of the run.
    fn length(&self) -> u64 {
        self.end - self.run.base
    }

    /// Returns the sample of the run with which the next piece begins.
    fn next_piece(&self) -> u64 {
        self.run.pieces.saturating_mul(self.beat.piece as u64)
    }

    /// Returns the sample of the run with whose turn the next piece is due.
    fn due(&self) -> u64 {
        self.next_piece() + if self.beat.early { 0 } else { self.beat.piece as u64 }
    }

    /// Says how many samples the ear gets at once by `elapsed`.
    fn ready(&self, elapsed: Option<u64>) -> Option<usize> {
        let elapsed = elapsed?;
        let lead = if self.run.pieces == 0 { self.beat.lead } else { 0 };
        let whole = self.beat.piece + lead;
        if self.next_piece() < self.length() && elapsed >= self.due() && self.queue.len() >= whole {
            return Some(whole);
        }
        (elapsed >= self.length() && self.given < self.end).then_some(self.queue.len())
    }

    /// Gives the ear everything that is due by `elapsed`.
    fn pass(&mut self, elapsed: Option<u64>) -> Result<(), OutputFault> {
        while let Some(count) = self.ready(elapsed) {
            let samples: Vec<f32> = self.queue.drain(..count).collect();
            if let Err(fault) = self.ear.hear(&samples) {
                // Nothing was heard of this piece, nor will be of what waits behind it.
                self.queue.clear();
                self.end = self.run.base + self.length().min(self.next_piece());
                self.given = self.end;
                return Err(fault);
            }
            self.given = self.end.min(self.given + samples.len() as u64);
            self.run.pieces += 1;
        }
        Ok(())
    }

    /// Sleeps until the next piece is due, or the run is over.
    fn wait(&self) {
        let over = self.length();
        let until = if self.next_piece() < over { self.due().min(over) } else { over };
        sleep_until(self.run.start + length_of(until, RATE) + Duration::from_nanos(1));
    }

    /// Lets silence follow, so that the last piece is whole and the lead has something in it.
    fn push_through(&mut self) {
        if self.beat.early {
            self.queue.extend(std::iter::repeat_n(0.0, self.beat.piece + self.beat.lead));
        }
    }

    /// Ends a run whose last sample had its turn by `elapsed`.
    fn finish(&mut self, elapsed: Option<u64>) -> Result<(), OutputFault> {
        self.pass(elapsed)?;
        self.queue.clear();
        self.ear.settle()
    }
}

impl<E: Ear> Output for Paced<E> {
    fn rate(&self) -> u32 {
        RATE
    }

    fn write(&mut self, block: &[f32]) -> Result<(), OutputFault> {
        if self.start.is_some() {
            self.drain()?;
        }
        let elapsed = self.elapsed();
        if self.is_over(elapsed) {
            self.push_through();
            self.finish(elapsed)?;
            self.begin();
        }
        self.queue.extend(block);
        self.end += block.len() as u64;
        self.pass(self.elapsed())?;
        while self.queue.len() > WAITING {
            self.wait();
            self.pass(self.elapsed())?;
        }
        Ok(())
    }

    fn heard(&self) -> u64 {
        // What travels to the listener has not left before its piece has.
        let left = if self.beat.early { self.next_piece() } else { u64::MAX };
        self.run.base + self.elapsed().unwrap_or_default().min(self.length()).min(left)
    }

    fn place(&mut self, at: Duration) -> bool {
        self.start = Some(at);
        self.placed = None;
        true
    }

    fn latency(&self) -> Duration {
        length_of(self.end - self.heard(), RATE)
    }

    fn placed(&self) -> Option<Duration> {
        self.placed
    }

    fn drain(&mut self) -> Result<(), OutputFault> {
        self.push_through();
        loop {
            let elapsed = self.elapsed();
            if self.is_over(elapsed) {
                return self.finish(elapsed);
            }
            self.pass(elapsed)?;
            self.wait();
        }
    }

    fn cut(&mut self) {
        self.start = None;
        if now() < self.run.start {
            self.queue.clear();
            self.end = self.run.base;
            return;
        }
        // What has had its turn was heard, even if nobody has passed it on yet.
        let heard = usize::try_from(self.heard().saturating_sub(self.given)).unwrap_or_default();
        let mut rest = self.queue.split_off(heard.min(self.queue.len()));
        fade::fade_out(&mut rest, RATE);
        self.queue.append(&mut rest);
        self.end = self.given + self.queue.len() as u64;
    }

    fn rank(&mut self, priority: Priority) -> Result<(), OutputFault> {
        self.ear.rank(priority)
    }
}

/// Reads the clock by which sound is paced; it never steps.
pub(super) fn now() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    // The kernel counts from 0 and keeps nanoseconds under a second, so neither conversion can fail.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Sleeps until [`now`] is `deadline`, or a little less if a signal comes.
pub(super) fn sleep_until(deadline: Duration) {
    let seconds = i64::try_from(deadline.as_secs()).unwrap_or(i64::MAX);
    let deadline = Timespec { tv_sec: seconds, tv_nsec: deadline.subsec_nanos().into() };
    // A signal may end the sleep early; every caller looks at the clock again.
    let _ = clock_nanosleep_absolute(ClockId::Boottime, &deadline);
}
