//! Records on their way to the county: read out in order, and held against the chain where they arrive.

use rusqlite::types::Value;
use serde_json::{Map, Value as Json};

use super::row::{COLUMNS, Column, Row, columns_of, kind};
use super::{Entry, JournalError, Reader, chain};
use crate::model::Digest;
use crate::wire::Fact;

/// Stands for the record before the first of a log.
pub const BEFORE_THE_FIRST: [u8; 32] = chain::GENESIS;

impl Reader {
    /// Returns what this log is known by at the county: the hash of its first record; none while it is empty.
    pub fn epoch(&self) -> Result<Option<Digest>, JournalError> {
        Ok(self.facts(0, 1)?.pop().map(|fact| fact.hash))
    }

    /// Returns the number of the newest record; 0 while the log is empty.
    pub fn newest(&self) -> Result<i64, JournalError> {
        let newest =
            self.connection().query_row("SELECT coalesce(max(seq), 0) FROM record", [], |row| row.get(0));
        newest.map_err(|error| self.sorted(error.into()))
    }

    /// Reads at most `most` records after number `after`, in order.
    pub fn facts(&self, after: i64, most: usize) -> Result<Vec<Fact>, JournalError> {
        let sql = format!(
            "SELECT r.hash, {} FROM record r WHERE r.seq > ?1 ORDER BY r.seq LIMIT ?2",
            columns_of("r")
        );
        let read = || {
            let mut statement = self.connection().prepare_cached(&sql)?;
            let rows = statement.query_map((after, i64::try_from(most).unwrap_or(i64::MAX)), |row| {
                Ok(fact(&Row::read(row, 1)?, row.get(0)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<Fact>>>()
        };
        read().map_err(|error| self.sorted(error.into()))
    }
}

fn fact(row: &Row, hash: [u8; 32]) -> Fact {
    let value = |value: &Value| match value {
        Value::Integer(number) => Some(Json::from(*number)),
        Value::Text(text) => Some(Json::from(text.clone())),
        // The table is strict and has no column of another type.
        Value::Null | Value::Real(_) | Value::Blob(_) => None,
    };
    let named = COLUMNS.iter().zip(row.values()).skip(1);
    let values: Map<String, Json> =
        named.filter_map(|(name, found)| Some(((*name).to_owned(), value(found)?))).collect();
    Fact { seq: row.seq(), hash: hash.into(), values }
}

/// Tells whether `fact` is what was recorded right after the record whose hash is `previous`: whether its hash fits all
/// that it says.
pub fn follows(previous: &Digest, fact: &Fact) -> bool {
    row(fact).is_some_and(|row| chain::link(previous.bytes(), &row) == *fact.hash.bytes())
}

/// Reads what a log says of one airing from all its records, in their order; none if there are none that tell of it.
pub fn entry(facts: &[&Fact]) -> Result<Option<Entry>, JournalError> {
    let is = |fact: &Fact, wanted: &str| fact.values.get("kind").is_some_and(|kind| kind == wanted);
    let Some(last) = facts.last() else { return Ok(None) };
    // A microphone's verdict only names its airing.
    let Some(told) = facts.iter().rfind(|fact| !is(fact, kind::MONITORED)) else { return Ok(None) };
    let on_air = facts.iter().find(|fact| is(fact, kind::ON_AIR));
    let read = |fact: &Fact| row(fact).ok_or(JournalError::Unreadable { seq: fact.seq, column: "airing" });
    let begun = on_air.and_then(|fact| fact.values.get("at")?.as_str());
    let planned = on_air.and_then(|fact| fact.values.get("planned_ms")?.as_i64());
    Entry::read(&read(told)?, &read(last)?, begun, planned).map(Some)
}

/// Puts a record together again; `None` if it has a column or a value that no record has.
fn row(fact: &Fact) -> Option<Row> {
    let mut row = Row::empty();
    row.set(Column::Seq, fact.seq);
    for (name, value) in &fact.values {
        let place = COLUMNS.iter().skip(1).position(|column| column == name)? + 1;
        let value = match value {
            Json::String(text) => Value::Text(text.clone()),
            Json::Number(number) => Value::Integer(number.as_i64()?),
            _ => return None,
        };
        row.put(place, value);
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn closed() -> Fact {
        let mut row = Row::new(kind::CLOSED, 1, DateTime::UNIX_EPOCH);
        row.set(Column::Seq, 1);
        row.set(Column::Station, "赵家庄".to_owned());
        row.set(Column::Outcome, "completed".to_owned());
        fact(&row, chain::link(&BEFORE_THE_FIRST, &row))
    }

    #[test]
    fn a_record_that_travelled_as_json_is_the_one_that_was_hashed() {
        let fact = closed();
        let travelled: Fact = serde_json::from_str(&serde_json::to_string(&fact).unwrap()).unwrap();
        assert!(follows(&BEFORE_THE_FIRST.into(), &travelled));
    }

    #[test]
    fn whatever_is_changed_on_the_way_does_not_follow() {
        let before: Digest = BEFORE_THE_FIRST.into();
        let changed = |change: &dyn Fn(&mut Fact)| {
            let mut fact = closed();
            change(&mut fact);
            follows(&before, &fact)
        };
        assert!(!changed(&|fact| drop(fact.values.insert("outcome".into(), "missed".into()))));
        assert!(!changed(&|fact| drop(fact.values.remove("station"))));
        assert!(!changed(&|fact| drop(fact.values.insert("hash".into(), "x".into()))));
        assert!(!changed(&|fact| drop(fact.values.insert("run".into(), 1.5.into()))));
        assert!(!changed(&|fact| fact.seq = 2));
        assert!(!follows(&Digest::of(b"another"), &closed()));
    }
}
