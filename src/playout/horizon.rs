//! How far the plan reaches: which window has to be planned next.

use chrono::{DateTime, TimeDelta, Utc};

use super::Now;

/// The plan reaches this far ahead, so that a year of schedule costs no memory.
pub const AHEAD: TimeDelta = TimeDelta::hours(3);
/// What was missed is looked for in pieces of this size, so that months without power cost no memory either.
const PIECE: TimeDelta = TimeDelta::hours(6);
/// Nobody asks what a box that was off for more than a year would have said.
const BEHIND: TimeDelta = TimeDelta::days(400);

/// Remembers until when the plan was made.
#[derive(Debug, Clone)]
pub struct Horizon {
    until: DateTime<Utc>,
    /// The playlists changed while the clock was not believed.
    stale: bool,
}

impl Horizon {
    /// Begins at `from`: the frontier of the last run, or now when there was none.
    pub fn new(from: DateTime<Utc>) -> Self {
        Self { until: from, stale: false }
    }

    /// Forgets what was planned after `now`, because the playlists changed. While the clock is not believed this waits:
    /// by a clock in 1970 all the time since would be planned as missed.
    pub fn replan(&mut self, now: &Now) {
        self.stale = !now.trusted;
        if now.trusted {
            self.until = self.until.min(now.wall);
        }
    }

    /// Notes that the last window was planned only until `until`, because it was too full.
    pub fn reached(&mut self, until: DateTime<Utc>) {
        self.until = self.until.min(until);
    }

    /// Returns the next window to plan, and takes it as planned. To be asked until it returns none.
    ///
    /// A window lies wholly before `now` or wholly after it, because what was missed goes by the playlists of then.
    /// Returns none while the clock is not trusted: a plan for 1970 helps nobody. When the clock went far back, the
    /// plan begins again at `now`.
    pub fn next_window(&mut self, now: &Now) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !now.trusted {
            return None;
        }
        if std::mem::take(&mut self.stale) {
            self.until = self.until.min(now.wall);
        }
        if self.until > now.wall + AHEAD + TimeDelta::hours(1) {
            self.until = now.wall;
        }
        self.until = self.until.max(now.wall - BEHIND);
        if self.until >= now.wall + AHEAD / 2 {
            return None;
        }
        let from = self.until;
        let end = if from < now.wall { now.wall } else { now.wall + AHEAD };
        self.until = (from + PIECE).min(end);
        Some((from, self.until))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn now(text: &str) -> Now {
        Now { wall: text.parse().unwrap(), steady: Duration::ZERO, trusted: true }
    }

    #[test]
    fn windows_join_without_gap_from_the_frontier_to_the_horizon() {
        let start = now("2026-11-23T06:00:00Z");
        let mut horizon = Horizon::new(start.wall - TimeDelta::days(2));
        let mut reached = start.wall - TimeDelta::days(2);
        while let Some((from, until)) = horizon.next_window(&start) {
            assert_eq!(from, reached);
            assert!(until > from && until - from <= PIECE);
            reached = until;
        }
        assert_eq!(reached, start.wall + AHEAD);
    }

    #[test]
    fn a_clock_that_went_far_back_is_planned_for_anew() {
        let mut horizon = Horizon::new("2099-01-01T00:00:00Z".parse().unwrap());
        let now = now("2026-11-23T06:00:00Z");
        assert_eq!(horizon.next_window(&now), Some((now.wall, now.wall + AHEAD)));
        assert_eq!(horizon.next_window(&now), None);
    }

    #[test]
    fn nothing_is_planned_by_a_clock_that_is_not_believed() {
        let now = Now { trusted: false, ..now("1970-01-01T00:00:00Z") };
        assert_eq!(Horizon::new(now.wall).next_window(&now), None);
    }
}
