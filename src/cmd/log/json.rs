//! Entries for programs: one JSON object a line, keys as `docs/as-run.md` promises them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::model::{Audible, Doubt, Origin, Outcome, Priority, Reason, Status};
use crate::station::journal::{Entry, HeardVerdict};

/// One line. Every key is always there; what is not known is `null`.
#[derive(Serialize)]
struct Line<'a> {
    seq: i64,
    run: i64,
    airing: &'a str,
    station: &'a str,
    playlist: &'a str,
    message: &'a str,
    due: String,
    state: &'static str,
    outcome: Option<Outcome>,
    reason: Option<Reason>,
    detail: Option<&'a str>,
    on_air: Option<String>,
    started: Option<String>,
    ended: Option<String>,
    planned_ms: Option<u128>,
    heard_ms: Option<u128>,
    readings: Option<u32>,
    times: u32,
    reported: Option<String>,
    text: Option<&'a str>,
    audio: Option<&'a str>,
    voice: &'a str,
    priority: Priority,
    status: Status,
    origin: &'static str,
    said_by: Option<String>,
    monitor: Option<Audible>,
    monitor_doubt: Option<Doubt>,
    monitor_level_dbfs: Option<f64>,
    monitor_score: Option<f64>,
    monitor_delay_ms: Option<u128>,
    monitor_missed: Option<u32>,
    monitor_recording: Option<&'a str>,
}

/// Writes `entries`.
pub(super) fn write(entries: &[Entry]) -> String {
    entries.iter().map(line).collect()
}

fn line(entry: &Entry) -> String {
    let close = entry.close.as_ref();
    let (origin, said_by) = match &entry.origin {
        Origin::Schedule => ("schedule", None),
        Origin::Said(who) => ("said", Some(who.clone())),
        Origin::Alert(name) => ("alert", Some(name.to_string())),
    };
    let verdict = entry.verdict.as_ref();
    let line = Line {
        seq: entry.seq,
        run: entry.run,
        airing: entry.airing.as_str(),
        station: &entry.station,
        playlist: &entry.playlist,
        message: &entry.message,
        due: entry.due.to_rfc3339_opts(SecondsFormat::AutoSi, false),
        state: entry.state(),
        outcome: close.map(|close| close.outcome),
        reason: close.and_then(|close| close.reason),
        detail: close.map(|close| close.detail.as_str()),
        on_air: entry.on_air.map(utc),
        started: close.and_then(|close| close.started).map(utc),
        ended: close.and_then(|close| close.ended).map(utc),
        planned_ms: entry.planned.map(|length| length.as_millis()),
        heard_ms: close.and_then(|close| close.heard).map(|length| length.as_millis()),
        readings: close.and_then(|close| close.readings),
        times: entry.times,
        reported: close.map(|close| utc(close.at)),
        text: entry.text.as_deref(),
        audio: entry.audio.as_deref(),
        voice: &entry.voice,
        priority: entry.priority,
        status: entry.status,
        origin,
        said_by,
        monitor: verdict.map(|verdict| verdict.heard),
        monitor_doubt: verdict.and_then(|verdict| verdict.doubt),
        monitor_level_dbfs: verdict.and_then(HeardVerdict::level_dbfs),
        monitor_score: verdict.and_then(HeardVerdict::score),
        monitor_delay_ms: verdict.and_then(|verdict| verdict.delay).map(|delay| delay.as_millis()),
        monitor_missed: verdict.map(|verdict| verdict.missed),
        monitor_recording: verdict.and_then(|verdict| verdict.kept.as_deref()),
    };
    // Texts, numbers and words only: nothing that JSON cannot say.
    serde_json::to_string(&line).expect("a record is plain values") + "\n"
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}
