//! The timetable for programs: one JSON object a line.

use serde_json::json;

use crate::model::{Airing, Timetable};

/// Writes a line for each airing.
pub(super) fn lines(timetable: &Timetable) -> String {
    let mut lines = String::new();
    for airing in &timetable.airings {
        lines.push_str(&object(airing).to_string());
        lines.push('\n');
    }
    lines
}

fn object(airing: &Airing) -> serde_json::Value {
    json!({
        "airing": airing.id,
        "station": airing.station,
        "playlist": airing.playlist,
        "message": airing.message_id(),
        "due": airing.due.to_rfc3339(),
        "priority": airing.priority,
    })
}
