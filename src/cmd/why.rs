//! `dalaba why`: explains in plain words why an airing did or did not sound.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Arg, ArgMatches, Command};

use super::site::{Loaded, load};
use super::{Context, Failure, Subcommand, moment, out};
use crate::model::{AiringId, Lang, Words};
use crate::plan::why::{End, Logged, Note, Question, why};
use crate::station::clock;
use crate::station::journal::{ClockEvent, ClockFact, Close, Entry, Filter, JournalError, Reader, RunFact};

/// The row of the command table.
pub(super) const WHY: Subcommand = Subcommand { name: "why", arguments, run };

/// Records of airings due this long before and after the time asked about are read; what is too far is left out later.
const READ_AROUND: TimeDelta = TimeDelta::hours(6);

fn arguments(lang: Lang) -> Command {
    Command::new("why")
        .about(lang.pick("为什么播了，或者为什么没播", "Explains why something did or did not sound"))
        .arg(
            Arg::new("what")
                .required(true)
                .value_name(lang.pick("播发或站点", "AIRING|STATION"))
                .help(lang.pick("播发的编号，或站点名", "An airing's id, or a station")),
        )
        .arg(Arg::new("time").value_name(lang.pick("时间", "TIME")).help(lang.pick(
            "站点名后面写时间，如 06:30 或 2026-11-23T06:30",
            "After a station, a time such as 06:30 or 2026-11-23T06:30",
        )))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let loaded = load(context)?;
    let now = clock::wall();
    let typed = |name| arguments.get_one::<String>(name).map(String::as_str);
    let (station, at) = asked(&loaded, typed("what").unwrap_or_default(), typed("time"), now)?;
    let question = Question {
        site: &loaded.site,
        station: loaded.station(&station)?,
        playlists: &loaded.playlists,
        almanac: &loaded.almanac,
        at,
        now,
    };
    let (logged, notes) = log(context, &station, at)?;
    let zone = loaded.site.time_zone;
    for part in why(&question, &logged, &notes) {
        out::print(&format!("{}\n", part.words(zone).in_lang(context.lang)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Finds station and time in what was typed: an airing's id holds both.
fn asked(
    loaded: &Loaded,
    what: &str,
    time: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(String, DateTime<Utc>), Failure> {
    if let Some(time) = time {
        return Ok((what.to_owned(), moment::start(time, now, loaded.site.time_zone)?));
    }
    let id = AiringId::from_record(what);
    id.station_and_due().map(|(station, due)| (station.to_owned(), due.to_utc())).ok_or_else(|| {
        Failure::new(
            "请写一次播发的编号，或者站点名加时间，如 dalaba why 赵家庄 06:30",
            "write an airing's id, or a station and a time: dalaba why STATION 06:30",
        )
    })
}

/// Reads what the as-run log knows of about then. No log yet is no log entries.
fn log(context: &Context, station: &str, at: DateTime<Utc>) -> Result<(Vec<Logged>, Vec<Note>), Failure> {
    let failed =
        |error: JournalError| Failure::because("读不了播发记录", "the as-run log cannot be read", error);
    let reader = match Reader::open(&context.state) {
        Ok(reader) => reader,
        Err(JournalError::Absent(_)) => return Ok((Vec::new(), Vec::new())),
        Err(error) => return Err(failed(error)),
    };
    let filter = Filter {
        station: Some(station.to_owned()),
        from: at.checked_sub_signed(READ_AROUND),
        until: at.checked_add_signed(READ_AROUND),
        ..Filter::default()
    };
    let entries: Vec<Entry> = reader.query(&filter).collect::<Result<_, _>>().map_err(failed)?;
    let mut notes: Vec<Note> = reader.clocks().map_err(failed)?.iter().map(clock_note).collect();
    notes.extend(absence(&reader.runs().map_err(failed)?, at));
    Ok((entries.into_iter().map(logged).collect(), notes))
}

fn logged(entry: Entry) -> Logged {
    let started = entry.close.as_ref().map_or(entry.on_air, |close| close.started);
    Logged { id: entry.airing, due: entry.due.to_utc(), started, end: entry.close.map(end) }
}

fn end(close: Close) -> End {
    End { outcome: close.outcome, reason: close.reason, detail: close.detail }
}

fn clock_note(fact: &ClockFact) -> Note {
    let what = match fact.event {
        ClockEvent::Trusted => Words::new("时钟从这时起可信", "the clock was trusted from then on"),
        ClockEvent::Untrusted => Words::new("时钟从这时起不可信", "the clock was not trusted from then on"),
        ClockEvent::Stepped { from, to } => {
            let seconds = (to - from).num_seconds();
            let (zh, en) = if seconds < 0 { ("拨慢", "back") } else { ("拨快", "forward") };
            let seconds = seconds.abs();
            Words::new(
                format!("时钟被{zh}了 {seconds} 秒"),
                format!("the clock was stepped {en} by {seconds} s"),
            )
        }
    };
    Note { at: fact.at, what }
}

/// Says so if no run of the daemon covers the time asked about.
fn absence(runs: &[RunFact], at: DateTime<Utc>) -> Option<Note> {
    let after = runs.iter().position(|run| at < run.started)?;
    let before = after.checked_sub(1).and_then(|place| runs.get(place));
    if before.is_some_and(|run| at <= run.last) {
        return None;
    }
    let what = match before {
        None => Words::new("程序那时还没有运行过", "the program had not run yet"),
        Some(run) if run.ended => Words::new("程序那时已退出", "the program had been shut down"),
        Some(_) => Words::new(
            "程序那时没有留下任何记录：多半是断电",
            "the program left no record then: most likely the power was off",
        ),
    };
    Some(Note { at, what })
}
