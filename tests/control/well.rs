//! What a daemon says of itself while all is well.

use chrono::{DateTime, FixedOffset};
use dalaba::model::{Priority, Status};
use dalaba::station::control::{
    AlertReport, CampaignReport, ClockReport, CompletedReport, JournalReport, NextReport, OnAirReport,
    OutputReport, StationReport, StatusReport, UsedReport,
};

/// Reads an instant.
pub(crate) fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

/// Says that all is well in a village with a campaign and a drill.
pub(crate) fn well() -> StatusReport {
    StatusReport {
        version: "0.1.0".to_owned(),
        run: 12,
        since: at("2026-11-23T06:00:00+08:00"),
        clock: ClockReport { wall: at("2026-11-23T18:30:05+08:00"), trusted: true, why: String::new() },
        journal: JournalReport::Ok,
        faulty_playlists: Vec::new(),
        county: None,
        campaigns: vec![CampaignReport { name: "春运".to_owned(), serial: 7 }],
        alerts: vec![AlertReport {
            identifier: "20261123-1800-3f2a".to_owned(),
            event: "暴雨".to_owned(),
            status: Status::Drill,
            priority: Priority::Emergency,
            expires: at("2026-11-23T20:00:00+08:00"),
            stations: vec!["赵家庄".to_owned()],
            silenced: vec!["李家庄".to_owned()],
        }],
        stations: vec![StationReport {
            id: "赵家庄".to_owned(),
            output: "device".to_owned(),
            state: OutputReport::Up,
            amplifier: None,
            on_air: Some(OnAirReport {
                airing: "赵家庄/春运/安全带@2026-11-23T18:30:00+08:00".to_owned(),
                message: "安全带".to_owned(),
                text: "安全带就是生命带!".to_owned(),
                started: at("2026-11-23T18:30:00+08:00"),
                heard_ms: 3_000,
                total_ms: 12_400,
                priority: Priority::Routine,
            }),
            next: Some(NextReport {
                airing: "赵家庄/春运/头盔@2026-11-24T06:30:00+08:00".to_owned(),
                due: at("2026-11-24T06:30:00+08:00"),
            }),
            queue: 2,
            used: UsedReport {
                hour_ms: 61_000,
                day_ms: 1_205_000,
                minutes_per_hour: Some(15),
                minutes_per_day: None,
            },
            completed: Some(CompletedReport {
                airing: "赵家庄/春运/头盔@2026-11-23T12:30:00+08:00".to_owned(),
                at: at("2026-11-23T12:30:45+08:00"),
            }),
            monitor: None,
        }],
    }
}
