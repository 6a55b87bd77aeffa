//! What a village's log tells of its airings: records as they arrived, put together airing by airing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::model::{AiringId, Digest, Origin, Outcome, Status};
use crate::station::journal::{Entry, JournalError, entry, follows};
use crate::wire::Fact;

/// The playlist of everything that alerts say, in records.
const ALERTS: &str = "alert";

/// One record as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// The log that it is of.
    pub epoch: Digest,
    /// The record.
    pub fact: Fact,
    /// The hash of the record before it, as it is here; none if that record is not here.
    pub before: Option<Digest>,
    /// When it came, by the county's clock.
    pub received: DateTime<Utc>,
    /// Whether it came long after it was made.
    pub late: bool,
}

/// One airing as a village's log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The village.
    pub site: String,
    /// The log.
    pub epoch: Digest,
    /// Everything that the log says of the airing.
    pub entry: Entry,
    /// The hash of its last record.
    pub hash: Digest,
    /// When that record came, by the county's clock.
    pub received: DateTime<Utc>,
    /// Whether it came long after it was made.
    pub late: bool,
    /// Whether its records are as they were written: each fits the hash of the one before it.
    pub whole: bool,
}

impl Arrived {
    /// Tells whether it is what was recorded right after the record before it.
    pub fn is_whole(&self) -> bool {
        self.before.is_some_and(|before| follows(&before, &self.fact))
    }

    fn text(&self, column: &str) -> Option<&str> {
        self.fact.values.get(column)?.as_str()
    }
}

impl Told {
    /// Tells whether it was heard to the end and meant.
    pub fn is_heard(&self) -> bool {
        self.is_meant() && self.is_completed()
    }

    /// Tells whether it was heard to the end.
    pub fn is_completed(&self) -> bool {
        let close = self.entry.close.as_ref();
        close.is_some_and(|close| matches!(close.outcome, Outcome::Completed | Outcome::CompletedLate))
    }

    /// Tells whether it is neither a drill nor a test.
    pub fn is_meant(&self) -> bool {
        self.entry.status == Status::Actual
    }

    /// Tells whether an alert of the county's asked for it.
    pub fn is_alert(&self) -> bool {
        self.entry.origin != Origin::Schedule && self.entry.playlist == ALERTS
    }
}

/// Puts the records of one village together, which come in their order; each airing of each log once, in the order of its
/// last record. Records of the program and the clock are passed over.
pub fn told(site: &str, records: &[Arrived]) -> Result<Vec<Told>, JournalError> {
    let mut airings: BTreeMap<(Digest, AiringId), Vec<&Arrived>> = BTreeMap::new();
    for record in records {
        if let Some(airing) = record.text("airing") {
            airings.entry((record.epoch, AiringId::from_record(airing))).or_default().push(record);
        }
    }
    let read = |(epoch, records): (Digest, Vec<&Arrived>)| {
        let facts: Vec<&Fact> = records.iter().map(|record| &record.fact).collect();
        let Some(entry) = entry(&facts)? else { return Ok(None) };
        // A microphone's verdict adds to what was told, and is no later word on how the airing ended.
        let ended = records.iter().rfind(|record| record.text("kind") != Some("monitored"));
        Ok(ended.map(|last| Told {
            site: site.to_owned(),
            epoch,
            entry,
            hash: last.fact.hash,
            received: last.received,
            late: last.late,
            whole: records.iter().all(|record| record.is_whole()),
        }))
    };
    let groups = airings.into_iter().map(|((epoch, _), records)| (epoch, records));
    let mut all =
        groups.map(read).filter_map(Result::transpose).collect::<Result<Vec<Told>, JournalError>>()?;
    all.sort_by_key(|told| (told.received, told.entry.seq));
    Ok(all)
}
