//! The comparison for programs and spreadsheets: every airing of the window, heard or not.

use chrono::SecondsFormat;
use chrono_tz::Tz;
use serde::Serialize;

use super::super::csv;
use super::super::text::local;
use super::Row;
use crate::model::{AiringId, Lang, Outcome, Reason};

const COLUMNS: [(&str, &str); 8] = [
    ("应播时间", "due"),
    ("站点", "station"),
    ("节目单", "playlist"),
    ("播报条", "message"),
    ("计划内", "planned"),
    ("结果", "outcome"),
    ("说明", "remarks"),
    ("播发编号", "airing"),
];

/// One line; keys as `docs/as-run.md` promises them.
#[derive(Serialize)]
struct Line<'a> {
    airing: &'a AiringId,
    station: &'a str,
    playlist: &'a str,
    message: &'a str,
    due: String,
    planned: bool,
    state: Option<&'static str>,
    outcome: Option<Outcome>,
    reason: Option<Reason>,
    detail: Option<&'a str>,
}

/// Writes one JSON object a line.
pub(super) fn json(rows: &[Row]) -> String {
    rows.iter().map(object).collect()
}

fn object(row: &Row) -> String {
    let close = row.entry.as_ref().and_then(|entry| entry.close.as_ref());
    let line = Line {
        airing: &row.airing,
        station: &row.station,
        playlist: &row.playlist,
        message: &row.message,
        due: row.due.to_rfc3339_opts(SecondsFormat::AutoSi, false),
        planned: row.planned,
        state: row.entry.as_ref().map(crate::station::journal::Entry::state),
        outcome: close.map(|close| close.outcome),
        reason: close.and_then(|close| close.reason),
        detail: close.map(|close| close.detail.as_str()),
    };
    // Texts and words only: nothing that JSON cannot say.
    serde_json::to_string(&line).expect("a comparison is plain values") + "\n"
}

/// Writes a spreadsheet, as `dalaba log --format csv` does.
pub(super) fn csv(rows: &[Row], lang: Lang, zone: Tz) -> String {
    let lines = rows.iter().map(|row| {
        csv::line(&[
            local(row.due.to_utc(), zone),
            row.station.clone(),
            row.playlist.clone(),
            row.message.clone(),
            if row.planned { lang.pick("是", "yes") } else { lang.pick("否", "no") }.to_owned(),
            row.result(lang),
            row.remarks(lang),
            row.airing.to_string(),
        ])
    });
    csv::heading(&COLUMNS, lang) + &lines.collect::<String>()
}
