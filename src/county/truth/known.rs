//! What the county knows of a village and of what it published, as it came: nothing of it is judged yet.

use chrono::{DateTime, Utc};

use crate::model::{Alert, Bundle, Digest, HolidayYear, Playlist, StationId, ZoneId};
use crate::wire::{Health, Receipt};

/// One daemon and its stations.
#[derive(Debug, Clone, PartialEq)]
pub struct Village {
    /// The name under which it enrolled.
    pub site: String,
    /// Whether its token counts no more.
    pub revoked: bool,
    /// Its stations and their zones, as it said last.
    pub stations: Vec<(StationId, Vec<ZoneId>)>,
    /// Its receipts, in any order.
    pub steps: Vec<Taken>,
    /// How it is; none if it never said.
    pub state: Option<Reported>,
    /// Its as-run logs, the one that grew last at the end.
    pub logs: Vec<Log>,
}

/// A receipt, and when it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What it says.
    pub receipt: Receipt,
    /// When it came, by the county's clock.
    pub received: DateTime<Utc>,
}

/// A health report, and when it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// What it says.
    pub health: Health,
    /// When it came, by the county's clock.
    pub received: DateTime<Utc>,
}

/// How far an as-run log has arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// The log.
    pub epoch: Digest,
    /// The number of its last record here.
    pub through: i64,
    /// When that record was made, by the station's clock.
    pub last: Option<DateTime<Utc>>,
    /// When it came, by the county's clock.
    pub received: DateTime<Utc>,
}

/// A bundle that was published, read as every station reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Its signed manifest.
    pub bundle: Bundle,
    /// The sum of its signed bytes.
    pub payload: Digest,
    /// Its playlists, under the names that they have at stations.
    pub playlists: Vec<Playlist>,
    /// Its holiday years.
    pub years: Vec<HolidayYear>,
    /// Who signed it.
    pub signers: Vec<String>,
}

/// An alert that was issued.
#[derive(Debug, Clone, PartialEq)]
pub struct Issued {
    /// What was signed.
    pub alert: Alert,
    /// The sum of its signed bytes.
    pub payload: Digest,
    /// Who signed it.
    pub signers: Vec<String>,
}

impl Village {
    /// Returns when the county last had any word of it; none if it never had.
    pub fn last_seen(&self) -> Option<DateTime<Utc>> {
        let steps = self.steps.iter().map(|step| step.received);
        let logs = self.logs.iter().map(|log| log.received);
        self.state.iter().map(|state| state.received).chain(steps).chain(logs).max()
    }

    /// Returns up to when its log tells what happened: everything that was closed before is here. A clock that runs ahead
    /// cannot say more than the county's own does.
    pub fn told_until(&self) -> Option<DateTime<Utc>> {
        let log = self.logs.last()?;
        log.last.map(|last| last.min(log.received))
    }

    /// Returns how many records wait at the station, as far as it has said.
    pub fn waiting(&self) -> i64 {
        let through = self.logs.last().map_or(0, |log| log.through);
        self.state.as_ref().map_or(0, |state| state.health.newest.saturating_sub(through).max(0))
    }
}
