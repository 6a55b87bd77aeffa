//! When an airing may begin to sound: on its instant, a silence after the one before it, in step with its group.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::Now;
use super::item::{Item, until};
use crate::model::{Airing, Origin, Priority};

/// Stations of a group start what was not planned on whole seconds, which they all know, and not before this long after
/// it was asked for: time for each of them to have the clip.
const SAID_AFTER: TimeDelta = TimeDelta::milliseconds(700);
/// Such a start is fixed this long ahead of it at least: the record, and the way to the device.
const NOTICE: TimeDelta = TimeDelta::milliseconds(300);
/// In a group the silence between two airings is no shorter, for the same reason.
const LEAST_GAP: Duration = Duration::from_secs(1);

/// An airing's place among those that start with it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// How long after the others of the group; none without a group.
    after: Option<Duration>,
    /// When its clip was there.
    ready: Option<DateTime<Utc>>,
}

impl Step {
    /// Finds the place of `airing`. An emergency is not staggered: it waits for no neighbour.
    pub(super) fn new(airing: &Airing, in_step: Option<Duration>) -> Self {
        let emergency = airing.priority == Priority::Emergency;
        Self { after: in_step.map(|after| if emergency { Duration::ZERO } else { after }), ready: None }
    }

    /// Returns when the turn of the first of a slot comes.
    pub(super) fn turn(&self, airing: &Airing) -> DateTime<Utc> {
        let after = self.after.filter(|_| airing.origin == Origin::Schedule).unwrap_or_default();
        airing.due_utc() + TimeDelta::from_std(after).unwrap_or_default()
    }
}

impl Item {
    /// Notes that the clip is there.
    pub(super) fn ready(&mut self, now: &Now) {
        self.step.ready.get_or_insert(now.wall);
    }

    /// Returns when its first sample is to be heard, if that is still to come; none means at once.
    pub(super) fn start(&self, now: &Now) -> Option<DateTime<Utc>> {
        if !self.is_scheduled() {
            return self.beat(now);
        }
        let wait = if self.is_due(now) { self.wait(now) } else { until(now, self.earliest()) };
        let wait = TimeDelta::from_std(wait).ok().filter(|wait| !wait.is_zero())?;
        Some(now.wall + wait)
    }

    /// Returns the first instant at which it may sound.
    pub(super) fn earliest(&self) -> DateTime<Utc> {
        if self.follows() { self.turn + self.gap() } else { self.turn }
    }

    /// Returns how long from `now` it has to wait for its place in the group, or for the silence after the one before it
    /// in its slot.
    ///
    /// A clock that was set back meanwhile makes the wait longer than that; then there is none.
    fn wait(&self, now: &Now) -> Duration {
        let wait = until(now, self.earliest());
        let longest = if self.follows() { self.gap() } else { self.step.after.unwrap_or_default() };
        if wait <= longest { wait } else { Duration::ZERO }
    }

    /// Tells whether another of its slot has sounded before it.
    fn follows(&self) -> bool {
        self.turn > self.step.turn(&self.airing)
    }

    fn gap(&self) -> Duration {
        self.airing.gap.max(if self.step.after.is_some() { LEAST_GAP } else { Duration::ZERO })
    }

    /// Returns when the group starts what was not planned. Once that has passed here, because something stronger sounded
    /// or the clip came late, the next whole second will do.
    fn beat(&self, now: &Now) -> Option<DateTime<Utc>> {
        let after = TimeDelta::from_std(self.step.after?).unwrap_or_default();
        let second = TimeDelta::seconds(1);
        // A clock that was set back since must not hold up what a person said.
        let asked = self.airing.due_utc().min(now.wall);
        let ready = self.step.ready.map_or(now.wall, |ready| ready.min(now.wall));
        let first = (asked + SAID_AFTER).max(ready + NOTICE).duration_round_up(second).ok()? + after;
        if first > now.wall { Some(first) } else { (now.wall + NOTICE).duration_round_up(second).ok() }
    }
}
