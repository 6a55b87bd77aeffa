//! The notice board of one station: what its loop last showed, for status, screen and watchdog.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{AiringId, AsRun, Audible, Doubt, Monitored, Words};
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

/// Who listens to the station, and what was heard.
#[derive(Debug, Clone)]
pub(super) struct Listening {
    pub(super) device: String,
    /// A microphone that is not there.
    pub(super) down: Option<Down>,
    /// The last judgement of this run.
    pub(super) last: Option<Overheard>,
    /// When the station was last heard, runs before this one included.
    pub(super) heard: Option<DateTime<Utc>>,
    pub(super) missed: u32,
    pub(super) fault_after: u32,
}

/// One judgement.
#[derive(Debug, Clone)]
pub(super) struct Overheard {
    pub(super) airing: AiringId,
    pub(super) at: DateTime<Utc>,
    pub(super) heard: Audible,
    pub(super) doubt: Option<Doubt>,
}

impl Listening {
    /// Says in a word how it stands, as the county knows it (`docs/county-api.md`).
    pub(super) fn word(&self) -> &'static str {
        match (&self.down, &self.last) {
            _ if self.is_fault() => "fault",
            (Some(_), _) => "absent",
            (None, None) => "waiting",
            (None, Some(last)) => match last.heard {
                Audible::Yes => "heard",
                Audible::No => "not_heard",
                Audible::Unknown => "unknown",
            },
        }
    }

    /// Tells whether the station was not heard so often in a row that it is a fault.
    pub(super) fn is_fault(&self) -> bool {
        self.missed >= self.fault_after
    }
}

/// Everything on the board.
#[derive(Debug, Clone, Default)]
pub(super) struct Notices {
    pub(super) shown: Option<Shown>,
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) down: Option<Down>,
    pub(super) completed: Option<(AiringId, DateTime<Utc>)>,
    /// None if nobody listens.
    pub(super) listening: Option<Listening>,
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

    /// Notes who listens.
    pub(super) fn listens(&self, listening: Listening) {
        self.lock().listening = Some(listening);
    }

    pub(super) fn microphone_up(&self) {
        if let Some(listening) = &mut self.lock().listening {
            listening.down = None;
        }
    }

    pub(super) fn microphone_down(&self, words: &Words, at: DateTime<Utc>) {
        if let Some(listening) = &mut self.lock().listening {
            listening.down.get_or_insert_with(|| Down { since: at, words: words.clone() });
        }
    }

    /// Notes what was heard of an airing.
    pub(super) fn overheard(&self, monitored: &Monitored) {
        let mut notices = self.lock();
        let Some(listening) = &mut notices.listening else { return };
        let (airing, at) = (monitored.airing.id.clone(), monitored.at);
        match monitored.heard {
            Audible::Yes => (listening.missed, listening.heard) = (0, Some(at)),
            Audible::No => listening.missed = monitored.missed,
            Audible::Unknown => {}
        }
        listening.last = Some(Overheard { airing, at, heard: monitored.heard, doubt: monitored.doubt });
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
