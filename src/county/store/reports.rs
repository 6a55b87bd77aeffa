//! What sites tell: receipts of what they were sent, and how they are.

use chrono::{DateTime, Utc};

use super::audit::moment;
use super::value::{Group, Row, Statement, Value};
use super::{Store, StoreFault};
use crate::model::{CampaignId, Digest, Serial};
use crate::wire::{About, Health, Receipt, Step};

/// The newest word of a site on how it is.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredHealth {
    /// The site.
    pub site: String,
    /// When it came: the site was there then.
    pub received: DateTime<Utc>,
    /// What it said.
    pub health: Health,
}

impl Store {
    /// Keeps receipts; one that is here stays as it is.
    pub async fn keep_receipts(
        &self,
        site: &str,
        receipts: &[Receipt],
        now: DateTime<Utc>,
    ) -> Result<(), StoreFault> {
        let mut statements = receipts.iter().map(|receipt| insertion(site, receipt, now));
        // The guard must change something for the rest to be done: a site that is there always does.
        let guard = Statement::new("UPDATE site SET name = name WHERE name = $1", vec![site.into()]);
        let group = statements.by_ref().fold(Group::of(guard), Group::then);
        self.database.write(group).await.map(drop)
    }

    /// Lists a site's receipts, newest first, at most `most`.
    pub async fn receipts(&self, site: &str, most: u32) -> Result<Vec<(Receipt, DateTime<Utc>)>, StoreFault> {
        let sql = "SELECT about, step, at, clock_trusted, reason, campaign, serial, received_at FROM receipt \
                   WHERE site = $1 ORDER BY received_at DESC, at DESC LIMIT $2";
        let rows = self.database.rows(sql, &[site.into(), i64::from(most).into()]).await?;
        rows.iter().map(receipt).collect()
    }

    /// Keeps how a site is, unless something newer came before.
    pub async fn keep_health(
        &self,
        site: &str,
        health: &Health,
        now: DateTime<Utc>,
    ) -> Result<(), StoreFault> {
        // Texts, numbers and lists, which JSON can always hold.
        let written = serde_json::to_string(health).unwrap_or_default();
        let insert = Statement::new(
            "INSERT INTO health (site, received_at, at, health) VALUES ($1, $2, $3, $4) ON CONFLICT (site) DO UPDATE \
             SET received_at = excluded.received_at, at = excluded.at, health = excluded.health \
             WHERE health.received_at <= excluded.received_at",
            vec![
                site.into(),
                now.timestamp_millis().into(),
                health.at.timestamp_millis().into(),
                written.into(),
            ],
        );
        self.database.write(Group::of(insert)).await.map(drop)
    }

    /// Lists the newest word of every site, by name.
    pub async fn healths(&self) -> Result<Vec<StoredHealth>, StoreFault> {
        let rows =
            self.database.rows("SELECT site, received_at, health FROM health ORDER BY site", &[]).await?;
        let read = |row: &Row| {
            Ok(StoredHealth {
                site: row.text(0, "health")?,
                received: moment(row.number(1, "health")?),
                health: row.json(2, "health")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn insertion(site: &str, receipt: &Receipt, now: DateTime<Utc>) -> Statement {
    let (about, campaign, serial) = match &receipt.about {
        About::Bundle { campaign, serial, payload } => {
            (format!("bundle:{payload}"), Value::from(campaign.as_str()), i64::try_from(serial.0).ok().into())
        }
        About::Alert(payload) => (format!("alert:{payload}"), Value::Null, Value::Null),
        About::Root(version) => (format!("root:{version}"), Value::Null, Value::Null),
    };
    Statement::new(
        "INSERT INTO receipt (site, about, step, at, clock_trusted, reason, campaign, serial, received_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (site, about, step, at) DO NOTHING",
        vec![
            site.into(),
            about.into(),
            receipt.step.as_str().into(),
            receipt.at.timestamp_millis().into(),
            receipt.clock_trusted.into(),
            receipt.reason.as_str().into(),
            campaign,
            serial,
            now.timestamp_millis().into(),
        ],
    )
}

pub(super) fn receipt(row: &Row) -> Result<(Receipt, DateTime<Utc>), StoreFault> {
    let damaged = || StoreFault::Damaged("receipt");
    let about = row.text(0, "receipt")?;
    let about = match about.split_once(':').ok_or_else(damaged)? {
        ("bundle", payload) => About::Bundle {
            campaign: CampaignId::new(&row.text(5, "receipt")?).map_err(|_| damaged())?,
            serial: Serial(u64::try_from(row.number(6, "receipt")?).map_err(|_| damaged())?),
            payload: payload.parse().map_err(|_| damaged())?,
        },
        ("alert", payload) => About::Alert(payload.parse::<Digest>().map_err(|_| damaged())?),
        ("root", version) => About::Root(version.parse().map_err(|_| damaged())?),
        _ => return Err(damaged()),
    };
    let word = row.text(1, "receipt")?;
    let steps = [Step::Received, Step::Verified, Step::Active, Step::Refused];
    let receipt = Receipt {
        about,
        step: steps.into_iter().find(|step| step.as_str() == word).ok_or_else(damaged)?,
        reason: row.text(4, "receipt")?,
        at: moment(row.number(2, "receipt")?),
        clock_trusted: row.number(3, "receipt")? != 0,
    };
    Ok((receipt, moment(row.number(7, "receipt")?)))
}
