//! Why a station did or did not sound at a time: from plan, limits, clock and as-run, in plain words.

mod absence;
mod words;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use crate::calendar::{Almanac, quiet};
use crate::model::{Airing, AiringId, Outcome, Playlist, PlaylistId, Reason, Site, SlotId, Station, Words};

use super::plan_station;

pub use absence::Absence;

/// How far from the time asked about an airing or a record still has to do with it: people look at the kitchen clock.
const AROUND: TimeDelta = TimeDelta::minutes(15);

/// What is asked, and what is known besides the log.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The site, in whose zone people read.
    pub site: &'a Site,
    /// The station asked about, one of the site.
    pub station: &'a Station,
    /// The playlists as they stand now.
    pub playlists: &'a [Playlist],
    /// The calendars as they stand now.
    pub almanac: &'a Almanac,
    /// The time asked about; the due instant if an airing was named.
    pub at: DateTime<Utc>,
    /// The present.
    pub now: DateTime<Utc>,
}

/// What the log says of one airing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The airing.
    pub id: AiringId,
    /// When its slot began.
    pub due: DateTime<Utc>,
    /// When the first sample was heard, if any was.
    pub started: Option<DateTime<Utc>>,
    /// How it ended; none while it is on air.
    pub end: Option<End>,
}

/// How an airing ended, by the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How.
    pub outcome: Outcome,
    /// Why.
    pub reason: Option<Reason>,
    /// What the record says besides.
    pub detail: String,
}

/// Something that happened to the clock or to the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When, by the wall clock after it.
    pub at: DateTime<Utc>,
    /// What.
    pub what: Words,
}

/// One part of the answer; [`Explanation::words`] says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// An airing was planned about then, and this is what became of it.
    Planned {
        /// The airing.
        airing: Box<Airing>,
        /// What the log says of it.
        logged: Option<Logged>,
        /// Whether its time is still to come.
        ahead: bool,
    },
    /// The log holds an airing of about then that the playlists of today do not plan.
    Unplanned(Logged),
    /// Nothing was planned about then.
    NothingPlanned,
    /// It was in quiet hours.
    Quiet {
        /// Their end; none if they have none.
        until: Option<DateTime<Utc>>,
    },
    /// A noise limit held an airing back; these are the limits, in minutes.
    NoiseLimits {
        /// In any 60 minutes.
        per_hour: Option<u32>,
        /// In a civil day.
        per_day: Option<u32>,
    },
    /// A schedule was considered and does not fire about then.
    Silent {
        /// The playlist.
        playlist: PlaylistId,
        /// The schedule's number in it, counted from 1.
        schedule: usize,
        /// What speaks against it.
        why: Absence,
        /// When it fires next, after the time asked about.
        next: Option<DateTime<FixedOffset>>,
    },
    /// Something happened to the clock or to the program about then.
    Happened(Note),
}

/// Explains what happened at `question.at`, most telling parts first. `logged` and `notes` may hold more than what
/// lies near that time.
pub fn why(question: &Question<'_>, logged: &[Logged], notes: &[Note]) -> Vec<Explanation> {
    let near = |at: DateTime<Utc>| (at - question.at).abs() <= AROUND;
    let logged: Vec<&Logged> = logged.iter().filter(|l| near(l.due) || l.started.is_some_and(near)).collect();
    let planned = planned(question);
    let mut answer = Vec::new();
    for airing in &planned {
        let logged = logged.iter().find(|l| l.id == airing.id).map(|l| (*l).clone());
        let ahead = airing.due > question.now;
        answer.push(Explanation::Planned { airing: Box::new(airing.clone()), logged, ahead });
    }
    let unplanned = logged.iter().filter(|l| planned.iter().all(|airing| airing.id != l.id));
    answer.extend(unplanned.map(|l| Explanation::Unplanned((*l).clone())));
    if answer.is_empty() {
        answer.push(Explanation::NothingPlanned);
    }
    answer.extend(limits(question, &logged));
    answer.extend(notes.iter().filter(|note| near(note.at)).cloned().map(Explanation::Happened));
    answer.extend(silent(question, &planned));
    answer
}

fn planned(question: &Question<'_>) -> Vec<Airing> {
    let (from, until) = (question.at - AROUND, question.at + AROUND + TimeDelta::seconds(1));
    plan_station(question.station, question.site.time_zone, question.playlists, question.almanac, from, until)
        .airings
}

fn limits(question: &Question<'_>, logged: &[&Logged]) -> Vec<Explanation> {
    let limits = &question.station.limits;
    let mut found = Vec::new();
    if quiet::is_quiet(limits, question.site.time_zone, question.at) {
        found.push(Explanation::Quiet {
            until: quiet::quiet_until(limits, question.site.time_zone, question.at),
        });
    }
    let reason = |l: &&Logged| l.end.as_ref().and_then(|end| end.reason);
    if logged.iter().any(|l| reason(l) == Some(Reason::NoiseLimit)) {
        let (per_hour, per_day) = (limits.minutes_per_hour, limits.minutes_per_day);
        found.push(Explanation::NoiseLimits { per_hour, per_day });
    }
    found
}

/// Every schedule that airs nothing about then, with what speaks against it.
fn silent(question: &Question<'_>, planned: &[Airing]) -> Vec<Explanation> {
    let mut found = Vec::new();
    for playlist in question.playlists {
        for (place, schedule) in playlist.schedules.iter().enumerate() {
            let fires = |airing: &Airing| {
                airing.slot == SlotId::new(&question.station.id, &playlist.id, place, &airing.due)
            };
            if planned.iter().any(fires) {
                continue;
            }
            let why = absence::of(question, playlist, schedule);
            let next = absence::next(question, playlist, schedule);
            found.push(Explanation::Silent { playlist: playlist.id.clone(), schedule: place + 1, why, next });
        }
    }
    found
}

#[cfg(test)]
mod tests;
