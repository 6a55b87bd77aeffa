//! `dalaba log reconcile` (编播对账): what was planned against what aired.

mod data;
mod text;

use std::collections::HashMap;
use std::process::ExitCode;

use chrono::{DateTime, FixedOffset, Utc};
use clap::{ArgMatches, Command};

use super::super::site::{Loaded, load};
use super::super::{Context, Failure, out, plan, stations};
use super::{asked, failure, format, when};
use crate::model::{Airing, AiringId, Lang, Outcome, Timetable};
use crate::plan::reconcile;
use crate::station::clock;
use crate::station::journal::{Entry, Filter, Reader};

/// Builds the arguments.
pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("reconcile")
        .about(lang.pick("编播对账：计划的播了没有", "Compares what was planned with what aired"))
        .after_help(lang.pick(
            "不写时间就是今天到现在。计划按现在的节目单算；改过节目单以后，以前播的会算作“计划外”。",
            "Today until now, unless told otherwise. The plan is that of the playlists of now: \
             what an older playlist aired is then unplanned.",
        ))
        .args(when(lang))
        .arg(plan::station(lang))
        .arg(format(lang))
}

/// One airing, planned or not.
struct Row {
    airing: AiringId,
    station: String,
    playlist: String,
    message: String,
    due: DateTime<FixedOffset>,
    planned: bool,
    /// What the log holds of it.
    entry: Option<Entry>,
    /// Whether it may still air.
    waits: bool,
}

impl Row {
    fn planned(airing: &Airing, entry: Option<&Entry>, now: DateTime<Utc>) -> Self {
        Self {
            airing: airing.id.clone(),
            station: airing.station.to_string(),
            playlist: airing.playlist.to_string(),
            message: airing.message_id().to_string(),
            due: airing.due,
            planned: true,
            entry: entry.cloned(),
            waits: entry.is_none() && airing.due_utc() + airing.grace >= now,
        }
    }

    fn unplanned(entry: &Entry) -> Self {
        Self {
            airing: entry.airing.clone(),
            station: entry.station.clone(),
            playlist: entry.playlist.clone(),
            message: entry.message.clone(),
            due: entry.due,
            planned: false,
            entry: Some(entry.clone()),
            waits: false,
        }
    }

    /// Tells whether it was heard to the end.
    fn is_heard(&self) -> bool {
        let close = self.entry.as_ref().and_then(|entry| entry.close.as_ref());
        close.is_some_and(|close| matches!(close.outcome, Outcome::Completed | Outcome::CompletedLate))
    }

    /// Says how it ended.
    fn result(&self, lang: Lang) -> String {
        match (&self.entry, self.waits) {
            (Some(entry), _) => super::text::outcome(entry, lang),
            (None, true) => lang.pick("还在等着播", "still waiting").to_owned(),
            (None, false) => lang.pick("没有记录", "no record").to_owned(),
        }
    }

    /// Says what else the log knows, and why it ended so.
    fn remarks(&self, lang: Lang) -> String {
        self.entry.as_ref().map_or_else(String::new, |entry| super::text::remarks(entry, lang))
    }
}

/// Exits with 0 also when something was missed: that is an answer, not a failure.
pub(super) fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut loaded = load(context)?;
    let named = stations(arguments);
    loaded.keep(&named)?;
    let reader = Reader::open(&context.state).map_err(failure)?;
    let now = clock::wall();
    let zone = loaded.site.time_zone;
    let (from, until) = asked::past(arguments, zone, now)?;
    loaded.warn_of_doubts(from, until, context.lang);
    let rows = rows(&loaded, &reader, (from, until), now, !named.is_empty())?;
    let written = match arguments.get_one::<String>("format").map(String::as_str) {
        Some("json") => data::json(&rows),
        Some("csv") => data::csv(&rows, context.lang, zone),
        _ => text::write(&rows, (from, until), context.lang, zone),
    };
    out::print(&written)?;
    Ok(ExitCode::SUCCESS)
}

/// Compares piece by piece; `narrowed` keeps only records of the stations of the site.
fn rows(
    loaded: &Loaded,
    reader: &Reader,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
    narrowed: bool,
) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    plan::each_piece(loaded, from, until, |piece| {
        let mut recorded = recorded(reader, piece)?;
        if narrowed {
            recorded.retain(|_, entry| loaded.station(&entry.station).is_ok());
        }
        let report = reconcile(piece, &recorded);
        rows.extend(report.planned.iter().map(|(airing, entry)| Row::planned(airing, *entry, now)));
        rows.extend(report.unplanned.iter().map(|entry| Row::unplanned(entry)));
        Ok(())
    })?;
    rows.sort_by_key(|row| row.due);
    Ok(rows)
}

fn recorded(reader: &Reader, piece: &Timetable) -> Result<HashMap<AiringId, Entry>, Failure> {
    let filter = Filter { from: Some(piece.from), until: Some(piece.until), ..Filter::default() };
    let entries = reader.query(&filter).map(|entry| entry.map(|entry| (entry.airing.clone(), entry)));
    entries.collect::<Result<_, _>>().map_err(failure)
}
