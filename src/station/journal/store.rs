//! The one writer: opens the log, numbers the run, commits facts.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params, params_from_iter};

use super::anchor::{self, Anchor, Found, Link};
use super::recovery::{self, HeardBefore, Recovered};
use super::row::{COLUMNS, Column, Row, kind, milliseconds};
use super::{JournalError, aside, chain, moment, schema};
use crate::model::{AiringId, Reason, Record, StationId};
use crate::playout;

/// Name of the file whose lock the writer holds.
const LOCK: &str = "as-run.lock";

/// Describes the start of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStart {
    /// Wall-clock time.
    pub at: DateTime<Utc>,
    /// Version of the program.
    pub version: String,
    /// The kernel's id of this boot: tells a crash of the program from a restart of the machine.
    pub boot: String,
    /// The steady clock.
    pub steady: Duration,
    /// Whether the wall clock is trusted at the start.
    pub clock_trusted: bool,
}

/// Says what happened to the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockEvent {
    /// It can be trusted from now on.
    Trusted,
    /// It cannot be trusted any more.
    Untrusted,
    /// It was set, or the network set it.
    Stepped {
        /// What it would have said.
        from: DateTime<Utc>,
        /// What it says.
        to: DateTime<Utc>,
    },
}

/// Writes the as-run log; one per folder, on one thread. [`super::JournalHandle`] shares it among tasks.
pub struct Journal {
    folder: PathBuf,
    connection: Connection,
    anchor: Anchor,
    run: i64,
    /// Why nothing aired before this run.
    down: Option<Reason>,
    /// The last record; none after an error, when only the disk knows whether the record came through.
    last: Option<Link>,
    /// Held for as long as we write; the kernel lets go of it when we die.
    lock: Option<File>,
}

impl Journal {
    /// Opens the log in `folder` (both are made if they are not there), numbers this run, and closes what the runs
    /// before left open as `partial (power_off)`.
    ///
    /// A log that is damaged is moved aside whole and a new one begun: a torn page must not silence a village. The new
    /// log says so ([`Recovered::set_aside`]), and never passes for whole. Fails with [`JournalError::Locked`] while
    /// another writer lives.
    pub fn open(folder: &Path, start: &RunStart) -> Result<(Self, Recovered), JournalError> {
        fs::create_dir_all(folder).map_err(JournalError::file(folder))?;
        let lock = lock(folder)?;
        let begun = match Self::begin_in(folder, start, None) {
            Err(JournalError::Damaged(error)) => {
                let aside = aside::set_aside(folder, start.at)?;
                tracing::error!(%error, aside = %aside.display(), "the as-run log is damaged; a new one is begun");
                Self::begin_in(folder, start, Some(aside))
            }
            begun => begun,
        };
        let (mut journal, recovered) = begun?;
        journal.lock = Some(lock);
        Ok((journal, recovered))
    }

    fn begin_in(
        folder: &Path,
        start: &RunStart,
        set_aside: Option<PathBuf>,
    ) -> Result<(Self, Recovered), JournalError> {
        let connection = schema::open_writer(folder)?;
        let found = anchor::read(folder)?;
        let anchor = Anchor::open(folder)?;
        sync_folder(folder)?;
        let folder = folder.to_owned();
        let mut journal = Self { folder, connection, anchor, run: 0, down: None, last: None, lock: None };
        let recovered = journal.begin(start, found, set_aside)?;
        Ok((journal, recovered))
    }

    /// Numbers the run, records its start, and closes what is open.
    fn begin(
        &mut self,
        start: &RunStart,
        found: Found,
        set_aside: Option<PathBuf>,
    ) -> Result<Recovered, JournalError> {
        let before = self.query(recovery::before)?;
        self.run = before.run + 1;
        self.down = before.down;
        let mut row = Row::new(kind::RUN_STARTED, self.run, start.at);
        row.set(Column::Version, start.version.clone());
        row.set(Column::Boot, start.boot.clone());
        row.set(Column::SteadyMs, milliseconds(start.steady));
        row.set(Column::Clock, if start.clock_trusted { "trusted" } else { "untrusted" }.to_owned());
        row.set(Column::AnchorSeq, self.lost(found)?);
        row.set(Column::Detail, set_aside.as_deref().map(aside::detail));
        let open = self.query(recovery::open_airings)?;
        self.append(row)?;
        let detail = recovery::detail(before.boot.as_deref() == Some(start.boot.as_str()));
        let mut closed_open = Vec::new();
        for on_air in open {
            let row = recovery::close(on_air, self.run, start.at, &detail);
            closed_open.extend(row.text(Column::Airing).map(AiringId::from_record));
            self.append(row)?;
        }
        self.sync_anchor()?;
        let (run, first_run, last_seen) = (self.run, before.run == 0, before.last_seen);
        Ok(Recovered { run, first_run, closed_open, last_seen, set_aside })
    }

    /// Returns the record that the anchor promises and the log does not hold: a cut tail must not be covered up by
    /// the next start. 0 stands for an anchor that is gone.
    fn lost(&mut self, found: Found) -> Result<Option<i64>, JournalError> {
        let last = self.last()?;
        match found {
            Found::Nothing if last.seq == 0 => Ok(None),
            Found::Nothing => Ok(Some(0)),
            Found::Link(promised) => {
                let kept =
                    promised.seq == 0 || self.hash_of(promised.seq)?.as_deref() == Some(&promised.hash);
                Ok(if kept { None } else { Some(promised.seq) })
            }
        }
    }

    fn hash_of(&self, seq: i64) -> Result<Option<Vec<u8>>, JournalError> {
        let sql = "SELECT hash FROM record WHERE seq = ?1";
        self.query(|db| db.query_row(sql, [seq], |row| row.get(0)).optional())
    }

    /// Commits a fact about an airing and returns its number. When this returns, the fact is on the disk.
    ///
    /// A second close of an airing, an on-air after a close or another on-air, and an order after any of these are
    /// refused and change nothing.
    pub fn commit(&mut self, record: &Record) -> Result<i64, JournalError> {
        self.append(Row::of(record, self.run))
    }

    /// Commits many facts with one wait for the disk; each is taken or refused as [`Journal::commit`] would do it.
    ///
    /// An error means that nothing of all this is acknowledged.
    pub fn commit_all(&mut self, records: &[Record]) -> Result<Vec<Result<i64, JournalError>>, JournalError> {
        if let [record] = records {
            let answer = self.commit(record);
            return if is_settled(&answer) { Ok(vec![answer]) } else { answer.map(|seq| vec![Ok(seq)]) };
        }
        self.query(|db| db.execute_batch("BEGIN IMMEDIATE"))?;
        let mut answers = Vec::with_capacity(records.len());
        for record in records {
            let answer = self.link(Row::of(record, self.run)).map(|link| link.seq);
            if !is_settled(&answer) {
                self.roll_back();
                return answer.map(|_| answers);
            }
            answers.push(answer);
        }
        let last = self.last()?;
        if let Err(error) = self.query(|db| db.execute_batch("COMMIT")) {
            self.roll_back();
            return Err(error);
        }
        self.note_in_anchor(&last);
        Ok(answers)
    }

    fn roll_back(&mut self) {
        // After some errors SQLite has rolled back by itself, and says that there is nothing to roll back.
        let _ = self.connection.execute_batch("ROLLBACK");
        self.last = None;
    }

    /// Commits what happened to the wall clock, which says `at` now.
    pub fn commit_clock(&mut self, at: DateTime<Utc>, event: ClockEvent) -> Result<i64, JournalError> {
        let mut row = Row::new(kind::CLOCK, self.run, at);
        let word = match event {
            ClockEvent::Trusted => "trusted",
            ClockEvent::Untrusted => "untrusted",
            ClockEvent::Stepped { from, to } => {
                row.set(Column::ClockFrom, moment::utc(from));
                row.set(Column::ClockTo, moment::utc(to));
                "stepped"
            }
        };
        row.set(Column::Clock, word.to_owned());
        self.append(row)
    }

    /// Records that the run ended in good order; the next start will find nothing open.
    pub fn end_run(&mut self, at: DateTime<Utc>) -> Result<i64, JournalError> {
        let seq = self.append(Row::new(kind::RUN_ENDED, self.run, at))?;
        self.sync_anchor()?;
        Ok(seq)
    }

    /// Returns the number of this run.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// Returns what the playout of `station` has to remember: what is closed already and must not be aired again, what
    /// sounded, both of airings due at `from` or later, and why nothing aired before this run.
    pub fn remembered(
        &self,
        station: &StationId,
        from: DateTime<Utc>,
    ) -> Result<playout::Recovered, JournalError> {
        let found = recovery::remembered(&self.connection, station, from);
        let (closed, sounded) = found.map_err(|error| error.in_folder(&self.folder))?;
        Ok(playout::Recovered { closed, sounded, down: self.down })
    }

    /// Returns what the microphone of `station` heard before.
    pub fn heard_before(&self, station: &StationId) -> Result<HeardBefore, JournalError> {
        self.query(|db| recovery::heard_before(db, station))
    }

    fn query<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, JournalError> {
        ask(&self.connection).map_err(|error| JournalError::sorted(error, &self.folder))
    }

    /// Links `row` to the chain and commits it.
    fn append(&mut self, row: Row) -> Result<i64, JournalError> {
        let link = self.link(row)?;
        self.note_in_anchor(&link);
        Ok(link.seq)
    }

    /// Links `row` to the chain; outside of a transaction this commits it.
    fn link(&mut self, mut row: Row) -> Result<Link, JournalError> {
        let last = self.last()?;
        let seq = last.seq + 1;
        row.set(Column::Seq, seq);
        let hash = chain::link(&last.hash, &row);
        // Until the commit is known to be through, only the disk knows which record is the last.
        self.last = None;
        if let Err(error) = self.insert(&row, hash) {
            return Err(self.refused(error, &row));
        }
        let link = Link { seq, hash };
        self.last = Some(link);
        Ok(link)
    }

    fn note_in_anchor(&mut self, link: &Link) {
        if let Err(error) = self.anchor.write(link) {
            // The record is safe; an anchor that lags accuses nobody.
            tracing::warn!(%error, "the anchor of the as-run log could not be written");
        }
    }

    fn insert(&self, row: &Row, hash: chain::Hash) -> rusqlite::Result<usize> {
        let marks = vec!["?"; COLUMNS.len() + 1].join(", ");
        let sql = format!("INSERT INTO record ({}, hash) VALUES ({marks})", COLUMNS.join(", "));
        let values = row.values().iter().cloned().chain([Value::Blob(hash.to_vec())]);
        self.connection.prepare_cached(&sql)?.execute(params_from_iter(values))
    }

    /// Says what a failed insert means: the rule that it broke, or what became of the disk.
    fn refused(&self, error: rusqlite::Error, row: &Row) -> JournalError {
        if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
            return JournalError::sorted(error, &self.folder);
        }
        if row.text(Column::Kind) == Some(kind::MONITORED) {
            return JournalError::AgainstRules(error);
        }
        let airing = row.text(Column::Airing).unwrap_or_default();
        let has = |kind: &str| {
            let sql = "SELECT 1 FROM record WHERE airing = ?1 AND kind = ?2";
            self.query(|db| db.query_row(sql, params![airing, kind], |_| Ok(())).optional())
        };
        match (has(kind::CLOSED), has(kind::ON_AIR)) {
            (Ok(Some(())), _) => JournalError::AlreadyClosed(AiringId::from_record(airing)),
            (Ok(None), Ok(Some(()))) if row.text(Column::Kind) == Some(kind::ON_AIR) => {
                JournalError::AlreadyOnAir(AiringId::from_record(airing))
            }
            _ => JournalError::AgainstRules(error),
        }
    }

    fn last(&mut self) -> Result<Link, JournalError> {
        if let Some(last) = self.last {
            return Ok(last);
        }
        let sql = "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok(Link { seq: row.get(0)?, hash: row.get(1)? });
        let last = self.query(|db| db.query_row(sql, [], read).optional())?.unwrap_or(Link::EMPTY);
        self.last = Some(last);
        Ok(last)
    }

    fn sync_anchor(&self) -> Result<(), JournalError> {
        self.anchor.sync().map_err(JournalError::file(&self.folder.join(anchor::FILE)))
    }
}

/// Tells whether trying again would change nothing.
fn is_settled(answer: &Result<i64, JournalError>) -> bool {
    answer.as_ref().map_or_else(JournalError::is_refusal, |_| true)
}

fn lock(folder: &Path) -> Result<File, JournalError> {
    let path = folder.join(LOCK);
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(JournalError::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(JournalError::file(&path)(error)),
    }
}

/// Brings the names of new files to the disk: a file whose folder was not synced can vanish in a power cut.
fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder).and_then(|open| open.sync_all()).map_err(JournalError::file(folder))
}
