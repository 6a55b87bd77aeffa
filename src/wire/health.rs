//! How a station is, as it tells its county every minute.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{CampaignId, Serial};

/// Says how one daemon is. The newest one counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The daemon's wall clock.
    pub at: DateTime<Utc>,
    /// Whether that clock is believed.
    pub clock_trusted: bool,
    /// Version of the daemon.
    pub version: String,
    /// Number of this start of the daemon.
    pub run: u64,
    /// Bytes free where the as-run log lies; none if nobody knows.
    pub disk_free: Option<u64>,
    /// Number of the newest record of the as-run log.
    pub newest: i64,
    /// Whether the as-run log can be written.
    pub journal_ok: bool,
    /// The county's campaigns in force.
    pub campaigns: Vec<HeldCampaign>,
    /// Its stations, at most [`super::MOST_STATIONS`].
    pub stations: Vec<StationHealth>,
}

/// A campaign that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldCampaign {
    /// The campaign.
    pub campaign: CampaignId,
    /// The number of the bundle in force.
    pub serial: Serial,
}

/// Says how one station is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationHealth {
    /// Its id.
    pub id: String,
    /// The zones it belongs to.
    pub zones: Vec<String>,
    /// Whether its output takes sound.
    pub output_ok: bool,
    /// What is wrong with the output; empty if nothing is.
    #[serde(default)]
    pub output_detail: String,
    /// What is wrong with its amplifier; empty if nothing is, or if it has none.
    #[serde(default)]
    pub amplifier_fault: String,
    /// What the microphone says: `none` without one, `waiting` before it judged anything, `heard`, `not_heard` or `unknown` of
    /// the last airing, `absent` when it is not there, `fault` when too many in a row were not heard.
    #[serde(default)]
    pub monitor: String,
    /// Its volume in percent.
    pub volume: u8,
    /// When it last aired something to its end.
    pub last_completed: Option<DateTime<Utc>>,
    /// When a microphone last heard it; none without one.
    #[serde(default)]
    pub last_heard: Option<DateTime<Utc>>,
}
