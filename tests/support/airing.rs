//! An airing as a plan has it: routine, scheduled, meant, with a soft start. Tests change what they are about.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Shanghai;
use dalaba::model::{
    Airing, AiringId, Message, MessageId, Origin, PlaylistId, Priority, Repeat, SlotId, Start, StationId,
    Status,
};

/// Plans `message`, an id and its text, for `due`; it is read once, or as `repeat` says.
pub(crate) fn airing(
    station: &str,
    playlist: &str,
    (message, text): (&str, &str),
    repeat: Repeat,
    due: DateTime<Utc>,
) -> Airing {
    let due = due.with_timezone(&Shanghai).fixed_offset();
    let station = StationId::new(station).expect("an id");
    let playlist = PlaylistId::new(playlist).expect("an id");
    let message = Message {
        id: MessageId::new(message).expect("an id"),
        text: Some(text.to_owned()),
        audio: None,
        language: "zh".to_owned(),
        voice: None,
        repeat,
        volume: None,
    };
    Airing {
        id: AiringId::new(&station, &playlist, &message.id, &due),
        slot: SlotId::new(&station, &playlist, 0, &due),
        station,
        playlist,
        message: Arc::new(message),
        position: 0,
        due,
        priority: Priority::Routine,
        status: Status::Actual,
        start: Start::Soft,
        grace: Duration::from_mins(10),
        gap: repeat.gap,
        chime: None,
        origin: Origin::Schedule,
    }
}
