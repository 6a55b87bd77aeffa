//! A playlist (节目单): messages and the schedules that air them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{IdError, Message, PlaylistId, Priority, Schedule, Station, StationId, Status, ZoneId};

/// Addresses stations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `"*"`.
    All,
    /// `"zone:河东"`.
    Zone(ZoneId),
    /// A station's id.
    Station(StationId),
}

/// Writes the target as people write it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Zone(zone) => write!(f, "zone:{zone}"),
            Self::Station(station) => station.fmt(f),
        }
    }
}

impl FromStr for Target {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.strip_prefix("zone:") {
            Some(zone) => ZoneId::new(zone).map(Self::Zone),
            None if text == "*" => Ok(Self::All),
            None => StationId::new(text).map(Self::Station),
        }
    }
}

impl Target {
    /// Tells whether `station` is addressed.
    pub fn includes(&self, station: &Station) -> bool {
        match self {
            Self::All => true,
            Self::Zone(zone) => station.zones.contains(zone),
            Self::Station(id) => *id == station.id,
        }
    }
}

/// Holds what one file under `broadcasts/` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playlist {
    /// The file's name without `.toml`.
    pub id: PlaylistId,
    /// What people call it.
    pub title: String,
    /// Where it airs.
    pub stations: Vec<Target>,
    /// First date on which it may air.
    pub valid_from: Option<NaiveDate>,
    /// Last date on which it may air, that day included.
    pub valid_until: Option<NaiveDate>,
    /// How strong its airings are.
    pub priority: Priority,
    /// Whether its airings are meant.
    pub status: Status,
    /// Its messages, ids unique. Shared, because every airing points to one.
    pub messages: Vec<Arc<Message>>,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
}

impl Playlist {
    /// Finds a message by id.
    pub fn message(&self, id: &str) -> Option<&Arc<Message>> {
        self.messages.iter().find(|m| m.id.as_str() == id)
    }

    /// Tells whether `date` lies within the validity (有效期).
    pub fn is_valid_on(&self, date: NaiveDate) -> bool {
        self.valid_from.is_none_or(|first| first <= date) && self.valid_until.is_none_or(|last| date <= last)
    }
}
