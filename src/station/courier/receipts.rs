//! What the county is to be told of each thing that it sent: kept on the disk until it was answered, told once.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::office::folder_below;
use crate::station::disk::replace;
use crate::wire::{About, MOST_FACTS, Receipt, Step};

/// Most receipts that wait: years of a county that publishes daily.
const MOST_WAITING: usize = 4000;

/// Most things of which the last step is remembered.
const MOST_TOLD: usize = 1000;

/// The receipts of one station.
#[derive(Debug)]
pub(super) struct Outbox {
    path: PathBuf,
    kept: Kept,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Which county they are for.
    #[serde(default)]
    county: String,
    /// Not answered yet, oldest first.
    waiting: VecDeque<Receipt>,
    /// The last step of each thing, newest last.
    told: VecDeque<Told>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    about: About,
    step: Step,
    reason: String,
}

impl Outbox {
    /// Reads what waits in the folder `state` for `county`; what was for another is forgotten. A file that is damaged is
    /// begun anew: receipts can be told twice.
    pub(super) fn open(state: &Path, county: &str) -> Self {
        let path = folder_below(state).join("receipts.json");
        let kept = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let kept = kept.filter(|kept: &Kept| kept.county == county);
        Self { path, kept: kept.unwrap_or_else(|| Kept { county: county.to_owned(), ..Kept::default() }) }
    }

    /// Notes a step, unless it is the last that was noted of that thing. Returns whether there is something new to tell.
    pub(super) fn note(
        &mut self,
        about: &About,
        step: Step,
        reason: &str,
        (at, clock_trusted): (DateTime<Utc>, bool),
    ) -> bool {
        let told = Told { about: about.clone(), step, reason: reason.to_owned() };
        if self.kept.told.contains(&told) {
            return false;
        }
        self.kept.told.retain(|told| told.about != *about);
        self.kept.told.push_back(told);
        self.kept.waiting.push_back(Receipt {
            about: about.clone(),
            step,
            reason: reason.to_owned(),
            at,
            clock_trusted,
        });
        while self.kept.told.len() > MOST_TOLD {
            self.kept.told.pop_front();
        }
        while self.kept.waiting.len() > MOST_WAITING {
            self.kept.waiting.pop_front();
        }
        self.save();
        true
    }

    /// Returns the oldest that wait, as many as one message holds.
    pub(super) fn oldest(&self) -> Vec<Receipt> {
        self.kept.waiting.iter().take(MOST_FACTS).cloned().collect()
    }

    /// Counts those that wait.
    pub(super) fn waiting(&self) -> usize {
        self.kept.waiting.len()
    }

    /// Forgets those that the county has answered.
    pub(super) fn answered(&mut self, receipts: &[Receipt]) {
        self.kept.waiting.retain(|waiting| !receipts.contains(waiting));
        self.save();
    }

    /// A full disk loses nothing but what a power cut would take, too.
    fn save(&self) {
        let saved = serde_json::to_vec(&self.kept)
            .map_err(io::Error::from)
            .and_then(|bytes| replace(&self.path, &bytes));
        if let Err(error) = saved {
            tracing::warn!(%error, "receipts for the county could not be kept on the disk");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::office::make_folder;
    use super::*;

    const NOW: (DateTime<Utc>, bool) = (DateTime::UNIX_EPOCH, true);

    #[test]
    fn a_receipt_waits_over_a_restart_until_it_is_answered_and_is_told_once() {
        let state = tempfile::tempdir().unwrap();
        make_folder(state.path()).unwrap();
        let about = About::Root(2);
        let mut outbox = Outbox::open(state.path(), "甲");
        assert!(outbox.note(&about, Step::Received, "", NOW));
        assert!(outbox.note(&about, Step::Active, "", NOW));
        assert!(!outbox.note(&about, Step::Active, "", NOW));
        let mut outbox = Outbox::open(state.path(), "甲");
        let waiting = outbox.oldest();
        assert_eq!(waiting.iter().map(|r| r.step).collect::<Vec<_>>(), [Step::Received, Step::Active]);
        outbox.note(&About::Root(3), Step::Refused, "not_ours", NOW);
        outbox.answered(&waiting);
        let mut outbox = Outbox::open(state.path(), "甲");
        assert_eq!(outbox.waiting(), 1);
        assert!(!outbox.note(&about, Step::Active, "", NOW), "it was told");
        assert!(outbox.note(&About::Root(3), Step::Refused, "older", NOW), "for another reason");
        assert_eq!(Outbox::open(state.path(), "乙").waiting(), 0, "another county has nothing to do with it");
    }
}
