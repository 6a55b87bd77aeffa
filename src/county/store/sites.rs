//! Sites: one daemon each, with the stations that it runs; and the codes with which they come in.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::audit::{deed, moment};
use super::value::{Group, Row, Statement, Value};
use super::{Store, StoreFault};
use crate::model::{Digest, StationId, ZoneId};
use crate::wire::{Code, Enrolled};

/// How long an answer is given once more to the very question that it answered: the line broke, and a person tries again.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// Every node looks again at who may come in.
const CHANGED: &str = "UPDATE change SET sites = sites + 1 WHERE one = 1";

/// One enrolled daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSite {
    /// Its name at the county.
    pub name: String,
    /// The program that it ran when it enrolled.
    pub version: String,
    /// When it enrolled.
    pub enrolled: DateTime<Utc>,
    /// When its token was revoked; none while it counts.
    pub revoked: Option<DateTime<Utc>>,
    /// Its stations and their zones, by id.
    pub stations: Vec<(StationId, Vec<ZoneId>)>,
}

/// A code that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The code.
    pub code: Code,
    /// The name that the site will have.
    pub site: String,
    /// When it is over.
    pub expires: DateTime<Utc>,
    /// How often somebody tried it.
    pub tries: i64,
}

/// A daemon that comes in with a code.
#[derive(Debug, Clone)]
pub struct Applicant<'a> {
    /// The code that it proved.
    pub code: &'a StoredCode,
    /// The proof that came with its question, by which that is known again.
    pub proof: &'a str,
    /// What it will be told, as JSON.
    pub answer: &'a str,
    /// The program that it runs.
    pub version: &'a str,
    /// The sum of its token.
    pub token: Digest,
    /// Its stations and their zones.
    pub stations: &'a [(StationId, Vec<ZoneId>)],
    /// The present.
    pub now: DateTime<Utc>,
}

impl Store {
    /// Keeps a new code, and takes away those that are over. A site has one code at a time: the newest.
    pub async fn keep_code(
        &self,
        code: &StoredCode,
        who: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreFault> {
        let at = now.timestamp_millis();
        let insert = Statement::new(
            "INSERT INTO code (name, code, site, expires, tries) VALUES ($1, $2, $3, $4, 0)",
            vec![
                code.code.name().into(),
                code.code.to_string().into(),
                code.site.as_str().into(),
                code.expires.timestamp_millis().into(),
            ],
        );
        let clear = Statement::new(
            "DELETE FROM code WHERE (site = $1 AND name <> $2) OR expires <= $3",
            vec![code.site.as_str().into(), code.code.name().into(), at.into()],
        );
        let group = Group::of(insert).then(clear).then(deed(at, who, "code", &code.site));
        self.database.write(group).await.map(drop)
    }

    /// Finds a code by its name.
    pub async fn code(&self, name: &str) -> Result<Option<StoredCode>, StoreFault> {
        let sql = "SELECT code, site, expires, tries FROM code WHERE name = $1";
        let found = self.database.row(sql, &[name.into()]).await?;
        let read = |row: &Row| {
            Ok(StoredCode {
                code: Code::from_str(&row.text(0, "code")?).map_err(|_| StoreFault::Damaged("code"))?,
                site: row.text(1, "code")?,
                expires: moment(row.number(2, "code")?),
                tries: row.number(3, "code")?,
            })
        };
        found.as_ref().map(read).transpose()
    }

    /// Counts a try of a code, before it is known whether it is right; `false` if `most` have been made.
    pub async fn count_try(&self, name: &str, most: i64) -> Result<bool, StoreFault> {
        let sql = "UPDATE code SET tries = tries + 1 WHERE name = $1 AND tries < $2";
        self.database.write(Group::of(Statement::new(sql, vec![name.into(), most.into()]))).await
    }

    /// Finds the answer to a question that was answered a moment ago.
    pub async fn answered(
        &self,
        code: &str,
        proof: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Enrolled>, StoreFault> {
        let sql = "SELECT answer FROM enrolment WHERE code = $1 AND proof = $2 AND answered_at > $3";
        let values: [Value; 3] = [code.into(), proof.into(), (now - AGAIN).timestamp_millis().into()];
        self.database.row(sql, &values).await?.map(|row| row.json(0, "enrolment")).transpose()
    }

    /// Lets a daemon in and takes its code away; `false` if somebody was faster with the same code. A site that enrols anew
    /// has a new token, and the old one counts no more.
    pub async fn enrol(&self, applicant: &Applicant<'_>) -> Result<bool, StoreFault> {
        let (at, site) = (applicant.now.timestamp_millis(), applicant.code.site.as_str());
        let used = Statement::new(
            "DELETE FROM code WHERE name = $1 AND code = $2",
            vec![applicant.code.code.name().into(), applicant.code.code.to_string().into()],
        );
        let enter = Statement::new(
            "INSERT INTO site (name, token, version, enrolled_at, revoked_at) VALUES ($1, $2, $3, $4, NULL) \
             ON CONFLICT (name) DO UPDATE SET token = excluded.token, version = excluded.version, \
             enrolled_at = excluded.enrolled_at, revoked_at = NULL",
            vec![site.into(), (&applicant.token).into(), applicant.version.into(), at.into()],
        );
        let forget = Statement::new(
            "DELETE FROM enrolment WHERE answered_at <= $1",
            vec![(applicant.now - AGAIN).timestamp_millis().into()],
        );
        let remember = Statement::new(
            "INSERT INTO enrolment (code, proof, answer, answered_at) VALUES ($1, $2, $3, $4)",
            vec![
                applicant.code.code.name().into(),
                applicant.proof.into(),
                applicant.answer.into(),
                at.into(),
            ],
        );
        let mut group = Group::of(used).then(enter).then(forget).then(remember).ringing();
        group.then.extend(stations(site, applicant.stations));
        let group = group.then(deed(at, site, "enrolled", site)).then(Statement::new(CHANGED, vec![]));
        self.database.write(group).await
    }

    /// Writes which stations a site runs, where that has changed.
    pub async fn keep_stations(
        &self,
        site: &str,
        now_running: &[(StationId, Vec<ZoneId>)],
    ) -> Result<(), StoreFault> {
        let guard = Statement::new(CHANGED, vec![]);
        let mut group = Group::of(guard).ringing();
        group.then.extend(stations(site, now_running));
        self.database.write(group).await.map(drop)
    }

    /// Makes a site's token worthless; `false` if there is no such site, or it was revoked before.
    pub async fn revoke(&self, site: &str, who: &str, now: DateTime<Utc>) -> Result<bool, StoreFault> {
        let at = now.timestamp_millis();
        let revoke = Statement::new(
            "UPDATE site SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL",
            vec![at.into(), site.into()],
        );
        let group = Group::of(revoke).ringing();
        let group = group.then(deed(at, who, "revoked", site)).then(Statement::new(CHANGED, vec![]));
        self.database.write(group).await
    }

    /// Finds the site that a token belongs to, by the token's sum.
    pub async fn site_by_token(&self, token: &Digest) -> Result<Option<StoredSite>, StoreFault> {
        let sql = "SELECT name, version, enrolled_at, revoked_at FROM site WHERE token = $1";
        let Some(row) = self.database.row(sql, &[token.into()]).await? else { return Ok(None) };
        let mut site = site(&row)?;
        let sql = "SELECT id, zones FROM station WHERE site = $1";
        let rows = self.database.rows(sql, &[site.name.as_str().into()]).await?;
        site.stations = rows.iter().map(|row| station(row, 0)).collect::<Result<_, _>>()?;
        // Not by the database: each sorts Chinese in its own way.
        site.stations.sort();
        Ok(Some(site))
    }

    /// Lists every site with its stations, by name.
    pub async fn sites(&self) -> Result<Vec<StoredSite>, StoreFault> {
        let sql = "SELECT name, version, enrolled_at, revoked_at FROM site ORDER BY name";
        let rows = self.database.rows(sql, &[]).await?;
        let mut sites = rows.iter().map(site).collect::<Result<Vec<_>, _>>()?;
        let sql = "SELECT site, id, zones FROM station ORDER BY site, id";
        let mut running: HashMap<String, Vec<_>> = HashMap::new();
        for row in &self.database.rows(sql, &[]).await? {
            running.entry(row.text(0, "station")?).or_default().push(station(row, 1)?);
        }
        for site in &mut sites {
            site.stations = running.remove(&site.name).unwrap_or_default();
        }
        Ok(sites)
    }
}

fn stations(site: &str, stations: &[(StationId, Vec<ZoneId>)]) -> Vec<Statement> {
    let clear = Statement::new("DELETE FROM station WHERE site = $1", vec![site.into()]);
    let insert = |(id, zones): &(StationId, Vec<ZoneId>)| {
        // A list of texts, which JSON can always hold.
        let zones = serde_json::to_string(zones).unwrap_or_default();
        Statement::new(
            "INSERT INTO station (site, id, zones) VALUES ($1, $2, $3) ON CONFLICT (site, id) DO NOTHING",
            vec![site.into(), id.as_str().into(), zones.into()],
        )
    };
    std::iter::once(clear).chain(stations.iter().map(insert)).collect()
}

fn site(row: &Row) -> Result<StoredSite, StoreFault> {
    Ok(StoredSite {
        name: row.text(0, "site")?,
        version: row.text(1, "site")?,
        enrolled: moment(row.number(2, "site")?),
        revoked: row.maybe_number(3).map(moment),
        stations: Vec::new(),
    })
}

fn station(row: &Row, first: usize) -> Result<(StationId, Vec<ZoneId>), StoreFault> {
    let id = StationId::new(&row.text(first, "station")?).map_err(|_| StoreFault::Damaged("station"))?;
    Ok((id, row.json(first + 1, "zones")?))
}
