//! What the truth is found from: everything that villages told, and everything that was signed, expired or not.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json};

use super::audit::moment;
use super::reports::receipt;
use super::value::Row;
use super::{Store, StoreFault};
use crate::model::Digest;
use crate::wire::{Fact, Receipt};

/// How far a log of a site has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLog {
    /// The site.
    pub site: String,
    /// The log.
    pub epoch: Digest,
    /// The number of its last record here.
    pub through: i64,
    /// When that record was made, by the station's clock.
    pub last: Option<DateTime<Utc>>,
    /// When it came.
    pub received: DateTime<Utc>,
}

/// A record about an airing, with the hash of the record before it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTelling {
    /// The site that sent it.
    pub site: String,
    /// The log.
    pub epoch: Digest,
    /// The record.
    pub fact: Fact,
    /// The hash of the record before it; none if that is not here.
    pub before: Option<Digest>,
    /// When it came.
    pub received: DateTime<Utc>,
    /// Whether it came late.
    pub late: bool,
}

impl Store {
    /// Lists every receipt about a bundle, by site.
    pub async fn bundle_receipts(&self) -> Result<Vec<(String, Receipt, DateTime<Utc>)>, StoreFault> {
        let sql = "SELECT about, step, at, clock_trusted, reason, campaign, serial, received_at, site FROM receipt \
                   WHERE campaign IS NOT NULL ORDER BY site, received_at, at";
        let rows = self.database.rows(sql, &[]).await?;
        let read = |row: &Row| {
            let (receipt, received) = receipt(row)?;
            Ok((row.text(8, "receipt")?, receipt, received))
        };
        rows.iter().map(read).collect()
    }

    /// Lists how far every log has arrived, by site, the one that grew last at the end.
    pub async fn all_logs(&self) -> Result<Vec<StoredLog>, StoreFault> {
        let sql = "SELECT l.site, l.epoch, l.through, f.at, l.changed_at FROM log l \
                   LEFT JOIN fact f ON f.site = l.site AND f.epoch = l.epoch AND f.seq = l.through \
                   ORDER BY l.site, l.changed_at, l.epoch";
        let rows = self.database.rows(sql, &[]).await?;
        let read = |row: &Row| {
            Ok(StoredLog {
                site: row.text(0, "log")?,
                epoch: row.digest(1, "log")?,
                through: row.number(2, "log")?,
                last: row.maybe_number(3).map(moment),
                received: moment(row.number(4, "log")?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Reads every record of airings that were due in `[from, until)`, by site and log, in the order of the log.
    pub async fn tellings(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<StoredTelling>, StoreFault> {
        let sql = "SELECT f.site, f.epoch, f.seq, f.hash, f.received_at, f.late, f.facts, p.hash FROM fact f \
                   LEFT JOIN fact p ON p.site = f.site AND p.epoch = f.epoch AND p.seq = f.seq - 1 \
                   WHERE f.due >= $1 AND f.due < $2 AND f.airing IS NOT NULL ORDER BY f.site, f.epoch, f.seq";
        let values = [from.timestamp_millis().into(), until.timestamp_millis().into()];
        self.database.rows(sql, &values).await?.iter().map(telling).collect()
    }

    /// Lists every bundle that was ever published, as signed, by campaign and number.
    pub async fn envelopes(&self) -> Result<Vec<Vec<u8>>, StoreFault> {
        let rows = self.database.rows("SELECT envelope FROM bundle ORDER BY campaign, serial", &[]).await?;
        rows.iter().map(|row| row.bytes(0, "bundle")).collect()
    }
}

fn telling(row: &Row) -> Result<StoredTelling, StoreFault> {
    let values: Map<String, Json> = row.json(6, "record")?;
    let before = row.digest(7, "record").ok();
    let seq = row.number(2, "record")?;
    Ok(StoredTelling {
        site: row.text(0, "record")?,
        epoch: row.digest(1, "record")?,
        fact: Fact { seq, hash: row.digest(3, "record")?, values },
        before,
        received: moment(row.number(4, "record")?),
        late: row.number(5, "record")? != 0,
    })
}
