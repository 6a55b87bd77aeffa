//! Switches of amplifiers: one record each, about no airing, though it names the one that it was done for.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::JournalError;
use super::query::PAGE;
use super::row::{Column, Row, columns_of, kind};
use crate::model::{AiringId, Switched};

/// What the log knows of one switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchFact {
    /// Number of the record.
    pub seq: i64,
    /// The switch.
    pub switched: Switched,
}

impl Row {
    pub(super) fn of_switched(switched: &Switched, run: i64) -> Self {
        let mut row = Self::new(kind::SWITCHED, run, switched.at);
        row.set(Column::Amplifier, switched.amplifier.clone());
        row.set(Column::Switch, switched.switch.as_str().to_owned());
        row.set(Column::Cause, switched.cause.as_str().to_owned());
        row.set(Column::SwitchedFor, switched.airing.as_ref().map(ToString::to_string));
        row.set(Column::Detail, switched.fault.clone());
        row
    }
}

/// Reads a page of switches from `from` on, in the order of their records, after the record with the number `after`.
pub(super) fn page(
    db: &Connection,
    from: Option<DateTime<Utc>>,
    after: i64,
) -> Result<Vec<SwitchFact>, JournalError> {
    let sql = format!(
        "SELECT {} FROM record r WHERE r.kind = 'switched' AND r.at >= ?1 AND r.seq > ?2
         ORDER BY r.seq LIMIT {PAGE}",
        columns_of("r")
    );
    let from = from.map(super::moment::utc).unwrap_or_default();
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query(rusqlite::params![from, after])?;
    let mut facts = Vec::new();
    while let Some(result) = rows.next()? {
        facts.push(fact(&Row::read(result, 0)?)?);
    }
    Ok(facts)
}

fn fact(row: &Row) -> Result<SwitchFact, JournalError> {
    let word = |column| row.must_text(column);
    let switched = Switched {
        amplifier: word(Column::Amplifier)?.to_owned(),
        at: row.instant(Column::At)?.ok_or_else(|| row.unreadable(Column::At))?,
        switch: word(Column::Switch)?.parse().map_err(|()| row.unreadable(Column::Switch))?,
        cause: word(Column::Cause)?.parse().map_err(|()| row.unreadable(Column::Cause))?,
        airing: row.text(Column::SwitchedFor).map(|id| AiringId::from_record(id.to_owned())),
        fault: row.text(Column::Detail).map(str::to_owned),
    };
    Ok(SwitchFact { seq: row.seq(), switched })
}
