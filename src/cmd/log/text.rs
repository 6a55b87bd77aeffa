//! Entries for people: columns that stay aligned where Chinese stands beside Latin letters.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::out::plain;
use super::super::table;
use crate::model::{Lang, Origin, Status};
use crate::station::journal::{Close, Entry, HeardVerdict};

/// Headings, with the columns that each takes at least, so that batches and `--follow` stay aligned.
const COLUMNS: [(&str, &str, u16); 8] = [
    ("应播", "due", 19),
    ("站点", "station", 12),
    ("播报条", "message", 14),
    ("结果", "outcome", 16),
    ("开始", "started", 8),
    ("播出", "heard", 7),
    ("遍数", "times", 5),
    ("说明", "remarks", 4),
];

/// Writes `entries` as lines, below the headings if they are the `first`.
pub(super) fn write(entries: &[Entry], first: bool, lang: Lang, zone: Tz) -> String {
    if first && entries.is_empty() {
        return lang.pick("没有符合条件的记录\n", "no such records\n").to_owned();
    }
    let headings = first.then(|| COLUMNS.map(|(zh, en, _)| lang.pick(zh, en)));
    let rows = entries.iter().map(|entry| cells(entry, lang, zone));
    table::wide_columns(COLUMNS.map(|(.., width)| width), headings, rows)
}

fn cells(entry: &Entry, lang: Lang, zone: Tz) -> [String; 8] {
    let close = entry.close.as_ref();
    [
        local(entry.due.to_utc(), zone),
        plain(&entry.station),
        plain(&entry.message),
        outcome(entry, lang),
        started(entry, zone),
        close.map_or_else(String::new, |close| heard(close.heard, lang)),
        readings(close, entry.times),
        remarks(entry, lang),
    ]
}

/// Writes an instant in the civil time of the village, to the second.
pub(in super::super) fn local(instant: DateTime<Utc>, zone: Tz) -> String {
    table::date_and_time(&instant.with_timezone(&zone))
}

/// Says how the airing ended; what was not meant is told apart at the first glance.
pub(in super::super) fn outcome(entry: &Entry, lang: Lang) -> String {
    let mark = match entry.status {
        Status::Actual => "",
        Status::Drill => lang.pick("【演练】", "[drill] "),
        Status::Test => lang.pick("【测试】", "[test] "),
    };
    let word = match &entry.close {
        Some(close) => close.outcome.words().in_lang(lang).to_owned(),
        None if entry.on_air.is_none() => lang.pick("等待播出", "waiting").to_owned(),
        None => lang.pick("正在播出", "on air now").to_owned(),
    };
    format!("{mark}{word}")
}

/// Writes when it was first heard; with a wave, when it was to be heard and nobody can know more.
fn started(entry: &Entry, zone: Tz) -> String {
    let clock = |instant: DateTime<Utc>| instant.with_timezone(&zone).format("%H:%M:%S").to_string();
    let exact = entry.close.as_ref().and_then(|close| close.started);
    let unknown = entry.close.as_ref().is_none_or(|close| close.heard.is_none());
    match (exact, entry.on_air) {
        (Some(started), _) => clock(started),
        (None, Some(on_air)) if unknown => format!("~{}", clock(on_air)),
        _ => String::new(),
    }
}

/// Writes how long it was heard.
fn heard(heard: Option<Duration>, lang: Lang) -> String {
    match heard {
        Some(heard) if heard.is_zero() => String::new(),
        Some(heard) => {
            let tenths = heard.as_millis() / 100;
            format!("{}.{} {}", tenths / 10, tenths % 10, lang.pick("秒", "s"))
        }
        None => lang.pick("不明", "unknown").to_owned(),
    }
}

fn readings(close: Option<&Close>, times: u32) -> String {
    let of = |close: &Close| {
        close.readings.map_or_else(|| format!("?/{times}"), |heard| format!("{heard}/{times}"))
    };
    close.map_or_else(String::new, of)
}

/// Joins why it ended so, what else is known, and who asked for it.
pub(in super::super) fn remarks(entry: &Entry, lang: Lang) -> String {
    let close = entry.close.as_ref();
    let reason = close.and_then(|close| close.reason).map(|reason| reason.words().in_lang(lang).to_owned());
    let detail = close.map(|close| plain(&close.detail)).filter(|detail| !detail.is_empty());
    let asked = match &entry.origin {
        Origin::Schedule => None,
        Origin::Said(who) => Some(format!("{}{}", lang.pick("人工：", "said by "), plain(who))),
        Origin::Alert(name) => Some(format!("{}{}", lang.pick("警报：", "alert "), plain(&name.identifier))),
    };
    let heard = entry.verdict.as_ref().map(|verdict| microphone(verdict, lang));
    let all: Vec<String> = [reason, detail, asked, heard].into_iter().flatten().collect();
    all.join(lang.pick("；", "; "))
}

/// Says what the microphone heard, and why nobody can say.
pub(super) fn audible(verdict: &HeardVerdict, lang: Lang) -> String {
    let word = verdict.heard.words().in_lang(lang).to_owned();
    let Some(doubt) = verdict.doubt else { return word };
    let doubt = doubt.words().in_lang(lang).to_owned();
    match lang {
        Lang::Zh => format!("{word}（{doubt}）"),
        Lang::En => format!("{word} ({doubt})"),
    }
}

/// Says what the microphone heard, how clearly, and where it can be listened to.
fn microphone(verdict: &HeardVerdict, lang: Lang) -> String {
    let score = verdict.score().map(|score| format!(" {}%", (score * 100.0).round()));
    let level = verdict.level_dbfs().map(|level| format!(" {level:.0} dBFS"));
    let row = (verdict.missed > 1).then(|| match lang {
        Lang::Zh => format!("，连续第 {} 次", verdict.missed),
        Lang::En => format!(", {} in a row", verdict.missed),
    });
    let kept = verdict.kept.as_deref().map(|name| format!(" [{}]", plain(name)));
    let rest: String = [score, level, row, kept].into_iter().flatten().collect();
    format!("{}{}{rest}", lang.pick("监听：", "microphone: "), audible(verdict, lang))
}
