//! Walks the chain from the first record to the last and says where it is broken.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::anchor::{self, Found, Link};
use super::chain::{self, GENESIS, Hash};
use super::invariants::Invariants;
use super::row::{Column, Row, columns_of};
use super::{JournalError, Reader, schema};
use crate::model::AiringId;

/// Most faults that are listed; the first one counts, the rest helps to see how far the damage goes.
const MOST_FAULTS: usize = 20;

/// Records read at once.
const PAGE: i64 = 1024;

/// Says what is wrong at one place of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Number of the record, if there is one.
    pub seq: Option<i64>,
    /// Its station, if it names one.
    pub station: Option<String>,
    /// Its wall-clock time as it stands there.
    pub at: Option<String>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The record does not match its hash: it was changed, moved or put in, or the one before it was.
    Altered,
    /// Records before this one are missing; the first missing number.
    Gap(i64),
    /// The last records are missing: the log must reach at least to this number.
    Shortened(i64),
    /// A start of the daemon found that the records before it had been cut: the log had reached to this number.
    ShortenedBefore(i64),
    /// A start of the daemon found its anchor gone.
    AnchorLostBefore,
    /// The anchor is gone, so that nobody can say whether the last records are all there.
    AnchorLost,
    /// The record of this number, which the anchor names, has another hash: the log was written anew.
    Rewritten(i64),
    /// A table, trigger or index is missing or is not ours.
    Schema(String),
    /// SQLite finds its own structures damaged.
    Structure(String),
    /// The airing was closed twice.
    ClosedTwice(AiringId),
    /// The airing came on air after it had been closed, or twice.
    OnAirAgain(AiringId),
    /// The airing was on air when its run ended, and was not closed before something else sounded.
    NeverClosed(AiringId),
    /// A microphone judged the airing before it had ended, or twice.
    StrayVerdict(AiringId),
    /// Two airings sounded at once at one station.
    TwoAtOnce(AiringId, AiringId),
}

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Records read.
    pub records: i64,
    /// The last record: written down elsewhere, it proves later that nothing up to it was touched.
    pub head: Link,
    /// What is wrong, in the order of the log; empty if all is well. At most 20 are kept.
    pub faults: Vec<Fault>,
}

/// Walks the log in `folder`. `noted` is a link that somebody wrote down earlier.
///
/// May run while the daemon writes: the anchor is read first, and the log only grows.
pub fn verify(folder: &Path, noted: Option<Link>) -> Result<Verdict, JournalError> {
    let reader = Reader::open(folder)?;
    let anchor = anchor::read(folder)?;
    let mut walk = Walk::new();
    let walked = walk.run(reader.connection(), anchor, noted);
    match walked.map_err(|error| reader.sorted(error)) {
        Ok(()) => {}
        Err(JournalError::Damaged(error)) => walk.fault(None, FaultKind::Structure(error.to_string())),
        Err(error) => return Err(error),
    }
    Ok(Verdict { records: walk.records, head: walk.last, faults: walk.faults })
}

struct Walk {
    records: i64,
    last: Link,
    faults: Vec<Fault>,
    invariants: Invariants,
}

impl Walk {
    fn new() -> Self {
        Self { records: 0, last: Link::EMPTY, faults: Vec::new(), invariants: Invariants::default() }
    }

    fn run(&mut self, db: &Connection, anchor: Found, noted: Option<Link>) -> Result<(), JournalError> {
        self.schema(db)?;
        self.structure(db)?;
        // Numbers below 1 were never given by us; they are looked at all the same.
        let mut after = i64::MIN;
        loop {
            let page = page(db, after)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for stored in &page {
                self.step(stored);
            }
        }
        self.anchored(db, anchor)?;
        noted.map_or(Ok(()), |noted| self.reaches(db, noted))
    }

    fn schema(&mut self, db: &Connection) -> Result<(), JournalError> {
        for (name, ours) in schema::objects(schema::version(db)?) {
            let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
            let theirs: Option<String> = db.query_row(sql, [name], |row| row.get(0)).optional()?;
            if theirs.as_deref() != Some(ours.as_str()) {
                self.fault(None, FaultKind::Schema(name.to_owned()));
            }
        }
        Ok(())
    }

    fn structure(&mut self, db: &Connection) -> Result<(), JournalError> {
        let mut statement = db.prepare("PRAGMA integrity_check(3)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        for line in lines.collect::<rusqlite::Result<Vec<_>>>()? {
            if line != "ok" {
                self.fault(None, FaultKind::Structure(line));
            }
        }
        Ok(())
    }

    /// Takes the next record.
    fn step(&mut self, stored: &Stored) {
        self.records += 1;
        let expected = self.last.seq + 1;
        let hash = stored.row.as_ref().map(|row| chain::link(&self.last.hash, row));
        if stored.seq != expected {
            self.fault(Some(stored), FaultKind::Gap(expected));
        } else if hash.is_none() || hash != stored.hash {
            self.fault(Some(stored), FaultKind::Altered);
        }
        // The stored hash leads on, so that one bad record is one fault and not a thousand.
        self.last = Link { seq: stored.seq, hash: stored.hash.unwrap_or(GENESIS) };
        for broken in stored.row.iter().flat_map(|row| self.invariants.see(row)).collect::<Vec<_>>() {
            self.fault(Some(stored), broken);
        }
    }

    fn anchored(&mut self, db: &Connection, anchor: Found) -> Result<(), JournalError> {
        match anchor {
            Found::Nothing if self.records == 0 => {}
            Found::Nothing => self.fault(None, FaultKind::AnchorLost),
            Found::Link(link) => self.reaches(db, link)?,
        }
        Ok(())
    }

    /// Checks that the log holds the record that `link` names.
    fn reaches(&mut self, db: &Connection, link: Link) -> Result<(), JournalError> {
        let sql = "SELECT hash FROM record WHERE seq = ?1";
        let held: Option<Vec<u8>> = db.query_row(sql, [link.seq], |row| row.get(0)).optional()?;
        if link.seq > self.last.seq {
            self.fault(None, FaultKind::Shortened(link.seq));
        } else if link.seq > 0 && held.as_deref() != Some(&link.hash) {
            self.fault(None, FaultKind::Rewritten(link.seq));
        }
        Ok(())
    }

    fn fault(&mut self, stored: Option<&Stored>, kind: FaultKind) {
        if self.faults.len() == MOST_FAULTS {
            return;
        }
        let row = stored.and_then(|stored| stored.row.as_ref());
        let text = |column| row.and_then(|row| row.text(column)).map(str::to_owned);
        let (station, at) = (text(Column::Station), text(Column::At));
        self.faults.push(Fault { seq: stored.map(|stored| stored.seq), station, at, kind });
    }
}

/// A record as it lies there; what cannot even be read is none.
struct Stored {
    seq: i64,
    row: Option<Row>,
    hash: Option<Hash>,
}

fn page(db: &Connection, after: i64) -> Result<Vec<Stored>, JournalError> {
    let columns = columns_of("r");
    let sql =
        format!("SELECT r.seq, r.hash, {columns} FROM record r WHERE r.seq > ?1 ORDER BY r.seq LIMIT {PAGE}");
    let mut statement = db.prepare_cached(&sql)?;
    let page = statement.query_map([after], |row| {
        Ok(Stored { seq: row.get(0)?, row: Row::read(row, 2).ok(), hash: row.get(1).ok() })
    })?;
    Ok(page.collect::<rusqlite::Result<_>>()?)
}
