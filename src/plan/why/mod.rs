//! Why a station did or did not sound at a time, as far as the log does not say: from plan, limits and clock.

mod absence;
mod words;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use crate::calendar::{Almanac, quiet};
use crate::model::{Airing, AiringId, Playlist, PlaylistId, Reason, Site, SlotId, Station, Words};

use super::plan_station;

pub use absence::Absence;

/// How far from the time asked about an airing still has to do with it: people look at the kitchen clock.
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

/// An airing that the log holds, and tells of better than any plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The airing.
    pub id: AiringId,
    /// Why it ended as it did.
    pub reason: Option<Reason>,
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
    /// An airing was planned about then that the log does not hold.
    Planned {
        /// The airing.
        airing: Box<Airing>,
        /// Whether its time is still to come.
        ahead: bool,
    },
    /// Nothing was planned about then, and nothing aired.
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

/// Explains what the log does not say of `question.at`, most telling parts first. `logged` is what it holds of about
/// then; `notes` may hold more than that. Where the log knows something, nobody asks about all the other schedules.
pub fn why(question: &Question<'_>, logged: &[Logged], notes: &[Note]) -> Vec<Explanation> {
    let planned = planned(question);
    let unrecorded = planned.iter().filter(|airing| logged.iter().all(|logged| logged.id != airing.id));
    let mut answer: Vec<Explanation> = unrecorded
        .map(|airing| {
            let ahead = airing.due > question.now;
            Explanation::Planned { airing: Box::new(airing.clone()), ahead }
        })
        .collect();
    if planned.is_empty() && logged.is_empty() {
        answer.push(Explanation::NothingPlanned);
    }
    answer.extend(limits(question, logged));
    if logged.is_empty() {
        let near = |note: &&Note| (note.at - question.at).abs() <= AROUND;
        answer.extend(notes.iter().filter(near).cloned().map(Explanation::Happened));
        answer.extend(silent(question, &planned));
    }
    answer
}

fn planned(question: &Question<'_>) -> Vec<Airing> {
    let (from, until) = (question.at - AROUND, question.at + AROUND + TimeDelta::seconds(1));
    plan_station(question.station, question.site.time_zone, question.playlists, question.almanac, from, until)
        .airings
}

fn limits(question: &Question<'_>, logged: &[Logged]) -> Vec<Explanation> {
    let limits = &question.station.limits;
    let mut found = Vec::new();
    if quiet::is_quiet(limits, question.site.time_zone, question.at) {
        found.push(Explanation::Quiet {
            until: quiet::quiet_until(limits, question.site.time_zone, question.at),
        });
    }
    if logged.iter().any(|logged| logged.reason == Some(Reason::NoiseLimit)) {
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
