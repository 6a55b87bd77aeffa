//! Stretches of civil time in which nothing could air: the power was off, the clock was not believed, or it was
//! stepped over them. They explain what was missed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Now;
use crate::model::Reason;

/// The wall clock stepped when it and the steady clock differ by more than this between two events.
const STEP: TimeDelta = TimeDelta::seconds(2);
/// More gaps than this are only made by a clock that is broken altogether; the oldest are forgotten.
const MOST: usize = 32;

#[derive(Debug, Clone, Copy)]
struct Gap {
    after: DateTime<Utc>,
    until: DateTime<Utc>,
    reason: Reason,
}

#[derive(Debug, Clone)]
pub(super) struct Gaps {
    known: Vec<Gap>,
    last: Now,
    /// Reading of the steady clock when the run began, until it is known which wall-clock time that was.
    unplaced_start: Option<Duration>,
    down: Reason,
    trusted_until: DateTime<Utc>,
}

impl Gaps {
    /// Begins a run; before it, nothing aired because of `down`.
    pub(super) fn new(down: Reason, now: &Now) -> Self {
        let mut gaps = Self {
            known: Vec::new(),
            last: *now,
            unplaced_start: Some(now.steady),
            down,
            trusted_until: now.wall,
        };
        gaps.place_start(now);
        gaps
    }

    /// Compares the clocks with their last reading.
    pub(super) fn note(&mut self, now: &Now) {
        let regained = now.trusted && !self.last.trusted;
        self.place_start(now);
        let expected = self.last.wall + since(now.steady, self.last.steady);
        if regained {
            self.add(self.trusted_until, now.wall, Reason::ClockUntrusted);
        } else if now.trusted && now.wall - expected > STEP {
            self.add(expected, now.wall, Reason::ClockStepped);
        }
        if now.trusted {
            self.trusted_until = now.wall;
        }
        self.last = *now;
    }

    /// Returns why an airing due at `due` could not be aired then.
    pub(super) fn explain(&self, due: DateTime<Utc>) -> Option<Reason> {
        let covers = |gap: &&Gap| gap.after < due && due <= gap.until;
        self.known.iter().rev().find(covers).map(|gap| gap.reason)
    }

    /// Finds the civil time at which the run began, as soon as the clock is believed.
    fn place_start(&mut self, now: &Now) {
        if let (true, Some(start)) = (now.trusted, self.unplaced_start) {
            let began = now.wall - since(now.steady, start);
            self.unplaced_start = None;
            self.trusted_until = began;
            self.add(DateTime::<Utc>::MIN_UTC, began, self.down);
        }
    }

    fn add(&mut self, after: DateTime<Utc>, until: DateTime<Utc>, reason: Reason) {
        if after < until {
            self.known.push(Gap { after, until, reason });
        }
        if self.known.len() > MOST {
            self.known.remove(0);
        }
    }
}

fn since(later: Duration, earlier: Duration) -> TimeDelta {
    // Only a machine that ran for longer than the calendar lasts could overflow.
    TimeDelta::from_std(later.saturating_sub(earlier)).unwrap_or(TimeDelta::MAX)
}
