//! Play records for other platforms: the fields of the national play record, as XML. `docs/county-records.xsd` says the form.
//!
//! Every time says in which civil time it is written, and stands in one element of its own: UTC and Beijing time cannot be
//! taken for one another.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Asia;
use quick_xml::escape::escape;

use super::national;
use super::told::Told;
use super::wording::Wording;
use crate::model::Status;

/// Names the form.
const NAMESPACE: &str = "https://dalaba.org/play-records/1";

/// Writes the records.
pub fn xml(told: &[(Told, Option<Wording>)], now: DateTime<Utc>) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let made = utc(now);
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(out, "<playRecords xmlns=\"{NAMESPACE}\" createdUtc=\"{made}\">");
    for (told, wording) in told {
        record(&mut out, told, wording.as_ref());
    }
    out.push_str("</playRecords>\n");
    out
}

fn record(out: &mut String, told: &Told, wording: Option<&Wording>) {
    let entry = &told.entry;
    let close = entry.close.as_ref();
    let state = national::of(Some(entry));
    let status = match entry.status {
        Status::Actual => "actual",
        Status::Drill => "drill",
        Status::Test => "test",
    };
    let (class, level) = (national::class(entry.priority, entry.status), national::level(entry.priority));
    let (late, whole) = (told.late, told.whole);
    let _ = writeln!(
        out,
        "  <playRecord class=\"{class}\" level=\"{level}\" status=\"{status}\" lateReport=\"{late}\" chain=\"{}\">",
        if whole { "whole" } else { "broken" }
    );
    element(out, "messageId", entry.airing.as_str());
    element(out, "station", &entry.station);
    let outcome = close.map_or_else(|| entry.state().to_owned(), |close| close.outcome.to_string());
    let reason = close.and_then(|close| close.reason).map(|reason| reason.to_string()).unwrap_or_default();
    let words = state.words().zh;
    let _ = writeln!(
        out,
        "    <result state=\"{}\" outcome=\"{}\" reason=\"{}\">{}</result>",
        state.code(),
        clean(&outcome),
        clean(&reason),
        clean(&words)
    );
    element(out, "text", entry.text.as_deref().unwrap_or_default());
    if let Some(wording) = wording {
        let text = wording.text.as_deref().unwrap_or_default();
        let (campaign, serial, same) = (clean(wording.campaign.as_str()), wording.serial, wording.same);
        let _ = writeln!(
            out,
            "    <publishedText campaign=\"{campaign}\" serial=\"{serial}\" same=\"{same}\">{}</publishedText>",
            clean(text)
        );
    }
    times(out, "due", Some(entry.due.to_utc()));
    times(out, "start", close.and_then(|close| close.started));
    times(out, "end", close.and_then(|close| close.ended));
    let repeats = close.and_then(|close| close.readings);
    let _ = writeln!(
        out,
        "    <repeats ordered=\"{}\">{}</repeats>",
        entry.times,
        repeats.map(|repeats| repeats.to_string()).unwrap_or_default()
    );
    times(out, "report", close.map(|close| close.at));
    times(out, "received", Some(told.received));
    out.push_str("  </playRecord>\n");
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "    <{name}>{}</{name}>", clean(text));
}

/// Writes an instant twice, each time with the civil time that it is in; nothing if nobody knows it.
fn times(out: &mut String, name: &str, at: Option<DateTime<Utc>>) {
    let Some(at) = at else { return };
    let beijing = at.with_timezone(&Asia::Shanghai).to_rfc3339_opts(SecondsFormat::Millis, false);
    let _ = writeln!(out, "    <{name}TimeUtc>{}</{name}TimeUtc>", utc(at));
    let _ = writeln!(out, "    <{name}TimeBeijing>{beijing}</{name}TimeBeijing>");
}

fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Escapes a text, and takes out what no XML may hold, escaped or not.
fn clean(text: &str) -> String {
    let allowed = |c: char| match c {
        '\t' | '\n' | '\r' => c,
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c if c < ' ' => '\u{fffd}',
        c => c,
    };
    let text: String = text.chars().map(allowed).collect();
    escape(text.as_str()).into_owned()
}
