//! What a new run takes over from the runs before it.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension};

use super::row::{COLUMNS, Column, Row, kind};
use super::{moment, query};
use crate::model::{AiringId, Outcome, Reason, StationId, Words};

/// Records, counted from the last, among which the latest wall time is looked for: some months of a village. All of
/// them would cost a slow card seconds at each start, and the clock's own memory is kept beside the log anyway.
const LOOKED_BACK: i64 = 10_000;

/// Tells a new run what it takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Number of the run that has begun.
    pub run: i64,
    /// Whether it is the first of this log.
    pub first_run: bool,
    /// Airings that were on air when the last run was cut off; they are closed now and must not sound again.
    pub closed_open: Vec<AiringId>,
    /// The latest wall time among the log's last 10 000 records; none in a new log.
    pub last_seen: Option<DateTime<Utc>>,
}

/// What sounded, for the noise limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sounded {
    /// Where.
    pub station: StationId,
    /// When the sound ended; for a sound cut off with the power, when it would have ended at the latest.
    pub ended: DateTime<Utc>,
    /// How long it was heard; for a sound cut off with the power, how long it may have been heard at the most. The
    /// limits protect people's sleep, so what nobody can know counts against us.
    pub heard: Duration,
}

/// What the runs before left.
pub(super) struct Before {
    pub(super) run: i64,
    pub(super) boot: Option<String>,
    pub(super) last_seen: Option<DateTime<Utc>>,
}

/// Finds the last run and the latest wall time.
pub(super) fn before(db: &Connection) -> rusqlite::Result<Before> {
    let sql = "SELECT run, boot FROM record WHERE kind = 'run_started' ORDER BY seq DESC LIMIT 1";
    let last = db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (run, boot) = last.unwrap_or((0, None));
    let sql = "SELECT max(at) FROM (SELECT at FROM record ORDER BY seq DESC LIMIT ?1)";
    let latest: Option<String> = db.query_row(sql, [LOOKED_BACK], |row| row.get(0))?;
    let last_seen = latest.and_then(|text| moment::read(&text)).map(|instant| instant.to_utc());
    Ok(Before { run, boot, last_seen })
}

/// Finds every airing that is on air and not closed, in the order in which they began.
pub(super) fn open_airings(db: &Connection) -> rusqlite::Result<Vec<Row>> {
    let sql = format!(
        "SELECT {} FROM record o WHERE kind = 'on_air' AND NOT EXISTS
           (SELECT 1 FROM record c WHERE c.airing = o.airing AND c.kind = 'closed') ORDER BY seq",
        COLUMNS.join(", ")
    );
    db.prepare(&sql)?.query_map([], |row| Row::read(row, 0))?.collect()
}

/// Turns an open record into its close: a part may have been heard; when it began, when it ended and how much was
/// heard nobody can know, and so these stay empty.
pub(super) fn close(on_air: Row, run: i64, at: DateTime<Utc>, detail: &str) -> Row {
    let mut row = on_air;
    row.set(Column::Kind, kind::CLOSED.to_owned());
    row.set(Column::Run, run);
    row.set(Column::At, moment::utc(at));
    row.set(Column::Outcome, Outcome::Partial.as_str().to_owned());
    row.set(Column::Reason, Reason::PowerOff.as_str().to_owned());
    row.set(Column::Detail, detail.to_owned());
    row
}

/// Says for people what cut a run off.
pub(super) fn detail(same_boot: bool) -> String {
    let words = if same_boot {
        Words::new("程序中断,机器没有重启", "the program was cut off; the machine ran on")
    } else {
        Words::new("机器断电或重启", "the machine lost power or was restarted")
    };
    words.to_string()
}

/// Finds every airing due at `from` or later that is on air or closed.
pub(super) fn known_since(db: &Connection, from: DateTime<Utc>) -> rusqlite::Result<HashSet<AiringId>> {
    let sql = "SELECT airing FROM record WHERE airing IS NOT NULL AND due_utc >= ?1";
    let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0).map(AiringId::from_record);
    db.prepare(sql)?.query_map([moment::utc(from)], read)?.collect()
}

/// Finds what sounded and was due at `from` or later, oldest first.
pub(super) fn sounded_since(db: &Connection, from: DateTime<Utc>) -> rusqlite::Result<Vec<Sounded>> {
    let sql = "SELECT c.station, c.ended, c.heard_ms, o.at, o.planned_ms FROM record c
        LEFT JOIN record o ON o.airing = c.airing AND o.kind = 'on_air'
        WHERE c.airing IS NOT NULL AND c.due_utc >= ?1 AND c.kind = 'closed' ORDER BY c.seq";
    let mut statement = db.prepare(sql)?;
    let found = statement.query_map([moment::utc(from)], |row| {
        let ended: Option<String> = row.get(1)?;
        let began: Option<String> = row.get(3)?;
        Ok(sounded(&row.get::<_, String>(0)?, ended.as_deref(), row.get(2)?, began.as_deref(), row.get(4)?))
    })?;
    found.filter_map(Result::transpose).collect()
}

fn sounded(
    station: &str,
    ended: Option<&str>,
    heard: Option<i64>,
    began: Option<&str>,
    planned: Option<i64>,
) -> Option<Sounded> {
    let heard = query::length(heard.or(planned)?);
    let instant = |text: &str| moment::read(text).map(|instant| instant.to_utc());
    let ended = ended.and_then(instant).or_else(|| Some(began.and_then(instant)? + heard))?;
    let station = StationId::new(station).ok()?;
    (!heard.is_zero()).then_some(Sounded { station, ended, heard })
}
