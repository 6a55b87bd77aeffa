//! An airing (播发): one message at one station in one slot.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

use super::{AiringId, AlertName, Chime, Message, MessageId, PlaylistId, Priority, Start, StationId, Status};

/// Names one occurrence of a schedule at one station; its airings follow one another and share one chime.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId(String);

impl SlotId {
    /// Names the slot of the playlist's schedule number `schedule`, counted from 0, due at `due`.
    pub fn new(
        station: &StationId,
        playlist: &PlaylistId,
        schedule: usize,
        due: &DateTime<FixedOffset>,
    ) -> Self {
        Self(format!("{station}/{playlist}#{schedule}@{}", due.to_rfc3339()))
    }

    /// Names the slot of something that a person asked for: it has that one airing.
    pub fn of_said(airing: &AiringId) -> Self {
        Self(airing.as_str().to_owned())
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Says who asked for an airing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A schedule did.
    Schedule,
    /// A person did: the name of the account that gave the order.
    Said(String),
    /// The county did, with the alert of this name.
    Alert(AlertName),
}

/// One message at one station in one slot: what, where, when, how strong, and how late it may still start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Airing {
    /// Its name.
    pub id: AiringId,
    /// The station.
    pub station: StationId,
    /// The playlist.
    pub playlist: PlaylistId,
    /// The message and what it says.
    pub message: Arc<Message>,
    /// The slot it belongs to.
    pub slot: SlotId,
    /// Its place in the slot, counted from 0.
    pub position: usize,
    /// When the slot begins, in the station's civil time.
    pub due: DateTime<FixedOffset>,
    /// How strong it is.
    pub priority: Priority,
    /// Whether it is meant.
    pub status: Status,
    /// Whether it cuts what is on air.
    pub start: Start,
    /// How long after its turn it may still start. Its turn is `due` for the first of a slot, and the end of the
    /// one before for the others.
    pub grace: Duration,
    /// Silence before it when it follows another of the same slot.
    pub gap: Duration,
    /// The slot's chime; sounded before the first airing of the slot that sounds.
    pub chime: Option<Chime>,
    /// Who asked for it.
    pub origin: Origin,
}

impl Airing {
    /// Returns the instant at which the slot begins.
    pub fn due_utc(&self) -> DateTime<Utc> {
        self.due.to_utc()
    }

    /// Returns the id of its message.
    pub fn message_id(&self) -> &MessageId {
        &self.message.id
    }
}

/// All airings that fall due in `[from, until)`, sorted by due instant, then strongest first, then place in the slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// First instant of the window.
    pub from: DateTime<Utc>,
    /// First instant after the window.
    pub until: DateTime<Utc>,
    /// The airings; ids unique.
    pub airings: Vec<Airing>,
}
