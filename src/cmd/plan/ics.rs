//! The timetable for calendar programs: RFC 5545.

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component, Event, EventLike};

use crate::cmd::Failure;
use crate::config::{USUAL_PACE, spoken};
use crate::model::{Airing, Lang, Priority, Site, Timetable};

/// Taken for the length of a recording, which is measured only on air.
const RECORDING: TimeDelta = TimeDelta::seconds(30);

/// Names the program that wrote the calendar, as RFC 5545 wants it.
const PROGRAM: &str = "-//dalaba//timetable//ZH";

/// Writes a calendar with an event for each airing. `now` stamps the events.
///
/// # Errors
/// When the timetable is empty: RFC 5545 knows no calendar without a component.
pub(super) fn calendar(
    site: &Site,
    timetable: &Timetable,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<String, Failure> {
    if timetable.airings.is_empty() {
        return Err(Failure::new(
            "这段时间没有播发，日历是空的",
            "nothing airs in that time: the calendar is empty",
        ));
    }
    let mut calendar = Calendar::empty();
    for property in [("VERSION", "2.0"), ("PRODID", PROGRAM), ("METHOD", "PUBLISH")] {
        calendar.append_property(property);
    }
    calendar.name(lang.pick("大喇叭节目表", "Loudspeaker timetable"));
    for airing in &timetable.airings {
        calendar.push(event(site, airing, now));
    }
    Ok(calendar.to_string())
}

fn event(site: &Site, airing: &Airing, now: DateTime<Utc>) -> Event {
    let due = airing.due_utc();
    let mut event = Event::new();
    event
        .uid(airing.id.as_str())
        .timestamp(now)
        .starts(due)
        .ends(due + length(site, airing))
        .summary(&format!("{} {}", airing.station, airing.message_id()))
        .location(airing.station.as_str())
        .priority(rank(airing.priority));
    if let Some(text) = &airing.message.text {
        event.description(text);
    }
    event.done()
}

/// Estimates how long the airing sounds; never less than a second, so that it can be seen.
fn length(site: &Site, airing: &Airing) -> TimeDelta {
    let message = &airing.message;
    let pace = site.voice.integer("words_per_minute").unwrap_or(USUAL_PACE);
    let reading = match (&message.audio, &message.text) {
        (None, Some(text)) => TimeDelta::from_std(spoken(text, pace)).unwrap_or(RECORDING),
        _ => RECORDING,
    };
    let times = i32::try_from(message.repeat.times).unwrap_or(1).max(1);
    let gap = TimeDelta::from_std(message.repeat.gap).unwrap_or_default();
    (reading * times + gap * (times - 1)).max(TimeDelta::seconds(1))
}

/// RFC 5545 counts from 1, the strongest, to 9.
fn rank(priority: Priority) -> u32 {
    match priority {
        Priority::Emergency => 1,
        Priority::Urgent => 3,
        Priority::Important => 5,
        Priority::Routine => 9,
    }
}
