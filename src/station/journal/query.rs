//! What a reader may ask for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::row::{COLUMNS, Column, Row, columns_of, still_open};
use super::store::ClockEvent;
use super::{Entry, JournalError, moment};
use crate::model::{Outcome, Reason};

/// Entries read at once. Between two pages no lock and no snapshot is held, however slowly somebody reads, so that
/// the writer's write-ahead log can always be folded in.
pub(super) const PAGE: usize = 256;

/// Narrows what is read; what is none narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this airing.
    pub airing: Option<String>,
    /// Only this station.
    pub station: Option<String>,
    /// Only this playlist.
    pub playlist: Option<String>,
    /// Only this message.
    pub message: Option<String>,
    /// Only airings that ended so; those on air have not ended.
    pub outcome: Option<Outcome>,
    /// Only airings that ended for this reason.
    pub reason: Option<Reason>,
    /// Only airings due at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only airings due before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only entries whose last record has a greater number.
    pub after: i64,
}

impl Filter {
    /// Lists the conditions with their values.
    fn conditions(&self) -> Vec<(&'static str, Value)> {
        let text = |value: &Option<String>| value.clone().map(Value::Text);
        let word = |value: Option<&'static str>| value.map(|word| Value::Text(word.to_owned()));
        let instant = |value: Option<DateTime<Utc>>| value.map(|instant| Value::Text(moment::utc(instant)));
        let all = [
            ("l.airing = ?", text(&self.airing)),
            ("l.station = ?", text(&self.station)),
            ("l.playlist = ?", text(&self.playlist)),
            ("l.message = ?", text(&self.message)),
            ("r.outcome = ?", word(self.outcome.map(Outcome::as_str))),
            ("r.reason = ?", word(self.reason.map(Reason::as_str))),
            ("l.due_utc >= ?", instant(self.from)),
            ("l.due_utc < ?", instant(self.until)),
            ("l.seq > ?", Some(Value::Integer(self.after))),
        ];
        all.into_iter().filter_map(|(condition, value)| Some((condition, value?))).collect()
    }
}

/// Reads the first page of entries that pass `filter`, in the order of their last records.
pub(super) fn page(db: &Connection, filter: &Filter) -> Result<Vec<Entry>, JournalError> {
    let conditions = filter.conditions();
    let wanted = conditions.iter().fold(String::new(), |text, (condition, _)| text + " AND " + condition);
    // The last record of an airing gives the order: a microphone's verdict comes after the close, and shows it again.
    let sql = format!(
        "SELECT o.at, o.planned_ms, {}, {} FROM record l
         JOIN record r ON r.seq = CASE l.kind
             WHEN 'monitored' THEN (SELECT c.seq FROM record c WHERE c.airing = l.airing AND c.kind = 'closed')
             ELSE l.seq END
         LEFT JOIN record o ON o.airing = l.airing AND o.kind = 'on_air'
         WHERE l.airing IS NOT NULL AND (l.kind = 'monitored' OR {} OR l.kind = 'closed'
             AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.airing = l.airing)){wanted} ORDER BY l.seq LIMIT {PAGE}",
        columns_of("r"),
        columns_of("l"),
        still_open("l")
    );
    let mut statement = db.prepare(&sql)?;
    let values = rusqlite::params_from_iter(conditions.into_iter().map(|(_, value)| value));
    let mut rows = statement.query(values)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let on_air: Option<String> = row.get(0)?;
        let (told, last) = (Row::read(row, 2)?, Row::read(row, 2 + COLUMNS.len())?);
        entries.push(Entry::read(&told, &last, on_air.as_deref(), row.get(1)?)?);
    }
    Ok(entries)
}

/// What the log knows of one run of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFact {
    /// Its number.
    pub run: i64,
    /// Wall-clock time of its start.
    pub started: DateTime<Utc>,
    /// Version of the program.
    pub version: String,
    /// Wall-clock time of its last record.
    pub last: DateTime<Utc>,
    /// Whether it ended in good order; a run that goes on, or was cut off, has not.
    pub ended: bool,
}

/// What the log knows of the wall clock at one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockFact {
    /// Number of the record.
    pub seq: i64,
    /// What the clock said.
    pub at: DateTime<Utc>,
    /// What happened to it.
    pub event: ClockEvent,
}

/// Reads every run, oldest first.
pub(super) fn runs(db: &Connection) -> Result<Vec<RunFact>, JournalError> {
    let sql = format!(
        "SELECT l.at, l.kind = 'run_ended', {}
         FROM (SELECT min(seq) AS first, max(seq) AS last FROM record GROUP BY run) span
         JOIN record r ON r.seq = span.first JOIN record l ON l.seq = span.last ORDER BY r.seq",
        columns_of("r")
    );
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut runs = Vec::new();
    while let Some(result) = rows.next()? {
        let row = Row::read(result, 2)?;
        let last: String = result.get(0)?;
        runs.push(RunFact {
            run: row.number(Column::Run).unwrap_or_default(),
            started: row.instant(Column::At)?.ok_or_else(|| row.unreadable(Column::At))?,
            version: row.text(Column::Version).unwrap_or_default().to_owned(),
            last: moment::read(&last).ok_or_else(|| row.unreadable(Column::At))?.to_utc(),
            ended: result.get(1)?,
        });
    }
    Ok(runs)
}

/// Reads what happened to the clock, at starts of the daemon too, oldest first.
pub(super) fn clocks(db: &Connection) -> Result<Vec<ClockFact>, JournalError> {
    let sql = format!("SELECT {} FROM record r WHERE r.clock IS NOT NULL ORDER BY r.seq", columns_of("r"));
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut facts = Vec::new();
    while let Some(result) = rows.next()? {
        let row = Row::read(result, 0)?;
        let at = row.instant(Column::At)?.ok_or_else(|| row.unreadable(Column::At))?;
        facts.push(ClockFact { seq: row.seq(), at, event: clock_event(&row)? });
    }
    Ok(facts)
}

fn clock_event(row: &Row) -> Result<ClockEvent, JournalError> {
    let instant = |column| row.instant(column)?.ok_or_else(|| row.unreadable(column));
    match row.must_text(Column::Clock)? {
        "trusted" => Ok(ClockEvent::Trusted),
        "untrusted" => Ok(ClockEvent::Untrusted),
        "stepped" => {
            Ok(ClockEvent::Stepped { from: instant(Column::ClockFrom)?, to: instant(Column::ClockTo)? })
        }
        _ => Err(row.unreadable(Column::Clock)),
    }
}

/// Turns stored milliseconds into a length; less than none is none.
pub(super) fn length(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default())
}
