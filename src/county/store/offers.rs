//! What the county offers: roots, bundles and alerts, as they were signed.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

use super::audit::{deed, moment};
use super::value::{Group, Row, Statement, Value};
use super::{Store, StoreFault};
use crate::model::{Alert, AlertName, Bundle, CampaignId, Digest, Serial, Target};
use crate::trust::Held;

/// Every node looks again at what there is.
const CHANGED: &str = "UPDATE change SET offers = offers + 1 WHERE one = 1";

/// Two counters that tell whether anything changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Grows with every root, bundle and alert.
    pub offers: i64,
    /// Grows with every site that comes, changes or is revoked.
    pub sites: i64,
}

/// What a node must know of a bundle to offer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBundle {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its number.
    pub serial: Serial,
    /// The sum of its signed bytes.
    pub payload: Digest,
    /// Whom it is for.
    pub target: Vec<Target>,
    /// First instant at which it may be in force.
    pub not_before: DateTime<Utc>,
    /// First instant at which it is offered no more.
    pub expires: DateTime<Utc>,
}

/// An alert, as it is handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAlert {
    /// The sum of its signed bytes.
    pub payload: Digest,
    /// As it was signed.
    pub envelope: String,
    /// Whom it is for.
    pub target: Vec<Target>,
    /// First instant at which it is offered no more.
    pub expires: DateTime<Utc>,
}

impl Store {
    /// Reads the counters.
    pub async fn changes(&self) -> Result<Changes, StoreFault> {
        let row = self.database.row("SELECT offers, sites FROM change WHERE one = 1", &[]).await?;
        let row = row.ok_or(StoreFault::Damaged("counter"))?;
        Ok(Changes { offers: row.number(0, "counter")?, sites: row.number(1, "counter")? })
    }

    /// Lists every root, the first one first, as signed.
    pub async fn roots(&self) -> Result<Vec<Vec<u8>>, StoreFault> {
        let rows = self.database.rows("SELECT envelope FROM root ORDER BY version", &[]).await?;
        rows.iter().map(|row| row.bytes(0, "root")).collect()
    }

    /// Keeps a root that was verified; `false` if one of this version is here.
    pub async fn keep_root(
        &self,
        version: u64,
        envelope: &[u8],
        who: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreFault> {
        let at = now.timestamp_millis();
        let insert = Statement::new(
            "INSERT INTO root (version, envelope, received_at) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING",
            vec![number(version), envelope.into(), at.into()],
        );
        self.offer(insert, deed(at, who, "root", &version.to_string())).await
    }

    /// Finds the newest bundle of a campaign.
    pub async fn held(&self, campaign: &CampaignId) -> Result<Option<Held>, StoreFault> {
        let sql = "SELECT serial, payload FROM bundle WHERE campaign = $1 ORDER BY serial DESC LIMIT 1";
        let row = self.database.row(sql, &[campaign.as_str().into()]).await?;
        let read = |row: &Row| Ok(Held { serial: serial(row, 0)?, payload: row.digest(1, "bundle")? });
        row.as_ref().map(read).transpose()
    }

    /// Keeps a bundle that was verified, and whose files are all here; `false` if one of this number is here.
    pub async fn keep_bundle(
        &self,
        bundle: &Bundle,
        payload: &Digest,
        envelope: &[u8],
        who: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreFault> {
        let at = now.timestamp_millis();
        let insert = Statement::new(
            "INSERT INTO bundle (payload, campaign, serial, envelope, target, not_before, expires, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            vec![
                payload.into(),
                bundle.campaign.as_str().into(),
                number(bundle.serial.0),
                envelope.into(),
                written(&bundle.target).into(),
                bundle.not_before.timestamp_millis().into(),
                bundle.expires.timestamp_millis().into(),
                at.into(),
            ],
        );
        self.offer(insert, deed(at, who, "bundle", &format!("{} {}", bundle.campaign, bundle.serial))).await
    }

    /// Keeps an alert that was verified against everything that is on offer as of the counter `as_of`; `false`, and nothing
    /// was kept, if anything came meanwhile, at whatever node: then all has to be looked at again.
    pub async fn keep_alert(
        &self,
        alert: &Alert,
        (payload, envelope): (&Digest, &[u8]),
        who: &str,
        (as_of, now): (i64, DateTime<Utc>),
    ) -> Result<bool, StoreFault> {
        let at = now.timestamp_millis();
        // The counter's row is locked first, so that of two nodes the later one finds it moved.
        let guard = Statement::new(
            "UPDATE change SET offers = offers + 1 WHERE one = 1 AND offers = $1",
            vec![as_of.into()],
        );
        let insert = Statement::new(
            "INSERT INTO alert (payload, sender, identifier, sent, envelope, target, expires, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            vec![
                payload.into(),
                alert.sender.as_str().into(),
                alert.identifier.as_str().into(),
                moment_of(alert.sent).into(),
                envelope.into(),
                written(&alert.target).into(),
                alert.expires.timestamp_millis().into(),
                at.into(),
            ],
        );
        let group = Group::of(guard).then(insert).then(deed(at, who, "alert", &alert.identifier)).ringing();
        self.database.write(group).await
    }

    /// Finds the alert of a name: the sum of its signed bytes.
    pub async fn alert_named(&self, name: &AlertName) -> Result<Option<Digest>, StoreFault> {
        let sql = "SELECT payload FROM alert WHERE sender = $1 AND identifier = $2 AND sent = $3";
        let values =
            [name.sender.as_str().into(), name.identifier.as_str().into(), moment_of(name.sent).into()];
        self.database.row(sql, &values).await?.map(|row| row.digest(0, "alert")).transpose()
    }

    async fn offer(&self, insert: Statement, deed: Statement) -> Result<bool, StoreFault> {
        let group = Group::of(insert).then(deed).then(Statement::new(CHANGED, vec![])).ringing();
        self.database.write(group).await
    }

    /// Lists the bundles that have not expired at `now`, newest first.
    pub async fn bundles(&self, now: DateTime<Utc>) -> Result<Vec<StoredBundle>, StoreFault> {
        let sql = "SELECT campaign, serial, payload, target, not_before, expires FROM bundle WHERE expires > $1 \
                   ORDER BY campaign, serial DESC";
        let rows = self.database.rows(sql, &[now.timestamp_millis().into()]).await?;
        let read = |row: &Row| {
            Ok(StoredBundle {
                campaign: CampaignId::new(&row.text(0, "bundle")?)
                    .map_err(|_| StoreFault::Damaged("bundle"))?,
                serial: serial(row, 1)?,
                payload: row.digest(2, "bundle")?,
                target: targets(row, 3)?,
                not_before: moment(row.number(4, "bundle")?),
                expires: moment(row.number(5, "bundle")?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Finds the envelope of a bundle by the sum of its signed bytes.
    pub async fn envelope(&self, payload: &Digest) -> Result<Option<Vec<u8>>, StoreFault> {
        let row =
            self.database.row("SELECT envelope FROM bundle WHERE payload = $1", &[payload.into()]).await?;
        row.map(|row| row.bytes(0, "bundle")).transpose()
    }

    /// Lists the alerts that have not expired at `now`, oldest first.
    pub async fn alerts(&self, now: DateTime<Utc>) -> Result<Vec<StoredAlert>, StoreFault> {
        let sql = "SELECT payload, envelope, target, expires FROM alert WHERE expires > $1 \
                   ORDER BY received_at, payload";
        self.alerts_by(sql, now).await
    }

    /// Lists the alerts that came after `since`, oldest first.
    pub async fn alerts_since(&self, since: DateTime<Utc>) -> Result<Vec<StoredAlert>, StoreFault> {
        let sql = "SELECT payload, envelope, target, expires FROM alert WHERE received_at > $1 \
                   ORDER BY received_at, payload";
        self.alerts_by(sql, since).await
    }

    async fn alerts_by(&self, sql: &str, instant: DateTime<Utc>) -> Result<Vec<StoredAlert>, StoreFault> {
        let rows = self.database.rows(sql, &[instant.timestamp_millis().into()]).await?;
        let read = |row: &Row| {
            let envelope = String::from_utf8(row.bytes(1, "alert")?);
            Ok(StoredAlert {
                payload: row.digest(0, "alert")?,
                envelope: envelope.map_err(|_| StoreFault::Damaged("alert"))?,
                target: targets(row, 2)?,
                expires: moment(row.number(3, "alert")?),
            })
        };
        rows.iter().map(read).collect()
    }
}

fn written(target: &[Target]) -> String {
    let texts: Vec<String> = target.iter().map(ToString::to_string).collect();
    // A list of texts, which JSON can always hold.
    serde_json::to_string(&texts).unwrap_or_default()
}

fn targets(row: &Row, place: usize) -> Result<Vec<Target>, StoreFault> {
    let texts: Vec<String> = row.json(place, "target")?;
    texts.iter().map(|text| text.parse().map_err(|_| StoreFault::Damaged("target"))).collect()
}

fn serial(row: &Row, place: usize) -> Result<Serial, StoreFault> {
    u64::try_from(row.number(place, "bundle")?).map(Serial).map_err(|_| StoreFault::Damaged("bundle"))
}

/// Numbers beyond 2^63 are refused where they come in.
fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// Writes an instant in one way, whatever its offset: two that are the same time are the same name.
fn moment_of(sent: DateTime<FixedOffset>) -> String {
    sent.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
