//! An alert: one warning to be spoken now, and again until it expires. Its names are those of the Common Alerting Protocol
//! 1.2 (docs.oasis-open.org/emergency/cap), of which it is the part that a loudspeaker can use.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use super::{Priority, Status, Target};

/// What a county sends out signed, and a station airs. What is said is decided at the county: a station changes no word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alert {
    /// Its number at its sender.
    pub identifier: String,
    /// Who sent it.
    pub sender: String,
    /// When it was sent, with the offset as written.
    pub sent: DateTime<FixedOffset>,
    /// Whether it is meant.
    pub status: Status,
    /// What it does.
    pub msg_type: AlertKind,
    /// The alerts that it updates or takes back; empty for a new one.
    #[serde(default)]
    pub references: Vec<AlertName>,
    /// What happens, in a few words, such as `暴雨红色预警`.
    pub event: String,
    /// CAP's `urgency`, as it was sent; empty if nobody said. For the record: `priority` is what counts.
    #[serde(default)]
    pub urgency: String,
    /// CAP's `severity`, likewise.
    #[serde(default)]
    pub severity: String,
    /// CAP's `certainty`, likewise.
    #[serde(default)]
    pub certainty: String,
    /// How strong it is at the station.
    pub priority: Priority,
    /// The language of `text`, such as `zh`.
    pub language: String,
    /// What is spoken, whole; that it is a drill is added at the station and not written here.
    pub text: String,
    /// First instant at which it is not aired any more.
    pub expires: DateTime<Utc>,
    /// Seconds from one airing's due time to the next; it is aired once if this is none.
    pub repeat_every: Option<u32>,
    /// The stations that it is for.
    #[serde(with = "written")]
    pub target: Vec<Target>,
}

impl Alert {
    /// Returns what it is known by.
    pub fn name(&self) -> AlertName {
        AlertName { identifier: self.identifier.clone(), sender: self.sender.clone(), sent: self.sent }
    }
}

/// Names one alert: CAP's identity. Nobody sends two of one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlertName {
    /// Its number at its sender.
    pub identifier: String,
    /// Who sent it.
    pub sender: String,
    /// When it was sent, with the offset as written.
    pub sent: DateTime<FixedOffset>,
}

/// Writes the name as CAP writes it in a list of references: `sender,identifier,sent`.
impl fmt::Display for AlertName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.sender, self.identifier, self.sent.to_rfc3339())
    }
}

/// Says that a text is no name of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not SENDER,IDENTIFIER,SENT")]
pub struct NoAlertName;

impl FromStr for AlertName {
    type Err = NoAlertName;

    fn from_str(text: &str) -> Result<Self, NoAlertName> {
        let mut parts = text.split(',');
        let (Some(sender), Some(identifier), Some(sent), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoAlertName);
        };
        let sent = DateTime::parse_from_rfc3339(sent).map_err(|_| NoAlertName)?;
        Ok(Self { identifier: identifier.to_owned(), sender: sender.to_owned(), sent })
    }
}

/// What an alert does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertKind {
    /// It is new.
    Alert,
    /// It takes the place of those that it names.
    Update,
    /// It ends those that it names; its text says so, once.
    Cancel,
}

/// Targets are texts in JSON, as they are in TOML.
mod written {
    use serde::{Deserialize, Deserializer, Serializer, de::Error, ser::SerializeSeq};

    use crate::model::Target;

    pub(super) fn serialize<S: Serializer>(targets: &[Target], to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(targets.len()))?;
        for target in targets {
            list.serialize_element(&target.to_string())?;
        }
        list.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Target>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}
