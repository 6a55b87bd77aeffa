//! What of a record has a column of its own, so that it can be asked for.

use chrono::DateTime;
use serde_json::Value as Json;

use super::value::Value;
use crate::wire::Fact;

/// The columns that are taken out of a record, after `facts`.
pub(super) const PROMOTED: [&str; 19] = [
    "kind",
    "run",
    "at",
    "airing",
    "station",
    "playlist",
    "message",
    "due",
    "priority",
    "status",
    "outcome",
    "reason",
    "started",
    "ended",
    "heard_ms",
    "heard",
    "doubt",
    "level_millibel",
    "score_permille",
];

/// Takes the values of [`PROMOTED`] out of a record, in that order; what is not there, or is no time, is empty.
pub(super) fn promoted(fact: &Fact) -> Vec<Value> {
    let value = |name: &&str| match *name {
        "at" | "started" | "ended" => moment(fact, name).into(),
        "due" => moment(fact, "due_utc").into(),
        "run" | "heard_ms" | "level_millibel" | "score_permille" => {
            fact.values.get(*name).and_then(Json::as_i64).into()
        }
        "kind" => text(fact, name).unwrap_or_default().into(),
        _ => text(fact, name).into(),
    };
    PROMOTED.iter().map(value).collect()
}

/// Returns when the station says that a record was made, in milliseconds.
pub(super) fn moment(fact: &Fact, name: &str) -> Option<i64> {
    let text = text(fact, name)?;
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp_millis())
}

fn text<'a>(fact: &'a Fact, name: &str) -> Option<&'a str> {
    fact.values.get(name).and_then(Json::as_str)
}
