//! An as-run log as a station writes it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{
    Airing, AiringId, AsRun, Message, MessageId, Origin, Outcome, PlaylistId, Priority, Record, Repeat,
    SlotId, Start, StationId, Status,
};
use dalaba::station::journal::{Journal, RunStart};

/// Returns when the log begins: any morning.
fn morning() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_780)
}

/// Opens a log in `folder`.
pub(crate) fn journal(folder: &Path) -> Journal {
    let start = RunStart {
        at: morning(),
        version: "bench".to_owned(),
        boot: "bench".to_owned(),
        steady: Duration::ZERO,
        clock_trusted: true,
    };
    Journal::open(folder, &start).expect("a journal").0
}

/// Makes the record of the airing of minute `n`, heard to the end.
pub(crate) fn closed(n: i64) -> Record {
    let at = morning() + TimeDelta::seconds(n * 60);
    let due = at.with_timezone(&chrono_tz::Asia::Shanghai).fixed_offset();
    let station = StationId::new("赵家庄").expect("an id");
    let playlist = PlaylistId::new("春运").expect("an id");
    let message = MessageId::new("安全带").expect("an id");
    let airing = Airing {
        id: AiringId::new(&station, &playlist, &message, &due),
        slot: SlotId::new(&station, &playlist, 0, &due),
        station,
        playlist,
        message: Arc::new(Message {
            id: message,
            text: Some("安全带就是生命带!".to_owned()),
            audio: None,
            language: "zh".to_owned(),
            voice: None,
            repeat: Repeat::default(),
        }),
        position: 0,
        due,
        priority: Priority::Routine,
        status: Status::Actual,
        start: Start::Soft,
        grace: Duration::from_mins(10),
        gap: Duration::ZERO,
        chime: None,
        origin: Origin::Schedule,
    };
    Record::Closed(AsRun {
        airing,
        at,
        outcome: Outcome::Completed,
        reason: None,
        detail: String::new(),
        started: Some(at),
        ended: Some(at),
        heard: Some(Duration::from_secs(8)),
        readings: 1,
        voice: "espeak cmn-latn-pinyin".to_owned(),
    })
}
