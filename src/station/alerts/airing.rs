//! One airing of an alert: how it is named, how strong it is, which tone goes before it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use super::store::Held;
use super::words::spoken;
use crate::clip::tone;
use crate::model::{
    Airing, AiringId, Chime, Message, MessageId, Origin, PlaylistId, Priority, Repeat, SlotId, Start,
    StationId, Status,
};

/// The playlist of everything that alerts say. No file can have this name in the records of a village that has alerts: the
/// origin tells them apart.
pub const PLAYLIST: &str = "alert";

/// An alert that is no emergency and could not be aired for so long waits for its next turn.
const GRACE: Duration = Duration::from_mins(10);

/// Longest part of the event's name in the name of a message.
const LONGEST_EVENT: usize = 32;

/// Makes airing number `turn` of an alert, counted from 1, due now, of which `left` is the life that is left to it.
pub(super) fn airing(
    held: &Held,
    station: &StationId,
    turn: u32,
    due: DateTime<FixedOffset>,
    left: Duration,
) -> Option<Airing> {
    let alert = &held.alert;
    let playlist = PlaylistId::new(PLAYLIST).ok()?;
    let message = message_id(held, turn)?;
    let id = AiringId::new(station, &playlist, &message, &due);
    let priority = priority(alert.priority, alert.status);
    let grace = if priority == Priority::Emergency { left } else { left.min(GRACE) };
    Some(Airing {
        slot: SlotId::of_said(&id),
        id,
        station: station.clone(),
        playlist,
        message: Arc::new(Message {
            id: message,
            text: Some(spoken(alert)),
            audio: None,
            language: alert.language.clone(),
            voice: None,
            repeat: Repeat { times: 1, ..Repeat::default() },
            volume: None,
        }),
        position: 0,
        due,
        priority,
        status: alert.status,
        start: Start::Soft,
        grace,
        gap: Duration::ZERO,
        chime: Some(Chime::Named(before(priority, alert.status).to_owned())),
        origin: Origin::Alert(alert.name()),
    })
}

/// A drill is no emergency, whatever it is a drill of: it wakes nobody at night, and holds up nothing that is meant.
fn priority(asked: Priority, status: Status) -> Priority {
    if status == Status::Actual { asked } else { asked.min(Priority::Urgent) }
}

fn before(priority: Priority, status: Status) -> &'static str {
    match (status, priority) {
        (Status::Drill, _) => tone::DRILL,
        (Status::Test, _) => tone::TEST,
        (Status::Actual, Priority::Emergency) => tone::ALARM,
        (Status::Actual, _) => "four-rising",
    }
}

/// People read it in the records: what happens, which alert that is, and which time it was said.
fn message_id(held: &Held, turn: u32) -> Option<MessageId> {
    let fine = |c: &char| !c.is_control() && !c.is_whitespace() && !matches!(c, '/' | '@' | ':' | '*' | '\\');
    let event: String = held.alert.event.chars().filter(fine).take(LONGEST_EVENT).collect();
    let digits: String = held.payload.to_string().chars().take(8).collect();
    MessageId::new(&format!("{event}-{digits}.{turn}")).ok()
}
