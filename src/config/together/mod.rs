//! Checks files against each other and against what was found on disk.

mod estimate;
mod firing;
mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::calendar::Almanac;
use crate::model::{MessageId, Playlist, Site, Words};

pub use estimate::{USUAL_PACE, spoken};

use super::complaint::{Complaint, Severity};
use super::parse::Parsed;

/// Says how long a recording is, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingFact {
    /// Read to its end: how long it sounds.
    Sound(Duration),
    /// Read to its end, and it can be aired, but it is not as it should be.
    Flawed {
        /// How long it sounds.
        length: Duration,
        /// What is wrong, and what to do: at least one.
        flaws: Vec<(Words, Words)>,
    },
    /// It cannot be aired: what is wrong, and what to do.
    Fault {
        /// What is wrong.
        what: Words,
        /// What to do.
        fix: Words,
    },
}

/// Holds what the files alone do not say.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Holidays and calendars.
    pub almanac: &'a Almanac,
    /// Recordings by their path under the audio folder; those that are absent here are not judged.
    pub recordings: &'a BTreeMap<PathBuf, RecordingFact>,
    /// The present, against which a validity is over or a year of holidays unknown.
    pub now: DateTime<Utc>,
}

/// Checks playlists against the site on which they are to air; also what is readable of playlists with mistakes.
///
/// A playlist whose value is there stays usable whatever is found here: what names nothing airs nowhere, and the rest
/// goes on.
pub fn check_together(site: &Site, playlists: &[Parsed<Playlist>], facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for parsed in playlists {
        let mut check = Check { site, facts, parsed, complaints: Vec::new() };
        check.references();
        if let Some(playlist) = parsed.value.as_ref().or(parsed.draft.as_ref()) {
            check.playlist(playlist);
        }
        check.complaints.sort_by_key(|complaint| complaint.span.start);
        complaints.append(&mut check.complaints);
    }
    complaints
}

/// Carries one playlist through the checks.
struct Check<'a> {
    site: &'a Site,
    facts: &'a Facts<'a>,
    parsed: &'a Parsed<Playlist>,
    complaints: Vec<Complaint>,
}

impl Check<'_> {
    fn add(&mut self, severity: Severity, span: Range<usize>, what: Words, fix: Words) {
        self.complaints.push(Complaint { severity, path: self.parsed.path.clone(), span, what, fix });
    }

    /// Finds where a value stands; the first of the places that exist.
    fn place(&self, places: &[String]) -> Range<usize> {
        places.iter().find_map(|place| self.parsed.places.get(place)).cloned().unwrap_or_default()
    }

    fn playlist(&mut self, playlist: &Playlist) {
        if self.is_over(playlist) {
            return;
        }
        // A schedule with mistakes may mean the messages that no other one airs.
        if self.parsed.value.is_some() {
            self.unscheduled(playlist);
        }
        for (place, schedule) in self.parsed.rows.schedules.iter().zip(&playlist.schedules) {
            self.schedule(playlist, place, schedule);
        }
    }

    fn is_over(&mut self, playlist: &Playlist) -> bool {
        let today = self.facts.now.with_timezone(&self.site.time_zone).date_naive();
        let Some(last) = playlist.valid_until.filter(|last| *last < today) else { return false };
        self.add(
            Severity::Warning,
            self.place(&["valid_until".to_owned()]),
            Words::new(
                format!("有效期到 {last} 已经过了，这个节目单不再播"),
                format!("the validity ended on {last}: this playlist does not air any more"),
            ),
            Words::new("改成新的日期，或把文件移走", "write a new date, or move the file away"),
        );
        true
    }

    fn unscheduled(&mut self, playlist: &Playlist) {
        if playlist.schedules.is_empty() {
            return self.add(
                Severity::Warning,
                0..0,
                Words::new(
                    "这个节目单没有安排时间，什么也不会播",
                    "this playlist has no schedule: nothing airs",
                ),
                Words::new("加上一个 `[[schedule]]`", "add a `[[schedule]]`"),
            );
        }
        let scheduled: BTreeSet<&str> = playlist
            .schedules
            .iter()
            .flat_map(|schedule| &schedule.messages)
            .map(MessageId::as_str)
            .collect();
        for (place, message) in self.parsed.rows.messages.iter().zip(&playlist.messages) {
            if scheduled.contains(message.id.as_str()) {
                continue;
            }
            let id = &message.id;
            self.add(
                Severity::Warning,
                self.place(&[format!("{place}.id")]),
                Words::new(format!("没有哪个时间安排播 `{id}`"), format!("no schedule airs `{id}`")),
                Words::new(
                    "把它加进某个 `[[schedule]]` 的 `messages`，或删去它",
                    "add it to the `messages` of a `[[schedule]]`, or remove it",
                ),
            );
        }
    }
}
