//! The comparison for people: how many of how many, and then only what was not as planned.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::super::out::plain;
use super::super::super::table::columns;
use super::super::text::local;
use super::Row;
use crate::model::Lang;

/// Writes the sums and the lists.
pub(super) fn write(
    rows: &[Row],
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    lang: Lang,
    zone: Tz,
) -> String {
    let planned: Vec<&Row> = rows.iter().filter(|row| row.planned).collect();
    let amiss: Vec<&Row> = planned.iter().copied().filter(|row| !row.is_heard()).collect();
    let unplanned: Vec<&Row> = rows.iter().filter(|row| !row.planned).collect();
    let (from, until) = (local(from, zone), local(until, zone));
    let (all, heard, others) = (planned.len(), planned.len() - amiss.len(), unplanned.len());
    let sums = match lang {
        Lang::Zh => {
            format!("{from} 到 {until}：计划播 {all} 次，播完 {heard} 次；计划外 {others} 次\n")
        }
        Lang::En => {
            format!(
                "{from} to {until}: {all} planned, {heard} of them heard to the end; {others} unplanned\n"
            )
        }
    };
    let amiss_title = lang.pick("计划了没有播完的：", "Planned and not heard to the end:");
    let unplanned_title = lang.pick("计划外的：", "Unplanned:");
    sums + &counts(&amiss, lang)
        + &list(amiss_title, &amiss, lang, zone)
        + &list(unplanned_title, &unplanned, lang, zone)
}

/// Counts what went amiss by how and why.
fn counts(amiss: &[&Row], lang: Lang) -> String {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in amiss {
        let close = row.entry.as_ref().and_then(|entry| entry.close.as_ref());
        let reason =
            close.and_then(|close| close.reason).map(|reason| reason.words().in_lang(lang).to_owned());
        *counts.entry((row.result(lang), reason.unwrap_or_default())).or_default() += 1;
    }
    let times = |count: usize| match lang {
        Lang::Zh => format!("{count} 次"),
        Lang::En => count.to_string(),
    };
    columns(counts.into_iter().map(|((result, why), count)| vec![format!("  {result}"), times(count), why]))
}

fn list(title: &str, rows: &[&Row], lang: Lang, zone: Tz) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = |row: &&Row| {
        vec![
            format!("  {}", local(row.due.to_utc(), zone)),
            plain(&row.station),
            plain(&row.message),
            row.result(lang),
            row.remarks(lang),
        ]
    };
    format!("\n{title}\n{}", columns(rows.iter().map(cells)))
}
