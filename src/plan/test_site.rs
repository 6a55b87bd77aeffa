//! Small playlists and stations for the tests of this room.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::calendar::cron;
use crate::model::{
    Days, Limits, Message, MessageId, Order, Playlist, PlaylistId, Priority, Repeat, Schedule, Selection,
    Site, Start, Station, StationId, Status, Target, When, ZoneId,
};

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn kind(name: &str) -> Selection {
    Selection { kind: name.to_owned(), options: std::collections::BTreeMap::new() }
}

pub(super) fn station(id: &str, zone: &str) -> Station {
    Station {
        id: StationId::new(id).unwrap(),
        zones: vec![ZoneId::new(zone).unwrap()],
        group: None,
        output: kind("null"),
        amplifier: None,
        volume: 80,
        limits: Limits::default(),
        monitor: None,
    }
}

pub(super) fn site(stations: Vec<Station>) -> Site {
    Site {
        time_zone: Tz::Asia__Shanghai,
        broadcasts: "broadcasts".into(),
        audio: "audio".into(),
        holidays: "holidays".into(),
        voices: None,
        lexicon: "lexicon.toml".into(),
        remove_erhua: false,
        voice: kind("espeak"),
        stations,
        calendars: Vec::new(),
    }
}

pub(super) fn playlist(id: &str, messages: &[&str], schedules: Vec<Schedule>) -> Playlist {
    let message = |id: &&str| {
        Arc::new(Message {
            id: MessageId::new(id).unwrap(),
            text: Some((*id).to_owned()),
            audio: None,
            language: "zh".to_owned(),
            voice: None,
            repeat: Repeat::default(),
        })
    };
    Playlist {
        id: PlaylistId::new(id).unwrap(),
        title: id.to_owned(),
        stations: vec![Target::All],
        valid_from: None,
        valid_until: None,
        priority: Priority::Routine,
        status: Status::Actual,
        messages: messages.iter().map(message).collect(),
        schedules,
    }
}

fn schedule(when: When, messages: &[&str]) -> Schedule {
    Schedule {
        when,
        days: Days::Every,
        calendar: None,
        messages: messages.iter().map(|id| MessageId::new(id).unwrap()).collect(),
        order: Order::Listed,
        start: Start::Soft,
        grace: Duration::from_mins(10),
        gap: Duration::from_secs(3),
        chime: None,
    }
}

pub(super) fn by_times(times: &[&str], messages: &[&str]) -> Schedule {
    let times = times.iter().map(|time| format!("{time}:00").parse().unwrap()).collect();
    schedule(When::At(times), messages)
}

pub(super) fn by_cron(text: &str, messages: &[&str]) -> Schedule {
    schedule(When::Cron(Box::new(cron::parse(text).unwrap().schedule)), messages)
}
