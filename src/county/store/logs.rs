//! As-run logs of the sites: how far each has arrived, and the records themselves.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value as Json};

use super::audit::moment;
use super::promoted::{self, PROMOTED, promoted};
use super::value::{Group, Row, Statement, Value};
use super::{Store, StoreFault};
use crate::model::Digest;
use crate::wire::{Acknowledged, Fact};

/// A record that comes so long after it was made is marked as late.
pub const LATE: TimeDelta = TimeDelta::hours(6);

/// Records that one statement writes: as many as there are left, in so few shapes that each is prepared once.
const SHAPES: [usize; 4] = [64, 16, 4, 1];

/// Sites that are asked about at once come in multiples of this.
const ASKED: usize = 64;

/// The statement of each shape.
static INSERTIONS: LazyLock<[String; SHAPES.len()]> = LazyLock::new(|| SHAPES.map(insertion));

/// Columns of a record that are not taken out of it.
const OWN: [&str; 7] = ["site", "epoch", "seq", "hash", "received_at", "late", "facts"];

/// How far a log has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of its last record here.
    pub through: i64,
    /// That record's hash.
    pub hash: Digest,
}

/// A record as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFact {
    /// The site that sent it.
    pub site: String,
    /// The log.
    pub epoch: Digest,
    /// The record.
    pub fact: Fact,
    /// When it came.
    pub received: DateTime<Utc>,
    /// Whether it came late.
    pub late: bool,
}

impl Store {
    /// Tells how far a log has arrived; none if nothing has.
    pub async fn head(&self, site: &str, epoch: &Digest) -> Result<Option<Head>, StoreFault> {
        let sql = "SELECT through, hash FROM log WHERE site = $1 AND epoch = $2";
        let row = self.database.row(sql, &[site.into(), epoch.into()]).await?;
        let read = |row: &Row| Ok(Head { through: row.number(0, "log")?, hash: row.digest(1, "log")? });
        row.as_ref().map(read).transpose()
    }

    /// Tells for many sites how far the log that each wrote last has arrived, and of which counter of offers the database is.
    pub async fn acknowledged_as_of(
        &self,
        sites: &[String],
    ) -> Result<(i64, HashMap<String, Acknowledged>), StoreFault> {
        // In few shapes, so that each is prepared once; a site that is named twice is found once.
        let places = if sites.len() == 1 { 1 } else { sites.len().next_multiple_of(ASKED) };
        let last = sites.last().map_or("", String::as_str);
        let names = sites.iter().map(String::as_str).chain(std::iter::repeat(last));
        let values: Vec<Value> = names.take(places).map(Value::from).collect();
        let marks: Vec<String> = (1..=places).map(|place| format!("${place}")).collect();
        let sql = format!(
            "SELECT c.offers, l.site, l.epoch, l.through FROM change c LEFT JOIN log l ON l.site IN ({}) \
             WHERE c.one = 1 ORDER BY l.changed_at",
            marks.join(", ")
        );
        let rows = self.database.rows(&sql, &values).await?;
        let as_of = rows.first().ok_or(StoreFault::Damaged("counter"))?.number(0, "counter")?;
        let mut newest = HashMap::new();
        for row in rows.iter().filter(|row| row.maybe_number(3).is_some()) {
            let acknowledged = Acknowledged { epoch: row.digest(2, "log")?, through: row.number(3, "log")? };
            newest.insert(row.text(1, "log")?, acknowledged);
        }
        Ok((as_of, newest))
    }

    /// Finds the hash of a record.
    pub async fn hash_of(&self, site: &str, epoch: &Digest, seq: i64) -> Result<Option<Digest>, StoreFault> {
        let sql = "SELECT hash FROM fact WHERE site = $1 AND epoch = $2 AND seq = $3";
        let row = self.database.row(sql, &[site.into(), epoch.into(), seq.into()]).await?;
        row.map(|row| row.digest(0, "record")).transpose()
    }

    /// Appends records that follow right after `head`, and returns after the commit; `false` if the log is no longer where
    /// `head` says, and nothing was written.
    pub async fn append(
        &self,
        site: &str,
        epoch: &Digest,
        head: Option<Head>,
        facts: &[Fact],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreFault> {
        let Some(last) = facts.last() else { return Ok(true) };
        let mut group = Group::of(moved(site, epoch, head, last, now));
        let mut left = facts;
        for (shape, sql) in SHAPES.into_iter().zip(INSERTIONS.iter()) {
            while left.len() >= shape {
                let (these, rest) = left.split_at(shape);
                group = group.then(Statement::new(sql.as_str(), values_of(site, epoch, these, now)));
                left = rest;
            }
        }
        self.database.write(group).await
    }

    /// Reads records of a log after number `after`, at most `most`, in order.
    pub async fn facts(
        &self,
        site: &str,
        epoch: &Digest,
        after: i64,
        most: u32,
    ) -> Result<Vec<StoredFact>, StoreFault> {
        let sql = "SELECT seq, hash, received_at, late, facts FROM fact \
                   WHERE site = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4";
        let values = [site.into(), epoch.into(), after.into(), i64::from(most).into()];
        let rows = self.database.rows(sql, &values).await?;
        let read = |row: &Row| {
            let values: Map<String, Json> = row.json(4, "record")?;
            let fact = Fact { seq: row.number(0, "record")?, hash: row.digest(1, "record")?, values };
            Ok(StoredFact {
                site: site.to_owned(),
                epoch: *epoch,
                fact,
                received: moment(row.number(2, "record")?),
                late: row.number(3, "record")? != 0,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Lists the logs that a site has sent, the newest last.
    pub async fn logs(&self, site: &str) -> Result<Vec<Acknowledged>, StoreFault> {
        let sql = "SELECT epoch, through FROM log WHERE site = $1 ORDER BY changed_at, epoch";
        let rows = self.database.rows(sql, &[site.into()]).await?;
        let read =
            |row: &Row| Ok(Acknowledged { epoch: row.digest(0, "log")?, through: row.number(1, "log")? });
        rows.iter().map(read).collect()
    }
}

/// Moves the head of a log on, from exactly where it was: of two nodes that get the same batch, one does.
fn moved(site: &str, epoch: &Digest, head: Option<Head>, last: &Fact, now: DateTime<Utc>) -> Statement {
    let mut values =
        vec![site.into(), epoch.into(), last.seq.into(), (&last.hash).into(), now.timestamp_millis().into()];
    let Some(head) = head else {
        let sql = "INSERT INTO log (site, epoch, through, hash, changed_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (site, epoch) DO NOTHING";
        return Statement::new(sql, values);
    };
    values.extend([head.through.into(), (&head.hash).into()]);
    let sql = "UPDATE log SET through = $3, hash = $4, changed_at = $5 \
               WHERE site = $1 AND epoch = $2 AND through = $6 AND hash = $7";
    Statement::new(sql, values)
}

fn values_of(site: &str, epoch: &Digest, facts: &[Fact], now: DateTime<Utc>) -> Vec<Value> {
    let mut values = Vec::with_capacity(facts.len() * (OWN.len() + PROMOTED.len()));
    for fact in facts {
        let late = promoted::moment(fact, "at").is_some_and(|at| now - moment(at) > LATE);
        // Texts and whole numbers, which JSON can always hold.
        let written = serde_json::to_string(&fact.values).unwrap_or_default();
        let own: [Value; 7] = [
            site.into(),
            epoch.into(),
            fact.seq.into(),
            (&fact.hash).into(),
            now.timestamp_millis().into(),
            late.into(),
            written.into(),
        ];
        values.extend(own);
        values.extend(promoted(fact));
    }
    values
}

/// Writes the statement for so many records.
fn insertion(records: usize) -> String {
    let columns: Vec<&str> = OWN.into_iter().chain(PROMOTED).collect();
    let mut sql = format!("INSERT INTO fact ({}) VALUES ", columns.join(", "));
    for place in 0..records * columns.len() {
        let sign = match place % columns.len() {
            0 if place == 0 => "(",
            0 => "), (",
            _ => ", ",
        };
        // Writing to a String cannot fail.
        let _ = write!(sql, "{sign}${}", place + 1);
    }
    sql.push(')');
    sql
}
