//! Both clocks, and whether the wall clock is believed; remembers the latest time ever seen.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::playout::{Now, Trust, judge_clock};
use crate::station::clock;
use crate::station::journal::ClockEvent;

/// The wall clock stepped when it and the steady clock differ by more than this between two looks.
const STEP: TimeDelta = TimeDelta::seconds(2);

#[derive(Debug)]
struct Memory {
    seen: Option<DateTime<Utc>>,
    last: Option<Now>,
}

/// Reads the clocks for the whole daemon.
#[derive(Debug)]
pub(super) struct Timekeeper(Mutex<Memory>);

impl Timekeeper {
    /// Begins with the latest time that earlier runs saw.
    pub(super) fn new(seen: Option<DateTime<Utc>>) -> Self {
        Self(Mutex::new(Memory { seen, last: None }))
    }

    /// Reads both clocks and judges the wall clock.
    pub(super) fn now(&self) -> Now {
        let (wall, steady) = (clock::wall(), clock::steady());
        let synchronised = clock::synchronised();
        let mut memory = self.lock();
        let trusted = judge_clock(wall, memory.seen, clock::released(), synchronised).is_trusted();
        if trusted {
            // A synchronised clock is right even when it is earlier than what a wrong one once said.
            let keep = memory.seen.filter(|seen| !synchronised && *seen > wall);
            memory.seen = Some(keep.unwrap_or(wall));
        }
        Now { wall, steady, trusted }
    }

    /// Returns the verdict on the wall clock as it is now.
    pub(super) fn verdict(&self) -> Trust {
        judge_clock(clock::wall(), self.lock().seen, clock::released(), clock::synchronised())
    }

    /// Takes the operator's word that the wall clock is right.
    pub(super) fn accept(&self) {
        self.lock().seen = Some(clock::wall());
    }

    /// Learns of a time that earlier runs saw.
    pub(super) fn learn(&self, seen: Option<DateTime<Utc>>) {
        let mut memory = self.lock();
        memory.seen = memory.seen.max(seen);
    }

    /// Returns the latest time seen, to be kept on disk.
    pub(super) fn seen(&self) -> Option<DateTime<Utc>> {
        self.lock().seen
    }

    /// Looks what happened to the clock since the last look: a change of trust, or a step.
    pub(super) fn look(&self) -> Vec<ClockEvent> {
        let now = self.now();
        let Some(last) = self.lock().last.replace(now) else { return Vec::new() };
        let elapsed = TimeDelta::from_std(now.steady.saturating_sub(last.steady)).unwrap_or(TimeDelta::MAX);
        let expected = last.wall + elapsed;
        let stepped = (now.wall - expected).abs() > STEP;
        let step = stepped.then_some(ClockEvent::Stepped { from: expected, to: now.wall });
        let trust = match (last.trusted, now.trusted) {
            (false, true) => Some(ClockEvent::Trusted),
            (true, false) => Some(ClockEvent::Untrusted),
            _ => None,
        };
        step.into_iter().chain(trust).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        // Nothing panics while this is held: it holds two values that are replaced whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_behind_what_was_seen_is_doubted_until_a_person_accepts_it() {
        let keeper = Timekeeper::new(Some(clock::wall() + TimeDelta::days(30)));
        if clock::synchronised() {
            assert!(keeper.now().trusted);
            return;
        }
        assert!(!keeper.now().trusted);
        keeper.accept();
        assert!(keeper.now().trusted);
        assert!(keeper.verdict().is_trusted());
    }

    #[test]
    fn two_looks_at_a_clock_that_goes_steadily_find_nothing() {
        let keeper = Timekeeper::new(None);
        assert!(keeper.look().is_empty());
        assert!(keeper.look().is_empty());
    }
}
