//! Names that people give to things, and the names that we give to airings. They may be Chinese.

use std::borrow::Borrow;
use std::fmt;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::{Deserialize, Serialize};

/// Longest id, in characters: it has to fit in a column of a page and in a file name.
const LONGEST: usize = 64;

/// Says why a text cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing, or only blanks, was written.
    #[error("an id is empty")]
    Empty,
    /// More than 64 characters.
    #[error("an id has {0} characters; {LONGEST} are allowed")]
    TooLong(usize),
    /// A character that separates the parts of an airing's id, a control character, or a blank at either end.
    #[error("an id holds {0:?}, which cannot stand in an id")]
    Forbidden(char),
}

fn checked(text: &str) -> Result<String, IdError> {
    if text.trim().is_empty() {
        return Err(IdError::Empty);
    }
    let length = text.chars().count();
    if length > LONGEST {
        return Err(IdError::TooLong(length));
    }
    let outer = [text.chars().next(), text.chars().next_back()];
    if let Some(blank) = outer.into_iter().flatten().find(|c| c.is_whitespace()) {
        return Err(IdError::Forbidden(blank));
    }
    match text.chars().find(|c| c.is_control() || matches!(c, '/' | '@' | ':' | '*' | '\\')) {
        Some(bad) => Err(IdError::Forbidden(bad)),
        None => Ok(text.to_owned()),
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts 1 to 64 characters without `/ @ : * \`, control characters and blanks at the ends.
            pub fn new(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// Returns the id as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// Names a station (终端): one place that makes sound.
    StationId
);
id!(
    /// Names a zone (区域): a set of stations addressed together.
    ZoneId
);
id!(
    /// Names a group: stations whose sounds start in step, or one after another.
    GroupId
);
id!(
    /// Names a playlist (节目单): its file's name without `.toml`.
    PlaylistId
);
id!(
    /// Names a message (播报条) within its playlist.
    MessageId
);
id!(
    /// Names a campaign of the county's (专项宣传): what is published, replaced and withdrawn as one.
    CampaignId
);
id!(
    /// Names a person who holds a key; it is the name of the key's files.
    HolderName
);
id!(
    /// Names a calendar of the user's own.
    CalendarId
);

/// Names one airing (播发), for ever and everywhere: `station/playlist/message@2026-11-23T06:30:00+08:00`.
///
/// The same message of the same playlist at the same station and instant is the same airing, however often it is
/// planned: that is what keeps a restart or a reload from airing it twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AiringId(String);

impl AiringId {
    /// Builds the id from its parts; `due` is written with its offset, in whole seconds unless it has a fraction.
    pub fn new(
        station: &StationId,
        playlist: &PlaylistId,
        message: &MessageId,
        due: &DateTime<FixedOffset>,
    ) -> Self {
        Self(format!("{station}/{playlist}/{message}@{}", due.to_rfc3339_opts(SecondsFormat::AutoSi, false)))
    }

    /// Takes an id that was read back from a record or typed by a person; nothing is checked.
    pub fn from_record(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the station and the due instant that the id names; none if it is no airing's id.
    pub fn station_and_due(&self) -> Option<(&str, DateTime<FixedOffset>)> {
        let (path, due) = self.0.rsplit_once('@')?;
        let (station, _) = path.split_once('/')?;
        Some((station, DateTime::parse_from_rfc3339(due).ok()?))
    }
}

impl fmt::Display for AiringId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_be_chinese_and_may_not_hold_separators() {
        assert!(StationId::new("赵家庄").is_ok());
        assert_eq!(StationId::new("赵/家"), Err(IdError::Forbidden('/')));
        assert_eq!(StationId::new(" 赵家庄"), Err(IdError::Forbidden(' ')));
        assert_eq!(StationId::new("  "), Err(IdError::Empty));
        assert_eq!(StationId::new(&"庄".repeat(65)), Err(IdError::TooLong(65)));
    }

    #[test]
    fn an_airing_is_named_by_place_playlist_message_and_instant() {
        let due = DateTime::parse_from_rfc3339("2026-11-23T06:30:00+08:00").unwrap();
        let id = AiringId::new(
            &StationId::new("赵家庄").unwrap(),
            &PlaylistId::new("春运").unwrap(),
            &MessageId::new("头盔").unwrap(),
            &due,
        );
        assert_eq!(id.as_str(), "赵家庄/春运/头盔@2026-11-23T06:30:00+08:00");
        assert_eq!(id.station_and_due(), Some(("赵家庄", due)));
        assert_eq!(AiringId::from_record("赵家庄").station_and_due(), None);
    }
}
