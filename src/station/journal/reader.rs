//! Reads the log while the daemon writes it, or when nobody does.

use std::path::{Path, PathBuf};
use std::vec;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::query::{self, ClockFact, Filter, RunFact};
use super::switched::{self, SwitchFact};
use super::{Entry, JournalError, schema};
use crate::model::AiringId;

/// Reads the as-run log; needs permission to read and no more, and holds nobody up.
pub struct Reader {
    folder: PathBuf,
    connection: Connection,
}

impl Reader {
    /// Opens the log in `folder`; [`JournalError::Absent`] if there is none yet.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Ok(Self { folder: folder.to_owned(), connection: schema::open_reader(folder)? })
    }

    /// Reads the entries that pass `filter`: one an airing, in the order in which they were closed (or came on air,
    /// if they are on air still).
    pub fn query(&self, filter: &Filter) -> Entries<'_> {
        Entries { reader: self, filter: filter.clone(), page: Vec::new().into_iter(), more: true }
    }

    /// Reads what the log knows of one airing.
    pub fn record_of(&self, airing: &AiringId) -> Result<Option<Entry>, JournalError> {
        let filter = Filter { airing: Some(airing.to_string()), ..Filter::default() };
        self.query(&filter).next().transpose()
    }

    /// Reads every run of the daemon, oldest first; between two of them the power was off, or the program.
    pub fn runs(&self) -> Result<Vec<RunFact>, JournalError> {
        query::runs(&self.connection).map_err(|error| self.sorted(error))
    }

    /// Reads what happened to the wall clock, oldest first.
    pub fn clocks(&self) -> Result<Vec<ClockFact>, JournalError> {
        query::clocks(&self.connection).map_err(|error| self.sorted(error))
    }

    /// Reads some switches of amplifiers from `from` on, in the order of their records, after the record with the number
    /// `after`; none when there are no more.
    pub fn switches(&self, from: Option<DateTime<Utc>>, after: i64) -> Result<Vec<SwitchFact>, JournalError> {
        switched::page(&self.connection, from, after).map_err(|error| self.sorted(error))
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Sorts what SQLite reported in the middle of reading.
    pub(super) fn sorted(&self, error: JournalError) -> JournalError {
        error.in_folder(&self.folder)
    }
}

/// Yields the entries of a query. Ends after the first error.
pub struct Entries<'a> {
    reader: &'a Reader,
    filter: Filter,
    page: vec::IntoIter<Entry>,
    more: bool,
}

impl Entries<'_> {
    fn turn(&mut self) -> Result<(), JournalError> {
        let page =
            query::page(&self.reader.connection, &self.filter).map_err(|error| self.reader.sorted(error))?;
        self.more = page.len() == query::PAGE;
        self.page = page.into_iter();
        Ok(())
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 && self.more {
            self.more = false;
            if let Err(error) = self.turn() {
                return Some(Err(error));
            }
        }
        let entry = self.page.next()?;
        self.filter.after = entry.seq;
        Some(Ok(entry))
    }
}
