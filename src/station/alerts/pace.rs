//! When each alert is said again at one station: a state machine that is told the time. It goes by the steady clock, so that
//! a wall clock that steps, or was never right, neither doubles an alert nor holds it up.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;

use super::airing::airing;
use super::store::Held;
use crate::model::{Airing, AiringId, AlertKind, Digest, Reason, Station};
use crate::playout::{Event, Now};

/// Silence between two airings of an alert that takes longer to say than to its next turn.
const BREATH: Duration = Duration::from_secs(3);

/// What the as-run log says of an alert at one station.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Past {
    /// How many airings were ordered.
    pub said: u32,
    /// When the last was, by the wall clock.
    pub last: Option<DateTime<Utc>>,
    /// Whether one of them has had its chance: it was heard, or its end is not known, or a rule held it back.
    pub had: bool,
}

/// One alert on its way.
#[derive(Debug, Clone)]
struct Course {
    held: Arc<Held>,
    said: u32,
    open: Option<AiringId>,
    /// On the steady clock, when it is said next; none if it was said for the last time.
    next: Option<Duration>,
    /// On the steady clock, when it is surely over.
    until: Duration,
}

/// Keeps the pace of all alerts at one station.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    courses: Vec<Course>,
    /// Silenced here; until everybody knows, they are not to begin again.
    stopped: HashSet<Digest>,
}

impl Pace {
    /// Brings the courses in line with what is in force, and returns what that changes at once.
    pub fn follow(&mut self, in_force: &[(Arc<Held>, Past)], station: &Station, now: &Now) -> Vec<Event> {
        let stays = |course: &Course| in_force.iter().any(|(held, _)| held.payload == course.held.payload);
        let (kept, gone) = std::mem::take(&mut self.courses).into_iter().partition(stays);
        self.courses = kept;
        let gone: Vec<Course> = gone;
        let ended = gone.into_iter().filter_map(|course| course.open);
        let events = ended.map(|airing| Event::TakenBack(airing, Reason::Superseded)).collect();
        for (held, past) in in_force {
            let ours = held.alert.target.iter().any(|target| target.includes(station))
                && !held.stopped.contains(&station.id)
                && !self.stopped.contains(&held.payload);
            if ours && !self.courses.iter().any(|course| course.held.payload == held.payload) {
                self.courses.push(Course::begin(held, *past, now));
            }
        }
        events
    }

    /// Returns the airings whose turn it is.
    pub fn due(&mut self, station: &Station, zone: Tz, now: &Now) -> Vec<Airing> {
        // One that is over stays: it is in force until something says otherwise, and must not begin again.
        let ready = |course: &&mut Course| course.waits(now).is_some_and(|at| at <= now.steady);
        self.courses.iter_mut().filter(ready).filter_map(|course| course.say(station, zone, now)).collect()
    }

    /// Notes that an airing ended.
    pub fn closed(&mut self, airing: &AiringId, now: &Now) {
        let meant = |course: &&mut Course| course.open.as_ref() == Some(airing);
        if let Some(course) = self.courses.iter_mut().find(meant) {
            course.open = None;
            course.next = course.next.map(|next| next.max(now.steady + BREATH));
        }
    }

    /// Ends everything that is on its way, because a person said so. Of what is between two airings the next one is
    /// returned, so that its cancelling is on record; `open` are the others.
    pub fn stop(&mut self, station: &Station, zone: Tz, now: &Now) -> (Vec<Airing>, Vec<AiringId>) {
        let (mut next, mut open) = (Vec::new(), Vec::new());
        for mut course in std::mem::take(&mut self.courses) {
            self.stopped.insert(course.held.payload);
            match course.open.take() {
                Some(airing) => open.push(airing),
                None if course.waits(now).is_some() => next.extend(course.say(station, zone, now)),
                None => {}
            }
        }
        open.extend(next.iter().map(|airing| airing.id.clone()));
        (next, open)
    }

    /// Returns how long from `now` nothing is due here; none if never.
    pub fn next_wake(&self, now: &Now) -> Option<Duration> {
        let waiting = self.courses.iter().filter_map(|course| course.waits(now));
        waiting.min().map(|next| next.saturating_sub(now.steady))
    }
}

impl Course {
    fn begin(held: &Arc<Held>, past: Past, now: &Now) -> Self {
        let alert = &held.alert;
        // By a clock that is not believed, it has all its life before it; how often it was said bounds that.
        let from = if now.trusted { now.wall } else { alert.sent.to_utc() };
        let until = now.steady + length(alert.expires - from);
        let mut course =
            Self { held: Arc::clone(held), said: past.said, open: None, next: Some(now.steady), until };
        if past.said > 0 {
            course.next = match course.repeat() {
                Some(repeat) => Some(now.steady + rest(repeat, past.last, now)),
                None => Some(now.steady).filter(|_| !past.had),
            };
        }
        course
    }

    /// A cancel is said once, whatever it says of repeats.
    fn repeat(&self) -> Option<Duration> {
        let alert = &self.held.alert;
        let seconds = alert.repeat_every.filter(|_| alert.msg_type != AlertKind::Cancel);
        seconds.map(|seconds| Duration::from_secs(u64::from(seconds)))
    }

    fn is_over(&self, now: &Now) -> bool {
        let alert = &self.held.alert;
        let life = length(alert.expires - alert.sent.to_utc());
        let spent = |repeat: Duration| u64::from(self.said) > life.as_secs() / repeat.as_secs().max(1);
        now.steady >= self.until
            || (now.trusted && now.wall >= alert.expires)
            || self.repeat().is_some_and(spent)
    }

    /// Returns when it is said next; none while it is being said, and when it is over.
    fn waits(&self, now: &Now) -> Option<Duration> {
        self.next.filter(|_| self.open.is_none() && !self.is_over(now))
    }

    fn say(&mut self, station: &Station, zone: Tz, now: &Now) -> Option<Airing> {
        self.said = self.said.saturating_add(1);
        self.next = self.repeat().map(|repeat| now.steady + repeat);
        let due = now.wall.trunc_subsecs(3).with_timezone(&zone).fixed_offset();
        let left = self.until.saturating_sub(now.steady);
        let airing = airing(&self.held, &station.id, self.said, due, left)?;
        self.open = Some(airing.id.clone());
        Some(airing)
    }
}

/// Returns how long of `repeat` is left since the last airing, by a wall clock that is believed.
fn rest(repeat: Duration, last: Option<DateTime<Utc>>, now: &Now) -> Duration {
    let since = last.filter(|_| now.trusted).and_then(|last| (now.wall - last).to_std().ok());
    since.map_or(Duration::ZERO, |since| repeat.saturating_sub(since))
}

fn length(delta: TimeDelta) -> Duration {
    delta.to_std().unwrap_or_default()
}
