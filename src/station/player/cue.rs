//! When a clip is to begin: an instant of the wall clock, kept on the steady clock from the order on.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::station::clock;

/// The instant at which the first sample of a clip is to be heard.
///
/// Both clocks are read at the order. Until the start they go alike, as the kernel corrects both in the same way; a step
/// of the wall clock in between changes nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cue {
    wall: DateTime<Utc>,
    steady: Duration,
}

impl Cue {
    /// Reads the clocks for a start at `wall`.
    pub(super) fn at(wall: DateTime<Utc>) -> Self {
        // The wall clock is read between two readings of the other, so that a pause between them is halved.
        let before = clock::steady();
        let now = clock::wall();
        let between = clock::steady().saturating_sub(before) / 2;
        let ahead = (wall - now).to_std().unwrap_or_default();
        Self { wall: wall.max(now), steady: before + between + ahead }
    }

    /// Returns the instant by the steady clock.
    pub(super) fn steady(&self) -> Duration {
        self.steady
    }

    /// Returns the wall clock's time of an instant of the steady clock.
    pub(super) fn wall_of(&self, steady: Duration) -> DateTime<Utc> {
        let after = TimeDelta::from_std(steady.saturating_sub(self.steady)).unwrap_or_default();
        let before = TimeDelta::from_std(self.steady.saturating_sub(steady)).unwrap_or_default();
        self.wall + after - before
    }
}
