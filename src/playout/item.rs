//! An airing that is not closed yet, and what is known of it.

use std::cmp::Reverse;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Now;
use super::start::Step;
use crate::model::{Airing, ClipLength, Origin, Priority, Reason, Start};

/// Says how far the clip of an airing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not asked for yet.
    Planned,
    /// Asked for; an answer is due before this reading of the steady clock.
    Preparing { until: Duration },
    /// Rendered and checked.
    Ready(ClipLength),
}

/// One open airing.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) airing: Airing,
    pub(super) phase: Phase,
    /// When its turn came: `due` for the first of a slot, the end of the one that sounded before it for the others.
    pub(super) turn: DateTime<Utc>,
    /// When it may sound at the earliest, silence after another apart; see [`super::start`].
    pub(super) step: Step,
    /// On the steady clock, when an order of a person or of the county is too old; a schedule's airing goes by the wall clock.
    expires: Option<Duration>,
    /// What keeps it waiting, or last did.
    pub(super) waits_for: Option<Reason>,
    /// Whether the output was asked to open for it.
    pub(super) warmed: bool,
}

impl Item {
    pub(super) fn new(airing: Airing, in_step: Option<Duration>, now: &Now) -> Self {
        let expires = match airing.origin {
            Origin::Said(_) | Origin::Alert(_) => Some(now.steady + airing.grace),
            Origin::Schedule => None,
        };
        let step = Step::new(&airing, in_step);
        let turn = step.turn(&airing);
        Self { airing, phase: Phase::Planned, turn, expires, step, waits_for: None, warmed: false }
    }

    pub(super) fn is_emergency(&self) -> bool {
        self.airing.priority == Priority::Emergency
    }

    pub(super) fn is_scheduled(&self) -> bool {
        self.expires.is_none()
    }

    /// Tells whether the clock is good enough for it: only emergencies do not ask.
    pub(super) fn may_trust(&self, now: &Now) -> bool {
        now.trusted || self.is_emergency()
    }

    /// Tells whether it has fallen due. A person who speaks means now, whatever the clock says since.
    pub(super) fn is_due(&self, now: &Now) -> bool {
        self.may_trust(now) && (!self.is_scheduled() || self.airing.due_utc() <= now.wall)
    }

    /// Tells whether it falls due within `ahead`, or has.
    pub(super) fn is_near(&self, now: &Now, ahead: TimeDelta) -> bool {
        self.may_trust(now) && (!self.is_scheduled() || self.airing.due_utc() <= now.wall + ahead)
    }

    /// Tells whether its grace is over. Never so by a clock that is not believed.
    pub(super) fn is_too_late(&self, now: &Now) -> bool {
        match self.expires {
            Some(expires) => now.steady > expires,
            None => self.is_due(now) && now.wall > self.turn + self.airing.grace,
        }
    }

    /// Returns how long from `now` its grace lasts; zero when it is over.
    pub(super) fn grace_left(&self, now: &Now) -> Duration {
        match self.expires {
            Some(expires) => expires.saturating_sub(now.steady),
            None => until(now, self.turn + self.airing.grace),
        }
    }

    pub(super) fn length(&self) -> Option<&ClipLength> {
        match &self.phase {
            Phase::Ready(length) => Some(length),
            Phase::Planned | Phase::Preparing { .. } => None,
        }
    }

    /// Sorts the queue: strongest first; then hard starts; then a slot that has begun, so that it stays together;
    /// then by due instant, slot and place.
    pub(super) fn rank(&self, begun: bool) -> impl Ord {
        let hard = self.airing.start == Start::Hard && !begun;
        (
            Reverse(self.airing.priority),
            Reverse(hard),
            Reverse(begun),
            self.airing.due_utc(),
            self.airing.slot.clone(),
            self.airing.position,
        )
    }

    /// Tells whether it cuts `current`, of which it knows that it is on air.
    ///
    /// An emergency cuts everything weaker. A hard start cuts what is weaker or as strong, if that began in an earlier
    /// slot: of two hard starts at the same instant the second waits.
    pub(super) fn cuts(&self, current: &Airing, begun: bool) -> bool {
        let stronger = self.airing.priority > current.priority;
        let hard = self.airing.start == Start::Hard && !begun;
        let equal = self.airing.priority == current.priority && self.airing.due > current.due;
        stronger && (hard || self.is_emergency()) || hard && equal && self.airing.slot != current.slot
    }
}

/// Returns the time from `now` until `instant` on the wall clock, zero when it has passed.
pub(super) fn until(now: &Now, instant: DateTime<Utc>) -> Duration {
    (instant - now.wall).to_std().unwrap_or_default()
}
