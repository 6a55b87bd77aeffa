//! Entries for spreadsheets: RFC 4180, in the reader's language and the civil time of the village.
//!
//! The file begins with a byte-order mark, without which Excel in China takes UTF-8 for GBK. Programs read JSON.

use chrono_tz::Tz;

use super::text::{audible, local, outcome, remarks};
use crate::model::Lang;
use crate::station::journal::{Entry, HeardVerdict};

const BYTE_ORDER_MARK: char = '\u{feff}';

const COLUMNS: [(&str, &str); 17] = [
    ("应播时间", "due"),
    ("站点", "station"),
    ("节目单", "playlist"),
    ("播报条", "message"),
    ("内容", "text"),
    ("结果", "outcome"),
    ("说明", "remarks"),
    ("开始时间", "started"),
    ("结束时间", "ended"),
    ("播出秒数", "seconds heard"),
    ("播完遍数", "readings heard"),
    ("应播遍数", "readings ordered"),
    ("播发编号", "airing"),
    ("监听", "monitor"),
    ("监听电平（dBFS）", "monitor level (dBFS)"),
    ("监听得分", "monitor score"),
    ("监听录音", "monitor recording"),
];

/// Writes `entries` as lines, below the headings if they are the `first`.
pub(in crate::cmd) fn write(entries: &[Entry], first: bool, lang: Lang, zone: Tz) -> String {
    let mut lines = String::new();
    if first {
        lines.push_str(&heading(&COLUMNS, lang));
    }
    lines.extend(entries.iter().map(|entry| line(&cells(entry, lang, zone))));
    lines
}

fn cells(entry: &Entry, lang: Lang, zone: Tz) -> [String; COLUMNS.len()] {
    let close = entry.close.as_ref();
    let verdict = entry.verdict.as_ref();
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(String::new, |value| format!("{value:.digits$}"))
    };
    let time = |instant: Option<_>| instant.map_or_else(String::new, |instant| local(instant, zone));
    let seconds = |length: std::time::Duration| format!("{}.{:03}", length.as_secs(), length.subsec_millis());
    [
        local(entry.due.to_utc(), zone),
        entry.station.clone(),
        entry.playlist.clone(),
        entry.message.clone(),
        entry.text.clone().or_else(|| entry.audio.clone()).unwrap_or_default(),
        outcome(entry, lang),
        remarks(entry, lang),
        time(close.and_then(|close| close.started)),
        time(close.and_then(|close| close.ended)),
        close.and_then(|close| close.heard).map_or_else(String::new, seconds),
        close.and_then(|close| close.readings).map_or_else(String::new, |readings| readings.to_string()),
        entry.times.to_string(),
        entry.airing.to_string(),
        verdict.map_or_else(String::new, |verdict| audible(verdict, lang)),
        number(verdict.and_then(HeardVerdict::level_dbfs), 1),
        number(verdict.and_then(HeardVerdict::score), 2),
        verdict.and_then(|verdict| verdict.kept.clone()).unwrap_or_default(),
    ]
}

/// Writes what a file begins with.
pub(in super::super) fn heading(columns: &[(&str, &str)], lang: Lang) -> String {
    let names: Vec<String> = columns.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect();
    format!("{BYTE_ORDER_MARK}{}", line(&names))
}

/// Writes one line.
pub(in super::super) fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| field(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Writes one field. What a spreadsheet would take for a formula (full-width signs too: Chinese Excel understands
/// them) gets an apostrophe before it: whoever may write a
/// message's text must not get to run something on the computer of whoever reads the report. A level below zero, which
/// has a decimal point, is a number and stays one.
fn field(text: &str) -> String {
    let formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let number =
        text.strip_prefix('-').and_then(|digits| digits.split_once('.')).is_some_and(|(whole, part)| {
            [whole, part].iter().all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        });
    let text = if formula && !number { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_as_rfc_4180_asks() {
        assert_eq!(field("安全带就是生命带!"), "安全带就是生命带!");
        assert_eq!(field("一停,二看"), "\"一停,二看\"");
        assert_eq!(field("他说\"停\"\n"), "\"他说\"\"停\"\"\n\"");
    }

    #[test]
    fn a_text_that_looks_like_a_formula_stays_a_text() {
        for text in ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\u{ff1d}1+1", "\t=1"] {
            assert!(field(text).trim_matches('"').starts_with('\''), "{text}");
        }
        assert_eq!(field("=1,2"), "\"'=1,2\"");
        assert_eq!((field("-23.5").as_str(), field("-2.5+A1").as_str()), ("-23.5", "'-2.5+A1"));
    }
}
