//! The as-run log as the loops use it: what cannot be written now is kept and written later.
//!
//! A disk that is full or broken must not silence a village, so sound goes on without its record being on disk; status
//! and log say so for as long as it lasts. What a crash in that state costs is in `docs/as-run.md`.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, broadcast};

use crate::model::Record;
use crate::station::clock;
use crate::station::journal::{JournalError, JournalHandle};

/// Records kept while the disk takes none: some days of a busy village, a few megabytes.
const MOST_KEPT: usize = 20_000;
/// Records written with one wait for the disk when it takes them again.
const BATCH: usize = 500;

/// Says what became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    /// It is on the disk.
    Yes,
    /// It is kept in memory, and will be written as soon as the disk takes it.
    Later,
    /// The log has it from before: the airing must not sound again.
    KnownBefore,
    /// A rule of the log refuses it, for ever. A fault of ours, which silences nothing and holds nothing up.
    Refused,
}

/// Since when the log cannot be written, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) since: DateTime<Utc>,
    pub(super) detail: String,
}

#[derive(Default)]
struct Backlog {
    kept: VecDeque<Record>,
    trouble: Option<Trouble>,
}

/// Commits records; cheap to clone.
#[derive(Clone)]
pub(super) struct Ledger {
    journal: JournalHandle,
    backlog: Arc<Mutex<Backlog>>,
    told: broadcast::Sender<Record>,
}

impl Ledger {
    pub(super) fn new(journal: JournalHandle) -> Self {
        Self { journal, backlog: Arc::default(), told: broadcast::channel(256).0 }
    }

    /// Lets somebody hear of every record as it is made.
    pub(super) fn listen(&self) -> broadcast::Receiver<Record> {
        self.told.subscribe()
    }

    /// Commits `records`, after everything that was kept before them, and returns what became of each.
    pub(super) async fn commit(&self, records: Vec<Record>) -> Vec<Saved> {
        let mut backlog = self.backlog.lock().await;
        let ready = backlog.kept.is_empty() || self.flush(&mut backlog).await.is_ok();
        let answers = if ready { self.write(&mut backlog, records.clone()).await } else { None };
        let saved =
            answers.unwrap_or_else(|| records.iter().map(|record| keep(&mut backlog, record)).collect());
        drop(backlog);
        for record in records {
            // Nobody may be listening.
            let _ = self.told.send(record);
        }
        saved
    }

    /// Tries to write what is kept. To be called now and then; without a backlog it does nothing.
    pub(super) async fn retry(&self) {
        let mut backlog = self.backlog.lock().await;
        // The trouble is noted where it is found.
        let _ = self.flush(&mut backlog).await;
    }

    /// Returns why the log cannot be written, if so.
    pub(super) async fn trouble(&self) -> Option<Trouble> {
        self.backlog.lock().await.trouble.clone()
    }

    async fn flush(&self, backlog: &mut Backlog) -> Result<(), ()> {
        while !backlog.kept.is_empty() {
            let batch: Vec<Record> = backlog.kept.iter().take(BATCH).cloned().collect();
            let written = batch.len();
            self.write(backlog, batch).await.ok_or(())?;
            backlog.kept.drain(..written);
        }
        if backlog.trouble.take().is_some() {
            tracing::info!("the as-run log can be written again; everything kept is in it");
        }
        Ok(())
    }

    /// Writes `records` at once, and returns what became of each; none when the disk takes nothing.
    async fn write(&self, backlog: &mut Backlog, records: Vec<Record>) -> Option<Vec<Saved>> {
        match self.journal.commit_all(records).await {
            Ok(answers) => Some(answers.into_iter().map(saved).collect()),
            Err(error) => {
                note(backlog, &error);
                None
            }
        }
    }
}

fn note(backlog: &mut Backlog, error: &JournalError) {
    if backlog.trouble.is_none() {
        tracing::error!(%error, "the as-run log cannot be written; sound goes on, its records are kept in memory");
        backlog.trouble = Some(Trouble { since: clock::wall(), detail: error.to_string() });
    }
}

fn keep(backlog: &mut Backlog, record: &Record) -> Saved {
    if backlog.kept.len() < MOST_KEPT {
        backlog.kept.push_back(record.clone());
    } else {
        tracing::error!(?record, "no room for this record: it is lost");
    }
    Saved::Later
}

fn saved(answer: Result<i64, JournalError>) -> Saved {
    match answer {
        Ok(_) => Saved::Yes,
        Err(JournalError::AlreadyClosed(airing) | JournalError::AlreadyOnAir(airing)) => {
            tracing::warn!(%airing, "the log has this airing already");
            Saved::KnownBefore
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a record was refused by the as-run log"
            );
            Saved::Refused
        }
    }
}
