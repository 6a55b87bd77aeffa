//! The notice board of one station: what its loop last showed, for status, screen and watchdog.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{AiringId, AsRun, Words};
use crate::playout::View;
use crate::station::player::{Gauge, Progress};
use crate::station::progress::{Proof, Sound};

/// What a loop shows after each step.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) view: View,
    /// None while the clock is not believed: where it says the plan is closed, nobody can know.
    pub(super) frontier: Option<DateTime<Utc>>,
}

/// An output that takes no sound, since when and why.
#[derive(Debug, Clone)]
pub(super) struct Down {
    pub(super) since: DateTime<Utc>,
    pub(super) words: Words,
}

/// Everything on the board.
#[derive(Debug, Clone, Default)]
pub(super) struct Notices {
    pub(super) shown: Option<Shown>,
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) down: Option<Down>,
    pub(super) completed: Option<(AiringId, DateTime<Utc>)>,
    /// The instant before which every planned airing is closed; none if no believed clock ever told.
    pub(super) frontier: Option<DateTime<Utc>>,
    next_wake: Option<Duration>,
    gauge: Option<Gauge>,
}

impl Notices {
    /// Reads how far the player is at this moment.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.gauge.as_ref().map(Gauge::read)
    }
}

/// Holds the notices of one station. Never blocks for longer than a copy takes.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<Notices>);

impl Board {
    /// Begins with the frontier of the runs before: a loop that has not come round yet has closed nothing.
    pub(super) fn at(frontier: Option<DateTime<Utc>>) -> Self {
        Self(Mutex::new(Notices { frontier, ..Notices::default() }))
    }

    /// Follows the player with this gauge from now on.
    pub(super) fn follow(&self, gauge: Option<Gauge>) {
        self.lock().gauge = gauge;
    }

    /// Returns a copy of everything.
    pub(super) fn read(&self) -> Notices {
        self.lock().clone()
    }

    pub(super) fn show(&self, shown: Shown) {
        let mut notices = self.lock();
        if shown.view.on_air.is_none() {
            notices.started = None;
        }
        notices.frontier = shown.frontier.or(notices.frontier);
        notices.shown = Some(shown);
    }

    /// Notes by when, on the steady clock, the loop will come round again.
    pub(super) fn promise(&self, next_wake: Duration) {
        self.lock().next_wake = Some(next_wake);
    }

    pub(super) fn started(&self, at: DateTime<Utc>) {
        self.lock().started = Some(at);
    }

    pub(super) fn completed(&self, as_run: &AsRun) {
        self.lock().completed = Some((as_run.airing.id.clone(), as_run.ended.unwrap_or(as_run.at)));
    }

    pub(super) fn output_up(&self) {
        self.lock().down = None;
    }

    pub(super) fn output_down(&self, words: &Words, at: DateTime<Utc>) {
        self.lock().down.get_or_insert_with(|| Down { since: at, words: words.clone() });
    }

    /// Shows what the watchdog judges by.
    pub(super) fn proof(&self) -> Proof {
        let notices = self.lock();
        let sounding = notices.shown.as_ref().filter(|shown| shown.view.on_air.is_some());
        let sound = match sounding {
            None => Sound::Off,
            Some(_) if notices.down.is_some() => Sound::KnownLost,
            Some(_) => Sound::On { written: notices.progress().map_or(0, moved) },
        };
        Proof { next_wake: notices.next_wake, sound }
    }

    fn lock(&self) -> MutexGuard<'_, Notices> {
        // A panic while the board was held leaves whole values behind: each is replaced in one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the player's movements in milliseconds: it moves with each block that it writes.
fn moved(progress: Progress) -> u64 {
    u64::try_from(progress.moved.as_millis()).unwrap_or(u64::MAX)
}
